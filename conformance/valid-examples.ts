// Published examples against our validator: a resource that its publisher shows as right is not refused. Those of R4 and of the
// International Patient Summary against what every Tsumugi has; those of Japanese guides against the definitions they came with.
// `node conformance/valid-examples-report.ts [group …]` tells what is found in each.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Definitions, definitionsOf, layered } from '../server/definitions/definitions.ts';
import { shippedDefinitions } from '../server/definitions/shipped.ts';
import { isObject, type JsonObject, parseJson } from '../server/fhir/json.ts';
import { createTerminology } from '../server/terminology/create-terminology.ts';
import type { Finding } from '../server/validation/finding.ts';
import { errorsOf, judged } from '../server/validation/strictness.ts';
import { createValidator } from '../server/validation/validator.ts';
import { filesInArchive } from './archive.ts';
import type { SuiteResult } from './suite.ts';

export type ExampleGroup = {
  name: string;
  /** Where the examples are, below the root of the repository; subfolders count. */
  folder: string;
  /** Folders and packages of definitions that go before ours. */
  definitions: readonly string[];
  /** The share that a write takes, in per cent; none where examples and definitions are of different versions. */
  leastPercent?: number;
};

const jp = '../shared/data/jp-core';
const jpCore = [`${jp}/jp-core-1.2.0`, `${jp}/terminology-external`];
export const exampleGroups: readonly ExampleGroup[] = [
  { name: 'R4', folder: 'node_modules/hl7.fhir.r4.examples', definitions: [], leastPercent: 99.5 },
  { name: 'IPS 2.0', folder: 'node_modules/hl7.fhir.uv.ips/example', definitions: [], leastPercent: 100 },
  { name: 'JP Core 1.2.0', folder: `${jp}/examples/jp-core-1.2.0`, definitions: jpCore, leastPercent: 95 },
  {
    name: 'JP-CLINS 1.5.2',
    folder: `${jp}/examples/jp-clins`,
    definitions: [`${jp}/packages/jp-clins.r4-1.5.2-snap.tgz`],
  },
  { name: 'eReferral', folder: `${jp}/examples/ereferral`, definitions: [`${jp}/packages/jp-clins.r4-1.5.2-snap.tgz`] },
  {
    name: 'eCheckup 1.0.0',
    folder: `${jp}/examples/echeckup`,
    definitions: [`${jp}/packages/jp-eCheckupReport.r4-1.0.0.tgz`],
  },
  {
    name: 'ePrescription 0.1.0',
    folder: `${jp}/examples/eprescription`,
    definitions: [`${jp}/packages/jp-ePrescriptionData-0.1.0-draft.tgz`],
  },
  {
    name: 'JP Core 1.1.2',
    folder: `${jp}/examples/medplum-jp-core`,
    definitions: [`${jp}/packages/jp-core.r4-1.1.2.tgz`],
  },
  { name: 'ours', folder: 'profiles/examples', definitions: [], leastPercent: 100 },
  { name: 'ours on JP Core', folder: 'profiles/examples', definitions: jpCore, leastPercent: 100 },
];

const root = new URL('../', import.meta.url);
const at = (path: string): string => fileURLToPath(new URL(path, root));

export async function run(): Promise<SuiteResult> {
  const result = { name: 'valid-examples', passed: 0, failed: 0, skipped: 0, notes: [] as string[] };
  const missing = new Set(
    exampleGroups
      .flatMap(({ folder, definitions }) => [folder, ...definitions])
      .filter((path) => !existsSync(at(path))),
  );
  if (missing.size > 0) return { ...result, missing: [...missing].join(', ') };
  const faults: Record<string, string> = {};
  for (const group of exampleGroups) {
    const counts = { all: 0, right: 0, taken: 0 };
    for (const { file, found } of examined(group)) {
      const [first, ...more] = errorsOf(found);
      counts.all++;
      if (first === undefined) counts.right++;
      else faults[`${group.name}/${file}`] = `${first.diagnostics}${more.length > 0 ? ` and ${more.length} more` : ''}`;
      if (errorsOf(judged(found)).length === 0) counts.taken++;
    }
    result.passed += counts.right;
    result.notes.push(told(group, counts));
    const least = `${group.name}: at least ${group.leastPercent} %`;
    if (percent(counts.taken, counts.all) < (group.leastPercent ?? 0)) faults[least] = `${counts.taken} are taken`;
  }
  const failures = Object.keys(faults);
  return { ...result, failed: failures.length, failures, faults };
}

const percent = (part: number, whole: number): number => (100 * part) / whole;

function told(
  { name, leastPercent }: ExampleGroup,
  { all, right, taken }: Record<'all' | 'right' | 'taken', number>,
): string {
  const goal = leastPercent === undefined ? '' : `, at least ${leastPercent} %`;
  return `${name}: ${right} of ${all} without an error; a write takes ${taken} (${percent(taken, all).toFixed(2)} %${goal})`;
}

/** Every example of a group with what we find in it, one after the other. */
export function* examined(group: ExampleGroup): Generator<{ file: string; found: Finding[] }> {
  const first = definitionsOf(group.definitions.flatMap(definitionsIn));
  const definitions: Definitions = layered(first, shippedDefinitions());
  const validate = createValidator({ definitions, terminology: createTerminology(definitions) });
  for (const file of jsonFiles(at(group.folder))) {
    const resource = parseJson(readFileSync(`${at(group.folder)}/${file}`, 'utf8'));
    yield { file, found: validate(resource) };
  }
}

function definitionsIn(path: string): JsonObject[] {
  const texts = path.endsWith('.tgz')
    ? [...filesInArchive(at(path))]
        .filter(([name]) => /^package\/[^/]*\.json$/.test(name))
        .map(([, bytes]) => bytes.toString())
    : jsonFiles(at(path)).map((file) => readFileSync(`${at(path)}/${file}`, 'utf8'));
  return texts
    .map((text) => parseJson(text.replace(/^\uFEFF/, '')))
    .filter((one): one is JsonObject => isObject(one) && typeof one.url === 'string');
}

/** Resources are named for their type; what else is in a package begins small or with a dot. */
function jsonFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json') && !/(^|\/)(package|\.index)[^/]*\.json$/.test(file))
    .sort();
}
