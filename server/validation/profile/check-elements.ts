// A value held against a profile's tree: cardinality, types, fixed values and patterns, bindings, invariants, slices.
// FHIR R4, https://hl7.org/fhir/R4/profiling.html

import { isObject, type JsonObject, numberText } from '../../fhir/json.ts';
import { checkBinding } from '../binding.ts';
import { checkConstraints } from '../constraint.ts';
import type { Binding } from '../demands.ts';
import { isFull, note, type Scope, scopeAt, type Walk } from '../walk.ts';
import type { ElementRules, TypeRule } from './element-rules.ts';
import { type Found, valuesOf } from './found.ts';
import { holdsPattern, isSame } from './same-value.ts';
import { type ProfileTests, type SliceTest, sliceTest, urlOfExtension } from './slices.ts';

/** Other profiles, as the check of one needs them. */
export type OtherProfiles = ProfileTests & {
  report(found: Found, canonical: string, walk: Walk): void;
  isTarget(found: Found, targets: readonly string[], walk: Walk): boolean | undefined;
};

/** What is needed beside the tree: other profiles, and by what name findings call this one. */
export type ProfileCheck = { profiles: OtherProfiles; source: string };

/** Checks what is asked of the value itself and of everything below it. The walk stands at the value. */
export function checkFound(rules: ElementRules, found: Found, walk: Walk, check: ProfileCheck): void {
  if (!rules.isAsking || isFull(walk)) return;
  const { scope } = walk;
  walk.scope = scopeAt(found.value, scope);
  checkAsked(rules, found, walk, check, scope);
  walk.scope = scope;
}

function checkAsked(rules: ElementRules, found: Found, walk: Walk, check: ProfileCheck, around: Scope): void {
  const { value, type } = found;
  if (!isOfType(rules, found, walk, check)) return;
  if (value !== undefined) {
    checkWanted(rules, value, walk, check);
    checkRange(rules, value, walk, check);
    if (rules.binding) checkBinding(bindingFor(rules, rules.binding, type), { value, type }, walk, check.source);
    if (rules.constraints.length > 0) checkInvariants(rules, found, walk, check, around);
  } else if (rules.wanted) problem(walk, 'value', 'must have the value that is fixed for it', check, rules);
  const owner = isObject(value) ? value : isObject(found.sibling) ? found.sibling : {};
  for (const child of rules.asking) checkElement(child, owner, walk, check);
}

/** Who asks of an element asks as the resource that has it (`%resource`), also where the element is a resource itself. */
function checkInvariants(
  { id, constraints }: ElementRules,
  { value, type }: Found,
  walk: Walk,
  { source }: ProfileCheck,
  around: Scope,
): void {
  const { scope } = walk;
  if (id.includes('.')) walk.scope = around;
  checkConstraints(constraints, { value, type }, walk, source);
  walk.scope = scope;
}

/** A value set on a choice of many types is meant for its codes; for the unit of a Quantity it is a hint, as HL7's validator takes it. */
function bindingFor({ types }: ElementRules, binding: Binding, type: string): Binding {
  return type === 'Quantity' && types.length !== 1 ? { ...binding, strength: 'extensible' } : binding;
}

function checkElement(rules: ElementRules, owner: JsonObject, walk: Walk, check: ProfileCheck): void {
  const all = valuesOf(owner, rules.keys);
  walk.path.push(rules.name);
  checkCount(rules, all.length, walk, check);
  for (const found of all) {
    if (found.index !== undefined) walk.path.push(found.index);
    checkFound(rules, found, walk, check);
    if (found.index !== undefined) walk.path.pop();
  }
  if (rules.slices.length > 0 || rules.slicing?.rules === 'closed') checkSlices(rules, all, walk, check);
  walk.path.pop();
}

