// The parameters of an operation that is called with GET, with a form or with a Parameters resource, by one table of their names and
// kinds. FHIR R4, https://hl7.org/fhir/R4/operations.html#executing

import { isObject, type JsonObject, numberText } from '../fhir/json.ts';
import { badRequest } from '../fhir/outcome.ts';
import { readParameters } from '../interaction/parameters.ts';
import type { FhirRequest } from '../interaction/request.ts';

export type Kind = 'text' | 'boolean' | 'integer' | 'Coding' | 'CodeableConcept' | 'resource';

export type AskedParameters = {
  /** The texts given for a parameter that may be repeated. */
  texts(name: string): string[];
  text(name: string): string | undefined;
  flag(name: string): boolean | undefined;
  /** A whole number from 0. */
  whole(name: string): number | undefined;
  object(name: string): JsonObject | undefined;
  resource(name: string, type: string): JsonObject | undefined;
  resources(name: string): JsonObject[];
};

const ofAnswer: ReadonlySet<string> = new Set(['_format', '_pretty']);
const textMembers = [
  'valueUri',
  'valueUrl',
  'valueCanonical',
  'valueCode',
  'valueString',
  'valueId',
  'valueDate',
  'valueDateTime',
];
const members: Record<Kind, readonly string[]> = {
  text: textMembers,
  boolean: ['valueBoolean'],
  integer: ['valueInteger', 'valueUnsignedInt', 'valuePositiveInt'],
  Coding: ['valueCoding'],
  CodeableConcept: ['valueCodeableConcept'],
  resource: ['resource'],
};

/** Throws OperationOutcomeError 400 for an unknown name and, when it is read, for a value of another kind or one too many. */
export function askedParameters({ query, body }: FhirRequest, kinds: Record<string, Kind>): AskedParameters {
  const known = Object.keys(kinds);
  const given = new Map<string, unknown[]>();
  const add = (name: string, value: unknown) => given.set(name, [...(given.get(name) ?? []), value]);
  const written = body instanceof URLSearchParams ? [...body] : [];
  for (const [name, value] of [...new URLSearchParams(query), ...written]) {
    if (ofAnswer.has(name)) continue;
    const kind = kinds[name];
    if (kind === undefined) throw unknownName(name, known);
    if (kind === 'Coding' || kind === 'CodeableConcept' || kind === 'resource')
      throw badRequest(`"${name}" is a ${kind}, which only a Parameters resource can hold`, 'invalid', [name]);
    add(name, fromText(name, kind, value));
  }
  if (body !== undefined && !(body instanceof URLSearchParams)) {
    for (const [name, all] of readParameters(body, known))
      for (const one of all) add(name, givenValue(name, kinds[name] ?? 'text', one));
  }
  return read(given);
}

function read(given: ReadonlyMap<string, unknown[]>): AskedParameters {
  const one = (name: string): unknown => {
    const all = given.get(name) ?? [];
    if (all.length > 1) throw badRequest(`"${name}" may be given once`, 'invalid', [name]);
    return all[0];
  };
  const text = (name: string) => one(name) as string | undefined;
  const object = (name: string) => one(name) as JsonObject | undefined;
  return {
    text,
    object,
    texts: (name) => (given.get(name) ?? []) as string[],
    flag: (name) => one(name) as boolean | undefined,
    whole: (name) => one(name) as number | undefined,
    resource(name, type) {
      const found = object(name);
      if (found && found.resourceType !== type) throw badRequest(`"${name}" holds a ${type}`, 'value', [name]);
      return found;
    },
    resources: (name) => (given.get(name) ?? []) as JsonObject[],
  };
}

function fromText(name: string, kind: Kind, value: string): unknown {
  if (kind === 'boolean') {
    if (value !== 'true' && value !== 'false') throw wrongValue(name, 'true or false');
    return value === 'true';
  }
  return kind === 'integer' ? wholeNumber(name, value) : someText(name, value);
}

function givenValue(name: string, kind: Kind, parameter: JsonObject): unknown {
  const member = members[kind].find((one) => parameter[one] !== undefined);
  const value = member === undefined ? undefined : parameter[member];
  if (kind === 'integer') return wholeNumber(name, numberText(value) ?? '');
  if (kind === 'text') return someText(name, value);
  if (kind === 'boolean' ? typeof value !== 'boolean' : !isObject(value))
    throw wrongValue(name, members[kind].join(' or '));
  return value;
}

function someText(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '')
    throw wrongValue(name, `a text that is not empty (${textMembers.slice(0, 5).join(', ')})`);
  return value;
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw wrongValue(name, 'a whole number from 0');
  return Number(text);
}

const wrongValue = (name: string, form: string) => badRequest(`"${name}" takes ${form}`, 'value', [name]);

const unknownName = (name: string, known: readonly string[]) =>
  badRequest(`There is no parameter "${name}". Known: ${known.join(', ')}`, 'not-supported', [name]);
