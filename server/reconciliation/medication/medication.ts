// MedicationDispenses that tell of one dispensing of one drug, and MedicationRequests that tell of one prescription of one. FHIR R4.
// What was never handed over, or was entered in error, is of no event.

import type {
  CodeableConcept,
  Identifier,
  MedicationDispense,
  MedicationRequest,
  Meta,
  Quantity,
  Reference,
} from '@medplum/fhirtypes';
import { daysOf, isDay } from '../days-of.ts';
import { type NamedThing, namedThing, thingWord } from '../named-thing.ts';
import { placesOf, placeWord, valueWord } from '../places.ts';
import { reconcile } from '../reconcile.ts';
import { distanceOf, ownIdentifier, sourceOf } from '../source-of.ts';
import { plainText } from '../texts.ts';
import type { Decision, Event, Kind, Said } from '../types.ts';
import { MEDICATION_RULES } from './rules.ts';

export function dispensingEvents(dispenses: readonly MedicationDispense[], decisions: readonly Decision[]): Event[] {
  return reconcile(dispenses.flatMap(dispensed), decisions, MEDICATION);
}

export function prescriptionEvents(requests: readonly MedicationRequest[], decisions: readonly Decision[]): Event[] {
  return reconcile(requests.flatMap(prescribed), decisions, MEDICATION);
}

type Facts = {
  drug: NamedThing;
  amount: string | undefined;
  duration: string | undefined;
  places: readonly string[];
};

const MEDICATION: Kind<Facts> = {
  compare: {
    drug: (one, other) => thingWord(one.facts.drug, other.facts.drug),
    amount: (one, other) => valueWord(one.facts.amount, other.facts.amount),
    duration: (one, other) => valueWord(one.facts.duration, other.facts.duration),
    place: (one, other) => placeWord(one.facts.places, other.facts.places),
  },
  rules: MEDICATION_RULES,
};

const HANDED_OVER = new Set(['completed', 'in-progress', 'stopped', 'unknown']);

function dispensed(dispense: MedicationDispense): Said<Facts>[] {
  if (!HANDED_OVER.has(dispense.status ?? '')) return [];
  return saidOf(dispense, {
    when: dispense.whenHandedOver ?? dispense.whenPrepared,
    drug: dispense.medicationCodeableConcept,
    amount: dispense.quantity,
    duration: dispense.daysSupply,
    places: (dispense.performer ?? []).map(({ actor }) => actor),
  });
}

const PRESCRIBED = new Set(['active', 'completed', 'stopped', 'on-hold', 'unknown']);

function prescribed(request: MedicationRequest): Said<Facts>[] {
  if (!PRESCRIBED.has(request.status ?? '')) return [];
  return saidOf(request, {
    when: request.authoredOn,
    drug: request.medicationCodeableConcept,
    amount: request.dispenseRequest?.quantity,
    duration: request.dispenseRequest?.expectedSupplyDuration,
    places: [request.requester],
  });
}

type Told = {
  when: string | undefined;
  drug: CodeableConcept | undefined;
  amount: Quantity | undefined;
  duration: Quantity | undefined;
  places: readonly (Reference | undefined)[];
};
type Resource = { resourceType: string; id?: string; meta?: Meta; identifier?: Identifier[] };

function saidOf(resource: Resource, told: Told): Said<Facts>[] {
  if (resource.id === undefined) return [];
  const drug = namedThing([told.drug]);
  const days = daysOf(told.when);
  const places = placesOf(told.places);
  const [amount, duration] = [amountOf(told.amount), amountOf(told.duration)];
  return [
    {
      reference: `${resource.resourceType}/${resource.id}`,
      source: sourceOf(resource),
      identifier: ownIdentifier(resource),
      isExact: isDay(days),
      distance: distanceOf(resource),
      completeness: [drug.codes.size > 0 || undefined, amount, duration, places[0]].filter((one) => one !== undefined)
        .length,
      recorded: resource.meta?.lastUpdated ?? '',
      days,
      facts: { drug, amount, duration, places },
    },
  ];
}

/** Units of two systems say nothing to each other: only the names of what is counted are compared. */
function amountOf(quantity: Quantity | undefined): string | undefined {
  if (quantity?.value === undefined) return undefined;
  return `${Number(quantity.value)} ${plainText(quantity.unit ?? quantity.code ?? '')}`;
}
