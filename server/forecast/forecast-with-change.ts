// When an answer changes by itself, with no new data: a bound is reached, a window closes, a season begins (forecast-logic
// 12.4). Exact: the answer is asked for again on the days on which something may happen, until it is another.
import { madeOnce } from '../fhir/made-once.ts';
import { afterDeath } from './after-death.ts';
import { assumptionsOf } from './assumed.ts';
import { addMonths, type Day, type DayRange, formatDay, parseDay, parseDayRange } from './days.ts';
import { type ForecastOptions, versionOf } from './forecast.ts';
import { watchBounds } from './law/bound.ts';
import type { Schedule, Series } from './law/compiled.ts';
import { ENGINE_VERSION, forecastFor } from './law/forecast-by-law.ts';
import { organise, type Person } from './law/person.ts';
import type { Evaluation, ForecastInput, ForecastResult, Recommendation, Warning } from './types.ts';

/**
 * The answer of `forecast`, with the day it changes. That is the first day after the assessment date on which status,
 * dose, dates, product or any other member of a recommendation, or a judgement, is another than today, or a dose becomes
 * due or overdue: one day for the whole answer, and none when nothing changes up to the age of 120. Costs about as much
 * again as `forecast`.
 */
export function forecastWithChange(
  input: ForecastInput,
  latest: Schedule,
  options: ForecastOptions = {},
): ForecastResult {
  const schedule = versionOf(latest, options);
  const ask = askerOf(input, schedule);
  const outlooks = partsOf(schedule).map((part) => lookAt(ask, part));
  const change = firstChange(ask, outlooks);
  const result: ForecastResult = {
    schedule: { id: schedule.id, version: schedule.version },
    engine: ENGINE_VERSION,
    assessmentDate: input.assessmentDate,
    evaluations: inOrder(schedule, outlooks, ({ evaluations }) => evaluations),
    recommendations: inOrder(schedule, outlooks, ({ recommendations }) => recommendations),
    ...(change === undefined ? {} : { changesOn: formatDay(change) }),
    warnings: ask.warnings,
  };
  result.assumed = assumptionsOf(input, result);
  return input.isDeceased === true ? afterDeath(result) : result;
}

/** What the parts answered today, in the order of the schedule's series. */
function inOrder<Answer extends { series: string }>(
  schedule: Schedule,
  outlooks: readonly Outlook[],
  answersOf: (today: ForecastResult) => readonly Answer[],
): Answer[] {
  const places = placesOf(schedule);
  const place = ({ series }: Answer) => places.get(series) ?? 0;
  return outlooks.flatMap(({ today }) => answersOf(today)).sort((a, b) => place(a) - place(b));
}

const placesOf = madeOnce(({ series }: Schedule) => new Map(series.map(({ key }, place) => [key, place])));

function firstChange(ask: Ask, outlooks: readonly Outlook[]): Day | undefined {
  const never = addMonths(ask.person.anchors.birth, OLDEST_MONTHS);
  let end = never;
  // The part that may change first is asked first: once it does, nobody needs to look behind that day.
  for (;;) {
    const nearest = outlooks.reduce((a, b) => (b.next < a.next ? b : a));
    if (nearest.next >= end) break;
    end = advance(ask, nearest) ?? end;
  }
  for (const outlook of outlooks) end = slideBefore(ask, outlook, end) ?? end;
  return end === never ? undefined : end;
}

const OLDEST_MONTHS = 120 * 12;

/**
 * The person as known on the assessment date, with the warnings about their record, and the doses whose reading depends on
 * the day: of the future, or without their day.
 */
type Ask = {
  input: ForecastInput;
  person: Person;
  warnings: Warning[];
  moving: readonly DayRange[];
  /** Days of what else is known: facts, and where the person lived. */
  days: readonly Day[];
};

function askerOf(input: ForecastInput, schedule: Schedule): Ask {
  const warnings: Warning[] = [];
  const person = organise(input, schedule, warnings);
  const moving = input.doses.flatMap(({ date }) => {
    const range = parseDayRange(date);
    return range !== undefined && range.last > person.asOf ? [range] : [];
  });
  const dates = [
    ...(input.observations ?? []).flatMap(({ date, until }) => [date, until]),
    ...(input.residence ?? []).flatMap(({ from, to }) => [from, to]),
  ];
  const days = dates.flatMap((date) => (date === undefined ? [] : (parseDay(date) ?? [])));
  return { input, person, warnings, moving, days };
}

/** The same as known on another day. */
function asKnownOn(
  { input, person, warnings, moving }: Ask,
  part: Schedule,
  day: Day,
): Pick<Ask, 'person' | 'warnings'> {
  if (day === person.asOf) return { person, warnings };
  if (moving.length === 0 && person.stays.length === 0)
    return { person: { ...person, asOf: day, anchors: { ...person.anchors, asOf: day } }, warnings };
  const then: Warning[] = [];
  return { person: organise({ ...input, assessmentDate: formatDay(day) }, part, then), warnings: then };
}

/** A part of the schedule that answers without the others, the answer today, and how far it is known to stay. */
type Outlook = { part: Schedule; today: ForecastResult; seenTo: Day; next: Day };

/**
 * Series that hang on each other (or may judge the same dose), as schedules of their own: a change in one is found without
 * asking the rest.
 */
