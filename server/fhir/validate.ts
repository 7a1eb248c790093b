// Structure of a FHIR R4 resource in JSON: names, types, cardinalities, formats, required codes, references, contained
// resources. Not profiles, terminology or invariants. https://hl7.org/fhir/R4/json.html and validation.html

import { resourceTypes } from './definitions.ts';
import { isObject, type JsonObject } from './json.ts';
import type { Issue as OutcomeIssue } from './outcome.ts';
import type { PrimitiveCheck } from './primitives.ts';
import { localReference } from './references.ts';
import { type Member, type Shape, shapeOf } from './shapes.ts';

export type Issue = OutcomeIssue & { severity: 'error' | 'warning' | 'information'; expression: string[] };

/** Objects inside objects; deeper resources are refused. */
const MAX_DEPTH = 64;
/** A body that is wrong everywhere is not answered with an outcome larger than itself. */
const MAX_ISSUES = 100;

/** One check of one resource: where it is (`Patient`, `name`, 0, …), what it found. */
type Walk = { path: (string | number)[]; depth: number; issues: Issue[]; scope: Scope };
/** A resource with the resources it contains: what refers to one with `#id`, and which there are. */
type Scope = { isContained: boolean; links: Set<string>; references: Place[]; contained: Place[] };
type Place = { id: string; expression: string };

/**
 * Everything wrong with the structure of a resource as `parseJson` gives it; empty when nothing is. Diagnostics name
 * elements and allowed values but never quote what was sent. At most 100 issues are reported.
 */
export function validateStructure(resource: unknown): Issue[] {
  const walk: Walk = { path: [], depth: 0, issues: [], scope: newScope() };
  const type = isObject(resource) ? resource.resourceType : undefined;
  if (typeof type === 'string' && resourceTypes.has(type)) walk.path.push(type);
  checkResource(resource, walk);
  return walk.issues;
}

function newScope(): Scope {
  return { isContained: false, links: new Set(), references: [], contained: [] };
}

function checkResource(value: unknown, walk: Walk): void {
  if (!isObject(value)) {
    report(walk, 'structure', 'must be a resource: a JSON object with resourceType');
  } else if (typeof value.resourceType !== 'string') {
    report(walk, 'structure', 'must have a resourceType', ['resourceType']);
  } else if (!resourceTypes.has(value.resourceType)) {
    report(walk, 'not-supported', 'must be a resource type of FHIR R4', ['resourceType']);
  } else if (walk.scope.isContained) {
    checkObject(value, shapeOf(value.resourceType), walk);
  } else {
    const outer = walk.scope;
    walk.scope = newScope();
    checkObject(value, shapeOf(value.resourceType), walk);
    checkScope(walk);
    walk.scope = outer;
  }
}

/** dom-3: what is contained is referred to; ref-1: what #id refers to is contained. */
function checkScope(walk: Walk): void {
  const { links, references, contained } = walk.scope;
  const ids = new Set(contained.map(({ id }) => id));
  for (const { id, expression } of contained) {
    if (!links.has(id) && !links.has('')) {
      add(walk, issue('invariant', expression, 'is not referred to by the resource that contains it (dom-3)'));
    }
  }
  for (const { id, expression } of references) {
    if (id !== '' && !ids.has(id)) add(walk, issue('invariant', expression, 'refers to no contained resource (ref-1)'));
  }
}

function checkObject(value: JsonObject, shape: Shape, walk: Walk): void {
  if (walk.issues.length >= MAX_ISSUES) return;
  if (++walk.depth > MAX_DEPTH) {
    report(walk, 'too-long', `is nested more than ${MAX_DEPTH} levels deep`);
  } else {
    checkMembers(value, shape, walk);
    if (shape.type === 'Extension') checkExtension(value, walk);
  }
  walk.depth--;
}

function checkMembers(value: JsonObject, shape: Shape, walk: Walk): void {
  const { members } = shape;
  let choices: (string | undefined)[] | undefined;
  let count = 0;
  for (const key in value) {
    if (value[key] === undefined) continue;
    const member = members.get(key);
    if (member === undefined) {
      if (key === 'resourceType' && shape.isResource) continue;
      count++;
      report(walk, 'structure', `is not an element of ${shape.type}`, [shortened(key)]);
      continue;
    }
    // An id alone is no content, except beside a primitive's value.
    if (key !== 'id' || shape.type === 'Element') count++;
    if (member.choice >= 0) {
      choices ??= [];
      const other = choices[member.choice];
      if (other !== undefined && other !== member.key) {
        report(walk, 'structure', `may have one type only, not both ${other} and ${member.key}`, [member.name]);
      }
      choices[member.choice] = member.key;
    }
    walk.path.push(member.name);
    checkMember(value[key], member, value, walk);
    walk.path.pop();
  }
  if (count === 0 && !shape.isResource) report(walk, 'structure', 'must not be empty: leave the element out instead');
  for (const { name, keys } of shape.required) {
    if (!keys.some((key) => value[key] !== undefined)) {
      const oneOf = keys.filter((key) => !key.startsWith('_')).join(', ');
      report(walk, 'required', keys.includes(name) ? 'is required' : `is required: one of ${oneOf}`, [name]);
    }
  }
}

function checkMember(value: unknown, member: Member, owner: JsonObject, walk: Walk): void {
  if (member.isArray) checkArray(value, member, owner, walk);
  else if (Array.isArray(value)) report(walk, 'structure', 'must be a single value, not an array');
  else if (value === null) report(walk, 'structure', 'must not be null: leave the element out instead');
  else checkValue(value, member, walk);
}

