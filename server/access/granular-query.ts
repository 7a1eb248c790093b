// The parameters of a granular scope, `?category=…|vital-signs&code=…`: a search that every resource must match which the
// scope is to reach. SMART App Launch 2.2, "Finer-grained resource constraints using search parameters".
// Only plain token and reference parameters of R4: a row is decided by its marks alone, and what a scope means cannot change
// while it is granted. What SMART calls experimental (modifiers, chains, _has, _filter) is refused.

import { resourceTypes, type SearchParameterDefinition, searchParametersOf } from '../fhir/definitions.ts';
import { localReference } from '../fhir/references.ts';
import type { Grant } from './access.ts';
import { decoded } from './launch-scopes.ts';

export type GranularQuery = NonNullable<Grant['query']>;

/** The parameters, decoded, in their order; or why they are refused, as the end of a sentence that begins with the scope. */
export function granularQuery(type: string, text: string): GranularQuery | string {
  if (type === '*') return 'narrows all types at once: name the type that has these parameters';
  const query: [string, string][] = [];
  for (const part of text.split('&')) {
    const [, name, value] = /^([^=]+)=(.+)$/.exec(part) ?? [];
    if (name === undefined || value === undefined) return 'must go on with parameter=value, joined with &';
    const [plainName, plainValue] = [decoded(name), decoded(value)];
    if (plainName === undefined || plainValue === undefined) return 'is not readable behind a percent sign';
    const fault = faultOf(type, plainName, plainValue);
    if (fault !== undefined) return fault;
    query.push([plainName, plainValue]);
  }
  return query.length > mostParameters ? `has more than ${mostParameters} parameters` : query;
}

/** The text behind the question mark that `granularQuery` reads as this. */
export function queryText(query: GranularQuery): string {
  return query.map(([name, value]) => `${name}=${encoded(value)}`).join('&');
}

/** What a value lets through: any of these. */
export const alternativesOf = (value: string): string[] => value.split(',');

const mostParameters = 10;
const mostAlternatives = 50;

function faultOf(type: string, name: string, value: string): string | undefined {
  const [plain = ''] = name.split(/[:.]/);
  if (name !== plain || plain === '_has' || plain === '_filter')
    return `uses ${name}: modifiers, chains, _has and _filter are experimental in scopes and not granted here`;
  const parameter = searchParametersOf(type).find(({ code }) => code === name);
  if (!parameter || !isGranular(parameter)) return `cannot narrow by ${name}. Known here: ${knownOf(type).join(', ')}`;
  if (value.includes('\\')) return `has an escape in ${name}, which is not granted here`;
  const alternatives = alternativesOf(value);
  if (alternatives.length > mostAlternatives) return `has more than ${mostAlternatives} values for ${name}`;
  const isFit = parameter.type === 'token' ? isToken : (text: string) => refersTo(text, parameter);
  return alternatives.every(isFit) ? undefined : `has a value of ${name} that is not ${formOf(parameter)}`;
}

/** `_id` names one resource, which no scope is for. */
const isGranular = ({ code, type, expression }: SearchParameterDefinition): boolean =>
  (type === 'token' || type === 'reference') && code !== '_id' && expression !== undefined;

const knownOf = (type: string): string[] =>
  searchParametersOf(type)
    .filter(isGranular)
    .map(({ code }) => code)
    .sort();

/** `code`, `system|code`, `|code` or `system|`. */
const isToken = (text: string): boolean => text.trim() !== '' && /^[^|]*(\|[^|]*)?$/.test(text) && text !== '|';

const targetsOf = ({ target = [] }: SearchParameterDefinition): string[] =>
  target.filter((name) => name !== 'Resource');

function refersTo(text: string, parameter: SearchParameterDefinition): boolean {
  const targets = targetsOf(parameter);
  const local = localReference(text);
  if (local) return targets.length > 0 ? targets.includes(local.type) : resourceTypes.has(local.type);
  if (/^[A-Za-z0-9\-.]{1,64}$/.test(text)) return targets.length > 0;
  return /^[a-z][a-z0-9+.-]*:[^\s]+$/i.test(text);
}

function formOf(parameter: SearchParameterDefinition): string {
  if (parameter.type === 'token') return 'a code, system|code, |code or system|';
  const types = targetsOf(parameter);
  return types.length > 0 ? `an id, a URL or a reference to ${types.join(' or ')}` : 'of the form Type/id, or a URL';
}

/** Whatever a scope may not hold, and what would part it. */
const encoded = (value: string): string =>
  value.replace(/[^!$'-*,-[\]-~]/gu, (character) => encodeURIComponent(character));
