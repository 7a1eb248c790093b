// SIU^S12–S26 -> Appointment. HL7 v2.5 chapter 10.3 (events), 10.6.1 (SCH), 10.6.4–7 (AIS, AIG, AIL, AIP), table 0278.

import type { Appointment, AppointmentParticipant } from '@medplum/fhirtypes';
import {
  codeableConcept,
  type Hl7Context,
  lookUp,
  orderIdentifier,
  ownIdentifier,
  personReference,
  placeText,
  take,
} from './context.ts';
import { find, type Segment, value } from './message.ts';
import { noteText } from './order.ts';
import { hl7DateTime } from './time.ts';

// By event; S15–S17 take an appointment back, the others leave it booked.
const byEvent: Record<string, Appointment['status']> = {
  S15: 'cancelled',
  S16: 'cancelled',
  S17: 'entered-in-error',
  S26: 'noshow',
};

// By SCH-25, HL7 table 0278, where the event does not say it.
const byFiller: Record<string, Appointment['status']> = {
  PENDING: 'pending',
  WAITLIST: 'waitlist',
  BOOKED: 'booked',
  OVERBOOK: 'booked',
  STARTED: 'arrived',
  COMPLETE: 'fulfilled',
  CANCELLED: 'cancelled',
  DC: 'cancelled',
  DELETED: 'entered-in-error',
  NOSHOW: 'noshow',
};

/** One Appointment, known by the number of who books (SCH-2) or of who asked (SCH-1). */
export function mapAppointment(context: Hl7Context): void {
  const sch = find(context.segments, 'SCH');
  const number = value(sch, 2) || value(sch, 1);
  const found = number && sch ? appointment(context, sch, number) : undefined;
  if (found) take(context, found, context.event !== 'S12');
  else if (!number) context.problems.push('SCH-1 and SCH-2 (appointment number) are empty.');
}

function appointment(context: Hl7Context, sch: Segment, number: string): Appointment | undefined {
  const status = lookUp(byEvent, context.event) ?? lookUp(byFiller, value(sch, 25).toUpperCase()) ?? 'booked';
  const { start, end, minutes } = times(context, sch);
  // app-3: only what is not (yet) to take place may have no time.
  if (!start && !['cancelled', 'waitlist'].includes(status)) {
    context.problems.push('The appointment was not taken: SCH-11, TQ1-7 and AIS-4 give no time of day.');
    return undefined;
  }
  const services = context.segments.filter(({ name }) => name === 'AIS').map((ais) => codeableConcept(context, ais, 3));
  const serviceType = [codeableConcept(context, sch, 8), ...services].filter((found) => found !== undefined);
  const reason = codeableConcept(context, sch, 7);
  const cancelled = codeableConcept(context, sch, 6);
  const notes = context.segments.filter(({ name }) => name === 'NTE').map(noteText);
  const comment = notes.filter((text) => text !== '').join('\n');
  return {
    resourceType: 'Appointment',
    identifier: [ownIdentifier(context, 'appointment', [number]), ...orderIdentifier(context, number)],
    status,
    ...(status === 'cancelled' && cancelled && { cancelationReason: cancelled }),
    ...(serviceType.length > 0 && { serviceType }),
    ...(reason && { reasonCode: [reason] }),
    ...(start && { start, end: end ?? start }),
    ...(minutes > 0 && { minutesDuration: minutes }),
    ...(comment && { comment }),
    participant: participants(context, status),
  };
}

/**
 * SCH-11 (`…^start^end`), else TQ1-7 and 8, else AIS-4; the end by the duration where none is given. FHIR wants both (app-2):
 * an appointment of unknown length ends when it begins.
 */
function times(context: Hl7Context, sch: Segment): { start?: string; end?: string; minutes: number } {
  const tq1 = find(context.segments, 'TQ1');
  const ais = find(context.segments, 'AIS');
  const start = instant(value(sch, 11, 4)) ?? instant(value(tq1, 7)) ?? instant(value(ais, 4));
  if (!start) return { minutes: 0 };
  const minutes =
    minutesIn(value(sch, 9), value(sch, 10)) ||
    minutesIn(value(ais, 7), value(ais, 8)) ||
    minutesIn(value(sch, 11, 3).replace(/^M/i, ''), 'MIN');
  const told = instant(value(sch, 11, 5)) ?? instant(value(tq1, 8));
  const end = told && Date.parse(told) >= Date.parse(start) ? told : later(start, minutes);
  return { start, end, minutes };
}

const instant = (text: string): string | undefined => {
  const found = hl7DateTime(text);
  return found && found.length > 10 ? found : undefined;
};

const units: Record<string, number> = {
  '': 1,
  M: 1,
  MIN: 1,
  MINUTES: 1,
  分: 1,
  H: 60,
  HR: 60,
  HOURS: 60,
  時間: 60,
  S: 1 / 60,
  SEC: 1 / 60,
};

const minutesIn = (amount: string, unit: string): number =>
  /^\d{1,5}$/.test(amount) ? Math.floor(Number(amount) * (lookUp(units, unit.toUpperCase()) ?? 0)) : 0;

// The same wall clock offset as the start, so that both read alike.
function later(start: string, minutes: number): string {
  const offset = start.slice(-6);
  const shift =
    (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4))) * (offset.startsWith('-') ? -60_000 : 60_000);
  return `${new Date(Date.parse(start) + minutes * 60_000 + shift).toISOString().slice(0, 19)}${offset}`;
}

/** The patient, and by name whom (AIP, AIG) and where (AIL) it is with. */
function participants(context: Hl7Context, status: Appointment['status']): AppointmentParticipant[] {
  const accepted = status === 'cancelled' || status === 'entered-in-error' ? 'declined' : 'accepted';
  const actors = context.segments.flatMap((segment) => {
    if (segment.name === 'AIP') return personReference(segment, 3) ?? [];
    const display =
      segment.name === 'AIL'
        ? placeText(segment, 3)
        : segment.name === 'AIG'
          ? value(segment, 3, 2) || value(segment, 3)
          : '';
    return display ? { display } : [];
  });
  return [context.subject, ...actors].map((actor) => ({ actor, status: accepted }));
}
