// Under which account PostgreSQL runs, and where its binaries come from: as root, as an ordinary user, from a package
// without its library links, from a place that its account cannot reach.
import { chmod, chown, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startEmbedded } from '../../server/store/embedded/launcher.ts';
import {
  isRoot,
  nobody,
  packageWithoutLinks,
  processesOn,
  startChild,
  temporaryFolder,
  until,
} from './embedded-process.ts';

async function answersOn(options: Parameters<typeof startEmbedded>[0]): Promise<boolean> {
  const embedded = await startEmbedded(options);
  try {
    const client = new pg.Client(embedded.connection);
    await client.connect();
    const { rows } = await client.query('select 1 as one');
    await client.end();
    return rows[0]?.one === 1;
  } finally {
    await embedded.stop();
  }
}

async function userOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]);
}

/** A folder that an ordinary user may work in: us, or the one that a child of root becomes. */
async function folderOfUser(mode = 0o700): Promise<{ folder: string; uid: number | undefined }> {
  const folder = await temporaryFolder();
  if (isRoot) await chown(folder, nobody, nobody);
  await chmod(folder, mode);
  return { folder, uid: isRoot ? nobody : undefined };
}

describe('library links', () => {
  test('missing ones are made in the package', async () => {
    const folder = await temporaryFolder();
    await chmod(folder, 0o755);
    const packageFolder = await packageWithoutLinks(join(folder, 'package'));
    const cacheFolders: string[] = []; // so that a copy is no way out
    expect(await answersOn({ dataDir: join(folder, 'data'), packageFolder, cacheFolders })).toBe(true);
    expect((await readdir(join(packageFolder, 'native', 'lib'))).includes('libpq.so.5')).toBe(true);
  });

  test('an ordinary user who cannot write to the package gets a copy, made once', async () => {
    const { folder, uid } = await folderOfUser();
    const shared = await temporaryFolder();
    await chmod(shared, 0o755);
    const packageFolder = await packageWithoutLinks(join(shared, 'package'));
    const libraries = join(packageFolder, 'native', 'lib');
    await chmod(libraries, 0o555);
    onTestFinished(() => chmod(libraries, 0o755));
    const cache = join(folder, 'cache');
    await mkdir(cache);
    if (isRoot) await chown(cache, nobody, nobody);

    const options = { dataDir: join(folder, 'data'), packageFolder, cacheFolders: [cache] };
    const made: number[] = [];
    for (let round = 0; round < 2; round++) {
      const { answer } = await startChild({ options, ...(uid === undefined ? {} : { uid }) });
      expect(answer.error).toBeUndefined();
      expect(await until(() => processesOn(options.dataDir).length === 0)).toBe(true);
      const [own = ''] = await readdir(cache);
      const copies = await readdir(join(cache, own));
      expect(copies).toHaveLength(1);
      made.push((await stat(join(cache, own, copies[0] ?? ''))).ino);
    }
    expect(made[0]).toBe(made[1]);
  });
});

describe('as an ordinary user', () => {
  test('PostgreSQL runs as that user, who owns all of the data folder', async () => {
    const { folder, uid } = await folderOfUser();
    const dataDir = join(folder, 'data');
    const cacheFolders = [folder];
    const { child, answer } = await startChild({ options: { dataDir, cacheFolders }, wait: true, ...(uid && { uid }) });
    expect(answer.error).toBeUndefined();
    const user = uid ?? process.getuid?.();
    expect(processesOn(dataDir).length).toBeGreaterThan(0);
    for (const pid of processesOn(dataDir)) expect(await userOf(pid)).toBe(user);
    for (const name of await readdir(dataDir)) expect((await stat(join(dataDir, name))).uid).toBe(user);
    child.kill('SIGKILL');
  });

  test('a read-only data folder is refused in one line', async () => {
    const { folder, uid } = await folderOfUser();
    const dataDir = join(folder, 'data');
    await mkdir(dataDir);
    if (uid !== undefined) await chown(dataDir, uid, uid);
    await chmod(dataDir, 0o555);
    const { answer } = await startChild({ options: { dataDir }, ...(uid && { uid }) });
    expect(answer.error).toEqual({
      name: 'DataFolderUnwritable',
      message: `data folder ${dataDir} cannot be used: EACCES: permission denied`,
    });
  });

  test('a data folder that cannot be made is refused in one line', async () => {
    const { folder, uid } = await folderOfUser(0o500);
    const dataDir = join(folder, 'deep', 'data');
    const { answer } = await startChild({ options: { dataDir }, ...(uid && { uid }) });
    expect(answer.error).toEqual({
      name: 'DataFolderUnwritable',
      message: `data folder ${dataDir} cannot be used: EACCES: permission denied`,
    });
  });
});

