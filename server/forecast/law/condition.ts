// Conditions a schedule row may carry: small data, compiled once to a function of what is known at a reference day.
// Three answers: true, false, or undefined when the dose it asks about has not been given yet.

import type { Day } from '../days.ts';
import { addDuration, parseDuration } from '../duration.ts';
import { type Anchors, type Bound, parseBound } from './bound.ts';
import type { Stay } from './municipality.ts';

export type ConditionSource =
  | { all: readonly ConditionSource[] }
  | { any: readonly ConditionSource[] }
  | { not: ConditionSource }
  /** An observation is recorded; with `atMost`, its latest value is no greater. */
  | { has: string; atMost?: number }
  | { sex: string }
  | { born: DayBand }
  /** The reference day: the day a dose was given, or the assessment date. */
  | { on: DayBand }
  /** The day on which target dose n was satisfied. */
  | { dose: number; on: DayBand }
  /** Target dose m was satisfied at least so long after target dose n; undefined until both are given. */
  | { gap: { from: number; to: number; atLeast: string } }
  /** The first dose that counted (while none: the first on record) was one of these products. */
  | { first: readonly string[] }
  /** Doses of the whole history with one of these products, given by a day: at least n. */
  | { given: readonly string[]; atLeast: number; band?: DayBand }
  /** Lives in the municipality (five digits) on the reference day. */
  | { resident: string }
  /** Fewer doses of one of these products than of those, up to the reference day. */
  | { fewer: readonly string[]; than: readonly string[] }
  /** The latest valid dose of the series was one of these products. */
  | { latest: readonly string[] }
  /** One of these target doses was dropped because its time was over. */
  | { lapsed: readonly number[] };

export type DayBand = { from?: string; to?: string };

/** What a condition may look at. Day numbers; `satisfied[n]` is the day of target dose n. */
export type Facts = {
  anchors: Anchors;
  sex: string;
  observations: ReadonlySet<string>;
  values: ReadonlyMap<string, number>;
  stays: readonly Stay[];
  history: readonly { day: Day; vaccine: string }[];
  /** The products of the history: most questions about a product end here. */
  vaccines: ReadonlySet<string>;
  on: Day;
  satisfied: readonly (Day | undefined)[];
  lapsed: readonly number[];
  firstProduct: string | undefined;
  latestProduct: string | undefined;
};

export type Condition = (facts: Facts) => boolean | undefined;

/** Told about every part that cannot be read: the field's path and what is wrong. */
export type Complain = (field: string, fault: string) => void;

/** Compiles a condition; faults go to `complain` and the part then never holds. */
export function compileCondition(source: ConditionSource, field: string, complain: Complain): Condition {
  if ('all' in source)
    return allOf(source.all.map((part, i) => compileCondition(part, `${field}.all[${i}]`, complain)));
  if ('any' in source && source.any.every((part) => 'has' in part && part.atMost === undefined))
    return hasOneOf(source.any);
  if ('any' in source)
    return anyOf(source.any.map((part, i) => compileCondition(part, `${field}.any[${i}]`, complain)));
  if ('not' in source) return negated(compileCondition(source.not, `${field}.not`, complain));
  if ('has' in source) {
    const { has, atMost } = source;
    if (atMost === undefined) return (facts) => facts.observations.has(has);
    return (facts) => (facts.values.get(has) ?? Number.POSITIVE_INFINITY) <= atMost;
  }
  if ('sex' in source) return (facts) => facts.sex === source.sex;
  if ('born' in source) {
    const isIn = compileBand(source.born, `${field}.born`, complain);
    return (facts) => isIn(facts.anchors.birth, facts.anchors);
  }
  if ('dose' in source) {
    const isIn = compileBand(source.on, `${field}.on`, complain);
    return (facts) => {
      const day = facts.satisfied[source.dose];
      return day === undefined ? undefined : isIn(day, facts.anchors);
    };
  }
  if ('on' in source) {
    const isIn = compileBand(source.on, `${field}.on`, complain);
    return (facts) => isIn(facts.on, facts.anchors);
  }
  if ('gap' in source) return gapCondition(source.gap, field, complain);
  if ('first' in source)
    return (facts) => facts.firstProduct !== undefined && source.first.includes(facts.firstProduct);
  if ('latest' in source)
    return (facts) => facts.latestProduct !== undefined && source.latest.includes(facts.latestProduct);
  if ('lapsed' in source) return (facts) => source.lapsed.some((dose) => facts.lapsed.includes(dose));
  if ('resident' in source)
    return (facts) =>
      facts.stays.some(
        ({ municipality, from, to }) => municipality === source.resident && from <= facts.on && facts.on <= to,
      );
  if ('fewer' in source) return (facts) => countGiven(facts, source.fewer) < countGiven(facts, source.than);
  if ('given' in source) return givenCondition(source, field, complain);
  complain(field, `unknown condition ${JSON.stringify(source)}`);
  return () => false;
}

