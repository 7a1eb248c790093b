// Query string -> Query: what is asked, in marks, ranges and prefixes. FHIR R4 search, https://hl7.org/fhir/R4/search.html
// What is not understood is refused, never ignored, unless the caller asked for leniency.

import { patientCompartmentParameters, resourceTypes } from '../fhir/definitions.ts';
import { badRequest, type OperationOutcomeError, unknownParameter } from '../fhir/outcome.ts';
import { type DateFilter, parseDateFilter } from './date.ts';
import { presence } from './extract.ts';
import { mark } from './hash.ts';
import { mainDateOf, type Parameter, parametersOf } from './parameters.ts';
import { askedReferences } from './reference.ts';
import { normalise } from './string.ts';
import { askedToken } from './token.ts';

export type Filter =
  | { kind: 'id'; ids: string[] }
  | { kind: 'updated'; dates: DateFilter[] }
  | { kind: 'date'; code: string; isMain: boolean; present: string; dates: DateFilter[] }
  | { kind: 'string'; code: string; number: number; population: boolean; contains: boolean; norms: string[] }
  | {
      kind: 'marks';
      marks: string[];
      negated: boolean;
      /** The population terms to walk, when there is one for every value. */
      terms?: string[];
      /** The Patient ids meant, when the parameter is a way into the patient compartment. */
      patients?: string[];
    };

export type Sort = { code: string; kind: 'at' | 'updated' | 'id' | 'date' | 'string'; descending: boolean };
export type Include = { source: string; parameter: Parameter; target?: string };

export type Query = {
  type: string;
  filters: Filter[];
  sort: Sort[];
  count: number;
  includes: Include[];
  total: boolean;
  countOnly: boolean;
  /** The parameters as they were understood, for the self link. */
  understood: [string, string][];
  /** One diagnostic for each parameter that was ignored (lenient handling only). */
  ignored: string[];
};

export type QueryOptions = { lenient: boolean; nowMs: number; base: string };

const defaultCount = 50;
export const mostCount = 1000;
const mostParameters = 60;
const mostValues = 200;
const resultParameters = ['_count', '_sort', '_include', '_total', '_summary', '_format', '_pretty'];

/** Throws OperationOutcomeError 400 that names the known parameters, the modifier or the value at fault. */
export function parseQuery(type: string, pairs: Iterable<[string, string]>, options: QueryOptions): Query {
  const query: Query = {
    type,
    filters: [],
    sort: [],
    count: defaultCount,
    includes: [],
    total: false,
    countOnly: false,
    understood: [],
    ignored: [],
  };
  let seen = 0;
  for (const [name, value] of pairs) {
    seen += 1;
    if (seen > mostParameters) throw badRequest(`A search takes at most ${mostParameters} parameters`, 'too-costly');
    if (value === '') continue;
    if (`${name}${value}`.includes('\0')) throw badRequest('A search cannot hold the character NUL', 'value');
    try {
      if (resultParameters.includes(name)) applyResultParameter(query, name, value);
      else query.filters.push(parseFilter(type, name, value, options));
      query.understood.push([name, value]);
    } catch (error) {
      if (!options.lenient || !isUnsupported(error)) throw error;
      query.ignored.push(error.message);
    }
  }
  return query;
}

/** The codes that a search on this type may use, for messages and the CapabilityStatement. */
export function knownCodes(type: string): string[] {
  return ['_id', '_lastUpdated', ...parametersOf(type).keys()].sort();
}

function parseFilter(type: string, name: string, value: string, options: QueryOptions): Filter {
  const [code = '', modifier] = splitModifier(name);
  const values = splitValues(value);
  if (values.length === 0) throw badRequest(`${name} has no value`, 'value', [name]);
  if (values.length > mostValues) throw badRequest(`${name} has more than ${mostValues} values`, 'too-costly', [name]);
  if (code === '_id') return noModifier(name, modifier, { kind: 'id', ids: values });
  if (code === '_lastUpdated') {
    return noModifier(name, modifier, {
      kind: 'updated',
      dates: values.map((text) => dateFilter(name, text, options)),
    });
  }
  const parameter = parametersOf(type).get(code);
  if (!parameter) throw unknownParameter(name, type, knownCodes(type));
  if (modifier === 'missing') return missing(type, name, code, value);
  if (parameter.type === 'date') {
    return noModifier(name, modifier, {
      kind: 'date',
      code,
      isMain: mainDateOf(type)?.code === code,
      present: mark(presence(type, code)),
      dates: values.map((text) => dateFilter(name, text, options)),
    });
  }
  if (parameter.type === 'string') return stringFilter(type, name, modifier, parameter, values);
  if (parameter.type === 'token') return tokenFilter(type, name, modifier, parameter, values);
  if (parameter.type === 'reference') return referenceFilter(type, name, modifier, parameter, values, options.base);
  return noModifier(
    name,
    modifier,
    marksFilter(
      parameter,
      values.map((text) => `${type}.${code}=${text}`),
      false,
    ),
  );
}

