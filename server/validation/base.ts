// Structure of a FHIR R4 resource in JSON: names, types, cardinalities, formats, required codes, references, contained resources;
// and what the definitions of its types ask: invariants, bindings, extensions. Profiles come after.
// https://hl7.org/fhir/R4/json.html and validation.html

import { resourceTypes } from '../fhir/definitions.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import type { PrimitiveCheck } from '../fhir/primitives.ts';
import { localReference } from '../fhir/references.ts';
import { type Member, type Shape, shapeOf } from '../fhir/shapes.ts';
import type { ElementRules } from './base-rules.ts';
import { checkBinding } from './binding.ts';
import { checkConstraints } from './constraint.ts';
import type { Finding } from './finding.ts';
import { add, expressionOf, isFull, MAX_DEPTH, newScope, report, type Walk } from './walk.ts';

/** Checks a resource and everything in it. */
export function checkResource(value: unknown, walk: Walk): void {
  if (!isObject(value)) {
    walk.isMalformed = true;
    report(walk, 'structure', 'must be a resource: a JSON object with resourceType');
  } else if (typeof value.resourceType !== 'string') {
    walk.isMalformed = true;
    report(walk, 'structure', 'must have a resourceType', ['resourceType']);
  } else if (!resourceTypes.has(value.resourceType)) {
    walk.isMalformed = true;
    report(walk, 'not-supported', 'must be a resource type of FHIR R4', ['resourceType']);
  } else {
    const { scope } = walk;
    const { isContained, resource, bundle } = scope;
    walk.scope = isContained
      ? { ...scope, resource: value }
      : newScope(value, resource.resourceType === 'Bundle' && resource !== value ? resource : bundle, scope.lookups);
    checkObject(value, shapeOf(value.resourceType), walk);
    if (!isContained) checkScope(walk);
    if (!isFull(walk)) walk.asked.resource(value, walk);
    walk.scope = scope;
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
  if (isFull(walk)) return;
  if (++walk.depth > MAX_DEPTH) {
    walk.isMalformed = true;
    report(walk, 'too-long', `is nested more than ${MAX_DEPTH} levels deep`);
  } else {
    const isExtension = shape.type === 'Extension';
    walk.types.push(shape.type);
    if (isExtension) walk.extensions.push(typeof value.url === 'string' ? value.url : '');
    checkMembers(value, shape, walk);
    if (isExtension) walk.extensions.pop();
    const { constraints } = walk.asked.rulesOf(shape.type);
    if (constraints.length > 0) checkConstraints(constraints, { value, type: shape.type }, walk);
    if (isExtension) checkExtension(value, walk);
    else walk.asked.object(value, shape.type, walk);
    walk.types.pop();
  }
  walk.depth--;
}

function checkMembers(value: JsonObject, shape: Shape, walk: Walk): void {
  const { members } = shape;
  const { elements } = walk.asked.rulesOf(shape.type);
  let choices: (string | undefined)[] | undefined;
  let count = 0;
  for (const key in value) {
    if (value[key] === undefined) continue;
    const member = members.get(key);
    if (member === undefined) {
      if (key === 'resourceType' && shape.isResource) continue;
      count++;
      walk.isMalformed ||= typeof value[key] === 'object';
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
    const more = elements.get(member.name);
    if (more && !member.isSibling) checkMore(value[key], member, more, walk);
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

/** What the element's own definition asks of each of its values, which are of its type by now or have been reported. */
function checkMore(value: unknown, member: Member, { binding, constraints }: ElementRules, walk: Walk): void {
  if (!Array.isArray(value)) {
    checkMoreOfOne(value, member, binding, constraints, walk);
    return;
  }
  for (let index = 0; index < value.length; index++) {
    walk.path.push(index);
    if (value[index] !== null) checkMoreOfOne(value[index], member, binding, constraints, walk);
    walk.path.pop();
  }
}

function checkMoreOfOne(
  value: unknown,
  { type, codes, check }: Member,
  binding: ElementRules['binding'],
  constraints: ElementRules['constraints'],
  walk: Walk,
): void {
  if (!check && !isObject(value)) return;
  if (binding && codes === undefined) checkBinding(binding, { value, type }, walk);
  if (constraints.length > 0) checkConstraints(constraints, { value, type }, walk);
}

function checkMember(value: unknown, member: Member, owner: JsonObject, walk: Walk): void {
  if (member.isArray) checkArray(value, member, owner, walk);
  else if (Array.isArray(value)) {
    walk.isMalformed = true;
    report(walk, 'structure', 'must be a single value, not an array');
  } else if (value === null) report(walk, 'structure', 'must not be null: leave the element out instead');
  else checkValue(value, member, walk);
}

function checkArray(value: unknown, member: Member, owner: JsonObject, walk: Walk): void {
  if (!Array.isArray(value)) {
    walk.isMalformed = true;
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
  else if (!isObject(value)) {
    walk.isMalformed = true;
    report(walk, 'structure', `must be an object of type ${member.type}`);
  } else {
    checkObject(value, shapeOf(member.type), walk);
    if (member.type === 'Reference') checkReference(value, member, walk);
  }
}

function checkPrimitive(value: unknown, member: Member, check: PrimitiveCheck, walk: Walk): void {
  const problem = check(value);
  if (problem !== undefined) {
    walk.isMalformed ||= typeof value === 'object';
    report(walk, 'value', problem);
  } else if (member.codes && !member.codes.has(value as string)) {
    report(walk, 'code-invalid', `must be one of ${[...member.codes].join(', ')}`);
  } else {
    if (typeof value === 'string') walk.asked.text(value, member.type, walk);
    if (LINKS.has(member.type) && (value as string).startsWith('#')) walk.scope.links.add((value as string).slice(1));
  }
}

// Types whose value may name a contained resource by #id.
const LINKS = new Set(['canonical', 'uri', 'url']);

function checkInnerResource(value: unknown, member: Member, walk: Walk): void {
  if (member.name !== 'contained') checkResource(value, walk);
  else if (walk.scope.isContained) {
    walk.isMalformed = true;
    report(walk, 'structure', 'must not be in a resource that is itself contained (dom-2)');
  } else {
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
  else walk.asked.extension(value, walk);
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

function issue(code: string, expression: string, problem: string): Finding {
  return { severity: 'error', code, expression: [expression], diagnostics: `${expression || 'The body'} ${problem}` };
}

function shortened(key: string): string {
  return key.length > 64 ? `${key.slice(0, 63)}…` : key;
}
