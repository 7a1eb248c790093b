// JSON Patch and FHIRPath Patch against HL7's cases: input, patch, output. https://hl7.org/fhir/R4/http.html#patch and
// fhirpatch.html, data: ../shared/data/fhir-suites/patch-r4
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { applyFhirPathPatch, readFhirPathPatch } from '../server/fhir/fhirpath-patch.ts';
import { isObject, parseJson } from '../server/fhir/json.ts';
import { applyJsonPatch, readJsonPatch } from '../server/fhir/json-patch.ts';
import { OperationOutcomeError } from '../server/fhir/outcome.ts';
import { parseXml } from '../server/fhir/xml-read.ts';
import type { SuiteResult } from './suite.ts';

/** `expected` undefined: the patch must be refused. */
type Case = { id: string; expected: unknown; run: () => unknown };

const folder = fileURLToPath(new URL('../../shared/data/fhir-suites/patch-r4/', import.meta.url));

export async function run(): Promise<SuiteResult> {
  const result = { name: 'patch', passed: 0, failed: 0, skipped: 0, notes: [] as string[] };
  if (!existsSync(folder)) return { ...result, missing: '../shared/data/fhir-suites/patch-r4' };
  const [json, fhirPath] = [jsonCases(), fhirPathCases()];
  const faults: Record<string, string> = {};
  for (const one of [...json, ...fhirPath]) {
    const fault = faultOf(one);
    if (fault === undefined) result.passed++;
    else faults[one.id] = fault;
  }
  result.notes.push(`${json.length} cases of JSON Patch, ${fhirPath.length} of FHIRPath Patch`);
  const failures = Object.keys(faults);
  return { ...result, failed: failures.length, failures, faults };
}

function faultOf({ expected, run }: Case): string | undefined {
  try {
    const found = run();
    if (expected === undefined) return 'is not refused';
    return canonical(found) === canonical(expected) ? undefined : `gives ${JSON.stringify(found).slice(0, 500)}`;
  } catch (error) {
    if (!(error instanceof OperationOutcomeError)) throw error;
    return expected === undefined ? undefined : `is refused: ${error.message}`;
  }
}

function jsonCases(): Case[] {
  const cases = parseJson(readFileSync(`${folder}json-patch-tests.json`, 'utf8')) as Record<string, unknown>[];
  return cases.map(({ comment, doc, patch, expected }, n) => ({
    id: `json ${n} ${String(comment)}`,
    expected,
    run: () => applyJsonPatch(doc, readJsonPatch(patch)),
  }));
}

function fhirPathCases(): Case[] {
  const text = readFileSync(`${folder}fhir-patch-tests.xml`, 'utf8');
  return [...text.matchAll(/<case name="([^"]*)"[^>]*>(.*?)<\/case>/gs)].map(([, name = '', body = '']) => {
    const part = (element: string) =>
      parseXml(new RegExp(`<${element}>\\s*(.*?)\\s*</${element}>`, 's').exec(body)?.[1] ?? '');
    return {
      id: `fhirpath ${name}`,
      expected: part('output'),
      run: () => {
        const resource = part('input');
        applyFhirPathPatch(resource, readFhirPathPatch(part('diff')));
        return resource;
      },
    };
  });
}

/** Members in one order; of a narrative its text without the freedom that XML has: space and how a quotation mark is written. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isObject(value)) {
    const isDiv = typeof value === 'string' && value.startsWith('<div');
    return JSON.stringify(isDiv ? value.replace(/\s+/g, ' ').replaceAll('&quot;', '"') : value);
  }
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join()}}`;
}
