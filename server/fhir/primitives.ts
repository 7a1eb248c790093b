// The formats of FHIR primitive types in JSON: R4's regular expressions, and what they cannot say (real calendar dates,
// 32 bit integers, the length of base64). https://hl7.org/fhir/R4/datatypes.html#primitive

import { daysInMonth } from './calendar.ts';
import { typeDefinition } from './definitions.ts';
import { numberText } from './json.ts';
import { xhtmlProblem } from './xhtml.ts';

/** Says what is wrong with a parsed JSON value ("must be …", without quoting it), or undefined when it is right. */
export type PrimitiveCheck = (value: unknown) => string | undefined;

/** The check of one primitive type. Throws for a name that is not a primitive type of R4. */
export function primitiveCheck(type: string): PrimitiveCheck {
  const known = checks.get(type);
  if (known) return known;
  const definition = typeDefinition(type);
  if (definition?.kind !== 'primitive-type') throw new Error(`${type} is not a primitive type`);
  const check = special[type] ?? textCheck(type, definition.regex);
  checks.set(type, check);
  return check;
}

const checks = new Map<string, PrimitiveCheck>();

const FORMATS: Record<string, string> = {
  code: 'a code: text without leading, trailing or double spaces',
  id: 'an id: 1 to 64 of A-Z, a-z, 0-9, - and .',
  uri: 'a uri without spaces',
  url: 'a url without spaces',
  canonical: 'a canonical url without spaces',
  oid: 'an OID as a uri (urn:oid:1.2.3)',
  uuid: 'a UUID as a uri (urn:uuid: and lower case)',
  time: 'a time (hh:mm:ss)',
  date: 'a real calendar date (YYYY, YYYY-MM or YYYY-MM-DD)',
  dateTime: 'a real date, or date and time with a time zone (YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss+zz:zz)',
  instant: 'a real date and time with a time zone (YYYY-MM-DDThh:mm:ss.sss+zz:zz)',
  positiveInt: 'a whole number from 1 to 2147483647',
  unsignedInt: 'a whole number from 0 to 2147483647',
  integer: 'a whole number of 32 bits',
};

const special: Record<string, PrimitiveCheck> = {
  boolean: (value) => (typeof value === 'boolean' ? undefined : 'must be true or false, without quotes'),
  decimal: (value) => (numberText(value) === undefined ? 'must be a number, without quotes' : undefined),
  integer: wholeNumber('integer', -2_147_483_648),
  unsignedInt: wholeNumber('unsignedInt', 0),
  positiveInt: wholeNumber('positiveInt', 1),
  // R4's own expression for text refuses the ideographic space (U+3000) in JavaScript, so only its meaning is kept.
  code,
  string: text,
  markdown: text,
  base64Binary,
  uri: uri('uri'),
  url: uri('url'),
  canonical: uri('canonical'),
  date: dated('date'),
  dateTime: dated('dateTime'),
  instant: dated('instant'),
  xhtml,
};

function textCheck(type: string, regex = '[^]+'): PrimitiveCheck {
  const whole = new RegExp(`^(?:${regex})$`);
  const problem = `must be ${FORMATS[type] ?? 'text'}`;
  return (value) =>
    typeof value !== 'string' ? 'must be a string' : value !== '' && whole.test(value) ? undefined : problem;
}

// What begins as a UUID has to be one, perhaps with |version after it; capitals pass, since many systems write them.
const UUID = /^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:[|#].*)?$/i;

function uri(type: string): PrimitiveCheck {
  const check = textCheck(type, typeDefinition(type)?.regex);
  return (value) => {
    const problem = check(value);
    if (problem !== undefined || !/^urn:uuid:/i.test(value as string) || UUID.test(value as string)) return problem;
    return 'must hold a complete UUID after urn:uuid:';
  };
}

function wholeNumber(type: string, min: number): PrimitiveCheck {
  const problem = `must be ${FORMATS[type]}`;
  const whole = new RegExp(`^(?:${typeDefinition(type)?.regex})$`);
  return (value) => {
    const number = numberText(value);
    if (number === undefined) return 'must be a number, without quotes';
    return whole.test(number) && Number(number) >= min && Number(number) <= 2_147_483_647 ? undefined : problem;
  };
}

/** "Strings SHALL NOT exceed 1MB (1024*1024 characters) in size" */
const MAX_TEXT = 1_048_576;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters FHIR keeps out of a string
const CONTROL = /[\0-\b\v\f\x0e-\x1f]/;

function text(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'must be a string';
  if (value === '') return 'must not be empty: leave the element out instead';
  if (value.length > MAX_TEXT) return `must not be longer than ${MAX_TEXT} characters`;
  return CONTROL.test(value) ? 'must not hold control characters other than tab, CR and LF' : undefined;
}

/** "a string which has at least one character and no leading or trailing whitespace and where there is no whitespace other than single spaces" */
function code(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'must be a string';
  const isCode = value !== '' && value.length <= MAX_TEXT && !/^\s|\s$|\s\s/.test(value);
  return isCode ? undefined : `must be ${FORMATS.code}`;
}

function base64Binary(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'must be a string';
  const packed = /\s/.test(value) ? value.replace(/\s+/g, '') : value;
  const isBase64 = packed !== '' && packed.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(packed);
  return isBase64 ? undefined : 'must be base64 (A-Z, a-z, 0-9, +, /, padded with = to a multiple of 4)';
}

function dated(type: string): PrimitiveCheck {
  const check = textCheck(type, typeDefinition(type)?.regex);
  return (value) => check(value) ?? (isRealDay(value as string) ? undefined : `must be ${FORMATS[type]}`);
}

/** Whether the day of a well-formed YYYY-MM-DD… exists; true when there is no day. */
function isRealDay(date: string): boolean {
  const day = Number(date.slice(8, 10));
  return day <= 28 || day <= daysInMonth(Number(date.slice(0, 4)), Number(date.slice(5, 7)));
}

function xhtml(value: unknown): string | undefined {
  return typeof value === 'string' ? xhtmlProblem(value) : 'must be a string';
}
