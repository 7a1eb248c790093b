// `_filter`: the examples and the table of operators of https://hl7.org/fhir/R4/search_filter.html, against the same search by
// plain parameters where there is one, and against plain code where the tree is deep.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allPages, matchIds, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
  const entry = records.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  const { status, text } = await t.system.post('', { resourceType: 'Bundle', type: 'transaction', entry });
  expect([status, text.slice(0, 200)]).toEqual([200, expect.anything()]);
});
afterAll(() => t.close());

const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] });
const about = (id: string) => ({ subject: { reference: `Patient/${id}` } });
const observation = (id: string, patient: string, code: string, more: object) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: loinc(code),
  ...about(patient),
  ...more,
});
const kg = (value: number) => ({ value, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' });
const records: { resourceType: string; id: string; [name: string]: unknown }[] = [
  { resourceType: 'Organization', id: 'org', name: '試験クリニック', alias: ['Pet (clinic)'] },
  {
    resourceType: 'Patient',
    id: 'peter',
    name: [{ family: 'Shiken', given: ['Peter', 'Jan'] }],
    birthDate: '2015-03-01',
    gender: 'male',
    managingOrganization: { reference: 'Organization/org' },
    identifier: [{ system: 'urn:no', value: 'A1' }],
  },
  { resourceType: 'Patient', id: 'carpet', name: [{ family: 'Carpet' }], birthDate: '2013-03-01', gender: 'female' },
  { resourceType: 'Patient', id: 'hana', name: [{ family: '試験', given: ['花子'] }], birthDate: '2014-10-10' },
  observation('o1', 'peter', '1234-5', { valueQuantity: kg(5.4), effectiveDateTime: '2026-01-10' }),
  observation('o2', 'carpet', '1234-5', { valueQuantity: kg(7), effectiveDateTime: '2026-02-10' }),
  observation('o3', 'hana', '9-9', { effectivePeriod: { start: '2026-01-01', end: '2026-03-01' } }),
  observation('o4', 'hana', '9-9', { hasMember: [{ reference: 'Observation/o1' }] }),
  { resourceType: 'Questionnaire', id: 'q1', status: 'draft', url: 'http://example.org/q/one' },
  { resourceType: 'Questionnaire', id: 'q2', status: 'draft', url: 'http://example.org/q' },
  {
    resourceType: 'RiskAssessment',
    id: 'r1',
    status: 'final',
    ...about('peter'),
    prediction: [{ probabilityDecimal: 0.5 }],
  },
];

const found = async (type: string, filter: string) => {
  const response = await t.system.get(`${type}?_filter=${encodeURIComponent(filter)}&_count=1000&_total=accurate`);
  expect([response.status, response.text.slice(0, 300)]).toEqual([200, expect.anything()]);
  const ids = matchIds(response).sort();
  expect(response.body.total).toBe(ids.length);
  return ids;
};

describe('what a filter finds', () => {
  test.each<[type: string, filter: string, ids: string[]]>([
    ['Patient', 'name co "pet"', ['carpet', 'peter']],
    ['Patient', 'given eq "peter" and birthdate ge 2014-10-10', ['peter']],
    ['Observation', 'code eq http://loinc.org|1234-5', ['o1', 'o2']],
    ['Observation', 'subject.name co "pet"', ['o1', 'o2']],
    ['Observation', 'has-member pr true', ['o4']],
    ['Observation', 'has-member re Observation/o1', ['o4']],
    ['Patient', 'name eq pet', []],
    ['Patient', 'name eq PETER', ['peter']],
    ['Patient', 'name eq 試験花子', ['hana']],
    ['Patient', 'family ne carpet', ['hana', 'peter']],
    ['Patient', 'given ne peter', ['hana']],
    ['Patient', 'name sw pet', ['peter']],
    ['Patient', 'name ew pet', ['carpet']],
    ['Patient', 'name ew ト', []],
    ['Patient', 'name ew 子', ['hana']],
    ['Patient', 'family gt carpet', ['hana', 'peter']],
    ['Patient', 'family ge carpet', ['carpet', 'hana', 'peter']],
    ['Patient', 'family lt d', ['carpet']],
    ['Patient', 'family le carpet', ['carpet']],
    ['Patient', 'given pr false', ['carpet']],
    ['Patient', 'gender eq female', ['carpet']],
    ['Patient', 'gender ne female', ['peter']],
    ['Patient', 'not(gender eq female)', ['hana', 'peter']],
    ['Patient', 'gender pr false', ['hana']],
    ['Patient', 'identifier eq urn:no|a1', ['peter']],
    ['Patient', '_id eq peter', ['peter']],
    ['Patient', '_id ne peter', ['carpet', 'hana']],
    ['Patient', '_lastUpdated ge 2020', ['carpet', 'hana', 'peter']],
    ['Patient', '_lastUpdated po 2020', []],
    ['Patient', 'birthdate eq 2014', ['hana']],
    ['Patient', 'birthdate ne 2014-10-10', ['carpet', 'peter']],
    ['Patient', 'birthdate gt 2014-10-10', ['peter']],
    ['Patient', 'birthdate lt 2014-10-10', ['carpet']],
    ['Patient', 'birthdate le 2014-10-10', ['carpet', 'hana']],
    ['Patient', 'birthdate sa 2014', ['peter']],
    ['Patient', 'birthdate eb 2014', ['carpet']],
    ['Patient', 'birthdate po 2014', ['hana']],
    ['Observation', 'date po 2026-01', ['o1', 'o3']],
    ['Observation', 'date eq 2026-01', ['o1']],
    ['Observation', 'date pr false', ['o4']],
    ['Observation', 'not(date po 2026-01)', ['o2', 'o4']],
    ['Observation', 'value-quantity gt 6', ['o2']],
    ['Observation', 'value-quantity lt 6000|http://unitsofmeasure.org|g', ['o1']],
    ['Observation', 'value-quantity ap 5.5', ['o1']],
    ['Observation', 'value-quantity pr true', ['o1', 'o2']],
    ['Observation', 'not(value-quantity gt 6)', ['o1', 'o3', 'o4']],
    ['Observation', 'combo-value-quantity ge 7', ['o2']],
    ['Observation', 'code-value-quantity eq 1234-5$5.4', ['o1']],
    ['RiskAssessment', 'probability ge 0.5', ['r1']],
    ['Questionnaire', 'url eq http://example.org/q', ['q2']],
    ['Questionnaire', 'url ne http://example.org/q', ['q1']],
    ['Questionnaire', 'url ss http://example.org/q', ['q1', 'q2']],
    ['Questionnaire', 'url sb http://example.org/q/one', ['q1', 'q2']],
    ['Organization', 'name eq "pet (clinic)"', ['org']],
    ['Organization', 'name co ")"', ['org']],
    ['Organization', '_content co "clinic"', ['org']],
    ['Observation', 'subject[type eq Patient].name co "pet"', ['o1', 'o2']],
    ['Observation', 'subject[name co "pet"].birthdate gt 2014', ['o1']],
    ['Observation', 'subject[type eq Patient and name co "pet"].birthdate lt 2014', ['o2']],
    ['Observation', 'subject.organization.name sw 試験', ['o1']],
    ['Observation', 'not(subject.name co "pet")', ['o3', 'o4']],
    ['Observation', 'subject.name co "pet" and not (subject.birthdate gt 2014)', ['o2']],
    ['Observation', 'code eq 9-9 or value-quantity gt 6 and date pr true', ['o2', 'o3']],
    ['Observation', 'code eq 9-9 or (value-quantity gt 6 and date pr true)', ['o2', 'o3', 'o4']],
    ['Observation', '((code eq 9-9))and(date pr true)', ['o3']],
  ])('%s: %s', async (type, filter, ids) => {
    expect(await found(type, filter)).toEqual(ids);
  });

  test('stands beside other parameters, in every page, and over several types', async () => {
    const filter = encodeURIComponent('subject.name co "pet" or code eq 9-9');
    const pages = await allPages(t.system, `Observation?_filter=${filter}&date:missing=false&_count=2`);
    expect([pages.length, pages.flat().sort()]).toEqual([2, ['o1', 'o2', 'o3']]);
    const both = await t.system.get(`?_type=Patient,Organization&_filter=${encodeURIComponent('name co pet')}`);
    expect(matchIds(both).sort()).toEqual(['carpet', 'org', 'peter']);
  });

  test('POST _search takes one as well', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams({ _filter: 'name co "pet"' }).toString();
    expect(matchIds(await t.system.send('POST', 'Patient/_search', body, form)).sort()).toEqual(['carpet', 'peter']);
  });
});

describe('what a filter must not tell', () => {
  test('a family finds its own through chains, whether they are denied or not', async () => {
    const family = await t.caller('patient/*.rs', { patient: 'hana' });
    const ask = async (filter: string) =>
      matchIds(await family.get(`Observation?_filter=${encodeURIComponent(filter)}`)).sort();
    expect(await ask('subject.name co "pet"')).toEqual([]);
    expect(await ask('not(subject.name co "pet")')).toEqual(['o3', 'o4']);
    expect(await ask('has-member.subject.name co "pet"')).toEqual([]);
    expect(await ask('code pr true or subject.name co "pet"')).toEqual(['o3', 'o4']);
  });
});

describe('what is refused', () => {
  test.each<[type: string, filter: string, message: RegExp]>([
    ['Patient', 'name', /behind character 4: expected an operator/],
    ['Patient', 'name is x', /expected an operator \(eq, ne/],
    ['Patient', 'name eq', /expected an operator|expected a value/],
    ['Patient', 'name eq x)', /behind character 9: expected "and", "or" or the end/],
    ['Patient', '(name eq x', /"and", "or" or "\)"/],
    ['Patient', 'name eq "x', /expected a value/],
    ['Patient', 'name eq "\\q"', /JSON string/],
    ['Patient', 'name eq "\\u0000"', /JSON string/],
    ['Patient', 'name eq "\\ud800"', /JSON string/],
    ['Patient', 'name eq a and', /name of a search parameter/],
    ['Patient', 'link[type eq Patient] eq x', /"\." and a name/],
    ['Patient', 'nope eq x', /Patient has no search parameter "nope". Known: .*_filter/],
    ['Patient', 'name po 2014', /type string, which takes no po. Known here: eq, ne, co/],
    ['Patient', 'gender co x', /type token, which takes no co. Known here: eq, ne, in/],
    ['Patient', 'birthdate sw 2014', /type date, which takes no sw/],
    ['Patient', 'birthdate eq ge2014', /not a date/],
    ['Patient', 'name pr maybe', /true or false/],
    ['Patient', '_id co x', /Known here: eq, ne/],
    ['Observation', 'code.name eq x', /Known: .*subject/],
    ['Observation', 'subject[type eq Organization].name eq x', /Known here: .*Patient/],
    ['Organization', `${'partof.'.repeat(9)}name eq x`, /8 links long/],
    ['Patient', `${'('.repeat(30)}name eq x${')'.repeat(30)}`, /20 levels deep/],
    ['Patient', Array(61).fill('name eq x').join(' or '), /60 tests/],
  ])('%s: %s', async (type, filter, message) => {
    const { status, body } = await t.system.get(`${type}?_filter=${encodeURIComponent(filter)}`);
    expect([status, body.issue?.[0]?.diagnostics]).toEqual([400, expect.stringMatching(message)]);
  });

  test('a filter of more than 8,000 characters, and chains that multiply', async () => {
    const post = (type: string, filter: string) =>
      t.system.send('POST', `${type}/_search`, new URLSearchParams({ _filter: filter }).toString(), {
        'content-type': 'application/x-www-form-urlencoded',
      });
    expect((await post('Patient', `name eq "${'x'.repeat(8000)}"`)).status).toBe(400);
    const chain = 'investigation.based-on.activity-reference.requester._id eq 1';
    expect((await post('ClinicalImpression', Array(10).fill(chain).join(' and '))).status).toBe(422);
  });

  test('whatever is sent is answered with a result or a refusal', async () => {
    const word = fc.constantFrom(
      ...['name', 'birthdate', 'code', 'subject', 'eq', 'co', 'ss', 'pr', 'and', 'or', 'not', '(', ')', '[', ']', '.'],
      ...['"x"', '2014', 'true', '"', '\\', '|', 'type', 'Patient', '_list', '_id', 'link', '5', '\u0000', '\ud800'],
    );
    const text = fc.oneof(
      fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
      fc.array(word, { maxLength: 12 }).map((words) => words.join('')),
      fc.string({ unit: 'binary', maxLength: 30 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('Patient', 'Observation', ''), text, async (type, filter) => {
        const search = new URLSearchParams({ _filter: filter.toWellFormed() });
        const { status } = await t.system.get(`${type}?${search}`);
        expect([filter, status >= 500]).toEqual([filter, false]);
      }),
      { numRuns: 150 },
    );
  });
});

test('trees of and, or and not agree with sets worked out in plain code', async () => {
  const tests = [
    ...['code eq 9-9', 'code ne 9-9', 'date pr true', 'date ge 2026-02', 'value-quantity gt 6', 'has-member pr true'],
    ...['subject.name co "pet"', 'subject eq Patient/hana', 'date po 2026-01', 'value-quantity ne 7', '_id eq o1'],
  ];
  const answers = new Map<string, Set<string>>();
  for (const one of tests) answers.set(one, new Set(await found('Observation', one)));
  const all = ['o1', 'o2', 'o3', 'o4'];
  type Tree = { text: string; ids: Set<string> };
  const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom(...tests).map((text) => ({ text, ids: answers.get(text) ?? new Set<string>() })),
      tie('tree').map((of) => ({ text: `not(${of.text})`, ids: new Set(all.filter((id) => !of.ids.has(id))) })),
      fc.tuple(tie('tree'), fc.constantFrom('and', 'or'), tie('tree')).map(([one, by, other]) => ({
        text: `(${one.text} ${by} ${other.text})`,
        ids: new Set(
          all.filter((id) =>
            by === 'and' ? one.ids.has(id) && other.ids.has(id) : one.ids.has(id) || other.ids.has(id),
          ),
        ),
      })),
    ),
  }));
  await fc.assert(
    fc.asyncProperty(tree, async ({ text, ids }) => {
      expect([text, await found('Observation', text)]).toEqual([text, [...ids].sort()]);
    }),
    { numRuns: 60 },
  );
});

test.each([
  ['Observation', 'code eq 1234-5 and date ge 2026-02', 'code=1234-5&date=ge2026-02'],
  ['Observation', 'subject.name sw Pet', 'subject:Patient.name=Pet'],
  ['Observation', 'value-quantity le 6', 'value-quantity=le6'],
  ['Patient', 'gender eq male or gender eq female', 'gender=male,female'],
  ['Patient', 'family co arp', 'family:contains=arp'],
])('%s: %s is %s', async (type, filter, plain) => {
  const expected = matchIds(await t.system.get(`${type}?${plain}`)).sort();
  expect(expected.length).toBeGreaterThan(0);
  expect(await found(type, filter)).toEqual(expected);
});
