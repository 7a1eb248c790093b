// `tsumugi backup-key --out FILE`: makes the key with which backups are encrypted. Whoever loses it loses every backup.

import { open } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { newBackupKey } from '../backup/backup-key.ts';
import { type Command, CommandError } from './command.ts';

export const backupKeyCommand: Command = {
  name: 'backup-key',
  summary: 'Make a key file for backups. Keep a copy of it apart from them: without it no backup can be read.',
  usage: 'tsumugi backup-key --out FILE',
  async run(args, out) {
    const { out: file } = parseArgs({ args, options: { out: { type: 'string' } } }).values;
    if (!file) throw new CommandError('--out takes the file to write');
    const handle = await open(file, 'wx', 0o600).catch((error) => {
      throw new CommandError(`${file} cannot be written (${(error as NodeJS.ErrnoException).code})`);
    });
    await handle.writeFile(newBackupKey());
    await handle.sync();
    await handle.close();
    out.line(`${file}: keep a copy apart from the backups`);
    return 0;
  },
};
