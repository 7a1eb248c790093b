// Snapshots of small invented profiles: one for every rule by which a differential is laid over its base, and bad ones.
// FHIR R4, https://hl7.org/fhir/R4/profiling.html, https://hl7.org/fhir/R4/elementdefinition.html
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { definitionsOf, layered } from '../../server/definitions/definitions.ts';
import type { ElementDefinition } from '../../server/definitions/element-definition.ts';
import { shippedDefinitions } from '../../server/definitions/shipped.ts';
import { partialSnapshotOf, snapshotOf } from '../../server/definitions/snapshot.ts';
import { SnapshotError } from '../../server/definitions/snapshot-error.ts';
import type { JsonObject } from '../../server/fhir/json.ts';

const HL7 = 'http://hl7.org/fhir/StructureDefinition/';
const OURS = 'http://example.jp/StructureDefinition/';

/** An element of a differential; its id is left out where a case is about order. */
const at = (id: string, members: JsonObject = {}): JsonObject => {
  const sliceName = /:([^.:]*)$/.exec(id)?.[1];
  return { id, path: id.replace(/:[^.]*/g, ''), ...(sliceName === undefined ? {} : { sliceName }), ...members };
};
const unnamed = (path: string, members: JsonObject = {}): JsonObject => ({ path, ...members });

function profile(name: string, base: string, element: JsonObject[], members: JsonObject = {}): JsonObject {
  const type = String(element[0]?.path ?? base).split('.')[0];
  return {
    resourceType: 'StructureDefinition',
    url: OURS + name,
    kind: 'resource',
    type,
    baseDefinition: base.includes(':') ? base : HL7 + base,
    derivation: 'constraint',
    differential: { element },
    ...members,
  };
}

const among = (...ones: JsonObject[]) => layered(definitionsOf(ones), shippedDefinitions());

/** The snapshot of the last one by id. */
function made(...ones: JsonObject[]): Record<string, ElementDefinition | undefined> {
  const last = ones.at(-1) ?? {};
  return Object.fromEntries(snapshotOf(last, among(...ones)).map((element) => [element.id, element]));
}

function faultOf(...ones: JsonObject[]): string {
  try {
    made(...ones);
  } catch (error) {
    if (error instanceof SnapshotError) return `${error.fault}: ${error.message}`;
    throw error;
  }
  return 'none';
}

const ODD = [
  'Observation',
  'Observation.',
  '.',
  '',
  'Extension.value[x]',
  'Observation.component:x',
  'a/b',
  '*',
  '@default',
  '__proto__',
];

const codes = (element: ElementDefinition | undefined) => element?.type?.map(({ code }) => code).join();
const below = (elements: Record<string, unknown>, id: string) =>
  Object.keys(elements).filter((one) => one.startsWith(`${id}.`));

