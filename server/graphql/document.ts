// A GraphQL query -> what is selected: one operation, with its fragments in place, its variables replaced by their values and
// what @skip and @include leave. Pure. GraphQL October 2021 by graphql-js; FHIR R4, https://hl7.org/fhir/R4/graphql.html

import { GraphQLError } from 'graphql/error';
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getLocation,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql/language';
import { numberText } from '../fhir/json.ts';
import { badRequest, tooCostly } from '../fhir/outcome.ts';
import { deepest, mostFields, mostQueryCharacters, mostTokens } from './limits.ts';

export type GraphqlRequest = {
  query: string;
  variables: Readonly<Record<string, unknown>>;
  operationName: string | undefined;
};

export type Field = {
  name: string;
  /** The name in the answer: the alias, if there is one. */
  key: string;
  /** Values as text; a list has several. An argument that is null is absent. */
  arguments: ReadonlyMap<string, readonly string[]>;
  selections: readonly Selection[];
  /** FHIR's own directives. */
  flatten: boolean;
  first: boolean;
  singleton: boolean;
  /** A FHIRPath, or `$index`. */
  slice: string | undefined;
  line: number;
};

/** What a fragment selects where the type fits; `on` undefined: everywhere. */
export type Part = { on: string | undefined; selections: readonly Selection[] };
export type Selection = Field | Part;

const fhirDirectives = ['flatten', 'first', 'singleton', 'slice'];
const conditions = ['skip', 'include'];

type Context = {
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Undefined: declared without a value. */
  variables: ReadonlyMap<string, readonly string[] | undefined>;
  /** The fragments that this is within. */
  within: readonly string[];
  depth: number;
  count: { fields: number };
};

/** Throws OperationOutcomeError 400 with the place of a fault, 422 for a query beyond the limits. */
export function selectionsOf({ query, variables, operationName }: GraphqlRequest): Selection[] {
  if (query.length > mostQueryCharacters) throw tooCostly(`A query has at most ${mostQueryCharacters} characters`);
  const document = parsed(query);
  const operation = operationOf(document, operationName);
  const fragments = new Map(
    document.definitions.flatMap((one) => (one.kind === 'FragmentDefinition' ? [[one.name.value, one] as const] : [])),
  );
  const known = variablesOf(operation, variables);
  return inside(operation.selectionSet, { fragments, variables: known, within: [], depth: 1, count: { fields: 0 } });
}

function parsed(query: string): DocumentNode {
  try {
    return parse(query, { maxTokens: mostTokens });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const place = error.locations?.[0];
    // The message may quote what was sent; the place is enough to find it.
    throw fault(
      error.message.includes(`more than ${mostTokens} tokens`)
        ? `A query has at most ${mostTokens} tokens`
        : `The query is not GraphQL${place ? `: line ${place.line}, column ${place.column}` : ''}`,
    );
  }
}

function operationOf(document: DocumentNode, name: string | undefined): OperationDefinitionNode {
  const operations = document.definitions.filter((one) => one.kind === 'OperationDefinition');
  const found = name === undefined ? operations : operations.filter((one) => one.name?.value === name);
  const [operation, second] = found;
  if (!operation) throw fault(name === undefined ? 'The query has no operation' : `There is no operation "${name}"`);
  if (second) throw fault('The query has several operations; operationName has to say which one');
  if (operation.operation !== 'query')
    throw fault(`A ${operation.operation} is not supported here; only queries are`, 'not-supported');
  return operation;
}

function variablesOf(operation: OperationDefinitionNode, given: Readonly<Record<string, unknown>>) {
  const known = new Map<string, readonly string[] | undefined>();
  for (const { variable, type, defaultValue } of operation.variableDefinitions ?? []) {
    const name = variable.name.value;
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    const texts = value === undefined && defaultValue ? textsOf(defaultValue, new Map()) : textsOfJson(name, value);
    if (texts === undefined && type.kind === 'NonNullType') throw fault(`The variable $${name} needs a value`);
    known.set(name, texts);
  }
  return known;
}

