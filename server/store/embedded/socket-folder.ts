// The folder of the Unix socket: short, because the address of a socket holds 107 bytes (103 on macOS), and closed to
// every other user. Its path is kept in the data folder, so that the next start can remove what a crash left.
import { chmod, chown, lstat, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Account, canReach } from './account.ts';
import { EmbeddedStartFailed } from './errors.ts';

const prefix = 'tsumugi-';
const longestAddressBytes = 103;

/** Makes a new folder, mode 0700, that belongs to the account. `record` is the file that remembers it. */
export async function makeSocketFolder(record: string, account: Account, port: number): Promise<string> {
  await removeRecorded(record, account);
  for (const parent of [tmpdir(), '/tmp', '/var/tmp']) {
    const address = join(parent, `${prefix}XXXXXX`, `.s.PGSQL.${port}`);
    if (Buffer.byteLength(address) > longestAddressBytes) continue;
    // A root whose temporary folder is private to root cannot put the socket there.
    if (!(await canReach(parent, account).catch(() => false))) continue;
    const folder = await mkdtemp(join(parent, prefix)).catch(() => undefined);
    if (folder === undefined) continue;
    await writeFile(record, folder, { mode: 0o600 });
    await chmod(folder, 0o700);
    if (account) await chown(folder, account.uid, account.gid);
    return folder;
  }
  throw new EmbeddedStartFailed('no short temporary folder for the database socket: tried TMPDIR, /tmp, /var/tmp', '');
}

/** Removes the folder of an earlier start, if the record names one that we made. */
async function removeRecorded(record: string, account: Account): Promise<void> {
  const folder = await readFile(record, 'utf8').catch(() => '');
  if (!basename(folder).startsWith(prefix)) return;
  const found = await lstat(folder).catch(() => undefined);
  if (found?.isDirectory() && found.uid === (account?.uid ?? process.getuid?.())) {
    await rm(folder, { recursive: true, force: true });
  }
}
