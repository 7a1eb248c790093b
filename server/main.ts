// Start and stop: settings -> database -> app -> listening. Everything that has a life cycle begins and ends here.

import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { buildApp } from './app.ts';
import type { Config } from './config.ts';
import { startEmbedded } from './store/embedded/launcher.ts';
import { migrate } from './store/migrate.ts';
import { openPool } from './store/pool.ts';
import { secret } from './store/secrets.ts';

export type Running = { app: FastifyInstance; url: string; stop(): Promise<void> };

const poolSize = 10;
const statementTimeoutMs = 30_000;

/** Starts a server; resolves when it answers. Throws with one line for people when it cannot. */
export async function start(config: Config): Promise<Running> {
  const embedded = config.DATABASE_URL === undefined ? await startEmbedded({ dataDir: config.DATA_DIR }) : undefined;
  const connection = embedded?.connection ?? { connectionString: config.DATABASE_URL ?? '' };
  const pool = openPool(connection, poolSize, statementTimeoutMs);
  let url = '';
  let app: FastifyInstance | undefined;
  const stop = async () => {
    await app?.close();
    await pool.end();
    await embedded?.stop();
  };
  try {
    await migrate(pool);
    const { key } = await secret(pool, 'cursor', () => ({ key: randomBytes(32).toString('base64url') }));
    app = await buildApp({
      pool,
      cursorKey: Buffer.from(key, 'base64url'),
      version,
      logLevel: config.LOG_LEVEL,
      baseUrl: () => config.BASE_URL ?? `http://${config.HOST}:${config.PORT}`,
    });
    url = await app.listen({ port: config.PORT, host: config.HOST });
    return { app, url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
