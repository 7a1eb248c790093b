// Which slice a value is of: the discriminators of a slicing made into tests. FHIR R4, https://hl7.org/fhir/R4/profiling.html#slicing

import { isObject } from '../../fhir/json.ts';
import { codedIn, isMember } from '../coded.ts';
import type { Walk } from '../walk.ts';
import type { ElementRules, Slicing, TypeRule } from './element-rules.ts';
import { type Found, follow, type Step, stepsOf, valuesOf } from './found.ts';
import { holdsPattern, isSame } from './same-value.ts';

/** Undefined where the profile gives nothing to tell by. */
export type SliceTest = (found: Found, walk: Walk) => boolean | undefined;

/** ProfileTests by canonical, as the tests need them: their tree, and whether a value is of one. */
export type ProfileTests = {
  rulesOf(canonical: string): ElementRules | undefined;
  conforms(found: Found, canonical: string, walk: Walk): boolean | undefined;
};

/** All discriminators have to hold. */
export function sliceTest({ discriminators }: Slicing, slice: ElementRules, profiles: ProfileTests): SliceTest {
  const tests = discriminators.map(({ type, path }) => discriminatorTest(type, path, slice, profiles));
  if (tests.length === 0) return () => undefined;
  // A slice may leave one of several discriminators open.
  return (found, walk) => allOf(tests, found, walk);
}

function discriminatorTest(type: string, path: string, slice: ElementRules, profiles: ProfileTests): SliceTest {
  const steps = stepsOf(path);
  if (steps === undefined) return () => undefined;
  const place = placeIn(slice, steps, profiles);
  const at: At = (found, walk) =>
    steps.length === 1 && steps[0]
      ? follow(found, steps[0], walk.scope)
      : steps.reduce<Found[]>((all, step) => all.flatMap((one) => follow(one, step, walk.scope)), [found]);
  if (type === 'type') return typeTest(place, at);
  if (type === 'exists') return existsTest(place, at);
  if (type === 'profile') return profileTest(place, at, profiles);
  return valueTest(place, at, profiles);
}

type At = (found: Found, walk: Walk) => Found[];
/** The rules a path leads to in a slice, or as far as the profile goes with the rest of a fixed value or pattern. */
type SlicePlace = { rules: ElementRules | undefined; given: unknown; isGiven: boolean; types: readonly TypeRule[] };

function placeIn(slice: ElementRules, steps: readonly Step[], profiles: ProfileTests): SlicePlace {
  let rules: ElementRules | undefined = slice;
  let given: unknown = slice.wanted?.value;
  let types: readonly TypeRule[] = slice.types;
  for (const step of steps) {
    const next: ElementRules | undefined = rules && stepped(rules, step, profiles);
    given = next?.wanted?.value ?? givenBelow(given, step);
    if (step.kind !== 'ofType') types = next?.types ?? [];
    else types = types.filter(({ code }) => code === step.type);
    rules = next;
  }
  return { rules, given, isGiven: given !== undefined, types };
}

function stepped(rules: ElementRules, step: Step, profiles: ProfileTests): ElementRules | undefined {
  if (step.kind === 'ofType') return rules;
  if (step.kind === 'resolve') {
    const targets = rules.types.flatMap((one) => one.targets);
    return targets.length === 1 ? profiles.rulesOf(targets[0] as string) : undefined;
  }
  if (step.kind === 'extension') {
    const extensions = rules.children.find(({ name }) => name === 'extension');
    const slice = extensions?.slices.find((one) => urlOfExtension(one, profiles) === step.url);
    // What the slice itself says of the extension narrows the extension's definition.
    if (slice === undefined || slice.children.length > 0) return slice;
    return profiles.rulesOf(slice.types[0]?.profiles[0] ?? '') ?? slice;
  }
  const child = rules.children.find(({ name }) => name === step.name);
  if (child) return child;
  const [profile] = rules.types.flatMap((one) => one.profiles);
  return profile === undefined ? undefined : profiles.rulesOf(profile)?.children.find(({ name }) => name === step.name);
}

/** The url that an extension slice stands for: its profile's, or what its own `url` element is fixed to. */
export function urlOfExtension(slice: ElementRules, profiles: ProfileTests): string | undefined {
  const own = slice.children.find(({ name }) => name === 'url')?.wanted?.value;
  if (typeof own === 'string') return own;
  const [profile] = slice.types.flatMap((one) => one.profiles);
  if (profile === undefined) return undefined;
  const fixed = profiles.rulesOf(profile)?.children.find(({ name }) => name === 'url')?.wanted?.value;
  return typeof fixed === 'string' ? fixed : profile.replace(/\|.*$/, '');
}

