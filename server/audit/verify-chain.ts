// Is the audit as it was when it was sealed? Walks every row in order beside the seals of all chains, and the roots beside the
// chains. The first row at fault is named.

import {
  beginOf,
  ChainBroken,
  type ChainRow,
  chainOf,
  hashBehind,
  parts,
  rowsThrough,
  type Seal,
  sealedThrough,
  sealsThrough,
  textOf,
  waitingBehind,
} from '../store/audit-chain.ts';
import { type StoredRoot, storedRoots } from '../store/audit-roots.ts';
import type { Pool } from '../store/pool.ts';
import { type Root, rootIn } from './roots.ts';

export type Fault = {
  /** The number of the row at fault (audit.id); absent where a seal or a root is. */
  row?: string;
  /** The day of the root at fault. */
  day?: string;
  message: string;
};
export type Verdict = {
  /** Rows that are as they were sealed: all, or those before the fault. */
  rows: number;
  /** Rows that are not sealed yet, at most 100,000. */
  waiting: number;
  roots: number;
  fault?: Fault;
};

/** The payload of a root's JWS; undefined when no key of this deployment has signed it. */
export type Verify = (jws: string) => Promise<Uint8Array | undefined>;

export async function verifyChain(pool: Pool, verify: Verify): Promise<Verdict> {
  const stored = await storedRoots(pool);
  const { roots, fault: badRoot } = await readRoots(stored, verify);
  const through = (await sealedThrough(pool)) ?? { xid: '0', id: '0' };
  const chains = new Map(parts.map((part) => [part, chainAt(part, sealsThrough(pool, part, through), roots)]));
  const verdict = { rows: 0, waiting: await waitingBehind(pool, through), roots: roots.length };
  const broken = (fault: Fault): Verdict => ({ ...verdict, fault });
  try {
    for await (const row of rowsThrough(pool, through)) {
      const chain = chains.get(row.part);
      const seal = await chain?.next();
      if (!chain || !seal || seal.id !== row.id) return broken(await outOfPlace(pool, row, seal, chain?.hash() ?? ''));
      const fault = chain.join(row, seal);
      if (fault) return broken(fault);
      verdict.rows += 1;
    }
    for (const chain of chains.values()) {
      const seal = await chain.next();
      if (seal) return broken(await gone(pool, seal.id));
      const fault = chain.ending();
      if (fault) return broken(fault);
    }
  } catch (error) {
    if (error instanceof ChainBroken) return broken({ message: error.message });
    throw error;
  }
  return badRoot ? broken(badRoot) : verdict;
}

/** One chain while it is walked. */
function chainAt(part: number, seals: AsyncGenerator<Seal>, roots: readonly Root[]) {
  const marks = roots.flatMap(({ day, chains }) =>
    chains.filter((one) => one.part === part).map((one) => ({ day, ...one })),
  );
  let hash = beginOf(part);
  let place = 0;
  return {
    hash: () => hash,
    next: async (): Promise<Seal | undefined> => {
      const { value } = await seals.next();
      return value ?? undefined;
    },
    /** Takes the row into the chain; what is wrong with it, if anything. */
    join(row: ChainRow, seal: Seal): Fault | undefined {
      hash = hashBehind(hash, row.text);
      place += 1;
      if (hash !== seal.hash) return { row: row.id, message: `row ${row.id} was changed after it had been sealed` };
      while (marks[0]?.rows === place) {
        const mark = marks.shift();
        if (mark && mark.hash !== hash)
          return {
            row: row.id,
            day: mark.day,
            message: `the chain up to row ${row.id} is not the one that the root of ${mark.day} was signed for`,
          };
      }
      return undefined;
    },
    /** Roots that know of more rows than there are. */
    ending(): Fault | undefined {
      const [mark] = marks;
      if (!mark) return undefined;
      const message = `chain ${part} has ${place} rows, and had ${mark.rows} when the root of ${mark.day} was signed`;
      return { day: mark.day, message };
    },
  };
}

/** Another row than the sealed one stands here: one was put in, taken out or moved. */
async function outOfPlace(pool: Pool, row: ChainRow, seal: Seal | undefined, before: string): Promise<Fault> {
  if ((await chainOf(pool, row.id)) === undefined)
    return { row: row.id, message: `row ${row.id} was put in among rows that had been sealed` };
  if (!seal) return { row: row.id, message: `row ${row.id} was changed after it had been sealed` };
  const text = await textOf(pool, seal.id);
  if (text !== undefined && hashBehind(before, text) === seal.hash)
    return { row: row.id, message: `row ${row.id} was changed after it had been sealed` };
  return gone(pool, seal.id);
}

async function gone(pool: Pool, id: string): Promise<Fault> {
  const isThere = (await textOf(pool, id)) !== undefined;
  return { row: id, message: isThere ? `row ${id} was changed after it had been sealed` : `row ${id} is missing` };
}

/** The roots before the first one at fault, and that fault. */
async function readRoots(stored: readonly StoredRoot[], verify: Verify): Promise<{ roots: Root[]; fault?: Fault }> {
  const roots: Root[] = [];
  for (const [n, one] of stored.entries()) {
    const payload = await verify(one.jws);
    const root = payload && rootIn(payload, one, stored[n - 1]);
    if (root) roots.push(root);
    else {
      const why = payload ? 'does not belong where it stands' : 'is not signed by a key of this deployment';
      return { roots, fault: { day: one.day, message: `the root of ${one.day} ${why}` } };
    }
  }
  return { roots };
}
