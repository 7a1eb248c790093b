// What a kick-off asks for, from its query or its Parameters. HL7 Bulk Data Access 2.0 and 3.0, "Query Parameters",
// https://hl7.org/fhir/uv/bulkdata/export.html. What is not understood is refused; with `Prefer: handling=lenient` it is left
// out, and the manifest says so.

import { elementsOf, resourceTypes } from '../fhir/definitions.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { badRequest, unknownParameter } from '../fhir/outcome.ts';
import { localReference } from '../fhir/references.ts';
import { parseElements, type View } from '../fhir/summary.ts';
import { readParameters } from '../interaction/parameters.ts';
import type { Fhir, FhirRequest } from '../interaction/request.ts';
import { rangeOf } from '../search/date.ts';
import { parseQuery } from '../search/parse-query.ts';
import { resultParameters } from '../search/result-parameters.ts';

/** Plain JSON: it is kept with the work. */
export type Asked = {
  /** ISO 8601: stored later than the one, earlier than the other. */
  since?: string;
  until?: string;
  /** As the caller named them. */
  types?: string[];
  /** Search criteria by type; a resource of the type fits one of them. */
  filters: Record<string, string[]>;
  /** Elements: `Type.name`, or `name` of every type. */
  elements?: string[];
  /** Ids. */
  patients?: string[];
  deidentify?: boolean;
  /** What was left out, in sentences. */
  ignored: string[];
};

const known = ['_outputFormat', '_since', '_until', '_type', '_typeFilter', '_elements', 'patient', '_deidentify'];
const formats = ['application/fhir+ndjson', 'application/ndjson', 'ndjson'];

/** Throws OperationOutcomeError 400 that names what is known, or the value at fault. */
export function askedOf(fhir: Pick<Fhir, 'nowMs' | 'base'>, request: FhirRequest): Asked {
  const { prefer = '' } = request.headers;
  if (!/\brespond-async\b/.test(prefer))
    throw badRequest('An export is made in the background: send Prefer: respond-async', 'required');
  const isLenient = /\bhandling=lenient\b/.test(prefer);
  const asked: Asked = { filters: {}, ignored: [] };
  for (const [name, value] of pairsOf(request)) {
    if (name === '_format' || name === '_pretty') continue;
    try {
      if (!known.includes(name)) throw unknownParameter(name, '$export', known);
      note(fhir, asked, name, value, request.method);
    } catch (error) {
      if (!isLenient || !(error instanceof Error) || !isLeftOut(name)) throw error;
      asked.ignored.push(error.message);
    }
  }
  const { types, filters } = asked;
  const beside = types && Object.keys(filters).find((type) => !types.includes(type));
  if (beside !== undefined)
    throw badRequest(`_typeFilter names ${beside}, which is not in _type`, 'value', ['_typeFilter']);
  return asked;
}

/** What of each resource of a type is shown; undefined for the whole. */
export function viewOf(type: string, elements: readonly string[] | undefined): View | undefined {
  if (elements === undefined) return undefined;
  const ofType = elements.filter((word) => word.startsWith(`${type}.`));
  const ofAll = elements.filter((word) => !word.includes('.'));
  if (ofType.length === 0 && ofAll.length === 0) return undefined;
  const words = [...ofType, ...ofAll.filter((word) => isElement(type, word))];
  return words.length > 0
    ? parseElements(type, words.join(','))
    : { kind: 'elements', names: new Map([[type, new Set()]]) };
}

/** Only what the specification names, or a filter, may be left out; a cut that fails would give more than was asked for. */
const isLeftOut = (name: string): boolean => !known.includes(name);

function note(fhir: Pick<Fhir, 'nowMs' | 'base'>, asked: Asked, name: string, value: string, method: string): void {
  if (value === '') return;
  if (name === '_outputFormat') checkFormat(value);
  else if (name === '_since') asked.since = instantOf(name, value, asked.since);
  else if (name === '_until') asked.until = instantOf(name, value, asked.until);
  else if (name === '_type') asked.types = [...new Set([...(asked.types ?? []), ...value.split(',').map(knownType)])];
  else if (name === '_typeFilter') for (const one of value.split(/,(?=[A-Z][A-Za-z]*\?)/)) addFilter(fhir, asked, one);
  else if (name === '_elements') asked.elements = [...(asked.elements ?? []), ...value.split(',').map(knownElement)];
  else if (name === '_deidentify') asked.deidentify = truth(name, value);
  else addPatient(asked, value, method);
}

