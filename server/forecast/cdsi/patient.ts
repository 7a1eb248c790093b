// Organises what is known about one person for a CDSi schedule: the history in order, seen whole and by antigen, and the
// active observations. CDSi 4.6, chapter 4; duplicates and vague dates are ours (forecasts rest on the last possible day).

import { type Day, parseDayRange } from '../days.ts';
import { addDuration, type Duration } from '../duration.ts';
import { byDay, type DatedDose, readDates, readHistory } from '../given-history.ts';
import type { ForecastInput, GivenDose, Warning } from '../types.ts';
import type { CdsiSchedule, Length, Product } from './compiled.ts';
import { brandOf } from './reader.ts';

export type DoseRecord = DatedDose & {
  /** Place in the whole history, by day. */
  place: number;
  product: Product;
  /** Where the name of the product begins with a brand that the schedule tells apart. */
  brand: string | undefined;
};

export type Patient = {
  birth: Day;
  asOf: Day;
  gender: 'Female' | 'Male' | 'Unknown';
  birthCountry: string | undefined;
  /** Active observations by code, with their latest date. */
  observations: ReadonlyMap<string, Day | undefined>;
  /** By day, then in the order of the input; duplicates left out. */
  history: readonly DoseRecord[];
  /** Antigen records: the history as one antigen sees it, by the antigen's number. */
  records: readonly (readonly DoseRecord[])[];
  duplicates: readonly DoseRecord[];
  hasVagueDates: boolean;
  /** Days on which the ages of the schedule are reached, as far as asked for. */
  ages: Float64Array;
};

/** Reads the input. Doses that cannot be used are left out with a warning. Throws `ForecastInputError`. */
export function organisePatient(input: ForecastInput, schedule: CdsiSchedule, warnings: Warning[]): Patient {
  const { birth, asOf } = readDates(input);
  const { records: read, duplicates } = readHistory(input, { birth, asOf }, warnings, {
    find: (dose) => knownProduct(dose, schedule),
    unknown: (cvx) => `The CVX code "${cvx}" is not known; the dose was left out.`,
  });
  for (const { dose } of duplicates)
    warnings.push({
      code: 'duplicateRecord',
      doseId: dose.id,
      text: `${dose.vaccine} is recorded twice on ${dose.date}.`,
    });
  const patient: Patient = {
    birth,
    asOf,
    gender: input.sex === 'female' ? 'Female' : input.sex === 'male' ? 'Male' : 'Unknown',
    birthCountry: input.birthCountry,
    observations: readObservations(input, schedule, warnings),
    history: [],
    records: [],
    duplicates,
    hasVagueDates: read.some(({ first, last }) => first !== last),
    ages: new Float64Array(schedule.lengths).fill(Number.NaN),
  };
  return withHistory(
    patient,
    duplicates.length === 0 ? read : read.filter((one) => !duplicates.includes(one)),
    schedule,
  );
}

/** The same person with every vague date read as its first possible day. */
export function onFirstPossibleDays(patient: Patient, schedule: CdsiSchedule): Patient {
  return withHistory(patient, patient.history.map((one) => ({ ...one, day: one.first })).sort(byDay), schedule);
}

/** The day this person reaches an age. */
export function ageDay(patient: Patient, age: Length): Day {
  const known = patient.ages[age.id];
  if (known !== undefined && !Number.isNaN(known)) return known;
  const day = addDuration(patient.birth, age);
  patient.ages[age.id] = day;
  return day;
}

/** `DOB + from <= day < DOB + to`, an absent end being open. */
export function isWithinAges(patient: Patient, from: Length | undefined, to: Length | undefined, day: Day): boolean {
  return (from === undefined || day >= ageDay(patient, from)) && (to === undefined || day < ageDay(patient, to));
}

/** The later of two days, either of which may be absent. */
export function later(a: Day | undefined, b: Day | undefined): Day | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}

/** A day after a reference. */
export function after(reference: Day, length: Duration): Day {
  return addDuration(reference, length);
}

function withHistory(patient: Patient, history: DoseRecord[], schedule: CdsiSchedule): Patient {
  const records: DoseRecord[][] = schedule.antigens.map(() => NO_RECORDS);
  for (const [place, record] of history.entries()) {
    record.place = place;
    for (const { antigen, from, to } of record.product.associations) {
      if (!isWithinAges(patient, from, to, record.day)) continue;
      const known = records[antigen];
      if (known === undefined || known === NO_RECORDS) records[antigen] = [record];
      else known.push(record);
    }
  }
  return { ...patient, history, records };
}

const NO_RECORDS: DoseRecord[] = [];

function knownProduct(
  { vaccine, product: name }: GivenDose,
  { products, brands }: CdsiSchedule,
): Pick<DoseRecord, 'place' | 'product' | 'brand'> | undefined {
  const product = products.get(vaccine);
  if (product === undefined) return undefined;
  const brand = name === undefined ? undefined : brandOf(name);
  return { place: 0, product, brand: brand !== undefined && brands.has(brand) ? brand : undefined };
}

function readObservations(
  { observations = [] }: ForecastInput,
  schedule: CdsiSchedule,
  warnings: Warning[],
): ReadonlyMap<string, Day | undefined> {
  if (observations.length === 0) return NO_OBSERVATIONS;
  const read = new Map<string, Day | undefined>();
  for (const { code, date } of observations) {
    if (!schedule.observations.has(code))
      warnings.push({
        code: 'unknownObservation',
        text: `The observation "${code}" is not known and changes nothing.`,
      });
    const range = date === undefined ? undefined : parseDayRange(date);
    if (date !== undefined && range === undefined)
      warnings.push({ code: 'invalidDate', text: `"${date}" of the observation "${code}" is not a date.` });
    read.set(code, later(read.get(code), range?.last));
  }
  return read;
}

const NO_OBSERVATIONS: ReadonlyMap<string, Day | undefined> = new Map();
