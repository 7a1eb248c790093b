// Observations that tell of one measurement or one answer: weight on the day of the 18-month check-up, out of the municipality's record
// and out of the handbook. FHIR R4.

import type { Observation, Quantity } from '@medplum/fhirtypes';
import { daysOf, isDay } from '../days-of.ts';
import { type NamedThing, namedThing, thingWord } from '../named-thing.ts';
import { placesOf, placeWord, valueWord } from '../places.ts';
import { reconcile } from '../reconcile.ts';
import { distanceOf, ownIdentifier, sourceOf } from '../source-of.ts';
import { plainText } from '../texts.ts';
import type { Decision, Event, Kind, Said } from '../types.ts';
import { FINDING_RULES } from './rules.ts';

export function findingEvents(observations: readonly Observation[], decisions: readonly Decision[]): Event[] {
  return reconcile(observations.flatMap(saidOf), decisions, FINDINGS);
}

type Facts = {
  item: NamedThing;
  value: string | undefined;
  time: string | undefined;
  places: readonly string[];
};

const FINDINGS: Kind<Facts> = {
  compare: {
    item: (one, other) => thingWord(one.facts.item, other.facts.item),
    value: (one, other) => valueWord(one.facts.value, other.facts.value),
    time: (one, other) => valueWord(one.facts.time, other.facts.time),
    place: (one, other) => placeWord(one.facts.places, other.facts.places),
  },
  rules: FINDING_RULES,
};

const NO_FINDING = new Set(['entered-in-error', 'cancelled', 'registered']);

function saidOf(observation: Observation): Said<Facts>[] {
  if (observation.id === undefined || NO_FINDING.has(observation.status ?? '')) return [];
  const when = observation.effectiveDateTime ?? observation.effectiveInstant ?? observation.effectivePeriod?.start;
  const days = daysOf(when);
  const places = placesOf(observation.performer ?? []);
  const item = namedThing([observation.code]);
  const value = valueText(observation);
  return [
    {
      reference: `Observation/${observation.id}`,
      source: sourceOf(observation),
      identifier: ownIdentifier(observation),
      isExact: isDay(days) && value !== undefined,
      distance: distanceOf(observation),
      completeness: item.codes.size + (observation.interpretation === undefined ? 0 : 1) + (places.length > 0 ? 1 : 0),
      recorded: observation.issued ?? observation.meta?.lastUpdated ?? '',
      days,
      facts: { item, value, time: minuteOf(when), places },
    },
  ];
}

/** The value in one form; several measurements in one (blood pressure) are one value. */
function valueText(observation: Observation): string | undefined {
  const { valueQuantity, valueCodeableConcept, valueString, valueBoolean, valueInteger, component } = observation;
  if (valueQuantity !== undefined) return quantityText(valueQuantity);
  if (valueCodeableConcept !== undefined)
    return valueCodeableConcept.coding?.[0]?.code ?? plainText(valueCodeableConcept.text ?? '');
  if (valueString !== undefined) return plainText(valueString);
  if (valueBoolean !== undefined || valueInteger !== undefined) return String(valueBoolean ?? valueInteger);
  if (component === undefined) return undefined;
  const parts = component.map(
    (one) => `${one.code?.coding?.[0]?.code} ${valueText({ ...one, resourceType: 'Observation' } as Observation)}`,
  );
  return parts.sort().join(' ');
}

/** In grams and centimetres, as handbooks have them in either; another unit stands as it is. */
function quantityText({ value, unit, code }: Quantity): string | undefined {
  if (value === undefined) return undefined;
  const name = (code ?? unit ?? '').toLowerCase();
  const [factor, base] = TO_BASE[name] ?? [1, name];
  return `${Math.round(Number(value) * factor * 1_000) / 1_000} ${base}`;
}

const TO_BASE: Readonly<Record<string, readonly [factor: number, base: string]>> = {
  kg: [1_000, 'g'],
  m: [100, 'cm'],
  mm: [0.1, 'cm'],
};

/** `2026-03-10T10:20` of an instant; undefined for a day, and for midnight, which is what a day becomes in some systems. */
function minuteOf(when: string | undefined): string | undefined {
  const instant = when !== undefined && when.length > 16 ? Date.parse(when) : Number.NaN;
  if (Number.isNaN(instant) || /T00:00(:00(\.0+)?)?(Z|[+-])/.test(when ?? '')) return undefined;
  return new Date(instant).toISOString().slice(0, 16);
}
