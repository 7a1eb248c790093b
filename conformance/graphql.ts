// HL7's GraphQL cases (FHIR/fhir-test-cases, r4/graphql) against the whole server on a database of its own. The resources are
// the official examples of hl7.fhir.r4.examples; where a case was written for others, `changed` and `invented` say which.
// Data: ../shared/data/fhir-suites/graphql-r4.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import type { FastifyInstance } from 'fastify';
import { buildApp } from '../server/app.ts';
import { selectionsOf } from '../server/graphql/document.ts';
import { execute } from '../server/graphql/execute.ts';
import { createBudget } from '../server/graphql/limits.ts';
import { startEmbedded } from '../server/store/embedded/launcher.ts';
import { migrate } from '../server/store/migrate.ts';
import { openPool } from '../server/store/pool.ts';
import { mintToken } from '../server/store/tokens.ts';
import type { SuiteResult } from './suite.ts';

type Case = { name: string; source: string; output: string; context: string; operation: string | undefined };
type Send = (method: 'GET' | 'POST' | 'PUT', url: string, body?: object) => Promise<{ status: number; text: string }>;

const folder = fileURLToPath(new URL('../../shared/data/fhir-suites/graphql-r4/', import.meta.url));

/** Just what the cases look at: reference-broken wants a prescription that is not there, reference-reverse one Condition. */
const examples = [
  'Organization-1',
  'Patient-example',
  'Patient-xds',
  'Patient-glossy',
  'Patient-pat1',
  'Practitioner-f006',
  'Observation-example',
  'Observation-20minute-apgar-score',
  'MedicationDispense-meddisp008',
  'Condition-example',
];

const notes = [
  'list-sub: the example of that name is not published any more; a List with entries as it expects them is stored',
  'directive-variable: the manifest gives no value for $var; it is sent as true',
  'search-full: score, page size and cursor are those of a server that HL7 made up; the executor runs on its page, and the real server on the same query has to find the same patients',
];

export async function run(): Promise<SuiteResult> {
  const result = { name: 'graphql', passed: 0, failed: 0, skipped: 0, notes: [] as string[], failures: [] as string[] };
  if (!existsSync(join(folder, 'manifest.xml')))
    return { ...result, missing: '../shared/data/fhir-suites/graphql-r4' };
  const server = await startServer();
  try {
    await store(server.send);
    const runs = [...manifest().map((one) => [one.name, () => passes(server.send, one)] as const), ...urlCases(server.send)];
    for (const [name, isRight] of runs) {
      if (await isRight().catch(() => false)) result.passed++;
      else result.failures.push(name);
    }
  } finally {
    await server.stop();
  }
  return { ...result, failed: result.failures.length, notes };
}

async function passes(send: Send, one: Case): Promise<boolean> {
  const query = read(one.source);
  const url = one.context === '' ? '$graphql' : one.context.replace('List/example-long', 'List/long');
  const variables = one.name === 'directive-variable' ? { var: true } : {};
  const answer = await send('POST', url, { query, variables, operationName: one.operation });
  if (one.output === '$error') return answer.status >= 400 && JSON.parse(answer.text).errors?.length > 0;
  const expected: unknown = JSON.parse(read(one.output));
  const { data } = JSON.parse(answer.text);
  if (one.name !== 'search-full') return isDeepStrictEqual(data, expected);
  const found = data.PatientConnection.edges.map(({ resource }: { resource: unknown }) => resource);
  const wanted = (expected as typeof data).PatientConnection.edges.map(({ resource }: { resource: unknown }) => resource);
  return sameInAnyOrder(found, wanted) && isDeepStrictEqual(await onInventedPage(query), expected);
}

/** What the server of the reference implementation's own test answers. */
async function onInventedPage(query: string): Promise<unknown> {
  const page = {
    count: 50,
    offset: 0,
    pagesize: 50,
    edges: [
      { resource: { resourceType: 'Patient', id: 'example', active: true } },
      { mode: 'match', score: 0.5, resource: { resourceType: 'Patient', id: 'xds', active: true } },
    ],
    next: '77c97e03-8a6c-415f-a63d-11c80cf73f:50',
  };
  const source = { read: async () => undefined, list: async () => [], connection: async () => page };
  const selections = selectionsOf({ query, variables: {}, operationName: undefined });
  return JSON.parse(JSON.stringify(await execute({ source, budget: createBudget(), base: '' }, selections, undefined)));
}

/** server-tests.json: the query in the URL. */
function urlCases(send: Send): [string, () => Promise<boolean>][] {
  const groups = JSON.parse(read('server-tests.json')) as Record<string, Record<string, { url: string; output: object }>>;
  return Object.entries(groups).flatMap(([group, cases]) =>
    group.startsWith('@')
      ? []
      : Object.entries(cases).map(([name, { url, output }]): [string, () => Promise<boolean>] => [
          `${group}/${name}`,
          async () => isDeepStrictEqual(JSON.parse((await send('GET', encodeURI(url.slice(1)))).text), output),
        ]),
  );
}

function sameInAnyOrder(found: unknown[], wanted: unknown[]): boolean {
  const sorted = (list: unknown[]) => list.map((one) => JSON.stringify(one)).sort();
  return isDeepStrictEqual(sorted(found), sorted(wanted));
}

async function store(send: Send): Promise<void> {
  const package_ = dirname(createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json'));
  const entries = examples.map((name) => JSON.parse(readFileSync(join(package_, `${name}.json`), 'utf8')) as { id: string });
  const item = (reference: string) => ({ item: { reference } });
  const list = {
    resourceType: 'List',
    id: 'long',
    status: 'current',
    mode: 'working',
    entry: [...'00000'].map(() => item('Patient/example')).concat([...'123456'].map((n) => item(`Patient/${n}`))),
  };
  for (const resource of [...entries, list] as { resourceType: string; id: string }[]) {
    const { status, text } = await send('PUT', `${resource.resourceType}/${resource.id}`, resource);
    if (status !== 201) throw new Error(`${resource.resourceType}/${resource.id}: ${status} ${text}`);
  }
}

function manifest(): Case[] {
  return [...read('manifest.xml').matchAll(/<test\s([^>]*?)\/>/g)].map(([, text = '']) => {
    const at = Object.fromEntries([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
    return { name: at.name, source: at.source, output: at.output, context: at.context, operation: at.operation } as Case;
  });
}

const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

async function startServer(): Promise<{ send: Send; stop(): Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tsumugi-graphql-'));
  const embedded = await startEmbedded({ dataDir, log: () => undefined });
  const pool = openPool(embedded.connection, 4, 30_000);
  await migrate(pool);
  const baseUrl = () => 'https://tsumugi.test';
  const app = await buildApp({ pool, baseUrl, cursorKey: new Uint8Array(32), version: 'conformance', logLevel: 'silent' });
  const token = await mintToken(pool, {
    client: 'conformance',
    scope: 'system/*.cruds',
    patient: undefined,
    lifetimeMs: 3_600_000,
  });
  const stop = async () => {
    await app.close();
    await pool.end();
    await embedded.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { send: sender(app, token), stop };
}

function sender(app: FastifyInstance, token: string): Send {
  return async (method, url, body) => {
    const { statusCode, payload } = await app.inject({
      method,
      url: `/fhir/${url}`,
      headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { payload: JSON.stringify(body) } : {}),
    });
    return { status: statusCode, text: payload };
  };
}
