// The implementation guide in profiles/: every profile stands on what there is, every example keeps what its profile asks, and
// every rule of ours can be broken.
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../server/fhir/json.ts';
import { refusalsOf } from '../support/valid.ts';
import {
  baseElement,
  constraintsOf,
  definitions,
  type Element,
  evaluate,
  examples,
  hasJpCore,
  holds,
  type Profile,
  placeIn,
  profiles,
  unmet,
  valueSets,
} from './guide.ts';

const named = (list: readonly { id?: unknown }[]) => list.map((one) => [String(one.id), one] as const);
const isOfJpCore = (url: string) => url.startsWith('http://jpfhir.jp/');
const exists = (type: string, url: string) =>
  (isOfJpCore(url) && !hasJpCore) || definitions.find(type, url) !== undefined;
const exampleOf = (id: string) => {
  const found = examples.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no example ${id}`);
  return structuredClone(found);
};

describe.each(named(profiles) as [string, Profile][])('profile %s', (_, profile) => {
  const elements = profile.differential.element;

  test('names elements that its type has, in the order of the type', () => {
    expect(elements.filter(({ path }) => baseElement(profile.type, path) === undefined)).toEqual([]);
    expect(elements.filter(({ id, path }) => id.replaceAll(/:[^.]+/g, '') !== path)).toEqual([]);
    expect(new Set(elements.map(({ id }) => id)).size).toBe(elements.length);
    const unsliced = elements.filter(({ id }) => !id.includes(':'));
    const places = unsliced.map(({ path }) => placeIn(profile.type, path));
    expect(unsliced.filter((_, n) => (places[n] ?? 0) < (places[n - 1] ?? 0)).map(({ id }) => id)).toEqual([]);
  });

  test('stands on definitions that there are, and on one of its own type', () => {
    expect(exists('StructureDefinition', profile.baseDefinition)).toBe(true);
    const base = definitions.find('StructureDefinition', profile.baseDefinition);
    if (base !== undefined) expect(base.type).toBe(profile.type);
    const linked = elements.flatMap(({ type = [] }) =>
      type.flatMap((one) => [...(one.profile ?? []), ...(one.targetProfile ?? [])]),
    );
    expect(linked.filter((url) => !exists('StructureDefinition', url))).toEqual([]);
    const bound = elements.flatMap(({ binding }) => binding?.valueSet ?? []);
    expect(bound.filter((url) => !exists('ValueSet', url))).toEqual([]);
  });

  test('asks for no less than FHIR R4 does, and for more only with its reason', () => {
    for (const one of elements.filter(({ sliceName }) => sliceName === undefined)) {
      const base = baseElement(profile.type, one.path) as { min: number; max: string };
      if (one.min !== undefined) expect([one.id, one.min >= base.min]).toEqual([one.id, true]);
      if (one.max !== undefined && base.max !== '*')
        expect([one.id, Number(one.max) <= Number(base.max)]).toEqual([one.id, true]);
    }
    expect(elements.filter((one) => isDemand(one) && !hasReason(one, elements)).map(({ id }) => id)).toEqual([]);
  });

  test('says what it means in Japanese and in English', () => {
    for (const member of ['title', 'description']) {
      expect(profile[member]).toEqual(expect.any(String));
      expect(japanese(profile, member)).toMatch(/[ぁ-んァ-ヶ一-龠]/);
    }
    for (const one of elements) {
      for (const member of ['short', 'requirements', 'comment'].filter((name) => one[name] !== undefined))
        expect([one.id, japanese(one, member)]).toEqual([one.id, expect.stringMatching(/[ぁ-んァ-ヶ一-龠VJ]/)]);
      for (const constraint of one.constraint ?? [])
        expect(japanese(constraint as unknown as JsonObject, 'human')).toMatch(/[ぁ-んァ-ヶ一-龠]/);
    }
  });

  test('has an example', () => {
    expect(examples.some(({ meta }) => meta.profile?.includes(profile.url))).toBe(true);
  });
});

/** What makes a resource of R4 not one of the profile. */
const isDemand = ({ min = 0, max, id, sliceName }: Element): boolean =>
  (min > 0 || max === '0') && sliceName === undefined && !/:[^.]+\./.test(id);

/** Given at the element, or at the element that it belongs to. */
const hasReason = (one: Element, elements: readonly Element[]): boolean =>
  one.requirements !== undefined ||
  elements.some(({ id, requirements }) => one.id.startsWith(`${id}.`) && requirements !== undefined) ||
  elements.some(({ id, requirements }) => id.startsWith(`${one.id}:`) && requirements !== undefined);

function japanese(owner: JsonObject, member: string): unknown {
  const [translation] = evaluate(owner, `_${member}.extension.where(extension.where(url = 'lang').valueCode = 'ja')`);
  const parts = (translation as { extension?: { url: string; valueString?: string }[] } | undefined)?.extension;
  return parts?.find(({ url }) => url === 'content')?.valueString;
}

test.each(named(valueSets))('value set %s is valid, and its codes are those of its code systems', (_, valueSet) => {
  expect(refusalsOf(valueSet)).toEqual([]);
  const { include } = (valueSet as JsonObject).compose as { include: { system: string; concept?: Coded[] }[] };
  for (const { system, concept = [] } of include) {
    const known = definitions.find('CodeSystem', system);
    const codes = known?.content === 'complete' ? codesOf(known.concept as Coded[]) : undefined;
    for (const { code, designation = [] } of concept) {
      expect([code, codes?.has(code) ?? true]).toEqual([code, true]);
      expect([code, designation.some(({ language }) => language === 'ja')]).toEqual([code, true]);
    }
  }
});

type Coded = { code: string; concept?: Coded[]; designation?: { language?: string }[] };
const codesOf = (concepts: readonly Coded[] = []): Set<string> =>
  new Set(concepts.flatMap(({ code, concept }) => [code, ...codesOf(concept)]));

describe.each(named(examples) as [string, JsonObject][])('example %s', (_, example) => {
  const own = profiles.filter(({ url }) => (example.meta as { profile: string[] }).profile.includes(url));

  test('is valid FHIR, and claims a profile of ours', () => {
    expect(refusalsOf(example)).toEqual([]);
    expect(own).toHaveLength(1);
    expect(own[0]?.type).toBe(example.resourceType);
  });

  test('refers to nothing but other examples', () => {
    const references = evaluate(example, 'descendants().reference.where($this is string)').map((reference) =>
      String(reference).replace(/\/_history\/.*/, ''),
    );
    const known = new Set(examples.map((one) => `${one.resourceType}/${one.id}`));
    expect(references.filter((reference) => !known.has(reference))).toEqual([]);
  });

  test('has what its profile asks for, and nothing that it excludes', () => {
    expect(own.flatMap((one) => unmet(example, one))).toEqual([]);
  });
});

/** Each rule with an example that is spoiled so that it breaks this rule and no other. */
const spoiled: [key: string, id: string, spoil: (resource: JsonObject) => void][] = [
  ['tsumugi-id-1', 'child', (one) => set(one, 'identifier', [{ system: 'urn:example:my-number', value: '1' }])],
  ['tsumugi-id-1', 'father', (one) => set(one, 'identifier', [{ system: 'https://例.example/個人番号', value: '1' }])],
  [
    'tsumugi-id-1',
    'mother',
    (one) => set(one, 'identifier', [{ type: { coding: [{ code: 'NNJPN' }] }, system: 'urn:x:y', value: '1' }]),
  ],
  ['tsumugi-pat-1', 'child', (one) => set(one, 'name', [{ text: '試験 ひかり' }])],
  ['tsumugi-name-1', 'child', (one) => set(one, 'name', [syllabic('しけん ひかり')])],
  ['tsumugi-name-1', 'mother', (one) => set(one, 'name', [syllabic('ｼｹﾝ ﾊﾅｺ')])],
  ['tsumugi-adr-1', 'mother', (one) => set(one, 'address', [{ country: 'JP', postalCode: '1000000' }])],
  ['tsumugi-child-1', 'child', (one) => set(one, 'birthDate', '2026-07')],
  ['tsumugi-org-1', 'hospital', (one) => set((one.identifier as JsonObject[])[0], 'value', '4819999991')],
  ['tsumugi-enc-1', 'two-month-visit', (one) => set(one, 'subject', undefined)],
  ['tsumugi-imm-1', 'dpt-ipv-hib-1', (one) => set(one, 'lotNumber', undefined)],
  ['tsumugi-imm-2', 'bcg-not-given', (one) => set(one, 'statusReason', undefined)],
  ['tsumugi-imm-3', 'mumps-by-ledger', (one) => set(one, 'reportOrigin', undefined)],
  [
    'tsumugi-app-1',
    'three-month-visit',
    (one) => set(one, 'participant', [{ actor: { reference: 'Location/x' }, status: 'accepted' }]),
  ],
  [
    'tsumugi-doc-1',
    'handbook-page',
    (one) => set(one, 'content', [{ attachment: { contentType: 'text/plain', title: '題' } }]),
  ],
];

/** The rules of what is observed and answered are broken in observations.test.ts. */
const OBSERVED = new Set([
  'Observation',
  'DiagnosticReport',
  'Condition',
  'AllergyIntolerance',
  'QuestionnaireResponse',
]);

const syllabic = (text: string) => ({
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation', valueCode: 'SYL' }],
  text,
});

function set(owner: JsonObject | undefined, member: string, value: unknown): void {
  if (owner === undefined) return;
  if (value === undefined) delete owner[member];
  else owner[member] = value;
}

describe('rules', () => {
  test.each(spoiled)('%s is broken by a spoiled %s, and it alone', (key, id, spoil) => {
    const example = exampleOf(id);
    spoil(example);
    const own = profiles.filter(({ url }) => example.meta.profile?.includes(url));
    const broken = own.flatMap(constraintsOf).filter((one) => !holds(example, one));
    expect([...new Set(broken.map((one) => one.key))]).toEqual([key]);
  });

  test('each has a spoiled example, and one meaning under one key', () => {
    const all = profiles
      .filter(({ type }) => !OBSERVED.has(type))
      .flatMap(({ differential }) => differential.element.flatMap(({ constraint = [] }) => constraint));
    const meanings = new Map<string, string>();
    for (const { key, expression } of all) {
      expect([key, meanings.get(key) ?? expression]).toEqual([key, expression]);
      meanings.set(key, expression);
    }
    expect([...new Set(spoiled.map(([key]) => key))].sort()).toEqual([...meanings.keys()].sort());
  });
});
