// What is sent to hurt: resources that would keep the server busy, fill its stack, or hide what is wrong behind what is not.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { definitionsOf, layered } from '../../server/definitions/definitions.ts';
import { shippedDefinitions } from '../../server/definitions/shipped.ts';
import { isObject, type JsonObject, parseJson } from '../../server/fhir/json.ts';
import { createTerminology } from '../../server/terminology/create-terminology.ts';
import { validateInForce as validate } from '../../server/validation/in-force.ts';
import { compileInvariant } from '../../server/validation/invariants/compile-invariant.ts';
import { matchesWhole } from '../../server/validation/limited-regex.ts';
import { errorsOf, judged, structureFaults } from '../../server/validation/strictness.ts';
import { createValidator } from '../../server/validation/validator.ts';

const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

/** The findings, and how long they took. The first call compiles what it needs; it is not counted. */
function timed(make: (size: number) => JsonObject, size: number): { found: ReturnType<typeof validate>; ms: number } {
  validate(make(2));
  const resource = make(size);
  const start = performance.now();
  const found = validate(resource);
  return { found, ms: performance.now() - start };
}

const observation = (members: JsonObject): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8302-2' }] },
  category: [
    {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }],
    },
  ],
  effectiveDateTime: '2025-06-01',
  subject: { reference: 'Patient/hanako' },
  ...members,
});

/** Entries at http://example.jp/Observation/0, 1, 2 … */
const bundle = (resources: readonly JsonObject[], type = 'collection'): JsonObject => ({
  resourceType: 'Bundle',
  type,
  entry: resources.map((resource, n) => ({
    fullUrl: `http://example.jp/${resource.resourceType}/${n}`,
    resource: { ...resource, id: String(n) },
  })),
});

const form = (items: readonly JsonObject[]): JsonObject => ({
  resourceType: 'Questionnaire',
  id: 'form',
  status: 'active',
  item: items,
});
const response = (items: readonly JsonObject[], answers: readonly JsonObject[]): JsonObject => ({
  resourceType: 'QuestionnaireResponse',
  contained: [form(items)],
  questionnaire: '#form',
  status: 'completed',
  item: answers,
});

describe('what is wrong is found behind any number of notes', () => {
  const unknown = times(300, (n) => ({ url: `http://example.jp/unknown/${n}`, valueBoolean: true }));

  test('an element that does not exist, behind extensions that are not known', () => {
    const found = errorsOf(validate({ resourceType: 'Patient', extension: unknown, gender: 'x', birthdate: '2024' }));
    expect(found.map(({ expression }) => expression[0]).sort()).toEqual(['Patient.birthdate', 'Patient.gender']);
  });

  test('a structure fault behind broken invariants', () => {
    const contacts = times(300, () => ({ gender: 'female' }));
    const found = structureFaults(validate({ resourceType: 'Patient', contact: contacts, managingOrganization: 1 }));
    expect(found.map(({ expression }) => expression[0])).toEqual(['Patient.managingOrganization']);
  });

  test('what makes it no valid FHIR, behind what only a profile asks', () => {
    const wrong = bundle([
      ...times(150, () => observation({ subject: undefined })),
      observation({ category: [], status: 'x' }),
    ]);
    expect(errorsOf(judged(validate(wrong), 'base')).map(({ expression }) => expression[0])).toContain(
      'Bundle.entry[150].resource.status',
    );
  });

  test('no more than 100 findings of a kind are told', () => {
    const found = validate({ resourceType: 'Patient', extension: unknown });
    expect(found.length).toBe(100);
  });
});

describe('references among many resources', () => {
  test('a chain of profiled resources that is longer than the stack', () => {
    const chain = (size: number) =>
      bundle(times(size, (n) => observation({ hasMember: [{ reference: `Observation/${n + 1}` }] })));
    expect(timed(chain, 5000).ms).toBeLessThan(10_000);
  });

  test('two ways from each resource to the next', () => {
    const ladder = (size: number) =>
      bundle(
        times(size, (n) =>
          observation({ hasMember: [{ reference: `Observation/${n + 1}` }, { reference: `Observation/${n + 1}` }] }),
        ),
      );
    expect(timed(ladder, 40).ms).toBeLessThan(5000);
  });

  test('resources that refer to themselves and in a circle', () => {
    const circle = bundle(
      times(3, (n) => observation({ hasMember: times(3, (m) => ({ reference: `Observation/${(n + m) % 3}` })) })),
    );
    expect(validate(circle).filter(({ expression }) => expression[0]?.includes('hasMember'))).toEqual([]);
  });

  test('5,000 entries that refer to each other', () => {
    const many = (size: number) =>
      bundle(
        times(size, (n) => ({
          resourceType: 'Basic',
          code: { text: 'x' },
          subject: { reference: `http://example.jp/Basic/${(n * 7) % size}` },
          author: { reference: 'Practitioner/none' },
        })),
      );
    expect(timed(many, 5000).ms).toBeLessThan(4000);
  });

  test('20,000 contained resources that are referred to', () => {
    const many = (size: number) => ({
      resourceType: 'Patient',
      contained: times(size, (n) => ({ resourceType: 'Organization', id: `o${n}`, name: 'x' })),
      generalPractitioner: times(size, (n) => ({ reference: `#o${n}` })),
    });
    const { found, ms } = timed(many, 20_000);
    expect(found).toEqual([]);
    expect(ms).toBeLessThan(5000);
  });

  test('a document whose entries all have one fullUrl', () => {
    const document = (size: number) => {
      const section = [{ entry: times(size, () => ({ reference: 'http://example.jp/Basic/1' })) }];
      const one = bundle([{ resourceType: 'Composition', section }, ...times(size, () => ({ resourceType: 'Basic' }))]);
      const entry = one.entry as JsonObject[];
      return {
        ...one,
        type: 'document',
        entry: entry.map((each) => ({ ...each, fullUrl: 'http://example.jp/Basic/1' })),
      };
    };
    expect(timed(document, 5000).ms).toBeLessThan(4000);
  });
});

