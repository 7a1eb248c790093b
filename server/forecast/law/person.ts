// Organises what is known about one person: anchors, observations, and the history as day-numbered records in order.
// CDSi 4.2 with the Japanese record rules: one injection once (duplicates), vague dates as a first and a last day.

import { type Day, formatDay, parseDay, parseDayRange } from '../days.ts';
import { ForecastInputError } from '../forecast-input-error.ts';
import type { ForecastInput, GivenDose, Warning } from '../types.ts';
import type { Anchors } from './bound.ts';
import type { Schedule } from './compiled.ts';
import { readStay, type Stay } from './municipality.ts';

/** A dose of the history on one day; `day` is the first or the last possible one, whichever is being tried. */
export type DoseRecord = {
  dose: GivenDose;
  order: number;
  first: Day;
  last: Day;
  day: Day;
  vaccine: string;
  kind: string;
};

export type Person = {
  anchors: Anchors;
  sex: string;
  asOf: Day;
  observations: ReadonlySet<string>;
  /** The latest value of each observation that has one. */
  values: ReadonlyMap<string, number>;
  /** Where the person lived when. */
  stays: readonly Stay[];
  events: readonly { code: string; day: Day; until: Day; value: number }[];
  /** By day, then by input order; duplicates left out. */
  history: readonly DoseRecord[];
  /** The products of the history. */
  vaccines: ReadonlySet<string>;
  duplicates: readonly DoseRecord[];
  hasVagueDates: boolean;
};

/** Reads the input. Doses that cannot be used are left out with a warning, never an error. */
export function organise(input: ForecastInput, schedule: Schedule, warnings: Warning[]): Person {
  const birth = parseDay(input.birthDate);
  if (birth === undefined) throw new ForecastInputError('birthDate', input.birthDate);
  const asOf = parseDay(input.assessmentDate);
  if (asOf === undefined) throw new ForecastInputError('assessmentDate', input.assessmentDate);

  const records: DoseRecord[] = [];
  for (const [order, dose] of input.doses.entries()) {
    const record = readDose(dose, order, birth, asOf, schedule, warnings);
    if (record !== undefined) records.push(record);
  }
  records.sort(byDay);
  const duplicates = records.filter((record, i) => isDuplicate(record, i, records));
  const history = duplicates.length === 0 ? records : records.filter((record) => !duplicates.includes(record));
  const stays = readStays(input, warnings);
  return {
    anchors: anchorsOf(input, birth, asOf),
    sex: input.sex ?? 'unknown',
    asOf,
    observations: new Set([
      ...(input.observations ?? []).map(({ code }) => code),
      ...recognisedFor(stays, asOf, schedule),
    ]),
    stays,
    values: latestValues(input),
    events: (input.observations ?? []).flatMap(({ code, date, until, value }) => {
      const day = date === undefined ? undefined : parseDay(date);
      const end = until === undefined ? undefined : parseDay(until);
      return day === undefined ? [] : [{ code, day, until: end ?? day, value: value ?? 0 }];
    }),
    history,
    vaccines: new Set(history.map(({ vaccine }) => vaccine)),
    duplicates,
    hasVagueDates: history.some((record) => record.first !== record.last),
  };
}

function readStays(input: ForecastInput, warnings: Warning[]): Stay[] {
  return (input.residence ?? []).flatMap((residence) => {
    const stay = readStay(residence);
    if (stay !== undefined) return [stay];
    const text = `The residence "${residence.municipality}" from ${residence.from} cannot be read; it was left out.`;
    warnings.push({ code: 'invalidResidence', text });
    return [];
  });
}

/** What the municipality lived in on the assessment date recognises for its residents. */
function recognisedFor(stays: readonly Stay[], asOf: Day, schedule: Schedule): string[] {
  return stays
    .filter(({ from, to }) => from <= asOf && asOf <= to)
    .flatMap(({ municipality }) => schedule.recognises.get(municipality) ?? []);
}

/** The same person with every vague date read as its first possible day. */
export function onFirstDays(person: Person): Person {
  const history = person.history.map((record) => ({ ...record, day: record.first })).sort(byDay);
  return { ...person, history };
}

function readDose(
  dose: GivenDose,
  order: number,
  birth: Day,
  asOf: Day,
  schedule: Schedule,
  warnings: Warning[],
): DoseRecord | undefined {
  const leaveOut = (code: Warning['code'], text: string) => {
    warnings.push({ code, doseId: dose.id, text });
    return undefined;
  };
  const kind = schedule.classes.get(dose.vaccine);
  if (kind === undefined)
    return leaveOut('unknownVaccine', `The vaccine "${dose.vaccine}" is not known; the dose was left out.`);
  const range = parseDayRange(dose.date);
  if (range === undefined) return leaveOut('invalidDate', `"${dose.date}" is not a date; the dose was left out.`);
  if (range.first > asOf)
    return leaveOut('afterAssessmentDate', `${dose.date} is after the assessment date; the dose is not history yet.`);
  if (range.last < birth)
    return leaveOut('beforeBirth', `${dose.date} is before the birth date ${formatDay(birth)}; the dose was left out.`);
  const last = Math.min(range.last, asOf);
  return { dose, order, first: Math.max(range.first, birth), last, day: last, vaccine: dose.vaccine, kind };
}

/** Two records of one vaccine on one known day are one injection; the later record is the duplicate (rule E4). */
function isDuplicate(record: DoseRecord, index: number, sorted: readonly DoseRecord[]): boolean {
  if (record.first !== record.last) return false;
  for (let i = index - 1; i >= 0; i -= 1) {
    const earlier = sorted[i];
    if (earlier === undefined || earlier.day !== record.day) return false;
    if (earlier.vaccine === record.vaccine && earlier.first === earlier.last) return true;
  }
  return false;
}

/** The latest day of each observation that bounds may hang on. One shape for everybody keeps the bounds fast. */
export function anchorsOf(input: ForecastInput, birth: Day, asOf: Day): Anchors {
  const anchors: { -readonly [name in keyof Anchors]: Anchors[name] } = {
    birth,
    asOf,
    edd: undefined,
    illnessEnd: undefined,
    rubellaTest: undefined,
  };
  for (const { code, date } of input.observations ?? []) {
    const name = ANCHOR_OBSERVATIONS.get(code);
    const day = name === undefined || date === undefined ? undefined : parseDay(date);
    if (name !== undefined && day !== undefined) anchors[name] = Math.max(day, anchors[name] ?? day);
  }
  return anchors;
}

const ANCHOR_OBSERVATIONS: ReadonlyMap<string, Exclude<keyof Anchors, 'birth' | 'asOf'>> = new Map([
  ['pregnancy-edd', 'edd'],
  ['long-illness-ended', 'illnessEnd'],
  ['rubella-titre', 'rubellaTest'],
]);

/** Undated values count as the earliest; of one day the later in the list. */
function latestValues(input: ForecastInput): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  const dates = new Map<string, string>();
  for (const { code, date = '', value } of input.observations ?? []) {
    if (value === undefined || date < (dates.get(code) ?? '')) continue;
    values.set(code, value);
    dates.set(code, date);
  }
  return values;
}

function byDay(a: DoseRecord, b: DoseRecord): number {
  return a.day - b.day || a.order - b.order;
}
