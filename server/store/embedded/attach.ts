// The way into the embedded database of a server that is running, for commands beside it.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { layout, superuser } from './cluster.ts';
import type { Connection } from './connection.ts';

/** Undefined when no server runs on this data folder (or none that left a socket, as on Windows). */
export async function runningEmbedded(dataDir: string): Promise<Connection | undefined> {
  const paths = layout(resolve(dataDir));
  const host = await readFile(paths.socketRecord, 'utf8').catch(() => '');
  const password = await readFile(paths.password, 'utf8').catch(() => '');
  if (host === '' || password === '' || !existsSync(join(host, '.s.PGSQL.5432'))) return undefined;
  return { host, port: 5432, user: superuser, password, database: 'tsumugi' };
}
