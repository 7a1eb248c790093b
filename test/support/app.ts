// The whole server without a socket: a database of its own, migrated, and the app on it as server/main.ts builds it, with a
// clock that the test sets and tokens minted as `tsumugi token` mints them.

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance, InjectOptions } from 'fastify';
import type pg from 'pg';
import { startBackground } from '../../server/app/background.ts';
import { createFhir } from '../../server/app/fhir.ts';
import { backgroundKinds } from '../../server/app/operations.ts';
import { type AppOptions, buildApp } from '../../server/app.ts';
import type { Schedules } from '../../server/forecast/known-schedules.ts';
import { loadArchiveKeys } from '../../server/record/keys.ts';
import { freePort } from '../../server/store/embedded/free-port.ts';
import { migrate } from '../../server/store/migrate.ts';
import { openPool } from '../../server/store/pool.ts';
import { secret } from '../../server/store/secrets.ts';
import { mintToken } from '../../server/store/tokens.ts';
import { type FreshDatabase, freshDatabase } from './database.ts';

/** What tests look at in an answer; a member that is not there is undefined at run time. */
export type Body = {
  resourceType: string;
  id: string;
  meta: { versionId: string; lastUpdated: string };
  total: number;
  link: { relation: string; url: string }[];
  entry: Entry[];
  issue: { severity: string; code: string; diagnostics: string; expression: string[]; details: { text: string } }[];
  parameter: { name: string; resource: Body; [value: string]: unknown }[];
  [name: string]: unknown;
};
type Entry = {
  fullUrl: string;
  resource: Body;
  search: { mode: string };
  request: { method: string; url: string };
  response: { status: string; location: string; etag: string; lastModified: string; outcome: Body };
};

export type Response = { status: number; headers: Record<string, string>; text: string; body: Body };
export type Headers = Record<string, string>;

/** A caller with one token. Paths stand behind `/fhir/`; a string or Buffer body goes out as it is. */
export type Caller = {
  token: string | undefined;
  send(method: string, path: string, body?: unknown, headers?: Headers): Promise<Response>;
  get(path: string, headers?: Headers): Promise<Response>;
  post(path: string, body: unknown, headers?: Headers): Promise<Response>;
  put(path: string, body: unknown, headers?: Headers): Promise<Response>;
  delete(path: string, headers?: Headers): Promise<Response>;
  /** POST that must answer 201; returns what was stored. */
  create(resource: object): Promise<Body>;
};

/** `user`: `Person/[id]` or `Practitioner/[id]`; `organization`: an Organization's id; see server/access/caller.ts. */
export type TokenWishes = {
  patient?: string;
  client?: string;
  lifetimeMs?: number;
  user?: string;
  organization?: string;
  purpose?: string;
};

export type TestApp = {
  app: FastifyInstance;
  pool: pg.Pool;
  /** Of its database, for commands. */
  databaseUrl: string;
  base: string;
  clock: { nowMs: number };
  /** Has every right. */
  system: Caller;
  caller(scope: string, wishes?: TokenWishes): Promise<Caller>;
  withToken(token: string | undefined): Caller;
  /** A second server on the same database. */
  second(): Promise<TestApp>;
  close(): Promise<void>;
};

const baseUrl = 'https://tsumugi.test';

type StartOptions = {
  bodyLimitBytes?: number;
  requestTimeoutMs?: number;
  statementTimeoutMs?: number;
  schedules?: Schedules;
  certificateHeader?: string;
  logLevel?: string;
  logStream?: NodeJS.WritableStream;
  mrnSystems?: string[];
  jpki?: AppOptions['jpki'];
  trustedProxies?: readonly string[];
  /** Of what is made in the background; a folder of its own when absent. */
  workDir?: string;
  /** Instead of a new one: a database that the test drops itself. */
  database?: FreshDatabase;
  /** On a port of loopback that `base` names, by this name if one is given; else requests are injected. */
  listens?: boolean | 'localhost';
};

/** Call it in `beforeAll`, and its `close` in `afterAll`. The clock stands still unless the test moves it. */
export async function startApp({ database: given, ...options }: StartOptions = {}): Promise<TestApp> {
  const database = given ?? (await freshDatabase());
  const pool = openPool(database.connection, 14, options.statementTimeoutMs ?? 30_000);
  await migrate(pool);
  const clock = { nowMs: Date.parse('2026-11-23T00:00:00.000Z') };
  const workDir = options.workDir ?? (await mkdtemp(join(tmpdir(), 'tsumugi-work-')));
  const one = await onPool(pool, clock, workDir, options);
  const { url: databaseUrl } = database;
  return {
    ...one,
    databaseUrl,
    close: async () => {
      await one.app.close();
      await pool.end();
      if (!given) await database.drop();
      await rm(workDir, { recursive: true, force: true });
    },
    second: async () => {
      const otherPool = openPool(database.connection, 5, 30_000);
      const other = await onPool(otherPool, clock, workDir, options);
      const close = async () => {
        await other.app.close();
        await otherPool.end();
      };
      return { ...other, databaseUrl, close, second: () => Promise.reject(new Error('two are enough')) };
    },
  };
}

