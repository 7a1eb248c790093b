// Decimal numbers as foreign formats write them (full width, ".5", "+3"), kept digit by digit: 3.050 stays 3.050.
// FHIR R4 decimal, https://hl7.org/fhir/R4/datatypes.html#decimal

import { exactNumber } from '../server/fhir/json.ts';

/** The number for a FHIR element, with its digits as sent; undefined when the text is not a plain decimal. */
export function decimal(text: string): number | undefined {
  const digits = decimalText(text);
  return digits === undefined ? undefined : exactNumber(digits);
}

/** The JSON spelling of a decimal: half width, no plus sign, one digit before the point, no needless leading zeros. */
export function decimalText(text: string): string | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text.normalize('NFKC').trim());
  const whole = match?.[2] ?? '';
  const fraction = match?.[3] ?? '';
  if (!match || whole + fraction === '') return undefined;
  return `${match[1] === '-' ? '-' : ''}${whole.replace(/^0+(?=\d)/, '') || '0'}${fraction && `.${fraction}`}`;
}

/** Exact product of two decimals, without trailing zeros behind the point; undefined unless both are decimals. */
export function multiply(a: string, b: string): string | undefined {
  const x = scaled(a);
  const y = scaled(b);
  return x && y && unscaled(x.units * y.units, x.places + y.places);
}

/** a ÷ count when that ends within four places, else undefined: a rounded dose would be a wrong dose. */
export function divideExactly(a: string, count: number): string | undefined {
  const x = scaled(a);
  if (!x || !Number.isInteger(count) || count < 1) return undefined;
  const units = x.units * 10_000n;
  return units % BigInt(count) === 0n ? unscaled(units / BigInt(count), x.places + 4) : undefined;
}

function scaled(text: string): { units: bigint; places: number } | undefined {
  const digits = decimalText(text);
  if (digits === undefined) return undefined;
  const [whole = '', fraction = ''] = digits.split('.');
  return { units: BigInt(whole + fraction), places: fraction.length };
}

function unscaled(units: bigint, places: number): string {
  const sign = units < 0n ? '-' : '';
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, '0');
  const fraction = digits.slice(digits.length - places).replace(/0+$/, '');
  const whole = digits.slice(0, digits.length - places);
  return places === 0 ? sign + digits : `${sign}${whole}${fraction && `.${fraction}`}`;
}
