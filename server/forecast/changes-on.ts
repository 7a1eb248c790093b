// When an answer changes by itself, with no new data: a bound is reached, a window closes, a season begins (forecast-logic
// 12.4). Exact: the answer is asked for again on the days on which something may happen, until it is another.
import { madeOnce } from '../fhir/made-once.ts';
import { watchBounds } from './bound.ts';
import type { Schedule, Series } from './compiled.ts';
import { addMonths, type Day, formatDay, parseDay, parseDayRange } from './days.ts';
import { forecast } from './forecast.ts';
import type { Evaluation, ForecastInput, ForecastResult, Recommendation } from './types.ts';

/**
 * The first day after the assessment date on which status, dose, dates, product or any other member of a recommendation,
 * or a judgement, is another than today, or a dose becomes due or overdue. One date for the whole answer. Undefined when
 * nothing changes up to the age of 120.
 */
export function changesOn(input: ForecastInput, schedule: Schedule): string | undefined {
  const asOf = parseDay(input.assessmentDate);
  const birth = parseDay(input.birthDate);
  if (asOf === undefined || birth === undefined) return undefined;
  const outlooks = partsOf(schedule).map((part) => lookAt(input, part, asOf));
  const never = addMonths(birth, OLDEST_MONTHS);
  let end = never;
  // The part that may change first is asked first: once it does, nobody needs to look behind that day.
  for (;;) {
    const nearest = outlooks.reduce((a, b) => (b.next < a.next ? b : a));
    if (nearest.next >= end) break;
    end = advance(input, nearest) ?? end;
  }
  for (const outlook of outlooks) end = slideBefore(input, outlook, end) ?? end;
  return end === never ? undefined : formatDay(end);
}

const OLDEST_MONTHS = 120 * 12;

/** A part of the schedule that answers without the others, the answer today, and how far it is known to stay. */
type Outlook = { part: Schedule; today: ForecastResult; seenTo: Day; next: Day };

/** Series that hang on each other, as schedules of their own: a change in one is found without asking the rest. */
const partsOf = madeOnce((schedule: Schedule): Schedule[] => {
  const groups: Series[][] = [];
  for (const series of schedule.series) {
    const group = groups.find((others) => others.some((other) => isBound(series, other)));
    if (group === undefined) groups.push([series]);
    else group.push(series);
  }
  return groups.map((series) => ({ ...schedule, series }));
});

function isBound(series: Series, other: Series): boolean {
  const isPhase = series.phase !== undefined && series.phase.of === other.phase?.of;
  return isPhase || series.requires?.series === other.key;
}

function lookAt(input: ForecastInput, part: Schedule, asOf: Day): Outlook {
  const { result, next } = answerOn(input, part, asOf);
  return { part, today: result, seenTo: asOf, next };
}

/** Asks about the next day on which something may happen. The day of the change, if there is one up to then. */
function advance(input: ForecastInput, outlook: Outlook): Day | undefined {
  const { part, today, next } = outlook;
  const slid = slideBefore(input, outlook, next);
  if (slid !== undefined) return slid;
  const { result, next: behind } = answerOn(input, part, next);
  if (!isSame(today, result)) return next;
  outlook.seenTo = next;
  outlook.next = behind;
  return undefined;
}

/**
 * The first change before `end` where nothing begins or ends. A dose that may be given already is put off with every
 * day, and what follows from it moves along: such a change, once it is there, stays.
 */
function slideBefore(input: ForecastInput, { part, today, seenTo }: Outlook, end: Day): Day | undefined {
  const last = end - 1;
  if (last <= seenTo) return undefined;
  const lastDate = formatDay(last);
  if (!today.recommendations.some(({ earliest }) => earliest !== undefined && earliest < lastDate)) return undefined;
  const isChanged = (day: Day) => !isSame(today, answerOn(input, part, day).result);
  return isChanged(last) ? firstChange(seenTo, last, isChanged) : undefined;
}

function firstChange(same: Day, changed: Day, isChanged: (day: Day) => boolean): Day {
  let [from, to] = [same, changed];
  while (to - from > 1) {
    const middle = from + Math.floor((to - from) / 2);
    if (isChanged(middle)) to = middle;
    else from = middle;
  }
  return to;
}

/** The answer on a day, and the first day behind it on which anything that was looked at begins or ends. */
function answerOn(input: ForecastInput, part: Schedule, day: Day): { result: ForecastResult; next: Day } {
  let next = Number.POSITIVE_INFINITY;
  const note = (found: Day) => {
    const change = found > day ? found : found + 1;
    if (change > day && change < next) next = change;
  };
  const result = watchBounds(note, () => forecast({ ...input, assessmentDate: formatDay(day) }, part));
  for (const one of result.recommendations) {
    for (const { day: set } of one.because) if (set !== undefined) note(set);
    for (const date of [one.earliest, one.recommended]) if (date !== undefined) note(parseDay(date) ?? day);
  }
  for (const constant of constantDays(part)) note(constant);
  for (const { date } of input.doses) noteRange(date, day, note);
  return { result, next };
}

/** A dose of the future becomes history; one without its day is read anew every day until its month or year is over. */
function noteRange(date: string, day: Day, note: (found: Day) => void): void {
  const range = parseDayRange(date);
  if (range === undefined || range.last < day) return;
  note(range.first);
  if (range.first !== range.last) note(Math.max(range.first, day + 1));
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
