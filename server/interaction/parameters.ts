// Reading the Parameters resource of an operation call. FHIR R4, https://hl7.org/fhir/R4/parameters.html

import { isObject, type JsonObject } from '../fhir/json.ts';
import { badRequest, malformed, unknownParameter } from '../fhir/outcome.ts';
import { localReference } from '../fhir/references.ts';
import type { FhirRequest } from './request.ts';

/** A parameter of an answer. */
export type Parameter = { name: string; [value: string]: unknown };

/** Parameters by name; each is the list of its occurrences. Throws 400 for another body or an unknown name. */
export function readParameters(body: unknown, known: readonly string[]): Map<string, JsonObject[]> {
  if (!isObject(body) || body.resourceType !== 'Parameters')
    throw malformed('The body must be a Parameters resource', ['resourceType']);
  const list = Array.isArray(body.parameter) ? body.parameter : [];
  const named = new Map<string, JsonObject[]>();
  for (const one of list) {
    if (!isObject(one) || typeof one.name !== 'string')
      throw malformed('Each parameter needs a name', ['Parameters.parameter']);
    if (!known.includes(one.name)) {
      throw badRequest(`There is no parameter "${one.name}". Known: ${known.join(', ')}`, 'not-supported', [
        'Parameters.parameter',
      ]);
    }
    named.set(one.name, [...(named.get(one.name) ?? []), one]);
  }
  return named;
}

/** Throws 400 for a parameter in the query other than the form of the answer. `name`: of the operation, with its `$`. */
export function refuseQuery({ query }: Pick<FhirRequest, 'query'>, name: string): void {
  const unknown = [...new URLSearchParams(query).keys()].find((one) => !['_format', '_pretty'].includes(one));
  if (unknown !== undefined) throw unknownParameter(unknown, name, []);
}

/** The only occurrence of a parameter; undefined when it is absent. Throws 400 when it is repeated. */
export function single(parameters: ReadonlyMap<string, JsonObject[]>, name: string): JsonObject | undefined {
  const list = parameters.get(name) ?? [];
  if (list.length > 1)
    throw badRequest(`"${name}" may be given once`, 'invalid', [`Parameters.parameter.where(name='${name}')`]);
  return list[0];
}

/** The text of a parameter, undefined when it is absent. Throws 400 for another kind of value. */
export function givenText(
  parameters: ReadonlyMap<string, JsonObject[]>,
  name: string,
  member: 'valueDate' | 'valueCode',
): string | undefined {
  const parameter = single(parameters, name);
  const value = parameter?.[member];
  if (parameter !== undefined && typeof value !== 'string') throw required(name, member);
  return typeof value === 'string' ? value : undefined;
}

/** The 400 for a parameter that is missing; `form` says what it should hold. */
export function required(name: string, form: string): Error {
  return badRequest(`The parameter "${name}" (${form}) is required`, 'required', [
    `Parameters.parameter.where(name='${name}')`,
  ]);
}

/** The id of the resource of this type that a parameter refers to; undefined when it is absent. Throws 400 for anything else. */
export function referenceOf(
  parameters: ReadonlyMap<string, JsonObject[]>,
  name: string,
  type: string,
): string | undefined {
  const parameter = single(parameters, name);
  if (parameter === undefined) return undefined;
  const { valueReference: value } = parameter;
  const local = isObject(value) ? localReference(String(value.reference ?? '')) : undefined;
  if (local?.type !== type) throw required(name, `a reference to a ${type}`);
  return local.id;
}

/** `system` and `value` of a valueIdentifier, both required. */
export function identifierOf(parameter: JsonObject | undefined, name: string): { system: string; value: string } {
  const identifier = parameter?.valueIdentifier;
  if (
    !isObject(identifier) ||
    typeof identifier.system !== 'string' ||
    typeof identifier.value !== 'string' ||
    identifier.value === ''
  ) {
    throw required(name, 'valueIdentifier with system and value');
  }
  return { system: identifier.system, value: identifier.value };
}
