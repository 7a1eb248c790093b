// A bound is a day written in a schedule relative to an anchor of the person: birth, due date, end of an illness.
//   `2020-10-01` · `birth` · `birth + 42 days` · `reach 2 months` (legal age, last moment of the day before)
//   `after reach 7 months` (翌日から) · `reach 24 months of illnessEnd` · `edd - 84 days`
//   `fiscal year of 12 years start` / `fiscal year of 16 years end`: the April to March year in which that age is
//   legally reached. That of 6 years is the year before school entry (first 1 April after the sixth birthday's eve).
//   `year from 02-01 + 8 months`: counted from the latest 1 February up to the assessment date (seasons)
import { civilOf, type Day, dayOf, fiscalYearOf, parseDay, reach } from '../days.ts';
import { addDuration, type Duration, parseDuration } from '../duration.ts';

/** Days a person's bounds hang on. Birth is always there; the others come from observations. */
export type Anchors = {
  readonly birth: Day;
  readonly edd?: Day | undefined;
  readonly illnessEnd?: Day | undefined;
  readonly rubellaTest?: Day | undefined;
  readonly asOf?: Day | undefined;
};

/** The day for this person, undefined when the anchor is unknown. */
export type Bound = (anchors: Anchors) => Day | undefined;

const ANCHOR = /^(birth|edd|illnessEnd|rubellaTest)(?:\s*([+-].+))?$/;
const REACH = /^(after )?reach (.+?)(?: of (birth|edd|illnessEnd|rubellaTest))?$/;
const SEASON = /^year from (\d\d)-(\d\d)(?:\s*([+-].+))?$/;
const YEAR = /^fiscal year of (.+) (start|end)$/;

/** Compiles the text of a bound; undefined when it cannot be read. */
export function parseBound(text: string): Bound | undefined {
  const bound = absoluteBound(text) ?? anchorBound(text) ?? reachBound(text) ?? yearBound(text) ?? seasonBound(text);
  return bound && ((anchors) => watched(bound(anchors)));
}

/**
 * Runs something and tells of every day a bound gave meanwhile: an answer can change by itself only on such a day, or
 * the day after. See forecast-with-change.ts.
 */
export function watchBounds<Answer>(tell: (day: Day) => void, run: () => Answer): Answer {
  watch = tell;
  try {
    return run();
  } finally {
    watch = undefined;
  }
}

let watch: ((day: Day) => void) | undefined;

function watched(day: Day | undefined): Day | undefined {
  if (watch !== undefined && day !== undefined) watch(day);
  return day;
}

function absoluteBound(text: string): Bound | undefined {
  const day = parseDay(text);
  return day === undefined ? undefined : () => day;
}

function anchorBound(text: string): Bound | undefined {
  const match = ANCHOR.exec(text);
  if (match === null) return undefined;
  const name = match[1] as keyof Anchors;
  const duration = parseDuration(match[2] ?? '0 days');
  if (duration === undefined) return undefined;
  if (name === 'birth') return ofBirth((birth) => addDuration(birth, duration));
  return (anchors) => shifted(anchors[name], duration);
}

function reachBound(text: string): Bound | undefined {
  const match = REACH.exec(text);
  const duration = match === null ? undefined : parseDuration(match[2] ?? '');
  if (match === null || duration === undefined || !isMonths(duration)) return undefined;
  const name = (match[3] ?? 'birth') as keyof Anchors;
  const after = match[1] === undefined ? 0 : 1;
  if (name === 'birth') return ofBirth((birth) => reach(birth, duration.months) + after);
  return (anchors) => {
    const anchor = anchors[name];
    return anchor === undefined ? undefined : reach(anchor, duration.months) + after;
  };
}

/** By far the most bounds hang on birth, and each is asked for several times about one person: the last day is kept. */
function ofBirth(dayFor: (birth: Day) => Day): Bound {
  let last: Day | undefined;
  let day = 0;
  return ({ birth }) => {
    if (birth !== last) {
      day = dayFor(birth);
      last = birth;
    }
    return day;
  };
}

/** Fiscal years use the legal age, so a child born on 1 April belongs to the older year. */
function yearBound(text: string): Bound | undefined {
  const match = YEAR.exec(text);
  const duration = match === null ? undefined : parseDuration(match[1] ?? '');
  if (match === null || duration === undefined || !isMonths(duration)) return undefined;
  const isEnd = match[2] === 'end';
  return ofBirth((birth) => {
    const year = fiscalYearOf(reach(birth, duration.months));
    return isEnd ? dayOf(year + 1, 3, 31) : dayOf(year, 4, 1);
  });
}

/** A round that starts anew every year on a month and day. */
function seasonBound(text: string): Bound | undefined {
  const match = SEASON.exec(text);
  if (match === null || parseDay(`2001-${match[1]}-${match[2]}`) === undefined) return undefined;
  const duration = match[3] === undefined ? { months: 0, days: 0 } : parseDuration(match[3]);
  if (duration === undefined) return undefined;
  const month = Number(match[1]);
  const day = Number(match[2]);
  return ({ asOf }) => {
    if (asOf === undefined) return undefined;
    const { year } = civilOf(asOf);
    const start = dayOf(year, month, day);
    return addDuration(start <= asOf ? start : dayOf(year - 1, month, day), duration);
  };
}

function shifted(day: Day | undefined, duration: Duration): Day | undefined {
  return day === undefined ? undefined : addDuration(day, duration);
}

/** Ages are reached by whole months and years. */
function isMonths(duration: Duration): boolean {
  return duration.days === 0 && duration.halfMonths === undefined;
}
