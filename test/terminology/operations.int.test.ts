// $expand, $validate-code, $lookup, $subsumes and $translate over HTTP. https://hl7.org/fhir/R4/terminology-service.html
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
const system = 'http://example.org/cs/feeding';
const url = 'http://example.org/vs/feeding';
const ja = (value: string) => [{ language: 'ja', value }];
const codeSystem = {
  resourceType: 'CodeSystem',
  id: 'feeding',
  url: system,
  version: '3',
  name: 'Feeding',
  status: 'active',
  content: 'complete',
  property: [
    { code: 'inactive', type: 'boolean' },
    { code: 'notSelectable', type: 'boolean' },
  ],
  concept: [
    {
      code: 'milk',
      display: 'Milk',
      designation: ja('ミルク'),
      definition: 'Any milk',
      property: [{ code: 'notSelectable', valueBoolean: true }],
      concept: [
        { code: 'breast', display: 'Breast milk', designation: ja('母乳') },
        { code: 'formula', display: 'Formula', designation: ja('粉ミルク') },
      ],
    },
    { code: 'solid', display: 'Weaning food', designation: ja('離乳食') },
    { code: 'juice', display: 'Fruit juice', property: [{ code: 'inactive', valueBoolean: true }] },
  ],
};
const map = {
  resourceType: 'ConceptMap',
  id: 'feeding-map',
  url: 'http://example.org/cm/feeding',
  status: 'active',
  group: [
    {
      source: system,
      target: 'http://example.org/cs/other',
      element: [
        { code: 'breast', target: [{ code: 'B', equivalence: 'equivalent' }] },
        { code: 'formula', target: [{ code: 'M', display: 'Milk', equivalence: 'wider' }] },
        { code: 'juice', target: [{ equivalence: 'unmatched' }] },
      ],
      unmapped: { mode: 'fixed', code: 'X' },
    },
  ],
};
const valueSet = { resourceType: 'ValueSet', id: 'feeding', url, status: 'active', compose: { include: [{ system }] } };

beforeAll(async () => {
  t = await startApp();
  for (const one of [codeSystem, valueSet, map]) {
    const { status, text } = await t.system.put(`${one.resourceType}/${one.id}`, one);
    expect([status, text.slice(0, 300)]).toEqual([201, expect.anything()]);
  }
});
afterAll(() => t.close());

type Found = { name: string; [value: string]: unknown };
type Expansion = {
  total: number;
  offset?: number;
  contains?: { code: string; display?: string }[];
  parameter?: Found[];
};
const ask = async (path: string, body?: object, headers = {}) => {
  const answer = body === undefined ? await t.system.get(path, headers) : await t.system.post(path, body, headers);
  return { ...answer, found: answer.body as unknown as { expansion: Expansion; parameter: Found[] } };
};
const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
const givenIn = (list: Found[], name: string): unknown => {
  const one = list.find((parameter) => parameter.name === name);
  return one && Object.entries(one).find(([key]) => key.startsWith('value'))?.[1];
};
const encoded = encodeURIComponent;

