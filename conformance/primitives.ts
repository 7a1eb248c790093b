// The formats of primitive values against google/fhir's lists of good and bad ones, each in a resource of its own.
// https://hl7.org/fhir/R4/datatypes.html#primitive, data: ../shared/data/fhir-suites/primitives
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseJson } from '../server/fhir/json.ts';
import { refusalsOf } from '../test/support/valid.ts';
import type { SuiteResult } from './suite.ts';

const folder = fileURLToPath(new URL('../../shared/data/fhir-suites/primitives/', import.meta.url));

export async function run(): Promise<SuiteResult> {
  const result = { name: 'primitives', passed: 0, failed: 0, skipped: 0, notes: [] as string[] };
  if (!existsSync(folder)) return { ...result, missing: '../shared/data/fhir-suites/primitives' };
  const faults: Record<string, string> = {};
  for (const file of readdirSync(folder).sort()) {
    const [name = '', verdict = ''] = file.split('.');
    for (const line of readFileSync(`${folder}${file}`, 'utf8').split('\n').filter(Boolean)) {
      if (line === 'null') {
        result.skipped++;
        continue;
      }
      const problem = problemOf(name, line);
      if ((problem === undefined) === (verdict === 'valid')) result.passed++;
      else faults[`${name} ${line}`] = problem ?? 'is accepted';
    }
  }
  result.notes.push(`${result.skipped} lines are null, which JSON in FHIR does not have as a value`);
  const failures = Object.keys(faults);
  return { ...result, failed: failures.length, failures, faults };
}

/** What the server would say of a resource with this value; undefined when it is taken. Text that is no JSON is refused too. */
function problemOf(name: string, value: string): string | undefined {
  try {
    return refusalsOf(parseJson(resourceWith(name, value)))[0]?.diagnostics;
  } catch (error) {
    if (error instanceof SyntaxError) return 'is not JSON';
    throw error;
  }
}

/** `date_time` -> an extension with valueDateTime, the one place that takes nearly every type. */
function resourceWith(name: string, value: string): string {
  const head = '{"resourceType":"Basic","code":{"text":"x"}';
  if (name === 'xhtml') return `${head},"text":{"status":"generated","div":${value}}}`;
  const [, id] = /"reference": "#([^"]+)"/.exec(value) ?? [];
  const contained = id === undefined ? '' : `,"contained":[{"resourceType":"Patient","id":"${id}","active":true}]`;
  const type = name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return `${head}${contained},"extension":[{"url":"urn:oid:1.2.3","value${type}":${value}}]}`;
}
