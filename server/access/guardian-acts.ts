// May somebody of the family do this now? The policy of guardians, growing up and protection (decision 11, "Reading" and
// "Writing") for one act, from the facts about it: 民法 818–824条 (2026-04-01: daily acts by either parent, others jointly,
// urgent ones by either), 年齢計算ニ関スル法律. Which rows a reader gets is decided by relation.ts alike. Pure.

import { rangeOf } from '../fhir/date-range.ts';
import { birthday } from './birthday.ts';
import { labelBit, labelSystem, raised } from './labels.ts';
import type { Instant, Permission } from './permission.ts';
import { adultYears, appAloneYears, categories, jointActs, urgentActs, vaccinationAloneYears } from './policy.ts';
import { permissionsOfRelation, seesAccessLog } from './relation.ts';

/** Dates and instants as FHIR writes them; what is absent is false or none. */
export type Facts = {
  /** The child's birth date. */
  birth: string;
  /** The moment of the act. */
  at: string;
  /** `self`, or what the person is to the child: mother, father, guardian, grandmother … */
  relation: string;
  link: 'none' | 'pending' | 'active' | 'invited' | 'ended';
  linkEnd?: string;
  /** A support measure (支援措置) is on the link. */
  suspended?: boolean;
  custody?: 'joint' | 'sole';
  action: string;
  /** Of the entry: its level, a sensitivity, and when it was recorded. */
  label?: string;
  sensitivity?: string;
  authored?: string;
  /** Of an invited relative: what a guardian ticked; absent: what is asked for. */
  categories?: readonly string[];
  /** Relations of those who have agreed to the act. */
  confirmedBy?: readonly string[];
  urgent?: boolean;
  /** The young person agreed, to what is restricted or to these levels. */
  childGrant?: boolean;
  grantLabels?: readonly string[];
  /** Whose record, when not the child's: `mother-pregnancy`. */
  subject?: string;
  childDeceased?: boolean;
};

export type Decision =
  | 'permit'
  /** It is done, and the other guardian is told. */
  | 'permit-and-notify'
  | 'needs-other-parent'
  | 'needs-guardian'
  | 'deny'
  /** Answered as to a stranger who asks for what is not there. */
  | 'deny-as-not-found';

/** What the policy says to one act. An act that it does not know is denied. */
export function decide(facts: Facts): Decision {
  if (facts.suspended) return 'deny-as-not-found';
  if (facts.subject !== undefined) return isOwner(facts) ? 'permit' : 'deny';
  const { action, childDeceased } = facts;
  if (childDeceased && action === 'receive-reminder') return 'deny';
  const given = rightsOf(facts).filter((one) => isInForce(one, facts.at));
  if (isReading(action)) return given.some((one) => shows(one, facts)) ? 'permit' : 'deny';
  if (!given.some(({ writes }) => writes !== undefined)) return 'deny';
  return facts.relation === 'self' ? ownAct(facts) : guardianAct(facts);
}

/** A pregnancy is in the mother's own record. */
const isOwner = ({ subject, relation }: Facts): boolean => subject === 'mother-pregnancy' && relation === 'mother';

/** What the relation gives, and what a grown child has granted back. */
function rightsOf({ birth, relation, link, linkEnd, ...facts }: Facts): Permission[] {
  const isOpenToGuardians = facts.childGrant === true && (facts.grantLabels?.includes('R') ?? true);
  const status = link === 'invited' ? 'active' : link === 'none' ? 'pending' : link;
  const names = { person: `Person/${relation}`, patient: 'child' };
  const ticked = facts.categories ?? Object.keys(categories);
  const basis = relation === 'self' ? 'self' : link === 'invited' ? 'invited' : 'guardian';
  const given = permissionsOfRelation(
    { ...names, basis, status, starts: '-infinity', ends: endOf(linkEnd), categories: ticked },
    { birthDate: birth, isOpenToGuardians, inviterEnds: birthday(birth, adultYears) },
  );
  if (facts.childGrant !== true) return given;
  const granted = bitsOf(facts.grantLabels ?? ['N']);
  const grant: Permission = {
    ...{ basis: 'consent', grantee: names.person, patient: names.patient },
    ...{ starts: birthday(birth, adultYears), ends: 'infinity', normal: true, labels: granted },
  };
  return [...given, grant];
}

/** A day that ends a link is included. */
const endOf = (day: string | undefined): Instant => {
  const range = day === undefined ? undefined : rangeOf(day);
  return range ? new Date(range.hi + 1).toISOString() : 'infinity';
};

const msOf = (instant: Instant): number =>
  instant === 'infinity' ? Infinity : instant === '-infinity' ? -Infinity : Date.parse(instant);

const isInForce = ({ starts, ends }: Permission, at: string): boolean =>
  msOf(starts) <= Date.parse(at) && Date.parse(at) < msOf(ends);

const isReading = (action: string): boolean => action === 'read' || action.startsWith('read-');

/** An invited relative reads what was ticked, nobody but the patient and the guardians who looked. */
function shows({ basis, types, labels, restrictedFrom }: Permission, facts: Facts): boolean {
  const { action, label, sensitivity, authored, at } = facts;
  if (action === 'read-access-log') return seesAccessLog(basis);
  const category = action === 'read' ? undefined : action.slice('read-'.length);
  if (basis === 'invited' && types !== categories[category ?? '']?.types) return false;
  const asked = raised(bitsOf([label ?? 'N', sensitivity ?? 'N']));
  if (asked & ~labels) return false;
  const authoredMs = (authored === undefined ? undefined : rangeOf(authored)?.hi) ?? Date.parse(at);
  return asked === 0 || restrictedFrom === undefined || authoredMs < msOf(restrictedFrom);
}

const bitsOf = (codes: readonly string[]): number =>
  codes.reduce((bits, code) => bits | labelBit(labelSystem(code), code), 0);

/** From 15 by oneself, but for what the law leaves to grown-ups. */
function ownAct({ action, birth, at, confirmedBy = [] }: Facts): Decision {
  const years = Object.hasOwn(aloneFrom, action) ? aloneFrom[action] : jointActs.has(action) ? adultYears : 0;
  if (years === undefined) return 'deny';
  const isOldEnough = Date.parse(at) >= msOf(birthday(birth, years));
  return isOldEnough || confirmedBy.some((one) => one !== 'self') ? knownAct(action) : 'needs-guardian';
}

const aloneFrom: Readonly<Record<string, number>> = {
  'authorize-app': appAloneYears,
  'consent-routine-vaccination': vaccinationAloneYears,
};

function guardianAct({ action, custody, relation, confirmedBy = [], urgent }: Facts): Decision {
  if (custody !== 'joint') return knownAct(action);
  if (urgent && (urgentActs.has(action) || jointActs.has(action))) return 'permit-and-notify';
  if (jointActs.has(action) && !confirmedBy.some((one) => one !== relation && one !== 'self'))
    return 'needs-other-parent';
  return knownAct(action);
}

const knownAct = (action: string): Decision =>
  dailyActs.has(action) || urgentActs.has(action) || jointActs.has(action) ? 'permit' : 'deny';

const dailyActs: ReadonlySet<string> = new Set([
  'write',
  'book',
  'answer',
  'receive-reminder',
  'consent-routine-vaccination',
  'authorize-app',
]);
