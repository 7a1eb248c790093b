// Judges one seeded fault in a copy of the project: first the shared cases (they find most, in a second), then the tests.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Fault, seeded } from './seed-faults.ts';

export type Verdict = 'cases' | 'tests' | 'survived';

/** What the shared cases print without any fault: a fault is found when this changes. */
export type Baseline = readonly string[];

const CASES_TIMEOUT_MS = 60_000;
const TESTS_TIMEOUT_MS = 180_000;
const SHARED = '../shared/data';

/** The runs of cases, as arguments of the command line; those whose file is missing are left out. */
export function caseRuns(root: string): { args: string[]; env: Record<string, string> }[] {
  const shared = join(root, SHARED);
  return [
    { file: 'jp-forecast-cases.ndjson', schedule: 'jp' },
    { file: 'cdsi/tests/healthy-4.45.ndjson', schedule: 'us' },
    { file: 'cdsi/tests/conditions-4.6.ndjson', schedule: 'us' },
  ]
    .filter(({ file }) => existsSync(join(shared, file)))
    .map(({ file, schedule }) => ({
      args: ['forecast', join(shared, file), '--schedule', schedule],
      env: { TSUMUGI_CDSI_DIR: join(shared, 'cdsi/json') },
    }));
}

/** A copy of the sources in a folder of its own, with the installed packages of the project. */
export function copyProject(root: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const part of [
    'server',
    'profiles',
    'mappings',
    'connectors',
    'test',
    'conformance',
    'package.json',
    'tsconfig.json',
    'vitest.config.ts',
  ])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
}

/** What the case runs print in this copy. */
export async function casesOutput(folder: string, runs: ReturnType<typeof caseRuns>, file: string): Promise<Baseline> {
  const asked = runs.filter(({ args }) => isAbout(file, args.at(-1) ?? ''));
  return Promise.all(
    asked.map(async ({ args, env }) => {
      const { output } = await run(folder, ['server/cli.ts', ...args], CASES_TIMEOUT_MS, env);
      return output;
    }),
  );
}

/** Seeds the fault, looks whether anything notices, and puts the file back. */
export async function judge(
  folder: string,
  fault: Fault,
  runs: ReturnType<typeof caseRuns>,
  baseline: Baseline,
): Promise<Verdict> {
  const path = join(folder, fault.file);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, seeded(text, fault));
  try {
    const output = await casesOutput(folder, runs, fault.file);
    if (output.some((one, i) => one !== baseline[i])) return 'cases';
    const { code } = await run(
      folder,
      ['node_modules/vitest/vitest.mjs', 'run', 'test/forecast', '--bail=1'],
      TESTS_TIMEOUT_MS,
      {},
    );
    return code === 0 ? 'survived' : 'tests';
  } finally {
    writeFileSync(path, text);
  }
}

/** The Japanese rows and readings do not touch a CDSi answer, nor the other way round. */
function isAbout(file: string, schedule: string): boolean {
  if (file.includes('/schedules/jp/')) return schedule === 'jp';
  return file.includes('/cdsi/') ? schedule === 'us' : true;
}

/** A run that does not end in time counts as a fault that was noticed. */
function run(
  folder: string,
  args: string[],
  timeoutMs: number,
  env: Record<string, string>,
): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, ...env },
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
      resolve({ code: code ?? 1, output: code === null ? 'ended by the clock' : output });
    });
  });
}
