// The operating-system account PostgreSQL runs under. It refuses to run as root, so root starts it as "nobody".
import { chown, lstat, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Undefined means "the account this process runs under". */
export type Account = { uid: number; gid: number } | undefined;

const nobody = { uid: 65534, gid: 65534 };

/** False on Windows, which has no user ids. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The account for a cluster folder: as root its present owner, or nobody (65534) where that is root or nothing yet. */
export async function accountFor(cluster: string): Promise<Account> {
  if (!isRoot()) return undefined;
  const owner = await stat(cluster).catch(() => undefined);
  return owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : nobody;
}

/** Gives a folder and all that is in it to the account; nothing to do without one. */
export async function giveTo(account: Account, folder: string): Promise<void> {
  if (!account) return;
  await chown(folder, account.uid, account.gid);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await giveTo(account, path);
    else if (!entry.isSymbolicLink()) await chown(path, account.uid, account.gid);
  }
}

/** Whether the account may read and enter `path`, which takes the right to pass through every folder above it. */
export async function canReach(path: string, account: Account): Promise<boolean> {
  if (!account) return true;
  if (!(await allows(path, account, 0o5))) return false;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (!(await allows(folder, account, 0o1))) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** Whether a folder belongs to us (not a planted link) and nobody else can write into it. */
export async function isOurs(folder: string): Promise<boolean> {
  const found = await lstat(folder);
  return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
}

async function allows(path: string, account: { uid: number; gid: number }, bits: number): Promise<boolean> {
  const { mode, uid, gid } = await stat(path);
  const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
  return ((mode >> shift) & bits) === bits;
}