describe('an element that the differential names', () => {
  const elements = made(
    profile('patient', 'Patient', [
      at('Patient', {
        constraint: [{ key: 'our-1', severity: 'error', human: 'A rule', expression: 'name.exists()' }],
      }),
      at('Patient.name', { min: 1, max: '3', mustSupport: true, short: 'Names' }),
      at('Patient.birthDate', { minValueDate: '1900-01-01' }),
      at('Patient.gender', { fixedCode: 'female' }),
      at('Patient.maritalStatus', { binding: { strength: 'required', valueSet: 'http://example.jp/vs' } }),
      at('Patient.generalPractitioner', { type: [{ code: 'Reference', targetProfile: [`${HL7}Organization`] }] }),
    ]),
  );

  test('takes what is said, and keeps the rest', () => {
    expect(elements['Patient.name']).toMatchObject({ min: 1, max: '3', mustSupport: true, short: 'Names' });
    expect(codes(elements['Patient.name'])).toBe('HumanName');
    expect(elements['Patient.name']?.base).toEqual({ path: 'Patient.name', min: 0, max: '*' });
    expect(elements['Patient.birthDate']).toMatchObject({ min: 0, max: '1', minValueDate: '1900-01-01' });
    expect(elements['Patient.gender']).toMatchObject({
      fixedCode: 'female',
      binding: { strength: 'required', valueSet: 'http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1' },
    });
  });
  test('has its binding and its types replaced', () => {
    expect(elements['Patient.maritalStatus']?.binding).toMatchObject({
      strength: 'required',
      valueSet: 'http://example.jp/vs',
    });
    expect(elements['Patient.generalPractitioner']?.type).toEqual([
      { code: 'Reference', targetProfile: [`${HL7}Organization`] },
    ]);
  });
  test('adds its constraints to those of the base', () => {
    expect(elements.Patient?.constraint?.map(({ key }) => key)).toEqual(expect.arrayContaining(['dom-2', 'our-1']));
  });
  test('cannot change a constraint of the base', () => {
    const weak = [{ key: 'pat-1', severity: 'warning', human: 'Weaker', expression: 'true' }];
    const { 'Patient.contact': contact } = made(
      profile('weak', 'Patient', [at('Patient.contact', { constraint: weak })]),
    );
    const known = contact?.constraint?.filter(({ key }) => key === 'pat-1');
    expect(known).toEqual([expect.objectContaining({ severity: 'error' })]);
  });
  test('has one fixed value, whatever its type', () => {
    const first = profile('first', 'Extension', [at('Extension.value[x]', { fixedString: 'a' })]);
    const second = profile('second', `${OURS}first`, [at('Extension.value[x]', { fixedCode: 'b' })]);
    expect(made(first, second)['Extension.value[x]']).toMatchObject({ fixedCode: 'b' });
    expect(made(first, second)['Extension.value[x]']).not.toHaveProperty('fixedString');
  });
  test('leaves all others as they are, in their order', () => {
    const plain = snapshotOf(shippedDefinitions().find('StructureDefinition', `${HL7}Patient`) ?? {}, among());
    expect(Object.keys(elements)).toEqual(plain.map(({ id }) => id));
    expect(elements['Patient.photo']).toEqual(plain.find(({ id }) => id === 'Patient.photo'));
  });
});

describe('a profile on a profile', () => {
  const parent = profile('parent', 'Patient', [
    at('Patient.identifier', { slicing: { discriminator: [{ type: 'value', path: 'system' }], rules: 'open' } }),
    at('Patient.identifier:card', { max: '1' }),
    at('Patient.identifier:card.system', { min: 1, fixedUri: 'http://example.jp/card' }),
    at('Patient.name', { min: 1 }),
  ]);
  const child = profile('child', `${OURS}parent`, [
    at('Patient.identifier:card', { min: 1 }),
    at('Patient.identifier:card.value', { min: 1 }),
    at('Patient.identifier:file', {}),
    at('Patient.name', { max: '1' }),
  ]);
  const elements = made(parent, child);

  test('says what both say', () => {
    expect(elements['Patient.name']).toMatchObject({ min: 1, max: '1' });
    expect(elements['Patient.identifier:card']).toMatchObject({ min: 1, max: '1' });
    expect(elements['Patient.identifier:card.system']).toMatchObject({ min: 1, fixedUri: 'http://example.jp/card' });
    expect(elements['Patient.identifier:card.value']).toMatchObject({ min: 1 });
  });
  test('puts new slices behind those of its base', () => {
    const slices = Object.keys(elements).filter((id) => /^Patient\.identifier:\w+$/.test(id));
    expect(slices).toEqual(['Patient.identifier:card', 'Patient.identifier:file']);
  });
  test('adds discriminators to those of its base', () => {
    const more = profile('more', `${OURS}parent`, [
      at('Patient.identifier', {
        slicing: {
          discriminator: [
            { type: 'value', path: 'use' },
            { type: 'value', path: 'system' },
          ],
          rules: 'closed',
        },
      }),
    ]);
    expect(made(parent, more)['Patient.identifier']?.slicing).toEqual({
      discriminator: [
        { type: 'value', path: 'system' },
        { type: 'value', path: 'use' },
      ],
      rules: 'closed',
    });
  });
  test('without elements in its differential is its base', () => {
    const same = profile('same', `${OURS}parent`, [], { type: 'Patient' });
    expect(made(parent, same)).toEqual(made(parent));
  });
});

