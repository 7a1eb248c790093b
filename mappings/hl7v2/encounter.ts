// ADT messages about a visit (A01–A07, A11–A16, A21–A27, A38, A52–A55) -> Encounter. HL7 v2.5 chapter 3.3 (events), 3.4.3 (PV1),
// 3.4.4 (PV2). A stay is one Encounter, known by its visit number or else by when it began. The message made last replaces
// it, so only a message that holds the beginning of the stay may: with that, every order of arrival ends alike.

import type { CodeableConcept, Encounter, EncounterLocation, Identifier } from '@medplum/fhirtypes';
import { DEPARTMENT } from '../code-systems.ts';
import {
  codeableConcept,
  type Hl7Context,
  institutionReference,
  lookUp,
  ownIdentifier,
  period,
  personReference,
  placeText,
  take,
} from './context.ts';
import { find, repetitions, type Segment, value } from './message.ts';
import { hl7DateTime } from './time.ts';

type Status = Encounter['status'];

// HL7 table 0003 -> what the stay is after the event. A08 and A31 tell no event; an end in PV1-45 finishes any open stay.
const statuses: Record<string, Status> = {
  A01: 'in-progress',
  A02: 'in-progress',
  A03: 'finished',
  A04: 'arrived',
  A05: 'planned',
  A06: 'in-progress',
  A07: 'in-progress',
  A08: 'in-progress',
  A11: 'cancelled',
  A12: 'in-progress',
  A13: 'in-progress',
  A14: 'planned',
  A15: 'in-progress',
  A16: 'in-progress',
  A21: 'onleave',
  A22: 'in-progress',
  A23: 'entered-in-error',
  A25: 'in-progress',
  A26: 'in-progress',
  A27: 'cancelled',
  A31: 'in-progress',
  A38: 'cancelled',
  A52: 'in-progress',
  A53: 'onleave',
  A54: 'in-progress',
  A55: 'in-progress',
};

/** The events of ADT that are mapped here. A40 and the like merge patient numbers, which only the facility's link may. */
export const admissions: readonly string[] = [...Object.keys(statuses), 'A28'];

const begins = new Set(['A01', 'A04']);
const planned = new Set(['A05', 'A14', 'A27', 'A38']);
const endless = new Set(['A11', 'A13', ...planned]);
// Messages about the person, which need not be about a visit.
const ofPerson = new Set(['A08', 'A23', 'A28', 'A31']);

// HL7 table 0004 -> v3-ActCode.
const classes: Record<string, string> = { I: 'IMP', B: 'IMP', O: 'AMB', R: 'AMB', E: 'EMER', P: 'PRENC' };

type Visit = { pv1: Segment; code: string; start: string | undefined; end: string | undefined; event: string };

/** One Encounter, none for a message about the person that does not name a visit. */
export function mapEncounter(context: Hl7Context): void {
  const pv1 = find(context.segments, 'PV1');
  const code = lookUp(classes, value(pv1, 2).toUpperCase());
  const isOfPerson = ofPerson.has(context.event);
  if (!pv1 || !code) {
    if (!isOfPerson) context.problems.push('PV1-2 (patient class) is missing or not I, O, E, B, P or R.');
    return;
  }
  const visit = times(context, pv1, code);
  const stay = stayIdentifier(context, visit);
  if (stay && isWhole(context, visit)) take(context, encounter(context, visit, stay), !begins.has(context.event));
  else if (!takePart(context, visit, stay) && !isOfPerson)
    context.problems.push('PV1 and EVN-6 do not say which visit it is, or when.');
}