describe('ValueSet/$expand', () => {
  const codes = async (query: string) =>
    (await ask(`ValueSet/$expand?${query}`)).found.expansion.contains?.map(({ code }) => code) ?? [];

  test('gives the stored value set in the language of the caller', async () => {
    const { status, found } = await ask(`ValueSet/$expand?url=${url}`);
    expect(status).toBe(200);
    expect(found).toMatchObject({ resourceType: 'ValueSet', url });
    expect(found.expansion).toMatchObject({
      total: 5,
      contains: [
        { system, code: 'milk', display: 'ミルク', abstract: true },
        { system, code: 'breast', display: '母乳' },
        { system, code: 'formula', display: '粉ミルク' },
        { system, code: 'solid', display: '離乳食' },
        { system, code: 'juice', display: 'Fruit juice', inactive: true },
      ],
    });
    const english = await ask(`ValueSet/feeding/$expand?displayLanguage=en`);
    expect(english.found.expansion.contains?.[1]?.display).toBe('Breast milk');
    const byHeader = await ask(`ValueSet/$expand?url=${url}`, undefined, { 'accept-language': 'en' });
    expect(byHeader.found.expansion.contains?.[1]?.display).toBe('Breast milk');
  });

  test.each<[query: string, codes: string[]]>([
    ['filter=milk', ['milk', 'breast']],
    ['filter=MILK%20br', ['breast']],
    [`filter=${encoded('みるく')}`, ['milk', 'formula']],
    [`filter=${encoded('ﾐﾙｸ')}`, ['milk', 'formula']],
    [`filter=${encoded('離乳')}`, ['solid']],
    ['filter=none', []],
    ['activeOnly=true', ['milk', 'breast', 'formula', 'solid']],
    ['excludeNotForUI=true', ['breast', 'formula', 'solid', 'juice']],
    ['offset=1&count=2', ['breast', 'formula']],
    ['offset=4&count=2', ['juice']],
    ['offset=9', []],
    ['count=0', []],
    [`exclude-system=${system}`, []],
  ])('%s', async (query, expected) => {
    expect(await codes(`url=${url}&${query}`)).toEqual(expected);
  });

  test('pages tell the whole number, and what shaped them', async () => {
    const { found } = await ask(`ValueSet/$expand?url=${url}&count=2&offset=2&filter=l`);
    expect(found.expansion).toMatchObject({ total: 4, offset: 2 });
    expect(found.expansion.contains).toHaveLength(2);
    expect(found.expansion.parameter).toEqual([
      { name: 'filter', valueString: 'l' },
      { name: 'offset', valueInteger: 2 },
      { name: 'count', valueInteger: 2 },
    ]);
  });

  test('designations where they are asked for', async () => {
    const { found } = await ask(`ValueSet/$expand?url=${url}&includeDesignations=true&filter=${encoded('離乳')}`);
    expect(found.expansion.contains).toMatchObject([{ designation: ja('離乳食') }]);
  });

  test('a value set that is sent, and what is sent along with it, go before what is here', async () => {
    const own = {
      resourceType: 'ValueSet',
      status: 'active',
      compose: { include: [{ system, concept: [{ code: 'solid', display: 'Mush' }] }, { system: 'urn:sent' }] },
    };
    const along = {
      resourceType: 'CodeSystem',
      url: 'urn:sent',
      status: 'active',
      content: 'complete',
      concept: [{ code: 'x' }],
    };
    const { status, found } = await ask(
      'ValueSet/$expand',
      parameters(
        { name: 'valueSet', resource: own },
        { name: 'tx-resource', resource: along },
        { name: 'displayLanguage', valueCode: 'en' },
      ),
    );
    expect(status).toBe(200);
    expect(found.expansion.contains).toMatchObject([
      { code: 'solid', display: 'Mush' },
      { system: 'urn:sent', code: 'x' },
    ]);
  });

  test('a shipped value set, as a form', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await t.system.post(
      'ValueSet/$expand',
      'url=http://hl7.org/fhir/ValueSet/administrative-gender',
      form,
    );
    expect(answer.status).toBe(200);
    expect((answer.body as unknown as { expansion: Expansion }).expansion.total).toBe(4);
  });

  test.each<[query: string, status: number, message: RegExp]>([
    ['url=http://nowhere.test/vs', 404, /the ValueSet http:\/\/nowhere.test\/vs is not known/],
    ['', 400, /Name one value set/],
    [`url=${url}&url=${url}`, 400, /"url" may be given once/],
    [`url=${url}&count=-1`, 400, /"count" takes a whole number/],
    [`url=${url}&count=10001`, 400, /count is at most 10000/],
    [`url=${url}&activeOnly=yes`, 400, /"activeOnly" takes true or false/],
    [`url=${url}&context=x`, 400, /no parameter "context"\. Known: url, /],
    [`url=${url}&valueSet=x`, 400, /only a Parameters resource can hold/],
    [
      'url=http://hl7.org/fhir/ValueSet/condition-code',
      422,
      /the CodeSystem http:\/\/snomed.info\/sct is not stored here/,
    ],
    ['url=http://hl7.org/fhir/ValueSet/mimetypes', 422, /media types of BCP 13 cannot be listed/],
  ])('?%s is refused', async (query, status, message) => {
    const answer = await t.system.get(`ValueSet/$expand?${query}`);
    expect([answer.status, answer.body.issue?.[0]?.diagnostics]).toEqual([status, expect.stringMatching(message)]);
  });

  test('more than 10,000 codes come in pages', async () => {
    const concept = Array.from({ length: 10_001 }, (_, n) => ({ code: `c${n}` }));
    const body = parameters({
      name: 'valueSet',
      resource: { resourceType: 'ValueSet', status: 'active', compose: { include: [{ system: 'urn:many', concept }] } },
    });
    expect((await ask('ValueSet/$expand', body)).status).toBe(422);
    const { found } = await ask('ValueSet/$expand', {
      ...body,
      parameter: [...body.parameter, { name: 'count', valueInteger: 10 }],
    });
    expect([found.expansion.total, found.expansion.contains?.length]).toEqual([10_001, 10]);
  });
});

