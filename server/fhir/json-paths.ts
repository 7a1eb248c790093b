// SearchParameter expressions as SQL/JSON paths into a resource's text, for what reads the text itself instead of an index:
// sorting by codes and references, for example. https://hl7.org/fhirpath/N1/ as R4 search parameters use it, and
// PostgreSQL's jsonpath in lax mode, in which a step into an array goes into its items.

import { choiceKey, elementsOf, typeDefinition } from './definitions.ts';
import { type Expression, parseExpression } from './path-syntax.ts';

/** A path, and the FHIR type of what it finds. */
export type JsonPath = { path: string; type: string };

/** Undefined for an expression that says more than such paths can. */
export function jsonPathsOf(expression: string, resourceType: string): JsonPath[] | undefined {
  try {
    return walk(parseExpression(expression), { path: '$', type: resourceType });
  } catch (error) {
    if (error instanceof Untold) return undefined;
    throw error;
  }
}

class Untold extends Error {}

function walk(expression: Expression, from: JsonPath): JsonPath[] {
  switch (expression.op) {
    case 'this':
      return [from];
    case 'name':
      return /^[A-Z]/.test(expression.name) ? root(expression.name, from) : step(from, expression.name);
    case 'field':
      return walk(expression.of, from).flatMap((of) => step(of, expression.name));
    case 'as':
      return walk(expression.of, from).filter(({ type }) => type === typeNamed(expression.type));
    case 'where':
      return walk(expression.of, from).flatMap((of) => filtered(of, expression.condition));
    case 'extension':
      return walk(expression.of, from).map((of) => extension(of, expression.url));
    case 'index':
      return walk(expression.of, from).map(({ path, type }) => ({
        path: `${path.replace(/\[\*\]$/, '')}[${expression.index}]`,
        type,
      }));
    case 'union':
      return [...walk(expression.left, from), ...walk(expression.right, from)];
    case 'exists':
    case 'and':
    case 'or':
    case '=':
    case '!=':
    case 'is':
    case 'hasExtension': {
      // A path that is a predicate finds true or false.
      const test = condition(expression, from);
      return test === undefined ? [] : [{ path: test, type: 'boolean' }];
    }
    default:
      throw new Untold();
  }
}

function root(name: string, from: JsonPath): JsonPath[] {
  const base = typeDefinition(from.type)?.base;
  return name === from.type || name === 'Resource' || name === base ? [from] : [];
}

function step({ path, type }: JsonPath, name: string): JsonPath[] {
  const element = elementsOf(type).get(name);
  if (!element) return [];
  const items = element.max > 1 ? '[*]' : '';
  return element.types.map((of) => ({
    path: `${path}.${JSON.stringify(element.isChoice ? choiceKey(name, of) : name)}${items}`,
    type: of,
  }));
}

/** Observation's code-value-date says `as(DateTime)`, meaning dateTime. */
const typeNamed = (name: string): string =>
  typeDefinition(name) ? name : name.charAt(0).toLowerCase() + name.slice(1);

const extension = ({ path }: JsonPath, url: string): JsonPath => ({
  path: `${path}."extension"[*] ? (@."url" == ${JSON.stringify(url)})`,
  type: 'Extension',
});

function filtered({ path, type }: JsonPath, test: Expression): JsonPath[] {
  const holds = condition(test, { path: '@', type });
  return holds === undefined ? [] : [{ path: `${path} ? (${holds})`, type }];
}

/** A predicate about what stands at `at`; undefined where it cannot hold for that type. */
function condition(expression: Expression, at: JsonPath): string | undefined {
  switch (expression.op) {
    case 'and':
    case 'or': {
      const sides = [condition(expression.left, at), condition(expression.right, at)].filter(
        (one) => one !== undefined,
      );
      if (sides.length < 2 && expression.op === 'and') return undefined;
      return anyOf(sides, expression.op === 'and' ? ' && ' : ' || ');
    }
    case '=':
    case '!=':
      return comparison(expression, at);
    case 'exists':
      return anyOf(walk(expression.of, at).map(({ path }) => `exists(${path})`));
    case 'hasExtension':
      return anyOf(walk(expression.of, at).map((of) => `exists(${extension(of, expression.url).path})`));
    case 'is':
      return typeTest(expression.of, expression.type, at);
    default:
      return anyOf(walk(expression, at).map(({ path }) => `${path} == true`));
  }
}

function comparison({ op, left, right }: Extract<Expression, { left: Expression }>, at: JsonPath): string | undefined {
  if (right.op !== 'literal') throw new Untold();
  const value = JSON.stringify(right.value);
  return anyOf(
    walk(left, at).map(({ path, type }) => {
      if (op === '=') return `${path} == ${value}`;
      // jsonpath does not compare a date with false; here they are two things.
      return (typeof right.value === 'boolean') === (type === 'boolean') ? `${path} != ${value}` : `exists(${path})`;
    }),
  );
}

function typeTest(of: Expression, type: string, at: JsonPath): string | undefined {
  if (of.op !== 'resolve') {
    return anyOf(walk(of, at).flatMap((found) => (found.type === type ? [`exists(${found.path})`] : [])));
  }
  const reference = JSON.stringify(`(^|/)${type}([/?]|$)`);
  return anyOf(
    walk(of.of, at).map(({ path }) => `${path}."reference" like_regex ${reference} || ${path}."type" == "${type}"`),
  );
}

const anyOf = (tests: readonly string[], operator = ' || '): string | undefined =>
  tests.length === 0 ? undefined : tests.map((test) => `(${test})`).join(operator);
