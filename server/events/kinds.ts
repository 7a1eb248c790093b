// The kinds of events that are brought together, by the type of their records.

import type { Resource } from '@medplum/fhirtypes';
import { badRequest } from '../fhir/outcome.ts';
import { allergyEvents } from '../reconciliation/allergies/allergies.ts';
import { findingEvents } from '../reconciliation/checkups/findings.ts';
import { visitEvents } from '../reconciliation/checkups/visits.ts';
import { dispensingEvents, prescriptionEvents } from '../reconciliation/medication/medication.ts';
import type { Decision, Event } from '../reconciliation/types.ts';
import { vaccinationEvents } from '../reconciliation/vaccinations/vaccinations.ts';

export type EventsOf = (resources: readonly Resource[], decisions: readonly Decision[]) => Event[];

const of = <Type extends Resource['resourceType']>(
  type: Type,
  events: (resources: readonly Extract<Resource, { resourceType: Type }>[], decisions: readonly Decision[]) => Event[],
): [Type, EventsOf] => [
  type,
  (resources, decisions) =>
    events(
      resources.filter((one): one is Extract<Resource, { resourceType: Type }> => one.resourceType === type),
      decisions,
    ),
];

const KINDS: ReadonlyMap<string, EventsOf> = new Map<string, EventsOf>([
  of('Immunization', vaccinationEvents),
  of('MedicationDispense', dispensingEvents),
  of('MedicationRequest', prescriptionEvents),
  of('AllergyIntolerance', allergyEvents),
  of('Encounter', visitEvents),
  of('Observation', findingEvents),
]);

/** Throws 400 for a type whose records are not brought together, and names those whose are. */
export function eventsOf(type: string): EventsOf {
  const found = KINDS.get(type);
  if (found === undefined)
    throw badRequest(`Events are made of ${[...KINDS.keys()].join(', ')}, not of "${type}"`, 'not-supported', ['type']);
  return found;
}
