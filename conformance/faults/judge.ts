// Judges one seeded fault in a copy of the project: first the shared cases (they find most, in a second), then the tests.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Fault, seeded } from './seed-faults.ts';

/** What noticed the fault; `hung`: it made a run so slow that it was ended. */
export type Verdict = 'cases' | 'tests' | 'hung' | 'survived';

type CaseRun = { schedule: 'jp' | 'us'; args: string[]; env: Record<string, string> };

/** What the shared cases print without any fault: a fault is found when this changes. */
export type Baseline = ReadonlyMap<CaseRun, string>;

const CASES_TIMEOUT_MS = 120_000;
const TESTS_TIMEOUT_MS = 180_000;
const SHARED = '../shared';

/** The runs of cases, as arguments of the command line; those whose file is missing are left out. */
export function caseRuns(root: string): CaseRun[] {
  const shared = join(root, SHARED, 'data');
  const files = [
    { file: 'jp-forecast-cases.ndjson', schedule: 'jp' },
    { file: 'cdsi/tests/healthy-4.45.ndjson', schedule: 'us' },
    { file: 'cdsi/tests/conditions-4.6.ndjson', schedule: 'us' },
  ] as const;
  return files
    .filter(({ file }) => existsSync(join(shared, file)))
    .map(({ file, schedule }) => ({
      schedule,
      args: ['server/cli.ts', 'forecast', join(shared, file), '--schedule', schedule],
      env: { TSUMUGI_CDSI_DIR: join(shared, 'cdsi/json') },
    }));
}

/** A copy of the sources in a folder of its own, with the installed packages and the shared data of the project. */
export function copyProject(root: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const part of ['server', 'profiles', 'mappings', 'connectors', 'test', 'conformance', 'package.json'])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const shared = join(root, SHARED);
  if (existsSync(shared)) symlinkSync(shared, join(dirname(folder), 'shared'));
}

/** What the cases print without a fault. */
export async function casesBaseline(folder: string, runs: readonly CaseRun[]): Promise<Baseline> {
  const outputs = runs.map(
    async (one) => [one, (await run(folder, one.args, CASES_TIMEOUT_MS, one.env)).output] as const,
  );
  return new Map(await Promise.all(outputs));
}

/** Throws when the tests that judge these files fail without a fault: then every fault would seem to be found. */
export async function assertSound(folder: string, files: readonly string[]): Promise<void> {
  // Of two runs of one folder the one that leaves out less covers the other.
  const widest = new Map<string, string[]>();
  for (const args of files.map(testsOf)) {
    const known = widest.get(args[0] ?? '');
    if (known === undefined || args.length < known.length) widest.set(args[0] ?? '', args);
  }
  for (const args of widest.values()) {
    const { code, output } = await runTests(folder, args);
    if (code !== 0) throw new Error(`the tests fail without a fault:\n${output.slice(-2000)}`);
  }
}

/** Seeds the fault, looks whether anything notices, and puts the file back. */
export async function judge(folder: string, fault: Fault, baseline: Baseline): Promise<Verdict> {
  const path = join(folder, fault.file);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, seeded(text, fault));
  try {
    for (const [one, expected] of baseline) {
      if (!isAbout(fault.file, one.schedule)) continue;
      const { code, output } = await run(folder, one.args, CASES_TIMEOUT_MS, one.env);
      if (code === undefined) return 'hung';
      if (output !== expected) return 'cases';
    }
    const { code } = await runTests(folder, testsOf(fault.file));
    if (code === undefined) return 'hung';
    return code === 0 ? 'survived' : 'tests';
  } finally {
    writeFileSync(path, text);
  }
}

/** The parts of the planner that CDSi answers are made with, beside its own folder. */
const SHARED_WITH_CDSI = /\/forecast\/(days|duration|forecast|forecast-input-error|cases|explain|schedule-error)\.ts$/;

/** The Japanese rows and readings do not touch a CDSi answer, nor the other way round: what cannot notice is not run. */
function isAbout(file: string, schedule: 'jp' | 'us'): boolean {
  if (file.includes('/cdsi/')) return schedule === 'us';
  return schedule === 'jp' || SHARED_WITH_CDSI.test(file);
}

function testsOf(file: string): string[] {
  if (file.includes('/cdsi/')) return ['test/forecast/cdsi'];
  if (file.includes('/plan/')) return ['test/forecast/plan'];
  const others = isAbout(file, 'us') ? [] : ['--exclude=**/forecast/cdsi/**'];
  // The plan only asks the engine, and its tests take a minute.
  return ['test/forecast', '--exclude=**/forecast/plan*', ...others];
}

function runTests(folder: string, files: readonly string[]): Promise<{ code: number | undefined; output: string }> {
  const config = ['--config', 'conformance/faults/vitest.config.ts', '--root', '.'];
  const args = ['node_modules/vitest/vitest.mjs', 'run', ...files, '--bail=1', ...config];
  return run(folder, args, TESTS_TIMEOUT_MS, {});
}

/** `code` is undefined for a run that did not end in time. */
function run(
  folder: string,
  args: readonly string[],
  timeoutMs: number,
  env: Record<string, string>,
): Promise<{ code: number | undefined; output: string }> {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    // Compiled once for all copies: what differs is one file.
    env: { ...process.env, NODE_COMPILE_CACHE: join(dirname(dirname(folder)), 'compiled'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? undefined, output });
    });
  });
}