describe('$validate-code', () => {
  test.each<[path: string, result: boolean, display: string | undefined]>([
    [`ValueSet/$validate-code?url=${url}&system=${system}&code=breast`, true, '母乳'],
    [`ValueSet/feeding/$validate-code?system=${system}&code=breast&display=Breast%20milk`, true, '母乳'],
    [
      `ValueSet/feeding/$validate-code?system=${system}&code=breast&display=${encoded('母乳')}&displayLanguage=en`,
      true,
      'Breast milk',
    ],
    [`ValueSet/feeding/$validate-code?system=${system}&code=breast&display=Beer`, false, '母乳'],
    [`ValueSet/feeding/$validate-code?system=${system}&code=beer`, false, undefined],
    [`ValueSet/feeding/$validate-code?system=urn:other&code=breast`, false, undefined],
    [`ValueSet/feeding/$validate-code?system=${system}&code=milk`, false, 'ミルク'],
    [`ValueSet/feeding/$validate-code?system=${system}&code=milk&abstract=true`, true, 'ミルク'],
    [`CodeSystem/$validate-code?url=${system}&code=breast`, true, '母乳'],
    [`CodeSystem/feeding/$validate-code?code=breast&display=Beer`, false, '母乳'],
    [`CodeSystem/feeding/$validate-code?code=beer`, false, undefined],
    ['CodeSystem/$validate-code?url=http://unitsofmeasure.org&code=kg', true, undefined],
    ['CodeSystem/$validate-code?url=http://unitsofmeasure.org&code=KGS', false, undefined],
    ['CodeSystem/$validate-code?url=http://loinc.org&code=8302-3', false, undefined],
    [
      'ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/mimetypes&system=urn:ietf:bcp:13&code=text/plain',
      true,
      undefined,
    ],
  ])('%s: %s', async (path, result, display) => {
    const { status, found } = await ask(path);
    expect(status).toBe(200);
    expect([givenIn(found.parameter, 'result'), givenIn(found.parameter, 'display')]).toEqual([result, display]);
    expect(typeof givenIn(found.parameter, 'message')).toBe(result ? 'undefined' : 'string');
  });

  test('of a CodeableConcept one coding is enough', async () => {
    const of = (...coding: object[]) =>
      ask('ValueSet/feeding/$validate-code', parameters({ name: 'codeableConcept', valueCodeableConcept: { coding } }));
    const right = await of({ system: 'urn:other', code: '1' }, { system, code: 'solid' });
    expect(givenIn(right.found.parameter, 'result')).toBe(true);
    const wrong = await of({ system: 'urn:other', code: '1' });
    expect(givenIn(wrong.found.parameter, 'message')).toBe(`The code "1" of urn:other is not in the value set ${url}`);
  });

  test.each<[path: string, status: number, message: RegExp]>([
    [`ValueSet/$validate-code?url=${url}&code=breast`, 400, /A code needs its system/],
    [`ValueSet/$validate-code?url=${url}`, 400, /Give one of code, coding and codeableConcept/],
    ['ValueSet/$validate-code?url=http://nowhere.test/vs&system=x&code=y', 404, /not known here/],
    ['CodeSystem/$validate-code?url=http://loinc.org&code=8302-2', 422, /loinc.org is not known here/],
    ['CodeSystem/$validate-code?code=y', 400, /Name one code system/],
    ['CodeSystem/missing/$validate-code?code=y', 404, /CodeSystem\/missing/],
  ])('%s is refused', async (path, status, message) => {
    const answer = await t.system.get(path);
    expect([answer.status, answer.body.issue?.[0]?.diagnostics]).toEqual([status, expect.stringMatching(message)]);
  });
});

