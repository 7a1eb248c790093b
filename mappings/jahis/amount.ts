// Amounts of JAHIS files as FHIR quantities. What an amount means depends on the kind of drug; the kinds are never mixed up.

import type { Quantity } from '@medplum/fhirtypes';
import { UCUM } from '../code-systems.ts';
import { decimal, divideExactly, multiply } from '../decimal.ts';

export type Amounts = { total?: Quantity; days?: Quantity; dose?: Quantity; perDay?: Quantity };

/** What the number beside a drug says: for one day, for one dose, the whole, or nobody knows. */
export type AmountKind = 'day' | 'dose' | 'total' | 'unknown';

/** Undefined when the amount is no number (適量). `times` days or doses; `count` doses a day where it is known. */
export function amountsOf(
  amount: string,
  unit: string,
  { kind, times, count }: { kind: AmountKind; times: string; count?: number | undefined },
): Amounts | undefined {
  const plain = plainNumber(amount);
  const sent = plain && quantityOf(plain, unit);
  if (!plain || !sent || kind === 'unknown') return undefined;
  const often = plainNumber(times);
  const product = quantityOf(often && multiply(plain, often), unit);
  if (kind === 'total') return { total: sent };
  if (kind === 'dose') return { dose: sent, ...(product && { total: product }) };
  const dose = quantityOf(count === undefined ? undefined : divideExactly(plain, count), unit);
  const days = often ? decimal(often) : undefined;
  return {
    perDay: sent,
    ...(dose && { dose }),
    ...(product && { total: product }),
    ...(days !== undefined && { days: { value: days, ...DAY } }),
  };
}

/** A number with its unit in words; undefined when it is no number. */
export function quantityOf(text: string | undefined, unit: string): Quantity | undefined {
  const value = text === undefined ? undefined : decimal(text);
  return value === undefined ? undefined : { value, ...(unit && { unit }) };
}

export const DAY = { unit: '日', system: UCUM, code: 'd' };

/** The text of an amount as the formats have it (six digits, a point, five more), half-width; undefined for anything else. */
export function plainNumber(text: string): string | undefined {
  const plain = text.normalize('NFKC').trim();
  return /^(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})$/.test(plain) ? plain : undefined;
}

/** JAMI usage code (16 digits): third digit 1 = so many times a day, fourth digit how many. */
export function timesPerDay(jamiCode: string): number | undefined {
  const count = /^\d\d1([1-9])[0-9A-Z]{12}$/.exec(jamiCode)?.[1];
  return count === undefined ? undefined : Number(count);
}