describe.skipIf(!isRoot)('as root (left out for other users)', () => {
  test('PostgreSQL runs as nobody, and the rest of the data folder stays closed to nobody', async () => {
    const dataDir = join(await temporaryFolder(), 'data');
    const embedded = await startEmbedded({ dataDir });
    const users = await Promise.all(processesOn(dataDir).map(userOf));
    const groups = await readFile(`/proc/${processesOn(dataDir)[0]}/status`, 'utf8');
    await embedded.stop();
    expect(new Set(users)).toEqual(new Set([nobody]));
    expect(groups).toMatch(/^Groups:\s*$/m); // none of root's are left
    expect((await stat(join(dataDir, 'postgres'))).uid).toBe(nobody);
    for (const path of [dataDir, join(dataDir, 'postgres.password')]) {
      const { uid, mode } = await stat(path);
      expect([uid, mode & 0o077]).toEqual([0, 0]);
    }
  });

  test('data and package under /root: the binaries are copied to where nobody can run them', async () => {
    const home = await temporaryFolder('/root');
    const cache = await temporaryFolder();
    await chmod(cache, 0o755);
    await chmod(home, 0o700); // whatever the mode of /root is here
    const options = {
      dataDir: join(home, 'data'),
      packageFolder: await packageWithoutLinks(join(home, 'package')),
      cacheFolders: [cache],
    };
    expect(await answersOn(options)).toBe(true);
    expect(await readdir(join(cache, 'tsumugi-0'))).toEqual([expect.stringMatching(/^postgresql-18\./)]);
    // A cleaner of temporary folders took a file: the copy is made anew.
    const [copy = ''] = await readdir(join(cache, 'tsumugi-0'));
    const taken = join(cache, 'tsumugi-0', copy, 'native', 'share', 'postgresql', 'timezonesets', 'Default');
    await rm(taken);
    expect(await answersOn(options)).toBe(true);
    expect((await stat(taken)).isFile()).toBe(true);
  });

  test('a package installed under a strict umask is copied as well', async () => {
    const folder = await temporaryFolder();
    await chmod(folder, 0o755);
    const packageFolder = await packageWithoutLinks(join(folder, 'package'));
    await chmod(join(packageFolder, 'native', 'bin', 'postgres'), 0o700);
    expect(await answersOn({ dataDir: join(folder, 'data'), packageFolder, cacheFolders: [folder] })).toBe(true);
  });

  test('a folder that somebody planted for the copy is not run from', async () => {
    const home = await temporaryFolder();
    const [planted, own] = [await temporaryFolder(), await temporaryFolder()];
    await Promise.all([chmod(planted, 0o755), chmod(own, 0o755)]);
    await mkdir(join(planted, 'tsumugi-0'));
    await chown(join(planted, 'tsumugi-0'), 65533, 65533);
    const packageFolder = await packageWithoutLinks(join(home, 'package'));
    const options = { dataDir: join(home, 'data'), packageFolder };
    expect(await answersOn({ ...options, cacheFolders: [planted, own] })).toBe(true);
    expect(await readdir(join(planted, 'tsumugi-0'))).toEqual([]);
    await rm(join(own, 'tsumugi-0'), { recursive: true });
    await expect(startEmbedded({ ...options, cacheFolders: [planted] })).rejects.toThrow(/no folder for a copy/);
  });

  test('a database put back by root is given to nobody again; one of another user keeps its owner', async () => {
    const dataDir = join(await temporaryFolder(), 'data');
    expect(await answersOn({ dataDir })).toBe(true);
    const cluster = join(dataDir, 'postgres');
    const owners = async () =>
      (await Promise.all(['', 'base', 'base/1', 'PG_VERSION'].map((name) => stat(join(cluster, name))))).map(
        ({ uid }) => uid,
      );
    const giveAll = async (uid: number, folder: string) => {
      for (const name of await readdir(folder, { recursive: true })) await chown(join(folder, name), uid, uid);
      await chown(folder, uid, uid);
    };
    await giveAll(0, cluster);
    expect(await answersOn({ dataDir })).toBe(true);
    expect(await owners()).toEqual([nobody, nobody, nobody, nobody]);
    await giveAll(65533, cluster);
    expect(await answersOn({ dataDir })).toBe(true);
    expect(await owners()).toEqual([65533, 65533, 65533, 65533]);
  });

  test('an ordinary user is refused the data folder of another in one line', async () => {
    const folder = await temporaryFolder();
    await chmod(folder, 0o777);
    const dataDir = join(folder, 'data');
    expect(await answersOn({ dataDir })).toBe(true);
    await chmod(dataDir, 0o777);
    const { answer } = await startChild({ options: { dataDir, cacheFolders: [folder] }, uid: 65533 });
    expect(answer.error).toEqual({
      name: 'DataFolderUnwritable',
      message: `data folder ${dataDir} cannot be used: its database belongs to user 65534 and this process runs as user 65533`,
    });
  });
});