function allOf(parts: readonly Condition[]): Condition {
  return (facts) => {
    let answer: boolean | undefined = true;
    for (const part of parts) {
      const held = part(facts);
      if (held === false) return false;
      if (held === undefined) answer = undefined;
    }
    return answer;
  };
}

function anyOf(parts: readonly Condition[]): Condition {
  return (facts) => {
    let answer: boolean | undefined = false;
    for (const part of parts) {
      const held = part(facts);
      if (held === true) return true;
      if (held === undefined) answer = undefined;
    }
    return answer;
  };
}

/** Most people have no observation at all, and most rows ask for one. */
function hasOneOf(parts: readonly ConditionSource[]): Condition {
  const codes = parts.flatMap((part) => ('has' in part ? [part.has] : []));
  return ({ observations }) => observations.size > 0 && codes.some((code) => observations.has(code));
}

function negated(part: Condition): Condition {
  return (facts) => {
    const held = part(facts);
    return held === undefined ? undefined : !held;
  };
}

function gapCondition(
  gap: { from: number; to: number; atLeast: string },
  field: string,
  complain: Complain,
): Condition {
  const duration = parseDuration(gap.atLeast);
  if (duration === undefined) {
    complain(`${field}.gap.atLeast`, `cannot read the duration "${gap.atLeast}"`);
    return () => false;
  }
  return (facts) => {
    const from = facts.satisfied[gap.from];
    const to = facts.satisfied[gap.to];
    return from === undefined || to === undefined ? undefined : to >= addDuration(from, duration);
  };
}

function givenCondition(
  source: { given: readonly string[]; atLeast: number; band?: DayBand },
  field: string,
  complain: Complain,
): Condition {
  const isIn = compileBand(source.band ?? {}, `${field}.band`, complain);
  return (facts) => {
    if (!source.given.some((code) => facts.vaccines.has(code))) return source.atLeast <= 0;
    let count = 0;
    for (const dose of facts.history) {
      if (dose.day <= facts.on && source.given.includes(dose.vaccine) && isIn(dose.day, facts.anchors)) count += 1;
    }
    return count >= source.atLeast;
  };
}

function countGiven(facts: Facts, products: readonly string[]): number {
  let count = 0;
  for (const dose of facts.history) if (dose.day <= facts.on && products.includes(dose.vaccine)) count += 1;
  return count;
}

function compileBand(band: DayBand, field: string, complain: Complain): (day: Day, anchors: Anchors) => boolean {
  const from = compileBound(band.from, `${field}.from`, complain);
  const to = compileBound(band.to, `${field}.to`, complain);
  return (day, anchors) => {
    const first = from?.(anchors);
    const last = to?.(anchors);
    return (first === undefined || day >= first) && (last === undefined || day <= last);
  };
}

/** Compiles one bound of a row, complaining about text that cannot be read. */
export function compileBound(text: string | undefined, field: string, complain: Complain): Bound | undefined {
  if (text === undefined) return undefined;
  const bound = parseBound(text);
  if (bound === undefined) complain(field, `cannot read the bound "${text}"`);
  return bound;
}
