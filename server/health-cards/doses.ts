// The doses that may stand on a card, and why the others do not: the deployment vouches only for what an organization recorded.

import type { Coding, Immunization } from '@medplum/fhirtypes';
import { codedVaccine } from '../../profiles/vaccine.ts';
import { rangeOf } from '../fhir/date-range.ts';
import { formatDay } from '../forecast/days.ts';
import type { Decision } from '../reconciliation/types.ts';
import { countedOnce } from '../reconciliation/vaccinations/counted-once.ts';
import { type Topic, topicOf } from './topics.ts';

export type CardDose = {
  dose: Immunization;
  coding: Coding & { system: string; code: string };
  /** `YYYY-MM-DD`, or what of it is known. */
  day: string;
  topic: Topic;
};
export type LeftOutReason = 'not-given' | 'self-reported' | 'no-code' | 'no-date';
export type LeftOut = { dose: Immunization; reason: LeftOutReason };

/** Each event once, the newest dose first. Doses that were entered in error are no doses, and are not told of either. */
export function cardDoses(
  immunizations: readonly Immunization[],
  decisions: readonly Decision[],
): { doses: CardDose[]; leftOut: LeftOut[] } {
  const real = immunizations.filter(({ status }) => status !== 'entered-in-error');
  const leftOut: LeftOut[] = [];
  const vouched: Immunization[] = [];
  for (const dose of real) {
    const reason = refusal(dose);
    if (reason === undefined) vouched.push(dose);
    else leftOut.push({ dose, reason });
  }
  const doses = countedOnce(vouched, decisions).flatMap((dose): CardDose[] => {
    const coding = codingOf(dose);
    const day = dayOf(dose);
    return coding && day !== undefined ? [{ dose, coding, day, topic: topicOf([coding, ...codingsOf(dose)]) }] : [];
  });
  doses.sort((a, b) => (a.day === b.day ? order(a.dose.id, b.dose.id) : order(b.day, a.day)));
  return { doses, leftOut };
}

const order = (one = '', other = ''): number => (one < other ? -1 : 1);

function refusal(dose: Immunization): LeftOutReason | undefined {
  if (dose.status !== 'completed') return 'not-given';
  if (!isVouchedFor(dose)) return 'self-reported';
  if (codingOf(dose) === undefined) return 'no-code';
  return dayOf(dose) === undefined ? 'no-date' : undefined;
}

/** Recorded by an organization (meta.source is the server's own word), and not from what somebody remembered. */
function isVouchedFor({ meta, primarySource, reportOrigin }: Immunization): boolean {
  if (!/\/Organization\/[A-Za-z0-9.-]{1,64}$/.test(meta?.source ?? '')) return false;
  return primarySource !== false || !(reportOrigin?.coding ?? []).some(({ code }) => recalled.has(code ?? ''));
}

/** http://terminology.hl7.org/CodeSystem/immunization-origin, and NIP001 (HL7 v2 RXA-9): from a parent's recall. */
const recalled: ReadonlySet<string> = new Set(['recall', '04']);

const CVX = 'http://hl7.org/fhir/sid/cvx';
const codingsOf = ({ vaccineCode }: Immunization): Coding[] => vaccineCode?.coding ?? [];

/** The CVX code that was recorded, else the nearest one of the vaccine, else the code there is. */
function codingOf(dose: Immunization): CardDose['coding'] | undefined {
  const codings = codingsOf(dose);
  const cvx = codings.find(({ system, code }) => system === CVX && code !== undefined) ?? codedVaccine(codings)?.cvx;
  const found = cvx ?? codings.find(({ system, code }) => system !== undefined && code !== undefined);
  return found?.system !== undefined && found.code !== undefined
    ? { system: found.system, code: found.code }
    : undefined;
}

/** The day in Japan of a FHIR dateTime. */
function dayOf({ occurrenceDateTime: at }: Immunization): string | undefined {
  if (at === undefined) return undefined;
  if (!at.includes('T')) return at;
  const range = rangeOf(at);
  return range && formatDay(Math.floor((range.lo + 9 * 3_600_000) / 86_400_000));
}
