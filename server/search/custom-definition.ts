// SearchParameter resource -> the definition of a parameter of this server, or why it cannot be one.
// FHIR R4, https://hl7.org/fhir/R4/searchparameter.html

import {
  resourceTypes,
  type SearchParameterDefinition,
  searchParameterOf,
  searchParametersOf,
} from '../fhir/definitions.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { businessRule, type OperationOutcomeError } from '../fhir/outcome.ts';
import { selectsNothing } from '../fhir/paths.ts';
import { indexedTypes, isComponentType } from './kinds.ts';

const codeForm = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const longestExpression = 4_000;
const mostComponents = 5;

/**
 * What an active SearchParameter defines; undefined for one that is draft or retired, and for one that describes a parameter
 * of R4 which is there anyway. Throws OperationOutcomeError 422 for one that could never be searched by.
 */
export function customDefinition(resource: JsonObject): SearchParameterDefinition | undefined {
  if (resource.status !== 'active' || isOfR4(resource)) return undefined;
  const { url, code, type } = resource;
  if (typeof code !== 'string' || !codeForm.test(code))
    throw refused('code', 'the code must be a letter and then letters, digits, - or _: it is a name in URLs');
  const kind = indexedTypes.find((known) => known === type);
  if (!kind) throw refused('type', `the type ${String(type)} cannot be added. Known: ${indexedTypes.join(', ')}`);
  const base = typesOf(resource.base);
  for (const one of base) refuseTaken(one, code);
  const expression = expressionOf(resource.expression, base);
  return {
    url: String(url),
    code,
    type: kind,
    base,
    expression,
    ...(kind === 'reference' ? { target: targetsOf(resource.target) } : {}),
    ...(kind === 'composite' ? { component: componentsOf(resource.component) } : {}),
  };
}

function isOfR4({ url, code }: JsonObject): boolean {
  return typeof url === 'string' && searchParameterOf(url)?.code === code;
}

/** The types themselves; Resource and DomainResource stand for those below them. */
function typesOf(base: unknown): string[] {
  const names = Array.isArray(base) ? base.map(String) : [];
  const types = names.flatMap((name) => {
    if (name === 'Resource') return [...resourceTypes];
    if (name === 'DomainResource') return [...resourceTypes].filter((type) => !selectsNothing('DomainResource', type));
    if (!resourceTypes.has(name)) throw refused('base', `"${name}" is not a resource type of FHIR R4`);
    return [name];
  });
  if (types.length === 0) throw refused('base', 'there must be a base, the type that is searched');
  return [...new Set(types)].sort();
}

function refuseTaken(type: string, code: string): void {
  if (searchParametersOf(type).some((one) => one.code === code))
    throw refused('code', `${type} has a search parameter ${code} of FHIR R4, which cannot be replaced`);
}

function expressionOf(expression: unknown, types: readonly string[]): string {
  if (typeof expression !== 'string') throw refused('expression', 'without an expression there is nothing to index');
  if (expression.length > longestExpression)
    throw refused('expression', `the expression is longer than ${longestExpression} characters`);
  for (const type of types) {
    if (compiled(type, expression)) throw refused('expression', `the expression selects nothing of ${type}`);
  }
  return expression;
}

/** True when it selects nothing. */
function compiled(type: string, expression: string): boolean {
  try {
    return selectsNothing(expression, type);
  } catch (error) {
    throw refused('expression', `the expression cannot be used on ${type}: ${(error as Error).message}`);
  }
}

function targetsOf(target: unknown): string[] {
  const targets = Array.isArray(target) ? target.map(String) : [];
  const unknown = targets.find((name) => name !== 'Resource' && !resourceTypes.has(name));
  if (unknown !== undefined) throw refused('target', `"${unknown}" is not a resource type of FHIR R4`);
  return targets;
}

function componentsOf(component: unknown): { definition: string; expression: string }[] {
  const given = Array.isArray(component) ? component.filter(isObject) : [];
  if (given.length < 2 || given.length > mostComponents)
    throw refused('component', `a composite has 2 to ${mostComponents} components`);
  return given.map(({ definition, expression }) => {
    const found = typeof definition === 'string' ? searchParameterOf(definition) : undefined;
    if (!found || typeof definition !== 'string' || !isComponentType(found.type))
      throw refused(
        'component',
        `the component ${String(definition)} is not a search parameter of FHIR R4 with values`,
      );
    if (typeof expression !== 'string' || expression.length > longestExpression)
      throw refused('component', `the component ${definition} needs an expression`);
    return { definition, expression };
  });
}

const refused = (element: string, why: string): OperationOutcomeError =>
  businessRule(`An active SearchParameter is put to use, and this one cannot be: ${why}`, [
    `SearchParameter.${element}`,
  ]);
