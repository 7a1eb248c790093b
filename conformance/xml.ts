// FHIR XML against HL7's own files: every official R4 example has to come back from XML as it was, to the text of its
// numbers, and every good XML file of the reference validator's cases has to be read. Data: ../shared/data.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isObject, type JsonObject, parseJson } from '../server/fhir/json.ts';
import { parseXml } from '../server/fhir/xml-read.ts';
import { xmlOf } from '../server/fhir/xml-write.ts';
import { filesInArchive } from './archive.ts';
import type { SuiteResult } from './suite.ts';

type Count = { passed: number; failures: string[]; notes: string[] };

const CASES = 'fhir-validator-cases/r4-validator-cases.shared.tar.gz';
const MANIFEST = 'fhir-validator-cases/manifest.shared.jsonl';
const TWINS = 'fhir-suites/fhirpath-r4/input';

export async function run(): Promise<SuiteResult> {
  const missing = [CASES, MANIFEST, TWINS].filter((file) => !existsSync(dataFile(file)));
  const nothing = { name: 'xml', passed: 0, failed: 0, skipped: 0, notes: [] };
  if (missing.length > 0) return { ...nothing, missing: missing.map((file) => `../shared/data/${file}`).join(', ') };
  const counts = [officialExamples(), validatorCases(), twins()];
  const failures = counts.flatMap((count) => count.failures);
  return {
    ...nothing,
    passed: counts.reduce((sum, { passed }) => sum + passed, 0),
    failed: failures.length,
    failures,
    notes: counts.flatMap(({ notes }) => notes),
  };
}

function officialExamples(): Count {
  const folder = dirname(createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json'));
  const count: Count = { passed: 0, failures: [], notes: [] };
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    const resource = parseJson(readFileSync(join(folder, file), 'utf8'));
    if (!isObject(resource) || resource.resourceType === undefined) continue;
    if (canonical(parseXml(xmlOf(resource))) === canonical(resource)) count.passed++;
    else count.failures.push(`r4-examples/${file}`);
  }
  count.notes.push(`${count.passed} official examples are the same after JSON, XML and JSON`);
  return count;
}

/** XML files in which the reference validator finds no error, other than CDA; each is read, written and read again. */
function validatorCases(): Count {
  const count: Count = { passed: 0, failures: [], notes: [] };
  const good = new Set(
    manifest().flatMap(({ file, expectBase }) => (expectBase?.errors === 0 ? [`cases/${file}`] : [])),
  );
  for (const [path, bytes] of filesInArchive(dataFile(CASES))) {
    const text = bytes.toString('utf8');
    if (!path.endsWith('.xml') || !good.has(path) || text.includes('<ClinicalDocument')) continue;
    if (isKept(() => parseXml(text))) count.passed++;
    else count.failures.push(path);
  }
  count.notes.push(`${count.passed} XML files of the validator's good cases are read and written`);
  return count;
}

/** Resources that HL7's FHIRPath suite has in both formats. */
function twins(): Count {
  const count: Count = { passed: 0, failures: [], notes: [] };
  for (const file of readdirSync(dataFile(TWINS)).filter((name) => name.endsWith('.xml'))) {
    const twin = join(dataFile(TWINS), file.replace(/xml$/, 'json'));
    const xml = parseXml(readFileSync(join(dataFile(TWINS), file), 'utf8'));
    const isSame = !existsSync(twin) || oneSpace(xml) === oneSpace(parseJson(readFileSync(twin, 'utf8')));
    if (isSame && isKept(() => xml)) count.passed++;
    else count.failures.push(`fhirpath-r4/${file}`);
  }
  count.notes.push(`${count.passed} XML files of the FHIRPath suite agree with their JSON`);
  return count;
}

function isKept(read: () => JsonObject): boolean {
  try {
    const resource = read();
    return canonical(parseXml(xmlOf(resource))) === canonical(resource);
  } catch {
    return false;
  }
}

/** JSON text with members in one order; numbers keep their text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member) =>
    isObject(member)
      ? Object.fromEntries(Object.entries(member).sort(([one], [other]) => (one < other ? -1 : 1)))
      : member,
  );
}

/** A line break in an XML attribute is read as a space, and the JSON files have one space there. */
const oneSpace = (value: unknown): string => canonical(value).replace(/(?:\s|\\n|\\t|\\r)+/g, ' ');

function manifest(): { file: string; expectBase?: { errors?: number } }[] {
  return readFileSync(dataFile(MANIFEST), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

function dataFile(name: string): string {
  return fileURLToPath(new URL(`../../shared/data/${name}`, import.meta.url));
}
