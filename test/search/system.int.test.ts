// The search over several types: what each of them finds, together, newest first, within what the caller may search of each.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  allPages,
  type Caller,
  matchIds,
  observationOf,
  patientNamed,
  startApp,
  type TestApp,
} from '../support/app.ts';

let t: TestApp;
let family: Caller;
beforeAll(async () => {
  t = await startApp();
  const put = async (type: string, id: string, more: object) => {
    t.clock.nowMs += 1000;
    const { status, text } = await t.system.put(`${type}/${id}`, { resourceType: type, id, ...more });
    expect({ status, text }).toMatchObject({ status: 201 });
  };
  const tag = [{ system: 'urn:test', code: 'trial' }];
  await put('Organization', 'org', { name: '見本医院', meta: { tag } });
  await put('Patient', 'a', { ...patientNamed('試験', '花子'), meta: { tag } });
  await put('Patient', 'b', patientNamed('見本', '太郎'));
  for (let n = 0; n < 6; n++)
    await put('Observation', `a${n}`, { ...observationOf('a'), ...(n === 3 ? { meta: { tag } } : {}) });
  for (let n = 0; n < 3; n++) await put('Observation', `b${n}`, observationOf('b'));
  for (let n = 0; n < 3; n++)
    await put('Condition', `ac${n}`, {
      subject: { reference: 'Patient/a' },
      code: { coding: [{ system: 'urn:x', code: n ? '29463-7' : 'z' }] },
    });
  await put('Group', 'closed', { type: 'person', actual: false });
  family = await t.caller('patient/*.rs', { patient: 'a' });
});
afterAll(() => t.close());

const everything = [
  'closed',
  'ac2',
  'ac1',
  'ac0',
  'b2',
  'b1',
  'b0',
  'a5',
  'a4',
  'a3',
  'a2',
  'a1',
  'a0',
  'b',
  'a',
  'org',
];

test.each<[string, string[]]>([
  ['', everything],
  ['_sort=_lastUpdated', [...everything].reverse()],
  ['_type=Patient', ['b', 'a']],
  ['_type=Patient,Condition', ['ac2', 'ac1', 'ac0', 'b', 'a']],
  ['_type=Patient&_type=Condition', ['ac2', 'ac1', 'ac0', 'b', 'a']],
  ['_type=Observation,Condition&patient=a', ['ac2', 'ac1', 'ac0', 'a5', 'a4', 'a3', 'a2', 'a1', 'a0']],
  ['_type=Observation,Condition&code=29463-7&patient=Patient/a', ['ac2', 'ac1', 'a5', 'a4', 'a3', 'a2', 'a1', 'a0']],
  ['_type=Observation,Condition&code=29463-7,z&patient=Patient/b', ['b2', 'b1', 'b0']],
  ['_type=Condition,Observation&code=z', ['ac0']],
  ['_type=Observation,Condition&code:not=29463-7', ['ac0']],
  ['_id=a,ac0,closed', ['closed', 'ac0', 'a']],
  ['_tag=trial', ['a3', 'a', 'org']],
  ['_tag=urn:test|trial', ['a3', 'a', 'org']],
  ['_lastUpdated=gt2026-11-23T00:00:14Z', ['closed', 'ac2']],
  [`_type=Patient,Person&name=${encodeURIComponent('見本')}`, ['b']],
  ['_type=Patient,Person&birthdate:missing=true', ['b', 'a']],
  ['_type=Basic,Account', []],
])('GET ?%s', async (search, ids) => {
  const whole = await t.system.get(`?${search}&_count=100&_total=accurate`);
  expect(whole.status).toBe(200);
  expect({ ids: matchIds(whole), total: whole.body.total }).toEqual({ ids, total: ids.length });
  expect((await allPages(t.system, `?${search}&_count=2`)).flat()).toEqual(ids);
  for (const { fullUrl, resource } of whole.body.entry ?? [])
    expect(fullUrl).toBe(`${t.base}/${resource.resourceType}/${resource.id}`);
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  expect(matchIds(await t.system.post('_search', `${search}&_count=100`, form))).toEqual(ids);
});

test('_sort=_id is total, and of one answer', async () => {
  const whole = matchIds(await t.system.get('?_sort=_id&_count=100'));
  expect([...whole].sort()).toEqual([...everything].sort());
  expect((await allPages(t.system, '?_sort=_id&_count=3')).flat()).toEqual(whole);
});

test('_summary=count counts, and HEAD answers', async () => {
  const { body } = await t.system.get('?_type=Patient,Condition&_summary=count');
  expect({ total: body.total, entry: body.entry }).toEqual({ total: 5, entry: undefined });
  expect((await t.system.send('HEAD', '?_type=Patient')).status).toBe(200);
});

