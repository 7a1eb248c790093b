// The elements of FHIR types as GraphQL fields: what a field of an object holds, and which of a list its arguments leave.
// FHIR R4, https://hl7.org/fhir/R4/graphql.html, section "Resource Graph"

import { typeDefinition } from '../fhir/definitions.ts';
import { isObject, type JsonObject, numberText } from '../fhir/json.ts';
import { badRequest } from '../fhir/outcome.ts';
import { shapeOf } from '../fhir/shapes.ts';
import type { Field } from './document.ts';
import { evaluate } from './evaluate-path.ts';
import type { Budget } from './limits.ts';

/** A value of a FHIR type, and the resource it stands in, which contained ones belong to. */
export type Node = { type: string; value: unknown; container: JsonObject };
export type Values = { nodes: Node[]; isList: boolean };

/** What a search answers, as if it were a FHIR type. */
const searchTypes: Record<string, Record<string, { type: string; isArray: boolean }>> = {
  Connection: {
    count: { type: 'integer', isArray: false },
    offset: { type: 'integer', isArray: false },
    pagesize: { type: 'integer', isArray: false },
    edges: { type: 'Edge', isArray: true },
    first: { type: 'string', isArray: false },
    previous: { type: 'string', isArray: false },
    next: { type: 'string', isArray: false },
    last: { type: 'string', isArray: false },
  },
  Edge: {
    mode: { type: 'code', isArray: false },
    score: { type: 'decimal', isArray: false },
    resource: { type: 'Resource', isArray: false },
  },
};

/** The values of an element, filtered by the field's arguments; undefined when the type has no such element. */
export async function elementValues(
  { type, value, container }: Node,
  field: Field,
  budget: Budget,
): Promise<Values | undefined> {
  const member = memberOf(type, field.name);
  if (!member) return undefined;
  const found = isObject(value) ? value[field.name] : undefined;
  const list = (Array.isArray(found) ? found : [found]).filter((one) => one !== undefined && one !== null);
  const nodes = list.map((one) => nodeOf(member.type, one, container));
  return { nodes: await filtered(nodes, member.type, field, budget), isList: member.isArray };
}

/** The names of a type's elements, for a refusal. */
export const elementNames = (type: string): string[] =>
  type in searchTypes
    ? Object.keys(searchTypes[type] ?? {})
    : [...shapeOf(type).members.keys()].filter((name) => !name.startsWith('_'));

/** Is a value of this type one of `condition`, the type of a fragment? */
export function isOfType(type: string, condition: string): boolean {
  for (let name: string | undefined = type; name !== undefined; name = typeDefinition(name)?.base) {
    if (name === condition) return true;
  }
  return false;
}

export const isResource = (type: string): boolean => typeDefinition(type)?.kind === 'resource';

export function nodeOf(type: string, value: unknown, container: JsonObject): Node {
  if (type !== 'Resource' || !isObject(value)) return { type, value, container };
  // What is contained refers to its neighbours by the resource around it.
  const isContained = Array.isArray(container.contained) && container.contained.includes(value);
  return { type: String(value.resourceType), value, container: isContained ? container : value };
}

function memberOf(type: string, name: string): { type: string; isArray: boolean } | undefined {
  const ofSearch = searchTypes[type];
  if (ofSearch) return Object.hasOwn(ofSearch, name) ? ofSearch[name] : undefined;
  return shapeOf(type).members.get(name);
}

async function filtered(nodes: Node[], type: string, field: Field, budget: Budget): Promise<Node[]> {
  let left = nodes;
  for (const [name, texts] of field.arguments) {
    const [text = ''] = texts;
    if (texts.length !== 1) throw fault(field, `the argument "${name}" takes one value`);
    if (name === '_count' || name === '_offset') continue;
    if (name === 'fhirpath') left = await whereTrue(left, text, budget);
    else if (memberOf(type, name)) left = left.filter(({ value }) => isObject(value) && has(value[name], text));
    else throw fault(field, `${type} has no element "${name}" to filter by`);
  }
  const offset = wholeNumber(field, '_offset') ?? 0;
  const count = wholeNumber(field, '_count');
  return left.slice(offset, count === undefined ? undefined : offset + count);
}

async function whereTrue(nodes: readonly Node[], path: string, budget: Budget): Promise<Node[]> {
  const left: Node[] = [];
  for (const node of nodes) if ((await evaluate(node, path, budget))[0] === true) left.push(node);
  return left;
}

/** The text of a primitive; one of a list of them is enough. */
function has(value: unknown, text: string): boolean {
  if (Array.isArray(value)) return value.some((one) => has(one, text));
  return (numberText(value) ?? String(value)) === text;
}

function wholeNumber(field: Field, name: string): number | undefined {
  const [text] = field.arguments.get(name) ?? [];
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw fault(field, `${name} takes a whole number`);
  return Number(text);
}

export const fault = ({ name, line }: Field, why: string, code = 'invalid') =>
  badRequest(`${name}, line ${line}: ${why}`, code, [name]);
