// The whole server for a suite: an embedded PostgreSQL in a folder of its own and the app on it as server/main.ts builds it,
// asked without a socket. What it stored is gone when it closes.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { buildApp } from '../server/app.ts';
import { startEmbedded } from '../server/store/embedded/launcher.ts';
import { migrate } from '../server/store/migrate.ts';
import { openPool, type Pool } from '../server/store/pool.ts';
import { mintToken } from '../server/store/tokens.ts';

export type Asked = { method: string; path: string; headers?: Record<string, string>; body?: string };
export type Answered = { status: number; headers: Record<string, string | undefined>; text: string };

export type LocalServer = {
  app: FastifyInstance;
  pool: Pool;
  /** A token with every right of a system client. */
  token: string;
  /** Asks as that client; the path stands behind `/fhir/`, a body is FHIR JSON unless the headers say otherwise. */
  ask(asked: Asked): Promise<Answered>;
  close(): Promise<void>;
};

const tokenLifetimeMs = 86_400_000;
const statementTimeoutMs = 30_000;

/** Starts in about two seconds. Close it, whatever happens: PostgreSQL is a process of its own. */
export async function startLocalServer(
  baseUrl = 'https://tsumugi.example',
  nowMs: () => number = Date.now,
): Promise<LocalServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tsumugi-suite-'));
  const ends: (() => Promise<unknown>)[] = [() => rm(dataDir, { recursive: true, force: true })];
  const close = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const embedded = await startEmbedded({ dataDir });
    ends.push(() => embedded.stop());
    const pool = openPool(embedded.connection, 10, statementTimeoutMs);
    ends.push(() => pool.end());
    await migrate(pool);
    const app = await buildApp({
      pool,
      baseUrl: () => baseUrl,
      cursorKey: randomBytes(32),
      version: 'conformance',
      workDir: tmpdir(),
      logLevel: process.env.SUITE_LOG_LEVEL ?? 'silent',
      nowMs,
    });
    ends.push(() => app.close());
    const token = await mintToken(pool, { client: 'suite', scope: 'system/*.cruds', lifetimeMs: tokenLifetimeMs });
    return { app, pool, token, ask: (asked) => inject(app, token, asked), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function inject(app: FastifyInstance, token: string, asked: Asked): Promise<Answered> {
  const { method, path, headers = {}, body } = asked;
  const answer = await app.inject({
    method: method as 'GET',
    url: `/fhir/${path}`,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { payload: body }),
  } as InjectOptions);
  return { status: answer.statusCode, headers: answer.headers as Answered['headers'], text: answer.payload };
}