describe('a slice', () => {
  const sliced = { slicing: { discriminator: [{ type: 'value', path: 'code' }], rules: 'open' } };
  const elements = made(
    profile('bp', 'Observation', [
      at('Observation.component', { ...sliced, min: 2 }),
      at('Observation.component.code', { short: 'Which' }),
      at('Observation.component:systolic', { min: 1, max: '1' }),
      at('Observation.component:systolic.code', { patternCodeableConcept: { coding: [{ code: '8480-6' }] } }),
      at('Observation.component:diastolic', { max: '1' }),
    ]),
  );

  test('is a copy of what is sliced, needed only where that is said', () => {
    expect(elements['Observation.component']).toMatchObject({ min: 2, ...sliced });
    expect(elements['Observation.component:systolic']).toMatchObject({ min: 1, max: '1', sliceName: 'systolic' });
    expect(elements['Observation.component:diastolic']).toMatchObject({ min: 0, max: '1' });
    expect(elements['Observation.component:systolic']).not.toHaveProperty('slicing');
    expect(below(elements, 'Observation.component:diastolic')).toHaveLength(
      below(elements, 'Observation.component').length,
    );
  });
  test('has what is said of the children of all', () => {
    expect(elements['Observation.component:systolic.code']).toMatchObject({
      short: 'Which',
      patternCodeableConcept: { coding: [{ code: '8480-6' }] },
    });
    expect(elements['Observation.component.code']).not.toHaveProperty('patternCodeableConcept');
  });
  test('has a path without its name', () => {
    expect(elements['Observation.component:systolic.code']?.path).toBe('Observation.component.code');
  });
  test('is known by its order where there are no ids', () => {
    const byOrder = made(
      profile('bp', 'Observation', [
        unnamed('Observation.component', { ...sliced, min: 2 }),
        unnamed('Observation.component.code', { short: 'Which' }),
        unnamed('Observation.component', { sliceName: 'systolic', min: 1, max: '1' }),
        unnamed('Observation.component.code', { patternCodeableConcept: { coding: [{ code: '8480-6' }] } }),
        unnamed('Observation.component', { sliceName: 'diastolic', max: '1' }),
      ]),
    );
    expect(byOrder).toEqual(elements);
  });
  test('can be sliced again', () => {
    const parent = profile('a', 'Patient', [
      at('Patient.identifier', sliced),
      at('Patient.identifier:a', { max: '5', min: 1 }),
    ]);
    const child = profile('b', `${OURS}a`, [
      at('Patient.identifier:a', { slicing: { discriminator: [{ type: 'value', path: 'use' }], rules: 'open' } }),
      at('Patient.identifier:a/b', { max: '1' }),
    ]);
    const again = made(parent, child);
    expect(again['Patient.identifier:a']).toMatchObject({ min: 1, max: '5' });
    expect(again['Patient.identifier:a/b']).toMatchObject({ min: 0, max: '1', sliceName: 'a/b' });
    const grandchild = profile('c', `${OURS}b`, [
      at('Patient.identifier:a/b', { min: 1 }),
      at('Patient.identifier:a/c'),
    ]);
    const deeper = made(parent, child, grandchild);
    expect(deeper['Patient.identifier:a/b']).toMatchObject({ min: 1, max: '1' });
    expect(deeper['Patient.identifier:a/c']).toMatchObject({ min: 0, max: '5' });
  });
  test('may be the default of all others', () => {
    const rest = made(
      profile('rest', 'Patient', [
        at('Patient.identifier', sliced),
        at('Patient.identifier:a'),
        unnamed('Patient.identifier', { id: 'Patient.identifier:@default', sliceName: '@default', max: '0' }),
      ]),
    );
    expect(rest['Patient.identifier:@default']).toMatchObject({ max: '0', sliceName: '@default' });
  });
});

