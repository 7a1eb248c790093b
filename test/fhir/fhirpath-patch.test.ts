// FHIRPath Patch beyond HL7's own cases (conformance/patch.ts): choices, primitives with extensions, contained resources,
// exact numbers, and paths that are refused. https://hl7.org/fhir/R4/fhirpatch.html
import { describe, expect, test } from 'vitest';
import { applyFhirPathPatch, readFhirPathPatch } from '../../server/fhir/fhirpath-patch.ts';
import { type JsonObject, parseJson } from '../../server/fhir/json.ts';
import { OperationOutcomeError } from '../../server/fhir/outcome.ts';
import { compilePath } from '../../server/fhir/patch-path.ts';

type Parts = { [name: string]: unknown };

/** `{ type, path, index, value… }` as a Parameters resource; `value` is a whole part without its name. */
const patchOf = (...operations: Parts[]): JsonObject => ({
  resourceType: 'Parameters',
  parameter: operations.map((parts) => ({
    name: 'operation',
    part: Object.entries(parts).map(([name, value]) => {
      if (name === 'type') return { name, valueCode: value };
      if (typeof value === 'number') return { name, valueInteger: value };
      return typeof value === 'string' ? { name, valueString: value } : { name, ...(value as object) };
    }),
  })),
});

/** The text of the resource after the patch. */
const patched = (resource: string | object, ...operations: Parts[]): string => {
  const parsed = parseJson(typeof resource === 'string' ? resource : JSON.stringify(resource)) as JsonObject;
  applyFhirPathPatch(parsed, readFhirPathPatch(patchOf(...operations)));
  return JSON.stringify(parsed);
};
const changed = (resource: object, ...operations: Parts[]) => JSON.parse(patched(resource, ...operations));

const observation = { resourceType: 'Observation', status: 'final', code: { text: '体重' } };
const patient = {
  resourceType: 'Patient',
  name: [
    { use: 'official', given: ['花', '子'] },
    { use: 'usual', text: 'はなこ' },
  ],
};

describe('choices', () => {
  test('the type of the value says the key', () => {
    const value = { valueQuantity: { value: 3.2 } };
    expect(changed(observation, { type: 'add', path: 'Observation', name: 'value', value })).toEqual({
      ...observation,
      ...value,
    });
    expect(changed(observation, { type: 'add', path: 'Observation', name: 'valueQuantity', value })).toEqual({
      ...observation,
      ...value,
    });
  });

  test('a replace by another type leaves one value', () => {
    const before = { ...observation, valueQuantity: { value: 3 } };
    const operation = { type: 'replace', path: 'Observation.value', value: { valueString: 'なし' } };
    expect(changed(before, operation)).toEqual({ ...observation, valueString: 'なし' });
    expect(changed(before, { ...operation, path: 'Observation.value.ofType(Quantity)' })).toEqual({
      ...observation,
      valueString: 'なし',
    });
  });

  test('a type that is none of them is refused', () => {
    const value = { valueAddress: { text: 'x' } };
    expect(() => patched(observation, { type: 'add', path: 'Observation', name: 'value', value })).toThrow(
      'takes Quantity',
    );
  });
});

describe('exact numbers', () => {
  const text =
    '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50},"component":[{"code":{"text":"a"},"valueQuantity":{"value":2.00}},{"code":{"text":"b"},"valueQuantity":{"value":3}}]}';

  test('what is not touched keeps its text, and paths see its value', () => {
    const status = { type: 'replace', path: 'Observation.status', value: { valueCode: 'amended' } };
    expect(patched(text, status)).toBe(text.replace('final', 'amended'));
    const path = 'Observation.component.where(value.value > 1 and value.value < 2.5).code.text';
    expect(patched(text, { type: 'replace', path, value: { valueString: 'found' } })).toBe(
      text.replace('"a"', '"found"'),
    );
  });

  test('what is given keeps its text', () => {
    const patch = parseJson(
      '{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Observation.value.value"},{"name":"value","valueDecimal":7.10}]}]}',
    ) as JsonObject;
    const resource = parseJson(text) as JsonObject;
    applyFhirPathPatch(resource, readFhirPathPatch(patch));
    expect(JSON.stringify(resource)).toBe(text.replace('1.50', '7.10'));
  });
});

