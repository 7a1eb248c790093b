// Validation: one call that holds a resource against FHIR R4 and the profiles it declares or that are asked for. Everything is
// compiled from definitions when it is first needed; nothing is read from elsewhere. FHIR R4, https://hl7.org/fhir/R4/validation.html

import type { Definitions } from '../definitions/definitions.ts';
import { resourceTypes } from '../fhir/definitions.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import type { Terminology } from '../terminology/terminology.ts';
import { checkResource } from './base.ts';
import { baseRulesOf } from './base-rules.ts';
import { checkExtensionDefinition } from './extensions.ts';
import { type Finding, type Place, TooCostly } from './finding.ts';
import { createProfiles } from './profile/profiles.ts';
import { datatypeRules, impliedProfiles, resourceRules, textRules } from './rules/resource-rules.ts';
import { type Asked, add, expressionOf, newWalk, type Walk } from './walk.ts';

export type ValidatorOptions = { definitions: Definitions; terminology: Terminology };
export type Validator = ReturnType<typeof createValidator>;

export function createValidator({ definitions, terminology }: ValidatorOptions) {
  const profiles = createProfiles(definitions);
  const asked: Asked = {
    rulesOf: baseRulesOf(definitions),
    extension: (value, walk) => checkExtensionDefinition(value, profiles, walk),
    conformsTo: (profile, value, type, walk) =>
      profiles.conforms({ value, sibling: undefined, type, index: undefined }, profile, walk),
    resource(value, walk) {
      const type = String(value.resourceType);
      for (const canonical of declaredProfiles(value)) profiles.report(foundIn(value), canonical, walk);
      for (const canonical of impliedProfiles[type]?.(value) ?? []) reportImplied(value, canonical, walk);
      const place = placeOf(walk, expressionOf(walk));
      for (const rule of resourceRules[type] ?? []) walk.later.push(() => bounded(() => rule(value, place), place));
    },
    object(value, type, walk) {
      for (const rule of datatypeRules[type] ?? []) rule(value, placeOf(walk), '');
    },
    text(value, type, walk) {
      for (const rule of textRules[type] ?? []) rule(value, placeOf(walk), '');
    },
  };

  /** What a resource says may bind it to a profile that its sender has never heard of. */
  function reportImplied(value: JsonObject, canonical: string, walk: Walk): void {
    const before = walk.findings.length;
    profiles.report(foundIn(value), canonical, walk);
    for (const one of walk.findings.slice(before)) if (one.rule === 'profile') one.rule = 'beyond';
  }

  /**
   * What is wrong with a resource as `parseJson` gives it, and what could not be told; empty when nothing is. `profiles` are held
   * to beside those that it declares in `meta.profile`. Texts name elements, rules and allowed values, and never quote what a
   * person wrote. At most 100 findings of a kind: of a severity and rule.
   */
  return function validate(resource: unknown, asking: { profiles?: readonly string[] } = {}): Finding[] {
    const whole = isObject(resource) ? resource : {};
    const walk = newWalk(whole, { definitions, terminology, asked });
    const type = whole.resourceType;
    if (typeof type === 'string' && resourceTypes.has(type)) walk.path.push(type);
    checkResource(resource, walk);
    if (!walk.isMalformed) for (const rule of walk.later) rule();
    const declared = new Set(declaredProfiles(whole));
    for (const canonical of asking.profiles ?? [])
      if (!declared.has(canonical)) profiles.report(foundIn(whole), canonical, walk);
    return walk.findings;
  };
}

function declaredProfiles({ meta }: JsonObject): string[] {
  const profile = isObject(meta) ? meta.profile : undefined;
  return Array.isArray(profile) ? [...new Set(profile)].filter((one) => typeof one === 'string') : [];
}

const foundIn = (value: JsonObject) => ({
  value,
  sibling: undefined,
  type: String(value.resourceType),
  index: undefined,
});

/** `path` is told where a rule needs it whole. */
function placeOf(walk: Walk, path = ''): Place {
  const { scope, definitions, terminology } = walk;
  return {
    path,
    root: scope.root,
    ...(scope.bundle && { outer: scope.bundle }),
    definitions,
    terminology,
    report(severity, code, at, diagnostics) {
      const expression = at === '' || at.startsWith('.') ? expressionOf(walk) + at : at;
      add(walk, {
        severity,
        code,
        expression: [expression],
        diagnostics: `${expression}: ${diagnostics}`,
        rule: 'beyond',
      });
    },
    spend(steps) {
      walk.effort.left -= steps;
      if (walk.effort.left < 0) throw new TooCostly();
    },
  };
}

/** What is not checked to its end is refused: it could hold anything. */
function bounded(run: () => void, place: Place): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof TooCostly)) throw error;
    place.report('error', 'too-costly', place.path, 'The resource is too large, or too entangled, to be checked');
  }
}