describe('below a datatype', () => {
  test('its children are unfolded, the whole of them', () => {
    const elements = made(profile('p', 'Patient', [at('Patient.name.family', { min: 1 })]));
    expect(elements['Patient.name.family']).toMatchObject({ min: 1, base: { path: 'HumanName.family' } });
    expect(below(elements, 'Patient.name')).toContain('Patient.name.given');
    expect(below(elements, 'Patient.contact.name')).toEqual([]);
  });
  test('in as many steps as there are', () => {
    const elements = made(profile('p', 'Patient', [at('Patient.identifier.period.start', { min: 1 })]));
    expect(elements['Patient.identifier.period.start']).toMatchObject({ min: 1, max: '1' });
    expect(elements['Patient.identifier.period.end']).toMatchObject({ min: 0 });
  });
  test('its profile is unfolded where it has one', () => {
    const name = profile('name', 'HumanName', [at('HumanName.family', { min: 1 })], { kind: 'complex-type' });
    const elements = made(
      name,
      profile('p', 'Patient', [
        at('Patient.name', { type: [{ code: 'HumanName', profile: [`${OURS}name`] }] }),
        at('Patient.name.given', { min: 1 }),
      ]),
    );
    expect(elements['Patient.name.family']).toMatchObject({ min: 1 });
    expect(elements['Patient.name.given']).toMatchObject({ min: 1 });
  });
  test('a resource within a resource is unfolded', () => {
    const elements = made(
      profile('doc', 'Bundle', [
        at('Bundle.entry', { slicing: { discriminator: [{ type: 'type', path: 'resource' }], rules: 'open' } }),
        at('Bundle.entry:patient.resource', { type: [{ code: 'Patient' }] }),
        at('Bundle.entry:patient.resource.birthDate', { min: 1 }),
      ]),
    );
    expect(elements['Bundle.entry:patient.resource.birthDate']).toMatchObject({
      min: 1,
      path: 'Bundle.entry.resource.birthDate',
    });
    expect(below(elements, 'Bundle.entry.resource')).toEqual([]);
  });
  test('what refers to another element becomes one of its own', () => {
    const elements = made(profile('q', 'Questionnaire', [at('Questionnaire.item.item.text', { min: 1 })]));
    expect(elements['Questionnaire.item.item.text']).toMatchObject({ min: 1 });
    expect(elements['Questionnaire.item.text']).toMatchObject({ min: 0 });
    expect(codes(elements['Questionnaire.item.item'])).toBe('BackboneElement');
    expect(elements['Questionnaire.item.item']).not.toHaveProperty('contentReference');
    expect(elements['Questionnaire.item.item.item']).toMatchObject({ contentReference: '#Questionnaire.item' });
  });
  test('of several types what all have can be constrained', () => {
    const elements = made(profile('o', 'Observation', [at('Observation.value[x].extension', { max: '0' })]));
    expect(elements['Observation.value[x].extension']).toMatchObject({ max: '0' });
    expect(faultOf(profile('x', 'Extension', [at('Extension.value[x].code', { min: 1 })]))).toMatch(
      /^unknown-path: .* goes below Extension\.value\[x\], which is one of several types: base64Binary, /,
    );
  });
  test.each(['unit', 'value'])('of several types what one alone has is constrained for that one: %s', (name) => {
    const elements = made(profile('o', 'Observation', [at(`Observation.value[x].${name}`, { min: 1 })]));
    expect(elements[`Observation.value[x]:valueQuantity.${name}`]).toMatchObject({ min: 1 });
    expect(elements['Observation.value[x]:valueQuantity']).toMatchObject({ min: 0, type: [{ code: 'Quantity' }] });
    expect(elements['Observation.value[x]']?.type).toHaveLength(11);
    expect(elements['Observation.value[x]']?.slicing).toMatchObject({ rules: 'open' });
  });
});

