// The structural validator against HL7's own files: every official R4 example has to be accepted, and so has every good
// file of the reference validator's cases; how many of the broken ones we find is told. Data: ../shared/data.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseJson } from '../server/fhir/json.ts';
import { validateStructure } from '../server/fhir/validate.ts';
import { filesInArchive } from './archive.ts';
import type { SuiteResult } from './suite.ts';

type Case = {
  file: string;
  format: string;
  selfContained: boolean;
  mentionsTerminology: boolean;
  /** Switches of the reference validator; IGNORE leaves contained resources unchecked, and then it expects nothing. */
  options?: { validateContains?: string };
  /** What it finds without profiles; without numbers when the answer is not part of the data. */
  expectBase?: { fatal?: number; errors?: number };
};
type Count = { passed: number; failures: string[]; notes: string[] };

const EXAMPLES = 'fhir-examples/r4-official-examples.shared.tar.gz';
const CASES = 'fhir-validator-cases/r4-validator-cases.shared.tar.gz';
const MANIFEST = 'fhir-validator-cases/manifest.shared.jsonl';

export async function run(): Promise<SuiteResult> {
  const missing = [EXAMPLES, CASES, MANIFEST].filter((file) => !existsSync(dataFile(file)));
  const nothing = { name: 'examples', passed: 0, failed: 0, skipped: 0, notes: [] };
  if (missing.length > 0) return { ...nothing, missing: missing.map((file) => `../shared/data/${file}`).join(', ') };
  const examples = officialExamples();
  const cases = validatorCases();
  const failures = [...examples.failures, ...cases.failures];
  return {
    ...nothing,
    passed: examples.passed + cases.passed,
    failed: failures.length,
    failures,
    skipped: cases.skipped,
    notes: [...examples.notes, ...cases.notes],
  };
}

function officialExamples(): Count {
  const count: Count = { passed: 0, failures: [], notes: [] };
  const files = filesInArchive(dataFile(EXAMPLES));
  for (const [path, bytes] of files) {
    if (errorsOf(bytes).length === 0) count.passed++;
    else count.failures.push(path);
  }
  count.notes.push(`${count.passed} of ${files.size} official examples have no structural error`);
  return count;
}

function validatorCases(): Count & { skipped: number } {
  const count = { passed: 0, failures: [] as string[], notes: [] as string[], skipped: 0 };
  const files = filesInArchive(dataFile(CASES));
  const seen = new Set<string>();
  let broken = 0;
  let found = 0;
  for (const item of manifest()) {
    const path = `cases/${item.file}`;
    const bytes = files.get(path);
    const expected = expectedErrors(item);
    if (expected === undefined || !bytes || seen.has(path)) {
      count.skipped++;
      continue;
    }
    seen.add(path);
    const isRefused = errorsOf(bytes).length > 0;
    if (expected > 0) {
      broken++;
      if (isRefused) found++;
    } else if (isRefused) count.failures.push(path);
    else count.passed++;
  }
  count.notes.push(
    `${found} of ${broken} broken validator cases are found; the others break invariants, profiles or terminology`,
    `${count.skipped} validator cases are not JSON, repeated, without a plain expectation, or need packages or a terminology server`,
  );
  return count;
}

/** Undefined for the cases that are not about a JSON resource alone. */
function expectedErrors({ format, selfContained, mentionsTerminology, options, expectBase }: Case): number | undefined {
  if (format !== 'json' || !selfContained || mentionsTerminology) return undefined;
  if (options?.validateContains === 'IGNORE') return undefined;
  return expectBase?.errors === undefined ? undefined : expectBase.errors + (expectBase.fatal ?? 0);
}

function errorsOf(bytes: Buffer): string[] {
  try {
    const issues = validateStructure(parseJson(bytes.toString('utf8').replace(/^\uFEFF/, '')));
    return issues.filter(({ severity }) => severity === 'error').map(({ diagnostics }) => diagnostics);
  } catch (error) {
    if (error instanceof SyntaxError) return [error.message];
    throw error;
  }
}

function manifest(): Case[] {
  const lines = readFileSync(dataFile(MANIFEST), 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Case);
}

function dataFile(name: string): string {
  return fileURLToPath(new URL(`../../shared/data/${name}`, import.meta.url));
}
