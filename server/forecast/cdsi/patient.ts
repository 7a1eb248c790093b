// Organises what is known about one person for a CDSi schedule: the history in order, seen whole and by antigen, and the
// active observations. CDSi 4.6, chapter 4; duplicates and vague dates are ours (forecasts rest on the last possible day).

import { type Day, formatDay, parseDay, parseDayRange } from '../days.ts';
import { addDuration, type Duration } from '../duration.ts';
import { ForecastInputError } from '../forecast-input-error.ts';
import type { ForecastInput, GivenDose, Warning } from '../types.ts';
import type { CdsiSchedule, Length, Product } from './compiled.ts';
import { brandOf } from './reader.ts';

/** A dose of the history. `day` is the first or the last possible day, whichever is being tried. */
export type DoseRecord = {
  dose: GivenDose;
  order: number;
  /** Place in the whole history, by day. */
  place: number;
  first: Day;
  last: Day;
  day: Day;
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
  const birth = parseDay(input.birthDate);
  if (birth === undefined) throw new ForecastInputError('birthDate', input.birthDate);
  const asOf = parseDay(input.assessmentDate);
  if (asOf === undefined) throw new ForecastInputError('assessmentDate', input.assessmentDate);

  const read: DoseRecord[] = [];
  for (const [order, dose] of input.doses.entries()) {
    const record = readDose(dose, order, birth, asOf, schedule, warnings);
    if (record !== undefined) read.push(record);
  }
  read.sort(byDay);
  const duplicates = read.filter((record, i) => isDuplicate(record, i, read));
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

function readDose(
  dose: GivenDose,
  order: number,
  birth: Day,
  asOf: Day,
  schedule: CdsiSchedule,
  warnings: Warning[],
): DoseRecord | undefined {
  const leaveOut = (code: Warning['code'], text: string) => {
    warnings.push({ code, doseId: dose.id, text });
    return undefined;
  };
  const product = schedule.products.get(dose.vaccine);
  if (product === undefined)
    return leaveOut('unknownVaccine', `The CVX code "${dose.vaccine}" is not known; the dose was left out.`);
  const range = parseDayRange(dose.date);
  if (range === undefined) return leaveOut('invalidDate', `"${dose.date}" is not a date; the dose was left out.`);
  if (range.first > asOf)
    return leaveOut('afterAssessmentDate', `${dose.date} is after the assessment date; the dose is not history yet.`);
  if (range.last < birth)
    return leaveOut('beforeBirth', `${dose.date} is before the birth date ${formatDay(birth)}; the dose was left out.`);
  const last = Math.min(range.last, asOf);
  const brand = dose.product === undefined ? undefined : brandOf(dose.product);
  return {
    dose,
    order,
    place: order,
    first: Math.max(range.first, birth),
    last,
    day: last,
    product,
    brand: brand !== undefined && schedule.brands.has(brand) ? brand : undefined,
  };
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

/** Two records of one product on one known day are one injection; the later record is the duplicate. */
function isDuplicate(record: DoseRecord, index: number, sorted: readonly DoseRecord[]): boolean {
  if (record.first !== record.last) return false;
  for (let i = index - 1; i >= 0; i -= 1) {
    const earlier = sorted[i];
    if (earlier === undefined || earlier.day !== record.day) return false;
    if (earlier.product === record.product && earlier.first === earlier.last) return true;
  }
  return false;
}

function byDay(a: DoseRecord, b: DoseRecord): number {
  return a.day - b.day || a.order - b.order;
}
