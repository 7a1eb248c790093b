// Coming of age: what the family is told, the end of the guardians' rights at midnight, taking the record over early, late, or not at all.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createFhir } from '../../server/app/fhir.ts';
import { tellOfComingOfAge } from '../../server/relations/hand-over-notices.ts';
import { createHandOvers } from '../../server/store/hand-overs.ts';
import { relationsOf } from '../../server/store/relations.ts';
import { type Caller, observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
let city: Caller;
let mother: Caller;
let self: Caller;
let child: string;
let cityId: string;
let n = 0;
const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
const adult = '2026-11-30T00:00:00+09:00';
const at = (time: string) => {
  t.clock.nowMs = Date.parse(time);
};

beforeAll(async () => {
  t = await startApp();
  const govt = { system: 'http://terminology.hl7.org/CodeSystem/organization-type', code: 'govt' };
  const { id } = await t.system.create({ resourceType: 'Organization', name: '見本市', type: [{ coding: [govt] }] });
  city = await t.caller('system/*.cruds', { organization: id, lifetimeMs: 1e12 });
  cityId = id;
});
afterAll(() => t.close());
beforeEach(async () => {
  at('2026-04-01T00:00:00Z');
  n += 1;
  mother = await t.caller('user/*.cruds', { user: `Person/mother-${n}`, lifetimeMs: 1e12 });
  self = await t.caller('user/*.cruds', { user: `Person/self-${n}`, lifetimeMs: 1e12 });
  child = (await mother.create(patientNamed('試験', '成子', { birthDate: '2008-11-30' }))).id;
  const organization = { name: 'organization', valueReference: { reference: `Organization/${cityId}` } };
  expect((await t.system.post(`Patient/${child}/$move`, parameters(organization))).status).toBe(200);
});

const tell = () =>
  tellOfComingOfAge({
    fhir: createFhir({
      pool: t.pool,
      baseUrl: () => 'https://tsumugi.test',
      cursorKey: new Uint8Array(32),
      nowMs: () => t.clock.nowMs,
    }),
    handOvers: createHandOvers({ pool: t.pool }),
    relations: (patient) => relationsOf(t.pool, patient),
  });
const code = async (): Promise<object> => {
  const { body } = await city.post(`Patient/${child}/$claim-code`, parameters());
  return { name: 'claim', valueString: String(body.parameter.find(({ name }) => name === 'code')?.valueString) };
};
const handOver = (caller: Caller, ...more: object[]) => caller.post(`Patient/${child}/$hand-over`, parameters(...more));
const found = async (type: string, caller: Caller = t.system) =>
  (await caller.get(`${type}?patient=${child}`)).body.entry?.map(({ resource }) => resource) ?? [];
const refuse = [
  { name: 'refuse', valueBoolean: true },
  { name: 'reason', valueString: 'いまは引き継ぎません。' },
];

test('the family is told half a year, a month and on the day before, each time once', async () => {
  const told = async (time: string) => {
    at(time);
    await tell();
    await tell();
    return (await found('Communication')).length;
  };
  expect(await told('2026-05-29T14:59:59Z')).toBe(0);
  expect(await told('2026-05-29T15:00:00Z')).toBe(1);
  expect(await told('2026-10-29T14:59:59Z')).toBe(1);
  expect(await told('2026-10-29T15:00:00Z')).toBe(2);
  expect(await found('Communication', mother)).toHaveLength(2);
  expect(await told('2026-11-29T14:59:59Z')).toBe(2);
  expect(await told('2026-11-29T15:00:00Z')).toBe(3);
  const tasks = await found('Task');
  expect(tasks).toHaveLength(1);
  expect(tasks[0]).toMatchObject({
    status: 'requested',
    restriction: { period: { start: '2026-11-29T15:00:00.000Z' } },
  });
  const last = (await found('Communication')).find((one) => String(JSON.stringify(one.payload)).includes('なりました'));
  expect(last?.recipient).toEqual([{ reference: `Patient/${child}` }]);
});

test('of somebody who has died nothing is told, and a corrected date of birth counts', async () => {
  const { body } = await t.system.get(`Patient/${child}`);
  expect((await t.system.put(`Patient/${child}`, { ...body, deceasedDateTime: '2020-01-01' })).status).toBe(200);
  at('2026-11-29T15:00:00Z');
  await tell();
  expect(await found('Communication')).toEqual([]);
  expect((await t.system.put(`Patient/${child}`, { ...body, birthDate: '2009-01-10' })).status).toBe(200);
  await tell();
  expect((await found('Task'))[0]).toMatchObject({ restriction: { period: { start: '2027-01-09T15:00:00.000Z' } } });
});

test('before 18 the record is claimed and waits for the birthday; at midnight the guardians see nothing more', async () => {
  const weight = await mother.create(observationOf(child));
  at('2026-11-23T00:00:00Z');
  await tell();
  expect((await handOver(self)).status).toBe(404);
  expect((await handOver(mother, await code())).status).toBe(409);
  const early = await handOver(self, await code());
  expect([early.status, early.body.status, early.headers['content-location']]).toEqual([200, 'accepted', undefined]);
  expect((await handOver(self, ...refuse)).status).toBe(422);
  const sees = async (caller: Caller) => (await caller.get(`Observation/${weight.id}`)).status;
  at('2026-11-29T14:59:59.999Z');
  expect([await sees(mother), await sees(self)]).toEqual([200, 200]);
  at(adult);
  expect([await sees(mother), await sees(self)]).toEqual([404, 200]);
  expect((await mother.post('Observation', observationOf(child))).status).toBe(403);
  await tell();
  expect((await found('Task', self))[0]).toMatchObject({ status: 'completed' });
  // What she wrote stays as she wrote it.
  expect((await self.get(`Observation/${weight.id}/_history`)).body.total).toBe(1);

  const late = await handOver(self);
  expect(late.body.status).toBe('completed');
  const path = String(late.headers['content-location']).replace(/^.*?\/fhir\//, '');
  expect([200, 202]).toContain((await self.get(path)).status);
  expect((await mother.get(path)).status).toBe(404);
});

test('after 18 it is taken over by the code alone, by nobody else, and may be refused and taken later', async () => {
  at(adult);
  const other = await t.caller('user/*.cruds', { user: `Person/other-${n}`, lifetimeMs: 1e12 });
  const elsewhere = (await other.create(patientNamed('他人', '秘密', { birthDate: '2008-11-30' }))).id;
  const given = await code();
  expect((await other.post(`Patient/${elsewhere}/$hand-over`, parameters(given))).status).toBe(400);
  expect((await other.post(`Patient/nobody/$hand-over`, parameters())).status).toBe(404);
  expect((await handOver(city, given)).status).toBe(403);
  const refused = await handOver(self, given, ...refuse);
  expect([refused.status, refused.body.status, refused.body.statusReason]).toEqual([
    200,
    'rejected',
    { text: 'いまは引き継ぎません。' },
  ]);
  expect((await self.get(`Patient/${child}`)).status).toBe(404);
  expect((await handOver(self, given)).status).toBe(400);
  const taken = await handOver(self, await code());
  expect([taken.body.status, taken.body.statusReason, taken.body.id]).toEqual([
    'completed',
    undefined,
    refused.body.id,
  ]);
  expect((await self.get(`Patient/${child}`)).status).toBe(200);
  const { rows } = await t.pool.query("select client from audit where interaction = 'hand-over'");
  expect(rows.length).toBeGreaterThan(1);
});

test.each([
  [[{ name: 'claim', valueInteger: 1 }]],
  [[{ name: 'claim', valueString: 'x'.repeat(41) }]],
  [[{ name: 'refuse', valueString: 'yes' }]],
  [[{ name: 'refuse', valueBoolean: true }]],
  [[{ name: 'more', valueBoolean: true }]],
])('refuses %j', async (more) => {
  expect((await handOver(self, ...more)).status).toBe(400);
});
