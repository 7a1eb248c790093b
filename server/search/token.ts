// Search parameters of type token. FHIR R4 search, section token, https://hl7.org/fhir/R4/search.html#token
// `code`, `system|code`, `|code`, `system|`; modifiers :not, :of-type, :text. "When in doubt, servers SHOULD treat tokens in
// a case-insensitive manner": codes are compared in lower case, systems as they are.

import { isObject } from '../fhir/json.ts';
import { type JsonPath, jsonPathsOf } from '../fhir/json-paths.ts';
import type { TypedValue } from '../fhir/paths.ts';
import { type Asked, badValue, type FactTest, type Filter, split, unescaped, unknownModifier } from './asked.ts';
import { mark } from './hash.ts';
import type { Parameter } from './parameter.ts';
import { type Marks, marksOnce } from './remembered.ts';
import { marksOf, noteAll, noteMarks, type Sheet } from './sheet.ts';
import { textFilter } from './text.ts';

export type Token = { system?: string; code?: string };

/** Of a token only `|code` goes into the population index; the row check decides about its system. */
export function indexTokens(sheet: Sheet, parameter: Parameter, values: readonly TypedValue[]): void {
  for (const value of values) {
    for (const one of tokensOf(value)) noteAll(sheet, marksOfToken(sheet.type, parameter, one));
    if (value.type === 'Identifier') noteMarks(sheet, parameter.code, typedFacts(value.value), false);
  }
}

function marksOfToken(type: string, parameter: Parameter, one: Token): Marks {
  const { code, population } = parameter;
  const make = (): Marks => {
    const { marks } = marksOf(type, code, tokenFacts(one), false);
    // The fact without a system comes first.
    return { marks, terms: population && one.code !== undefined ? marks.slice(0, 1) : [] };
  };
  // What is missing is not the same as what is empty, which FHIR does not have.
  if (one.code === undefined || one.code === '' || one.system === '') return make();
  return marksOnce(parameter, one.system ?? '', one.code, make);
}

/** The tokens of one typed value: Coding, CodeableConcept, Identifier, ContactPoint, code, boolean, uri, string. */
export function tokensOf({ type, value, systems = [] }: TypedValue): Token[] {
  if (typeof value === 'string') return [{ code: value }, ...systems.map((system) => ({ system, code: value }))];
  if (typeof value === 'boolean') return [{ code: String(value) }, { system: booleans, code: String(value) }];
  if (!isObject(value) || type === 'Quantity' || type === 'Range') return [];
  if (type === 'CodeableConcept') {
    return (Array.isArray(value.coding) ? value.coding : []).flatMap((coding) => token(coding, 'code'));
  }
  if (type === 'Identifier') return token(value, 'value');
  if (type === 'ContactPoint') return contactTokens(value);
  return token(value, 'code');
}

/** What a token leaves to be found by, without the parameter's name. */
export function tokenFacts({ system, code }: Token): string[] {
  const facts: string[] = [];
  if (code !== undefined) facts.push(codeFact(code), `|${plain(system ?? '')}${codeFact(code)}`);
  if (system !== undefined) facts.push(`|${plain(system)}|`);
  return facts;
}

/** The fact that a search value (with its escapes) asks for, and the population's fact where it names a code. */
export function askedToken(text: string): { fact: string; term?: string } {
  const { system, code } = tokenIn(text);
  if (code === undefined) return { fact: `|${plain(system ?? '')}|` };
  const term = codeFact(code);
  return { fact: system === undefined ? term : `|${plain(system)}${term}`, term };
}

export function tokenFilter(asked: Asked): Filter {
  const { type, name, modifier, parameter } = asked;
  if (modifier === 'text') return conceptText(asked);
  if (modifier === 'of-type')
    return askedMarks(
      asked,
      asked.values.map((text) => askedOfType(name, text)),
    );
  if (modifier !== undefined && modifier !== 'not') return conceptsFilter(asked, modifier);
  const values = isContact(parameter) ? asked.values.map(asContact) : asked.values;
  const tokens = values.map(askedToken);
  const filter = askedMarks(
    asked,
    tokens.map(({ fact }) => fact),
  );
  if (modifier === 'not') return { ...filter, negated: true };
  const terms = tokens.map(({ term }) => term).filter((term) => term !== undefined);
  if (!parameter.population || terms.length < tokens.length) return filter;
  const isIdentifier = parameter.code === 'identifier';
  return { ...filter, terms: terms.map((term) => mark(`${type}.${parameter.code}${term}`)), isIdentifier };
}

/** By codes that only terminology can tell. */
function conceptsFilter(asked: Asked, modifier: string): Filter {
  const { name, parameter, values, options } = asked;
  const known = isCoded(asked) ? ofConcepts : [];
  if (!known.includes(modifier)) throw unknownModifier(name, [...modifiers, ...known]);
  if (modifier === 'above' || modifier === 'below') {
    const concepts = values.map((text) => askedConcept(name, text));
    return { kind: 'codes', parameter, among: { relation: modifier, concepts }, negated: false };
  }
  const valueSets = values.map((text) => inner(unescaped(text), options.base));
  return { kind: 'codes', parameter, among: { relation: 'in', valueSets }, negated: modifier === 'not-in' };
}

