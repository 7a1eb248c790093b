// Municipality codes (全国地方公共団体コード, JIS X 0402) and where a person lived when: entitlement to a free dose follows
// residence on the day of the dose.
import { type Day, parseDay } from '../days.ts';

/** A stay in a municipality; `from` and `to` are `YYYY-MM-DD`, inclusive; without `to` it goes on. */
export type Residence = { municipality: string; from: string; to?: string };

/** A stay in day numbers, with the code in five digits. */
export type Stay = { municipality: string; from: Day; to: Day };

/** The five-digit code of a code of five or six digits; undefined when it is none or its check digit is wrong. */
export function municipalityCode(text: string): string | undefined {
  if (/^\d{5}$/.test(text)) return text;
  if (!/^\d{6}$/.test(text)) return undefined;
  return checkDigit(text.slice(0, 5)) === Number(text[5]) ? text.slice(0, 5) : undefined;
}

/** The stay a residence means, undefined when its code or dates cannot be read. */
export function readStay({ municipality, from, to }: Residence): Stay | undefined {
  const code = municipalityCode(municipality);
  const first = parseDay(from);
  const last = to === undefined ? Number.POSITIVE_INFINITY : parseDay(to);
  return code === undefined || first === undefined || last === undefined || last < first
    ? undefined
    : { municipality: code, from: first, to: last };
}

/** Weights 6 to 2; the last digit of eleven minus the remainder by eleven. */
function checkDigit(digits: string): number {
  const sum = [...digits].reduce((total, digit, i) => total + Number(digit) * (6 - i), 0);
  return (11 - (sum % 11)) % 10;
}