describe('primitives and their other half', () => {
  const born = { ...patient, birthDate: '2026-04-01', _birthDate: { extension: [{ url: 'urn:e', valueString: 'x' }] } };

  test('a replace replaces both', () => {
    expect(changed(born, { type: 'replace', path: 'Patient.birthDate', value: { valueDate: '2026-04-02' } })).toEqual({
      ...patient,
      birthDate: '2026-04-02',
    });
    const value = { valueDate: '2026-04-02', _valueDate: { id: 'b' } };
    expect(changed(born, { type: 'replace', path: 'Patient.birthDate', value })).toEqual({
      ...patient,
      birthDate: '2026-04-02',
      _birthDate: { id: 'b' },
    });
  });

  test('an extension is added to it, found in it, and gone with what it leaves empty', () => {
    const value = { valueExtension: { url: 'urn:e', valueString: 'x' } };
    const bare = { ...patient, birthDate: '2026-04-01' };
    expect(changed(bare, { type: 'add', path: 'Patient.birthDate', name: 'extension', value })).toEqual(born);
    const path = "Patient.birthDate.extension('urn:e')";
    expect(changed(born, { type: 'replace', path: `${path}.value`, value: { valueBoolean: true } })._birthDate).toEqual(
      {
        extension: [{ url: 'urn:e', valueBoolean: true }],
      },
    );
    expect(changed(born, { type: 'delete', path })).toEqual(bare);
  });

  test('lists of primitives keep both halves side by side', () => {
    const named = { resourceType: 'Patient', name: [{ given: ['一', '二'], _given: [null, { id: 'g' }] }] };
    const value = { valueString: '〇' };
    expect(changed(named, { type: 'insert', path: 'Patient.name[0].given', index: 0, value }).name).toEqual([
      { given: ['〇', '一', '二'], _given: [null, null, { id: 'g' }] },
    ]);
    expect(changed(named, { type: 'move', path: 'Patient.name[0].given', source: 1, destination: 0 }).name).toEqual([
      { given: ['二', '一'], _given: [{ id: 'g' }, null] },
    ]);
    expect(changed(named, { type: 'delete', path: 'Patient.name.given[1]' }).name).toEqual([{ given: ['一'] }]);
  });
});

describe('places', () => {
  test('where finds the one element', () => {
    const path = "Patient.name.where(use = 'usual')";
    expect(changed(patient, { type: 'delete', path }).name).toEqual([patient.name[0]]);
    expect(
      changed(patient, {
        type: 'insert',
        path: "Patient.name.where(use='official').given",
        index: 2,
        value: { valueString: '姫' },
      }).name[0].given,
    ).toEqual(['花', '子', '姫']);
  });

  test('an insert makes a list that is not there', () => {
    const value = { valueContactPoint: { value: '000' } };
    expect(changed(patient, { type: 'insert', path: 'Patient.telecom', index: 0, value }).telecom).toEqual([
      { value: '000' },
    ]);
  });

  test('contained resources, and resources as values', () => {
    const resource = { resourceType: 'Organization', id: 'o', name: '見本医院' };
    const added = changed(patient, { type: 'add', path: 'Patient', name: 'contained', value: { resource } });
    expect(added.contained).toEqual([resource]);
    const path = "Patient.contained.where(id = 'o').name";
    expect(changed(added, { type: 'replace', path, value: { valueString: '別' } }).contained[0].name).toBe('別');
  });

  test('a delete of what is not there does nothing, and the next one works on what the one before left', () => {
    expect(changed(patient, { type: 'delete', path: 'Patient.birthDate' })).toEqual(patient);
    const both = [0, 0].map(() => ({ type: 'delete', path: 'Patient.name[0]' }));
    expect(changed(patient, ...both)).toEqual({ resourceType: 'Patient' });
    const again = { type: 'add', path: 'Patient.contact[0]', name: 'gender', value: { valueCode: 'male' } };
    const contact = { resourceType: 'Patient', contact: [{ gender: 'female' }] };
    expect(changed(contact, { type: 'delete', path: 'Patient.contact[0].gender' }, again).contact).toEqual([
      { gender: 'male' },
    ]);
  });

  test('a backbone element comes as parts, nested and repeated', () => {
    const part = [
      { name: 'relationship', valueCodeableConcept: { text: '母' } },
      { name: 'relationship', valueCodeableConcept: { text: '保護者' } },
      { name: 'name', part: [{ name: 'text', valueString: '見本' }] },
    ];
    expect(changed(patient, { type: 'add', path: 'Patient', name: 'contact', value: { part } }).contact).toEqual([
      { relationship: [{ text: '母' }, { text: '保護者' }], name: { text: '見本' } },
    ]);
  });
});

