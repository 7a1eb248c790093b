// Finds the 12-digit My Number (個人番号), which a personal health record must not collect, store or log (My Number Act,
// article 20; check digit: ordinance 85 of 2014, article 5). Findings name the place, never the digits.

import { isObject, numberText } from './json.ts';

/** True when the value, at any depth, holds a My Number: in a field made for it, or labelled as one in text. */
export const holdsMyNumber = (value: unknown): boolean => findMyNumber(value) !== undefined;

/**
 * The place of the first My Number (`identifier[0].value`, '' for the value itself), undefined when there is none.
 * A dedicated field (myNumber, 個人番号, an identifier or extension named so) counts with any 12 digits; running text
 * counts when a label stands before 12 digits whose check digit is right.
 */
export function findMyNumber(value: unknown): string | undefined {
  return search(value, false)?.replace(/^\./, '');
}

/** True for 12 half-width digits whose last is the check digit of the first eleven. */
export function hasMyNumberCheckDigit(digits: string): boolean {
  if (!/^\d{12}$/.test(digits)) return false;
  let sum = 0;
  for (let n = 1; n <= 11; n++) sum += Number(digits[11 - n]) * (n <= 6 ? n + 1 : n - 5);
  const rest = sum % 11;
  return Number(digits[11]) === (rest <= 1 ? 0 : 11 - rest);
}

/** True when the text is nothing but 12 digits (full width, spaces and hyphens allowed), whatever the check digit. */
function isTwelveDigits(text: string): boolean {
  return /^\d{12}$/.test(plain(text).replace(/[\s-]/g, ''));
}

/**
 * The text with every run of 12 digits blanked out, whatever its check digit: for an original that is known to hold a
 * My Number and is kept without it. Length is unchanged.
 */
export function redactTwelveDigits(text: string): string {
  return text.replace(/(?<![\d０-９])[\d０-９](?:[ \-－]?[\d０-９]){11}(?![\d０-９])/g, (run) =>
    run.replace(/[\d０-９]/g, '*'),
  );
}

const label = /個人番号|マイナンバー|my[\s_-]?number|kojin[\s_-]?bango/i;
const labelledDigits =
  /(?:個人番号|マイナンバー|my[\s_-]?number|kojin[\s_-]?bango)\D{0,30}?(\d(?:[ -]?\d){11})(?!\d)/gi;

/** The place behind `value`: `.name`, `[0]` and so on. It is put together only where there is one. */
function search(value: unknown, dedicated: boolean): string | undefined {
  const text = typeof value === 'string' ? value : numberText(value);
  if (text !== undefined) return inText(text, dedicated) ? '' : undefined;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const found = search(value[index], dedicated);
      if (found !== undefined) return `[${index}]${found}`;
    }
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const named = dedicated || isNamedMyNumber(value);
  for (const key in value) {
    const found = search(value[key], named || isLabel(key));
    if (found !== undefined) return `.${key}${found}`;
  }
  return undefined;
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
    if (hasMyNumberCheckDigit((match[1] as string).replace(/[ -]/g, ''))) return true;
  }
  return false;
}

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

const isPlainAscii = /^[ -~]*$/;

function plain(text: string): string {
  return isPlainAscii.test(text) ? text : text.normalize('NFKC');
}
