// The medicines of a summary: what is taken now or was until lately. A prescription lasts as long as it supplies, or as its bounds say;
// a dispensing of a prescription that is shown is not told again.

import { isObject, type JsonObject, numberText } from '../fhir/json.ts';
import { parseDay } from '../forecast/days.ts';
import { dayText, objectsIn, textIn } from './texts.ts';

/** So long what has ended still matters to whoever prescribes next; ours. */
export const LATELY_DAYS = 90;
/** What names no end is told for a year after it began, and no prescription is of a longer supply; ours. */
const OPEN_DAYS = 365;
/** What was prescribed or handed over before is over by both. */
export const RECENT_DAYS = LATELY_DAYS + OPEN_DAYS + 1;

export function currentMedication(resources: readonly JsonObject[], today: number): JsonObject[] {
  const recent = resources.filter((one) => isTaken(one) && endOf(one) >= today - LATELY_DAYS);
  const shown = new Set(recent.map(({ resourceType, id }) => `${resourceType}/${id}`));
  return recent.filter(
    ({ authorizingPrescription }) =>
      !objectsIn(authorizingPrescription).some(({ reference }) => shown.has(textIn(reference) ?? '')),
  );
}

const TAKEN: Readonly<Record<string, readonly string[]>> = {
  MedicationStatement: ['active', 'completed', 'intended', 'stopped', 'on-hold', 'unknown'],
  MedicationRequest: ['active', 'completed', 'stopped', 'on-hold', 'unknown'],
  MedicationDispense: ['completed', 'in-progress', 'stopped', 'unknown'],
};

/** doNotPerform forbids a medicine. */
const isTaken = ({ resourceType, status, doNotPerform }: JsonObject): boolean =>
  TAKEN[String(resourceType)]?.includes(String(status)) === true && doNotPerform !== true;

/** The last day of which it is known that it was taken; without any day it is now. */
function endOf(medication: JsonObject): number {
  const { effectivePeriod: period, dispenseRequest, daysSupply, status } = medication;
  const ended = isObject(period) ? dayIn(period.end) : undefined;
  if (ended !== undefined) return ended;
  const begun =
    dayIn(medication.effectiveDateTime) ??
    (isObject(period) ? dayIn(period.start) : undefined) ??
    dayIn(medication.authoredOn) ??
    dayIn(medication.whenHandedOver) ??
    dayIn(medication.whenPrepared);
  if (begun === undefined) return Number.POSITIVE_INFINITY;
  // What somebody says to take stays so until they say otherwise.
  if (medication.resourceType === 'MedicationStatement' && status === 'active') return Number.POSITIVE_INFINITY;
  const supply = daysIn(isObject(dispenseRequest) ? dispenseRequest.expectedSupplyDuration : daysSupply);
  return begun + Math.min(supply ?? OPEN_DAYS, OPEN_DAYS);
}

const dayIn = (value: unknown): number | undefined => {
  const day = dayText(value);
  // Of a month or a year the first day: at least from then on.
  return day === '' ? undefined : parseDay(`${day}-01-01`.slice(0, 10));
};

const DAYS: Readonly<Record<string, number>> = { d: 1, wk: 7, mo: 31, a: 366, h: 1 / 24 };

function daysIn(duration: unknown): number | undefined {
  if (!isObject(duration)) return undefined;
  const number = Number(numberText(duration.value));
  const days = DAYS[textIn(duration.code) ?? 'd'];
  return Number.isFinite(number) && days !== undefined ? number * days : undefined;
}
