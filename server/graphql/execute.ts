// Runs what a query selects against a resource, or against the whole server. Values of one level are fetched together.
// FHIR R4, https://hl7.org/fhir/R4/graphql.html

import { resourceTypes } from '../fhir/definitions.ts';
import { isObject, type JsonObject, numberText } from '../fhir/json.ts';
import { notFound } from '../fhir/outcome.ts';
import { localReference } from '../fhir/references.ts';
import type { Field, Selection } from './document.ts';
import {
  elementNames,
  elementValues,
  fault,
  isOfType,
  isResource,
  type Node,
  nodeOf,
  type Values,
} from './elements.ts';
import { evaluate } from './evaluate-path.ts';
import type { Budget } from './limits.ts';
import { type Named, objectOf } from './shape-answer.ts';
import type { Source } from './source.ts';

export type Run = { source: Source; budget: Budget; base: string };

/** How the values of a field come into the object around it: with @flatten, without a name of their own. */
type Around = { isInherited: boolean; suffix: string };
const plainly: Around = { isInherited: false, suffix: '' };

/** The `data` of the answer. `root` is a resource; undefined: the server. Throws OperationOutcomeError. */
export async function execute(
  run: Run,
  selections: readonly Selection[],
  root: JsonObject | undefined,
): Promise<JsonObject> {
  const node = root ? nodeOf('Resource', root, root) : undefined;
  return objectOf(await select(run, node, selections, plainly));
}

async function select(run: Run, node: Node | undefined, selections: readonly Selection[], around: Around) {
  const parts = await Promise.all(
    selections.map((one): Promise<Named[]> | Named[] => {
      if ('name' in one) return field(run, node, one, around);
      const isMeant = one.on === undefined || (node ? isOfType(node.type, one.on) : one.on === 'Query');
      return isMeant ? select(run, node, one.selections, around) : [];
    }),
  );
  return parts.flat();
}

async function field(run: Run, node: Node | undefined, one: Field, around: Around): Promise<Named[]> {
  const typeName = node?.type ?? 'Query';
  if (one.name === '__typename' || (one.name === 'resourceType' && isResource(typeName)))
    return [{ key: one.key + around.suffix, form: formOf(one, around.isInherited), values: [typeName] }];
  const values = node ? await valuesOf(run, node, one) : await rootValues(run, one);
  run.budget.values(values.nodes.length);
  return named(run, one, values, around);
}

async function named(run: Run, one: Field, { nodes, isList }: Values, around: Around): Promise<Named[]> {
  const { key, selections, flatten, first, slice } = one;
  const meant = first ? nodes.slice(0, 1) : nodes;
  const suffixes = await Promise.all(meant.map((node, n) => suffixOf(run, node, n, slice, around)));
  if (flatten) {
    const isInherited = isList && !first;
    const inner = meant.map((node, n) => {
      mayBeSelected(one, node);
      return select(run, node, selections, { isInherited, suffix: suffixes[n] ?? '' });
    });
    return (await Promise.all(inner)).flat();
  }
  const values = await Promise.all(meant.map((node) => written(run, one, node)));
  const form = formOf(one, (isList && !first) || around.isInherited);
  if (slice !== undefined) return values.map((value, n) => ({ key: key + suffixes[n], form, values: [value] }));
  return values.length > 0 || searched(one.name) ? [{ key: key + around.suffix, form, values }] : [];
}

async function written(run: Run, one: Field, node: Node): Promise<unknown> {
  if (!isObject(node.value)) {
    if (one.selections.length > 0) throw fault(one, 'a primitive value has nothing to select from');
    return node.value;
  }
  mayBeSelected(one, node);
  return objectOf(await select(run, node, one.selections, plainly));
}

function mayBeSelected(one: Field, { type, value }: Node): void {
  if (!isObject(value)) throw fault(one, 'a primitive value cannot be flattened');
  if (one.selections.length === 0) throw fault(one, `say which elements of ${type} are wanted`);
}

async function suffixOf(
  { budget }: Run,
  node: Node,
  position: number,
  slice: string | undefined,
  { suffix }: Around,
): Promise<string> {
  if (slice === undefined) return suffix;
  if (slice === '$index') return `${suffix}.${position}`;
  const [value] = await evaluate(node, slice, budget);
  return `${suffix}.${value === undefined ? '' : (numberText(value) ?? String(value))}`;
}

