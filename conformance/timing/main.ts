// `node conformance/timing/main.ts [--pairs 2000] [--only PATTERN] [--write]`: may the time of an answer tell what is hidden from what has
// never been? Of each way to ask and each kind of caller, pairs of requests right after each other; a guess from the time alone
// is to be right in 55 of 100 cases at most. A machine with other work hides differences: a quiet one is the stricter judge.
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Answered, type LocalServer, startLocalServer } from '../local-server.ts';
import { type Door, doors } from './doors.ts';
import { guessed, type Pair } from './guess.ts';
import { type Stage, setStage, type Target } from './stage.ts';

const { values: options } = parseArgs({
  options: {
    pairs: { type: 'string', default: '2000' },
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
});
const mostRight = 0.55;
/** Pairs that are asked and not counted. */
const warmUp = 50;
const pairs = Number(options.pairs);
const startedMs = performance.now();
const server = await startLocalServer();
const lines: string[] = [];
let failed = 0;
try {
  const stage = await setStage(server);
  for (const [name, door] of Object.entries(doors)) {
    for (const [caller, token] of Object.entries(stage.tokens)) {
      if (!new RegExp(options.only).test(`${name}, ${caller}`)) continue;
      lines.push(await judged(name, caller, await timed(stage, door, token)));
      console.log(lines.at(-1));
    }
  }
} finally {
  await server.close();
}
const page = [
  '# Whether time tells what is hidden',
  '',
  `${pairs} pairs each, of an answer about what is hidden and one about what has never been; load of the machine ${loadavg()[0]?.toFixed(1)}.`,
  `A guess may be right in ${100 * mostRight} of 100 cases; a coin is in 50. ${failed === 0 ? 'None is more.' : `More: ${failed}.`}`,
  '',
  '| request | caller | guess by one answer, % | by a pair, % | hidden, ms | missing, ms |',
  '|---|---|---|---|---|---|',
  ...lines,
];
if (options.write) writeFileSync(fileURLToPath(new URL('results.md', import.meta.url)), `${page.join('\n')}\n`);
console.log(
  `${lines.length - failed} passed, ${failed} failed in ${((performance.now() - startedMs) / 1000).toFixed(0)} s`,
);
process.exitCode = failed > 0 ? 1 : 0;

async function judged(name: string, caller: string, found: readonly Pair[]): Promise<string> {
  const { single, paired } = guessed(found);
  if (Math.max(single, paired) > mostRight) failed++;
  const [hidden, missing] = [median(found.map((one) => one.hidden)), median(found.map((one) => one.missing))];
  const shares = [single, paired].map((share) => (100 * share).toFixed(1));
  return `| ${[name, caller, ...shares, hidden.toFixed(3), missing.toFixed(3)].join(' | ')} |`;
}

/** Which of the two comes first is by lot, and so is which hidden and which missing one it is. */
async function timed(stage: Stage, door: Door, token: string): Promise<Pair[]> {
  const found: Pair[] = [];
  for (let n = -warmUp; n < pairs; n++) {
    const [hidden, missing] = [oneOf(stage.hidden), oneOf(stage.missing)];
    const isHiddenFirst = randomInt(2) === 0;
    const first = await ask(server, door(isHiddenFirst ? hidden : missing, stage.own), token);
    const second = await ask(server, door(isHiddenFirst ? missing : hidden, stage.own), token);
    const [ofHidden, ofMissing] = isHiddenFirst ? [first, second] : [second, first];
    assertAlike(seen(ofHidden.answer, hidden), seen(ofMissing.answer, missing));
    if (n >= 0) found.push({ hidden: ofHidden.ms, missing: ofMissing.ms });
  }
  return found;
}

function oneOf(targets: readonly Target[]): Target {
  return targets[randomInt(targets.length)] as Target;
}

async function ask({ ask }: LocalServer, asked: Parameters<LocalServer['ask']>[0], token: string) {
  const from = performance.now();
  const answer = await ask({ ...asked, headers: { authorization: `Bearer ${token}`, ...asked.headers } });
  return { answer, ms: performance.now() - from };
}

/** All of an answer that a caller sees, but for the ids asked for and what differs from request to request. */
function seen({ status, headers, text }: Answered, { observation, patient }: Target): string {
  const { date, 'x-request-id': request, ...rest } = headers;
  const plain = text.replaceAll(observation, 'ID').replaceAll(patient, 'ID');
  return JSON.stringify([status, Object.entries(rest).sort(), plain]);
}

function assertAlike(hidden: string, missing: string): void {
  if (hidden !== missing) throw new Error(`What is hidden answers ${hidden}, what is missing ${missing}`);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
