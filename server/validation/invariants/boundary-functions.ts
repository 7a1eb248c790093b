// lowBoundary(), highBoundary() and precision(): the least and the greatest value that a date or number may stand for. FHIRPath N1 has
// them not; profiles that follow R5's invariants of Period do. http://hl7.org/fhirpath/#lowboundaryprecision-integer-decimal--date--datetime--time

import { daysInMonth } from '../../fhir/calendar.ts';
import { exactNumber } from '../../fhir/json.ts';
import { momentOf } from './dates.ts';
import { decimalPlaces } from './decimals.ts';
import { argument, type Evaluate, type FunctionTable, integer, singleInteger, takes } from './functions.ts';
import { nodeOf, nothing, single } from './node.ts';
import { NotEvaluable } from './not-evaluable.ts';
import { kindOf, primitiveText } from './types.ts';

export const boundaryFunctions: FunctionTable<Evaluate> = {
  lowBoundary: boundary('low'),
  highBoundary: boundary('high'),
  // Digits of a date, behind the point of a number.
  precision: takes(0, 0, ({ of }) => (focus, scope) => {
    const node = single(of(focus, scope));
    const text = node && primitiveText(node);
    if (node === undefined || text === undefined) return nothing;
    if (kindOf(node.type) === 'decimal' || kindOf(node.type) === 'integer') return integer(decimalPlaces(text, true));
    return integer(text.replace(/(?<=T.*)(?:Z|[+-]\d\d:\d\d)$/, '').replace(/\D/g, '').length);
  }),
};

type End = 'low' | 'high';

function boundary(end: End): FunctionTable<Evaluate>[string] {
  return takes(0, 1, (call) => {
    const precision = argument(call);
    return (focus, scope) => {
      const node = single(call.of(focus, scope));
      const asked = singleInteger(precision(focus, scope));
      const text = node && primitiveText(node);
      if (node === undefined || text === undefined) return nothing;
      const kind = kindOf(node.type);
      if (kind === 'decimal' || kind === 'integer') return ofNumber(text, end, asked ?? 8);
      if (kind !== 'date' && kind !== 'dateTime' && kind !== 'time') throw new NotEvaluable('it has no boundaries');
      const found = ofMoment(text, end, kind, asked);
      return found === undefined ? nothing : [nodeOf(node.type, found)];
    };
  });
}

// Half a unit of the last digit either way, cut to the precision that is asked for.
function ofNumber(text: string, end: End, places: number) {
  if (places < 0 || places > 28) return nothing;
  const own = decimalPlaces(text, true);
  const digits = Math.max(own + 1, places);
  const half = 5n * 10n ** BigInt(digits - own - 1);
  const value = scaledTo(text, digits) + (end === 'low' ? -half : half);
  const cut = 10n ** BigInt(digits - places);
  const down = value / cut - (value % cut !== 0n && value < 0n ? 1n : 0n);
  const result = end === 'low' || value % cut === 0n ? down : down + 1n;
  return [nodeOf('System.Decimal', exactNumber(withPoint(result, places)))];
}

function scaledTo(text: string, digits: number): bigint {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(digits, '0'));
}

function withPoint(value: bigint, places: number): string {
  const digits = String(value < 0n ? -value : value).padStart(places + 1, '0');
  const sign = value < 0n ? '-' : '';
  return places === 0 ? sign + digits : `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

const least = { date: ['01', '01'], time: ['00', '00', '00.000'] } as const;
const greatest = { date: ['12', '31'], time: ['23', '59', '59.999'] } as const;

/** `digits` is 4, 6, 8 for dates, up to 17 for dates with times, and 2, 4, 6, 9 for times; the whole of its type when not given. */
function ofMoment(
  text: string,
  end: End,
  kind: 'date' | 'dateTime' | 'time',
  digits: number | undefined,
): string | undefined {
  if (momentOf(text) === undefined) return undefined;
  const [, date = '', clock = '', offset] = /^(?:(\d{4}[\d-]{0,6}))?T?([\d:.]*)(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
  const fill = end === 'low' ? least : greatest;
  const [hour = fill.time[0], minute = fill.time[1], second = fill.time[2]] = clock
    .split(':')
    .filter((part) => part !== '');
  const time = `${hour}:${minute}:${second.length === 2 ? second + fill.time[2].slice(2) : second}`;
  if (kind === 'time') return time.slice(0, { 2: 2, 4: 5, 6: 8, 9: 12 }[digits ?? 9] ?? 0) || undefined;
  const [year = '', month = fill.date[0], day = lastOrFirst(year, month, end)] = date.split('-');
  const whole = `${year}-${month}-${day}`;
  const length = { 4: 4, 6: 7, 8: 10 }[digits ?? (kind === 'date' ? 8 : 17)];
  if (length !== undefined) return whole.slice(0, length);
  const cut = { 10: 2, 12: 5, 14: 8, 17: 12 }[digits ?? 17];
  // Where no offset is told the earliest moment is that of the easternmost, the latest that of the westernmost.
  return cut === undefined
    ? undefined
    : `${whole}T${time.slice(0, cut)}${offset ?? (end === 'low' ? '+14:00' : '-12:00')}`;
}

const lastOrFirst = (year: string, month: string, end: End): string =>
  end === 'low' ? '01' : String(daysInMonth(Number(year), Number(month)));
