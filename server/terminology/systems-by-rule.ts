// Code systems that are a rule and not a list: languages, media types, units, URIs, time zones, and what can be told of LOINC and
// SNOMED CT without their releases. FHIR R4, https://hl7.org/fhir/R4/terminologies-systems.html

import { ucumSystem, ucumUnit } from '../fhir/ucum.ts';

export type SystemRule = {
  /** For a refusal: what its codes are. */
  name: string;
  /** Whether a text is a code of the system; undefined where the rule cannot tell. */
  test(code: string): boolean | undefined;
  /** Whether there is nothing more to know than the rule: no release of the system would list its codes. */
  isAll: boolean;
  /** What a code is called in a language (BCP 47), where that is known. */
  display?(code: string, language: string): string | undefined;
};

/** By the system's canonical URL. */
export function systemRule(system: string): SystemRule | undefined {
  return rules.get(system);
}

// RFC 5646 section 2.1, without the tags that were registered before it.
const wellFormedTag =
  /^(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*(?:-[a-wyz\d](?:-[a-z\d]{2,8})+)*(?:-x(?:-[a-z\d]{1,8})+)?$|^x(?:-[a-z\d]{1,8})+$/i;
const mayBeGrandfathered =
  /^(?:i-[a-z]+|art-lojban|cel-gaulish|en-gb-oed|no-(?:bok|nyn)|sgn-[a-z]{2}-[a-z]{2}|zh-[a-z-]+)$/i;
const privateRegion = /^(?:AA|Q[M-Z]|X[A-Z]|ZZ)$/;
const languages = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });
const regions = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

/** Well formed, of a language and a region that are registered. Of languages with three letters only the usual ones are known here. */
function isLanguage(code: string): boolean | undefined {
  if (!wellFormedTag.test(code)) return mayBeGrandfathered.test(code) ? undefined : false;
  const [language = '', ...others] = code.toLowerCase().split('-');
  if (language === 'x') return true;
  const region = others
    .slice(0, 2)
    .find((part) => /^[a-z]{2}$/.test(part))
    ?.toUpperCase();
  if (region !== undefined && !privateRegion.test(region) && regions.of(region) === undefined) return false;
  if (isRegistered(language) || /^q[a-t][a-z]$/.test(language)) return true;
  return language.length === 2 ? false : undefined;
}

/** Kept, since asking takes long; no more than there are words of three letters. */
function isRegistered(language: string): boolean {
  const known = registered.get(language);
  if (known !== undefined) return known;
  const found = languages.of(language) !== undefined;
  if (language.length <= 3) registered.set(language, found);
  return found;
}

const registered = new Map<string, boolean>();

function languageName(code: string, language: string): string | undefined {
  try {
    return new Intl.DisplayNames([language, 'en'], { type: 'language', fallback: 'none' }).of(code);
  } catch {
    return undefined;
  }
}

// RFC 6838 section 4.2 and RFC 2045 section 5.1: a registered top-level type or one's own, a name, parameters.
const mediaType =
  /^(?:application|audio|example|font|haptics|image|message|model|multipart|text|video|x-[a-z\d!#$&^_.+-]+)\/[a-z\d][a-z\d!#$&^_.+-]{0,126}(?:\s*;\s*[\w!#$%&'*+.^`|~-]+=(?:"[^"\\]*"|[\w!#$%&'*+.^`|~/:-]+))*$/i;

/** FHIR R4 CapabilityStatement.format: also the short names of FHIR's own formats, and the spaces that DICOM has in a parameter. */
function isMediaType(code: string): boolean {
  return mediaType.test(code) || /^(?:json|xml|ttl)$/.test(code) || /^application\/dicom; variant=[A-Z -]+$/.test(code);
}

/** RFC 3986 section 3: with a scheme, and nothing in it that a URI must escape. */
const absoluteUri = /^[a-z][a-z\d+.-]*:[^\s<>"{}|\\^`]+$/i;

function isTimeZone(code: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: code });
    return true;
  } catch {
    return false;
  }
}

/** LOINC Users' Guide, appendix C: a number and its check digit (modulus 10). Parts, answers and their lists have letters in front. */
function mayBeLoinc(code: string): false | undefined {
  if (/^(?:L[A-Z]|MTHU)\d+(?:-\d)?$/.test(code)) return undefined;
  const [, digits, check] = /^(\d{1,7})-(\d)$/.exec(code) ?? [];
  if (digits === undefined) return false;
  let sum = 0;
  for (const [n, digit] of [...digits].reverse().entries()) {
    const value = n % 2 === 0 ? Number(digit) * 2 : Number(digit);
    sum += value > 9 ? value - 9 : value;
  }
  return (10 - (sum % 10)) % 10 === Number(check) ? undefined : false;
}

/** SNOMED CT Release File Specification, section 5: 6 to 18 digits of which the last is Verhoeff's check digit. Expressions are not judged. */
function mayBeSnomed(code: string): false | undefined {
  if (!/^\d+$/.test(code)) return /^[(=\d]/.test(code) ? undefined : false;
  if (code.length < 6 || code.length > 18 || code.startsWith('0')) return false;
  // The symmetries of a pentagon: the product of all digits, each permuted by its place, is the identity.
  let sum = 0;
  for (const [n, digit] of [...code].reverse().entries()) sum = dihedral(sum, permuted(Number(digit), n % 8));
  return sum === 0 ? undefined : false;
}

function dihedral(one: number, other: number): number {
  if (one < 5) return other < 5 ? (one + other) % 5 : 5 + ((one + other) % 5);
  return other < 5 ? 5 + ((one - other + 5) % 5) : (one - other + 5) % 5;
}

const permutation = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

function permuted(digit: number, times: number): number {
  let found = digit;
  for (let n = 0; n < times; n++) found = permutation[found] ?? found;
  return found;
}

/** ISO 3166: what has two letters is listed in R4 (iso-codes.ts); of other forms, and of the parts of countries, nothing is known here. */
const mayBeCountry = (code: string): false | undefined =>
  /^(?:[A-Z]{3}|\d{3}|[A-Z]{2}-[A-Z\d]{1,3})$/.test(code) ? undefined : false;

const rules: ReadonlyMap<string, SystemRule> = new Map<string, SystemRule>([
  ['urn:ietf:bcp:47', { name: 'language tags of BCP 47', test: isLanguage, isAll: true, display: languageName }],
  ['urn:ietf:bcp:13', { name: 'media types of BCP 13', test: isMediaType, isAll: true }],
  [
    ucumSystem,
    {
      name: 'units of UCUM (case-sensitive)',
      test: (code) => ucumUnit(code) !== undefined,
      isAll: true,
    },
  ],
  ['urn:ietf:rfc:3986', { name: 'absolute URIs', test: (code) => absoluteUri.test(code), isAll: true }],
  ['https://www.iana.org/time-zones', { name: 'IANA time zones', test: isTimeZone, isAll: true }],
  ['urn:iso:std:iso:3166', { name: 'country codes of ISO 3166', test: mayBeCountry, isAll: false }],
  ['http://loinc.org', { name: 'LOINC codes (with their check digit)', test: mayBeLoinc, isAll: false }],
  [
    'http://snomed.info/sct',
    { name: 'SNOMED CT identifiers (with their check digit)', test: mayBeSnomed, isAll: false },
  ],
]);

/** The systems whose codes are known by their rule alone. */
export const ruledSystems: readonly string[] = [...rules].filter(([, { isAll }]) => isAll).map(([system]) => system);