function checkArray(value: unknown, member: Member, owner: JsonObject, walk: Walk): void {
  if (!Array.isArray(value)) {
    report(walk, 'structure', 'must be an array');
  } else if (value.length === 0) {
    report(walk, 'structure', 'must not be an empty array: leave the element out instead');
  }
  const items: unknown[] = Array.isArray(value) ? value : [];
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    walk.path.push(index);
    if (item !== null) checkValue(item, member, walk);
    else if (!isPlaceholder(index, member, owner)) {
      report(walk, 'structure', 'must not be null, except where the other half of a primitive (_name) has the content');
    }
    walk.path.pop();
  }
}

/** "null values are used to fill out both arrays" of a primitive; two nulls are reported once, at the value. */
function isPlaceholder(index: number, { sibling, isSibling }: Member, owner: JsonObject): boolean {
  const others = sibling === undefined ? undefined : owner[sibling];
  if (!Array.isArray(others) || index >= others.length) return false;
  return isSibling || others[index] !== null;
}

function checkValue(value: unknown, member: Member, walk: Walk): void {
  if (member.check) checkPrimitive(value, member, member.check, walk);
  else if (member.type === 'Resource') checkInnerResource(value, member, walk);
  else if (!isObject(value)) report(walk, 'structure', `must be an object of type ${member.type}`);
  else {
    checkObject(value, shapeOf(member.type), walk);
    if (member.type === 'Reference') checkReference(value, member, walk);
  }
}

function checkPrimitive(value: unknown, member: Member, check: PrimitiveCheck, walk: Walk): void {
  const problem = check(value);
  if (problem !== undefined) report(walk, 'value', problem);
  else if (member.codes && !member.codes.has(value as string)) {
    report(walk, 'code-invalid', `must be one of ${[...member.codes].join(', ')}`);
  } else if (LINKS.has(member.type) && (value as string).startsWith('#')) {
    walk.scope.links.add((value as string).slice(1));
  }
}

// Types whose value may name a contained resource by #id.
const LINKS = new Set(['canonical', 'uri', 'url']);

function checkInnerResource(value: unknown, member: Member, walk: Walk): void {
  if (member.name !== 'contained') checkResource(value, walk);
  else if (walk.scope.isContained)
    report(walk, 'structure', 'must not be in a resource that is itself contained (dom-2)');
  else {
    if (isObject(value)) checkContained(value, walk);
    walk.scope.isContained = true;
    checkResource(value, walk);
    walk.scope.isContained = false;
  }
}

function checkContained({ id, meta }: JsonObject, walk: Walk): void {
  if (typeof id === 'string') walk.scope.contained.push({ id, expression: expressionOf(walk) });
  if (!isObject(meta)) return;
  if (meta.versionId !== undefined || meta.lastUpdated !== undefined) {
    report(walk, 'invariant', 'must not have versionId or lastUpdated in a contained resource (dom-4)', ['meta']);
  }
  if (meta.security !== undefined) {
    report(walk, 'invariant', 'must not have security labels in a contained resource (dom-5)', ['meta']);
  }
}

function checkExtension(value: JsonObject, walk: Walk): void {
  const hasValue = Object.keys(value).some((key) => key.startsWith('value') || key.startsWith('_value'));
  const hasExtension = value.extension !== undefined;
  if (hasValue && hasExtension) report(walk, 'invariant', 'must have a value or extensions, not both (ext-1)');
  else if (!hasValue && !hasExtension) report(walk, 'invariant', 'must have a value or extensions (ext-1)');
}

const ABSOLUTE = /^[a-z][a-z0-9+.-]*:/i;
const CONDITIONAL = /^([A-Z][A-Za-z]+)\?./;

function checkReference({ reference, type }: JsonObject, { targets }: Member, walk: Walk): void {
  if (typeof reference !== 'string' || reference === '' || ABSOLUTE.test(reference)) return;
  if (reference.startsWith('#')) {
    walk.scope.links.add(reference.slice(1));
    walk.scope.references.push({ id: reference.slice(1), expression: `${expressionOf(walk)}.reference` });
    return;
  }
  const named = localReference(reference)?.type ?? CONDITIONAL.exec(reference)?.[1];
  if (named === undefined) {
    report(walk, 'value', 'must be Type/id, an absolute url, urn:uuid:…, urn:oid:… or #id', ['reference']);
  } else if (!resourceTypes.has(named)) {
    report(walk, 'value', 'must name a resource type of FHIR R4', ['reference']);
  } else if (targets.length > 0 && !targets.includes(named)) {
    report(walk, 'value', `must refer to ${targets.join(' or ')}, not to ${named}`, ['reference']);
  } else if (typeof type === 'string' && resourceTypes.has(type) && type !== named) {
    report(walk, 'value', `is ${type}, but the reference is to ${named}`, ['type']);
  }
}

function report(walk: Walk, code: string, problem: string, below: string[] = []): void {
  const expression = [expressionOf(walk), ...below].filter(Boolean).join('.');
  add(walk, issue(code, expression, problem));
}

function issue(code: string, expression: string, problem: string): Issue {
  return { severity: 'error', code, expression: [expression], diagnostics: `${expression || 'The body'} ${problem}` };
}

function add(walk: Walk, found: Issue): void {
  if (walk.issues.length < MAX_ISSUES) walk.issues.push(found);
}

function expressionOf({ path }: Walk): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text ? `${text}.${part}` : part),
    '',
  );
}

function shortened(key: string): string {
  return key.length > 64 ? `${key.slice(0, 63)}…` : key;
}
