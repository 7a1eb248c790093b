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
/**
 * A body that is wrong everywhere is not answered with an outcome larger than itself: so many of each kind are told. Of each kind,
 * since notes must not push out what a resource is refused for.
 */
const MAX_FINDINGS = 100;
/** Well under a second. */
const MOST_STEPS = 1_000_000;

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
  /** What has been told already, and how much of each kind. */
  told: Set<string>;
  counts: Map<string, number>;
  scope: Scope;
  /** Whether values fit profiles, as far as that has been asked; and how many such questions stand inside each other. */
  conforming: Map<unknown, Map<string, boolean | undefined>>;
  questions: number;
  /** Steps that the rules have left for work that grows faster than the resource. */
  effort: { left: number };
  /** Whether something is of another kind than its place (an object for a text), or deeper than is looked. */
  isMalformed: boolean;
  /** What is asked of resources as wholes, once all that they refer to is known to be well formed. */
  later: (() => void)[];
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
  /** What references lead to, of each Bundle and each resource with contained ones that was asked about. */
  lookups: Map<JsonObject, ReadonlyMap<string, JsonObject | undefined>>;
};
type PlacedId = { id: string; expression: string };

export function newWalk(resource: JsonObject, tools: Pick<Walk, 'definitions' | 'terminology' | 'asked'>): Walk {
  const walk: Omit<Walk, 'needed'> = {
    ...tools,
    path: [],
    types: [],
    extensions: [],
    depth: 0,
    findings: [],
    told: new Set(),
    counts: new Map(),
    scope: newScope(resource, undefined, new Map()),
    conforming: new Map(),
    questions: 0,
    effort: { left: MOST_STEPS },
    isMalformed: false,
    later: [],
    open: new Map(),
  };
  return withNeeded(walk);
}

/** A walk that goes on from where another stands, and whose findings are its own. */
export function apartFrom(walk: Walk): Walk {
  const { path, questions } = walk;
  const own = { findings: [], told: new Set<string>(), counts: new Map<string, number>() };
  return withNeeded({ ...walk, ...own, path: [...path], questions: questions + 1 });
}

function withNeeded(walk: Omit<Walk, 'needed'>): Walk {
  const { terminology, asked } = walk;
  const whole: Walk = Object.assign(walk, {
    needed: {
      resolve: (reference: string) => resolveIn(whole.scope, reference),
      memberOf: (valueSet: string, value: unknown, type: string) =>
        isMember(codedIn(value, type) ?? [], valueSet, terminology),
      conformsTo: (profile: string, value: unknown, type: string) => asked.conformsTo(profile, value, type, whole),
    },
  });
  return whole;
}

export function newScope(resource: JsonObject, bundle: JsonObject | undefined, lookups: Scope['lookups']): Scope {
  const isContained = false;
  return { resource, root: resource, bundle, isContained, links: new Set(), references: [], contained: [], lookups };
}

/** Where a value stands: a resource in it (an entry of a Bundle, a contained one) has a scope of its own. */
export function scopeAt(value: unknown, scope: Scope): Scope {
  if (!isObject(value) || typeof value.resourceType !== 'string' || value === scope.resource) return scope;
  const { root, bundle, lookups } = scope;
  if (root !== value && typeof value.id === 'string' && containedIn(scope, value.id) === value)
    return { ...scope, resource: value };
  return newScope(value, scope.resource.resourceType === 'Bundle' ? scope.resource : bundle, lookups);
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
  const { findings, told, counts } = walk;
  const kind = kindOf(found);
  const count = counts.get(kind) ?? 0;
  if (count >= MAX_FINDINGS) return;
  // A profile and what it is based on may ask the same.
  const text = `${found.expression[0]} ${found.diagnostics}`;
  if (told.has(text)) return;
  told.add(text);
  counts.set(kind, count + 1);
  findings.push(found);
}

/** Findings that strictness judges alike. */
const kindOf = ({ severity, rule, code }: Finding): string => `${severity} ${rule} ${code === 'invariant'}`;

/** Whether enough is known of a resource: it is refused from everyone, and is not read. */
export const isFull = ({ counts }: Walk): boolean => counts.get(REFUSED) === MAX_FINDINGS;
const REFUSED = 'error undefined false';

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
export function resolveIn(scope: PlaceInScope, reference: string): JsonObject | undefined {
  if (reference.startsWith('#')) return containedIn(scope, reference.slice(1));
  const { bundle } = scope;
  if (bundle === undefined) return undefined;
  const known = lookup(bundle, scope.lookups, entriesOf);
  if (known.has(reference)) return known.get(reference);
  const local = localReference(reference);
  return local && known.get(`/${local.type}/${local.id}`);
}

type PlaceInScope = Pick<Scope, 'root' | 'bundle' | 'lookups'>;

function containedIn({ root, lookups }: PlaceInScope, id: string): JsonObject | undefined {
  return id === '' ? root : lookup(root, lookups, containedOf).get(id);
}

/** A resource with contained ones is no Bundle, so either has one look-up. */
function lookup(
  resource: JsonObject,
  lookups: Scope['lookups'],
  make: (resource: JsonObject) => ReadonlyMap<string, JsonObject | undefined>,
): ReadonlyMap<string, JsonObject | undefined> {
  const known = lookups.get(resource) ?? make(resource);
  lookups.set(resource, known);
  return known;
}

/** By fullUrl, and with a slash in front by type and id, of the fullUrl and of the resource itself; the first of each. */
function entriesOf({ entry }: JsonObject): ReadonlyMap<string, JsonObject | undefined> {
  const found = new Map<string, JsonObject | undefined>();
  for (const one of Array.isArray(entry) ? entry : []) {
    if (!isObject(one)) continue;
    const { fullUrl } = one;
    const resource = isObject(one.resource) ? one.resource : undefined;
    const keys: (string | undefined)[] = [
      resource && nameOf(resource),
      ...(typeof fullUrl === 'string' ? [fullUrl, /\/[^/]+\/[^/]+$/.exec(fullUrl)?.[0]] : []),
    ];
    for (const key of keys) if (key !== undefined && !found.has(key)) found.set(key, resource);
  }
  return found;
}

const nameOf = ({ resourceType, id }: JsonObject): string | undefined =>
  typeof resourceType === 'string' && typeof id === 'string' ? `/${resourceType}/${id}` : undefined;

function containedOf({ contained }: JsonObject): ReadonlyMap<string, JsonObject | undefined> {
  const found = new Map<string, JsonObject>();
  for (const one of Array.isArray(contained) ? contained : [])
    if (isObject(one) && typeof one.id === 'string' && !found.has(one.id)) found.set(one.id, one);
  return found;
}