function pairsOf({ query, body }: FhirRequest): [string, string][] {
  const pairs = [...new URLSearchParams(query)];
  if (body === undefined) return pairs;
  if (body instanceof URLSearchParams) return [...pairs, ...body];
  for (const [name, list] of readParameters(body, named(body))) {
    for (const one of list) pairs.push([name, givenIn(name, one)]);
  }
  return pairs;
}

/** Names that are not known are refused, or left out, with those of a query. */
function named(body: unknown): string[] {
  const list = isObject(body) && Array.isArray(body.parameter) ? body.parameter : [];
  return list.flatMap((one) => (isObject(one) && typeof one.name === 'string' ? one.name : []));
}

function givenIn(name: string, parameter: JsonObject): string {
  const value = Object.entries(parameter).find(([member]) => member.startsWith('value'))?.[1];
  if (isObject(value) && typeof value.reference === 'string') return value.reference;
  if (typeof value === 'string' || typeof value === 'boolean') return String(value);
  throw badRequest(`"${name}" needs a value`, 'value', [`Parameters.parameter.where(name='${name}')`]);
}

function checkFormat(value: string): void {
  if (formats.includes(value.replace(' ', '+'))) return;
  throw badRequest(`_outputFormat: only NDJSON is made. Known: ${formats.join(', ')}`, 'not-supported', [
    '_outputFormat',
  ]);
}

function instantOf(name: string, value: string, before: string | undefined): string {
  // In a query `+` of an offset arrives as a space.
  const range = /T/.test(value) ? rangeOf(value.replace(' ', '+')) : undefined;
  if (range === undefined || before !== undefined)
    throw badRequest(`${name} is one instant, such as 2026-11-23T00:00:00Z`, 'value', [name]);
  return new Date(range.lo).toISOString();
}

function knownType(type: string): string {
  if (resourceTypes.has(type)) return type;
  throw badRequest('_type: one of its words is no resource type of FHIR R4', 'value', ['_type']);
}

function addFilter(fhir: Pick<Fhir, 'nowMs' | 'base'>, asked: Asked, value: string): void {
  const [type = '', query = ''] = value.split(/\?(.*)/s);
  if (!resourceTypes.has(type) || query === '')
    throw badRequest('_typeFilter is Type?criteria, such as Immunization?status=completed', 'value', ['_typeFilter']);
  const pairs = [...new URLSearchParams(query)];
  const shaping = pairs.find(([name]) => resultParameters.includes(name));
  if (shaping)
    throw badRequest(`_typeFilter: ${shaping[0]} has no meaning in an export`, 'not-supported', ['_typeFilter']);
  parseQuery(type, pairs, { lenient: false, nowMs: fhir.nowMs(), base: fhir.base });
  asked.filters[type] = [...(asked.filters[type] ?? []), query];
}

function knownElement(word: string): string {
  const [type = '', name] = word.split(/\.(.*)/s);
  if (name !== undefined && resourceTypes.has(type)) parseElements(type, word);
  else if (name !== undefined || ![...resourceTypes].some((one) => isElement(one, word)))
    throw badRequest('_elements: one of its words is no element: name, or Type.name', 'value', ['_elements']);
  return word;
}

const isElement = (type: string, word: string): boolean => elementsOf(type).has(word);

function truth(name: string, value: string): boolean {
  if (value !== 'true' && value !== 'false') throw badRequest(`${name} is true or false`, 'value', [name]);
  return value === 'true';
}

function addPatient(asked: Asked, value: string, method: string): void {
  const local = localReference(value);
  if (method !== 'POST' || local?.type !== 'Patient')
    throw badRequest('patient is a reference to a Patient, in the Parameters of a POST', 'value', ['patient']);
  asked.patients = [...new Set([...(asked.patients ?? []), local.id])];
}
