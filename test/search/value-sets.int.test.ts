// `:in`, `:not-in`, `:above` and `:below` of tokens, from the value sets and code systems stored here.
// https://hl7.org/fhir/R4/search.html#token

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { matchIds, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
const color = 'urn:test:color';
const unit = 'urn:test:unknown';
const coded = (code: string, system = color) => ({ coding: [{ system, code }] });
const valueSet = (id: string, more: object) => ({
  resourceType: 'ValueSet',
  id,
  url: `http://example.org/vs/${id}`,
  status: 'active',
  ...more,
});
const compose = (...include: object[]) => ({ compose: { include } });
const red = ['dark', 'light', 'red'];
const blue = ['blue', 'navy'];
const all = [...red, ...blue, 'white'].sort();

const records: { resourceType: string; id: string; [name: string]: unknown }[] = [
  ...all.map((code) => ({ resourceType: 'Observation', id: code, status: 'final', code: coded(code.toUpperCase()) })),
  { resourceType: 'Observation', id: 'plain', status: 'final', code: { text: '色' } },
  { resourceType: 'Observation', id: 'elsewhere', status: 'amended', code: coded('red', 'urn:test:other') },
  { resourceType: 'Patient', id: 'p', gender: 'female' },
  {
    resourceType: 'CodeSystem',
    id: 'colors',
    url: color,
    version: '2',
    status: 'active',
    content: 'complete',
    concept: [
      {
        code: 'red',
        display: '赤',
        concept: [{ code: 'light' }, { code: 'dark', property: [{ code: 'deep', valueBoolean: true }] }],
      },
      { code: 'blue' },
      {
        code: 'navy',
        property: [
          { code: 'parent', valueCode: 'blue' },
          { code: 'deep', valueBoolean: true },
        ],
      },
      { code: 'white' },
    ],
  },
  { resourceType: 'CodeSystem', id: 'part', url: 'urn:test:part', status: 'active', content: 'fragment' },
  valueSet('listed', compose({ system: color, concept: [{ code: 'red' }, { code: 'navy' }] })),
  valueSet('whole', compose({ system: color })),
  valueSet('version', compose({ system: color, version: '2' })),
  valueSet('is-a', compose({ system: color, filter: [{ property: 'concept', op: 'is-a', value: 'red' }] })),
  valueSet('under', compose({ system: color, filter: [{ property: 'concept', op: 'descendent-of', value: 'blue' }] })),
  valueSet('deep', compose({ system: color, filter: [{ property: 'deep', op: '=', value: 'true' }] })),
  valueSet('parent', compose({ system: color, filter: [{ property: 'parent', op: '=', value: 'red' }] })),
  valueSet(
    'nested',
    compose({ valueSet: ['http://example.org/vs/is-a'] }, { valueSet: ['http://example.org/vs/under'] }),
  ),
  valueSet('both', compose({ valueSet: ['http://example.org/vs/is-a', 'http://example.org/vs/deep'] })),
  valueSet('of-system', compose({ system: color, valueSet: ['http://example.org/vs/listed'] })),
  valueSet('without', {
    compose: { include: [{ system: color }], exclude: [{ valueSet: ['http://example.org/vs/is-a'] }] },
  }),
  valueSet('ready', {
    expansion: {
      timestamp: '2026-01-01',
      contains: [{ system: color, code: 'red', contains: [{ system: color, code: 'light' }] }],
    },
  }),
  valueSet('cut', { expansion: { timestamp: '2026-01-01', total: 9, contains: [{ system: color, code: 'red' }] } }),
  valueSet('unknown', compose({ system: unit })),
  valueSet('fragment', compose({ system: 'urn:test:part' })),
  valueSet('circle', compose({ valueSet: ['http://example.org/vs/circle'] })),
  valueSet('hollow', compose({ valueSet: ['http://example.org/vs/nowhere'] })),
  valueSet('regex', compose({ system: color, filter: [{ property: 'code', op: 'regex', value: 'r.*' }] })),
  valueSet('no-concept', compose({ system: color, filter: [{ property: 'concept', op: 'is-a', value: 'green' }] })),
  valueSet('no-property', compose({ system: color, filter: [{ property: 'shiny', op: '=', value: 'true' }] })),
  valueSet('bound', compose({ system: 'http://hl7.org/fhir/observation-status' })),
  {
    ...valueSet('old', compose({ system: color, concept: [{ code: 'white' }] })),
    url: 'http://example.org/vs/v',
    version: '1',
  },
  {
    ...valueSet('new', compose({ system: color, concept: [{ code: 'blue' }] })),
    url: 'http://example.org/vs/v',
    version: '10',
  },
];

beforeAll(async () => {
  t = await startApp();
  const entry = records.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  const { status, text } = await t.system.post('', { resourceType: 'Bundle', type: 'transaction', entry });
  expect([status, text.slice(0, 300)]).toEqual([200, expect.anything()]);
});
afterAll(() => t.close());

const found = async (search: string) => {
  const response = await t.system.get(`${search}&_count=1000&_total=accurate`);
  expect([response.status, response.text.slice(0, 300)]).toEqual([200, expect.anything()]);
  expect(response.body.total).toBe(matchIds(response).length);
  return matchIds(response).sort();
};

describe('what is in a value set', () => {
  test.each<[name: string, ids: string[]]>([
    ['ValueSet/listed', ['navy', 'red']],
    ['http://example.org/vs/listed', ['navy', 'red']],
    ['https://tsumugi.test/fhir/ValueSet/listed', ['navy', 'red']],
    ['ValueSet/whole', all],
    ['ValueSet/version', all],
    ['ValueSet/is-a', red],
    ['ValueSet/under', ['navy']],
    ['ValueSet/deep', ['dark', 'navy']],
    ['ValueSet/parent', ['dark', 'light']],
    ['ValueSet/regex', ['red']],
    ['ValueSet/nested', ['dark', 'light', 'navy', 'red']],
    ['ValueSet/both', ['dark']],
    ['ValueSet/of-system', ['navy', 'red']],
    ['ValueSet/without', ['blue', 'navy', 'white']],
    ['ValueSet/ready', ['light', 'red']],
    ['http://example.org/vs/v', ['blue']],
    ['http://example.org/vs/v|1', ['white']],
    ['ValueSet/under,http://example.org/vs/v', ['blue', 'navy']],
  ])('%s', async (name, ids) => {
    const value = encodeURIComponent(name).replaceAll('%2C', ',');
    expect(await found(`Observation?code:in=${value}`)).toEqual(ids);
    const others = [...all, 'elsewhere', 'plain'].filter((one) => !ids.includes(one)).sort();
    expect(await found(`Observation?code:not-in=${value}`)).toEqual(others);
    if (!name.includes(',')) {
      expect(await found(`Observation?_filter=${encodeURIComponent(`code in ${name}`)}`)).toEqual(ids);
      expect(await found(`Observation?_filter=${encodeURIComponent(`code ni ${name}`)}`)).toEqual(others);
    }
  });

  test.each<[search: string, ids: string[]]>([
    ['Patient?gender:in=http://hl7.org/fhir/ValueSet/administrative-gender', ['p']],
    ['Observation?status:in=ValueSet/bound', [...all, 'elsewhere', 'plain'].sort()],
    ['Observation?status:not-in=ValueSet/bound', []],
    ['Observation?code:in=ValueSet/is-a&_id=red,blue', ['red']],
    ['Observation?combo-code:in=ValueSet/under', ['navy']],
    ['?_type=Observation&_filter=code%20in%20ValueSet/under', ['navy']],
  ])('%s', async (search, ids) => {
    expect(await found(search)).toEqual(ids);
  });
});

describe('above and below', () => {
  test.each<[modifier: string, code: string, ids: string[]]>([
    ['below', 'red', red],
    ['below', 'light', ['light']],
    ['below', 'blue', blue],
    ['above', 'light', ['light', 'red']],
    ['above', 'navy', blue],
    ['above', 'red', ['red']],
  ])('%s %s', async (modifier, code, ids) => {
    const value = encodeURIComponent(`${color}|${code}`);
    expect(await found(`Observation?code:${modifier}=${value}`)).toEqual([...ids].sort());
    const operator = modifier === 'below' ? 'ss' : 'sb';
    expect(await found(`Observation?_filter=code%20${operator}%20${value}`)).toEqual([...ids].sort());
  });
});

describe('what cannot be worked out is refused, and says what is missing', () => {
  test.each<[search: string, status: number, message: RegExp]>([
    ['code:in=ValueSet/missing', 422, /the ValueSet ValueSet\/missing is not stored here/],
    ['code:in=http://nowhere.test/vs', 422, /the ValueSet http:\/\/nowhere.test\/vs is not stored here/],
    ['code:in=http://example.org/vs/v|3', 422, /vs\/v\|3 is not stored/],
    ['code:in=Patient/p', 422, /is not stored here/],
    ['code:in=ValueSet/cut', 422, /neither a compose nor a complete expansion/],
    ['code:in=ValueSet/unknown', 422, /the CodeSystem urn:test:unknown is not stored here/],
    ['code:in=ValueSet/fragment', 422, /content "fragment", not "complete"/],
    ['code:in=ValueSet/circle', 422, /includes itself/],
    ['code:in=ValueSet/hollow', 422, /vs\/nowhere is not stored here/],
    ['code:in=ValueSet/no-concept', 422, /has no concept "green"/],
    ['code:in=ValueSet/no-property', 422, /has the property "shiny"/],
    ['code:not-in=ValueSet/missing', 422, /is not stored here/],
    ['code:below=urn:test:color|green', 422, /has no concept "green"/],
    ['code:above=urn:test:unknown|1', 422, /urn:test:unknown is not stored here/],
    ['code:below=red', 400, /of the form system\|code/],
    ['code:nope=red', 400, /Known here: not, text, of-type, missing, in, not-in, above, below/],
  ])('%s', async (search, status, message) => {
    const answer = await t.system.get(`Observation?${search.replaceAll('|', '%7C')}`);
    expect([answer.status, answer.body.issue?.[0]?.diagnostics]).toEqual([status, expect.stringMatching(message)]);
  });

  test('more than 10,000 codes', async () => {
    const concept = Array.from({ length: 10_001 }, (_, n) => ({ code: `c${n}` }));
    const { id } = await t.system.create({
      resourceType: 'ValueSet',
      status: 'active',
      compose: { include: [{ system: 'urn:many', concept }] },
    });
    expect((await t.system.get(`Observation?code:in=ValueSet/${id}`)).status).toBe(422);
  });

  test('a value set of thousands of codes is searched by', async () => {
    const concept = [...Array.from({ length: 9000 }, (_, n) => ({ code: `c${n}` })), { code: 'navy' }];
    const { id } = await t.system.create({
      resourceType: 'ValueSet',
      status: 'active',
      compose: { include: [{ system: color, concept }] },
    });
    expect(await found(`Observation?code:in=ValueSet/${id}`)).toEqual(['navy']);
  });
});

test('families use the value sets of the directory; who may not search ValueSet does not', async () => {
  await t.system.create({ resourceType: 'Patient', name: [{ text: '試験' }] });
  const family = await t.caller('patient/*.rs', { patient: 'p' });
  expect((await family.get('Observation?code:in=ValueSet/is-a')).status).toBe(200);
  const narrow = await t.caller('patient/Observation.rs', { patient: 'p' });
  for (const name of ['is-a', 'missing'])
    expect((await narrow.get(`Observation?code:in=ValueSet/${name}`)).status).toBe(403);
});
