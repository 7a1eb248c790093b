// The root of a day: the heads of all chains when the day was over, signed (JWS, RFC 7515, ES256) by the key of this deployment
// that /.well-known/jwks.json publishes. Each names the one before it. Whoever keeps a copy elsewhere holds what proves that
// nothing older was bent, even by somebody who has the database and its keys.

import { createHash } from 'node:crypto';
import { isObject } from '../fhir/json.ts';
import { formatDay } from '../forecast/days.ts';
import { type Head, headsOf } from '../store/audit-chain.ts';
import { lastRoot, type StoredRoot, storeRoot } from '../store/audit-roots.ts';
import type { Pool } from '../store/pool.ts';

export type Root = {
  format: 'tsumugi-audit-root';
  version: 1;
  number: number;
  /** In Japan. */
  day: string;
  /** SHA-256 of the JWS before this one, in hexadecimal; absent in the first. */
  before?: string;
  chains: Head[];
};

export type Sign = (payload: Uint8Array) => Promise<string>;

/**
 * Signs the heads as the root of the day before `nowMs`, unless that day has one or nothing is sealed. Everything of that day
 * must be sealed. Returns the day that needs no root any more.
 */
export async function signDay(pool: Pool, { nowMs, sign }: { nowMs: number; sign: Sign }): Promise<string> {
  const day = dayBefore(nowMs);
  const last = await lastRoot(pool);
  if (last && last.day >= day) return day;
  const chains = await headsOf(pool);
  if (chains.length === 0) return day;
  const number = (last?.number ?? 0) + 1;
  const format = 'tsumugi-audit-root';
  const root: Root = { format, version: 1, number, day, ...(last && { before: digestOf(last.jws) }), chains };
  await storeRoot(pool, { number, day, jws: await sign(Buffer.from(JSON.stringify(root))) });
  return day;
}

/** What a stored root says, from the payload of its signature; undefined when it is not the root that stands there. */
export function rootIn(payload: Uint8Array, stored: StoredRoot, before: StoredRoot | undefined): Root | undefined {
  let root: unknown;
  try {
    root = JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return undefined;
  }
  if (!isObject(root) || root.format !== 'tsumugi-audit-root' || root.version !== 1) return undefined;
  const isHere =
    root.number === stored.number &&
    root.number === (before?.number ?? 0) + 1 &&
    root.day === stored.day &&
    root.before === (before && digestOf(before.jws)) &&
    Array.isArray(root.chains);
  return isHere ? (root as Root) : undefined;
}

const digestOf = (jws: string): string => createHash('sha256').update(jws).digest('hex');

const [dayMs, offsetMs] = [86_400_000, 9 * 3_600_000];

/** The last day in Japan that is over. */
export const dayBefore = (nowMs: number): string => formatDay(Math.floor((nowMs + offsetMs) / dayMs) - 1);