describe('answers to a form', () => {
  const costly = (found: ReturnType<typeof validate>) => found.filter(({ code }) => code === 'too-costly').length;

  test('100,000 repetitions of a group', () => {
    const repeated = (size: number) =>
      response(
        [{ linkId: 'g', type: 'group', repeats: true, item: [{ linkId: 'a', type: 'string' }] }],
        times(size, () => ({ linkId: 'g' })),
      );
    expect(timed(repeated, 100_000).ms).toBeLessThan(6000);
  });

  test('5,000 items that each depend on the answer to another', () => {
    const items = (size: number) =>
      times(size, (n) => ({
        linkId: `q${n}`,
        type: 'string',
        ...(n > 0 && { enableWhen: [{ question: `q${n - 1}`, operator: 'exists', answerBoolean: true }] }),
      }));
    const dependent = (size: number) =>
      response(
        items(size),
        times(size, (n) => ({ linkId: `q${n}`, answer: [{ valueString: 'x' }] })),
      );
    const { found, ms } = timed(dependent, 5000);
    expect(errorsOf(found)).toEqual([]);
    expect(ms).toBeLessThan(6000);
  });

  test.each([
    ['options', { answerOption: times(5000, (n) => ({ valueCoding: { code: `o${n}` } })) }, []],
    [
      'conditions',
      {},
      [
        {
          linkId: 'b',
          type: 'string',
          enableBehavior: 'any',
          enableWhen: times(5000, (n) => ({ question: 'a', operator: '=', answerCoding: { code: `c${n}` } })),
        },
      ],
    ],
  ])('thousands of answers times thousands of %s are refused', (_, members, others) => {
    const many = (size: number) =>
      response(
        [{ linkId: 'a', type: 'choice', repeats: true, ...members }, ...others],
        [{ linkId: 'a', answer: times(size, () => ({ valueCoding: { code: 'none' } })) }],
      );
    const { found, ms } = timed(many, 5000);
    expect(costly(found)).toBe(1);
    expect(ms).toBeLessThan(10_000);
  });
});

