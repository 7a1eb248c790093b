// One bit in one byte of an archive, changed: a thousand times, each on its own and each found, with the name of a file or of the
// archive itself. Half of the places lie anywhere, half in the seals and the directory at the end, where a byte does least.
// `-- archive-flips --runs 14000` for more of them, `--seed` for others.

import { ArchiveFault, wholeArchive } from '../server/record/archive-fault.ts';
import { sourceOf } from '../server/record/byte-source.ts';
import { certificatesOf, type LoadSecret } from '../server/record/certificates.ts';
import { newPrivateJwk, signingKey } from '../server/record/keys.ts';
import { manifestPath } from '../server/record/manifest.ts';
import { proofFiles, type Sealer, seal } from '../server/record/seal.ts';
import { verifyArchive } from '../server/record/verify-archive.ts';
import { archiveBytes } from '../server/record/write-archive.ts';
import { readEntries } from '../server/record/zip-reader.ts';
import { type Random, randomFrom } from '../test/support/random.ts';
import type { SuiteOptions, SuiteResult } from './suite.ts';

const usualRuns = 1_000;
const usualSeed = 20_261_123;

export async function run({ runs = usualRuns, seed = usualSeed }: SuiteOptions): Promise<SuiteResult> {
  const random = randomFrom(seed);
  const archive = await inventedArchive(random);
  await verifyArchive(sourceOf(archive));
  const entries = await readEntries(sourceOf(archive));
  const names = new Set([wholeArchive, ...entries.map(({ path }) => path)]);
  const sealsAt = entries.find(({ path }) => path === manifestPath)?.dataOffset ?? 0;
  const faults: Record<string, string> = {};
  for (let n = 0; n < runs; n++) {
    const from = n % 2 === 0 ? 0 : sealsAt;
    const at = from + random.below(archive.length - from);
    const bit = random.below(8);
    const fault = await faultOf(archive, at, bit, names);
    if (fault !== undefined) faults[`byte ${at} bit ${bit}`] = fault;
  }
  const failures = Object.keys(faults);
  const notes = [
    `${runs} bits of an archive of ${archive.length} bytes with ${entries.length} files changed one at a time, ${runs - failures.length} found`,
  ];
  return {
    name: 'archive-flips',
    passed: runs - failures.length,
    failed: failures.length,
    skipped: 0,
    notes,
    failures,
    faults,
  };
}

/** What is wrong with the verdict on an archive in which that bit is another; undefined when it is right. */
async function faultOf(
  archive: Buffer,
  at: number,
  bit: number,
  names: ReadonlySet<string>,
): Promise<string | undefined> {
  const changed = Buffer.from(archive);
  changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at);
  try {
    await verifyArchive(sourceOf(changed));
    return 'taken for valid';
  } catch (error) {
    if (!(error instanceof ArchiveFault)) return `no verdict but ${String(error)}`;
    return names.has(error.file) || at >= directoryAt(archive) ? undefined : `names ${error.file}`;
  }
}

/** Where the directory begins: a name that is changed there is the name that is told. */
const directoryAt = (archive: Buffer): number => archive.readUInt32LE(archive.length - 6);

/** As the server writes it, of texts that compress well and badly. */
async function inventedArchive(random: Random): Promise<Buffer> {
  const kept = new Map<string, unknown>();
  const load: LoadSecret = async <T extends object>(name: string, make: () => Promise<T> | T) => {
    if (!kept.has(name)) kept.set(name, await make());
    return kept.get(name) as T;
  };
  const createdMs = Date.parse('2026-11-23T00:00:00Z');
  const certificates = await certificatesOf(load)(createdMs);
  const sealer: Sealer = { signing: await signingKey(await newPrivateJwk()), certificates, nowMs: () => createdMs };
  const described = {
    ...{ patient: 'Patient/1', issuer: 'https://tsumugi.example/fhir', created: '2026-11-23T00:00:00.000Z' },
    ...{ software: { name: 'Tsumugi', version: 'suite' }, language: 'ja', complete: true },
    resources: { Observation: lines, Patient: 1 },
  };
  const patient = JSON.stringify({ resourceType: 'Patient', id: '1', name: [{ text: '試験 花子' }] });
  const observations = Array.from({ length: lines }, (_, n) =>
    JSON.stringify({
      resourceType: 'Observation',
      id: `${n}`,
      valueQuantity: { value: random.below(1_000_000) / 1_000, unit: 'kg' },
    }),
  );
  const photo = Array.from({ length: 4_000 }, () => random.below(2 ** 31).toString(36)).join('');
  const bytes = archiveBytes({
    files: [
      { path: 'README.txt', content: ['これは試験です。\n'] },
      { path: 'fhir/Patient.ndjson', content: [`${patient}\n`] },
      { path: 'fhir/Observation.ndjson', content: observations.map((line) => `${line}\n`) },
      { path: 'csv/empty.csv', content: [''] },
      { path: 'attachments/1.txt', content: [photo] },
      ...(await proofFiles(sealer)),
    ],
    seal: (listed) => seal(sealer, described, listed),
    createdMs,
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const lines = 800;
