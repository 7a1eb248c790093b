// HL7's FHIRPath suite for R4 against the engine we use (fhirpath.js with its R4 model): what a regression of a new version
// would break is seen here. https://hl7.org/fhirpath/N1/, data: ../shared/data/fhir-suites/fhirpath-r4
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { parseXml } from '../server/fhir/xml-read.ts';
import type { SuiteResult } from './suite.ts';

export type Case = {
  group: string;
  name: string;
  inputfile?: string;
  expression: string;
  /** Present when evaluation has to fail. */
  invalid?: 'syntax' | 'semantic' | 'execution';
  outputs: { type: string | null; value: string }[];
};

export const folder = fileURLToPath(new URL('../../shared/data/fhir-suites/fhirpath-r4/', import.meta.url));
// What R4 defines beside the engine. https://hl7.org/fhir/R4/fhirpath.html#variables
const variables = {
  sct: 'http://snomed.info/sct',
  loinc: 'http://loinc.org',
  'ext-patient-birthTime': 'http://hl7.org/fhir/StructureDefinition/patient-birthTime',
};
const options = { resolveInternalTypes: false, preciseMath: true, traceFn: () => undefined } as const;
// The share of the whole suite that the engine's authors state for R4.
const fewestPassed = 0.92;

export async function run(): Promise<SuiteResult> {
  const result = { name: 'fhirpath', passed: 0, failed: 0, skipped: 0, notes: [] as string[] };
  if (!existsSync(folder)) return { ...result, missing: '../shared/data/fhir-suites/fhirpath-r4' };
  const faults: Record<string, string> = {};
  const cases = casesOf();
  for (const one of cases) {
    const fault = faultOf(one);
    if (fault === undefined) result.passed++;
    else {
      // One name stands for two cases.
      const id = `${one.group}/${one.name}`;
      faults[id in faults ? `${id} again` : id] = fault;
    }
  }
  const share = result.passed / cases.length;
  const percent = (share * 100).toFixed(1);
  result.notes.push(`${result.passed} of ${cases.length} cases pass (${percent} %; at least ${fewestPassed * 100} %)`);
  if (share < fewestPassed) faults['too few pass'] = `${percent} %`;
  const failures = Object.keys(faults);
  return { ...result, failed: failures.length, failures, faults };
}

export function casesOf(): Case[] {
  const lines = readFileSync(`${folder}tests.jsonl`, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Case);
}

function faultOf({ expression, inputfile, invalid, outputs }: Case): string | undefined {
  let found: unknown[];
  let types: string[];
  try {
    const input = inputfile === undefined ? {} : inputOf(inputfile);
    found = fhirpath.evaluate(input, expression, variables, r4, options);
    types = fhirpath.types(found).map((type) => type.replace(/^.*\./, '').toLowerCase());
  } catch (error) {
    return invalid === undefined ? `fails: ${String(error).slice(0, 120)}` : undefined;
  }
  if (invalid !== undefined) return `does not fail (${invalid})`;
  const texts = found.map(textOf);
  if (texts.length !== outputs.length) return `${texts.length} results instead of ${outputs.length}`;
  for (const [n, { type, value }] of outputs.entries()) {
    if (!isSame(texts[n] ?? '', value.replace(/^@T?/, ''))) return `${texts[n]} instead of ${value}`;
    if (type !== null && types[n] !== type.toLowerCase()) return `a ${types[n]} instead of a ${type}`;
  }
  return undefined;
}

/** The engine answers moments in UTC: for `=` of FHIRPath the offset in which one is told makes no difference. */
export function isSame(found: string, expected: string): boolean {
  return found === expected || (/T.*[+-]/.test(expected) && Date.parse(found) === Date.parse(expected));
}

function textOf(value: unknown): string {
  const plain: unknown = fhirpath.util.valData(value);
  return typeof plain === 'object' && plain !== null && !('toString' in plain) ? JSON.stringify(plain) : String(plain);
}

const inputs = new Map<string, string>();

/** Plain numbers, and a copy for each case: evaluation may add to what it is given. */
function inputOf(file: string): object {
  const known = inputs.get(file) ?? read(`${folder}input/${file}`);
  inputs.set(file, known);
  return JSON.parse(known) as object;
}

export function read(path: string): string {
  const text = readFileSync(path, 'utf8');
  return path.endsWith('.xml') ? JSON.stringify(parseXml(text)) : text;
}
