// What a definition is reduced to in the pack: what is checked, looked up or shown by code. Narrative, long descriptions, mappings
// and the publishers' addresses stay in the packages they come from.

import { isObject, type JsonObject } from '../../fhir/json.ts';

/** Everywhere in a definition. */
const DROPPED = new Set([
  'text',
  'contact',
  'mapping',
  'comment',
  'requirements',
  'alias',
  'purpose',
  'copyright',
  'publisher',
  'jurisdiction',
  'useContext',
  'isModifierReason',
  'meta',
  'definition',
  'xpath',
  'orderMeaning',
]);
/** At the top, and of an element of a StructureDefinition. */
const DROPPED_OF_TOP = new Set([
  'description',
  'date',
  'approvalDate',
  'lastReviewDate',
  'keyword',
  'experimental',
  'contained',
]);
const DROPPED_OF_ELEMENT = new Set(['example', 'condition', 'meaningWhenMissing', 'description']);

const noNames: ReadonlySet<string> = new Set();

/** A StructureDefinition of a type keeps its snapshot, a profile its differential. */
export function trimmed(definition: JsonObject): JsonObject {
  const whole = without(walk(definition, (one) => without(one, noNames)) as JsonObject, DROPPED_OF_TOP);
  if (whole.resourceType === 'StructureDefinition') return trimmedStructure(whole);
  return whole.resourceType === 'ValueSet' ? without(whole, new Set(['expansion'])) : whole;
}

function trimmedStructure({ snapshot, differential, ...others }: JsonObject): JsonObject {
  const isType = others.derivation !== 'constraint';
  const shortened = (part: unknown) => walk(part, (one) => without(one, DROPPED_OF_ELEMENT));
  return { ...others, ...(isType ? { snapshot: shortened(snapshot) } : { differential: shortened(differential) }) };
}

function without(value: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, child]) =>
      names.has(name) || isDropped(name, child) ? [] : [[name, child]],
    ),
  );
}

/** `definition` is a text in an element or a concept; in a composite parameter it is the canonical of a part. */
function isDropped(name: string, child: unknown): boolean {
  return DROPPED.has(name) && !(name === 'definition' && typeof child === 'string' && /^https?:\S+$/.test(child));
}

/** Every object below, each changed after its children. */
function walk(value: unknown, change: (one: JsonObject) => JsonObject): unknown {
  if (Array.isArray(value)) return value.map((one) => walk(one, change));
  if (!isObject(value)) return value;
  return change(Object.fromEntries(Object.entries(value).map(([name, child]) => [name, walk(child, change)])));
}
