// History of one resource, of a type and of everything. FHIR R4, https://hl7.org/fhir/R4/http.html#history
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
let a: string;
let b: string;
let own: Caller;
beforeAll(async () => {
  t = await startApp();
  a = (await t.system.create(patientNamed('試験', '花子'))).id;
  b = (await t.system.create(patientNamed('他人', '秘密'))).id;
  own = await t.caller('patient/*.cruds', { patient: a });
});
afterAll(() => t.close());

type Line = { page: number; line: string; updated: string };

/** Every entry of every page, as `METHOD url etag`. */
async function walk(caller: Caller, first: string, between?: () => Promise<unknown>): Promise<Line[]> {
  const lines: Line[] = [];
  for (let path: string | undefined = first, page = 0; path !== undefined; page++) {
    const { status, text, body } = await caller.get(path);
    expect({ path: first, status, text: status === 200 ? '' : text }).toEqual({ path: first, status: 200, text: '' });
    for (const { fullUrl, response } of body.entry ?? []) {
      const line = `${fullUrl.slice(t.base.length + 1)} ${response.etag}`;
      lines.push({ page, line, updated: response.lastModified });
    }
    path = body.link.find(({ relation }) => relation === 'next')?.url.slice(t.base.length + 1);
    await between?.();
  }
  return lines;
}
const linesOf = async (caller: Caller, path: string) => (await walk(caller, path)).map(({ line }) => line);

describe('history of a type', () => {
  test('lists every version of every resource newest first, with what each request was', async () => {
    const put = (id: string, name: string) =>
      t.system.put(`Organization/${id}`, { resourceType: 'Organization', id, name });
    t.clock.nowMs += 1000;
    await put('one', '一');
    t.clock.nowMs += 1000;
    await put('two', '二');
    t.clock.nowMs += 1000;
    await put('one', '三');
    t.clock.nowMs += 1000;
    await t.system.delete('Organization/two');
    t.clock.nowMs += 1000;
    const { id } = await t.system.create({ resourceType: 'Organization', name: '四' });
    const { status, body } = await t.system.get('Organization/_history');
    expect(status).toBe(200);
    expect(body.type).toBe('history');
    const shown = body.entry.map(({ fullUrl, request, response, resource }) =>
      [
        fullUrl.slice(t.base.length + 1),
        `${request.method} ${request.url}`,
        `${response.status} ${response.etag}`,
        resource?.meta.versionId,
      ].join(', '),
    );
    expect(shown).toEqual([
      `Organization/${id}, POST Organization, 201 W/"1", 1`,
      'Organization/two, DELETE Organization/two, 204 W/"2", ',
      'Organization/one, PUT Organization/one, 200 W/"2", 2',
      'Organization/two, PUT Organization/two, 201 W/"1", 1',
      'Organization/one, PUT Organization/one, 201 W/"1", 1',
    ]);
  });

  test('is paged by _count, every version once', async () => {
    const whole = await linesOf(t.system, 'Organization/_history');
    for (const count of [1, 2, 3]) {
      expect(await linesOf(t.system, `Organization/_history?_count=${count}`)).toEqual(whole);
    }
  });

  test('_since and _at choose by when a version was made and when it was current', async () => {
    const at = (seconds: number) => new Date(t.clock.nowMs + seconds * 1000).toISOString();
    t.clock.nowMs += 1_000_000;
    const start = t.clock.nowMs;
    const moments = [at(0), at(10), at(20)];
    for (const status of ['planned', 'active', 'error']) {
      await t.system.put('Location/here', { resourceType: 'Location', id: 'here', description: status });
      t.clock.nowMs += 10_000;
    }
    const versions = async (query: string) =>
      (await linesOf(t.system, `Location/_history?${query}`)).map((line) => line.slice(-2, -1));
    expect(await versions(`_since=${moments[1]}`)).toEqual(['3', '2']);
    expect(await versions(`_since=${at(100)}`)).toEqual([]);
    expect(await versions(`_at=${moments[0]}`)).toEqual(['1']);
    expect(await versions(`_at=${moments[1]}`)).toEqual(['2']);
    expect(await versions(`_at=${new Date(start + 15_000).toISOString()}`)).toEqual(['2']);
    expect(await versions(`_at=${at(100)}`)).toEqual(['3']);
    expect(await versions(`_at=${at(-1000)}`)).toEqual([]);
    expect(await versions('_at=2026')).toEqual(['3', '2', '1']);
    const instance = await linesOf(t.system, `Location/here/_history?_at=${moments[1]}`);
    expect(instance).toEqual(['Location/here W/"2"']);
    expect(await linesOf(t.system, `Location/here/_history?_since=${at(100)}`)).toEqual([]);
  });

  test.each([
    '_count=0',
    '_count=x',
    '_since=yesterday',
    '_at=',
    '_count=1&_count=2',
    '_list=42',
    '_sort=_id',
    '_page=x',
  ])('refuses %s with 400', async (query) => {
    for (const path of [`Patient/${a}/_history`, 'Patient/_history', '_history'])
      expect((await t.system.get(`${path}?${query}`)).status).toBe(400);
  });

  test('a page link is good only for the client and the history that it was made for', async () => {
    const { body } = await t.system.get('Organization/_history?_count=1');
    const next = body.link.find(({ relation }) => relation === 'next')?.url.slice(t.base.length + 1) ?? '';
    expect((await t.system.get(next)).status).toBe(200);
    expect((await t.system.get(next.replace('Organization/', ''))).status).toBe(400);
    expect((await (await t.caller('system/*.rs')).get(next)).status).toBe(400);
  });
});