const partsOf = madeOnce((schedule: Schedule): Schedule[] => {
  let groups: Series[][] = [];
  for (const series of schedule.series) {
    const bound = groups.filter((others) => others.some((other) => isBound(series, other)));
    groups = [...groups.filter((group) => !bound.includes(group)), [...bound.flat(), series]];
  }
  return groups.map((group) => ({ ...schedule, series: schedule.series.filter((one) => group.includes(one)) }));
});

function isBound(series: Series, other: Series): boolean {
  const isPhase = series.phase !== undefined && series.phase.of === other.phase?.of;
  return isPhase || series.requires?.series === other.key || !series.products.isDisjointFrom(other.products);
}

function lookAt(ask: Ask, part: Schedule): Outlook {
  const { result, next } = answerOn(ask, part, ask.person.asOf);
  return { part, today: result, seenTo: ask.person.asOf, next };
}

/** Asks about the next day on which something may happen. The day of the change, if there is one up to then. */
function advance(ask: Ask, outlook: Outlook): Day | undefined {
  const { part, today, next } = outlook;
  const slid = slideBefore(ask, outlook, next);
  if (slid !== undefined) return slid;
  const { result, next: behind } = answerOn(ask, part, next);
  if (!isSame(today, result)) return next;
  outlook.seenTo = next;
  outlook.next = behind;
  return undefined;
}

/**
 * The first change before `end` where nothing begins or ends. A dose that may be given already is put off with every
 * day, and what follows from it moves along: such a change, once it is there, stays.
 */
function slideBefore(ask: Ask, { part, today, seenTo }: Outlook, end: Day): Day | undefined {
  const last = end - 1;
  if (last <= seenTo) return undefined;
  const lastDate = formatDay(last);
  if (!today.recommendations.some(({ earliest }) => earliest !== undefined && earliest < lastDate)) return undefined;
  const isChanged = (day: Day) => !isSame(today, answerOn(ask, part, day).result);
  return isChanged(last) ? changeBetween(seenTo, last, isChanged) : undefined;
}

function changeBetween(same: Day, changed: Day, isChanged: (day: Day) => boolean): Day {
  let [from, to] = [same, changed];
  while (to - from > 1) {
    const middle = from + Math.floor((to - from) / 2);
    if (isChanged(middle)) to = middle;
    else from = middle;
  }
  return to;
}

/** The answer on a day, and the first day behind it on which anything that was looked at begins or ends. */
function answerOn(ask: Ask, part: Schedule, day: Day): { result: ForecastResult; next: Day } {
  let next = Number.POSITIVE_INFINITY;
  const note = (found: Day) => {
    if (found >= day && found < next) next = found > day ? found : found + 1;
  };
  const { person, warnings } = asKnownOn(ask, part, day);
  const result = watchBounds(note, () => forecastFor(person, part, formatDay(day), warnings));
  for (const one of result.recommendations) {
    for (const { day: set } of one.because) if (set !== undefined) note(set);
    for (const date of [one.earliest, one.recommended, one.coverageStart, one.coverageEnd])
      if (date !== undefined) note(parseDay(date) ?? day);
  }
  for (const known of ask.days) note(known);
  for (const constant of constantDays(part)) note(constant);
  for (const { first, last } of ask.moving) {
    // A dose of the future becomes history; one without its day is read anew every day until its month or year is over.
    note(first);
    if (first !== last && last > day) note(Math.max(first, day + 1));
  }
  return { result, next };
}

/** Calendar days written into the rows of a schedule. */
const constantDays = madeOnce((part: Schedule): Day[] => {
  const days = new Set<Day>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || value instanceof Set || value instanceof Map) return;
    for (const [field, member] of Object.entries(value)) {
      if (typeof member === 'number' && /^(given)?(from|to)$/i.test(field)) days.add(member);
      else walk(member);
    }
  };
  walk(part.series);
  walk(part.conflicts);
  return [...days];
});

function isSame(a: ForecastResult, b: ForecastResult): boolean {
  return (
    a.warnings.length === b.warnings.length &&
    a.recommendations.length === b.recommendations.length &&
    a.evaluations.length === b.evaluations.length &&
    a.recommendations.every((one, i) => isSameAnswer(one, a.assessmentDate, b.recommendations[i], b.assessmentDate)) &&
    a.evaluations.every((one, i) => isSameJudgement(one, b.evaluations[i]))
  );
}

function isSameAnswer(a: Recommendation, today: string, b: Recommendation | undefined, then: string): boolean {
  return (
    b !== undefined &&
    FIELDS.every((field) => a[field] === b[field]) &&
    isDue(a, today) === isDue(b, then) &&
    a.followUps.length === b.followUps.length &&
    a.followUps.every(({ code, from, until }, i) => {
      const other = b.followUps[i];
      return code === other?.code && from === other.from && until === other.until;
    })
  );
}

function isDue({ status, recommended }: Recommendation, day: string): boolean {
  return status === 'notComplete' && recommended !== undefined && recommended <= day;
}

const FIELDS = [
  'series',
  'status',
  'reason',
  'doseNumber',
  'label',
  'path',
  'band',
  'earliest',
  'recommended',
  'standardEnd',
  'latest',
  'coverageStart',
  'coverageEnd',
  'isOverdue',
  'canFinish',
  'dosesRequired',
  'product',
  'extension',
  'needsClinician',
] as const satisfies (keyof Recommendation)[];

function isSameJudgement(a: Evaluation, b: Evaluation | undefined): boolean {
  return (
    a.doseId === b?.doseId &&
    a.series === b.series &&
    a.status === b.status &&
    a.doseNumber === b.doseNumber &&
    a.reasons.join() === b.reasons.join()
  );
}
