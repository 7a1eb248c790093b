// SearchParameter expressions as SQL/JSON paths into a resource's text, for the rare search that reads the text itself
// instead of an index. Knows paths, |, as and where with a comparison; nothing else is needed there.

import { choiceKey, elementsOf, typeDefinition } from './definitions.ts';
import { type Expression, parseExpression } from './path-syntax.ts';

/** A path in lax mode, in which a step into an array goes into its items; and the FHIR type of what it finds. */
export type JsonPath = { path: string; type: string };

/** Undefined for an expression that says more than such paths can. */
export function jsonPathsOf(expression: string, resourceType: string): JsonPath[] | undefined {
  const own = { path: '$', type: resourceType };
  return walk(parseExpression(expression), own);
}

function walk(expression: Expression, from: JsonPath): JsonPath[] | undefined {
  switch (expression.op) {
    case 'this':
      return [from];
    case 'name':
      return /^[A-Z]/.test(expression.name) ? root(expression.name, from) : steps([from], expression.name);
    case 'field': {
      const of = walk(expression.of, from);
      return of && steps(of, expression.name);
    }
    case 'as':
      return walk(expression.of, from)?.filter(({ type }) => type === expression.type);
    case 'where': {
      const test = condition(expression.condition);
      if (test === undefined) return undefined;
      return walk(expression.of, from)?.map(({ path, type }) => ({ path: `${path} ? (${test})`, type }));
    }
    case 'union': {
      const [left, right] = [walk(expression.left, from), walk(expression.right, from)];
      return left && right && [...left, ...right];
    }
    default:
      return undefined;
  }
}

function root(name: string, from: JsonPath): JsonPath[] {
  const base = typeDefinition(from.type)?.base;
  return name === from.type || name === 'Resource' || name === base ? [from] : [];
}

function steps(from: JsonPath[], name: string): JsonPath[] {
  return from.flatMap(({ path, type }) => {
    const element = elementsOf(type).get(name);
    return (element?.types ?? []).map((of) => ({
      path: `${path}.${JSON.stringify(element?.isChoice ? choiceKey(name, of) : name)}`,
      type: of,
    }));
  });
}

function condition({ op, ...rest }: Expression): string | undefined {
  if (op !== '=' || !('left' in rest) || rest.left.op !== 'name' || rest.right.op !== 'literal') return undefined;
  return `@.${JSON.stringify(rest.left.name)} == ${JSON.stringify(rest.right.value)}`;
}