describe('a choice', () => {
  test('by its short form has no other type, and the type is a slice', () => {
    const elements = made(
      profile('o', 'Observation', [
        unnamed('Observation.valueQuantity', { min: 1 }),
        unnamed('Observation.valueQuantity.code', { min: 1 }),
      ]),
    );
    expect(codes(elements['Observation.value[x]'])).toBe('Quantity');
    expect(elements['Observation.value[x]']?.slicing).toMatchObject({
      discriminator: [{ type: 'type', path: '$this' }],
      rules: 'closed',
    });
    expect(elements['Observation.value[x]:valueQuantity']).toMatchObject({ min: 1, path: 'Observation.value[x]' });
    expect(elements['Observation.value[x]:valueQuantity.code']).toMatchObject({ min: 1 });
  });
  test('by two short forms has two types', () => {
    const elements = made(
      profile('o', 'Observation', [
        unnamed('Observation.valueQuantity', { sliceName: 'valueQuantity' }),
        unnamed('Observation.valueString', { maxLength: 20 }),
      ]),
    );
    expect(codes(elements['Observation.value[x]'])).toBe('Quantity,string');
    expect(codes(elements['Observation.value[x]:valueQuantity'])).toBe('Quantity');
    expect(elements['Observation.value[x]:valueString']).toMatchObject({ maxLength: 20 });
  });
  test('that has one type is constrained without a slice', () => {
    const elements = made(
      profile('x', 'Extension', [
        at('Extension.value[x]', { type: [{ code: 'Quantity' }] }),
        unnamed('Extension.valueQuantity.value', { min: 1 }),
      ]),
    );
    expect(elements['Extension.value[x].value']).toMatchObject({ min: 1 });
    expect(elements['Extension.value[x]']).not.toHaveProperty('slicing');
  });
  test('sliced by type keeps its other types, and each slice has its own', () => {
    const elements = made(
      profile('o', 'Observation', [
        at('Observation.value[x]', { slicing: { discriminator: [{ type: 'type', path: '$this' }], rules: 'open' } }),
        at('Observation.value[x]:valueQuantity', { mustSupport: true }),
        at('Observation.value[x]:valueCodeableConcept.coding', { min: 1 }),
      ]),
    );
    expect(elements['Observation.value[x]']?.type).toHaveLength(11);
    expect(codes(elements['Observation.value[x]:valueQuantity'])).toBe('Quantity');
    expect(elements['Observation.value[x]:valueCodeableConcept.coding']).toMatchObject({ min: 1 });
  });
  test('named by its slice in the id and by its type in the path is the same', () => {
    const elements = made(
      profile('o', 'Observation', [
        unnamed('Observation.valueQuantity', { id: 'Observation.value[x]:valueQuantity', min: 1 }),
      ]),
    );
    expect(elements['Observation.value[x]:valueQuantity']).toMatchObject({ min: 1, path: 'Observation.value[x]' });
  });
});

describe('an extension', () => {
  const race = profile('race', 'Extension', [at('Extension', { max: '1', short: 'Race' })], { kind: 'complex-type' });
  const use = { type: [{ code: 'Extension', profile: [`${OURS}race`] }] };

  test('is sliced by its url without that being said', () => {
    const elements = made(race, profile('p', 'Patient', [at('Patient.extension:race', use)]));
    expect(elements['Patient.extension']?.slicing).toEqual({
      discriminator: [{ type: 'value', path: 'url' }],
      ordered: false,
      rules: 'open',
    });
  });
  test('stands as often as its definition says, unless the profile says more', () => {
    const elements = made(race, profile('p', 'Patient', [at('Patient.extension:race', use)]));
    expect(elements['Patient.extension:race']).toMatchObject({ min: 0, max: '1', short: 'Race' });
    const needed = made(race, profile('p', 'Patient', [at('Patient.extension:race', { ...use, min: 1 })]));
    expect(needed['Patient.extension:race']).toMatchObject({ min: 1, max: '1' });
  });
  test('that is named again is as its base profile has it', () => {
    const parent = profile('p', 'Patient', [at('Patient.extension:race', { ...use, max: '0' })]);
    const child = profile('c', `${OURS}p`, [at('Patient.extension:race', { ...use, mustSupport: true })]);
    expect(made(race, parent, child)['Patient.extension:race']).toMatchObject({ max: '0', mustSupport: true });
  });
  test('is unfolded by its own definition', () => {
    const coded = profile('coded', 'Extension', [at('Extension.value[x]', { type: [{ code: 'Coding' }] })]);
    const elements = made(
      coded,
      profile('p', 'Patient', [
        at('Patient.extension:x', { type: [{ code: 'Extension', profile: [`${OURS}coded`] }] }),
        at('Patient.extension:x.value[x].system', { min: 1 }),
      ]),
    );
    expect(elements['Patient.extension:x.value[x].system']).toMatchObject({ min: 1 });
  });
  test('of a definition that is not here is a slice all the same', () => {
    const elements = made(profile('p', 'Patient', [at('Patient.extension:race', { ...use, min: 1 })]));
    expect(elements['Patient.extension:race']).toMatchObject({ min: 1, max: '*' });
  });
});

