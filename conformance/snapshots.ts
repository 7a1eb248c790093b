// The snapshots we make from differentials against those that are published with the profiles: HL7's in FHIR R4, the extensions
// pack, HL7 Terminology and IPS, and those of JP Core, JP-CLINS and eCheckup. An element passes that is the same in all that
// validation reads: occurrence, types with their profiles, values, binding, constraints, slicing. Data: ../shared/data.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Definitions, definitionsOf, layered, urlOf } from '../server/definitions/definitions.ts';
import type { ElementDefinition } from '../server/definitions/element-definition.ts';
import { elementsOf } from '../server/definitions/element-tree.ts';
import { shippedDefinitions } from '../server/definitions/shipped.ts';
import { snapshotOf } from '../server/definitions/snapshot.ts';
import { isObject, type JsonObject } from '../server/fhir/json.ts';
import { filesInArchive } from './archive.ts';
import type { SuiteResult } from './suite.ts';

const CORE = 'fhir-r4-core/hl7.fhir.r4.core-4.0.1.tgz';
const JP_CORE = 'jp-core/jp-core-1.2.0';
/** JP-CLINS and eCheckup were made upon JP Core 1.1.2. */
const UPON_JP_CORE = ['jp-core.r4-1.1.2', 'jp-clins.r4-1.5.2-snap', 'jp-eCheckupReport.r4-1.0.0'];
const archiveOf = (name: string): string => `jp-core/packages/${name}.tgz`;
const PACKAGES = ['hl7.fhir.uv.extensions.r4', 'hl7.terminology.r4', 'hl7.fhir.uv.ips'];

export async function run(): Promise<SuiteResult> {
  const result = { name: 'snapshots', passed: 0, failed: 0, skipped: 0, notes: [] as string[] };
  const missing = [CORE, JP_CORE, ...UPON_JP_CORE.map(archiveOf)].filter((name) => !existsSync(sharedFile(name)));
  if (missing.length > 0) return { ...result, missing: missing.map((name) => `../shared/data/${name}`).join(', ') };
  const faults: Record<string, string> = {};
  for (const [name, published, definitions] of sources()) {
    let same = 0;
    let all = 0;
    for (const one of published) {
      const theirs = elementsOf(one.snapshot, '');
      if (one.derivation !== 'constraint' || theirs.length === 0 || elementsOf(one.differential, '').length === 0)
        continue;
      const differences = differencesOf(one, theirs, definitions);
      all += theirs.length;
      same += theirs.filter(({ id }) => !differences.some((difference) => difference.id === id)).length;
      for (const { id, told } of differences) faults[`${name} ${one.id} ${id}`] = told;
    }
    result.passed += same;
    result.notes.push(`${name}: ${same} of ${all} elements as published`);
  }
  const failures = Object.keys(faults).sort();
  return { ...result, failed: failures.length, failures, faults };
}

/** Name, the definitions as published, and all they may refer to, without their own snapshots. */
function* sources(): Generator<[string, JsonObject[], Definitions]> {
  const shipped = shippedDefinitions();
  yield ['hl7.fhir.r4.core', structures([...filesInArchive(sharedFile(CORE)).entries()]), shipped];
  for (const name of PACKAGES) {
    const published = structures(filesIn(fileURLToPath(new URL(`../node_modules/${name}/`, import.meta.url))));
    yield [name, published, layered(definitionsOf(published.map(bare)), shipped)];
  }
  const jpCore = structures(filesIn(`${sharedFile(JP_CORE)}/`));
  yield ['jp-core-1.2.0', jpCore, layered(definitionsOf(jpCore.map(bare)), shipped)];
  const older = UPON_JP_CORE.map((name) => structures([...filesInArchive(sharedFile(archiveOf(name))).entries()]));
  const together = layered(definitionsOf(older.flat().map(bare)), shipped);
  for (const [n, published] of older.entries()) yield [UPON_JP_CORE[n] ?? '', published, together];
}

