// One world from a seed, on a server, asked by all its callers, each at one of its moments: what reads, then what is changed in
// place or refused, and last what leaves entries behind.
import { randomFrom } from '../../support/random.ts';
import { createCells, instanceCells, type Planning, setCells, sideCells, writeCells } from './cells.ts';
import { type Compared, compare } from './compare.ts';
import { type Cast, generate } from './generate.ts';
import { build, type Ready, type Stage } from './stage.ts';

/** How many cells of each kind a caller asks at a moment; of reads, so many permitted and as many denied ones. */
export type Sizes = { reads: number; writes: number; doors: number; hasSets: boolean };

/** How many callers ask at once, where nothing is changed. */
const atOnce = 4;

export async function runWorld(stage: Stage, seed: number, sizes: Sizes, into: Compared): Promise<Ready> {
  const ready = await build(stage, generate(seed));
  const random = randomFrom(seed);
  const planning = (caller: Cast, momentMs: number): Planning => ({ world: ready.world, caller, momentMs, random });
  for (const [n, momentMs] of ready.momentsMs.entries()) {
    const callers = ready.callers.filter((_, at) => (at + seed) % ready.momentsMs.length === n);
    stage.setNow(momentMs);
    const foundBy = new Map<string, string[]>();
    await inGroups(callers, (caller) => {
      const plan = planning(caller, momentMs);
      const cells = [...instanceCells(plan, sizes.reads), ...(sizes.hasSets ? setCells(plan) : [])];
      return compare(stage, ready, cells, into, foundBy);
    });
    for (const caller of callers)
      await compare(stage, ready, writeCells(planning(caller, momentMs), sizes.writes), into);
  }
  for (const caller of ready.callers) {
    const plan = planning(caller, ready.momentsMs.at(-1) ?? 0);
    await compare(stage, ready, [...sideCells(plan, sizes.doors), ...createCells(plan)], into);
  }
  return ready;
}

export async function inGroups<T>(all: T[], work: (one: T) => Promise<void>): Promise<void> {
  const rest = [...all];
  const worker = async () => {
    for (let one = rest.shift(); one !== undefined; one = rest.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
