// What a patient's app may do to what is stored: only to what is that patient's and nobody else's, and without claiming a
// patient number. A number at a facility leads that facility's records to whoever has it, so it is only added by
// $link-facility, which asks for the facility's code, or by staff.

import { patientsOf } from '../fhir/compartments.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { birthday } from './birthday.ts';
import { ownAccountYears } from './policy.ts';

/** True when the stored resource is in no other patient's compartment. */
export function isOnlyOf(patient: string, stored: JsonObject): boolean {
  return patientsOf(stored).every((reference) => reference === `Patient/${patient}`);
}

/** The place of the first identifier that `next` has and `stored` has not; undefined when none was added. */
export function addedIdentifier(stored: JsonObject, next: JsonObject): string | undefined {
  const known = new Set(identifiersOf(stored).map(nameOf));
  const added = identifiersOf(next).findIndex((identifier) => !known.has(nameOf(identifier)));
  return added < 0 ? undefined : `Patient.identifier[${added}]`;
}

/**
 * True when the birth dates differ and one of them says 15 or more: from then on it decides what guardians no longer read and when
 * their rights end. `now`: ISO 8601.
 */
export function movesComingOfAge({ birthDate: was }: JsonObject, { birthDate: is }: JsonObject, now: string): boolean {
  return was !== is && [was, is].some((one) => birthday(one, ownAccountYears) <= now);
}

const identifiersOf = ({ identifier }: JsonObject): JsonObject[] =>
  Array.isArray(identifier) ? identifier.filter(isObject) : [];

const nameOf = ({ system, value }: JsonObject): string => JSON.stringify([system ?? null, value ?? null]);