describe('CodeSystem/$lookup', () => {
  test('gives the words, the place and the properties of a code', async () => {
    const { found } = await ask(`CodeSystem/$lookup?system=${system}&code=milk`);
    expect(found.parameter).toEqual([
      { name: 'name', valueString: 'Feeding' },
      { name: 'version', valueString: '3' },
      { name: 'display', valueString: 'ミルク' },
      {
        name: 'designation',
        part: [
          { name: 'language', valueCode: 'ja' },
          { name: 'value', valueString: 'ミルク' },
        ],
      },
      {
        name: 'property',
        part: [
          { name: 'code', valueCode: 'definition' },
          { name: 'value', valueString: 'Any milk' },
        ],
      },
      {
        name: 'property',
        part: [
          { name: 'code', valueCode: 'inactive' },
          { name: 'value', valueBoolean: false },
        ],
      },
      {
        name: 'property',
        part: [
          { name: 'code', valueCode: 'child' },
          { name: 'value', valueCode: 'breast' },
          { name: 'description', valueString: 'Breast milk' },
        ],
      },
      {
        name: 'property',
        part: [
          { name: 'code', valueCode: 'child' },
          { name: 'value', valueCode: 'formula' },
          { name: 'description', valueString: 'Formula' },
        ],
      },
      {
        name: 'property',
        part: [
          { name: 'code', valueCode: 'notSelectable' },
          { name: 'value', valueBoolean: true },
        ],
      },
    ]);
  });

  test('only the properties that are asked for, of a Coding, in another language', async () => {
    const { found } = await ask(
      'CodeSystem/$lookup',
      parameters(
        { name: 'coding', valueCoding: { system, code: 'breast' } },
        { name: 'property', valueCode: 'parent' },
        { name: 'displayLanguage', valueCode: 'en' },
      ),
    );
    expect(found.parameter.map(({ name }) => name)).toEqual(['name', 'version', 'display', 'property']);
    expect(givenIn(found.parameter, 'display')).toBe('Breast milk');
  });

  test.each([
    ['system=urn:ietf:bcp:47&code=ja', '日本語'],
    ['system=http://unitsofmeasure.org&code=mg', 'mg'],
    ['system=urn:iso:std:iso:3166&code=JP', 'Japan'],
    ['system=http://hl7.org/fhir/administrative-gender&code=female', 'Female'],
  ])('%s: %s', async (query, display) => {
    expect(givenIn((await ask(`CodeSystem/$lookup?${query}`)).found.parameter, 'display')).toBe(display);
  });

  test.each([
    [`system=${system}&code=beer`, 404],
    ['system=http://loinc.org&code=8302-3', 404],
    ['system=http://loinc.org&code=8302-2', 404],
    ['code=beer', 400],
    [`system=${system}`, 400],
  ])('%s: %s', async (query, status) => {
    expect((await ask(`CodeSystem/$lookup?${query}`)).status).toBe(status);
  });
});

describe('CodeSystem/$subsumes', () => {
  test.each([
    ['milk', 'breast', 'subsumes'],
    ['breast', 'milk', 'subsumed-by'],
    ['breast', 'formula', 'not-subsumed'],
    ['solid', 'solid', 'equivalent'],
  ])('%s, %s: %s', async (first, second, outcome) => {
    for (const path of [`CodeSystem/$subsumes?system=${system}`, 'CodeSystem/feeding/$subsumes?_format=json']) {
      const { found } = await ask(`${path}&codeA=${first}&codeB=${second}`);
      expect(found.parameter).toEqual([{ name: 'outcome', valueCode: outcome }]);
    }
  });

  test.each([
    [`system=${system}&codeA=milk&codeB=beer`, 404],
    [`system=${system}&codeA=milk`, 400],
    ['codeA=milk&codeB=beer', 400],
    ['system=http://snomed.info/sct&codeA=73211009&codeB=73211009', 404],
  ])('%s: %s', async (query, status) => {
    expect((await ask(`CodeSystem/$subsumes?${query}`)).status).toBe(status);
  });
});