describe('history of everything', () => {
  test('holds the versions of every type in one order', async () => {
    const { rows } = await t.pool.query(
      'select (select count(*)::int from resource) + (select count(*)::int from history) as versions',
    );
    const whole = await walk(t.system, '_history?_count=1000');
    expect(whole).toHaveLength(rows[0].versions);
    expect(whole.map(({ updated }) => updated)).toEqual(
      whole
        .map(({ updated }) => updated)
        .toSorted()
        .reverse(),
    );
    expect((await walk(t.system, '_history?_count=3')).map(({ line }) => line)).toEqual(whole.map(({ line }) => line));
  });

  test('is limited to the types of the scopes', async () => {
    const caller = await t.caller('system/Organization.rs system/Location.s');
    const types = (await linesOf(caller, '_history')).map((line) => line.split('/')[0]);
    expect([...new Set(types)].sort()).toEqual(['Location', 'Organization']);
  });
});

describe('of one patient', () => {
  test('a family sees the versions of its own record, at every level, and the directory by its type', async () => {
    const { id } = await own.create(observationOf(a));
    await own.put(`Observation/${id}`, { ...observationOf(a, { status: 'amended' }), id });
    await own.delete(`Observation/${id}`);
    await t.system.create(observationOf(b, { note: [{ text: '秘密' }] }));
    const mine = [`Observation/${id} W/"3"`, `Observation/${id} W/"2"`, `Observation/${id} W/"1"`];
    expect(await linesOf(own, 'Observation/_history')).toEqual(mine);
    expect(await linesOf(own, 'Observation/_history?_count=1')).toEqual(mine);
    const all = await linesOf(own, '_history');
    expect(all).toEqual(expect.arrayContaining([...mine, `Patient/${a} W/"1"`]));
    expect(all.every((line) => line.startsWith('Observation/') || line === `Patient/${a} W/"1"`)).toBe(true);
    expect(await linesOf(own, 'Organization/_history')).toHaveLength(5);
    expect(await linesOf(own, 'Group/_history')).toEqual([]);
  });

  test('what was moved to another patient is seen by each in the versions of their time', async () => {
    const { id } = await t.system.create(observationOf(a, { code: { text: 'moved' } }));
    await t.system.put(`Observation/${id}`, { ...observationOf(b), id });
    const other = await t.caller('patient/*.cruds', { patient: b });
    const of = async (caller: Caller) =>
      (await linesOf(caller, 'Observation/_history')).filter((line) => line.includes(id));
    expect(await of(own)).toEqual([`Observation/${id} W/"1"`]);
    expect(await of(other)).toEqual([`Observation/${id} W/"2"`]);
  });

  test('what two patients share shows to the second in all versions of that time, its deletion included', async () => {
    const { id } = await t.system.create(observationOf(b));
    const shared = { ...observationOf(b, { performer: [{ reference: `Patient/${a}` }] }), id };
    await t.system.put(`Observation/${id}`, shared);
    await t.system.put(`Observation/${id}`, { ...shared, status: 'amended' });
    await t.system.delete(`Observation/${id}`);
    const seen = [4, 3, 2].map((version) => `Observation/${id} W/"${version}"`);
    expect(await linesOf(own, `Observation/${id}/_history`)).toEqual(seen);
    for (const path of ['Observation/_history', 'Observation/_history?_count=1', '_history'])
      expect((await linesOf(own, path)).filter((line) => line.includes(id))).toEqual(seen);
    expect((await own.get(`Observation/${id}`)).status).toBe(410);
    expect((await own.get(`Observation/${id}/_history/1`)).status).toBe(404);
    expect((await own.get(`Observation/${id}/_history/2`)).status).toBe(200);
  });

  test('every patient whose versions were shown is in the audit', async () => {
    await t.system.get('Observation/_history');
    const text =
      "select owner from audit where interaction = 'history' and request = (select request from audit order by id desc limit 1)";
    const owners = (await t.pool.query(text)).rows.map(({ owner }) => owner);
    expect(owners.sort()).toEqual([a, b].sort());
  });
});

describe('an entry and its Bundle', () => {
  test('says 201 for a version that brings back a deleted id, as its PUT was answered, at every level', async () => {
    // Later than what other tests have written, which would stand between these versions.
    t.clock.nowMs += 60_000;
    const { id } = await t.system.create({ resourceType: 'Location', name: '五' });
    const put = (name: string) => t.system.put(`Location/${id}`, { resourceType: 'Location', id, name });
    await t.system.delete(`Location/${id}`);
    expect((await put('六')).status).toBe(201);
    await put('七');
    await t.system.delete(`Location/${id}`);
    expect((await put('八')).status).toBe(201);
    for (const path of [`Location/${id}/_history`, 'Location/_history?_count=6', '_history?_count=6']) {
      const { body } = await t.system.get(path);
      expect(body.entry.map(({ request, response }) => `${request.method} ${response.status}`)).toEqual([
        'PUT 201',
        'DELETE 204',
        'PUT 200',
        'PUT 201',
        'DELETE 204',
        'POST 201',
      ]);
    }
    expect(
      (await t.system.get(`Location/${id}/_history?_count=2`)).body.entry.map((one) => one.response.status),
    ).toEqual(['201', '204']);
  });

  test('tells its total where one page holds it', async () => {
    const { id } = await t.system.create(patientNamed('総数', '花子'));
    const total = async (search: string) => (await t.system.get(`Patient/${id}/_history${search}`)).body.total;
    await t.system.put(`Patient/${id}`, patientNamed('総数', '花子', { id, active: true }));
    expect([await total(''), await total('?_count=2'), await total('?_count=1')]).toEqual([2, 2, undefined]);
  });
});