function structures(files: [string, Buffer][]): JsonObject[] {
  return files
    .filter(([path]) => /(?:^|\/)StructureDefinition-[^/]*\.json$/.test(path))
    .map(([, bytes]) => JSON.parse(bytes.toString('utf8')) as JsonObject)
    .filter(isObject);
}

const filesIn = (folder: string): [string, Buffer][] =>
  readdirSync(folder)
    .filter((file) => file.startsWith('StructureDefinition-'))
    .map((file) => [file, readFileSync(folder + file)]);

/** A profile without its snapshot; types keep theirs. */
function bare(definition: JsonObject): JsonObject {
  const { snapshot, ...others } = definition;
  return definition.derivation === 'constraint' ? others : definition;
}

function differencesOf(one: JsonObject, theirs: readonly ElementDefinition[], definitions: Definitions) {
  let ours: readonly ElementDefinition[];
  try {
    ours = snapshotOf(bare(one), definitions);
  } catch (error) {
    return theirs.map(({ id }) => ({ id, told: String(error) }));
  }
  const byId = new Map(withImpliedMin(ours).map((element) => [element.id, element]));
  const published = new Set(theirs.map(({ id }) => id));
  const added = ours.filter(({ id }) => !published.has(id)).map(({ id }) => ({ id, told: 'is not published' }));
  const different = withImpliedMin(theirs).flatMap((element) => {
    const told = differenceOf(byId.get(element.id), element);
    return told === undefined ? [] : [{ id: element.id, told }];
  });
  return [...different, ...added];
}

/** Some publishers write into a sliced element how many items its slices ask for, others leave that to be understood. */
function withImpliedMin(elements: readonly ElementDefinition[]): ElementDefinition[] {
  const asked = new Map<string, number>();
  for (const { id, sliceName, min = 0 } of elements) {
    if (sliceName === undefined || sliceName.includes('/')) continue;
    const sliced = id.slice(0, -sliceName.length - 1);
    asked.set(sliced, (asked.get(sliced) ?? 0) + min);
  }
  return elements.map((element) => ({ ...element, min: Math.max(element.min ?? 0, asked.get(element.id) ?? 0) }));
}

function differenceOf(ours: ElementDefinition | undefined, theirs: ElementDefinition): string | undefined {
  if (!ours) return 'is missing';
  const [a, b] = [read(ours), read(theirs)];
  const name = [...Object.keys(b), ...Object.keys(a)].find((one) => a[one] !== b[one]);
  return name === undefined ? undefined : `${name}: ${a[name]}, published as ${b[name]}`;
}

/** What validation reads of an element, as text to be compared. */
function read(element: ElementDefinition): Record<string, string | undefined> {
  const { path, min, max, type, binding, constraint, slicing, contentReference, sliceName } = element;
  const stated = Object.entries(element).filter(([name]) => /^(?:fixed|pattern|minValue|maxValue)[A-Z]/.test(name));
  return {
    path,
    sliceName,
    min: String(min),
    max,
    contentReference: contentReference?.replace(/^.*#/, '#'),
    types: sorted(type?.map(({ code, profile, targetProfile }) => `${code} ${urls(profile)} ${urls(targetProfile)}`)),
    stated: sorted(stated.map(([name, value]) => `${name} ${JSON.stringify(value)}`)),
    binding: binding && `${binding.strength} ${binding.valueSet && urlOf(binding.valueSet)}`,
    constraint: sorted(constraint?.map(({ key }) => key)),
    slicing:
      slicing &&
      `${slicing.rules} ${sorted(slicing.discriminator?.map((one) => `${one.type}:${one.path}`))} ${slicing.ordered ?? false}`,
  };
}

/** Without the versions that some publishers pin. */
const urls = (canonicals: readonly string[] = []): string => sorted(canonicals.map(urlOf));

const sorted = (texts: readonly string[] = []): string => texts.toSorted().join(' ');

function sharedFile(name: string): string {
  return fileURLToPath(new URL(`../../shared/data/${name}`, import.meta.url));
}