describe('ConceptMap/$translate', () => {
  const other = 'http://example.org/cs/other';
  const vaccine = 'https://tsumugi.example/fhir/CodeSystem/vaccine';
  test.each<[query: string, result: boolean, matches: [equivalence: string, code: string | undefined][]]>([
    [`url=${map.url}&system=${system}&code=breast`, true, [['equivalent', 'B']]],
    [`url=${map.url}&system=${system}&code=formula`, true, [['wider', 'M']]],
    [`url=${map.url}&system=${system}&code=juice`, false, [['unmatched', undefined]]],
    [`url=${map.url}&system=${system}&code=solid`, true, [['inexact', 'X']]],
    [`url=${map.url}&system=${other}&code=M&reverse=true`, true, [['narrower', 'formula']]],
    [`targetsystem=${other}&system=${system}&code=breast`, true, [['equivalent', 'B']]],
    [`targetsystem=${system}&system=${other}&code=B&reverse=true`, true, [['equivalent', 'breast']]],
    [`targetsystem=urn:none&system=${system}&code=breast`, false, []],
    [
      `url=https://tsumugi.example/fhir/ConceptMap/vaccine-to-cvx&system=${vaccine}&code=RV1`,
      true,
      [['equivalent', '119']],
    ],
    [`targetsystem=http://hl7.org/fhir/sid/cvx&system=${vaccine}&code=RV5`, true, [['equivalent', '116']]],
  ])('%s: %s', async (query, result, matches) => {
    const { status, found } = await ask(`ConceptMap/$translate?${query}`);
    expect(status).toBe(200);
    expect(givenIn(found.parameter, 'result')).toBe(result);
    const parts = found.parameter.filter(({ name }) => name === 'match').map(({ part }) => part as Found[]);
    expect(
      parts.map((part) => [
        givenIn(part, 'equivalence'),
        (givenIn(part, 'concept') as { code?: string } | undefined)?.code,
      ]),
    ).toEqual(matches);
  });

  test('of an instance, and of a map that is sent', async () => {
    const coding = { name: 'coding', valueCoding: { system, code: 'breast' } };
    const stored = await ask('ConceptMap/feeding-map/$translate', parameters(coding));
    const sent = await ask('ConceptMap/$translate', parameters(coding, { name: 'conceptMap', resource: map }));
    for (const { found } of [stored, sent]) expect(givenIn(found.parameter, 'result')).toBe(true);
  });

  test.each([
    [`system=${system}&code=breast`, 400],
    [`url=${map.url}&code=breast`, 400],
    [`url=http://nowhere.test/cm&system=${system}&code=breast`, 404],
  ])('%s: %s', async (query, status) => {
    expect((await ask(`ConceptMap/$translate?${query}`)).status).toBe(status);
  });
});

test('families ask about the directory’s value sets; who may not read the type does not, and nobody learns what is hidden', async () => {
  await t.system.put('Patient/p', { resourceType: 'Patient', id: 'p', name: [{ text: '試験' }] });
  const family = await t.caller('patient/*.rs', { patient: 'p' });
  expect((await family.get(`ValueSet/$expand?url=${url}`)).status).toBe(200);
  const narrow = await t.caller('patient/Observation.rs', { patient: 'p' });
  for (const path of [
    `ValueSet/$expand?url=${url}`,
    'ValueSet/feeding/$expand',
    'ValueSet/missing/$expand',
    `CodeSystem/$lookup?system=${system}&code=milk`,
    `ConceptMap/$translate?url=${map.url}&system=${system}&code=breast`,
  ])
    expect((await narrow.get(path)).status).toBe(403);
  // Its own type alone: the code system is as if it were not stored.
  const half = await t.caller('patient/ValueSet.rs', { patient: 'p' });
  const answer = await half.get(`ValueSet/$expand?url=${url}`);
  expect([answer.status, answer.body.issue?.[0]?.diagnostics]).toEqual([
    422,
    expect.stringContaining(`${system} is not stored here`),
  ]);
});