function givenBelow(given: unknown, step: Step): unknown {
  if (step.kind !== 'element') return undefined;
  const values = Array.isArray(given)
    ? given.map((one) => givenBelow(one, step))
    : isObject(given)
      ? [given[step.name]]
      : [];
  const some = values.flat().filter((one) => one !== undefined);
  return some.length === 0 ? undefined : some.length === 1 ? some[0] : some;
}

function typeTest({ types, rules }: SlicePlace, at: At): SliceTest {
  const codes = new Set(types.length > 0 ? types.map(({ code }) => code) : [rules?.name ?? '']);
  return (found, walk) => at(found, walk).some(({ type }) => codes.has(type));
}

function existsTest({ rules }: SlicePlace, at: At): SliceTest {
  if (rules === undefined) return () => undefined;
  const isWanted = rules.max > 0;
  return (found, walk) => at(found, walk).length > 0 === isWanted;
}

function profileTest({ types }: SlicePlace, at: At, profiles: ProfileTests): SliceTest {
  const wanted = types.flatMap(({ profiles: own, targets }) => [...own, ...targets]);
  if (wanted.length === 0) return () => undefined;
  return (found, walk) =>
    at(found, walk).some((one) => wanted.some((canonical) => profiles.conforms(one, canonical, walk) === true));
}

function valueTest(place: SlicePlace, at: At, profiles: ProfileTests): SliceTest {
  const { rules, given, isGiven } = place;
  if (rules?.wanted) return (found, walk) => at(found, walk).some(({ value }) => isWanted(value, rules));
  if (isGiven) {
    const all = Array.isArray(given) ? given : [given];
    return (found, walk) => {
      const values = at(found, walk);
      return all.every((one) => values.some(({ value }) => holdsPattern(value, one)));
    };
  }
  if (rules === undefined) return () => undefined;
  const criteria = criteriaOf(rules, profiles);
  if (criteria) return (found, walk) => some(at(found, walk), criteria, walk);
  const codes = new Set(rules.types.flatMap(({ profiles: own }) => own));
  if (codes.size > 0)
    return (found, walk) =>
      at(found, walk).some((one) => [...codes].some((url) => profiles.conforms(one, url, walk) === true));
  // A slice may say nothing of the value but that there is none.
  return rules.max === 0 ? (found, walk) => at(found, walk).length === 0 : () => undefined;
}

function isWanted(value: unknown, { wanted }: ElementRules): boolean {
  if (wanted === undefined) return true;
  return wanted.isPattern ? holdsPattern(value, wanted.value) : isSame(value, wanted.value);
}

/** Undefined where it rests on a value set that cannot be looked up here. */
type Criteria = SliceTest;

/** What an element and those below it fix: values, patterns, required codes. Undefined when nothing. */
function criteriaOf(rules: ElementRules, profiles: ProfileTests): Criteria | undefined {
  const all: Criteria[] = [];
  if (rules.wanted) all.push(({ value }) => isWanted(value, rules));
  const { binding } = rules;
  if (binding?.strength === 'required') all.push((found, walk) => isInSet(found, binding.valueSet, walk));
  for (const child of rules.children) {
    const below = criteriaOf(child, profiles);
    if (below) all.push((found, walk) => some(valuesIn(found, child), below, walk));
    for (const slice of child.slices.filter(({ min }) => min > 0)) {
      const inSlice = criteriaOf(slice, profiles);
      if (inSlice) all.push((found, walk) => some(valuesIn(found, child), inSlice, walk));
    }
  }
  return all.length === 0 ? undefined : (found, walk) => allOf(all, found, walk);
}

/** What cannot be told stands back behind what can. */
function allOf(tests: readonly SliceTest[], found: Found, walk: Walk): boolean | undefined {
  let result: boolean | undefined;
  for (const test of tests) {
    const one = test(found, walk);
    if (one === false) return false;
    result ??= one;
  }
  return result;
}

function some(values: readonly Found[], test: SliceTest, walk: Walk): boolean | undefined {
  let result: boolean | undefined = false;
  for (const value of values) {
    const one = test(value, walk);
    if (one === true) return true;
    if (one === undefined) result = undefined;
  }
  return result;
}

const valuesIn = ({ value }: Found, child: ElementRules): Found[] =>
  isObject(value) ? valuesOf(value, child.keys) : [];

function isInSet({ value, type }: Found, valueSet: string, { terminology }: Walk): boolean | undefined {
  return isMember(codedIn(value, type) ?? [], valueSet, terminology);
}