function times(context: Hl7Context, pv1: Segment, code: string): Visit {
  const evn = find(context.segments, 'EVN');
  // EVN-6 is when it happened, in a cancellation when the cancelled event did; EVN-2 is when it was entered.
  const happened = value(evn, 6);
  const event = hl7DateTime(happened || value(evn, 2)) ?? '';
  const begun = begins.has(context.event) ? event : context.event === 'A11' ? hl7DateTime(happened) : undefined;
  const ended = context.event === 'A03' ? event : undefined;
  const start = hl7DateTime(value(pv1, 44)) ?? begun;
  const end = endless.has(context.event) ? undefined : (hl7DateTime(value(pv1, 45)) ?? ended);
  return { pv1, code, event, start: start || undefined, end: end || undefined };
}

/** By visit number; else by class and beginning, or by the day a stay is planned for. */
function stayIdentifier(context: Hl7Context, { pv1, code, start }: Visit): Identifier | undefined {
  const number = value(pv1, 19);
  const expected = planned.has(context.event) ? hl7DateTime(value(find(context.segments, 'PV2'), 8)) : undefined;
  if (number) return ownIdentifier(context, 'encounter', ['visit', number]);
  if (expected) return ownIdentifier(context, 'encounter', [code, `planned ${expected}`]);
  return start ? ownIdentifier(context, 'encounter', [code, `from ${start}`]) : undefined;
}

const isWhole = ({ event }: Hl7Context, { start }: Visit): boolean =>
  start !== undefined || planned.has(event) || event === 'A23';

function encounter(context: Hl7Context, visit: Visit, identifier: Identifier): Encounter {
  const { pv1, start, end } = visit;
  const pv2 = find(context.segments, 'PV2');
  const isPlanned = planned.has(context.event);
  const status = lookUp(statuses, context.event) ?? 'unknown';
  const within = isPlanned
    ? period(context, hl7DateTime(value(pv2, 8)), hl7DateTime(value(pv2, 9)))
    : period(context, start, end);
  const reason = codeableConcept(context, pv2, 3);
  const priority = codeableConcept(context, pv1, 4);
  return {
    ...core(context, visit, identifier, end && status === 'in-progress' ? 'finished' : status),
    ...(priority && { priority }),
    ...(within && { period: within }),
    ...(reason && { reasonCode: [reason] }),
    ...hospitalization(context, pv1),
    ...locations(context, visit),
  };
}

// What an event without the whole of the stay is kept as, and the event that cancels it.
const parts: Record<string, { part: string; status: Status }> = {
  A02: { part: 'transfer', status: 'in-progress' },
  A03: { part: 'discharge', status: 'finished' },
  A12: { part: 'transfer', status: 'entered-in-error' },
  A13: { part: 'discharge', status: 'entered-in-error' },
  A15: { part: 'planned transfer', status: 'planned' },
  A16: { part: 'planned discharge', status: 'planned' },
  A21: { part: 'leave', status: 'onleave' },
  A22: { part: 'return', status: 'in-progress' },
  A25: { part: 'planned discharge', status: 'cancelled' },
  A26: { part: 'planned transfer', status: 'cancelled' },
  A52: { part: 'leave', status: 'entered-in-error' },
  A53: { part: 'return', status: 'entered-in-error' },
  A54: { part: 'doctor', status: 'in-progress' },
  A55: { part: 'doctor', status: 'entered-in-error' },
};

/**
 * A message that does not hold the admission cannot replace the stay without losing when it began. What it tells is kept as a
 * part of its own, which points to the stay when it knows its number. False when not even the time of the event is told.
 */
function takePart(context: Hl7Context, visit: Visit, stay: Identifier | undefined): boolean {
  const kind = lookUp(parts, context.event);
  const isDischarge = kind?.part === 'discharge';
  const time = (isDischarge && visit.end) || visit.event;
  if (!kind || (!time && !(stay && isDischarge))) return false;
  const number = value(visit.pv1, 19);
  const keys = number
    ? [kind.part, number, isDischarge ? '' : time]
    : [visit.code, isDischarge ? `to ${time}` : `${kind.part} ${time}`];
  const part: Encounter = {
    ...core(context, visit, ownIdentifier(context, 'encounter', keys), kind.status),
    ...(time && !kind.part.startsWith('planned') && { period: isDischarge ? { end: time } : { start: time } }),
    ...(stay && { partOf: { type: 'Encounter', identifier: stay } }),
    ...hospitalization(context, visit.pv1),
    ...locations(context, visit),
  };
  take(context, part, true);
  return true;
}

