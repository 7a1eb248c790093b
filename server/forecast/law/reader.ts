// Reads the fields of schedule rows for the loader: rules by id, durations, bounds, dates, products, conditions.

import { type Day, parseDay } from '../days.ts';
import { type Duration, parseDuration } from '../duration.ts';
import type { Rule } from '../rule.ts';
import type { Bound } from './bound.ts';
import { type Condition, type ConditionSource, compileBound, compileCondition } from './condition.ts';
import type { CautionSource } from './schedule.ts';

/** Reads the fields of rows, complaining where they cannot be read and answering a harmless value to go on. */
export type Reader = {
  complain(field: string, fault: string): void;
  rule(id: string, field: string): Rule;
  duration(text: string, field: string): Duration;
  optionalDuration(text: string | undefined, field: string): Duration | undefined;
  bound(text: string, field: string): Bound;
  optionalBound(text: string | undefined, field: string): Bound | undefined;
  day(text: string | undefined, field: string): Day | undefined;
  products(codes: readonly string[], field: string): ReadonlySet<string>;
  condition(source: ConditionSource | undefined, field: string): Condition | undefined;
  cautions(rows: readonly CautionSource[], field: string): { rule: Rule; when: Condition }[];
};

/** A reader over the rules and products of one schedule. */
export function createReader(
  rules: ReadonlyMap<string, Rule>,
  products: ReadonlySet<string>,
  isObservation: (code: string) => boolean,
  complain: (field: string, fault: string) => void,
): Reader {
  const optionalDuration = (text: string | undefined, field: string) => {
    const duration = text === undefined ? undefined : parseDuration(text);
    if (text !== undefined && duration === undefined) complain(field, `cannot read the duration "${text}"`);
    return duration;
  };
  const readRule = (id: string, field: string) => {
    const rule = rules.get(id);
    if (rule === undefined) complain(field, `there is no rule "${id}"`);
    return rule ?? MISSING_RULE;
  };
  const readCondition = (source: ConditionSource, field: string) => {
    for (const code of observationsIn(source))
      if (!isObservation(code)) complain(field, `there is no observation "${code}"`);
    return compileCondition(source, field, complain);
  };
  return {
    complain,
    rule: readRule,
    duration: (text, field) => optionalDuration(text, field) ?? { months: 0, days: 0 },
    optionalDuration,
    bound: (text, field) => compileBound(text, field, complain) ?? (() => undefined),
    optionalBound: (text, field) => compileBound(text, field, complain),
    day(text, field) {
      const day = text === undefined ? undefined : parseDay(text);
      if (text !== undefined && day === undefined) complain(field, `"${text}" is not a date`);
      return day;
    },
    products(codes, field) {
      for (const code of codes) if (!products.has(code)) complain(field, `there is no product "${code}"`);
      return new Set(codes);
    },
    condition: (source, field) => (source === undefined ? undefined : readCondition(source, field)),
    cautions: (rows, field) =>
      rows.map((row, i) => ({
        rule: readRule(row.rule, `${field}[${i}].rule`),
        when: readCondition(row.when, `${field}[${i}].when`),
      })),
  };
}

/** The observation codes a condition names, at any depth. */
function observationsIn(source: ConditionSource): string[] {
  if ('has' in source) return [source.has];
  if ('not' in source) return observationsIn(source.not);
  if ('all' in source) return source.all.flatMap(observationsIn);
  return 'any' in source ? source.any.flatMap(observationsIn) : [];
}

const MISSING_RULE: Rule = {
  id: '?',
  layer: 'L1',
  confidence: 'U',
  text: { ja: '', en: '' },
  source: { ja: '', en: '' },
};
