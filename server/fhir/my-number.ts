// Finds the 12-digit My Number (個人番号), which a personal health record must not collect, store or log (My Number Act,
// article 20): in FHIR and JSON, in the text files inside them, in URLs. Findings name the place, never the digits.

import { isObject, numberText, parseJson } from './json.ts';
import {
  type Exempt,
  hasMyNumberCheckDigit,
  hl7HoldsNumber,
  holdsNumber,
  holdsWholeNumber,
  isHl7,
  noneExempt,
  plain,
  withoutNumbers,
} from './my-number-text.ts';

/** True when the value, at any depth, holds a My Number. */
export const holdsMyNumber = (value: unknown, exempt?: Exempt): boolean => findMyNumber(value, exempt) !== undefined;

/**
 * The place of the first My Number (`identifier[0].value`, '' for the value itself), undefined when there is none. In a field
 * made for it (myNumber, 個人番号, an identifier or extension named so) any 12 digits are one; elsewhere 12 digits whose check
 * digit is right, in any text, name of a member or number, unless they are known to be something else.
 */
export function findMyNumber(value: unknown, exempt: Exempt = noneExempt): string | undefined {
  return search(value, false, exempt)?.replace(/^\./, '');
}

/**
 * The name of the first parameter of a query that holds one, undefined when none does. Codes are not looked at: those of
 * SNOMED CT have 12 digits too.
 */
export function findMyNumberInQuery(
  parameters: Iterable<[string, string]>,
  exempt: Exempt = noneExempt,
): string | undefined {
  for (const [name, value] of parameters) {
    if (holdsNumber(name, exempt) || inText(value, false)) return withoutNumbers(name);
    if (!/code|concept/i.test(name) && textHolds(value, exempt)) return withoutNumbers(name);
  }
  return undefined;
}

/**
 * True when a label stands before 12 digits that check. Bytes may be in any character set of our sources, and broken. For whom
 * no setting tells which 12 digits are a hospital's patient numbers, this is all that can be said.
 */
export const holdsLabelledNumber = (from: string | Uint8Array): boolean =>
  typeof from === 'string'
    ? inText(from, false)
    : decodersOf(from).some((decoder) => inText(decoder.decode(from), false));

const label = /個人番号|マイナンバー|my[\s_-]?number|kojin[\s_-]?bango/i;
const labelledDigits =
  /(?:個人番号|マイナンバー|my[\s_-]?number|kojin[\s_-]?bango)\D{0,30}?(\d(?:[ -]?\d){11})(?!\d)/gi;

/** The place behind `value`: `.name`, `[0]` and so on. It is put together only where there is one. */
function search(value: unknown, dedicated: boolean, exempt: Exempt): string | undefined {
  if (typeof value === 'string') return inText(value, dedicated) || textHolds(value, exempt) ? '' : undefined;
  const number = numberText(value);
  if (number !== undefined) return inText(number, dedicated) || holdsNumber(number, exempt) ? '' : undefined;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const found = search(value[index], dedicated, exempt);
      if (found !== undefined) return `[${index}]${found}`;
    }
    return undefined;
  }
  return isObject(value) ? searchObject(value, dedicated, exempt) : undefined;
}

function searchObject(object: Record<string, unknown>, dedicated: boolean, exempt: Exempt): string | undefined {
  const named = dedicated || isNamedMyNumber(object);
  const left = named ? undefined : leftOut(object, exempt);
  const inside = isTerminology.has(object.resourceType as string) ? { ...exempt, areCodes: true } : exempt;
  for (const key in object) {
    const member = object[key];
    if (key === left || (key === 'reference' && isElsewhere(member))) continue;
    const found =
      key === 'data' && typeof member === 'string' && !named
        ? inData(object, member, inside)
        : search(member, named || isLabel(key), inside);
    if (found !== undefined) return `.${key}${found}`;
    if (key.length >= 12 && holdsNumber(key)) return '';
  }
  return left === undefined && isIdentifier(object) && isRefused(object.system, object.value) ? '.value' : undefined;
}

/** The member whose digits are no person's number: a hospital's patient number, or a code. */
function leftOut({ system, value, code }: Record<string, unknown>, exempt: Exempt): string | undefined {
  if (typeof value === 'string' && exempt.systems.has(system as string)) return 'value';
  if (typeof code === 'string' && (exempt.areCodes || system === SNOMED)) return 'code';
  return undefined;
}