test.each([
  'constructor',
  'first().constructor',
  'first().__proto__',
  'name.first().toString',
  'name.last().text.constructor',
])('Patient.%s, which every object has, is no element', (name) => {
  const operation = { type: 'replace', path: `Patient.${name}`, value: { valueString: 'x' } };
  expect(() => patched({ ...patient }, operation)).toThrow(expect.objectContaining({ status: 422 }));
  expect(Object.hasOwn(Object.prototype, '__path__')).toBe(false);
});

describe('refuses with 422', () => {
  const value = { valueString: 'x' };
  test.each<[string, Parts]>([
    ['a path that names nothing', { type: 'replace', path: 'Patient.birthDate', value }],
    ['a path of another type', { type: 'replace', path: 'Observation.status', value }],
    ['a path that names several', { type: 'replace', path: 'Patient.name.use', value }],
    ['a delete of several', { type: 'delete', path: 'Patient.name' }],
    ['a delete of the resource', { type: 'delete', path: 'Patient' }],
    ['a replace of the resource', { type: 'replace', path: 'Patient', value }],
    ['an element that the type has not', { type: 'add', path: 'Patient', name: 'colour', value }],
    ['the other half of a primitive by its key', { type: 'add', path: 'Patient', name: '_birthDate', value }],
    ['an add to what takes one value', { type: 'add', path: 'Patient.name[0]', name: 'use', value }],
    ['an index behind the end', { type: 'insert', path: 'Patient.name', index: 3, value }],
    ['a list that is none', { type: 'insert', path: 'Patient.birthDate', index: 0, value }],
    ['a list of several owners', { type: 'insert', path: 'Patient.name.given', index: 0, value }],
    ['a source outside the list', { type: 'move', path: 'Patient.name', source: 2, destination: 0 }],
    ['a destination outside the list', { type: 'move', path: 'Patient.name', source: 0, destination: 2 }],
  ])('%s', (_, operation) => {
    expect(() => patched(patient, operation)).toThrow(expect.objectContaining({ status: 422 }));
  });
});

