// Search parameters of type string. FHIR R4 search, section string, https://hl7.org/fhir/R4/search.html#string: case and
// accents do not count, a match begins the value. In Japanese, width and the kind of kana do not count either, a name is
// found with or without its space and in either order, a postal code with or without its hyphen.

import { isObject, type JsonObject } from '../fhir/json.ts';
import { normalise } from '../fhir/normalise.ts';
import type { TypedValue } from '../fhir/paths.ts';
import { type Asked, type FactTest, type Filter, unescaped, unknownModifier } from './asked.ts';
import { mark } from './hash.ts';
import type { Parameter } from './parameter.ts';
import { remembering } from './remembered.ts';
import type { Sheet, Word } from './sheet.ts';

const parts: Record<string, readonly string[]> = {
  HumanName: ['text', 'family', 'given', 'prefix', 'suffix'],
  Address: ['text', 'line', 'city', 'district', 'state', 'postalCode', 'country'],
};

/** Notes strings as facts, normalised; as they were sent as marks, for `:exact`; their beginnings over everyone. */
export function indexStrings(sheet: Sheet, parameter: Parameter, values: readonly TypedValue[]): void {
  const [only] = values;
  const isText = values.length === 1 && typeof only?.value === 'string';
  const { norms, marks, words } = isText
    ? leftOnce(parameter, sheet.type, only.value as string)
    : left(parameter, sheet.type, values);
  sheet.facts[parameter.code] = norms;
  for (const one of marks) sheet.marks.add(one);
  for (const one of words) sheet.words.push(one);
}

type Left = { norms: string[]; marks: readonly string[]; words: readonly Word[] };

function left({ code, number, population }: Parameter, type: string, values: readonly TypedValue[]): Left {
  const marks: string[] = [];
  const norms = new Set<string>();
  for (const value of values) {
    const sent = stringsOf(value);
    for (const text of sent) if (text !== '') marks.push(mark(`${type}.${code}${exactFact(text)}`));
    for (const text of [...sent, ...joined(value)]) for (const norm of normsOf(text)) if (norm !== '') norms.add(norm);
  }
  const hasWords = population && entriesOf(code) === code;
  const words = hasWords ? [...new Set([...norms].map(wordOf))].map((norm) => ({ parameter: number, norm })) : [];
  return { norms: [...norms], marks, words };
}

/** Of one plain text: a lot, a city. */
function leftOnce(parameter: Parameter, type: string, text: string): Left {
  let once = byParameter.get(parameter);
  if (!once) {
    once = remembering((value) => left(parameter, type, [{ type: 'string', value }]), 5000);
    byParameter.set(parameter, once);
  }
  return once(text);
}

const byParameter = new WeakMap<Parameter, (text: string) => Left>();

const partsOfName: ReadonlySet<string> = new Set(['family', 'given', 'phonetic']);

/** The parameter whose entries over everyone hold this one's strings: what says a part of the name has none of its own. */
export const entriesOf = (code: string): string => (partsOfName.has(code) ? 'name' : code);

/** The strings of one typed value as they were sent: parts of a name or an address, or the value itself. */
export function stringsOf({ type, value }: TypedValue): string[] {
  if (typeof value === 'string') return [value];
  if (!isObject(value)) return [];
  return (parts[type] ?? []).flatMap((part) => value[part]).filter((item) => typeof item === 'string');
}

/** What a typed value is found by: its strings and what people make of them, normalised. */
export function stringFacts(value: TypedValue): string[] {
  return [...stringsOf(value), ...joined(value)].flatMap(normsOf).filter((norm) => norm !== '');
}

export function stringFilter(asked: Asked): Filter {
  const { type, name, modifier, parameter } = asked;
  const { code, number, population } = parameter;
  const values = asked.values.map(unescaped);
  if (modifier === 'exact') {
    return { kind: 'marks', negated: false, marks: values.map((text) => mark(`${type}.${code}${exactFact(text)}`)) };
  }
  if (modifier !== undefined && modifier !== 'contains') throw unknownModifier(name, ['exact', 'contains', 'missing']);
  return { kind: 'string', code, number, population, contains: modifier === 'contains', norms: values.map(askedNorm) };
}

export function stringTest(text: string, _asked: unknown, part: number): FactTest {
  return { test: `@ starts with $norm${part}`, values: { [`norm${part}`]: askedNorm(unescaped(text)) } };
}

export const longestWord = 200;

/**
 * What the population index holds of a string: its beginning, for an index entry of PostgreSQL is at most 2,704 bytes. The
 * row check decides about the rest.
 */
export const wordOf = (norm: string): string =>
  norm.length <= longestWord ? norm : [...norm].slice(0, longestWord).join('');

const exactFact = (text: string): string => `"${text}`;
const postalCode = /^([0-9]{3})-([0-9]{4})$/;

/** A postal code is kept both ways, and asked for without its hyphen. */
const normsOf = remembering((text): readonly string[] => {
  const norm = normalise(text);
  return postalCode.test(norm) ? [norm, norm.replace('-', '')] : [norm];
});

const askedNorm = (text: string): string => normalise(text).replace(postalCode, '$1$2');

/** Family and given names in either order; a Japanese address from the prefecture down. */
function joined({ type, value }: TypedValue): string[] {
  if (!isObject(value)) return [];
  if (type === 'HumanName') return joinedName(value);
  return type === 'Address' ? joinedAddress(value) : [];
}

function joinedName({ family, given }: JsonObject): string[] {
  const givenNames = texts(given).join('');
  return typeof family === 'string' && givenNames !== '' ? [family + givenNames, givenNames + family] : [];
}

function joinedAddress({ state, district, city, line }: JsonObject): string[] {
  const all = [state, district, city, line].flatMap(texts);
  return all.length > 1 ? [all.join('')] : [];
}

const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string');
