// One check of one resource while it runs: where it stands, in which resource, what it has found. Shared by the base check and
// the profiles'.

import type { Definitions } from '../definitions/definitions.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { localReference } from '../fhir/references.ts';
import type { Terminology } from '../terminology/terminology.ts';
import type { BaseRules } from './base-rules.ts';
import { codedIn, isMember } from './coded.ts';
import type { Finding } from './finding.ts';
import type { Needed } from './invariants/scope.ts';

/** What the base check asks while it goes through a resource. */
export type Asked = {
  /** Of a resource, complex or backbone type. */
  rulesOf(type: string): BaseRules;
  /** About an extension that has a value or extensions; `walk.types` and `walk.path` say where it is. */
  extension(value: JsonObject, walk: Walk): void;
  /** About an object of a type, and about the text of a primitive, once its format is right. */
  object(value: JsonObject, type: string, walk: Walk): void;
  text(value: string, type: string, walk: Walk): void;
  /** Whether a value fits a profile. */
  conformsTo(profile: string, value: unknown, type: string, walk: Walk): boolean | undefined;
  /** About a resource, wherever it stands, after its structure. */
  resource(value: JsonObject, walk: Walk): void;
};

/** Objects inside objects; deeper resources are refused. */
export const MAX_DEPTH = 64;
/** A body that is wrong everywhere is not answered with an outcome larger than itself. */
const MAX_FINDINGS = 100;

export type Walk = {
  definitions: Definitions;
  terminology: Terminology;
  asked: Asked;
  /** What invariants ask of their surroundings. */
  needed: Needed;
  /** `Patient`, `name`, 0, …; a primitive's own half has the name of the element. */
  path: (string | number)[];
  /** The types of the objects around, the innermost last. */
  types: string[];
  /** The urls of the extensions around, the innermost last. */
  extensions: string[];
  depth: number;
  findings: Finding[];
  scope: Scope;
  /** What the value has been held against, by profile, so that a profile that names itself comes to an end. */
  open: Map<unknown, Set<string>>;
};

/** A resource with those it contains: what refers to one with `#id`, and which there are. */
export type Scope = {
  /** The resource, and what it is contained in: itself when in nothing. */
  resource: JsonObject;
  root: JsonObject;
  /** The nearest Bundle around it. */
  bundle: JsonObject | undefined;
  isContained: boolean;
  links: Set<string>;
  references: PlacedId[];
  contained: PlacedId[];
};
type PlacedId = { id: string; expression: string };

export function newWalk(resource: JsonObject, tools: Pick<Walk, 'definitions' | 'terminology' | 'asked'>): Walk {
  const { terminology, asked } = tools;
  const walk: Walk = {
    ...tools,
    needed: {
      resolve: (reference) => resolveIn(walk.scope, reference),
      memberOf: (valueSet, value, type) => isMember(codedIn(value, type) ?? [], valueSet, terminology),
      conformsTo: (profile, value, type) => asked.conformsTo(profile, value, type, walk),
    },
    path: [],
    types: [],
    extensions: [],
    depth: 0,
    findings: [],
    scope: newScope(resource, undefined),
    open: new Map(),
  };
  return walk;
}

export function newScope(resource: JsonObject, bundle: JsonObject | undefined): Scope {
  return { resource, root: resource, bundle, isContained: false, links: new Set(), references: [], contained: [] };
}

/** Where a value stands: a resource in it (an entry of a Bundle, a contained one) has a scope of its own. */
export function scopeAt(value: unknown, scope: Scope): Scope {
  if (!isObject(value) || typeof value.resourceType !== 'string' || value === scope.resource) return scope;
  const { root, bundle } = scope;
  if (Array.isArray(root.contained) && root.contained.includes(value)) return { ...scope, resource: value };
  return newScope(value, scope.resource.resourceType === 'Bundle' ? scope.resource : bundle);
}

/** Adds an error at the path of the walk, or at an element below it. `problem` goes on from the path: "must be …". */
export function report(walk: Walk, code: string, problem: string, below: string[] = []): void {
  note(walk, 'error', code, problem, below);
}

/** The same with a severity; `rule` names the kind of finding where strictness depends on it. */
export function note(
  walk: Walk,
  severity: Finding['severity'],
  code: string,
  problem: string,
  below: string[] = [],
  rule?: Finding['rule'],
): void {
  const expression = [expressionOf(walk), ...below].filter(Boolean).join('.');
  add(walk, {
    severity,
    code,
    expression: [expression],
    diagnostics: `${expression || 'The body'} ${problem}`,
    ...(rule && { rule }),
  });
}

export function add(walk: Walk, found: Finding): void {
  const { findings } = walk;
  // A profile and what it is based on may ask the same.
  const isKnown = findings.some(
    ({ diagnostics, expression: [at] }) => diagnostics === found.diagnostics && at === found.expression[0],
  );
  if (!isKnown && findings.length < MAX_FINDINGS) findings.push(found);
}

export const isFull = ({ findings }: Walk): boolean => findings.length >= MAX_FINDINGS;

/** `Patient.name[0].given[1]` */
export function expressionOf({ path }: Pick<Walk, 'path'>): string {
  let text = '';
  for (const part of path) text += typeof part === 'number' ? `[${part}]` : text ? `.${part}` : part;
  return text;
}

/**
 * What a reference leads to inside of what is checked: a contained resource, or an entry of the Bundle around (by fullUrl, or for
 * Type/id by the fullUrl's base or the entry's own id). Undefined for what lies elsewhere.
 */
export function resolveIn({ root, bundle }: Pick<Scope, 'root' | 'bundle'>, reference: string): JsonObject | undefined {
  if (reference.startsWith('#')) return containedIn(root, reference.slice(1));
  const entries = bundle && Array.isArray(bundle.entry) ? bundle.entry.filter(isObject) : [];
  const exact = entries.find(({ fullUrl }) => fullUrl === reference);
  if (exact) return isObject(exact.resource) ? exact.resource : undefined;
  const local = localReference(reference);
  if (!local) return undefined;
  const end = `/${local.type}/${local.id}`;
  const found = entries.find(
    ({ fullUrl, resource }) =>
      (typeof fullUrl === 'string' && fullUrl.endsWith(end)) ||
      (isObject(resource) && resource.resourceType === local.type && resource.id === local.id),
  );
  return isObject(found?.resource) ? found.resource : undefined;
}

function containedIn(root: JsonObject, id: string): JsonObject | undefined {
  if (id === '') return root;
  const { contained } = root;
  return Array.isArray(contained) ? contained.filter(isObject).find((one) => one.id === id) : undefined;
}
