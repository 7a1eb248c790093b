// The part of the suite `connectors` that is about documents: C-CDA, JP-CLINS, eReferral, eCheckup, ePrescription and IPS, each mapped,
// each field of them in the table of its format; and documents with small faults.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { ccdaFields } from '../mappings/ccda/fields.ts';
import { mapCcda } from '../mappings/ccda/map.ts';
import { fhirDocumentFields } from '../mappings/fhir-document/fields.ts';
import { mapFhirBundle } from '../mappings/fhir-document/map.ts';
import { type MappedRecord, UnreadableInput } from '../mappings/record.ts';
import { isObject, parseJson } from '../server/fhir/json.ts';
import { everySection, ccda as inventedCcda } from '../test/support/samples/ccda.ts';
import { refusalsOf } from '../test/support/valid.ts';
import { ccdaFieldsOf, fhirFieldsOf, unnamedFields } from './document-fields.ts';
import { mutations } from './mutated-documents.ts';

export type DocumentSample = {
  name: string;
  bytes: Uint8Array;
  map: (bytes: Uint8Array) => MappedRecord;
  mustMap: boolean;
  mustRefuse: boolean;
};

/** Every document of the shared data and of the IPS package; empty without them. */
export function documentSamples(): DocumentSample[] {
  return [...ccda(), ...fhir()];
}

// Has what the others have not: ranges, ratios, medications, allergies.
const invented = (): Pick<DocumentSample, 'bytes'>[] =>
  Array.from({ length: 10 }, () => ({ bytes: inventedCcda(everySection) }));

/** What the coverage report says, and the fields of samples that no table names: none when all is well. */
export function documentCoverage(): { notes: string[]; unnamed: string[] } {
  const ccdaSeen = ccda().flatMap(({ bytes }) => ccdaFieldsOf(bytes));
  const fhirSeen = fhir().flatMap(({ bytes }) => fhirFieldsOf(bundleOf(bytes)));
  const said = (name: string, seen: readonly string[]) =>
    `${name}: ${new Set(seen).size} fields with a value in the samples, each in the table of its format`;
  return {
    notes: [said('C-CDA', ccdaSeen), said('FHIR documents', fhirSeen)],
    unnamed: [...unnamedFields(ccdaFields, ccdaSeen), ...unnamedFields(fhirDocumentFields, fhirSeen)],
  };
}

export type Mutated = { mapped: number; refused: number; faults: string[] };

/** What becomes of `runs` documents with faults. A FHIR document with faults may stay one: the server refuses it then. */
export function mutatedDocuments(runs: number, seed: number): Mutated {
  const result: Mutated = { mapped: 0, refused: 0, faults: [] };
  for (const { name, samples, map, isJudged } of [
    { name: 'ccda', samples: [...ccda(), ...invented()], map: mapCcda, isJudged: true },
    { name: 'fhir', samples: fhir(), map: mapFhirBundle, isJudged: false },
  ]) {
    if (samples.length === 0) continue;
    const made = mutations(
      samples.map(({ bytes }) => Buffer.from(bytes).toString('utf8')),
      seed,
    );
    for (let n = 0; n < runs / 2; n++) {
      const fault = faultOf(made.next(), map, isJudged);
      if (fault === 'refused') result.refused += 1;
      else if (fault === 'mapped') result.mapped += 1;
      else result.faults.push(`${name} ${seed} ${n}: ${fault}`);
    }
  }
  return result;
}

function faultOf(
  bytes: Uint8Array,
  map: (bytes: Uint8Array, options: { patient: { reference: string } }) => MappedRecord,
  isJudged: boolean,
): string {
  let record: MappedRecord;
  try {
    record = map(bytes, { patient: { reference: 'Patient/sample' } });
  } catch (error) {
    return error instanceof UnreadableInput ? 'refused' : `crashed: ${String(error)}`;
  }
  for (const { resource } of isJudged ? record.entries : []) {
    const [fault] = refusalsOf(parseJson(JSON.stringify(resource)));
    if (fault) return `${fault.expression.join()} ${fault.diagnostics}`;
  }
  return 'mapped';
}

// Of the sections alone, two say nothing that can be a dose: what was given, or whether it was.
function ccda(): DocumentSample[] {
  return filesIn(dataFolder('ccda'), /\.xml(\.gz)?$/).map((path) => {
    const file = readFileSync(path);
    const isWhole = path.endsWith('.gz');
    const map = (bytes: Uint8Array) => mapCcda(bytes, isWhole ? {} : { patient: { reference: 'Patient/sample' } });
    return { name: basename(path), bytes: isWhole ? gunzipSync(file) : file, map, mustMap: true, mustRefuse: false };
  });
}

function fhir(): DocumentSample[] {
  const ips = fileURLToPath(new URL('../node_modules/hl7.fhir.uv.ips/example', import.meta.url));
  const files = [
    ...filesIn(join(dataFolder('jp-core'), 'examples'), /\.json$/),
    ...filesIn(ips, /\/Bundle-[^/]*\.json$/),
  ];
  return files.flatMap((path) => {
    const bytes = readFileSync(path);
    const { resourceType, type } = bundleOf(bytes);
    if (resourceType !== 'Bundle' || type === 'transaction') return [];
    return [{ name: basename(path), bytes, map: (sent) => mapFhirBundle(sent), mustMap: true, mustRefuse: false }];
  });
}

function bundleOf(bytes: Uint8Array) {
  const content = parseJson(Buffer.from(bytes).toString('utf8'));
  return isObject(content) ? content : {};
}

function filesIn(folder: string, wanted: RegExp): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => wanted.test(path))
    .sort();
}

function dataFolder(name: string): string {
  return fileURLToPath(new URL(`../../shared/data/${name}`, import.meta.url));
}
