// The search parameters of each type: those of the R4 definitions, compiled once, and those that SearchParameter resources
// have added (custom-set.ts). What is not listed here is refused by search and left out of the CapabilityStatement.

import {
  elementsOf,
  type SearchParameterDefinition,
  searchParameterOf,
  searchParametersOf,
} from '../fhir/definitions.ts';
import { building, type OperationOutcomeError, unknownParameter } from '../fhir/outcome.ts';
import { compileExpression } from '../fhir/paths.ts';
import { compileComposite } from './composite.ts';
import { customSet, customSetNumber } from './custom-set.ts';
import { parameterNumber } from './hash.ts';
import type { Component, Parameter } from './parameter.ts';
import { entriesOf } from './string.ts';

export type { Parameter } from './parameter.ts';

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

/** `_query` names a query that a server defines; this one defines none. */
const left: ReadonlySet<string> = new Set(['_query', '_id', '_lastUpdated']);
type Parameters = ReadonlyMap<string, Parameter>;
const ofR4 = new Map<string, Parameters>();
let withCustom = {
  number: customSetNumber(),
  byType: new Map<string, { searched: Parameters; indexed: Parameters }>(),
};

/** What every type can be asked besides: columns, entries of a List, and a filter that says several things at once. */
export const generalParameters = [
  { code: '_id', type: 'token' },
  { code: '_lastUpdated', type: 'date' },
  { code: '_list', type: 'special' },
  { code: '_filter', type: 'special' },
] as const;

/** By code, without `generalParameters`. Another map when the custom ones have changed. */
export const parametersOf = (type: string): Parameters => compiledOf(type).searched;

/** The same with those that are not in every row yet: what a write has to index. */
export const indexedParametersOf = (type: string): Parameters => compiledOf(type).indexed;

/** Why a search cannot use this: it is being built, or there is no such parameter. `known` are those it might have meant. */
export function cannotUse(
  name: string,
  { type, code, known }: { type: string; code: string; known: readonly string[] },
): OperationOutcomeError {
  const found = customOf(type).find(({ definition, state }) => state === 'building' && definition.code === code);
  return found ? building(name, type, found) : unknownParameter(name, type, known);
}

const customOf = (type: string) => customSet().parameters.filter(({ definition }) => definition.base.includes(type));

function compiledOf(type: string): { searched: Parameters; indexed: Parameters } {
  const number = customSetNumber();
  if (withCustom.number !== number) withCustom = { number, byType: new Map() };
  const found = withCustom.byType.get(type);
  if (found) return found;
  const own = parametersOfR4(type);
  const custom = customOf(type).map(({ definition, state }) => ({ state, one: compileCustom(type, definition) }));
  const and = (more: typeof custom): Parameters =>
    more.length === 0 ? own : new Map([...own, ...more.map(({ one }) => [one.code, one] as const)]);
  const compiled = { searched: and(custom.filter(({ state }) => state === 'ready')), indexed: and(custom) };
  withCustom.byType.set(type, compiled);
  return compiled;
}

/** Whatever its code says elsewhere, it leaves nothing in the index over everyone. */
const compileCustom = (type: string, definition: SearchParameterDefinition): Parameter => ({
  ...compileParameter(type, definition),
  population: false,
  url: definition.url,
});

function parametersOfR4(type: string): Parameters {
  const found = ofR4.get(type);
  if (found) return found;
  const parameters = new Map<string, Parameter>();
  for (const definition of searchParametersOf(type)) {
    if (!left.has(definition.code)) parameters.set(definition.code, compileParameter(type, definition));
  }
  const main = mainDate(type, parameters);
  if (main) parameters.set(main.code, { ...main, isMain: true });
  ofR4.set(type, parameters);
  return parameters;
}

function compileParameter(type: string, definition: SearchParameterDefinition): Parameter {
  const { code, type: kind, expression = '', target } = definition;
  const components = (definition.component ?? []).map((component) => componentOf(type, component));
  const values =
    kind === 'composite'
      ? compileComposite(expression, type, components)
      : compileExpression(expression || '$this', type);
  return {
    code,
    // Without an expression it is about the words of the resource: _text and _content.
    type: expression === '' ? 'special' : kind,
    // `Resource` stands for any type: nothing to guess from. `patient` lists Group as well where it is shared with types
    // whose subject may be one, but its expressions only take patients.
    targets: code === 'patient' ? ['Patient'] : (target ?? []).filter((name) => name !== 'Resource'),
    population: populationCodes.has(code),
    isMain: false,
    number: parameterNumber(type, entriesOf(code)),
    expression,
    components,
    values: values as Parameter['values'],
  };
}

/** A component names the parameter by its url, which another type may own; only how its values are read is taken from it. */
function componentOf(type: string, { definition, expression }: { definition: string; expression: string }): Component {
  const found = searchParameterOf(definition);
  if (!found) throw new Error(`no search parameter ${definition}`);
  return { parameter: compileParameter(type, { ...found, expression: '$this' }), expression };
}

/** The parameter that `at` and `until` hold, undefined for types that have no date of their own. */
export function mainDateOf(type: string): Parameter | undefined {
  return [...parametersOf(type).values()].find(({ isMain }) => isMain);
}

function mainDate(type: string, parameters: ReadonlyMap<string, Parameter>): Parameter | undefined {
  const code = mainDateCodes.find((name) => parameters.get(name)?.type === 'date' && !isRepeated(type, name));
  return code === undefined ? undefined : parameters.get(code);
}

/** A date that may occur several times in one resource cannot be one pair of columns. */
function isRepeated(type: string, code: string): boolean {
  const element = elementsOf(type).get(code);
  return element?.max === Number.POSITIVE_INFINITY;
}
