// How often may be tried. A browser that has logged in to the account before has a count of its own, so that a stranger's
// failures never slow the family; for all others the count goes by account and address together, by address, and, widely, by
// account. No count ever locks: each pause has an end, and passkeys are not counted by account at all.

import { createHmac } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { isKnownDevice } from '../store/login-sessions.ts';
import { type Gate, giveBack, takeTry } from '../store/login-throttle.ts';
import { hashOf, type LoginContext, nobodyId, type Visit } from './context.ts';

const second = 1_000;
const hour = 3_600_000;
const day = 86_400_000;

type Limits = Omit<Gate, 'key'>;
/** What is counted, in words that are kept apart: a login name may hold anything. */
type Name = readonly string[];
const limits = {
  device: { free: 10, mostPauseMs: 900 * second, forgetMs: day },
  pair: { free: 5, mostPauseMs: 900 * second, forgetMs: day },
  address: { free: 30, mostPauseMs: 300 * second, forgetMs: hour },
  account: { free: 100, mostPauseMs: 30 * second, forgetMs: day },
  // A code has a million values, three of which are right at a time: with 120 tries a day one in 2,800 days is guessed by
  // somebody who has the password already, and its owner was told long before.
  code: { free: 5, mostPauseMs: 900 * second, forgetMs: day },
  codeWide: { free: 20, mostPauseMs: 900 * second, forgetMs: day },
} as const satisfies Record<string, Limits>;

/** A try that was counted; `right` takes it back. */
export type Try = { waitMs: number; right: () => Promise<void> };

/** Counts a try at the password of a login name, whether anybody has it or not. */
export const tryPassword: TryOf = (context, visit, login, account) =>
  tryOf(context, visit, { kind: 'password', login, account }, [limits.pair, limits.account, limits.device]);

/** Counts a try at a code of an account: one-time passwords, recovery codes, codes given out by staff. */
export const tryCode: TryOf = (context, visit, login, account) =>
  tryOf(context, visit, { kind: 'code', login, account }, [limits.code, limits.codeWide, limits.code]);

type TryOf = (context: LoginContext, visit: Visit, login: string, account: string | undefined) => Promise<Try>;
type Tried = { kind: string; login: string; account: string | undefined };

/** A device that the account knows has a count of its own, so that strangers do not use up its tries. */
async function tryOf(
  context: LoginContext,
  visit: Visit,
  { kind, login, account }: Tried,
  [pair, wide, known]: [pair: Limits, wide: Limits, known: Limits],
): Promise<Try> {
  const device = await knownDevice(context, visit, account);
  if (device !== undefined) return take(context, [[known, [kind, login, device]]]);
  const network = networkOf(visit.address);
  return take(context, [
    [pair, [kind, login, network]],
    [limits.address, ['address', network]],
    [wide, [kind, login]],
  ]);
}

/** Counts a try that names no account: signing up, and passkeys. */
export const tryAddress = (context: LoginContext, visit: Visit): Promise<Try> =>
  take(context, [[limits.address, ['address', networkOf(visit.address)]]]);

async function take(context: LoginContext, asked: [Limits, Name][]): Promise<Try> {
  const { pool, throttleKey, nowMs } = context;
  const gates = asked.map(([limit, name]) => ({
    ...limit,
    key: createHmac('sha256', throttleKey).update(JSON.stringify(name)).digest(),
  }));
  for (const gate of gates) {
    const waitMs = await takeTry(pool, gate, nowMs());
    if (waitMs > 0) return { waitMs, right: async () => undefined };
  }
  const right = async () => {
    // The first is of this person alone; the others are shared, and a right try must not forgive a stranger's wrong ones.
    for (const [n, gate] of gates.entries())
      await giveBack(pool, gate, { all: n === 0 && asked[n]?.[0] !== limits.address });
  };
  return { waitMs: 0, right };
}

async function knownDevice({ pool }: LoginContext, { device }: Visit, account: string | undefined) {
  if (device === undefined) return undefined;
  const hash = hashOf(device);
  // Looked up for a name that nobody has as well, so that the time tells nothing.
  return (await isKnownDevice(pool, hash, account ?? nobodyId)) ? hash.toString('hex') : undefined;
}

/** IPv6: a household has a /64, and whoever has one has all its addresses. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail = ''] = address.split('%')[0]?.split('::') ?? [];
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  if (address.startsWith('::ffff:') && address.includes('.')) return address.slice('::ffff:'.length);
  const filled = [...groups(head), ...Array<string>(8).fill('0')].slice(0, 8 - groups(tail).length);
  return [...filled, ...groups(tail)]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
