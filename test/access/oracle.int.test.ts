// The server against the oracle: a world from a seed, a few hundred cells of every kind (conformance/access.ts has the many).
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { randomFrom } from '../support/random.ts';
import { instanceCells } from './oracle/cells.ts';
import { compare, nothingCompared } from './oracle/compare.ts';
import { runWorld } from './oracle/run-world.ts';
import type { Ready } from './oracle/stage.ts';
import { stageOn } from './oracle/stage-on.ts';

let t: TestApp;
let ready: Ready;
const compared = nothingCompared();
beforeAll(async () => {
  t = await startApp();
  ready = await runWorld(stageOn(t), 7, { reads: 1, writes: 1, doors: 1, hasSets: false }, compared);
});
afterAll(() => t.close());

test('what every caller reads and writes is what the policy says', () => {
  expect(compared.differences).toEqual([]);
  expect(compared.decisions).toBeGreaterThan(600);
});

test('the comparison notices who reads what the policy denies', async () => {
  const stranger = ready.callers.find(({ name }) => name === 'stepfather');
  if (!stranger) throw new Error('the world has no stepfather');
  const momentMs = ready.momentsMs.at(-1) ?? 0;
  const plan = { world: ready.world, caller: stranger, momentMs, random: randomFrom(1) };
  const seesAll = { ...ready, tokens: new Map([[stranger.name, ready.deployment]]) };
  const found = nothingCompared();
  const cells = instanceCells(plan, 3).filter(({ permitted }) => !permitted);
  await compare(stageOn(t), seesAll, cells, found);
  expect(found.differences).toHaveLength(cells.length);
});