/** The address of a resource on another server, whose ids are made there. A condition may name a person by number. */
const isElsewhere = (reference: unknown): boolean =>
  typeof reference === 'string' && /^https?:\/\/[^?#]+$/.test(reference);

// The identifiers of SNOMED CT that countries make have 12 digits and more.
const SNOMED = 'http://snomed.info/sct';
const isTerminology = new Set(['CodeSystem', 'ValueSet', 'ConceptMap']);

type Identified = { system?: unknown; value: string };

/** An Identifier, and no ContactPoint. */
const isIdentifier = (object: Record<string, unknown>): object is Identified =>
  typeof object.value === 'string' && !contactSystems.has(object.system as string);
const contactSystems = new Set(['phone', 'fax', 'email', 'pager', 'url', 'sms', 'other']);

/** A value of a system that is made for My Numbers, or one that is a My Number however it is spaced. */
const isRefused = (system: unknown, value: string): boolean =>
  (typeof system === 'string' && names(system) && !/card|カード/i.test(plain(system))) ||
  (isTwelveDigits(value) && hasMyNumberCheckDigit(digitsOf(value)));

/** base64 of a Binary or an Attachment: what reads as text is looked at as text. SampledData is numbers beside each other. */
function inData(owner: Record<string, unknown>, data: string, exempt: Exempt): string | undefined {
  if (isObject(owner.origin)) return holdsWholeNumber(data) ? '' : undefined;
  if (data.length <= 64 && textHolds(data, exempt)) return '';
  if (!isReadable(Buffer.from(data.slice(0, 5460), 'base64'))) return undefined;
  const bytes = Buffer.from(data, 'base64');
  return decodersOf(bytes).some((decoder) => inFile(decoder.decode(bytes), exempt)) ? '' : undefined;
}

/** False for pictures, archives and other files that begin with bytes no text holds. UTF-16 says so in front. */
function isReadable(start: Uint8Array): boolean {
  const isUtf16 = (start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff);
  return isUtf16 || start.every((byte) => byte >= 0x20 || textControls.has(byte));
}

// Tab, line ends, the frame of MLLP, and the escape of ISO-2022-JP.
const textControls = new Set([0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x1b, 0x1c, 0x1d]);
const ascii = [new TextDecoder('utf-8')];
const escaped = [...ascii, new TextDecoder('iso-2022-jp')];
const eightBit = [...escaped, new TextDecoder('shift_jis'), new TextDecoder('euc-jp')];
const every = [...eightBit, new TextDecoder('utf-16le'), new TextDecoder('utf-16be')];

/**
 * The character sets in which the bytes may be read, and not alike. Digits of UTF-16 stand behind a NUL, wide ones behind 0xFF; an
 * escape leads into ISO-2022-JP.
 */
function decodersOf(bytes: Uint8Array): readonly TextDecoder[] {
  if (bytes.includes(0) || bytes.includes(0xff)) return every;
  if (bytes.some((byte) => byte >= 0x80)) return eightBit;
  return bytes.includes(0x1b) ? escaped : ascii;
}

function inFile(text: string, exempt: Exempt): boolean {
  if (inText(text, false)) return true;
  if (isHl7(text)) return hl7HoldsNumber(text, exempt);
  return /^\s*[[{]/.test(text) ? inJson(text, exempt) : holdsNumber(text, exempt);
}

function inJson(text: string, exempt: Exempt): boolean {
  try {
    return holdsMyNumber(parseJson(text), exempt);
  } catch {
    return holdsNumber(text, exempt);
  }
}

/** URLs are looked at as they are meant. */
function textHolds(text: string, exempt: Exempt): boolean {
  if (text.length < 12) return false;
  if (!text.includes('%')) return holdsNumber(text, exempt);
  try {
    return holdsNumber(decodeURIComponent(text), exempt);
  } catch {
    return holdsNumber(text, exempt);
  }
}

// The names of elements are few, and most values stand behind one that was seen before.
const harmless = new Set<string>();
const mostHarmless = 5000;

function isLabel(key: string): boolean {
  if (harmless.has(key)) return false;
  if (label.test(key)) return true;
  if (harmless.size < mostHarmless && key.length <= 64) harmless.add(key);
  return false;
}

function inText(text: string, dedicated: boolean): boolean {
  if (text.length < 12) return false;
  if (dedicated && isTwelveDigits(text)) return true;
  const readable = plain(text);
  if (!label.test(readable)) return false;
  for (const match of readable.matchAll(labelledDigits)) {
    if (hasMyNumberCheckDigit(digitsOf(match[1] as string))) return true;
  }
  return false;
}

/** True when the text is nothing but 12 digits (full width, spaces and hyphens allowed), whatever the check digit. */
const isTwelveDigits = (text: string): boolean => /^\d{12}$/.test(plain(text).replace(/[\s\p{Pd}ー−]/gu, ''));
const digitsOf = (text: string): string => plain(text).replace(/\D/g, '');

// An Identifier, Extension, answer or Observation says what its value is in one of these elements; NNJPN is the HL7
// identifier type (table 0203, NNxxx) of the national person number of Japan.
function isNamedMyNumber(object: Record<string, unknown>): boolean {
  const { system, url, text, display, linkId, name } = object;
  if (names(system) || names(url) || names(text) || names(display) || names(linkId) || names(name)) return true;
  for (const concept of [object.type, object.code]) {
    if (!isObject(concept)) continue;
    if (names(concept.text)) return true;
    for (const coding of Array.isArray(concept.coding) ? concept.coding : []) {
      if (!isObject(coding)) continue;
      if (coding.code === 'NNJPN') return true;
      if (names(coding.display) || names(coding.code)) return true;
    }
  }
  return false;
}

const names = (word: unknown): boolean => typeof word === 'string' && label.test(plain(word));
