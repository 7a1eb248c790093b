// Organises what is known about one person: anchors, observations, and the history as day-numbered records in order.
// CDSi 4.2 with the Japanese record rules: one injection once (duplicates), vague dates as a first and a last day.

import { type Day, parseDay } from '../days.ts';
import { byDay, type DatedDose, readDates, readHistory } from '../given-history.ts';
import type { ForecastInput, Warning } from '../types.ts';
import type { Anchors } from './bound.ts';
import type { Schedule } from './compiled.ts';
import { readStay, type Stay } from './municipality.ts';

export type DoseRecord = DatedDose & { vaccine: string; kind: string };

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
  const { birth, asOf } = readDates(input);
  const { records, duplicates } = readHistory(input, { birth, asOf }, warnings, {
    find: ({ vaccine }) => {
      const kind = schedule.classes.get(vaccine);
      return kind === undefined ? undefined : { vaccine, kind };
    },
    unknown: (vaccine) => `The vaccine "${vaccine}" is not known; the dose was left out.`,
  });
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