function inside(set: SelectionSetNode | undefined, context: Context): Selection[] {
  if (!set) return [];
  if (context.depth > deepest) throw tooCostly(`A query is at most ${deepest} selections deep`);
  const deeper = { ...context, depth: context.depth + 1 };
  return set.selections.flatMap((node): Selection[] => {
    if (!isIncluded(node.directives, context)) return [];
    if (node.kind === 'Field') return [fieldOf(node, deeper)];
    const directive = node.directives?.find(({ name }) => !conditions.includes(name.value));
    if (directive) throw unknownDirective(directive.name.value);
    if (node.kind === 'InlineFragment')
      return [{ on: node.typeCondition?.name.value, selections: inside(node.selectionSet, deeper) }];
    const name = node.name.value;
    const fragment = context.fragments.get(name);
    if (!fragment) throw fault(`There is no fragment "${name}"`);
    if (context.within.includes(name)) throw fault(`The fragment "${name}" contains itself`);
    const selections = inside(fragment.selectionSet, { ...deeper, within: [...context.within, name] });
    return [{ on: fragment.typeCondition.name.value, selections }];
  });
}

function fieldOf(node: FieldNode, context: Context): Field {
  context.count.fields += 1;
  if (context.count.fields > mostFields) throw tooCostly(`A query selects at most ${mostFields} fields`);
  const directives = new Map((node.directives ?? []).map((one) => [one.name.value, one]));
  for (const name of directives.keys()) {
    if (!fhirDirectives.includes(name) && !conditions.includes(name)) throw unknownDirective(name);
  }
  const slice = argumentsOf(directives.get('slice')?.arguments, context).get('path')?.[0];
  if (directives.has('slice') && slice === undefined) throw fault('@slice needs a path');
  if (slice !== undefined && directives.has('first')) throw fault('@slice and @first exclude each other');
  return {
    name: node.name.value,
    key: (node.alias ?? node.name).value,
    arguments: argumentsOf(node.arguments, context),
    selections: inside(node.selectionSet, context),
    flatten: directives.has('flatten'),
    first: directives.has('first'),
    singleton: directives.has('singleton'),
    slice,
    line: node.loc ? getLocation(node.loc.source, node.loc.start).line : 0,
  };
}

function isIncluded(directives: FieldNode['directives'], context: Context): boolean {
  return (directives ?? []).every(({ name: { value: name }, arguments: given }) => {
    if (!conditions.includes(name)) return true;
    const condition = argumentsOf(given, context).get('if')?.[0];
    if (condition !== 'true' && condition !== 'false') throw fault(`@${name} needs "if", which is true or false`);
    return condition === (name === 'include' ? 'true' : 'false');
  });
}

function argumentsOf(nodes: FieldNode['arguments'], { variables }: Context): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const { name, value } of nodes ?? []) {
    if (found.has(name.value)) throw fault(`The argument "${name.value}" is given twice`);
    const texts = textsOf(value, variables);
    if (texts !== undefined) found.set(name.value, texts);
  }
  return found;
}

/** Undefined for null and for a variable without a value. */
function textsOf(node: ValueNode, variables: Context['variables']): readonly string[] | undefined {
  switch (node.kind) {
    case 'Variable':
      if (!variables.has(node.name.value)) throw fault(`The variable $${node.name.value} is not declared`);
      return variables.get(node.name.value);
    case 'NullValue':
      return undefined;
    case 'ListValue':
      return node.values.flatMap((one) => textsOf(one, variables) ?? []);
    case 'ObjectValue':
      throw fault('An argument is a value or a list of values, not an object');
    default:
      return [String(node.value)];
  }
}

function textsOfJson(name: string, value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return value.flatMap((one) => textsOfJson(name, one) ?? []);
  if (typeof value === 'string' || typeof value === 'boolean') return [String(value)];
  const text = numberText(value);
  if (text === undefined) throw fault(`The variable $${name} must be a value or a list of values`);
  return [text];
}

const unknownDirective = (name: string) =>
  fault(
    `There is no directive @${name}. Known: ${[...conditions, ...fhirDirectives].map((one) => `@${one}`).join(', ')}`,
    'not-supported',
  );

const fault = (why: string, code = 'invalid') => badRequest(why, code, ['query']);
