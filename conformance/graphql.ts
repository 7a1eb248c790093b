// HL7's GraphQL cases (FHIR/fhir-test-cases, r4/graphql) against the whole server on a database of its own. The resources are
// the official examples of hl7.fhir.r4.examples; where a case was written for others, the notes say so.
// Data: ../shared/data/fhir-suites/graphql-r4.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { selectionsOf } from '../server/graphql/document.ts';
import { execute } from '../server/graphql/execute.ts';
import { createBudget } from '../server/graphql/limits.ts';
import { type LocalServer, startLocalServer } from './local-server.ts';
import type { SuiteResult } from './suite.ts';

type Case = { name: string; source: string; output: string; context: string; operation: string | undefined };

const folder = fileURLToPath(new URL('../../shared/data/fhir-suites/graphql-r4/', import.meta.url));

/** All that a case which searches is to find. */
const found = ['Organization-1', 'Patient-example', 'Patient-xds'];
/** Just what the others look at: reference-broken wants a prescription that is not there, reference-reverse one Condition. */
const others = [
  'Patient-glossy',
  'Patient-pat1',
  'Practitioner-f006',
  'Observation-example',
  'Observation-20minute-apgar-score',
  'MedicationDispense-meddisp008',
  'Condition-example',
];

const notes = [
  'search-simple, search-full: the order of the patients is the server’s',
  'list-sub: the example of that name is not published any more; a List with entries as it expects them is stored',
  'directive-variable: the manifest gives no value for $var; it is sent as true',
  'search-full: score, page size and cursor are those of a server that HL7 made up; the executor runs on its page, and the real server on the same query has to find the same patients',
];

export async function run(): Promise<SuiteResult> {
  const result = { name: 'graphql', passed: 0, failed: 0, skipped: 0, notes: [] as string[], failures: [] as string[] };
  if (!existsSync(join(folder, 'manifest.xml'))) return { ...result, missing: '../shared/data/fhir-suites/graphql-r4' };
  const server = await startLocalServer();
  const judge = async (name: string, isRight: Promise<boolean>) => {
    if (await isRight.catch(() => false)) result.passed++;
    else result.failures.push(name);
  };
  try {
    const isSearch = ({ context }: Case) => context === '';
    await store(server, found);
    for (const one of manifest().filter(isSearch)) await judge(one.name, passes(server, one));
    await store(server, others);
    await storeList(server);
    for (const one of manifest().filter((one) => !isSearch(one))) await judge(one.name, passes(server, one));
    for (const { name, url, output } of urlCases()) await judge(name, answers(server, url, output));
  } finally {
    await server.close();
  }
  return { ...result, failed: result.failures.length, notes };
}

async function passes(server: LocalServer, one: Case): Promise<boolean> {
  const query = read(one.source);
  const path = one.context === '' ? '$graphql' : one.context.replace('List/example-long', 'List/long');
  const variables = one.name === 'directive-variable' ? { var: true } : {};
  const body = JSON.stringify({ query, variables, operationName: one.operation });
  const headers = { 'content-type': 'application/json' };
  const answer = await server.ask({ method: 'POST', path, body, headers });
  if (one.output === '$error') return answer.status >= 400 && JSON.parse(answer.text).errors?.length > 0;
  const expected = JSON.parse(read(one.output));
  const { data } = JSON.parse(answer.text);
  if (one.name === 'search-simple') return isSameSet(data.PatientList, expected.PatientList);
  if (one.name !== 'search-full') return isDeepStrictEqual(data, expected);
  const resources = (connection: { edges: { resource: unknown }[] }) =>
    connection.edges.map(({ resource }) => resource);
  const isFound = isSameSet(resources(data.PatientConnection), resources(expected.PatientConnection));
  return isFound && isDeepStrictEqual(await onInventedPage(query), expected);
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
  const nothing = async () => undefined;
  const source = { read: nothing, readAsked: nothing, list: async () => [], connection: async () => page };
  const selections = selectionsOf({ query, variables: {}, operationName: undefined });
  return JSON.parse(JSON.stringify(await execute({ source, budget: createBudget(), base: '' }, selections, undefined)));
}

type UrlCase = { name: string; url: string; output: object };

/** server-tests.json: the query in the URL. */
function urlCases(): UrlCase[] {
  const { '@type': _, ...groups } = JSON.parse(read('server-tests.json'));
  return Object.entries(groups as Record<string, Record<string, UrlCase>>).flatMap(([group, cases]) =>
    Object.entries(cases).map(([name, { url, output }]) => ({ name: `${group}/${name}`, url, output })),
  );
}

async function answers(server: LocalServer, url: string, output: object): Promise<boolean> {
  const { text } = await server.ask({ method: 'GET', path: encodeURI(url.slice(1)) });
  return isDeepStrictEqual(JSON.parse(text), output);
}

function isSameSet(one: unknown[], other: unknown[]): boolean {
  const sorted = (list: unknown[]) => list.map((item) => JSON.stringify(item)).sort();
  return isDeepStrictEqual(sorted(one), sorted(other));
}

async function store(server: LocalServer, names: readonly string[]): Promise<void> {
  const published = dirname(createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json'));
  for (const name of names) await put(server, JSON.parse(readFileSync(join(published, `${name}.json`), 'utf8')));
}

async function storeList(server: LocalServer): Promise<void> {
  const item = (reference: string) => ({ item: { reference } });
  const entry = [...'-----'].map(() => item('Patient/example')).concat([...'123456'].map((n) => item(`Patient/${n}`)));
  await put(server, { resourceType: 'List', id: 'long', status: 'current', mode: 'working', entry });
}

async function put(server: LocalServer, resource: { resourceType: string; id: string; [name: string]: unknown }) {
  const path = `${resource.resourceType}/${resource.id}`;
  const { status } = await server.ask({ method: 'PUT', path, body: JSON.stringify(resource) });
  if (status !== 201) throw new Error(`PUT ${path} answered ${status}`);
}

function manifest(): Case[] {
  return [...read('manifest.xml').matchAll(/<test\s([^>]*?)\/>/g)].map(([, text = '']) => {
    const at = Object.fromEntries([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
    return {
      name: at.name,
      source: at.source,
      output: at.output,
      context: at.context,
      operation: at.operation,
    } as Case;
  });
}

const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
