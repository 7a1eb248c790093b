// The first import of a hospital's storage, as the command line does it, into a server of its own: of patients whom nobody has
// linked (every file is kept with its original), and of linked ones (every file is mapped and written).
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Pool } from '../../server/store/pool.ts';
import { connectionOf, tokenOf, withPool } from './database.ts';
import { benchInstitution, patientNumber, patientSystem, writeInventedStorage } from './invented-storage.ts';
import { startServer, stopProcess } from './processes.ts';
import { residentMb } from './usage.ts';

export const storageName = 'ssmix2';

const asked = { filesPerSecond: 1500, resourcesPerSecond: 2000, peakMb: 400 };
const size = { unlinked: 300, linked: 100 };
const cli = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));

type Imported = { files: number; mb: number; seconds: number; peakMb: number; last: string };

/** Prints a line for each figure and returns them for the JSON object that ends a run. Throws when an import does not end well. */
export async function measureStorage(folder: string): Promise<Record<string, unknown>> {
  const dataDir = join(folder, storageName);
  mkdirSync(dataDir, { recursive: true });
  const server = await startServer(dataDir, undefined);
  try {
    const connection = await connectionOf(dataDir, undefined);
    const token = await withPool(connection, tokenOf);
    const run = (name: string, patients: number, first: number) =>
      importInvented({ root: join(dataDir, name), patients, first, server: `http://127.0.0.1:${server.port}`, token });
    const kept = await run('unlinked', size.unlinked, 0);
    await withPool(connection, (pool) => linkPatients(pool, server.port, token, size.unlinked, size.linked));
    const before = await storedResources(server.port, token);
    const written = await run('linked', size.linked, size.unlinked);
    const resources = (await storedResources(server.port, token)) - before;
    const figures = {
      filesPerSecond: Math.round(kept.files / kept.seconds),
      linkedFilesPerSecond: Math.round(written.files / written.seconds),
      resourcesPerSecond: Math.round(resources / written.seconds),
      resources,
      peakMb: Math.max(kept.peakMb, written.peakMb),
      serverPeakMb: residentMb(server.pid, 'peak'),
    };
    console.log(`ssmix2, kept: ${said(kept)}: ${figures.filesPerSecond} files/s, asked ${asked.filesPerSecond}`);
    console.log(
      `ssmix2, written: ${said(written)}, ${resources} resources: ${figures.resourcesPerSecond} resources/s, ` +
        `asked ${asked.resourcesPerSecond}`,
    );
    console.log(
      `ssmix2, memory of the import: ${figures.peakMb} MB, asked ${asked.peakMb}; of the server: ${figures.serverPeakMb} MB`,
    );
    return { [storageName]: figures };
  } finally {
    await stopProcess(server.child);
  }
}

const said = ({ files, mb, seconds, last }: Imported): string =>
  `${files} files, ${mb.toFixed(1)} MB in ${seconds.toFixed(1)} s (${last})`;

async function importInvented(asked: {
  root: string;
  patients: number;
  first: number;
  server: string;
  token: string;
}): Promise<Imported> {
  const { files, bytes } = writeInventedStorage(asked.root, asked);
  const args = ['import', asked.root, '--format', storageName, '--institution', benchInstitution];
  const target = ['--server', asked.server, '--token', asked.token, '--ledger', `${asked.root}.sqlite`];
  const startedMs = performance.now();
  const child = spawn(process.execPath, [cli, ...args, ...target], { stdio: ['ignore', 'pipe', 'inherit'] });
  const { output, peakMb } = await ended(child);
  const seconds = (performance.now() - startedMs) / 1000;
  const last = output.trim().split('\n').at(-1) ?? '';
  if (child.exitCode !== 0) throw new Error(`the import ended with ${child.exitCode}: ${last}`);
  return { files, mb: bytes / 1024 / 1024, seconds, peakMb, last };
}

async function ended(child: ChildProcess): Promise<{ output: string; peakMb: number }> {
  let output = '';
  let peakMb = 0;
  const timer = setInterval(() => {
    peakMb = Math.max(peakMb, (child.exitCode === null && residentMb(child.pid ?? 0, 'peak')) || 0);
  }, 200);
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await new Promise((resolve) => child.once('close', resolve));
  clearInterval(timer);
  return { output, peakMb };
}

/** Patients of the server with a link each, as families make them. */
async function linkPatients(pool: Pool, port: number, token: string, first: number, count: number): Promise<void> {
  const numbers = Array.from({ length: count }, (_, index) => patientNumber(first + index));
  const entry = numbers.map((value) => ({
    resource: { resourceType: 'Patient', name: [{ text: `試験 ${value}` }], birthDate: '2020-01-01' },
    request: { method: 'POST', url: 'Patient' },
  }));
  const answer = await fhir(port, token, '', { resourceType: 'Bundle', type: 'batch', entry });
  const ids = (answer.entry ?? []).map(({ response }) => /Patient\/([^/]+)/.exec(response?.location ?? '')?.[1]);
  const organization = await fhir(port, token, 'Organization', { resourceType: 'Organization', name: '見本病院' });
  await pool.query(
    `insert into link (source, number, patient, organization, since)
select $1, number, patient, $2, now() from unnest($3::text[], $4::text[]) as given (number, patient)`,
    [patientSystem, organization.id, numbers, ids],
  );
}

const types = ['AllergyIntolerance', 'Condition', 'Coverage', 'DiagnosticReport', 'Encounter', 'Immunization'];
const more = [
  'MedicationAdministration',
  'MedicationRequest',
  'Observation',
  'Procedure',
  'ServiceRequest',
  'Specimen',
];

async function storedResources(port: number, token: string): Promise<number> {
  let sum = 0;
  for (const type of [...types, ...more]) sum += (await fhir(port, token, `${type}?_summary=count`)).total ?? 0;
  return sum;
}

type Answer = { id?: string; total?: number; entry?: { response?: { location?: string } }[] };

async function fhir(port: number, token: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${port}/fhir/${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path || 'the batch'} was answered ${response.status}`);
  return (await response.json()) as Answer;
}
