// `_list`: what the entries of a List name. https://hl7.org/fhir/R4/search.html#list

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allPages, matchIds, observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
const id: Record<string, string> = {};
const item = (reference: string, more: object = {}) => ({ item: { reference }, ...more });
const listOf = (patient: string | undefined, entry: object[]) => ({
  resourceType: 'List',
  status: 'current',
  mode: JSON.stringify(entry).includes('deleted') ? 'changes' : 'working',
  ...(patient === undefined ? {} : { subject: { reference: `Patient/${patient}` } }),
  ...(entry.length > 0 ? { entry } : {}),
});

beforeAll(async () => {
  t = await startApp();
  const create = async (name: string, resource: object) => {
    id[name] = (await t.system.create(resource)).id;
  };
  await create('a', patientNamed('試験', '花子'));
  await create('b', patientNamed('他人', '秘密'));
  for (const name of ['one', 'two', 'three', 'gone']) await create(name, observationOf(id.a ?? ''));
  await create('others', observationOf(id.b ?? ''));
  await create('clinic', { resourceType: 'Organization', name: '見本' });
  const entries = [
    item(`Observation/${id.one}`),
    item(`Observation/${id.two}/_history/1`),
    item(`Observation/${id.gone}`, { deleted: true }),
    item(`Observation/${id.others}`),
    item(`Patient/${id.a}`),
    item(`Organization/${id.clinic}`),
    item('https://elsewhere.test/Observation/1'),
    { item: { display: '試験' } },
  ];
  await create('list', listOf(id.a, entries));
  await create('listOfB', listOf(id.b, [item(`Observation/${id.three}`), item(`Observation/${id.others}`)]));
  await create('ownerless', listOf(undefined, [item(`Observation/${id.three}`)]));
  await create('empty', listOf(id.a, []));
});
afterAll(() => t.close());

const named = (...names: string[]) => names.map((name) => id[name]).sort();
const filled = (search: string) => search.replace(/\{(\w+)\}/g, (_, name: string) => id[name] ?? '');

describe('_list', () => {
  test.each<[search: string, names: string[]]>([
    ['Observation?_list={list}', ['one', 'two', 'others']],
    ['Observation?_list=List/{list}', ['one', 'two', 'others']],
    ['Observation?_list={list},{ownerless}', ['one', 'two', 'three', 'others']],
    ['Observation?_list={list}&patient={a}', ['one', 'two']],
    ['Observation?_list={list}&_list={listOfB}', ['others']],
    ['Observation?_list={empty}', []],
    ['Observation?_list=missing', []],
    ['Patient?_list={list}', ['a']],
    ['Encounter?_list={list}', []],
    ['?_list={list}', ['one', 'two', 'others', 'a', 'clinic']],
    ['?_list={list}&_type=Patient,Organization', ['a', 'clinic']],
    ['Observation?_filter=_list eq {list} and not(patient eq Patient/{b})', ['one', 'two']],
    ['Patient?_has:Observation:patient:_list={listOfB}', ['a', 'b']],
    ['Patient/{a}/Observation?_list={list}', ['one', 'two']],
  ])('%s', async (search, names) => {
    const { status, body } = await t.system.get(encodeURI(`${filled(search)}&_total=accurate`));
    expect([status, body.total, matchIds({ body } as never).sort()]).toEqual([200, names.length, named(...names)]);
  });

  test('pages go on as the list was when the first was read', async () => {
    const own = await t.system.create(listOf(id.a, [item(`Observation/${id.one}`), item(`Observation/${id.two}`)]));
    const first = await t.system.get(`Observation?_list=${own.id}&_count=1`);
    await t.system.put(`List/${own.id}`, { ...listOf(id.a, []), id: own.id });
    const next = first.body.link.find(({ relation }) => relation === 'next')?.url ?? '';
    const second = await t.system.get(next.slice(next.indexOf('/fhir/') + 6));
    expect([...matchIds(first), ...matchIds(second)].sort()).toEqual(named('one', 'two'));
    expect(await allPages(t.system, `Observation?_list=${own.id}`)).toEqual([[]]);
  });

  test.each([
    ['Observation?_list=$current-problems', /functional lists are not kept here/],
    ['Observation?_list:not={list}', /modifier is not supported/],
  ])('%s is refused', async (search, message) => {
    const { status, body } = await t.system.get(filled(search));
    expect([status, body.issue[0]?.diagnostics]).toEqual([400, expect.stringMatching(message)]);
  });
});

describe('what a list must not tell', () => {
  test('a list of somebody else, or of nobody, is like one that is missing', async () => {
    const family = await t.caller('patient/*.rs', { patient: id.a ?? '' });
    const seen = async (list: string | undefined, path: string) => {
      const { status, text } = await family.get(`${path}?_list=${list}&_total=accurate`);
      return [status, text.replaceAll(String(list), 'ID')];
    };
    for (const path of ['Observation', '']) {
      const missing = await seen('01a205b3-d000-8b1c-adbd-6177fe7d10f4', path);
      expect(await seen(id.listOfB, path)).toEqual(missing);
      expect(await seen(id.ownerless, path)).toEqual(missing);
    }
    expect(matchIds(await family.get(`Observation?_list=${id.list}`)).sort()).toEqual(named('one', 'two'));
  });

  test('a caller who may not search List asks by none', async () => {
    const narrow = await t.caller('patient/Observation.rs', { patient: id.a ?? '' });
    expect((await narrow.get(`Observation?_list=${id.list}`)).status).toBe(403);
    expect((await narrow.get(`?_list=${id.list}`)).status).toBe(403);
  });
});
