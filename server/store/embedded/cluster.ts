// The cluster: PostgreSQL's own folder inside the data folder. Made in a folder beside it that is renamed when complete
// and on disk, so that a crash while it is made leaves nothing that looks like a database.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, chmod, chown, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Account, giveTo, isRoot } from './account.ts';
import type { Binaries } from './binaries.ts';
import { DataFolderUnwritable, EmbeddedStartFailed } from './errors.ts';
import { killOrphan } from './orphan.ts';

const run = promisify(execFile);

export const superuser = 'tsumugi';

/** The environment of every PostgreSQL program: nothing of ours leaks in (PGDATA, LANG, LD_LIBRARY_PATH). */
export const bareEnvironment = { LC_ALL: 'C', TZ: 'UTC' };

/** Where the parts of an embedded database lie in a data folder. */
export function layout(dataDir: string) {
  return {
    cluster: join(dataDir, 'postgres'),
    draft: join(dataDir, 'postgres.draft'),
    password: join(dataDir, 'postgres.password'),
    socketRecord: join(dataDir, 'postgres.socket'),
    log: join(dataDir, 'postgres.log'),
  };
}

/**
 * What to give a program as the path of its working folder. The account may not be able to pass the folders above it
 * (a checkout under /root); the working folder is entered before the change of account, and Linux has a name for it.
 */
export function workingFolder(folder: string): string {
  return isRoot() && process.platform === 'linux' ? '/proc/self/cwd' : folder;
}

/** Throws DataFolderUnwritable when the cluster is there and belongs to a user whom we cannot act for. */
export async function checkOwner(dataDir: string, account: Account): Promise<void> {
  const owner = (await stat(layout(dataDir).cluster).catch(() => undefined))?.uid;
  const us = process.getuid?.();
  if (owner === undefined || us === undefined || account || owner === us) return;
  throw new DataFolderUnwritable(dataDir, `its database belongs to user ${owner} and this process runs as user ${us}`);
}

/** Makes the cluster unless there is one, checks it, and returns the password of its superuser. */
export async function ensureCluster(
  dataDir: string,
  binaries: Binaries,
  account: Account,
  socketFolder: string | undefined,
): Promise<string> {
  const paths = layout(dataDir);
  if (!(await exists(paths.cluster))) await makeCluster(paths, binaries, account, socketFolder);
  await checkCluster(dataDir, paths.cluster, binaries, account);
  return readFile(paths.password, 'utf8').catch((cause) => {
    throw new DataFolderUnwritable(dataDir, `${paths.password}, the password of its database, cannot be read`, {
      cause,
    });
  });
}

async function makeCluster(
  paths: ReturnType<typeof layout>,
  binaries: Binaries,
  account: Account,
  socketFolder: string | undefined,
): Promise<void> {
  await killOrphan(paths.draft);
  await rm(paths.draft, { recursive: true, force: true });
  await mkdir(paths.draft, { mode: 0o700 });
  await giveTo(account, paths.draft);
  const password = randomBytes(24).toString('base64url');
  await writePassword(paths.password, password);

  // initdb reads the password as the account, which our own file is closed to.
  const passwordCopy = socketFolder ? join(socketFolder, 'password') : paths.password;
  if (socketFolder) {
    await writeFile(passwordCopy, password, { mode: 0o600 });
    if (account) await chown(passwordCopy, account.uid, account.gid);
  }
  try {
    await run(binaries.initdb, initdbArguments(paths.draft, passwordCopy), {
      cwd: paths.draft,
      env: bareEnvironment,
      ...account,
    });
  } catch (cause) {
    throw new EmbeddedStartFailed(`the database could not be made: ${binaries.initdb} failed`, outputOf(cause), {
      cause,
    });
  } finally {
    if (socketFolder) await rm(passwordCopy, { force: true });
  }
  await rename(paths.draft, paths.cluster);
  await syncFolder(dirname(paths.cluster));
  await syncFolder(dirname(dirname(paths.cluster)));
}

function initdbArguments(folder: string, passwordFile: string): string[] {
  return [
    ...['-D', workingFolder(folder), '-U', superuser, `--pwfile=${passwordFile}`],
    ...['--auth=scram-sha-256', '--data-checksums', '--no-instructions'],
    // The same order and case rules on every machine, whatever its own locale is.
    ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
  ];
}

async function checkCluster(dataDir: string, cluster: string, binaries: Binaries, account: Account): Promise<void> {
  const { uid, mode } = await stat(cluster);
  if (account && uid !== account.uid) await giveTo(account, cluster); // put back by root from a backup
  if ((mode & 0o077) !== 0 && process.platform !== 'win32') await chmod(cluster, 0o700); // else PostgreSQL refuses it
  const version = (await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => 'unknown')).trim();
  if (version !== binaries.majorVersion) {
    const reason = `its database is of PostgreSQL version ${version} and the embedded one is ${binaries.majorVersion}`;
    throw new DataFolderUnwritable(dataDir, reason);
  }
}

async function writePassword(path: string, password: string): Promise<void> {
  await rm(path, { force: true });
  const file = await open(path, 'wx', 0o600);
  await file.writeFile(password);
  await file.sync();
  await file.close();
}

/** Makes the names in a folder survive a power cut; Windows has no such call. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  await handle.sync();
  await handle.close();
}

function outputOf(error: unknown): string {
  const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
  const lines = `${stdout}\n${stderr}`.trim() || String(error);
  return lines.split('\n').slice(-10).join('\n');
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
