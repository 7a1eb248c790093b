// The four basic facts (基本4情報) that a 署名用 certificate holds in its subjectAltName, as otherNames under
// 1.2.392.200149.8.5.5. They are read only when the certificate has been accepted, and never written to a log.

import { parseDayRange } from '../../forecast/days.ts';
import type { Certificate } from './certificate.ts';
import { contentOf, type Der, tags } from './der.ts';
import { otherNamesOf } from './extensions.ts';
import { must } from './refusal.ts';

export type CardFacts = {
  name: string;
  /** A FHIR date; with the year alone, or year and month, where the register knows no more. Absent when it knows nothing. */
  birthDate?: string;
  /** A code of FHIR's administrative-gender. */
  sex: 'male' | 'female' | 'unknown';
  address: string;
  /** True where a character of the name or the address is a stand-in for one that the card's character set lacks. */
  isSubstituted: boolean;
};

/** Throws JpkiRefusal where one of them is missing or not of its form. */
export function factsOf(certificate: Certificate): CardFacts {
  const names = otherNamesOf(certificate);
  const at = (last: number) => textOf(names.get(`1.2.392.200149.8.5.5.${last}`));
  const [name, nameMarks, sexCode, birth, address, addressMarks] = [1, 2, 3, 4, 5, 6].map(at);
  must(!!name && !!address, 'unreadable-facts');
  const sex = sexes.get(sexCode ?? '');
  must(sex !== undefined, 'unreadable-facts');
  const birthDate = birthDateOf(birth ?? '');
  return {
    name,
    ...(birthDate === undefined ? {} : { birthDate }),
    sex,
    address,
    isSubstituted: hasMark(nameMarks) || hasMark(addressMarks),
  };
}

/** `EYYYYMMDD`: an era (0 unknown, 1 明治 … 5 令和) and a date of the Gregorian calendar, with zeros for what is unknown. */
function birthDateOf(text: string): string | undefined {
  const [, year = '', month = '', day = ''] = /^[0-5](\d{4})(\d\d)(\d\d)$/.exec(text) ?? [];
  if (year === '0000') return undefined;
  const known = month === '00' ? [year] : day === '00' ? [year, month] : [year, month, day];
  const date = known.join('-');
  must(parseDayRange(date) !== undefined, 'unreadable-facts');
  return date;
}

/** One digit for each character, 1 where it is a stand-in. */
function hasMark(marks: string | undefined): boolean {
  must(marks === undefined || /^[01]*$/.test(marks), 'unreadable-facts');
  return marks?.includes('1') === true;
}

function textOf(value: Der | undefined): string | undefined {
  if (value === undefined) return undefined;
  const bytes = contentOf(value, tags.utf8String);
  const text = bytes.toString('utf8');
  must(Buffer.from(text, 'utf8').equals(bytes), 'unreadable-facts');
  return text;
}

const sexes: ReadonlyMap<string, CardFacts['sex']> = new Map([
  ['1', 'male'],
  ['2', 'female'],
  ['3', 'unknown'],
  ['9', 'unknown'],
]);
