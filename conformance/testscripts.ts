// FHIR TestScripts that mock.health runs against servers, each action as it is written; what this runner does not know is a
// failure, never a pass. https://hl7.org/fhir/R4/testscript.html, data: ../shared/data/fhir-suites/testscripts-mock-health
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Answered, type LocalServer, startLocalServer } from './local-server.ts';
import { seedClinic } from './seed-clinic.ts';
import type { SuiteResult } from './suite.ts';

type Operation = {
  type: { code: string };
  resource?: string;
  params?: string;
  encodeRequestUrl?: boolean;
  /** Of mock.health: the address stands at the root of the host. */
  pathFromRoot?: boolean;
  requestHeader?: { field: string; value: string }[];
};
type Assert = {
  label?: string;
  operator: string;
  warningOnly?: boolean;
  responseCode?: string;
  contentType?: string;
  responseBody?: string;
  headerField?: string;
};
type Action = { operation?: Operation; assert?: Assert };
type TestScript = { setup?: { action: Action[] }; test: { action: Action[] }[] };

const folder = fileURLToPath(new URL('../../shared/data/fhir-suites/testscripts-mock-health/', import.meta.url));

/** What is not in this server yet, by the beginning of the script's path. */
const later: [path: string, reason: string][] = [
  ['bulk-data-v2/', 'bulk data export comes later'],
  ['fhir-r4-base/MAY/bulk-data-export', 'bulk data export comes later'],
  ['smart-on-fhir-v2/', 'SMART App Launch comes later'],
];

export async function run(): Promise<SuiteResult> {
  const result = { name: 'testscripts', passed: 0, failed: 0, skipped: 0, notes: [] as string[] };
  if (!existsSync(folder)) return { ...result, missing: '../shared/data/fhir-suites/testscripts-mock-health' };
  const faults: Record<string, string> = {};
  const skipped = new Map<string, number>();
  const server = await startLocalServer();
  try {
    await seedClinic(server);
    for (const file of scriptFiles()) {
      const reason = later.find(([path]) => file.startsWith(path))?.[1];
      if (reason !== undefined) {
        skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
        continue;
      }
      const fault = await faultOf(server, JSON.parse(readFileSync(`${folder}${file}`, 'utf8')) as TestScript);
      if (fault === undefined) result.passed++;
      else faults[file] = fault;
    }
  } finally {
    await server.close();
  }
  for (const [reason, count] of skipped) {
    result.skipped += count;
    result.notes.push(`${count} scripts are not run: ${reason}`);
  }
  const failures = Object.keys(faults);
  return { ...result, failed: failures.length, failures, faults };
}

function scriptFiles(): string[] {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return entries.filter((path) => path.endsWith('.json')).sort();
}

/** The first assertion that does not hold, or what this runner cannot do. */
async function faultOf(server: LocalServer, { setup, test }: TestScript): Promise<string | undefined> {
  let answer: Answered | undefined;
  for (const { operation, assert } of [...(setup?.action ?? []), ...test.flatMap(({ action }) => action)]) {
    if (operation) {
      const path = addressOf(operation);
      if (path === undefined) return `unknown operation ${operation.type.code}`;
      answer = await server.ask({ method: 'GET', path, headers: headersOf(operation) });
      if (answer.status >= 500) return `${path} answers ${answer.status}`;
    }
    if (!assert || assert.warningOnly) continue;
    if (!answer) return 'an assertion before any operation';
    if (!holds(assert, answer))
      return `${assert.label ?? assert.operator}: ${answer.status} ${answer.text.slice(0, 200)}`;
  }
  return undefined;
}

/** Behind `/fhir/`; undefined for an operation that these scripts do not use. */
function addressOf({ type, resource = '', params = '', pathFromRoot }: Operation): string | undefined {
  if (type.code === 'capabilities') return 'metadata';
  if (type.code !== 'search' && type.code !== 'read') return undefined;
  return pathFromRoot ? `..${params}` : `${resource}${params}`.replace(/^\//, '');
}

function headersOf({ requestHeader = [] }: Operation): Record<string, string> {
  return Object.fromEntries(requestHeader.map(({ field, value }) => [field.toLowerCase(), value]));
}

/** False too for an operator or a subject that is not known here. */
function holds(assert: Assert, { status, headers, text }: Answered): boolean {
  const { operator, responseCode, contentType, responseBody, headerField } = assert;
  if (responseCode !== undefined) return compares(operator, String(status), responseCode);
  if (contentType !== undefined) return compares(operator, headers['content-type'] ?? '', contentType);
  if (responseBody !== undefined) return compares(operator, text, responseBody);
  return headerField !== undefined && compares(operator, headers[headerField.toLowerCase()] ?? '', '');
}

function compares(operator: string, found: string, expected: string): boolean {
  switch (operator) {
    case 'equals':
      return found === expected;
    case 'notEquals':
      return found !== expected;
    case 'in':
      return expected.split(',').includes(found);
    case 'notIn':
      return !expected.split(',').includes(found);
    case 'contains':
      return found.includes(expected);
    case 'notContains':
      return !found.includes(expected);
    case 'empty':
      return found === '';
    case 'notEmpty':
      return found !== '';
    case 'matchesRegex':
      return new RegExp(expected).test(found);
    case 'matchesMimeClass':
      return new RegExp(`^[a-z]+/(?:[^;]+\\+)?${expected}\\b`).test(found);
    default:
      return false;
  }
}
