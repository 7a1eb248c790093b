// HL7's FHIRPath suite for R4 against our own compiler, which the constraints of profiles go through.
// https://hl7.org/fhirpath/N1/, data: ../shared/data/fhir-suites/fhirpath-r4
import { existsSync } from 'node:fs';
import { type JsonObject, parseJson } from '../server/fhir/json.ts';
import { compilePath } from '../server/validation/invariants/compile-invariant.ts';
import type { Node } from '../server/validation/invariants/node.ts';
import { amountOf } from '../server/validation/invariants/quantities.ts';
import { kindOf, primitiveText } from '../server/validation/invariants/types.ts';
import { type Case, casesOf, folder, isSame, read } from './fhirpath.ts';
import type { SuiteResult } from './suite.ts';

export async function run(): Promise<SuiteResult> {
  const result = { name: 'fhirpath-invariants', passed: 0, failed: 0, skipped: 0, notes: [] };
  if (!existsSync(folder)) return { ...result, missing: '../shared/data/fhir-suites/fhirpath-r4' };
  const faults: Record<string, string> = {};
  for (const one of casesOf()) {
    const fault = faultOf(one);
    if (fault === undefined) result.passed++;
    else {
      const id = `${one.group}/${one.name}`;
      faults[id in faults ? `${id} again` : id] = fault;
    }
  }
  const failures = Object.keys(faults);
  return { ...result, failed: failures.length, failures, faults };
}

function faultOf({ expression, inputfile, invalid, outputs }: Case): string | undefined {
  let found: readonly Node[];
  try {
    const resource = inputfile === undefined ? { resourceType: 'Patient' } : inputOf(inputfile);
    found = compilePath(expression, { now })(String(resource.resourceType), resource, resource);
  } catch (error) {
    return invalid === undefined ? `fails: ${String(error).slice(0, 120)}` : undefined;
  }
  if (invalid !== undefined) return `does not fail (${invalid})`;
  if (found.length !== outputs.length) return `${found.length} results instead of ${outputs.length}`;
  for (const [n, { type, value }] of outputs.entries()) {
    const [text, typeName] = [textOf(found[n]), found[n]?.type.replace(/^System\./, '').toLowerCase()];
    if (!isSame(text, value.replace(/^@T?/, ''))) return `${text} instead of ${value}`;
    if (type !== null && typeName !== type.toLowerCase()) return `a ${typeName} instead of a ${type}`;
  }
  return undefined;
}

const now = (): string => new Date().toISOString();

function textOf(node: Node | undefined): string {
  if (node === undefined) return '';
  const amount = kindOf(node.type) === 'quantity' ? amountOf(node) : undefined;
  return amount === undefined ? (primitiveText(node) ?? '') : `${amount.value} '${amount.unit}'`;
}

const inputOf = (file: string): JsonObject => parseJson(read(`${folder}input/${file}`)) as JsonObject;
