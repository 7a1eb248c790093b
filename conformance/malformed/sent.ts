// What a malformed request is, and the pieces that the classes of fault build theirs from: nasty texts, values of the wrong
// type, texts cut and bent. Everything comes from fast-check, so a seed repeats it.
import fc from 'fast-check';

export type Sent = {
  method: string;
  /** Behind `/fhir`, with its slash; characters of a request line only. */
  path: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Instead of all of the above: bytes for a socket of its own. */
  wire?: Buffer;
  /** `none` and `patient` send another token, or no header, instead of the system client's. */
  as?: 'system' | 'patient' | 'none';
};

export type FaultClass = {
  name: string;
  request: fc.Arbitrary<Sent>;
  /** True where no request of the class may succeed. */
  isAlwaysRefused?: boolean;
};

export const fhirJson = { 'content-type': 'application/fhir+json' };
export const form = { 'content-type': 'application/x-www-form-urlencoded' };

/** Texts that break programs: markup, SQL, paths, formats, controls, characters outside the basic plane. */
export const metacharacters = [
  "' or 1=1 --",
  "'; drop table resource; --",
  '"; select pg_sleep(5); --',
  '$1',
  '$$',
  "\\'",
  '%',
  '_',
  '%_%',
  '\\',
  '\\\\',
  '\0',
  'a\0b',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '{{7*7}}',
  '$' + '{jndi:ldap://x}',
  '../../../etc/passwd',
  '..%2f..%2f',
  '|',
  '||',
  'a|b|c',
  ',',
  ',,,',
  '\\,',
  '$',
  'a$b',
  '&',
  '=',
  '#',
  '?',
  ';',
  '__proto__',
  'constructor',
  'toString',
  'NaN',
  'Infinity',
  '-0',
  '1e309',
  '1e-400',
  '9'.repeat(400),
  'null',
  'undefined',
  'true',
  '[]',
  '{}',
  '\u202e',
  '\ufeff',
  '\ufffe',
  '\u0085',
  '𠮷',
  'e\u0301'.repeat(50),
  'ｶﾞ',
  '　',
  ' ',
  '',
  '\r\n',
  '\t',
  'x'.repeat(5000),
];

export const nasty: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...metacharacters),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.tuple(fc.constantFrom(...metacharacters), fc.constantFrom(...metacharacters)).map(([one, other]) => one + other),
);

/** A value of every JSON type, none of them fitting where it is put. */
export const wrongValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, '', ' ', [], {}, [[]], [{}], [null], { id: 1 }, '\0'),
  fc.integer(),
  fc.double({ noNaN: true }).filter(Number.isFinite),
  nasty,
  fc.array(fc.constantFrom<unknown>(null, 1, 'a', [], {}), { maxLength: 4 }),
  fc
    .dictionary(fc.constantFrom('value', 'id', 'url', 'reference', 'extension', '__proto__', ''), fc.anything(), {
      maxKeys: 3,
    })
    .map((value) => JSON.parse(JSON.stringify(value) ?? 'null') as unknown),
);

/** Text for a query or a path: what is not plain ASCII goes out as percent-encoded UTF-8, half surrogates among it. */
export function encoded(text: string): string {
  return [...Buffer.from(text, 'utf8')]
    .map((byte) => {
      const isPlain = /[A-Za-z0-9._~-]/.test(String.fromCharCode(byte));
      return isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}

/** What a header may hold without breaking HTTP itself. */
export function headerText(text: string): string {
  return Buffer.from(text, 'utf8')
    .toString('latin1')
    .replace(/[^\t -~\x80-\xff]/g, '')
    .trim();
}

/** A text with one to three wounds: cut off, a piece lost or twice, a character changed or put in. */
export function bent(text: string): fc.Arbitrary<string> {
  const wound = fc.record({
    kind: fc.constantFrom('cut', 'lose', 'twice', 'change', 'insert'),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.integer({ min: 1, max: 12 }),
    with: fc.oneof(fc.constantFrom('"', '{', '}', '[', ']', ',', ':', '\\', '<', '>', '/', '&', '\0', '0', '-'), nasty),
  });
  return fc.array(wound, { minLength: 1, maxLength: 3 }).map((wounds) => wounds.reduce(hurt, text));
}

type Wound = { kind: string; at: number; length: number; with: string };

function hurt(text: string, wound: Wound): string {
  const at = Math.floor(wound.at * text.length);
  const [before, piece, after] = [text.slice(0, at), text.slice(at, at + wound.length), text.slice(at + wound.length)];
  if (wound.kind === 'cut') return before;
  if (wound.kind === 'lose') return before + after;
  if (wound.kind === 'twice') return before + piece + piece + after;
  if (wound.kind === 'change') return before + wound.with + after;
  return before + wound.with + piece + after;
}

/** A JSON value with one member, anywhere in it, replaced. */
export function withOneReplaced(value: unknown, replacement: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const places = placesIn(value);
  return fc.tuple(fc.constantFrom(...places), replacement).map(([place, what]) => replaced(value, place, what));
}

type Place = (string | number)[];

function placesIn(value: unknown, path: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [path];
  const children = Array.isArray(value) ? value.entries() : Object.entries(value);
  return [path, ...[...children].flatMap(([name, child]) => placesIn(child, [...path, name]))].filter(
    ({ length }) => length > 0,
  );
}

function replaced(value: unknown, [name, ...below]: Place, what: unknown): unknown {
  if (name === undefined) return what;
  const child = replaced((value as Record<string | number, unknown>)[name], below, what);
  if (!Array.isArray(value)) return { ...(value as object), [name]: child };
  return value.map((one, n) => (n === name ? child : one));
}