const formOf = ({ singleton }: Field, isList: boolean): Named['form'] =>
  singleton ? 'singleton' : isList ? 'list' : 'one';

async function valuesOf(run: Run, node: Node, one: Field): Promise<Values> {
  const values = await elementValues(node, one, run.budget);
  if (values) return values;
  if (one.name === 'resource' && node.type === 'Reference') return referenceValues(run, node, one);
  const search = isResource(node.type) ? searched(one.name) : undefined;
  if (!search) throw unknownField(one, node.type, elementNames(node.type));
  const [reference] = one.arguments.get('_reference') ?? [];
  if (reference === undefined)
    throw fault(one, '_reference has to name the search parameter that refers to this resource');
  const { id } = node.value as { id?: string };
  return searchValues(run, one, search, [reference, `${node.type}/${id}`]);
}

async function rootValues(run: Run, one: Field): Promise<Values> {
  const search = searched(one.name);
  if (search) return searchValues(run, one, search, undefined);
  if (!resourceTypes.has(one.name))
    throw unknownField(one, 'Query', ['Patient(id: …)', 'PatientList', 'PatientConnection']);
  const [[name, ids] = ['', []], other] = [...one.arguments];
  if (other || (name !== 'id' && name !== '_id') || ids.length !== 1) throw fault(one, 'takes one argument, the id');
  const found = await run.source.readAsked(one.name, ids[0] ?? '');
  if (!found) throw notFound(`${one.name}/${ids[0]}`);
  return { nodes: [nodeOf('Resource', found, found)], isList: false };
}

/** What a Reference refers to. What cannot be seen is like what is not there. */
async function referenceValues(run: Run, { value, container }: Node, one: Field): Promise<Values> {
  const unknown = [...one.arguments.keys()].find((name) => name !== 'optional' && name !== 'type');
  if (unknown !== undefined) throw fault(one, `there is no argument "${unknown}". Known: optional, type`);
  const [type] = one.arguments.get('type') ?? [];
  const { reference } = value as { reference?: unknown };
  const text = typeof reference === 'string' ? reference : '';
  const local = localReference(text, run.base);
  const isOther = local !== undefined && type !== undefined && local.type !== type;
  const found = isOther ? undefined : await target(run, text, local, container);
  if (found && (type === undefined || found.resourceType === type))
    return { nodes: [nodeOf('Resource', found, container)], isList: false };
  const isOptional = one.arguments.get('optional')?.[0] === 'true';
  if (found || isOther || isOptional) return { nodes: [], isList: false };
  throw notFound(local ? `${local.type}/${local.id}` : 'What a reference points to');
}

async function target(run: Run, text: string, local: ReturnType<typeof localReference>, container: JsonObject) {
  if (local) return run.source.read(local.type, local.id);
  if (text === '#') return container;
  const contained = Array.isArray(container.contained) ? container.contained : [];
  return contained.filter(isObject).find(({ id }) => text.startsWith('#') && id === text.slice(1));
}

type Search = { type: string; form: 'List' | 'Connection' };

function searched(name: string): Search | undefined {
  const match = /^([A-Za-z]+?)(List|Connection)$/.exec(name);
  return match?.[1] && resourceTypes.has(match[1]) ? { type: match[1], form: match[2] as Search['form'] } : undefined;
}

async function searchValues(run: Run, one: Field, { type, form }: Search, referring: [string, string] | undefined) {
  const given = [...one.arguments].filter(([name]) => name !== '_reference');
  const pairs = given.flatMap(([name, texts]) =>
    texts.map((text): [string, string] => [name.replace(/(?<=.)_/g, '-'), text]),
  );
  const asked = {
    type,
    pairs,
    referring: referring && ([referring[0].replace(/(?<=.)_/g, '-'), referring[1]] as const),
  };
  if (form === 'List') {
    const found = await run.source.list(asked);
    return { nodes: found.map((resource) => nodeOf('Resource', resource, resource)), isList: true };
  }
  const connection = await run.source.connection({ ...asked, isCounted: selects(one.selections, 'count') });
  return { nodes: [{ type: 'Connection', value: connection, container: connection }], isList: false };
}

const selects = (selections: readonly Selection[], name: string): boolean =>
  selections.some((one) => ('name' in one ? one.name === name : selects(one.selections, name)));

const unknownField = (one: Field, type: string, known: readonly string[]) =>
  fault(one, `${type} has no such field. Known: ${known.join(', ')}`, 'not-supported');