describe('a new type', () => {
  test('adds its elements to those of its base', () => {
    const model = profile(
      'Card',
      'Element',
      [at('Card', { min: 0, max: '*' }), at('Card.number', { min: 1, max: '1', type: [{ code: 'string' }] })],
      { derivation: 'specialization', kind: 'logical' },
    );
    expect(Object.keys(made(model))).toEqual(['Card', 'Card.id', 'Card.extension', 'Card.number']);
  });
});

describe('where a profile is missing', () => {
  const orphan = profile('orphan', 'http://jpfhir.jp/nowhere', [at('Patient.name', { min: 1 })]);
  const child = profile('child', `${OURS}orphan`, [at('Patient.birthDate', { min: 1 })]);

  test('there is no whole snapshot', () => {
    expect(faultOf(orphan, child)).toBe(
      `missing-base: ${OURS}child is based on http://jpfhir.jp/nowhere, which is not here`,
    );
  });
  test('there is one upon the type, that says what is missing', () => {
    const { elements, missing } = partialSnapshotOf(child, among(orphan, child));
    expect(missing).toEqual(['http://jpfhir.jp/nowhere']);
    expect(elements.filter(({ min }) => min === 1).map(({ id }) => id)).toEqual(
      expect.arrayContaining(['Patient.name', 'Patient.birthDate']),
    );
  });
  test('the profile of an element that is gone below is told too', () => {
    const extension = { type: [{ code: 'Extension', profile: ['http://jpfhir.jp/nowhere'] }] };
    const user = profile('u', 'Patient', [
      at('Patient.extension:x', extension),
      at('Patient.extension:x.value[x]', { min: 1 }),
    ]);
    expect(partialSnapshotOf(user, among(user)).missing).toEqual(['http://jpfhir.jp/nowhere']);
  });
  test('its own snapshot serves where it has one', () => {
    const own = {
      ...orphan,
      snapshot: { element: [at('Patient', { min: 0 }), at('Patient.name', { min: 1, max: '9' })] },
    };
    expect(made(own)['Patient.name']).toMatchObject({ min: 1, max: '9' });
  });
  test('a version that is here stands for the one that is asked for', () => {
    const versioned = profile('v', `${HL7}Patient|9.9.9`, [at('Patient.name', { min: 1 })]);
    expect(made(versioned)['Patient.name']).toMatchObject({ min: 1 });
  });
});

