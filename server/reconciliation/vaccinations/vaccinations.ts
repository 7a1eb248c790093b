// Immunizations that tell of one dose. FHIR R4. What was not done or was entered in error is no dose, and of no event.

import type { Immunization } from '@medplum/fhirtypes';
import { daysOf, isDay } from '../days-of.ts';
import { lotWord, plainLot } from '../lot.ts';
import { placesOf, placeWord, valueWord } from '../places.ts';
import { reconcile, toldAgain } from '../reconcile.ts';
import { distanceOf, ownIdentifier, sourceOf } from '../source-of.ts';
import { plainText } from '../texts.ts';
import type { Decision, Event, Kind, Said } from '../types.ts';
import { MAKERS } from './antigens.ts';
import { VACCINATION_RULES } from './rules.ts';
import { type Meaning, meaningOf, vaccineWord } from './vaccine-word.ts';

/** The events of one patient's Immunizations that have an id; each is in one, but for those that are no dose. */
export function vaccinationEvents(immunizations: readonly Immunization[], decisions: readonly Decision[]): Event[] {
  return reconcile(immunizations.flatMap(saidOf), decisions, VACCINATIONS);
}

/** The references of the Immunizations whose dose another stands for. */
export function dosesToldAgain(immunizations: readonly Immunization[], decisions: readonly Decision[]): Set<string> {
  return toldAgain(immunizations.flatMap(saidOf), decisions, VACCINATIONS);
}

type Facts = {
  vaccine: Meaning;
  lot: string | undefined;
  number: string | undefined;
  maker: string | undefined;
  places: readonly string[];
};

const VACCINATIONS: Kind<Facts> = {
  compare: {
    vaccine: (one, other) => vaccineWord(one.facts.vaccine, other.facts.vaccine),
    lot: (one, other) => lotWord(one.facts.lot, other.facts.lot),
    number: ({ facts: one }, { facts: other }) => withinVaccine(valueWord(one.number, other.number), one, other),
    maker: ({ facts: one }, { facts: other }) => withinVaccine(valueWord(one.maker, other.maker), one, other),
    place: (one, other) => placeWord(one.facts.places, other.facts.places),
  },
  rules: VACCINATION_RULES,
};

function saidOf(immunization: Immunization): Said<Facts>[] {
  if (immunization.status !== 'completed' || immunization.id === undefined) return [];
  const { lotNumber, primarySource, meta, recorded } = immunization;
  const [protocol] = immunization.protocolApplied ?? [];
  const number = protocol?.doseNumberPositiveInt ?? protocol?.doseNumberString;
  const vaccine = meaningOf(immunization.vaccineCode);
  const days = daysOf(immunization.occurrenceDateTime ?? immunization.occurrenceString);
  const hasDay = isDay(days);
  const { performer = [], location } = immunization;
  const places = placesOf([...performer.map(({ actor }) => actor), location]);
  const maker = makerOf(immunization);
  return [
    {
      reference: `Immunization/${immunization.id}`,
      source: sourceOf(immunization, originOf(immunization)),
      identifier: ownIdentifier(immunization),
      isExact: vaccine.code !== undefined && hasDay,
      distance: distanceOf(immunization) + (primarySource === false ? 1 : 0),
      completeness: [
        vaccine.code,
        hasDay ? 'day' : undefined,
        lotNumber,
        maker,
        number,
        places[0],
        immunization.doseQuantity?.value,
        immunization.site,
        immunization.route,
      ].filter((one) => one !== undefined).length,
      recorded: recorded ?? meta?.lastUpdated ?? '',
      days,
      facts: {
        vaccine,
        lot: plainLot(lotNumber),
        number: number === undefined ? undefined : String(number),
        maker,
        places,
      },
    },
  ];
}

/** Where the vaccine is not known on both sides, the maker says more, and the number of the dose next to nothing. */
const withinVaccine = (word: string, { vaccine: one }: Facts, { vaccine: other }: Facts): string =>
  word !== 'missing' && vaccineWord(one, other) === 'unknown' ? `${word}Alone` : word;

/** Whom a record has it from that was not made by who gave the dose. */
export const originOf = ({ primarySource, reportOrigin }: Immunization): string =>
  primarySource === false ? (reportOrigin?.text ?? reportOrigin?.coding?.[0]?.code ?? '') : '';

function makerOf({ manufacturer, vaccineCode }: Immunization): string | undefined {
  const name = plainText(manufacturer?.display ?? manufacturer?.identifier?.value ?? '');
  if (name === '') return makerIn(plainText(vaccineCode?.text ?? ''));
  return makerIn(name) ?? name;
}

/** A product is often written with its maker: 水痘ワクチン「ビケン」. */
const makerIn = (name: string): string | undefined =>
  Object.entries(MAKERS).find(([, writings]) => writings.some((one) => name.includes(one)))?.[0];