async function onPool(
  pool: pg.Pool,
  clock: { nowMs: number },
  workDir: string,
  { listens, ...options }: Omit<StartOptions, 'database'>,
) {
  const port = listens ? await freePort('127.0.0.1') : undefined;
  const host = listens === 'localhost' ? listens : '127.0.0.1';
  const address = port === undefined ? baseUrl : `http://${host}:${port}`;
  const { key } = await secret(pool, 'cursor', () => ({ key: randomBytes(32).toString('base64url') }));
  const shared = { pool, cursorKey: Buffer.from(key, 'base64url'), baseUrl: () => address, nowMs: () => clock.nowMs };
  const archiveKeys = await loadArchiveKeys((name, make) => secret(pool, name, make));
  const background = startBackground({
    ...{ fhir: createFhir(shared), dir: workDir, onError: () => undefined },
    kinds: backgroundKinds({ pool, archiveKeys, version: 'test' }),
  });
  const app = await buildApp({
    ...shared,
    version: 'test',
    logLevel: process.env.TEST_LOG_LEVEL ?? 'silent',
    ...options,
    workDir,
  });
  app.addHook('onClose', () => background.stop());
  if (port !== undefined) await app.listen({ host: '127.0.0.1', port });
  const withToken = (token: string | undefined) => callerWith(app, token);
  const caller = async (scope: string, { client = 'test', lifetimeMs = 3_600_000, ...wishes }: TokenWishes = {}) =>
    withToken(await mintToken(pool, { client, scope, lifetimeMs, ...wishes }));
  const system = await caller('system/*.cruds', { client: 'test-system' });
  return { app, pool, clock, base: `${address}/fhir`, withToken, caller, system };
}

function callerWith(app: FastifyInstance, token: string | undefined): Caller {
  const send = async (method: string, path: string, body?: unknown, headers: Headers = {}): Promise<Response> => {
    const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
    const response = await app.inject({
      method: method as 'GET',
      url: path === '' ? '/fhir' : `/fhir/${path}`,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: isRaw ? body : JSON.stringify(body) }),
    } as InjectOptions);
    const { statusCode: status, payload: text } = response;
    const isOther = /ndjson|pdf/.test(String(response.headers['content-type']));
    const parsed = text && !isOther ? (JSON.parse(text) as Body) : noBody;
    return { status, headers: response.headers as Headers, text, body: parsed };
  };
  return {
    token,
    send,
    get: (path, headers) => send('GET', path, undefined, headers),
    post: (path, body, headers) => send('POST', path, body, headers),
    put: (path, body, headers) => send('PUT', path, body, headers),
    delete: (path, headers) => send('DELETE', path, undefined, headers),
    create: async (resource) => {
      const { status, body, text } = await send('POST', String((resource as Body).resourceType), resource);
      if (status !== 201) throw new Error(`create answered ${status}: ${text}`);
      return body;
    },
  };
}

const noBody = {} as Body;

/** The ids of a searchset's matches, in order. */
export const matchIds = ({ body }: Response): string[] =>
  (body.entry ?? []).filter(({ search }) => search.mode === 'match').map(({ resource }) => resource.id);

/** Follows next links from a search to its last page; the matches' ids of each page. */
export async function allPages(caller: Caller, search: string): Promise<string[][]> {
  const pages: string[][] = [];
  for (let path: string | undefined = search; path !== undefined && pages.length < 1000; ) {
    const response: Response = await caller.get(path);
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${response.text}`);
    pages.push(matchIds(response));
    path = response.body.link
      .find(({ relation }) => relation === 'next')
      ?.url.slice(`${baseUrl}/fhir`.length)
      .replace(/^\//, '');
  }
  return pages;
}

export const patientNamed = (family: string, given: string, more: object = {}) => ({
  resourceType: 'Patient',
  name: [{ family, given: [given] }],
  ...more,
});

export const observationOf = (patient: string, more: object = {}) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
  subject: { reference: `Patient/${patient}` },
  ...more,
});
