// The structural validator against the reference validator's own cases: every good file has to be accepted; how many of the
// broken ones we find is told. Data: ../shared/data.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseJson } from '../server/fhir/json.ts';
import { refusalsOf } from '../test/support/valid.ts';
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
const CASES = 'fhir-validator-cases/r4-validator-cases.shared.tar.gz';
const MANIFEST = 'fhir-validator-cases/manifest.shared.jsonl';

export async function run(): Promise<SuiteResult> {
  const count = { name: 'validator-cases', passed: 0, failed: 0, skipped: 0, notes: [] as string[] };
  const missing = [CASES, MANIFEST].filter((file) => !existsSync(dataFile(file)));
  if (missing.length > 0) return { ...count, missing: missing.map((file) => `../shared/data/${file}`).join(', ') };
  const failures: string[] = [];
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
    } else if (isRefused) failures.push(path);
    else count.passed++;
  }
  count.notes.push(
    `${found} of ${broken} broken validator cases are found; the others break invariants, profiles or terminology`,
    `${count.skipped} validator cases are not JSON, repeated, without a plain expectation, or need packages or a terminology server`,
  );
  return { ...count, failed: failures.length, failures };
}

/** Undefined for the cases that are not about a JSON resource alone. */
function expectedErrors({ format, selfContained, mentionsTerminology, options, expectBase }: Case): number | undefined {
  if (format !== 'json' || !selfContained || mentionsTerminology) return undefined;
  if (options?.validateContains === 'IGNORE') return undefined;
  return expectBase?.errors === undefined ? undefined : expectBase.errors + (expectBase.fatal ?? 0);
}

function errorsOf(bytes: Buffer): string[] {
  try {
    const issues = refusalsOf(parseJson(bytes.toString('utf8').replace(/^\uFEFF/, '')));
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
