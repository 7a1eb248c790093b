// Starts one embedded PostgreSQL for a run of the tests, in a folder of its own that is removed at the end. With
// TEST_DATABASE_URL the tests' databases are made on that server instead (`.ci/run` gives Debian's PostgreSQL).
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { Connection } from '../../server/store/embedded/connection.ts';
import { startEmbedded } from '../../server/store/embedded/launcher.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The server's first database; tests take one of their own from `freshDatabase`. */
    testServer: Connection;
    testDataDir: string;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tsumugi-test-'));
  const removeFolder = () => rm(dataDir, { recursive: true, force: true });
  const given = process.env.TEST_DATABASE_URL;
  if (given) {
    project.provide('testServer', connectionOf(given));
    project.provide('testDataDir', dataDir);
    return removeFolder;
  }
  const embedded = await startEmbedded({ dataDir, log: (line) => console.error(line) }).catch(async (error) => {
    await removeFolder();
    throw error;
  });
  project.provide('testServer', embedded.connection);
  project.provide('testDataDir', dataDir);
  return async () => {
    await embedded.stop();
    await removeFolder();
  };
}

function connectionOf(text: string): Connection {
  const { hostname, port, username, password, pathname } = new URL(text);
  return {
    host: hostname,
    port: Number(port) || 5432,
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: pathname.slice(1) || 'postgres',
  };
}
