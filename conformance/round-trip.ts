// Whole records that others made (Synthea), in by one transaction each and out by $everything: every resource must come back as it was,
// to the digits of its numbers, but for its id and what a reference to another of them is called. Data: ../shared/data/synthea.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { isObject, type JsonObject, parseJson } from '../server/fhir/json.ts';
import { type LocalServer, startLocalServer } from './local-server.ts';
import { firstDifference } from './same-content.ts';
import type { SuiteResult } from './suite.ts';

const FOLDERS = ['kids', 'mothers'];

export async function run(): Promise<SuiteResult> {
  const result = {
    name: 'round-trip',
    passed: 0,
    failed: 0,
    skipped: 0,
    notes: [] as string[],
    failures: [] as string[],
  };
  const root = fileURLToPath(new URL('../../shared/data/synthea', import.meta.url));
  if (!existsSync(root)) return { ...result, missing: '../shared/data/synthea' };
  const files = FOLDERS.flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name))).sort();
  const faults: Record<string, string> = {};
  let resources = 0;
  const server = await startLocalServer();
  try {
    for (const file of files) {
      const { count, fault } = await roundTrip(server, bundleOf(readFileSync(join(root, file))));
      resources += count;
      if (fault === undefined) result.passed++;
      else {
        result.failed++;
        result.failures.push(file);
        faults[file] = fault;
      }
    }
  } finally {
    await server.close();
  }
  result.notes.push(
    `${files.length} records with ${resources} resources went in by transaction and came out by $everything`,
  );
  return { ...result, faults };
}

type Sent = { fullUrl: string; resource: JsonObject };
type Trip = { count: number; fault?: string };

async function roundTrip(server: LocalServer, bundle: JsonObject): Promise<Trip> {
  const sent = entriesOf(bundle).map(({ fullUrl, resource }) => ({
    fullUrl: String(fullUrl),
    resource: isObject(resource) ? resource : {},
  }));
  const count = sent.length;
  const answer = await server.ask({ method: 'POST', path: '', body: JSON.stringify(bundle) });
  if (answer.status !== 200)
    return { count, fault: `the transaction was answered ${answer.status}: ${answer.text.slice(0, 300)}` };
  const names = entriesOf(parseJson(answer.text)).map(({ response }) =>
    isObject(response) ? /([A-Z][A-Za-z]+\/[^/]+)(?:\/_history|$)/.exec(String(response.location))?.[1] : undefined,
  );
  const patient = names[sent.findIndex(({ resource }) => resource.resourceType === 'Patient')];
  const out = await server.ask({ method: 'GET', path: `${patient}/$everything` });
  if (out.status !== 200) return { count, fault: `$everything was answered ${out.status}` };
  const came = new Map(
    entriesOf(parseJson(out.text)).map(({ resource }) => [nameOf(resource), JSON.stringify(resource)]),
  );
  const fault = faultOf(sent, names, came);
  return fault === undefined ? { count } : { count, fault };
}

function faultOf(
  sent: readonly Sent[],
  names: readonly (string | undefined)[],
  came: ReadonlyMap<string, string>,
): string | undefined {
  const renamed = new Map(sent.map(({ fullUrl }, n) => [fullUrl, names[n] ?? '']));
  for (const [n, { resource }] of sent.entries()) {
    const name = names[n] ?? '';
    const read = came.get(name);
    if (read === undefined) return `${name} did not come out`;
    const difference = firstDifference(withNames(JSON.stringify(resource), renamed), read, { mayRename: true });
    if (difference !== undefined) return `${name}${difference} is not as it was`;
  }
  return came.size === sent.length ? undefined : `${came.size - sent.length} resources came out that were not sent`;
}

const withNames = (text: string, renamed: ReadonlyMap<string, string>): string =>
  text.replace(/"reference":"(urn:uuid:[^"]*)"/g, (_, url: string) => `"reference":"${renamed.get(url) ?? url}"`);

const nameOf = (resource: unknown): string => (isObject(resource) ? `${resource.resourceType}/${resource.id}` : '');

const entriesOf = (bundle: unknown): JsonObject[] =>
  isObject(bundle) && Array.isArray(bundle.entry) ? bundle.entry.filter(isObject) : [];

function bundleOf(file: Uint8Array): JsonObject {
  const content = parseJson(gunzipSync(file).toString('utf8'));
  if (!isObject(content)) throw new Error('a file of Synthea is no resource');
  return content;
}
