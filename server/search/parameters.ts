// The search parameters of each type, compiled once from the R4 definitions. What is not listed here is refused by search
// and left out of the CapabilityStatement.

import { elementsOf, searchParametersOf } from '../fhir/definitions.ts';
import type { JsonObject } from '../fhir/json.ts';
import { compileExpression, type TypedValue } from '../fhir/paths.ts';
import { parameterNumber } from './hash.ts';

export type ParameterType = 'token' | 'reference' | 'date' | 'string' | 'uri';

export type Parameter = {
  code: string;
  type: ParameterType;
  /** For references: the types they may point to. */
  targets: readonly string[];
  /** True when it is also indexed over everyone, not only checked on the rows of a patient or a type. */
  population: boolean;
  number: number;
  values: (resource: JsonObject) => TypedValue[];
};

/** The parameter whose value orders a type's rows (`at`), by preference; the first that the type has. */
const mainDateCodes = [
  'birthdate',
  'date',
  'period',
  'authoredon',
  'authored',
  'whenhandedover',
  'effective-time',
  'effective',
  'onset-date',
  'start',
  'issued',
  'recorded',
  'created',
  'sent',
  'targetdate',
];

/**
 * Parameters that people search without naming a patient. Each costs index rows on every write
 * (server/decisions/0001-storage.md), so the list is short: business identifiers, names and contacts, the main code, the lot.
 */
const populationCodes: ReadonlySet<string> = new Set([
  'identifier',
  'name',
  'family',
  'given',
  'phonetic',
  'phone',
  'email',
  'telecom',
  'code',
  'vaccine-code',
  'lot-number',
  'url',
  'service-type',
  'organization',
  'schedule',
  'partof',
]);

const supported: ReadonlySet<string> = new Set(['token', 'reference', 'date', 'string', 'uri']);
const columns: ReadonlySet<string> = new Set(['_id', '_lastUpdated']);
const compiled = new Map<string, ReadonlyMap<string, Parameter>>();

/** By code, without `_id` and `_lastUpdated`, which are columns. */
export function parametersOf(type: string): ReadonlyMap<string, Parameter> {
  const found = compiled.get(type);
  if (found) return found;
  const parameters = new Map<string, Parameter>();
  for (const { code, type: kind, expression, target } of searchParametersOf(type)) {
    if (!supported.has(kind) || columns.has(code) || !expression) continue;
    parameters.set(code, {
      code,
      type: kind as ParameterType,
      // `Resource` stands for any type: nothing to guess from. `patient` lists Group as well where it is shared with types
      // whose subject may be one, but its expressions only take patients.
      targets: code === 'patient' ? ['Patient'] : (target ?? []).filter((name) => name !== 'Resource'),
      population: populationCodes.has(code),
      number: parameterNumber(type, code),
      values: compileExpression(expression, type) as Parameter['values'],
    });
  }
  compiled.set(type, parameters);
  return parameters;
}

/** The parameter that `at` and `until` hold, undefined for types that have no date of their own. */
export function mainDateOf(type: string): Parameter | undefined {
  const parameters = parametersOf(type);
  const code = mainDateCodes.find((name) => parameters.get(name)?.type === 'date' && !isRepeated(type, name));
  return code === undefined ? undefined : parameters.get(code);
}

/** A date that may occur several times in one resource cannot be one pair of columns. */
function isRepeated(type: string, code: string): boolean {
  const element = elementsOf(type).get(code);
  return element?.max === Number.POSITIVE_INFINITY;
}
