// A hundred invented records, each out of one server as a signed archive, verified, into a second, empty server by what `tsumugi import`
// does, and out of that again: both archives must hold the same, to the digits of the numbers, with every version and every delete.
//
// Left out of the comparison, because each server says it of itself: when a version was stored (meta.lastUpdated, and lastModified
// of a version in the history), the request that made it (a create under a chosen id is a PUT), and the server's own access log.
// What is nobody's (organizations, practitioners) comes without its history, so that its versions are counted anew.

import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { systemAccess } from '../server/access/access.ts';
import { createFhir } from '../server/app/fhir.ts';
import { restoreRecord } from '../server/cli/restore-record.ts';
import { isObject, type JsonObject, parseJson } from '../server/fhir/json.ts';
import type { Fhir } from '../server/interaction/request.ts';
import { sourceOf } from '../server/record/byte-source.ts';
import { loadArchiveKeys } from '../server/record/keys.ts';
import { archiveForms, patientArchive } from '../server/record/patient-archive.ts';
import { archivedResources } from '../server/record/read-archive.ts';
import { sealerOf } from '../server/record/seal.ts';
import { verifyArchive } from '../server/record/verify-archive.ts';
import { contentOf, readEntries } from '../server/record/zip-reader.ts';
import { secret } from '../server/store/secrets.ts';
import { familyTransaction } from './bench/families.ts';
import { type LocalServer, startLocalServer } from './local-server.ts';
import { inventedFamilies, type ToldChild } from './reconciliation/families.ts';
import type { SuiteResult } from './suite.ts';

const records = 100;
const seed = 20_261_123;

export async function run(): Promise<SuiteResult> {
  const result = { name: 'archive-round-trip', passed: 0, failed: 0, skipped: 0, notes: [] as string[] };
  const faults: Record<string, string> = {};
  const ends: (() => Promise<unknown>)[] = [];
  let versions = 0;
  try {
    const servers = [];
    for (let n = 0; n < 2; n++) {
      const server = await startLocalServer();
      ends.push(() => server.close());
      servers.push(server);
    }
    const [from, to] = servers as [LocalServer, LocalServer];
    await to.app.listen({ port: 0, host: '127.0.0.1' });
    const fhirBase = `http://127.0.0.1:${(to.app.server.address() as AddressInfo).port}/fhir`;
    for (const [name, bundle] of invented()) {
      const patient = await stored(from, bundle);
      await changed(from, patient);
      const fault = await trip(patient).catch((error: unknown) => String(error));
      if (typeof fault === 'string') faults[name] = fault;
      else result.passed++;
    }

    async function trip(patient: string): Promise<string | undefined> {
      const first = await archiveOf(from, patient);
      await verifyArchive(sourceOf(first));
      const told: string[] = [];
      const resources = archivedResources(sourceOf(first));
      await restoreRecord({ fhirBase, token: to.token }, resources, (one, why) => void told.push(`${one}: ${why}`));
      if (told[0] !== undefined) return `was not stored: ${told[0]}`;
      const [before, after] = [await linesOf(first), await linesOf(await archiveOf(to, patient))];
      versions += before.size;
      for (const [name, text] of before) if (after.get(name) !== text) return `${name} is not as it was`;
      return after.size === before.size ? undefined : `${after.size - before.size} came out that were not in it`;
    }
  } finally {
    for (const end of ends.reverse()) await end();
  }
  const failures = Object.keys(faults);
  result.notes.push(
    `${result.passed} records with ${versions} versions of resources came out of the second server as they had come out of the first`,
  );
  return { ...result, failed: failures.length, failures, faults };
}

/** Records by name, each a transaction Bundle with one Patient: of other programs where they are at hand, of hard cases, of plain ones. */
function* invented(): Generator<[string, string]> {
  const synthea = fileURLToPath(new URL('../../shared/data/synthea/kids', import.meta.url));
  let count = 0;
  for (const file of existsSync(synthea) ? readdirSync(synthea).sort().slice(0, 3) : []) {
    yield [file, gunzipSync(readFileSync(join(synthea, file))).toString()];
    count++;
  }
  for (const child of inventedFamilies(seed, 50)) {
    if (count++ >= records - 20) break;
    yield [child.id, told(child)];
  }
  for (let n = Math.min(count, records - 20); n < records; n++) yield [`child ${n}`, familyTransaction(n, 12, 8)];
}

