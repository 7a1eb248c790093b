// The International Patient Summary: documents of many senders and made ones whose structure is known, judged by our validator with the
// IPS 2.0 package; and our own summaries of a hundred invented families, in which nothing is wrong.
// Data: ../shared/data/sharing/ips, ../shared/data/sharing/own/ips-structure.jsonl
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isObject, type JsonObject, parseJson } from '../server/fhir/json.ts';
import type { Finding } from '../server/validation/finding.ts';
import { validateInForce } from '../server/validation/in-force.ts';
import { errorsOf } from '../server/validation/strictness.ts';
import { startLocalServer } from './local-server.ts';
import type { SuiteResult } from './suite.ts';
import { familyOf, type Person } from './summary/families.ts';

const folder = fileURLToPath(new URL('../../shared/data/sharing/', import.meta.url));
const IPS = 'http://hl7.org/fhir/uv/ips/StructureDefinition';
const FAMILIES = 100;

export async function run(): Promise<SuiteResult> {
  const result: SuiteResult = { name: 'ips', passed: 0, failed: 0, skipped: 0, notes: [] };
  if (!existsSync(`${folder}index.tsv`)) return { ...result, missing: '../shared/data/sharing' };
  const faults: Record<string, string> = {};
  const judged = (id: string, fault: string | undefined) => {
    if (fault === undefined) result.passed++;
    else faults[id] = fault;
  };
  for (const { id, bundle, expect, why } of madeCases()) {
    const found = faultsOf(bundle);
    const isRight = (found.length === 0) === (expect === 'valid');
    judged(`own/${id}`, isRight ? undefined : `${expect} expected (${why}): ${found.join('; ') || 'nothing found'}`);
  }
  let whole = 0;
  const samples = sampleCases();
  for (const { id, bundle, expect } of samples) {
    const found = structureFaults(bundle);
    if (faultsOf(bundle).length === 0) whole++;
    const isRight = (found.length === 0) === (expect === 'structure-ok');
    judged(id, isRight ? undefined : `${expect} expected: ${found.join('; ') || 'nothing found'}`);
  }
  result.notes.push(`of ${samples.length} documents of others ${whole} have no error at all`);
  result.notes.push(await ownSummaries(judged));
  const failures = Object.keys(faults);
  return { ...result, failed: failures.length, failures, faults };
}

type Made = { id: string; bundle: JsonObject; expect: string; why: string };

const madeCases = (): Made[] =>
  readFileSync(`${folder}own/ips-structure.jsonl`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => parseJson(line) as Made);

/** Those of which the index says what a shallow look finds. */
function sampleCases(): { id: string; bundle: JsonObject; expect: string }[] {
  const rows = readFileSync(`${folder}index.tsv`, 'utf8').split('\n');
  return rows.flatMap((row) => {
    const [file = '', expect = ''] = row.split('\t');
    if (!file.startsWith('ips/') || !expect.startsWith('structure-')) return [];
    return [{ id: file, bundle: parseJson(readFileSync(folder + file, 'utf8')) as JsonObject, expect }];
  });
}

const judgedBy = { profiles: [`${IPS}/Bundle-uv-ips`] };

/** What our validator finds, and subjects that are not the document's own. */
const faultsOf = (bundle: JsonObject, found = validateInForce(bundle, judgedBy)): string[] => [
  ...errorsOf(found).map(told),
  ...strangers(bundle),
];

const told = ({ expression, diagnostics }: Finding) => `${expression?.[0] ?? ''}: ${diagnostics}`;

/** The structure alone: that it is a dated document with an identifier, a Composition first, and the three sections that must be. */
function structureFaults(bundle: JsonObject): string[] {
  const wanted = /\((?:bdl-9|bdl-10|bdl-11|Bundle\.(?:type|identifier|timestamp) of|bdl-ips-1)\b/;
  const inBundle = errorsOf(validateInForce(bundle, judgedBy));
  const [composition] = resourcesOf(bundle);
  const inComposition = errorsOf(validateInForce(composition ?? {}, { profiles: [`${IPS}/Composition-uv-ips`] }));
  const isMissing = /of slice section(?:Problems|Allergies|Medications), not 0 times/;
  return [
    ...inBundle.filter(({ diagnostics }) => wanted.test(diagnostics)).map(told),
    ...inComposition.filter(({ diagnostics }) => isMissing.test(diagnostics)).map(told),
  ];
}

const resourcesOf = ({ entry }: JsonObject): JsonObject[] =>
  (Array.isArray(entry) ? entry : []).flatMap((one) => (isObject(one) && isObject(one.resource) ? [one.resource] : []));

/** Whatever is about a patient is about the one of the Composition. */
function strangers(bundle: JsonObject): string[] {
  const [composition, ...others] = resourcesOf(bundle);
  const subject = isObject(composition?.subject) ? composition.subject.reference : undefined;
  return others.flatMap((one) => {
    const about = one.subject ?? one.patient;
    const reference = isObject(about) ? about.reference : undefined;
    return reference === undefined || reference === subject ? [] : [`${one.resourceType} is about somebody else`];
  });
}

/** Of every person of the families, mothers and children, in the two languages by turns. */
async function ownSummaries(judged: (id: string, fault: string | undefined) => void): Promise<string> {
  const server = await startLocalServer('https://tsumugi.example', () => Date.parse('2026-11-23T03:00:00Z'));
  try {
    const people = Array.from({ length: FAMILIES }, (_, n) => familyOf(n)).flat();
    for (const family of chunks(people, 10)) await store(server, family);
    const warned = new Map<string, number>();
    let entries = 0;
    for (const [n, { id, kind }] of people.entries()) {
      const path = `Patient/${id}/$summary?language=${n % 2 === 0 ? 'ja' : 'en'}`;
      const { status, text } = await server.ask({ method: 'GET', path });
      const bundle = parseJson(text) as JsonObject;
      const findings = validateInForce(bundle, judgedBy);
      const found = status === 200 ? faultsOf(bundle, findings) : [`${status} ${text.slice(0, 200)}`];
      judged(`${id} (${kind})`, found.length === 0 ? undefined : found.slice(0, 3).join('; '));
      entries += resourcesOf(bundle).length;
      for (const { severity, code, expression } of findings) {
        const name = `${code} at ${expression?.[0]?.replace(/\[\d+\]/g, '').replace('Bundle.entry.resource.', '') ?? ''}`;
        if (severity === 'warning') warned.set(name, (warned.get(name) ?? 0) + 1);
      }
    }
    const warnings = [...warned].map(([name, count]) => `${name} ${count}`).join(', ');
    return `${people.length} summaries of ${FAMILIES} families with ${entries} entries; warnings: ${warnings || 'none'}`;
  } finally {
    await server.close();
  }
}

async function store(server: Awaited<ReturnType<typeof startLocalServer>>, people: readonly Person[]): Promise<void> {
  const entry = people.flatMap(({ id, resources }) =>
    resources.map((resource) => ({
      resource,
      request:
        resource.resourceType === 'Patient'
          ? { method: 'PUT', url: `Patient/${id}` }
          : { method: 'POST', url: String(resource.resourceType) },
    })),
  );
  const body = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry });
  const { status, text } = await server.ask({ method: 'POST', path: '', body });
  if (status !== 200) throw new Error(`the families could not be stored: ${status} ${text.slice(0, 500)}`);
}

const chunks = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, n) => list.slice(n * size, (n + 1) * size));
