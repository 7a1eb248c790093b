// Parts of a resource instead of the whole: `_summary` and `_elements`. Pure.
// FHIR R4, https://hl7.org/fhir/R4/search.html#summary and #elements

import { choiceKey, elementsOf, resourceTypes } from './definitions.ts';
import { isObject, type JsonObject, parseJson } from './json.ts';
import { badRequest, unknownElement } from './outcome.ts';
import { shapeOf } from './shapes.ts';

export type View =
  | { kind: 'summary' | 'text' | 'data' }
  /** Names of top-level elements by resource type; other types are shown whole. */
  | { kind: 'elements'; names: ReadonlyMap<string, ReadonlySet<string>> };

/**
 * The JSON text of what a view shows of a resource's text. Mandatory elements, modifier extensions, id and meta always
 * stay, and a tag SUBSETTED says that it is not the whole.
 */
export function viewed(content: string, view: View | undefined): string {
  if (view === undefined) return content;
  const resource = parseJson(content) as JsonObject;
  const type = String(resource.resourceType);
  if (view.kind === 'elements' && !view.names.has(type)) return content;
  const part = view.kind === 'summary' ? summaryOf(type, resource) : topLevel(type, resource, view);
  return JSON.stringify({ ...part, ...containedOf(resource, part), meta: subsetted(resource.meta) });
}

/** `_summary` other than count; undefined for `false`, which shows the whole. Throws OperationOutcomeError 400. */
export function parseSummary(value: string): View | undefined {
  if (value === 'false') return undefined;
  if (value === 'true') return { kind: 'summary' };
  if (value === 'text' || value === 'data') return { kind: value };
  throw badRequest('_summary takes true, text, data, count or false; count only in a search', 'value', ['_summary']);
}

/**
 * `_elements=name,birthDate,Organization.name`: names without a type are of `type`. Throws OperationOutcomeError 400 that
 * names the elements of the type.
 */
export function parseElements(type: string, value: string): View {
  const names = new Map<string, Set<string>>();
  for (const word of value.split(',').filter((one) => one !== '')) {
    const [owner, name] = /^[A-Z]/.test(word) ? word.split(/\.(.*)/s) : [type, word];
    if (owner === undefined || !resourceTypes.has(owner))
      throw badRequest(`_elements=${word}: "${owner}" is no resource type`, 'value', ['_elements']);
    names.set(owner, (names.get(owner) ?? new Set()).add(elementName(owner, name ?? '')));
  }
  return { kind: 'elements', names };
}

/** `value`, `value[x]` and `valueQuantity` all mean the element `value`. */
function elementName(type: string, name: string): string {
  const elements = elementsOf(type);
  const short = name.replace(/\[x\]$/, '');
  if (elements.has(short)) return short;
  const choice = [...elements.values()].find(
    (one) => one.isChoice && one.types.some((kind) => choiceKey(one.name, kind) === name),
  );
  if (!choice) throw unknownElement(name, type, [...elements.keys()]);
  return choice.name;
}

const alwaysShown: ReadonlySet<string> = new Set(['id', 'meta', 'implicitRules', 'modifierExtension']);

function topLevel(type: string, resource: JsonObject, view: View): JsonObject {
  const { members } = shapeOf(type);
  const isShown = (name: string): boolean => {
    if (view.kind === 'elements') return view.names.get(type)?.has(name) === true;
    return (name === 'text') === (view.kind === 'text');
  };
  return Object.fromEntries(
    Object.entries(resource).filter(([key]) => {
      const name = members.get(key)?.name ?? key;
      return key === 'resourceType' || alwaysShown.has(name) || isMandatory(type, name) || isShown(name);
    }),
  );
}

/** The elements that the definitions mark as summary, at every depth. */
function summaryOf(type: string, node: JsonObject): JsonObject {
  const { members } = shapeOf(type);
  const elements = elementsOf(type);
  const kept: JsonObject = {};
  for (const [key, value] of Object.entries(node)) {
    const member = members.get(key);
    if (key === 'resourceType' || member === undefined || alwaysShown.has(member.name)) {
      kept[key] = value;
      continue;
    }
    const isNeeded = isMandatory(type, member.name);
    if (!isNeeded && elements.get(member.name)?.isSummary !== true) continue;
    // What a primitive says beside its value may be why there is none.
    const part = member.isSibling ? value : summaryOfValue(member.type, value);
    if (part !== undefined) kept[key] = part;
    else if (isNeeded) kept[key] = value;
  }
  return kept;
}

/** Undefined when nothing of it is in the summary: FHIR has no empty objects and lists. */
function summaryOfValue(type: string, value: unknown): unknown {
  if (Array.isArray(value)) {
    const parts = value.map((item) => summaryOfValue(type, item)).filter((part) => part !== undefined);
    return parts.length > 0 ? parts : undefined;
  }
  if (!isObject(value)) return value;
  const part = summaryOf(typeof value.resourceType === 'string' ? value.resourceType : type, value);
  return Object.keys(part).length > 0 ? part : undefined;
}

/** Contained resources stay where something that is shown refers to them: the answer must be valid by itself. */
function containedOf(resource: JsonObject, part: JsonObject): JsonObject {
  let left = (Array.isArray(resource.contained) ? resource.contained : []).filter(isObject);
  const shown: JsonObject[] = [];
  for (let text = JSON.stringify(part); ; text = JSON.stringify(shown)) {
    const found = left.filter(({ id }) => text.includes(`"#${String(id)}"`));
    if (found.length === 0) return shown.length > 0 ? { contained: shown } : {};
    shown.push(...found);
    left = left.filter((one) => !found.includes(one));
  }
}

const isMandatory = (type: string, name: string): boolean => (elementsOf(type).get(name)?.min ?? 0) > 0;

const tag = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };

function subsetted(meta: unknown): JsonObject {
  const known = isObject(meta) ? meta : {};
  const tags = Array.isArray(known.tag) ? known.tag : [];
  if (tags.some((one) => isObject(one) && one.system === tag.system && one.code === tag.code)) return known;
  return { ...known, tag: [...tags, tag] };
}