describe('regular expressions that never end', () => {
  const evil = [
    '(a+)+$',
    '(a|a)*b',
    '(a*)*b',
    '(?:a|aa)+$',
    'a*a*a*a*a*a*a*a*b',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    '(a?){30}a{30}',
  ];
  const item = (regex: string) => ({
    linkId: 'q',
    type: 'string',
    extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/regex', valueString: regex }],
  });

  test.each(evil)('of a form: %s', (regex) => {
    const start = performance.now();
    const found = validate(
      response([item(regex)], [{ linkId: 'q', answer: [{ valueString: `${'a'.repeat(5000)}!` }] }]),
    );
    expect(performance.now() - start).toBeLessThan(1000);
    expect(found.map(({ diagnostics }) => diagnostics).join()).toMatch(/regex/);
  });

  test('thousands of them', () => {
    const items = times(2000, (n) => ({ ...item(`(a+)+${n}$`), linkId: `q${n}` }));
    const answers = items.map(({ linkId }) => ({ linkId, answer: [{ valueString: `${'a'.repeat(50)}!` }] }));
    const start = performance.now();
    expect(validate(response(items, answers)).map(({ code }) => code)).toContain('too-costly');
    expect(performance.now() - start).toBeLessThan(5000);
  });

  test.each(evil)('of an invariant: %s', (regex) => {
    const start = performance.now();
    const patient = { resourceType: 'Patient', name: [{ family: `${'a'.repeat(5000)}!` }] };
    compileInvariant(`name.family.matches('${regex}')`, 'Patient')(patient, patient);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test.each([
    ['^1(0[1-9]|[1-3][0-9]|4[0-7])([0-9])([0-9]{7})$', '13112345678', true],
    ['^[0-9]{8}:[^:]*:[^:]*:(.{0}|[0-9][0-9])$', '06123456:a:b:01', true],
    ['^[A-Z]([A-Za-z0-9_]){0,254}$', 'a-b', false],
    ['(\\d{2,4}-){2}\\d{4}', '03-1234-5678', true],
  ])('and others answer: %s of %s', (regex, text, expected) => {
    expect(matchesWhole(regex, text)).toBe(expected);
  });
});

describe('definitions that lead to themselves', () => {
  const valueSet = (name: string, names: readonly string[]): JsonObject => ({
    resourceType: 'ValueSet',
    url: `http://example.jp/${name}`,
    version: '1',
    compose: { include: names.map((one) => ({ valueSet: [`http://example.jp/${one}`] })) },
  });
  const profile = (name: string, base: string, elements: readonly JsonObject[] = []): JsonObject => ({
    resourceType: 'StructureDefinition',
    url: `http://example.jp/${name}`,
    type: 'Patient',
    kind: 'resource',
    derivation: 'constraint',
    baseDefinition: base,
    differential: { element: [{ id: 'Patient', path: 'Patient' }, ...elements] },
  });
  const validatorOf = (own: readonly JsonObject[]) => {
    const definitions = layered(definitionsOf(own), shippedDefinitions());
    return createValidator({ definitions, terminology: createTerminology(definitions) });
  };
  const said = (own: readonly JsonObject[], resource: JsonObject) => {
    const start = performance.now();
    const found = validatorOf(own)(resource, { profiles: ['http://example.jp/a'] });
    expect(performance.now() - start).toBeLessThan(5000);
    return found.map(({ severity, diagnostics }) => `${severity} ${diagnostics}`);
  };

  test('value sets that name each other by 2 to the power of 40 ways', () => {
    const sets = times(40, (n) => valueSet(`v${n}`, [`v${n + 1}`, `v${n + 1}|1`]));
    const last = { ...valueSet('v40', []), compose: { include: [{ system: 'urn:x', concept: [{ code: 'x' }] }] } };
    const terminology = createTerminology(definitionsOf([...sets, last]));
    expect(terminology.inValueSet('http://example.jp/v0', { system: 'urn:x', code: 'y' }).result).toBe(false);
    expect(terminology.inValueSet('http://example.jp/v0', { code: 'x' }).result).toBe(true);
    expect(terminology.expand('http://example.jp/v0').length).toBe(1);
  });

  test('a base that is based on the profile', () => {
    const own = [profile('a', 'http://example.jp/b'), profile('b', 'http://example.jp/a')];
    expect(said(own, { resourceType: 'Patient' }).join()).toMatch(/^warning .*http:\/\/example.jp\/a/);
  });

  test('a base that is not here', () => {
    const own = [profile('a', 'http://example.jp/none')];
    expect(said(own, { resourceType: 'Patient' }).join()).toMatch(/^warning .*http:\/\/example.jp\/none/);
  });

  test('a reference to what has to fit the same profile', () => {
    const R4 = 'http://hl7.org/fhir/StructureDefinition/Patient';
    const link = {
      id: 'Patient.link.other',
      path: 'Patient.link.other',
      type: [{ code: 'Reference', targetProfile: ['http://example.jp/a'] }],
    };
    const active = { id: 'Patient.active', path: 'Patient.active', min: 1 };
    const own = [profile('a', R4, [active, link])];
    const patient = (members: JsonObject) => ({
      resourceType: 'Patient',
      link: [{ other: { reference: '#' }, type: 'seealso' }],
      ...members,
    });
    expect(said(own, patient({ active: true }))).toEqual([]);
    expect(said(own, patient({})).length).toBeGreaterThan(0);
  });

  test('an extension whose profile asks for itself', () => {
    const url = 'http://example.jp/e';
    const own: JsonObject = {
      ...profile('e', 'http://hl7.org/fhir/StructureDefinition/Extension'),
      type: 'Extension',
      kind: 'complex-type',
      context: [{ type: 'element', expression: 'Element' }],
      differential: {
        element: [
          { id: 'Extension', path: 'Extension' },
          { id: 'Extension.extension', path: 'Extension.extension', min: 1 },
          {
            id: 'Extension.extension:own',
            path: 'Extension.extension',
            sliceName: 'own',
            type: [{ code: 'Extension', profile: [url] }],
          },
          { id: 'Extension.url', path: 'Extension.url', fixedUri: url },
        ],
      },
    };
    const extension = times(30, () => 0).reduce<JsonObject>((inner) => ({ url, extension: [inner] }), {
      url,
      valueBoolean: true,
    });
    const start = performance.now();
    validatorOf([own])({ resourceType: 'Patient', extension: [extension] });
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

describe('values of the wrong kind', () => {
  /** As JSON, so that each is a new one. */
  const evil = [
    ...[
      'null',
      '""',
      '0',
      '-1',
      '-0',
      '1.50',
      '1e400',
      '[1e999999999]',
      'true',
      '[]',
      '{}',
      '[[]]',
      '[null]',
      '"#"',
      '"|"',
    ],
    ...['"__proto__"', '"constructor"', '"\\ud800"', '"urn:uuid:x"', '{"__proto__":{"a":1}}', '{"constructor":{}}'],
    ...['{"toString":1}', '{"length":5}', '{"hasOwnProperty":1}', '{"resourceType":"Patient"}', '{"resourceType":{}}'],
    ...['{"reference":"#"}', '{"reference":1}', '{"url":1}', '{"system":1,"code":1}', '{"coding":{}}'],
  ];
  const examples = dirname(createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json'));
  // One in forty, of every kind: the same ones each time.
  const files = readdirSync(examples)
    .filter((file, n) => /^[A-Z]\w+-.*\.json$/.test(file) && n % 40 === 0)
    .filter((file) => statSync(join(examples, file)).size < 100_000);

  test('an official example with elements taken out, doubled or replaced is answered, and soon', () => {
    const change = fc.record({
      place: fc.nat(),
      from: fc.nat(),
      kind: fc.constantFrom('remove', 'double', 'replace', 'move', 'add'),
      value: fc.constantFrom(...evil),
      name: fc.constantFrom('toString', 'constructor', 'extension', 'contained', 'id', 'resourceType', '_value'),
    });
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.array(change, { minLength: 1, maxLength: 3 }), (file, changes) => {
        const resource = parseJson(readFileSync(join(examples, file), 'utf8'));
        for (const { place, from, kind, value, name } of changes) {
          const places = placesIn(resource);
          const at = places[place % places.length];
          const other = places[from % places.length];
          if (!at || !other) continue;
          if (kind === 'remove') delete at.owner[at.name];
          else if (kind === 'double') at.owner[at.name] = [at.owner[at.name], at.owner[at.name]];
          else if (kind === 'move') at.owner[at.name] = parseJson(JSON.stringify(other.owner[other.name]) ?? 'null');
          else at.owner[kind === 'add' ? name : at.name] = parseJson(value);
        }
        // The first time compiles what is needed; and what else the machine does is not counted.
        validate(resource);
        const start = process.cpuUsage();
        validate(resource);
        return process.cpuUsage(start).user < 200_000;
      }),
      { numRuns: 1500, seed: 42, endOnFailure: true },
    );
  }, 120_000);

  test.each<[string, JsonObject]>([
    ['the code of a property', { resourceType: 'CodeSystem', property: [{ code: { toString: 1 } }] }],
    [
      'the type of a definition',
      { resourceType: 'StructureDefinition', derivation: 'constraint', type: { toString: 1 } },
    ],
    ['the linkId of an item', { resourceType: 'Questionnaire', item: [{ linkId: { toString: 1 } }] }],
    [
      'the id and the type of an entry',
      {
        resourceType: 'Bundle',
        type: 'collection',
        entry: [
          observation({ hasMember: [{ reference: 'Observation/1' }] }),
          observation({ id: { toString: 1 } }),
          { resourceType: { toString: 1 } },
        ].map((resource) => ({ resource })),
      },
    ],
  ])('%s as an object', (_, resource) => {
    expect(errorsOf(validate(resource)).length).toBeGreaterThan(0);
  });

  test('codes that JavaScript objects have for members', () => {
    const code = { coding: [{ system: 'http://loinc.org', code: 'constructor' }] };
    const found = validate(observation({ code })).map(({ diagnostics }) => diagnostics);
    expect(found.join()).not.toContain('native code');
  });

  test('elements nested deeper than the stack', () => {
    const nested = (name: string, inner: unknown): unknown =>
      times(20_000, () => 0).reduce<unknown>((below) => ({ [name]: below }), inner);
    const text = { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml"><a href="#x">a</a></div>' };
    for (const name of ['extension', 'item', 'concept', 'x'])
      for (const resourceType of ['Patient', 'Questionnaire', 'CodeSystem', 'Bundle'])
        expect(errorsOf(validate({ resourceType, text, [name]: nested(name, []) })).length).toBeGreaterThan(0);
  });
});

/** Every member and item, however deep. */
function placesIn(value: unknown): { owner: Record<string, unknown>; name: string }[] {
  if (!isObject(value) && !Array.isArray(value)) return [];
  const owner = value as Record<string, unknown>;
  return Object.keys(owner).flatMap((name) => [{ owner, name }, ...placesIn(owner[name])]);
}
