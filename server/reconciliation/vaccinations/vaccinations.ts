// Immunizations that tell of one dose. FHIR R4. What was not done or was entered in error is no dose, and of no event.

import type { Immunization } from '@medplum/fhirtypes';
import { parseDayRange } from '../../forecast/days.ts';
import { japanDate } from '../../forecast/facts/calendar-date.ts';
import { lotWord, plainLot } from '../lot.ts';
import { reconcile } from '../reconcile.ts';
import { ownIdentifier, sourceOf } from '../source-of.ts';
import { isSameName, plainText } from '../texts.ts';
import type { Decision, Event, Kind, Said } from '../types.ts';
import { MAKERS } from './antigens.ts';
import { VACCINATION_RULES } from './rules.ts';
import { type Meaning, meaningOf, vaccineWord } from './vaccine-word.ts';

/** The events of one patient's Immunizations that have an id; each is in one, but for those that are no dose. */
export function vaccinationEvents(immunizations: readonly Immunization[], decisions: readonly Decision[]): Event[] {
  return reconcile(immunizations.flatMap(saidOf), decisions, VACCINATIONS);
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
    number: ({ facts: one }, { facts: other }) => withinVaccine(textWord(one.number, other.number), one, other),
    maker: ({ facts: one }, { facts: other }) => withinVaccine(textWord(one.maker, other.maker), one, other),
    place: (one, other) => placeWord(one.facts.places, other.facts.places),
  },
  rules: VACCINATION_RULES,
};

function saidOf(immunization: Immunization): Said<Facts>[] {
  if (immunization.status !== 'completed' || immunization.id === undefined) return [];
  const { lotNumber, primarySource, reportOrigin, meta, recorded } = immunization;
  const [protocol] = immunization.protocolApplied ?? [];
  const number = protocol?.doseNumberPositiveInt ?? protocol?.doseNumberString;
  const origin = reportOrigin?.text ?? reportOrigin?.coding?.[0]?.code ?? '';
  const vaccine = meaningOf(immunization.vaccineCode);
  const days = parseDayRange(japanDate(immunization.occurrenceDateTime ?? immunization.occurrenceString ?? '') ?? '');
  const places = placesOf(immunization);
  const maker = makerOf(immunization);
  return [
    {
      reference: `Immunization/${immunization.id}`,
      source: sourceOf(immunization, primarySource === false ? origin : ''),
      identifier: ownIdentifier(immunization),
      // An organization stands for what it writes; a family copies from what it was given.
      distance: (meta?.source === undefined ? 2 : 0) + (primarySource === false ? 1 : 0),
      completeness: [
        vaccine.code,
        days !== undefined && days.first === days.last ? 'day' : undefined,
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

function makerOf({ manufacturer, vaccineCode }: Immunization): string | undefined {
  const name = plainText(manufacturer?.display ?? manufacturer?.identifier?.value ?? '');
  if (name === '') return makerIn(plainText(vaccineCode?.text ?? ''));
  return makerIn(name) ?? name;
}

/** A product is often written with its maker: 水痘ワクチン「ビケン」. */
const makerIn = (name: string): string | undefined =>
  Object.entries(MAKERS).find(([, writings]) => writings.some((one) => name.includes(one)))?.[0];

/** Where and by whom, in whatever words. */
function placesOf({ performer = [], location }: Immunization): string[] {
  const actors = [...performer.map(({ actor }) => actor), location];
  return actors.flatMap((actor) =>
    [actor?.identifier?.value, actor?.display].flatMap((name) => (name ? [plainPlace(name)] : [])),
  );
}

const plainPlace = (name: string): string =>
  plainText(name).replace(/^(医療法人|社団法人|社会福祉法人)(社団|財団)?/, '');

function placeWord(one: readonly string[], other: readonly string[]): string {
  if (one.length === 0 || other.length === 0) return 'missing';
  return one.some((name) => other.some((also) => isSameName(name, also))) ? 'same' : 'other';
}

const textWord = (one: string | undefined, other: string | undefined): string =>
  one === undefined || other === undefined ? 'missing' : one === other ? 'same' : 'other';
