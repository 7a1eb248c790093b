// The profiles that validation knows, each compiled when it is first asked for and kept by its definition; and how a value is held
// against one.

import { type Definitions, isOwnName, urlOf } from '../../definitions/definitions.ts';
import { SnapshotError } from '../../definitions/snapshot-error.ts';
import { resourceTypes } from '../../fhir/definitions.ts';
import { isObject, type JsonObject } from '../../fhir/json.ts';
import { localReference } from '../../fhir/references.ts';
import { apartFrom, note, resolveIn, type Walk } from '../walk.ts';
import { checkFound } from './check-elements.ts';
import { type ElementRules, elementRulesOf } from './element-rules.ts';
import type { Found } from './found.ts';

const TYPES = 'http://hl7.org/fhir/StructureDefinition/';
/** Whether a resource fits a profile may depend on what it refers to, and so on; what is farther away is not looked at. */
const MOST_QUESTIONS = 16;

export type Profiles = ReturnType<typeof createProfiles>;
type Compiled = { rules: ElementRules; missing: readonly string[]; type: string } | { why: string };

export function createProfiles(definitions: Definitions) {
  const compiled = new WeakMap<JsonObject, Compiled>();

  function compile(definition: JsonObject): Compiled {
    const known = compiled.get(definition);
    if (known) return known;
    const made = tryCompile(definition);
    compiled.set(definition, made);
    return made;
  }

  function tryCompile(definition: JsonObject): Compiled {
    try {
      return { ...elementRulesOf(definition, definitions), type: String(definition.type) };
    } catch (error) {
      if (error instanceof SnapshotError) return { why: error.message };
      throw error;
    }
  }

  /** As many as there are definitions: by what they are called themselves. */
  const byCanonical = new Map<string, Compiled>();
  function find(canonical: string): Compiled | undefined {
    const known = byCanonical.get(canonical);
    if (known) return known;
    const definition = definitions.find('StructureDefinition', canonical);
    const found = definition && compile(definition);
    if (found && isOwnName(canonical, definition)) byCanonical.set(canonical, found);
    return found;
  }

  const profiles = {
    /** The tree of a profile; undefined where it is not here or has no snapshot. */
    rulesOf(canonical: string): ElementRules | undefined {
      const found = find(canonical);
      return found && 'rules' in found ? found.rules : undefined;
    },

    /** Whether a value fits a profile. Undefined where the profile, or the resource itself, is not at hand. */
    conforms(found: Found, canonical: string, walk: Walk): boolean | undefined {
      if (isPlainType(canonical)) return isOfType(found.type, canonical.slice(TYPES.length));
      const profile = find(canonical);
      if (profile === undefined || 'why' in profile) return undefined;
      if (profile.type !== found.type) return false;
      if (found.value === undefined && found.sibling === undefined) return undefined;
      const known = walk.conforming.get(found.value) ?? new Map<string, boolean | undefined>();
      if (known.has(canonical)) return known.get(canonical);
      if (walk.questions >= MOST_QUESTIONS) return undefined;
      const apart = apartFrom(walk);
      profiles.check(profile, found, canonical, apart);
      const result = !apart.findings.some(({ severity }) => severity === 'error');
      // Where resources refer to each other each is looked at once, not once for every way that leads to it.
      if (isObject(found.value)) walk.conforming.set(found.value, known.set(canonical, result));
      return result;
    },

    /** Adds what a value does not fit of a profile. */
    report(found: Found, canonical: string, walk: Walk): void {
      const profile = find(canonical);
      if (profile === undefined) {
        note(
          walk,
          'warning',
          'not-found',
          `could not be held against the profile ${canonical}: it is not known here`,
          [],
          'unknown-profile',
        );
      } else if ('why' in profile) {
        note(
          walk,
          'warning',
          'not-found',
          `could not be held against the profile ${canonical}: ${profile.why}`,
          [],
          'unknown-profile',
        );
      } else if (profile.type !== found.type) {
        note(
          walk,
          'error',
          'structure',
          `must be of type ${profile.type} to fit the profile ${canonical}`,
          [],
          'profile',
        );
      } else {
        for (const base of profile.missing)
          note(
            walk,
            'warning',
            'not-found',
            `could not be held against ${base}, on which ${canonical} is based: it is not known here`,
            [],
            'unknown-profile',
          );
        profiles.check(profile, found, canonical, walk);
      }
    },

    check({ rules }: { rules: ElementRules }, found: Found, canonical: string, walk: Walk): void {
      const open = walk.open.get(found.value) ?? new Set();
      if (open.has(canonical)) return;
      walk.open.set(found.value, open.add(canonical));
      checkFound(rules, found, walk, { profiles, source: urlOf(canonical) });
      open.delete(canonical);
    },

    /** Whether a Reference leads to one of these types or profiles. Undefined where nothing says what it leads to. */
    isTarget({ value }: Found, targets: readonly string[], walk: Walk): boolean | undefined {
      const reference = isObject(value) && typeof value.reference === 'string' ? value.reference : undefined;
      if (reference === undefined) return undefined;
      const at = resolveIn(walk.scope, reference);
      if (at) {
        const found = { value: at, sibling: undefined, type: String(at.resourceType), index: undefined };
        const results = targets.map((target) => profiles.conforms(found, target, walk));
        return results.includes(true) ? true : results.includes(undefined) ? undefined : false;
      }
      const type = typeNamed(reference) ?? (isObject(value) && typeof value.type === 'string' ? value.type : undefined);
      if (type === undefined || !resourceTypes.has(type)) return undefined;
      return targets.some((target) => {
        if (isPlainType(target)) return isOfType(type, target.slice(TYPES.length));
        const profile = find(target);
        return profile === undefined || 'why' in profile || profile.type === type;
      });
    },
  };
  return profiles;
}

const isPlainType = (canonical: string): boolean =>
  canonical.startsWith(TYPES) &&
  /^[A-Z][A-Za-z]+$/.test(canonical.slice(TYPES.length)) &&
  (resourceTypes.has(canonical.slice(TYPES.length)) ||
    canonical === `${TYPES}Resource` ||
    canonical === `${TYPES}DomainResource`);

const isOfType = (type: string, wanted: string): boolean =>
  wanted === 'Resource' || wanted === 'DomainResource' || type === wanted;

function typeNamed(reference: string): string | undefined {
  const relative = reference.replace(
    /^https?:\/\/.*\/(?=[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]+)?$)/,
    '',
  );
  return localReference(relative)?.type;
}
