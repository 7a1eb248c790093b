// Our parsers against messages and files that others wrote: SS-MIX2 storages, JAHIS notebooks, HL7 v2 immunization messages.
// A file passes when it becomes valid FHIR R4, or when it is refused for a reason that can be shown; never by a crash.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Encoding from 'encoding-japanese';
import { mapHl7 } from '../mappings/hl7v2/map.ts';
import { mapJahis } from '../mappings/jahis/map.ts';
import { type MappedRecord, UnreadableInput } from '../mappings/record.ts';
import { parseJson } from '../server/fhir/json.ts';
import { refusalsOf } from '../test/support/valid.ts';
import { documentCoverage, documentSamples, mutatedDocuments } from './connectors-documents.ts';
import type { SuiteOptions, SuiteResult } from './suite.ts';

type Sample = {
  name: string;
  bytes: Uint8Array;
  map: (bytes: Uint8Array) => MappedRecord;
  mustMap: boolean;
  mustRefuse: boolean;
};

const FOLDERS = ['ssmix2', 'jahis', 'vxu'];

/** Files are counted; missing data is said, not passed over. */
export async function run({ runs = 2_000, seed = 7 }: SuiteOptions): Promise<SuiteResult> {
  const result: SuiteResult & { failures: string[] } = {
    name: 'connectors',
    passed: 0,
    failed: 0,
    skipped: 0,
    notes: [],
    failures: [],
  };
  const missing = FOLDERS.filter((folder) => !existsSync(dataFolder(folder)));
  if (missing.length > 0) return { ...result, missing: missing.map((folder) => `../shared/data/${folder}`).join(', ') };
  let mapped = 0;
  let refused = 0;
  for (const sample of [...ssmix2(), ...jahis(), ...vxu(), ...documentSamples()]) {
    const verdict = judge(sample);
    if (verdict === 'mapped') mapped++;
    else if (verdict === 'refused') refused++;
    else {
      result.failures.push(sample.name);
      result.notes.push(`${sample.name}: ${verdict}`);
    }
    result[verdict === 'mapped' || verdict === 'refused' ? 'passed' : 'failed']++;
  }
  result.notes.push(
    `${mapped} files became FHIR, ${refused} were refused or hold nothing that is mapped, with the reason`,
  );
  addDocuments(result, runs, seed);
  return result;
}

function addDocuments(result: SuiteResult & { failures: string[] }, runs: number, seed: number): void {
  const { notes, unnamed } = documentCoverage();
  const { mapped, refused, faults } = mutatedDocuments(runs, seed);
  result.notes.push(
    ...notes,
    `${mapped + refused} documents with faults: ${mapped} became FHIR, ${refused} were refused`,
  );
  const failed = [...unnamed.map((field) => `field ${field}`), ...faults];
  result.failures.push(...failed);
  result.passed += mapped + refused;
  result.failed += failed.length;
}

function judge({ bytes, map, mustMap, mustRefuse }: Sample): string {
  let record: MappedRecord;
  try {
    record = map(bytes);
  } catch (error) {
    if (!(error instanceof UnreadableInput)) return `crashed: ${String(error)}`;
    return mustMap ? `refused: ${error.message}` : 'refused';
  }
  if (mustRefuse) return 'a deliberately broken file was taken';
  if (record.entries.length === 0) {
    if (mustMap) return `nothing was taken: ${record.problems.join(' ')}`;
    return record.problems.length > 0 ? 'refused' : 'mapped';
  }
  for (const { resource } of record.entries) {
    const fault = refusalsOf(parseJson(JSON.stringify(resource))).find(({ severity }) => severity === 'error');
    if (fault) return `${fault.expression.join()} ${fault.diagnostics}`;
  }
  return 'mapped';
}

// The two files under 0000001 are broken on purpose (stray MSH and PID lines).
function ssmix2(): Sample[] {
  return filesUnder(join(dataFolder('ssmix2'), 'sampleData')).map((path) => {
    const mustRefuse = basename(path).startsWith('0000001_');
    return { name: basename(path), bytes: readFileSync(path), map: mapMessage, mustMap: !mustRefuse, mustRefuse };
  });
}

// The .txt are in UTF-8 with LF: re-encoded as a terminal would send them. One fixture is the first of two parts, one holds
// nothing but an ingredient without its drug, one has no header. Of the prescriptions (JAHIS10) most have no drug, or one
// whose fields are out of place, on purpose: three are as the format asks.
function jahis(): Sample[] {
  const files = filesUnder(dataFolder('jahis')).filter(
    (path) => /\.(txt|csv)$/.test(path) && !path.includes('LICENSE'),
  );
  return files.map((path) => {
    const bytes = path.endsWith('.txt') ? windows31j(readFileSync(path, 'utf8')) : readFileSync(path);
    const isNotebook = Buffer.from(bytes.subarray(0, 7)).toString('latin1') === 'JAHISTC';
    const map = (file: Uint8Array) => mapJahis(file, { reference: 'Patient/sample' });
    const isPart = /supported-records-full|missing-otc-sequence-parent/.test(path);
    const isSound = /\/sample\.txt|spec-fields|spec-full/.test(path);
    const mustMap = isNotebook ? !isPart : isSound;
    return { name: basename(path), bytes, map, mustMap, mustRefuse: path.includes('invalid-header') };
  });
}

function vxu(): Sample[] {
  return filesUnder(dataFolder('vxu'))
    .filter((path) => path.endsWith('.hl7'))
    .map((path) => {
      const bytes = readFileSync(path);
      // With a dose that is one: CVX 998 is "no vaccine administered".
      const mustMap = /VXU|RSP/.test(path) && /\rRXA\|(?:[^|]*\|){4}(?!998)/.test(bytes.toString('latin1'));
      return { name: basename(path), bytes, map: mapMessage, mustMap, mustRefuse: false };
    });
}

const mapMessage = (bytes: Uint8Array): MappedRecord => mapHl7(bytes, { institution: '1310000001' });

function windows31j(text: string): Uint8Array {
  const lines = text.replace(/\r?\n/g, '\r\n');
  return Uint8Array.from(Encoding.convert(Encoding.stringToCode(lines), { to: 'SJIS', from: 'UNICODE' }));
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function dataFolder(name: string): string {
  return fileURLToPath(new URL(`../../shared/data/${name}`, import.meta.url));
}