function checkCount({ min, max, sliceName, id }: ElementRules, count: number, walk: Walk, check: ProfileCheck): void {
  const what = sliceName === undefined ? '' : ` of slice ${sliceName}`;
  if (count < min)
    problem(walk, 'required', `must be there at least ${times(min)}${what}, not ${times(count)}`, check, { id });
  if (count > max)
    problem(walk, 'structure', `must be there at most ${times(max)}${what}, not ${times(count)}`, check, { id });
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

function checkSlices(rules: ElementRules, all: readonly Found[], walk: Walk, check: ProfileCheck): void {
  const { slices, slicing } = rules;
  if (slicing === undefined) return;
  const tests = testsOf(rules, check.profiles);
  const counts = slices.map(() => 0);
  let last = 0;
  let isUnclear = false;
  for (const found of all) {
    at(found, walk, () => {
      const of = tests.findIndex((test) => test(found, walk) === true);
      const slice = slices[of];
      if (slice) {
        counts[of] = (counts[of] ?? 0) + 1;
        if (slicing.isOrdered && of < last)
          problem(walk, 'structure', `must stand before what is of slice ${slices[last]?.sliceName}`, check, slice);
        last = Math.max(last, of);
        checkFound(slice, found, walk, check);
        checkReslices(slice, found, walk, check);
      } else if (tests.some((test) => test(found, walk) === undefined)) isUnclear = true;
      else if (slicing.rules === 'closed')
        problem(walk, 'structure', 'fits none of the slices, and others are not allowed', check, rules);
    });
  }
  if (isUnclear)
    note(
      walk,
      'information',
      'informational',
      `has slices that cannot be told apart here (${check.source})`,
      [],
      'profile',
    );
  slices.forEach((slice, n) => {
    if (!isUnclear || (counts[n] ?? 0) > 0) checkCount(slice, counts[n] ?? 0, walk, check);
  });
}

/** Slices of a slice: counted over the values of one only where they are told apart as the slice is. */
function checkReslices(slice: ElementRules, found: Found, walk: Walk, check: ProfileCheck): void {
  if (slice.slices.length === 0 || slice.slicing === undefined) return;
  const of = testsOf(slice, check.profiles).findIndex((test) => test(found, walk) === true);
  const inner = slice.slices[of];
  if (inner) checkFound(inner, found, walk, check);
}

const knownTests = new WeakMap<ElementRules, readonly SliceTest[]>();

function testsOf(rules: ElementRules, profiles: OtherProfiles): readonly SliceTest[] {
  const known = knownTests.get(rules);
  if (known) return known;
  const { slicing } = rules;
  const tests = rules.slices.map((slice) => (slicing ? testOf(slice, rules, profiles) : () => undefined));
  knownTests.set(rules, tests);
  return tests;
}

function testOf(slice: ElementRules, { name, slicing }: ElementRules, profiles: OtherProfiles): SliceTest {
  if (slicing === undefined) return () => undefined;
  // Slices of extensions are told apart by url, and nearly all are.
  if (name === 'extension' || name === 'modifierExtension') {
    const url = urlOfExtension(slice, profiles);
    if (url !== undefined) return ({ value }) => isObject(value) && value.url === url;
  }
  return sliceTest(slicing, slice, profiles);
}

/** False where the rest of the rules would speak of another type. */
function isOfType(rules: ElementRules, found: Found, walk: Walk, check: ProfileCheck): boolean {
  const { types, byType } = rules;
  if (types.length === 0) return true;
  if (!byType.has(found.type)) byType.set(found.type, typeRule(types, found.type));
  const own = byType.get(found.type);
  if (own === undefined) {
    problem(
      walk,
      'structure',
      `must be of type ${types.map(({ code }) => code).join(' or ')}, not ${found.type}`,
      check,
      rules,
    );
    return false;
  }
  if (own.profiles.length > 0) checkProfilesOf(own.profiles, found, walk, check, rules);
  if (own.targets.length > 0) checkTargets(own.targets, found, walk, check, rules);
  return true;
}

const ANY = new Set(['Resource', 'DomainResource', 'Element', 'BackboneElement']);

/** What all that is said of a type comes to. */
function typeRule(types: readonly TypeRule[], type: string): TypeRule | undefined {
  const own = types.filter(({ code }) => code === type || ANY.has(code));
  if (own.length === 0) return undefined;
  return {
    code: type,
    profiles: own.flatMap(({ profiles }) => profiles),
    targets: own.flatMap(({ targets }) => targets),
  };
}

/** One of the profiles that the type names has to fit. Extensions have been held against theirs by url. */
function checkProfilesOf(
  wanted: readonly string[],
  found: Found,
  walk: Walk,
  check: ProfileCheck,
  { id }: { id: string },
): void {
  if (found.type === 'Extension') return;
  const results = wanted.map((canonical) => check.profiles.conforms(found, canonical, walk));
  if (results.some((one) => one !== false)) return;
  if (wanted.length === 1) check.profiles.report(found, wanted[0] as string, walk);
  else problem(walk, 'structure', `must fit one of ${wanted.join(', ')}`, check, { id });
}

/** What a reference leads to is of one of the types; and, where it is at hand, of one of the profiles. */
function checkTargets(
  targets: readonly string[],
  found: Found,
  walk: Walk,
  check: ProfileCheck,
  { id }: { id: string },
): void {
  if (found.type !== 'Reference') return;
  const result = check.profiles.isTarget(found, targets, walk);
  if (result === false) problem(walk, 'structure', `must refer to ${targets.join(' or ')}`, check, { id });
}

function checkWanted({ wanted, id }: ElementRules, value: unknown, walk: Walk, check: ProfileCheck): void {
  if (wanted === undefined) return;
  const fits = wanted.isPattern ? holdsPattern(value, wanted.value) : isSame(value, wanted.value);
  if (!fits)
    problem(walk, 'value', `must ${wanted.isPattern ? 'hold' : 'be'} ${JSON.stringify(wanted.value)}`, check, { id });
}

function checkRange(
  { maxLength, minValue, maxValue, id }: ElementRules,
  value: unknown,
  walk: Walk,
  check: ProfileCheck,
): void {
  if (maxLength !== undefined && typeof value === 'string' && [...value].length > maxLength)
    problem(walk, 'too-long', `must not be longer than ${maxLength} characters`, check, { id });
  if (minValue !== undefined && compared(value, minValue) === -1)
    problem(walk, 'value', `must not be less than ${textOf(minValue)}`, check, { id });
  if (maxValue !== undefined && compared(value, maxValue) === 1)
    problem(walk, 'value', `must not be more than ${textOf(maxValue)}`, check, { id });
}

/** -1, 0, 1; undefined for values that have no order. Dates and times by their text as far as both go; quantities of one unit. */
function compared(value: unknown, limit: unknown): number | undefined {
  if (isObject(value) && isObject(limit))
    return value.code === limit.code ? compared(value.value, limit.value) : undefined;
  const [a, b] = [numberText(value), numberText(limit)];
  if (a !== undefined && b !== undefined) return Math.sign(Number(a) - Number(b));
  if (typeof value !== 'string' || typeof limit !== 'string') return undefined;
  const length = Math.min(value.length, limit.length);
  const [x, y] = [value.slice(0, length), limit.slice(0, length)];
  return x < y ? -1 : x > y ? 1 : 0;
}

const textOf = (limit: unknown): string => numberText(limit) ?? JSON.stringify(limit);

function at(found: Found, walk: Walk, run: () => void): void {
  if (found.index === undefined) run();
  else {
    walk.path.push(found.index);
    run();
    walk.path.pop();
  }
}

function problem(walk: Walk, code: string, words: string, { source }: ProfileCheck, { id }: { id: string }): void {
  note(walk, 'error', code, `${words} (${id} of ${source})`, [], 'profile');
}