function stringFilter(
  type: string,
  name: string,
  modifier: string | undefined,
  parameter: Parameter,
  values: string[],
): Filter {
  if (modifier === 'exact') {
    return { kind: 'marks', negated: false, marks: values.map((text) => mark(`${type}.${parameter.code}"${text}`)) };
  }
  if (modifier !== undefined && modifier !== 'contains') throw unknownModifier(name, ['exact', 'contains', 'missing']);
  const { code, number, population } = parameter;
  return { kind: 'string', code, number, population, contains: modifier === 'contains', norms: values.map(normalise) };
}

function tokenFilter(
  type: string,
  name: string,
  modifier: string | undefined,
  parameter: Parameter,
  values: string[],
): Filter {
  if (modifier !== undefined && modifier !== 'not') throw unknownModifier(name, ['not', 'missing']);
  const asked = values.map(askedToken);
  const filter = marksFilter(
    parameter,
    asked.map(({ fact }) => `${type}.${parameter.code}${fact}`),
    modifier === 'not',
  );
  const codes = asked.map(({ code }) => code).filter((code) => code !== undefined);
  if (!parameter.population || filter.negated || codes.length !== asked.length)
    return { ...filter, terms: undefined } as Filter;
  return { ...filter, terms: codes.map((code) => mark(`${type}.${parameter.code}|${code}`)) };
}

function referenceFilter(
  type: string,
  name: string,
  modifier: string | undefined,
  parameter: Parameter,
  values: string[],
  base: string,
): Filter {
  const { code, targets } = parameter;
  if (modifier === 'identifier') {
    return marksFilter(
      parameter,
      values.map((text) => `${type}.${code}>:${askedToken(text).fact}`),
      false,
    );
  }
  const mayPointTo = targets.length > 0 ? targets.includes(modifier ?? '') : resourceTypes.has(modifier ?? '');
  if (modifier !== undefined && !mayPointTo) throw unknownModifier(name, [...targets, 'identifier', 'missing']);
  const asked = values.flatMap((text) => askedReferences(text, modifier ? [modifier] : targets, base));
  if (asked.length === 0) throw badRequest(`${name} may refer to any type: give it as Type/id`, 'value', [name]);
  const filter = marksFilter(
    parameter,
    asked.map((fact) => `${type}.${code}${fact}`),
    false,
  );
  const patients = asked.map((fact) => /^>Patient\/(.+)$/.exec(fact)?.[1]).filter((id) => id !== undefined);
  // A Patient is in its own compartment only, whatever it links to (see fhir/compartments.ts).
  const isWayIn = type !== 'Patient' && patientCompartmentParameters(type).includes(code) && patients.length > 0;
  // An id alone may mean other types as well (subject=123): then only the one that can lead into a compartment is walked,
  // and the row check still takes all of them, so the walk would lose the others.
  const onlyPatients = isWayIn && patients.length === asked.length;
  return onlyPatients ? { ...filter, patients } : filter;
}

function marksFilter(parameter: Parameter, facts: string[], negated: boolean): Extract<Filter, { kind: 'marks' }> {
  const marks = facts.map(mark);
  return { kind: 'marks', marks, negated, ...(parameter.population && !negated ? { terms: marks } : {}) };
}

function missing(type: string, name: string, code: string, value: string): Filter {
  if (value !== 'true' && value !== 'false') throw badRequest(`${name} takes true or false`, 'value', [name]);
  return { kind: 'marks', marks: [mark(presence(type, code))], negated: value === 'true' };
}

