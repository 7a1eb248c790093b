// AllergyIntolerances that tell of one allergy. FHIR R4. An allergy has no day: the substance decides. That one source has it refuted or
// resolved, and another active, is a conflict that a person is to see, and no reason to show it twice.

import type { AllergyIntolerance } from '@medplum/fhirtypes';
import { type NamedThing, namedThing, thingWord } from '../named-thing.ts';
import { valueWord } from '../places.ts';
import { reconcile } from '../reconcile.ts';
import { distanceOf, ownIdentifier, sourceOf } from '../source-of.ts';
import type { Decision, Event, Kind, Rules, Said } from '../types.ts';
import { ALLERGENS } from './allergens.ts';

export function allergyEvents(allergies: readonly AllergyIntolerance[], decisions: readonly Decision[]): Event[] {
  return reconcile(allergies.flatMap(saidOf), decisions, ALLERGIES);
}

const ALLERGY_RULES: Rules = {
  same: 4,
  alone: 4,
  possible: 2,
  margin: 0.5,
  nearDays: 0,
  weights: {
    substance: { same: 5, sameName: 4, unknown: 'never', other: 'never' },
    category: { same: 0.5, other: -1 },
    type: { same: 0.5, other: -0.5 },
    identifier: { same: 10 },
    source: { same: -3 },
    // Said of a person, and not added: what they disagree in is shown.
    clinicalStatus: {},
    verification: {},
    criticality: {},
  },
  conflicts: { clinicalStatus: ['other'], verification: ['other'], criticality: ['other'], type: ['other'] },
  unsure: {},
};

type Facts = {
  substance: NamedThing;
  category: string | undefined;
  type: string | undefined;
  clinicalStatus: string | undefined;
  verification: string | undefined;
  criticality: string | undefined;
};

const ALLERGIES: Kind<Facts> = {
  compare: {
    substance: (one, other) => thingWord(one.facts.substance, other.facts.substance),
    category: (one, other) => valueWord(one.facts.category, other.facts.category),
    type: (one, other) => valueWord(one.facts.type, other.facts.type),
    clinicalStatus: (one, other) => valueWord(one.facts.clinicalStatus, other.facts.clinicalStatus),
    verification: (one, other) => valueWord(one.facts.verification, other.facts.verification),
    criticality: (one, other) => valueWord(one.facts.criticality, other.facts.criticality),
  },
  rules: ALLERGY_RULES,
};

function saidOf(allergy: AllergyIntolerance): Said<Facts>[] {
  const { id, meta, code, clinicalStatus, verificationStatus, criticality, recordedDate } = allergy;
  const verification = verificationStatus?.coding?.[0]?.code;
  if (id === undefined || verification === 'entered-in-error') return [];
  const substances = (allergy.reaction ?? []).map(({ substance }) => substance);
  const substance = withAllergens(namedThing(code === undefined ? substances : [code]));
  return [
    {
      reference: `AllergyIntolerance/${id}`,
      source: sourceOf(allergy),
      identifier: ownIdentifier(allergy),
      isExact: true,
      distance: distanceOf(allergy),
      completeness: [
        substance.codes.size > 1 || undefined,
        clinicalStatus,
        criticality,
        allergy.reaction,
        allergy.type,
      ].filter((one) => one !== undefined).length,
      recorded: recordedDate ?? meta?.lastUpdated ?? '',
      // They all meet on one day, for none is nearer than another.
      days: { first: 0, last: 0 },
      facts: {
        substance,
        category: allergy.category?.[0],
        type: allergy.type,
        clinicalStatus: clinicalStatus?.coding?.[0]?.code,
        verification: verification === 'refuted' ? 'refuted' : verification && 'not refuted',
        criticality: criticality === 'unable-to-assess' ? undefined : criticality,
      },
    },
  ];
}

/** Names that mean one allergen become one name; アレルギー behind it says nothing more. */
function withAllergens({ codes, names }: NamedThing): NamedThing {
  const bare = names.map((name) => name.replace(/(食物)?アレルギー$/, ''));
  return { codes, names: bare.map((name) => allergenOf(name) ?? name) };
}

const allergenOf = (name: string): string | undefined =>
  Object.entries(ALLERGENS).find(([, writings]) => writings.includes(name))?.[0];
