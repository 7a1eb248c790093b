// The database that is measured: the server's embedded one, or one that runs already.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runningEmbedded } from '../../server/store/embedded/attach.ts';
import { type Connection, openPool, type Pool } from '../../server/store/pool.ts';
import { mintToken } from '../../server/store/tokens.ts';
import type { WriteReport } from './population-writer.ts';
import type { Seed } from './seed.ts';
import { parentOf } from './usage.ts';

/** What is in the database, for a run that uses it again. */
export type Content = { seed: Seed; population: WriteReport | undefined; patients: number };

/** The way into the database of a server that has started. */
export async function connectionOf(dataDir: string, url: string | undefined): Promise<Connection> {
  const connection = url === undefined ? await runningEmbedded(dataDir) : { connectionString: url };
  if (!connection) throw new Error('the database of the server was not found');
  return connection;
}

export async function withPool<T>(connection: Connection, work: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = openPool(connection, 6, 0);
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}

export const tokenOf = (pool: Pool): Promise<string> =>
  mintToken(pool, { client: 'bench', scope: 'system/*.cruds', lifetimeMs: 86_400_000 });

/** The token of a parent, whose rights are permissions. */
export const familyTokenOf = (pool: Pool): Promise<string> =>
  mintToken(pool, { client: 'bench-app', scope: 'user/*.cruds', user: 'Person/bench', lifetimeMs: 30 * 86_400_000 });

/** The id of PostgreSQL's first process and its version; the id only where it runs on this machine. */
export async function serverOf(pool: Pool): Promise<{ postmaster: number | undefined; version: string }> {
  const text = "select pg_backend_pid() as pid, current_setting('server_version') as version";
  const { rows } = await pool.query<{ pid: number; version: string }>(text);
  return { postmaster: parentOf(rows[0]?.pid ?? 0), version: rows[0]?.version ?? '?' };
}

/** The id of the embedded database's process; undefined when none runs. */
export function postmasterOf(dataDir: string): number | undefined {
  const path = join(dataDir, 'postgres', 'postmaster.pid');
  const pid = existsSync(path) ? Number(readFileSync(path, 'utf8').split('\n')[0]) : 0;
  return pid > 0 ? pid : undefined;
}

/** What an earlier run has left in the folder. Throws when it is of another size. */
export function storedContent(dataDir: string, patients: number): Content | undefined {
  const path = join(dataDir, 'bench.json');
  if (!existsSync(path)) return undefined;
  const content = JSON.parse(readFileSync(path, 'utf8')) as Content;
  if (content.patients !== patients) throw new Error(`${dataDir} holds a population of ${content.patients}`);
  return content;
}

export function rememberContent(dataDir: string, content: Content): void {
  writeFileSync(join(dataDir, 'bench.json'), JSON.stringify(content));
}