test('inside a batch', async () => {
  const { body } = await t.system.post('', {
    resourceType: 'Bundle',
    type: 'batch',
    entry: [{ request: { method: 'GET', url: '?_type=Patient' } }],
  });
  expect(body.entry[0]?.response.status).toBe('200');
  expect(body.entry[0]?.resource.entry).toHaveLength(2);
});

test.each([
  ['_type=Patient,Nothing', 'value', /"Nothing" is no resource type/],
  ['_type=Patient,Observation&birthdate=2026', 'not-supported', /Common: .*_id, _lastUpdated/],
  ['code=1', 'not-supported', /Common: .*_id, _lastUpdated/],
  ['_type=Patient,Observation&_sort=date', 'not-supported', /sorted by _id or _lastUpdated/],
  ['_type=Observation,Condition&patient.name=x', 'not-supported', /no chains/],
  ['_type=Patient,Person&_has:Observation:subject:code=1', 'not-supported', /no chains/],
  ['_type=Patient&_include=Patient:link', 'not-supported', /belongs to a search on one type/],
  ['_lastUpdated=yesterday', 'value', /is not a date/],
])('?%s > 400 that says why', async (search, code, says) => {
  const { status, body } = await t.system.get(`?${search}`);
  expect({ status, code: body.issue[0]?.code }).toEqual({ status: 400, code });
  expect(body.issue[0]?.diagnostics).toMatch(says);
});

test('with leniency, what not all types have is ignored and told', async () => {
  const { status, body } = await t.system.get('?_type=Patient,Person&active=true&_id=a&link=x', {
    prefer: 'handling=lenient',
  });
  expect(status).toBe(200);
  const strict = await t.system.get('?_type=Patient,Condition&active=true', { prefer: 'handling=lenient' });
  expect(matchIds(strict)).toHaveLength(5);
  expect(strict.body.entry.filter(({ search }) => search.mode === 'outcome')).toHaveLength(1);
  expect(body.resourceType).toBe('Bundle');
});

describe('what the caller may see', () => {
  test('a family: its record and the directory, as in a search on each type', async () => {
    const own = ['ac2', 'ac1', 'ac0', 'a5', 'a4', 'a3', 'a2', 'a1', 'a0', 'a', 'org'];
    expect(matchIds(await family.get('?_count=100'))).toEqual(own);
    expect((await allPages(family, '?_count=2')).flat()).toEqual(own);
    expect((await family.get('?_summary=count')).body.total).toBe(own.length);
    expect(matchIds(await family.get('?_id=b,b0,a'))).toEqual(['a']);
    expect(matchIds(await family.get('?_type=Observation,Condition&patient=b'))).toEqual([]);
  });

  test('types that are not in the scopes are left out; none left > 403', async () => {
    const limited = await t.caller('patient/Observation.rs system/Condition.rs', { patient: 'b' });
    expect(matchIds(await limited.get('?_count=100'))).toEqual(['ac2', 'ac1', 'ac0', 'b2', 'b1', 'b0']);
    expect((await limited.get('?_type=Patient,Group')).status).toBe(403);
    const writer = await t.caller('system/*.cud');
    expect((await writer.get('?_id=a')).status).toBe(403);
    expect((await t.withToken(undefined).get('?_id=a')).status).toBe(401);
  });

  test('leaves an audit row for each patient seen', async () => {
    const caller = await t.caller('system/*.rs', { client: 'auditor' });
    await caller.get('?_type=Observation&_count=100');
    const { rows } = await t.pool.query(
      "select interaction, type, count(*)::int as n from audit where client = 'auditor' group by 1, 2",
    );
    expect(rows).toEqual([{ interaction: 'search', type: null, n: 2 }]);
  });
});

test('its pages show what there was, whatever is written meanwhile', async () => {
  const first = await t.system.get('?_type=Observation,Condition,Basic&_count=2');
  const before = ['ac2', 'ac1', 'ac0', 'b2', 'b1', 'b0', 'a5', 'a4', 'a3', 'a2', 'a1', 'a0'];
  await t.system.delete('Observation/b1');
  await t.system.put('Observation/a0', { ...observationOf('a'), id: 'a0', status: 'amended' });
  await t.system.put('Basic/new', { resourceType: 'Basic', id: 'new', code: { text: 'x' } });
  const link = first.body.link.find(({ relation }) => relation === 'next')?.url.slice(t.base.length) ?? '';
  expect([...matchIds(first), ...(await allPages(t.system, link.replace(/^\//, ''))).flat()]).toEqual(before);
});
