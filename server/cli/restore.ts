// `tsumugi restore`: a backup into an empty database, whole or not at all.

import { parseArgs } from 'node:util';
import { BackupFault } from '../backup/backup-fault.ts';
import { readKeyRing } from '../backup/key-ring.ts';
import { restoreBackup } from '../backup/restore-backup.ts';
import { signerOf } from '../record/signature.ts';
import { startEmbedded } from '../store/embedded/launcher.ts';
import { openPool } from '../store/pool.ts';
import { RestoreRefused } from '../store/restoring.ts';
import { backupLines, checkSigner, unreadable } from './backup.ts';
import { type Command, CommandError } from './command.ts';
import { explain } from './explain.ts';
import { joined, textOf } from './flags.ts';

export const restoreCommand: Command = {
  name: 'restore',
  summary: 'Restore a backup into an empty database.',
  usage: `tsumugi restore BACKUP --key-file FILE --keys FILE --into DATA_DIR|postgresql://… [--signed-by THUMBPRINT]

  --into       the data folder of a server that does not run (it is made), or the address of an empty PostgreSQL database
  --keys       the key ring of the backups. What belongs to patients who were erased since is not restored
  --signed-by  the thumbprint (RFC 7638) of the deployment that must have made the backup

  Everything is checked before anything is written, and written in one transaction. Everybody logs in again afterwards: sessions,
  tokens and one-time codes are in no backup. Exit code 0 when restored, 1 when the backup is not valid, 2 for a wrong call.`,
  async run(args, out) {
    const text = { type: 'string' } as const;
    const { values, positionals } = parseArgs({
      args: joined(args, '--signed-by'),
      allowPositionals: true,
      options: { 'key-file': text, keys: text, into: text, 'signed-by': text },
    });
    const [path, ...more] = positionals;
    const { keys, into, 'key-file': keyFile, 'signed-by': signedBy } = values;
    if (path === undefined || more.length > 0) throw new CommandError('name one BACKUP');
    if (!keyFile) throw new CommandError('--key-file is required');
    if (!keys) throw new CommandError('--keys takes the file of the key ring: without it no patient can be restored');
    if (!into) throw new CommandError('--into takes a data folder or the address of an empty database');
    const keyText = await textOf(keyFile);
    try {
      const ring = await readKeyRing(keys, keyText);
      const { erased } = await intoDatabase(into, (pool) =>
        restoreBackup({
          pool,
          path,
          keyText,
          ring,
          signerOf,
          onChecked: (checked) => {
            checkSigner(checked, signedBy);
            for (const line of backupLines(checked, true)) out.line(line);
          },
        }),
      );
      if (erased.rows > 0) out.line(`${erased.rows} rows of patients who were erased since were not restored`);
      out.line(`restored into ${into.replace(/\/\/[^@/]*@/, '//')}; what is stored is what was backed up`);
      return 0;
    } catch (error) {
      if (!(error instanceof BackupFault || error instanceof RestoreRefused)) throw unreadable(error);
      out.error(`tsumugi restore: ${error.message}; nothing was restored`);
      return 1;
    }
  },
};

type Pool = ReturnType<typeof openPool>;

async function intoDatabase<T>(into: string, work: (pool: Pool) => Promise<T>): Promise<T> {
  const isAddress = /^postgres(ql)?:\/\//.test(into);
  const embedded = isAddress ? undefined : await startEmbedded({ dataDir: into }).catch(explain);
  const pool = openPool(embedded?.connection ?? { connectionString: into }, 2, 0);
  try {
    return await work(pool);
  } finally {
    await pool.end();
    await embedded?.stop();
  }
}