describe('refuses', () => {
  const patient = (...elements: JsonObject[]) => profile('p', 'Patient', elements);
  const nested = (parts: number) => `Patient${'.contact'.repeat(parts)}`;

  test.each<[string, JsonObject[], RegExp]>([
    [
      'a path that is nowhere',
      [patient(at('Patient.nme'))],
      /^unknown-path: Patient\.nme is in the differential of .*p,/,
    ],
    ['a path below nothing', [patient(at('Patient.name.famly'))], /^unknown-path: Patient\.name\.famly /],
    ['an element of another type', [patient(at('Patient'), at('Person.name'))], /^unknown-path: Person\.name in /],
    ['another type than the base has', [patient(at('Person.name'))], /^unknown-path: .* has Person where .* Patient$/],
    ['a choice by a type it has not', [patient(unnamed('Patient.deceasedQuantity'))], /^unknown-path: /],
    [
      'an unknown type',
      [patient(at('Patient.name', { type: [{ code: 'Nme' }] }), at('Patient.name.x'))],
      /^unknown-type: .* the type Nme/,
    ],
    [
      'a type of nowhere',
      [profile('p', 'http://jpfhir.jp/nowhere', [at('Nobody.name')])],
      /^unknown-type: .* the type Nobody/,
    ],
    ['what has no elements', [profile('p', 'Patient', [], { differential: undefined })], /^no-elements: /],
    ['what is its own base', [profile('p', `${OURS}p`, [at('Patient.name')])], /^cyclic: /],
    [
      'bases in a circle',
      [profile('p', `${OURS}q`, [at('Patient.name')]), profile('q', `${OURS}p`, [at('Patient.name')])],
      /^cyclic: /,
    ],
    [
      'going below an element of its own profile',
      [
        profile('p', 'Patient', [
          at('Patient.contained', { type: [{ code: 'Patient', profile: [`${OURS}p`] }] }),
          at('Patient.contained.name', { min: 1 }),
        ]),
      ],
      /^cyclic: /,
    ],
    ['deep paths', [patient(unnamed(nested(100)))], /^too-deep: /],
    ['paths of ten thousand parts', [patient(unnamed(nested(10_000)))], /^too-deep: /],
    ['slices of slices of slices', [patient(unnamed('Patient.name', { sliceName: 'a/'.repeat(5000) }))], /^too-deep: /],
    ['an element that is none', [patient(at('Patient'), { path: 7 })], /^malformed: Element 1 /],
    ['a type that is none', [patient(at('Patient.name', { type: ['HumanName'] }))], /^malformed: /],
    ['a constraint that is none', [patient(at('Patient.name', { constraint: [null] }))], /^malformed: /],
  ])('%s', (_, ones, expected) => {
    expect(faultOf(...ones)).toMatch(expected);
  });

  test('whatever else is wrong, with a reason', () => {
    const definitions = shippedDefinitions();
    const names = ['bp', 'vitalsigns', 'elementdefinition-de', 'patient-nationality', 'cholesterol'];
    const known = names.map((name) => definitions.find('StructureDefinition', HL7 + name) ?? {});
    const members = [
      'id',
      'path',
      'sliceName',
      'min',
      'max',
      'type',
      'slicing',
      'constraint',
      'binding',
      'fixedCode',
      'extension',
    ];
    const changes = fc.array(
      fc.tuple(fc.nat(40), fc.constantFrom(...members), fc.oneof(fc.jsonValue(), fc.constantFrom(...ODD))),
    );
    fc.assert(
      fc.property(fc.constantFrom(...known), changes, (one, changed) => {
        const { differential, ...others } = structuredClone(one) as JsonObject & {
          differential: { element: JsonObject[] };
        };
        for (const [n, member, value] of changed)
          Object.assign(differential.element[n % differential.element.length] ?? {}, { [member]: value });
        try {
          partialSnapshotOf({ ...others, differential }, definitions);
        } catch (error) {
          expect(error).toBeInstanceOf(SnapshotError);
        }
      }),
    );
  });
  test('a chain of bases longer than any in use', () => {
    const chain = Array.from({ length: 10_000 }, (_, n) =>
      profile(`p${n}`, n === 0 ? 'Patient' : `${OURS}p${n - 1}`, [at('Patient.name')]),
    );
    expect(faultOf(...chain)).toMatch(/^too-deep: /);
  });
  test('more elements than any profile has, before they are made', () => {
    const slices = Array.from({ length: 10_000 }, (_, n) => at(`Observation.component:s${n}`));
    expect(faultOf(profile('o', 'Observation', slices))).toMatch(/^too-large: .* more than 50000 elements/);
  });
});

describe('is made', () => {
  test('of ten thousand elements in a moment', () => {
    const slices = Array.from({ length: 10_000 }, (_, n) => at(`Patient.identifier:s${n}`, { max: '1' }));
    const one = profile('p', 'Patient', slices);
    const startedMs = performance.now();
    expect(snapshotOf(one, among(one)).length).toBeGreaterThan(10_000);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });
  test('once', () => {
    const one = profile('p', 'Patient', [at('Patient.name', { min: 1 })]);
    const definitions = among(one);
    expect(snapshotOf(one, definitions)).toBe(snapshotOf(one, definitions));
  });
  test('alike from a differential that says all of it', () => {
    const definitions = shippedDefinitions();
    for (const url of definitions.urls('StructureDefinition')) {
      const one = definitions.find('StructureDefinition', url) ?? {};
      if (one.derivation !== 'constraint') continue;
      const elements = partialSnapshotOf(one, definitions).elements;
      const whole = { ...one, differential: { element: elements } };
      expect(partialSnapshotOf(whole, definitions).elements, url).toEqual(elements);
    }
  });
  test('for every definition that is shipped', () => {
    const definitions = shippedDefinitions();
    for (const url of definitions.urls('StructureDefinition')) {
      const one = definitions.find('StructureDefinition', url) ?? {};
      const elements = partialSnapshotOf(one, definitions).elements;
      expect(elements.length, url).toBeGreaterThan(0);
      expect(new Set(elements.map(({ id }) => id)).size, url).toBe(elements.length);
      expect(
        elements.filter(({ min, max }) => min === undefined || max === undefined),
        url,
      ).toEqual([]);
    }
  });
});
