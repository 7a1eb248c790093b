// `npm run faults -- [--count 300] [--seed 1] [--only PATTERN] [--workers N] [--write]`: seeds faults into the planner and the
// Japanese data, one at a time, and counts how many the shared cases and the tests find. Takes minutes: not a part of CI.
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { withoutEquivalent } from './equivalent.ts';
import { assertSound, caseRuns, casesBaseline, copyProject, judge, type Verdict } from './judge.ts';
import { withRun } from './results.ts';
import { codeFaults, dataFaults, type Fault } from './seed-faults.ts';

const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    workers: { type: 'string', default: String(availableParallelism()) },
    write: { type: 'boolean', default: false },
  },
});
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const sample = chosen(allFaults(options.only), Number(options.count), Number(options.seed));
const verdicts = await judgeAll(sample);
const faults = [...verdicts.keys()];
const survivors = faults.filter((fault) => verdicts.get(fault) === 'survived');
const found = faults.length - survivors.length;
const lines = [
  `${found} of ${faults.length} seeded faults found (${((100 * found) / faults.length).toFixed(1)} %): ${count('cases')} by the shared cases, ${count('tests')} by the tests alone, ${count('hung')} because a run did not end${faults.length < sample.length ? `; interrupted, ${sample.length} were drawn` : ''}`,
  ...survivors.map(describe),
];
console.log(lines.join('\n'));
const page = join(root, 'conformance/faults/results.md');
if (options.write) writeFileSync(page, withRun(existsSync(page) ? readFileSync(page, 'utf8') : '', command(), lines));

/** Faults of the files that match `only`, a regular expression, without those known to change nothing. */
function allFaults(only: string): Fault[] {
  const files = globSync('server/forecast/**/*.ts', { cwd: root }).sort();
  const all = files
    .filter((file) => !/\/(types|schedule|source)\.ts$/.test(file))
    .flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      return file.includes('/schedules/') ? dataFaults(file, text) : codeFaults(file, text);
    });
  const list = readFileSync(join(root, 'conformance/faults/equivalent.md'), 'utf8');
  const placeOf = ({ file, line }: Fault) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .slice(Math.max(0, line - 3), line)
      .join(' ')
      .replace(/\s+/g, ' ');
  return withoutEquivalent(all, list, placeOf).filter(({ file }) => new RegExp(only).test(file));
}

/** `count` of them, the same ones for the same seed. */
function chosen(all: Fault[], count: number, seed: number): Fault[] {
  let state = seed >>> 0;
  const weighted = all.map((fault) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return { fault, weight: state };
  });
  return weighted
    .sort((a, b) => a.weight - b.weight)
    .slice(0, count)
    .map(({ fault }) => fault);
}

/** One copy of the project per core; each takes the next fault when it is free. */
async function judgeAll(list: readonly Fault[]): Promise<Map<Fault, Verdict>> {
  const results = new Map<Fault, Verdict>();
  if (list.length === 0) return results;
  const folder = mkdtempSync(join(tmpdir(), 'tsumugi-faults-'));
  const runs = caseRuns(root);
  if (runs.length < 3) console.log('faults: not all shared cases are here; the tests alone judge the rest');
  const waiting = [...list];
  // Interrupted, it ends with what has been judged.
  process.once('SIGINT', () => waiting.splice(0));
  const copies = Array.from({ length: Number(options.workers) }, (_, i) => join(folder, `copy-${i}`, 'main'));
  try {
    const untouched = join(folder, 'untouched', 'main');
    for (const copy of [untouched, ...copies]) copyProject(root, copy);
    const baseline = await casesBaseline(untouched, runs);
    await Promise.all([
      assertSound(untouched, [...new Set(list.map(({ file }) => file))]),
      ...copies.map(async (copy) => {
        for (let fault = waiting.shift(); fault !== undefined; fault = waiting.shift()) {
          const verdict = await judge(copy, fault, baseline);
          results.set(fault, verdict);
          if (verdict === 'survived') console.log(describe(fault));
          if (results.size % 20 === 0) console.log(`${results.size} of ${list.length}`);
        }
      }),
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
}

function describe({ file, line, change }: Fault): string {
  return `survived: ${file}:${line} ${change}`;
}

function count(verdict: Verdict): number {
  return [...verdicts.values()].filter((one) => one === verdict).length;
}

/** How the run is repeated. */
function command(): string {
  const only = options.only === '' ? '' : ` --only '${options.only}'`;
  return `npm run faults -- --count ${options.count} --seed ${options.seed}${only}`;
}
