// A relation between a login and a patient -> permissions, by the policy (decision 11). Pure.

import { birthday } from './birthday.ts';
import type { Instant, Permission } from './permission.ts';
import { accessLog, adultYears, bases, categories, ownAccountYears } from './policy.ts';

export type Relation = {
  /** `Person/[id]`. */
  person: string;
  /** The Patient's id. */
  patient: string;
  basis: 'self' | 'guardian' | 'invited';
  status: 'pending' | 'active' | 'suspended' | 'ended';
  starts: Instant;
  ends: Instant;
  /** Of an invited relative: names of policy.ts. */
  categories?: readonly string[];
};

/** What the rights of a relation also depend on. */
export type Circumstances = {
  birthDate: unknown;
  /** The young person agreed that guardians read what is restricted. */
  isOpenToGuardians: boolean;
  /** When the inviter's own permission ends; `-infinity` when there is none. */
  inviterEnds?: Instant;
};

/** None for a relation that is pending or over. A suspended one denies, so that no other way leads in either. */
export function permissionsOfRelation(relation: Relation, circumstances: Circumstances): Permission[] {
  const { person: grantee, patient, basis, status } = relation;
  const common = { grantee, patient };
  if (status === 'suspended') {
    return [{ ...common, ...bases.suspension, basis: 'suspension', starts: '-infinity', ends: 'infinity' }];
  }
  if (status !== 'active') return [];
  const { starts, ends } = period(relation, circumstances);
  if (!isBefore(starts, ends)) return [];
  const given = { ...common, ...bases[basis], basis, starts, ends };
  if (basis === 'self') return [given];
  if (basis === 'guardian') {
    const restrictedFrom = birthday(circumstances.birthDate, ownAccountYears);
    return [circumstances.isOpenToGuardians ? given : { ...given, restrictedFrom }];
  }
  const ticked = (relation.categories ?? []).flatMap((name) => categories[name] ?? []);
  return [{ ...given, types: ['Patient'] }, ...ticked.map((category) => ({ ...given, ...category }))];
}

function period({ basis, starts, ends }: Relation, { birthDate, inviterEnds }: Circumstances) {
  if (basis === 'self') return { starts: later(starts, birthday(birthDate, ownAccountYears)), ends };
  const adult = birthday(birthDate, adultYears);
  if (basis === 'guardian') return { starts, ends: earlier(ends, adult) };
  return { starts, ends: earlier(ends, inviterEnds ?? '-infinity') };
}

const msOf = (instant: Instant): number =>
  instant === 'infinity' ? Infinity : instant === '-infinity' ? -Infinity : Date.parse(instant);
const isBefore = (a: Instant, b: Instant): boolean => msOf(a) < msOf(b);
const earlier = (a: Instant, b: Instant): Instant => (isBefore(b, a) ? b : a);
const later = (a: Instant, b: Instant): Instant => (isBefore(a, b) ? b : a);

/** Only these see who looked. */
export const seesAccessLog = (basis: Permission['basis']): boolean => basis === 'self' || basis === 'guardian';
export { accessLog };
