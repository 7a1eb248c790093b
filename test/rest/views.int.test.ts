// Parts of resources, and what a searchset says about itself. https://hl7.org/fhir/R4/search.html#return
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
  await t.system.put('Patient/p', {
    resourceType: 'Patient',
    id: 'p',
    name: [{ family: '試験' }],
    birthDate: '2020-01-01',
  });
  const weight = `{"resourceType":"Observation","id":"o","status":"final","code":{"text":"体重"},
    "subject":{"reference":"Patient/p"},"valueQuantity":{"value":3.10},"note":[{"text":"覚え書き"}]}`;
  await t.system.put('Observation/o', weight);
});
afterAll(() => t.close());

const keys = (resource: object | undefined) =>
  Object.keys(resource ?? {})
    .filter((key) => !['resourceType', 'id', 'meta'].includes(key))
    .join(' ');

const views: [view: string, shown: string][] = [
  ['_summary=true', 'status code subject valueQuantity'],
  ['_summary=text', 'status code'],
  ['_summary=data', 'status code subject valueQuantity note'],
  ['_elements=note', 'status code note'],
  ['_elements=Observation.value', 'status code valueQuantity'],
];

describe.each(views)('%s', (view, shown) => {
  test('of a search', async () => {
    const { body, text } = await t.system.get(`Observation?_id=o&${view}`);
    expect(keys(body.entry[0]?.resource)).toBe(shown);
    expect(text).toContain('SUBSETTED');
  });

  test('of a read', async () => {
    const { body, text, headers } = await t.system.get(`Observation/o?${view}`);
    expect(keys(body)).toBe(shown);
    expect(text).toContain('SUBSETTED');
    expect(headers.etag).toBe('W/"1"');
  });
});

test('numbers keep their text in a part of a resource', async () => {
  for (const path of ['Observation/o', 'Observation?_id=o'])
    expect((await t.system.get(`${path}${path.includes('?') ? '&' : '?'}_summary=true`)).text).toContain(
      '"value":3.10',
    );
});

test('false shows the whole, without a mark', async () => {
  for (const path of ['Observation/o?_summary=false', 'Observation?_id=o&_summary=false'])
    expect((await t.system.get(path)).text).not.toContain('SUBSETTED');
});

test('a summary is of included resources too; elements only where their type is named', async () => {
  const of = async (view: string) =>
    (await t.system.get(`Observation?_id=o&_include=Observation:subject&${view}`)).body.entry.map(({ resource }) =>
      keys(resource),
    );
  expect(await of('_summary=data')).toEqual(['status code subject valueQuantity note', 'name birthDate']);
  expect(await of('_elements=code')).toEqual(['status code', 'name birthDate']);
  expect(await of('_elements=code,Patient.name')).toEqual(['status code', 'name']);
});

test.each([
  ['Observation?_summary=some', '_summary takes true, text, data, count or false'],
  ['Observation?_elements=colour', 'Observation has no element "colour". Known: id, meta'],
  ['Observation?_elements=code&_summary=true', 'Give one of _summary and _elements, once'],
  ['Observation?_contained=true', 'contained resources are not searched by themselves'],
  ['Observation?_containedType=container', 'contained resources are not searched by themselves'],
  ['Observation?_sumary=true', 'for the answer: _count, _sort, _include'],
  ['Observation?_query=everything', 'Observation has no search parameter "_query"'],
  ['Observation?_sort=_score', 'no search parameter "_sort=_score"'],
  ['Observation?_total=many', '_total takes none, estimate or accurate'],
  ['Observation?_count=-1', '_count takes a whole number'],
  ['Observation/o?_summary=count', '_summary takes true, text, data, count or false'],
  ['Observation/o?_elements=colour', 'Observation has no element "colour"'],
])('%s is refused with a sentence', async (path, sentence) => {
  const answer = await t.system.get(path);
  expect(answer.status).toBe(400);
  expect(answer.body.issue[0]?.diagnostics).toContain(sentence);
});

describe('links', () => {
  test.each([
    ['Observation?code=x', '?code=x&_count=50'],
    ['Observation?code=x&_count=7', '?code=x&_count=7'],
    ['Observation?_format=json&_contained=false', '?_format=json&_contained=false&_count=50'],
    ['Observation?_summary=count', '?_summary=count'],
  ])('self of %s says how it was understood', async (search, self) => {
    const { link } = (await t.system.get(search)).body;
    expect(link[0]).toEqual({ relation: 'self', url: `${t.base}/Observation${self}` });
  });

  test('every page leads back to the first', async () => {
    for (let n = 0; n < 2; n++)
      await t.system.create({ resourceType: 'Observation', status: 'final', code: { text: '見本' } });
    const url = (body: { link: { relation: string; url: string }[] }, wanted: string) =>
      body.link.find(({ relation }) => relation === wanted)?.url.replace(`${t.base}/`, '') ?? '';
    const one = (await t.system.get('Observation?_count=2')).body;
    const two = (await t.system.get(url(one, 'next'))).body;
    expect([url(one, 'first'), url(two, 'first')]).toEqual(['Observation?_count=2', 'Observation?_count=2']);
    const again = (await t.system.get(url(two, 'self'))).body;
    expect(again.entry.map(({ resource }) => resource.id)).toEqual(two.entry.map(({ resource }) => resource.id));
  });

  test('the next link of POST _search is a GET', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const one = await t.system.send('POST', 'Observation/_search', '_count=1', form);
    const next = one.body.link.find(({ relation }) => relation === 'next')?.url ?? '';
    expect((await t.system.get(next.replace(`${t.base}/`, ''))).body.entry).toHaveLength(1);
  });
});

test('what is unknown is refused, or left out with a warning where the caller prefers that', async () => {
  const ask = (prefer?: string) => t.system.get('Observation?colour=red&_id=o', prefer ? { prefer } : {});
  expect([(await ask()).status, (await ask('handling=strict')).status]).toEqual([400, 400]);
  const { body } = await ask('handling=lenient');
  expect(body.entry.map(({ search }) => search.mode)).toEqual(['match', 'outcome']);
  expect(body.entry[1]?.resource.issue[0]).toMatchObject({ severity: 'warning', code: 'not-supported' });
  expect(body.link[0]?.url).not.toContain('colour');
});