describe('refuses with 400', () => {
  const deletion = (path: string): Parts => ({ type: 'delete', path });
  test.each<[string, Parts]>([
    ['an unknown type', { type: 'upsert', path: 'Patient' }],
    ['no path', { type: 'delete' }],
    ['no value', { type: 'add', path: 'Patient', name: 'name' }],
    ['a part too many', { type: 'delete', path: 'Patient.name[0]', index: 0 }],
    ['a value without one', { type: 'add', path: 'Patient', name: 'name', value: {} }],
    ['what is no FHIRPath', deletion('Patient.name[')],
    ['a regular expression', deletion("Patient.name.where(text.matches('(a+)+$'))")],
    ['every descendant', deletion('Patient.descendants().where(use = 1)')],
    ['a repeat', deletion('Patient.repeat(children())')],
    ['a union', deletion('Patient.name | Patient.name')],
    ['membership', deletion('Patient.name.where(use in Patient.name.use)')],
    ['an equivalence', deletion("Patient.name.where(use ~ 'x')")],
    ['a variable', deletion('%resource.name')],
    ['a reference resolved', deletion('Patient.generalPractitioner.resolve()')],
    ['a path without end', deletion(`Patient${'.name'.repeat(300)}`)],
    [
      'a list that is a selection',
      { type: 'insert', path: "Patient.name.where(use='x')", index: 0, value: { valueString: 'x' } },
    ],
  ])('%s', (_, operation) => {
    expect(() => patched(patient, operation)).toThrow(expect.objectContaining({ status: 400 }));
  });

  test.each<[string, unknown]>([
    ['a parameter of another name', [{ name: 'op', part: [] }]],
    ['a parameter without parts', [{ name: 'operation' }]],
    ['parameters that are no list', {}],
    ['too many operations', Array.from({ length: 1001 }, () => ({ name: 'operation', part: [] }))],
  ])('%s', (_, parameter) => {
    expect(() => readFhirPathPatch({ resourceType: 'Parameters', parameter })).toThrow(
      expect.objectContaining({ status: 400 }),
    );
  });
});

test('a part twice is refused', () => {
  const part = [
    { name: 'type', valueCode: 'delete' },
    ...[1, 2].map(() => ({ name: 'path', valueString: 'Patient.name' })),
  ];
  const parameter = [{ name: 'operation', part }];
  expect(() => readFhirPathPatch({ resourceType: 'Parameters', parameter })).toThrow(
    expect.objectContaining({ status: 400 }),
  );
});

test('many selections in a large resource are refused, before the first of them is done', () => {
  const identifier = Array.from({ length: 1000 }, (_, n) => ({ system: 'urn:n', value: String(n) }));
  const resource: JsonObject = { resourceType: 'Patient', identifier };
  const deletions = Array.from({ length: 200 }, () => ({ type: 'delete', path: 'Patient.identifier.first()' }));
  expect(() => applyFhirPathPatch(resource, readFhirPathPatch(patchOf(...deletions)))).toThrow(
    expect.objectContaining({ status: 422 }),
  );
  expect(identifier).toHaveLength(1000);
});

test.each([
  ...[
    'Patient',
    '$this',
    'Patient.name',
    'name',
    'Patient.name.given',
    'Patient.name.given[2]',
    'Patient.name[1].given[0]',
  ],
  ...[
    'name[0]',
    'Patient.birthDate',
    'Patient.birthDate.extension',
    'Patient.birthDate.extension.value',
    'Patient.deceased',
  ],
  ...[
    'Patient.contained.name',
    'Patient.contained[1].name.given',
    'Patient.contact.name.family',
    'Patient.nothing.at.all',
  ],
  ...[
    'Observation',
    'Observation.status',
    'Patient.name[7]',
    'Patient.text.div',
    'Patient.multipleBirth',
    'Patient.id',
  ],
])('%s leads to the same places with and without fhirpath.js', (path) => {
  const resource: JsonObject = {
    resourceType: 'Patient',
    id: 'x',
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' },
    contained: [
      { resourceType: 'Organization', id: 'o', name: '見本医院' },
      { resourceType: 'Patient', id: 'p', name: [{ given: ['一'] }] },
    ],
    name: [{ given: ['花', '子'], _given: [null, { id: 'g' }] }, { given: ['次'] }],
    birthDate: '2026-04-01',
    _birthDate: { extension: [{ url: 'urn:e', valueString: 'x' }] },
    deceasedBoolean: false,
    _multipleBirthInteger: { extension: [{ url: 'urn:e', valueString: 'y' }] },
    contact: [{ name: { family: '試験' } }, { name: { family: '見本' } }],
  };
  const fault = (why: string) =>
    new OperationOutcomeError(400, [{ severity: 'error', code: 'value', diagnostics: why }]);
  const found = (text: string) => compilePath(text, fault).find(resource);
  expect(compilePath(path, fault).isPlain).toBe(true);
  expect(found(path)).toEqual(found(`(${path})`));
});
