// Search parameters of type string. FHIR R4 search, section string: case and accents do not count, a match begins the
// value. In Japanese, width and the kind of kana do not count either, and a name is found with or without its space.

import { isObject } from '../fhir/json.ts';
import type { TypedValue } from '../fhir/paths.ts';

const parts: Record<string, readonly string[]> = {
  HumanName: ['text', 'family', 'given', 'prefix', 'suffix'],
  Address: ['text', 'line', 'city', 'district', 'state', 'postalCode', 'country'],
};

/** The strings of one typed value as they were sent: parts of a name or an address, or the value itself. */
export function stringsOf({ type, value }: TypedValue): string[] {
  if (typeof value === 'string') return [value];
  if (!isObject(value)) return [];
  const named = (parts[type] ?? []).flatMap((part) => value[part]).filter((item) => typeof item === 'string');
  return type === 'HumanName' ? [...named, ...joinedName(value)] : named;
}

/** NFKC, lower case, katakana as hiragana, no accents on Latin letters, no spaces. */
export function normalise(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[ァ-ヶ]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60))
    .normalize('NFD')
    .replace(/[̀-ͯ]/g, '')
    .normalize('NFC')
    .replace(/\s+/g, '');
}

function joinedName({ family, given }: { family?: unknown; given?: unknown }): string[] {
  const givenNames = Array.isArray(given) ? given.filter((name) => typeof name === 'string') : [];
  return typeof family === 'string' && givenNames.length > 0 ? [`${family}${givenNames.join('')}`] : [];
}
