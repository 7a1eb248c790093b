// The facts of a guardian's act as they are stored: who has which relation to the patient now (access/guardian-acts.ts).

import { type Caller, isFamily } from '../access/caller.ts';
import type { Facts } from '../access/guardian-acts.ts';
import type { StoredRelation } from '../store/relations.ts';

/** `self`, or the login: that is how confirmations are told apart. Undefined: no relation of the moment. */
export type Custody = {
  facts: Pick<Facts, 'birth' | 'at' | 'relation' | 'link' | 'custody'>;
  own: StoredRelation;
  /** The other guardians of the moment. */
  others: StoredRelation[];
};

export function custodyOf(
  caller: Caller | undefined,
  birthDate: unknown,
  relations: readonly StoredRelation[],
): Custody | undefined {
  if (!caller || !isFamily(caller)) return undefined;
  const { nowMs, user } = caller;
  const inForce = relations.filter(
    ({ status, starts, ends }) => status === 'active' && !(Date.parse(starts) > nowMs) && !(Date.parse(ends) <= nowMs),
  );
  const own = inForce.find(({ person }) => person === user);
  if (!own) return undefined;
  const guardians = inForce.filter(({ basis }) => basis === 'guardian');
  const facts = {
    birth: String(birthDate ?? ''),
    at: new Date(nowMs).toISOString(),
    relation: nameOf(own),
    link: own.basis === 'invited' ? ('invited' as const) : ('active' as const),
    custody: guardians.length > 1 ? ('joint' as const) : ('sole' as const),
  };
  return { facts, own, others: guardians.filter((one) => one !== own) };
}

export const nameOf = ({ basis, person }: StoredRelation): string => (basis === 'self' ? 'self' : person);
