// Who may see what: a real server against the oracle of server/decisions/0011-who-may-see-what.md (test/access/oracle.ts), over
// worlds from seeds. `npm run conformance -- access --runs 4 --seed 11` builds four worlds from seed 11 on.
import { type Compared, compare, type Difference, nothingCompared } from '../test/access/oracle/compare.ts';
import { probeCells } from '../test/access/oracle/probes.ts';
import { inGroups, runWorld } from '../test/access/oracle/run-world.ts';
import { stageOn } from '../test/access/oracle/stage-on.ts';
import { startLocalServer } from './local-server.ts';
import type { SuiteOptions, SuiteResult } from './suite.ts';

const defaultWorlds = 2;
const defaultSeed = 1;
const probesOfWorld = 2_500;

export async function run({ runs = defaultWorlds, seed = defaultSeed }: SuiteOptions): Promise<SuiteResult> {
  const [cells, probed] = [nothingCompared(), nothingCompared()];
  for (let n = 0; n < runs; n += 1) await runOne(seed + n, cells, probed);
  const differences = [...cells.differences, ...probed.differences];
  return {
    name: 'access',
    passed: cells.decisions + probed.decisions - differences.length,
    failed: differences.length,
    skipped: 0,
    notes: [
      `${cells.decisions} cells of role × interaction × entry in ${runs} worlds, by ${cells.requests} requests: ${cells.differences.length} differ`,
      `${probed.decisions} probes of another's entries, each beside one that never was: ${probed.differences.length} tell them apart`,
    ],
    failures: differences.map(({ cell }) => cell),
    faults: Object.fromEntries(differences.map(faultOf)),
  };
}

/** A world on a server of its own: what is everybody's in one world would be in the answers of the next. */
async function runOne(seed: number, cells: Compared, probed: Compared): Promise<void> {
  const clock = { nowMs: 0 };
  const server = await startLocalServer('https://tsumugi.example', () => clock.nowMs);
  try {
    const stage = stageOn({ ...server, clock });
    const ready = await runWorld(stage, seed, { reads: 2, writes: 2, doors: 2, hasSets: true }, cells);
    await inGroups(probeCells(ready, probesOfWorld, seed), (cell) => compare(stage, ready, [cell], probed));
  } finally {
    await server.close();
  }
}

const faultOf = ({ cell, expected, answered }: Difference): [string, string] => [
  cell,
  `the policy says ${expected}; the server ${answered}`,
];
