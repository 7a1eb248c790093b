// The archive of a whole childhood, as a family's app asks for it: 5,000 resources of 18 years and 50 photos of 3 MB. How long it takes from
// the call until it can be fetched, and how much the server's memory grows on the way.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { call } from './api.ts';
import { connectionOf, tokenOf, withPool } from './database.ts';
import { startServer, stopProcess } from './processes.ts';
import { residentMb } from './usage.ts';

export const archiveName = 'archive';

const asked = { seconds: 15, growthMb: 300 };
const size = { resources: 4_950, together: 450, photos: 50, photoBytes: 3_000_000 };
const sampleEveryMs = 50;

/** Prints a line for each figure and returns them for the JSON object that ends a run. Throws when no archive is made. */
export async function measureArchive(folder: string): Promise<Record<string, unknown>> {
  const dataDir = join(folder, archiveName);
  mkdirSync(dataDir, { recursive: true });
  const server = await startServer(dataDir, undefined);
  try {
    const token = await withPool(await connectionOf(dataDir, undefined), tokenOf);
    const api = { port: server.port, token };
    const patient = await grownChild(api);
    // What seeding has left behind is no growth of the archive's.
    await sleep(3_000);
    const beforeMb = residentMb(server.pid) ?? 0;
    let peakMb = beforeMb;
    const sampling = setInterval(() => {
      peakMb = Math.max(peakMb, residentMb(server.pid) ?? 0);
    }, sampleEveryMs);
    const startedMs = performance.now();
    const url = await madeArchive(api, patient).finally(() => clearInterval(sampling));
    const seconds = (performance.now() - startedMs) / 1000;
    const mb = (await lengthOf(api, url)) / 1024 / 1024;
    const figures = { seconds, mb, beforeMb, growthMb: peakMb - beforeMb };
    console.log(
      `archive: ${size.resources + size.photos} resources, ${size.photos} photos, ${mb.toFixed(0)} MB in ${seconds.toFixed(1)} s, ` +
        `asked ${asked.seconds}; memory grew by ${figures.growthMb} MB from ${beforeMb}, asked ${asked.growthMb}`,
    );
    return { [archiveName]: figures };
  } finally {
    await stopProcess(server.child);
  }
}

type Api = { port: number; token: string };

/** The id of a Patient with all that. */
async function grownChild(api: Api): Promise<string> {
  const post = async (path: string, body: object) =>
    JSON.parse(await call(api, { method: 'POST', path, body: JSON.stringify(body) })) as { id: string };
  const name = [{ family: '試験', given: ['育'] }];
  const { id } = await post('/fhir/Patient', {
    resourceType: 'Patient',
    name,
    birthDate: '2008-04-01',
    gender: 'female',
  });
  const subject = { reference: `Patient/${id}` };
  for (let from = 0; from < size.resources; from += size.together) {
    const entry = Array.from({ length: Math.min(size.together, size.resources - from) }, (_, n) => ({
      resource: measured(subject, from + n),
      request: { method: 'POST', url: 'Observation' },
    }));
    await post('/fhir', { resourceType: 'Bundle', type: 'transaction', entry });
  }
  for (let n = 0; n < size.photos; n++) {
    // No two alike, and nothing that can be pressed, as photos are.
    const data = Buffer.alloc(size.photoBytes);
    for (let at = 0, state = n + 1; at < data.length; at += 4) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      data.writeUInt32LE((state ^ (state >>> 15)) >>> 0, at);
    }
    const content = [{ attachment: { contentType: 'image/jpeg', data: data.toString('base64') } }];
    await post('/fhir/DocumentReference', { resourceType: 'DocumentReference', status: 'current', subject, content });
  }
  return id;
}

const measured = (subject: object, n: number): object => ({
  resourceType: 'Observation',
  status: 'final',
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
  ],
  code: { coding: [{ system: 'http://loinc.org', code: '29463-7', display: 'Body weight' }], text: '体重' },
  subject,
  effectiveDateTime: new Date(Date.UTC(2008, 3, 1) + n * 1.3 * 86_400_000).toISOString(),
  valueQuantity: { value: 3 + (n % 500) / 10, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
});

/** Asks, polls until it is made, and gives its address. */
async function madeArchive(api: Api, patient: string): Promise<string> {
  const headers = { authorization: `Bearer ${api.token}` };
  const base = `http://127.0.0.1:${api.port}/fhir`;
  const started = await fetch(`${base}/Patient/${patient}/$archive`, { method: 'POST', headers });
  const status = String(started.headers.get('content-location'));
  for (;;) {
    const answer = await fetch(status, { headers });
    const text = await answer.text();
    if (answer.status === 200) return (JSON.parse(text) as { output: { url: string }[] }).output[0]?.url ?? '';
    if (answer.status !== 202) throw new Error(`no archive was made: ${answer.status} ${text.slice(0, 500)}`);
    await sleep(100);
  }
}

/** Fetches it to its end. */
async function lengthOf({ token }: Api, url: string): Promise<number> {
  let bytes = 0;
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  for await (const chunk of answer.body ?? []) bytes += chunk.length;
  return bytes;
}
