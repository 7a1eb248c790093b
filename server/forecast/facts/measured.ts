// Numbers and dates behind a schedule's facts: units made alike, and the due date of the present pregnancy.
import { type Day, formatDay, parseDay, parseDayRange } from '../days.ts';
import type { Result, Statement } from './statement.ts';

const PREGNANCY_DAYS = 280;
/** Nobody is pregnant six weeks past the due date. */
const LATEST_BIRTH_DAYS = 42;

/** The last day that a full or partial date can mean; waiting times run from it. */
export function lastDay(date: string | undefined): Day | undefined {
  return date === undefined ? undefined : parseDayRange(date)?.last;
}

/** Days of a gestational age given as weeks, days, `39+6` or 39週6日; undefined when it is none. */
export function gestationDays({ value, unit, text }: Result): number | undefined {
  const written = /^(\d{1,2})(?:\+|w|週)\s*(\d)?\s*(?:d|日)?$/i.exec((text ?? '').normalize('NFKC').replace(/\s/g, ''));
  if (written) return between(Number(written[1]) * 7 + Number(written[2] ?? 0), 1, 320);
  if (value === undefined) return undefined;
  const isDays = unit === 'd' || unit === '日' || unit === 'days';
  // Without a unit a number of weeks cannot be taken for one of days.
  return between(Math.round(isDays || (unit === undefined && value > 50) ? value : value * 7), 1, 320);
}

/** Grams of a weight; undefined without a unit of mass. */
export function grams({ value, unit }: Result): number | undefined {
  const factor = { g: 1, kg: 1000, mg: 0.001 }[unit ?? ''];
  return value === undefined || factor === undefined ? undefined : value * factor;
}

/** mg/kg of one administration, by the body weight (grams) where the record gives an amount; undefined when unknown. */
export function mgPerKg(dose: Result | undefined, bodyGrams: number | undefined): number | undefined {
  if (dose?.value === undefined) return undefined;
  if (dose.unit === 'mg/kg') return dose.value;
  if (dose.unit === 'g/kg') return dose.value * 1000;
  const given = grams(dose);
  return given === undefined || bodyGrams === undefined || bodyGrams <= 0
    ? undefined
    : (given * 1000) / (bodyGrams / 1000);
}

/** What a record says about a due date: by itself, by the last period, or by the age of a pregnancy on a day. */
export type DueDate = { kind: 'pregnancy-edd' | 'last-menstrual-period' | 'gestational-age'; statement: Statement };

/** The due date of the pregnancy on `asOf`: by the statement last made. Undefined when there is none or it is long past. */
export function presentDueDate(said: readonly DueDate[], asOf: Day): Day | undefined {
  let found: { edd: Day; seen: Day } | undefined;
  for (const { kind, statement } of said) {
    const seen = lastDay(statement.date) ?? Number.NEGATIVE_INFINITY;
    const edd = dueDate(kind, statement);
    if (edd === undefined || edd + LATEST_BIRTH_DAYS < asOf || edd - PREGNANCY_DAYS > asOf) continue;
    if (found === undefined || seen >= found.seen) found = { edd, seen };
  }
  return found?.edd;
}

/** First day of a pregnancy, from which gestational weeks are counted. */
export function onsetOf(edd: Day): string {
  return formatDay(edd - PREGNANCY_DAYS);
}

function dueDate(kind: DueDate['kind'], { date, result }: Statement): Day | undefined {
  const named = parseDay(result?.date ?? '');
  if (kind === 'pregnancy-edd') return named;
  if (kind === 'last-menstrual-period') return named === undefined ? undefined : named + PREGNANCY_DAYS;
  const days = gestationDays(result ?? {});
  const seen = parseDay(date ?? '');
  return days === undefined || seen === undefined ? undefined : seen + PREGNANCY_DAYS - days;
}

function between(value: number, low: number, high: number): number | undefined {
  return value >= low && value <= high ? value : undefined;
}