/** Has, or has not, one of these concepts. Up to `mostTerms` of them are looked for over everyone, one by one. */
export function conceptFilter(
  type: string,
  { code, population }: Parameter,
  concepts: readonly { system: string; code: string }[],
  negated: boolean,
): Filter {
  const markOf = (fact: string) => mark(`${type}.${code}${fact}`);
  const marks = concepts.map((one) => markOf(`|${plain(one.system)}${codeFact(one.code)}`));
  const terms = [...new Set(concepts.map((one) => codeFact(one.code)))];
  const isWalked = population && !negated && terms.length > 0 && terms.length <= mostTerms;
  return { kind: 'marks', marks, negated, ...(isWalked ? { terms: terms.map(markOf) } : {}) };
}

/** Inside a composite: [system, code], '' for none. */
export function tokenPairs(value: TypedValue): [system: string, code: string][] {
  return tokensOf(value).map(({ system = '', code = '' }) => [system, code.toLowerCase()]);
}

export function tokenTest(text: string, _asked: unknown, part: number): FactTest {
  const { system, code } = tokenIn(text);
  const tests: string[] = [];
  const values: FactTest['values'] = {};
  if (system !== undefined) {
    tests.push(`@[0] == $system${part}`);
    values[`system${part}`] = system;
  }
  if (code !== undefined) {
    tests.push(`@[1] == $code${part}`);
    values[`code${part}`] = code.toLowerCase();
  }
  return { test: tests.join(' && '), values };
}

const modifiers = ['not', 'text', 'of-type', 'missing'];
const ofConcepts = ['in', 'not-in', 'above', 'below'];
const mostTerms = 200;
const booleans = 'http://hl7.org/fhir/special-values';

/** A bar inside a system or a code is not the one between them. */
const plain = (text: string): string => (text.includes('|') ? text.replaceAll('|', '\\|') : text);
const codeFact = (code: string): string => `|${plain(code.toLowerCase())}`;

function tokenIn(text: string): Token {
  const [first = '', ...rest] = split(text, '|');
  if (rest.length === 0) return { code: unescaped(first) };
  const code = unescaped(rest.join('|'));
  return { system: unescaped(first), ...(code === '' ? {} : { code }) };
}

function token(value: unknown, codeName: string): Token[] {
  if (!isObject(value)) return [];
  const system = value.system;
  const code = value[codeName];
  if (typeof system !== 'string' && typeof code !== 'string') return [];
  if (typeof system !== 'string') return [{ code: code as string }];
  return typeof code === 'string' ? [{ system, code }] : [{ system }];
}

/** `phone|…` finds as well: the kind of contact stands where a system would. */
function contactTokens({ system, value }: { system?: unknown; value?: unknown }): Token[] {
  if (typeof value !== 'string') return [];
  const code = contact(value);
  return typeof system === 'string' ? [{ code }, { system, code }] : [{ code }];
}

const isContact = ({ code }: Parameter): boolean => code === 'phone' || code === 'email' || code === 'telecom';

/** Width does not count, and in a telephone number neither do hyphens, brackets and spaces. */
function contact(text: string): string {
  const narrow = text.normalize('NFKC').trim();
  return /^\+?[\d\s().\-‐-―−ー]+$/.test(narrow) ? narrow.replace(/[^\d+]/g, '') : narrow;
}

function asContact(text: string): string {
  const { system, code } = tokenIn(text);
  const value = code === undefined ? '' : plain(contact(code));
  return system === undefined ? value : `${plain(system)}|${value}`;
}

function askedMarks({ type, parameter }: Asked, facts: readonly string[]): Extract<Filter, { kind: 'marks' }> {
  return { kind: 'marks', negated: false, marks: facts.map((fact) => mark(`${type}.${parameter.code}${fact}`)) };
}

const ofType = (system: string, code: string, value: string): string =>
  `^${plain(system)}${codeFact(code)}${codeFact(value)}`;

/** For `:of-type`: each coding of the identifier's type with its value. */
function typedFacts(identifier: unknown): string[] {
  if (!isObject(identifier) || typeof identifier.value !== 'string') return [];
  const { value, type } = identifier;
  return tokensOf({ type: 'CodeableConcept', value: type }).map(({ system = '', code = '' }) =>
    ofType(system, code, value),
  );
}

function askedOfType(name: string, text: string): string {
  const [system, code, value, more] = split(text, '|').map(unescaped);
  if (!system || !code || !value || more !== undefined) throw badValue(name, text, 'of the form system|code|value');
  return ofType(system, code, value);
}

/** False for identifiers, contacts and the like, of which no value set speaks. */
function isCoded({ parameter, type }: Asked): boolean {
  const paths = jsonPathsOf(parameter.expression, type);
  return paths === undefined || paths.some((found) => ['CodeableConcept', 'Coding', 'code'].includes(found.type));
}

/** What is on this server is named by its place behind the base. */
const inner = (url: string, base: string): string =>
  base && url.startsWith(`${base}/`) ? url.slice(base.length + 1) : url;

function askedConcept(name: string, text: string): { system: string; code: string } {
  const { system, code } = tokenIn(text);
  if (!system || code === undefined) throw badValue(name, text, 'of the form system|code');
  return { system, code };
}

/** Where the words of a concept stand: "either CodeableConcept.text, Coding.display, or Identifier.type.text". */
const textOf: Record<string, readonly string[]> = {
  CodeableConcept: ['.text', '.coding.display'],
  Coding: ['.display'],
  Identifier: ['.type.text'],
};

function conceptText(asked: Asked): Filter {
  const found: JsonPath[] = jsonPathsOf(asked.parameter.expression, asked.type) ?? [];
  const paths = found.flatMap(({ path, type }) => (textOf[type] ?? []).map((place) => path + place));
  if (paths.length === 0) throw unknownModifier(asked.name, ['not', 'missing']);
  return textFilter(asked.values, paths, false);
}