function told({ id, records }: ToldChild): string {
  const name = [{ text: `試験 ${id} 𠮷` }];
  const patient = {
    fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000000',
    resource: { resourceType: 'Patient', name },
  };
  const doses = records.map(({ resource: { id: _, ...dose } }) => ({
    resource: { ...dose, patient: { reference: patient.fullUrl } },
  }));
  const entry = [patient, ...doses].map((one) => ({
    ...one,
    request: { method: 'POST', url: one.resource.resourceType },
  }));
  return JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry });
}

/** The id of its Patient. */
async function stored(server: LocalServer, bundle: string): Promise<string> {
  const { status, text } = await server.ask({ method: 'POST', path: '', body: bundle });
  const id = /\/Patient\/([^/"]+)\/_history/.exec(text)?.[1];
  if (status !== 200 || id === undefined) throw new Error(`a record was not stored: ${status} ${text.slice(0, 300)}`);
  return id;
}

/** Gives the record a past: an observation that is corrected in its digits, one that is deleted, a photo. */
async function changed(server: LocalServer, patient: string): Promise<void> {
  const about = { status: 'final', code: { text: '体重' }, subject: { reference: `Patient/${patient}` } };
  const weight = JSON.stringify({ resourceType: 'Observation', ...about, valueQuantity: { value: 0, unit: 'kg' } });
  const post = async (path: string, body: string) => {
    const { status, text } = await server.ask({ method: 'POST', path, body });
    if (status !== 201) throw new Error(`${path} was answered ${status}: ${text.slice(0, 300)}`);
    return { text, id: /"id":"([^"]+)"/.exec(text)?.[1] };
  };
  const first = await post('Observation', weight.replace('"value":0', '"value":3.50'));
  const body = first.text.replace('3.50', '3.4500');
  await server.ask({ method: 'PUT', path: `Observation/${first.id}`, body });
  const second = await post('Observation', weight);
  await server.ask({ method: 'DELETE', path: `Observation/${second.id}` });
  const data = randomBytes(20_000).toString('base64');
  const content = [{ attachment: { contentType: 'image/jpeg', data } }];
  const { code: _, ...photo } = { ...about, status: 'current' };
  await post('DocumentReference', JSON.stringify({ resourceType: 'DocumentReference', ...photo, content }));
}

async function archiveOf({ pool }: LocalServer, patient: string): Promise<Buffer> {
  const keys = await loadArchiveKeys((name, make) => secret(pool, name, make));
  const folder = await mkdtemp(join(tmpdir(), 'tsumugi-round-trip-'));
  const include = new Set(archiveForms);
  const of = {
    access: systemAccess('suite'),
    patient,
    language: 'ja',
    include,
    sealer: await sealerOf(keys, Date.now),
    version: 'suite',
  } as const;
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of patientArchive(fhirOf(pool), of, { folder, progress: async () => undefined }))
      chunks.push(chunk);
  } finally {
    await rm(folder, { recursive: true });
  }
  return Buffer.concat(chunks);
}

const fhirOf = (pool: LocalServer['pool']): Fhir =>
  createFhir({ pool, baseUrl: () => 'https://tsumugi.example', cursorKey: new Uint8Array(32) });

/** What is compared: the text of each version, by type, id and number. */
async function linesOf(archive: Buffer): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const source = sourceOf(archive);
  for (const entry of await readEntries(source)) {
    if (!entry.path.startsWith('fhir/') || entry.path === 'fhir/AuditEvent.ndjson') continue;
    const chunks: Buffer[] = [];
    for await (const chunk of contentOf(source, entry)) chunks.push(chunk);
    for (const line of Buffer.concat(chunks).toString().split('\n').slice(0, -1)) {
      const one = parseJson(line);
      if (!isObject(one)) continue;
      const resource = isObject(one.resource) ? one.resource : one;
      const etag = isObject(one.response) ? one.response.etag : '';
      const name = one.resourceType ? `${one.resourceType}/${one.id}` : `${one.fullUrl} ${etag}`;
      found.set(name, one.resourceType || one.resource ? comparable(resource) : 'deleted');
    }
  }
  return found;
}

const withoutHistory = new Set(['Organization', 'Practitioner', 'PractitionerRole', 'Location', 'Medication']);

function comparable(resource: JsonObject): string {
  const { lastUpdated: _, versionId, ...said } = isObject(resource.meta) ? resource.meta : {};
  const version = withoutHistory.has(String(resource.resourceType)) ? {} : { versionId };
  return JSON.stringify({ ...resource, meta: { ...said, ...version } });
}