test('a value set that was changed is answered as it is now', async () => {
  const changing = (code: string) => ({
    ...valueSet,
    id: 'changing',
    url: 'http://example.org/vs/changing',
    compose: { include: [{ system, concept: [{ code }] }] },
  });
  for (const code of ['solid', 'breast']) {
    await t.system.put('ValueSet/changing', changing(code));
    const { found } = await ask('ValueSet/$expand?url=http://example.org/vs/changing');
    expect(found.expansion.contains?.map((one) => one.code)).toEqual([code]);
  }
});

test('each question leaves its audit row', async () => {
  const answer = await t.system.get(`ValueSet/$expand?url=${url}`);
  const { rows } = await t.pool.query('select interaction from audit where request = $1', [
    answer.headers['x-request-id'],
  ]);
  expect(rows).toEqual([{ interaction: 'expand' }]);
});

describe('metadata?mode=terminology', () => {
  test('names the code systems and what $expand takes, to everyone and in a batch', async () => {
    const { status, body } = await t.withToken(undefined).get('metadata?mode=terminology');
    expect(status).toBe(200);
    const { codeSystem, expansion } = body as unknown as {
      codeSystem: { uri: string }[];
      expansion: { parameter: { name: string }[] };
    };
    const uris = codeSystem.map(({ uri }) => uri);
    expect(uris).toContain('http://terminology.hl7.org/CodeSystem/v3-ActCode');
    expect(uris).toContain('urn:ietf:bcp:47');
    expect(uris).not.toContain('http://loinc.org');
    for (const { name } of expansion.parameter) {
      const answer = await t.system.get(`ValueSet/$expand?${name}=x`);
      expect(answer.body.issue?.[0]?.diagnostics).not.toContain('There is no parameter');
    }
    const entry = [{ request: { method: 'GET', url: 'metadata?mode=terminology' } }];
    const batch = await t.system.post('', { resourceType: 'Bundle', type: 'batch', entry });
    expect(batch.body.entry[0]?.resource).toEqual(body);
  });

  test('the other modes give the CapabilityStatement; there are no more', async () => {
    for (const query of ['', '?mode=full', '?mode=normative'])
      expect((await t.system.get(`metadata${query}`)).body.resourceType).toBe('CapabilityStatement');
    expect((await t.system.get('metadata?mode=x')).status).toBe(400);
  });
});

test('a value set that is made to take for ever is given up', async () => {
  const concept = [{ code: 'a'.repeat(60) }];
  const filter = [{ property: 'code', op: 'regex', value: '(a+)+b' }];
  const along = { resourceType: 'CodeSystem', url: 'urn:evil', status: 'active', content: 'complete', concept };
  const include = Array.from({ length: 5000 }, () => ({ system: 'urn:evil', filter }));
  const evil = { resourceType: 'ValueSet', url: 'urn:evil:vs', status: 'active', compose: { include } };
  const body = parameters({ name: 'valueSet', resource: evil }, { name: 'tx-resource', resource: along });
  const { status, body: outcome } = await ask('ValueSet/$expand', body);
  expect([status, outcome.issue?.[0]?.diagnostics]).toEqual([422, expect.stringMatching(/takes (too long|longer)/)]);
  const nested = Array.from({ length: 60 }, (_, n) => ({
    resourceType: 'ValueSet',
    url: `urn:evil:${n}`,
    compose: {
      include: Array.from({ length: 60 }, () => ({
        valueSet: [`urn:evil:${n + 1}`, 'http://hl7.org/fhir/ValueSet/languages'],
      })),
    },
  }));
  const resources = [...nested, { resourceType: 'ValueSet', url: 'urn:evil:60', compose: { include: [{ system }] } }];
  const deep = parameters(
    { name: 'url', valueUri: 'urn:evil:0' },
    ...resources.map((resource) => ({ name: 'tx-resource', resource })),
  );
  expect((await ask('ValueSet/$expand', deep)).status).toBeLessThan(500);
}, 30_000);