function applyResultParameter(query: Query, name: string, value: string): void {
  if (name === '_count') applyCount(query, value);
  else if (name === '_sort') query.sort.push(...value.split(',').map((word) => sortOf(query.type, word)));
  else if (name === '_include') query.includes.push(includeOf(query.type, value));
  else if (name === '_total') query.total = totalOf(value);
  else if (name === '_summary') query.countOnly ||= summaryOf(value);
}

function sortOf(type: string, word: string): Sort {
  const descending = word.startsWith('-');
  const code = descending ? word.slice(1) : word;
  if (code === '_lastUpdated') return { code, kind: 'updated', descending };
  if (code === '_id') return { code, kind: 'id', descending };
  const parameter = parametersOf(type).get(code);
  if (parameter?.type === 'date') return { code, kind: mainDateOf(type)?.code === code ? 'at' : 'date', descending };
  if (parameter?.type === 'string') return { code, kind: 'string', descending };
  const sortable = [...parametersOf(type).values()].filter(({ type: kind }) => kind === 'date' || kind === 'string');
  throw unknownParameter(`_sort=${code}`, type, ['_id', '_lastUpdated', ...sortable.map((known) => known.code)]);
}

function includeOf(type: string, value: string): Include {
  const [source = '', code = '', target] = value.split(':');
  if (!resourceTypes.has(source))
    throw badRequest(`_include=${value}: "${source}" is no resource type`, 'value', ['_include']);
  const parameter = parametersOf(source).get(code);
  if (parameter?.type !== 'reference') {
    const known = [...parametersOf(source).values()].filter(({ type }) => type === 'reference').map((one) => one.code);
    throw unknownParameter(`_include=${value}`, source, known);
  }
  if (source !== type)
    throw badRequest(`_include=${value}: a search on ${type} includes what ${type} refers to`, 'not-supported', [
      '_include',
    ]);
  if (target !== undefined && !resourceTypes.has(target))
    throw badRequest(`_include=${value}: "${target}" is no resource type`, 'value', ['_include']);
  return { source, parameter, ...(target ? { target } : {}) };
}

/** "If _count has the value 0, this shall be treated the same as _summary=count" */
function applyCount(query: Query, value: string): void {
  query.count = countOf(value);
  if (query.count === 0) query.countOnly = true;
}

function countOf(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw badRequest('_count takes a whole number', 'value', ['_count']);
  return Math.min(Number(value), mostCount);
}

function totalOf(value: string): boolean {
  if (!['none', 'estimate', 'accurate'].includes(value))
    throw badRequest('_total takes none, estimate or accurate', 'value', ['_total']);
  return value !== 'none';
}

function summaryOf(value: string): boolean {
  if (value !== 'count' && value !== 'false')
    throw badRequest('_summary takes count or false here', 'not-supported', ['_summary']);
  return value === 'count';
}

function dateFilter(name: string, text: string, { nowMs }: QueryOptions): DateFilter {
  const filter = parseDateFilter(text, nowMs);
  if (!filter) throw badRequest(`${name}: "${text}" is not a date of FHIR`, 'value', [name]);
  return filter;
}

function noModifier(name: string, modifier: string | undefined, filter: Filter): Filter {
  if (modifier !== undefined) throw unknownModifier(name, name.startsWith('_') ? [] : ['missing']);
  return filter;
}

const unknownModifier = (name: string, known: readonly string[]): OperationOutcomeError =>
  badRequest(`${name}: this modifier is not supported. Known here: ${known.join(', ') || 'none'}`, 'not-supported', [
    name,
  ]);

const isUnsupported = (error: unknown): error is OperationOutcomeError =>
  error instanceof Error && 'issues' in error && (error as OperationOutcomeError).issues[0]?.code === 'not-supported';

function splitModifier(name: string): [string, string | undefined] {
  const colon = name.indexOf(':');
  return colon < 0 ? [name, undefined] : [name.slice(0, colon), name.slice(colon + 1)];
}

/** Commas mean "or"; `\,` is a comma. */
function splitValues(value: string): string[] {
  return (value.match(/(?:\\.|[^,\\])+/g) ?? []).map((part) => part.replace(/\\([,|$\\])/g, '$1'));
}
