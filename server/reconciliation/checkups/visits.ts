// Encounters that tell of one visit: a check-up that the municipality, the clinic and the handbook each have. FHIR R4.

import type { Encounter } from '@medplum/fhirtypes';
import { daysOf, isDay } from '../days-of.ts';
import { type NamedThing, namedThing, thingWord } from '../named-thing.ts';
import { placesOf, placeWord, valueWord } from '../places.ts';
import { reconcile } from '../reconcile.ts';
import { distanceOf, ownIdentifier, sourceOf } from '../source-of.ts';
import type { Decision, Event, Kind, Said } from '../types.ts';
import { VISIT_RULES } from './rules.ts';

export function visitEvents(encounters: readonly Encounter[], decisions: readonly Decision[]): Event[] {
  return reconcile(encounters.flatMap(saidOf), decisions, VISITS);
}

type Facts = { type: NamedThing; class: string | undefined; places: readonly string[] };

const VISITS: Kind<Facts> = {
  compare: {
    type: (one, other) => thingWord(one.facts.type, other.facts.type),
    class: (one, other) => valueWord(one.facts.class, other.facts.class),
    place: (one, other) => placeWord(one.facts.places, other.facts.places),
  },
  rules: VISIT_RULES,
};

const NO_VISIT = new Set(['entered-in-error', 'cancelled', 'planned']);

function saidOf(encounter: Encounter): Said<Facts>[] {
  const { id, status, meta, period, serviceProvider, location = [] } = encounter;
  if (id === undefined || NO_VISIT.has(status ?? '')) return [];
  const days = daysOf(period?.start ?? period?.end);
  const places = placesOf([serviceProvider, ...location.map((one) => one.location)]);
  const type = namedThing([...(encounter.type ?? []), encounter.serviceType]);
  return [
    {
      reference: `Encounter/${id}`,
      source: sourceOf(encounter),
      identifier: ownIdentifier(encounter),
      isExact: isDay(days),
      distance: distanceOf(encounter),
      completeness: [type.names[0], places[0], period?.end].filter((one) => one !== undefined).length,
      recorded: meta?.lastUpdated ?? '',
      days,
      facts: { type, class: encounter.class?.code, places },
    },
  ];
}
