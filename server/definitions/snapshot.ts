// The snapshot of a StructureDefinition: every element a profile allows, made from its differential and the snapshot of its base.
// FHIR R4, https://hl7.org/fhir/R4/profiling.html#snapshot

import type { JsonObject } from '../fhir/json.ts';
import type { Definitions } from './definitions.ts';
import type { ElementDefinition } from './element-definition.ts';
import { type ElementNode, elementsOf, listOf, treeOf } from './element-tree.ts';
import { mergedElement } from './merge-element.ts';
import { mergedTree } from './merge-tree.ts';
import { SnapshotError } from './snapshot-error.ts';

/**
 * `missing`: canonicals of what is not here, and has the plain type stand in for it: bases, and profiles of elements that the
 * differential goes below.
 */
export type Snapshot = { elements: readonly ElementDefinition[]; missing: readonly string[] };

/**
 * The elements in order, each with its id and path. What is said of a sliced element holds for the items of each slice too, and
 * a slice repeats it only as far as it stood when the slice was made: an item is to be held against both. Made once for a
 * definition among definitions, both by identity. Throws SnapshotError, also where a base is missing.
 */
export function snapshotOf(definition: JsonObject, definitions: Definitions): readonly ElementDefinition[] {
  const { elements, missing } = partialSnapshotOf(definition, definitions);
  const [first] = missing;
  if (first === undefined) return elements;
  throw missingBase(definition, first);
}

/** The same where profiles are missing: then what the missing ones ask is not in it. Throws SnapshotError. */
export function partialSnapshotOf(definition: JsonObject, definitions: Definitions): Snapshot {
  const structure = structureOf(definition, { definitions, underway: new Set() });
  structure.snapshot ??= {
    elements: listOf(structure.root, structure.name, nameOf(definition)),
    missing: structure.missing,
  };
  return structure.snapshot;
}

/** `name` is the first part of every path. */
type Structure = { root: ElementNode; name: string; missing: readonly string[]; snapshot?: Snapshot };

/** `underway` are the definitions whose structures wait for this one. */
type Making = { definitions: Definitions; underway: ReadonlySet<JsonObject> };

const kept = new WeakMap<Definitions, WeakMap<JsonObject, Structure>>();
/** Longer than any chain of bases and of profiles of types within profiles. */
const MOST_UNDERWAY = 40;
const CORE = 'http://hl7.org/fhir/StructureDefinition/';

function structureOf(definition: JsonObject, { definitions, underway }: Making): Structure {
  const known = kept.get(definitions) ?? new WeakMap<JsonObject, Structure>();
  kept.set(definitions, known);
  const before = known.get(definition);
  if (before) return before;
  if (underway.has(definition))
    throw new SnapshotError(
      'cyclic',
      `${nameOf(definition)} is based on itself, or goes below an element that it is the profile of`,
    );
  if (underway.size >= MOST_UNDERWAY)
    throw new SnapshotError('too-deep', `${nameOf(definition)} stands on more than ${MOST_UNDERWAY} other profiles`);
  const made = madeStructure(definition, { definitions, underway: new Set([...underway, definition]) });
  known.set(definition, made);
  return made;
}

function madeStructure(definition: JsonObject, making: Making): Structure {
  const own = elementsOf(definition.snapshot, nameOf(definition));
  const differential = elementsOf(definition.differential, nameOf(definition));
  const base = baseOf(definition, making.definitions);
  const isType = definition.derivation !== 'constraint';
  if (own.length > 0 && (isType || differential.length === 0 || base === undefined))
    return { ...treeOf(own, nameOf(definition)), missing: [] };
  if (differential.length === 0 && (isType || definition.differential === undefined))
    throw new SnapshotError('no-elements', `${nameOf(definition)} has neither a snapshot nor a differential`);
  const under = structureOf(base ?? typeOf(definition, making.definitions), making);
  const missing = new Set(base ? under.missing : [...under.missing, String(definition.baseDefinition)]);
  if (differential.length === 0) return { root: under.root, name: under.name, missing: [...missing] };
  const { root, name } = treeOf(differential, nameOf(definition));
  if (name !== under.name && !isType)
    throw new SnapshotError('unknown-path', `${nameOf(definition)} has ${name} where its base has ${under.name}`);
  const merged = mergedTree(under.root, root, {
    name,
    owner: nameOf(definition),
    mayAdd: isType,
    ofType: (code) => structureOf(namedType(code, nameOf(definition), making.definitions), making).root,
    ofProfile(canonical) {
      const profile = making.definitions.find('StructureDefinition', canonical);
      const structure = profile && structureOf(profile, making);
      for (const one of structure?.missing ?? [canonical]) missing.add(one);
      return structure?.root;
    },
    rootOf(canonical) {
      const profile = making.definitions.find('StructureDefinition', canonical);
      return profile && rootOf(profile, making.definitions);
    },
  });
  return { root: merged, name, missing: [...missing] };
}

function baseOf({ baseDefinition }: JsonObject, definitions: Definitions): JsonObject | undefined {
  return typeof baseDefinition === 'string' ? definitions.find('StructureDefinition', baseDefinition) : undefined;
}

/** What stands in for a base that is missing. */
function typeOf(definition: JsonObject, definitions: Definitions): JsonObject {
  const { type, derivation, baseDefinition } = definition;
  if (derivation === 'constraint' && typeof type === 'string') return namedType(type, nameOf(definition), definitions);
  throw missingBase(definition, String(baseDefinition));
}

const missingBase = (definition: JsonObject, canonical: string): SnapshotError =>
  new SnapshotError('missing-base', `${nameOf(definition)} is based on ${canonical}, which is not here`, canonical);

function namedType(code: string, owner: string, definitions: Definitions): JsonObject {
  const url = code.includes(':') ? code : CORE + code;
  const found = definitions.find('StructureDefinition', url);
  if (found) return found;
  throw new SnapshotError('unknown-type', `${owner} uses the type ${code}, which is not here`, url);
}

/** The root element alone, for which the profiles of what stands below are not needed. */
function rootOf(profile: JsonObject, definitions: Definitions, bases = 0): ElementDefinition | undefined {
  const isType = profile.derivation !== 'constraint';
  const elements = elementsOf(isType ? profile.snapshot : profile.differential, nameOf(profile));
  const root = elements.find(({ path }) => !path.includes('.'));
  const base = isType || bases > MOST_UNDERWAY ? undefined : baseOf(profile, definitions);
  const under = base && rootOf(base, definitions, bases + 1);
  return under && root ? mergedElement(under, root) : (root ?? under);
}

const nameOf = ({ url, name }: JsonObject): string => String(url ?? name ?? 'a StructureDefinition without a url');