function core(context: Hl7Context, { pv1, code }: Visit, identifier: Identifier, status: Status): Encounter {
  const service = value(pv1, 10) || (code === 'AMB' ? value(pv1, 3) : '');
  const serviceType = /^\d{2,3}$/.test(service)
    ? { coding: [{ system: DEPARTMENT, code: service }] }
    : codeableConcept(context, pv1, 10);
  const participant = participants(pv1);
  const provider = institutionReference(context);
  return {
    resourceType: 'Encounter',
    identifier: [identifier],
    status,
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code },
    subject: context.subject,
    ...(serviceType && { serviceType }),
    ...(participant.length > 0 && { participant }),
    ...(provider && { serviceProvider: provider }),
  };
}

// PV1-7, 8, 9 and 17 by v3-ParticipationType.
const roles: readonly [number, string][] = [
  [7, 'ATND'],
  [8, 'REF'],
  [9, 'CON'],
  [17, 'ADM'],
];

function participants(pv1: Segment): NonNullable<Encounter['participant']> {
  const system = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
  return roles.flatMap(([field, code]) =>
    Array.from({ length: repetitions(pv1, field) }, (_, n) => personReference(pv1, field, n + 1)).flatMap(
      (individual) => (individual ? [{ type: [{ coding: [{ system, code }] }], individual }] : []),
    ),
  );
}

function hospitalization(context: Hl7Context, pv1: Segment): Pick<Encounter, 'hospitalization'> {
  const concepts: [string, CodeableConcept | undefined][] = [
    ['reAdmission', codeableConcept(context, pv1, 13)],
    ['admitSource', codeableConcept(context, pv1, 14)],
    ['dischargeDisposition', codeableConcept(context, pv1, 36)],
  ];
  const known = concepts.filter(([, found]) => found !== undefined);
  return known.length > 0 ? { hospitalization: Object.fromEntries(known) } : {};
}

/** Where the patient is (PV1-3), was before a transfer (PV1-6), and is to go (PV1-42, or PV1-3 of a planned transfer). */
function locations(context: Hl7Context, { pv1, code, event, end }: Visit): Pick<Encounter, 'location'> {
  if (code === 'AMB' && !/[^\d]/.test(placeText(pv1, 3))) return {};
  const pv2 = find(context.segments, 'PV2');
  const [here, before, next] = [placeText(pv1, 3), placeText(pv1, 6), placeText(pv1, 42)];
  const isMove = ['A02', 'A21', 'A22'].includes(context.event);
  const isPlan = planned.has(context.event) || (context.event === 'A15' && !next);
  const hereFrom = isMove ? event : isPlan ? hl7DateTime(value(pv2, 8)) : undefined;
  const hereTo = context.event === 'A21' ? value(pv2, 47) : context.event === 'A16' ? value(pv2, 9) : '';
  const all: (EncounterLocation | false)[] = [
    here !== '' &&
      place(
        here,
        isPlan ? 'planned' : end ? 'completed' : 'active',
        period(context, hereFrom || undefined, hl7DateTime(hereTo)),
      ),
    context.event === 'A02' &&
      before !== '' &&
      place(before, 'completed', period(context, undefined, event || undefined)),
    next !== '' && place(next, 'planned', period(context, hl7DateTime(value(pv2, 8)), undefined)),
  ];
  const location = all.filter((found) => found !== false);
  return location.length > 0 ? { location } : {};
}

const place = (
  display: string,
  status: NonNullable<EncounterLocation['status']>,
  within: EncounterLocation['period'],
): EncounterLocation => ({ location: { display }, status, ...(within && { period: within }) });
