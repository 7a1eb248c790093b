// Numbers of FHIRPath. Those of resources keep their text (1.50), so comparison goes by value and never by rounding.
// http://hl7.org/fhirpath/N1/#decimal

const plain = /^[+-]?\d{1,15}$/;

/** Negative, 0 or positive, as of a sort; exact for numbers of any length. */
export function compareNumbers(left: string, right: string): number {
  if (left === right) return 0;
  if (plain.test(left) && plain.test(right)) return Number(left) - Number(right);
  const one = scaled(left);
  const other = scaled(right);
  // Too far apart for digits to decide, and long enough to cost much.
  if (one === undefined || other === undefined) return Number(left) - Number(right);
  const scale = Math.max(one.scale, other.scale);
  const difference = raised(one, scale) - raised(other, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

type Scaled = { digits: bigint; scale: number };

const decimal = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const mostDigits = 1000;

function scaled(text: string): Scaled | undefined {
  const match = decimal.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const scale = fraction.length - Number(exponent);
  if (whole.length + fraction.length > mostDigits || Math.abs(scale) > mostDigits) return undefined;
  const digits = BigInt(whole + fraction);
  return { digits: sign === '-' ? -digits : digits, scale };
}

const raised = ({ digits, scale }: Scaled, to: number): bigint => digits * 10n ** BigInt(to - scale);

/** Digits behind the point as written, trailing zeros left out unless asked for. */
export function decimalPlaces(text: string, withTrailingZeros = false): number {
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  return (withTrailingZeros ? fraction : fraction.replace(/0+$/, '')).length;
}

/** A result of arithmetic without what binary fractions add to it: 0.1 + 0.2 is 0.3. */
export function tidy(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(15));
}

/** A number without exponent, as FHIRPath writes it. */
export function plainText(value: number): string {
  const text = String(value);
  return text.includes('e') ? value.toFixed(20).replace(/\.?0+$/, '') : text;
}
