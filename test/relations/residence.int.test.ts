// Residence: the municipality that registers a patient keeps their public health, until it says where they have moved to
// (server/decisions/0011-who-may-see-what.md, basis `residence`).
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Caller, observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
let city: Caller;
let town: Caller;
let cityId: string;
let townId: string;
let clinicId: string;

const govt = { system: 'http://terminology.hl7.org/CodeSystem/organization-type', code: 'govt' };
const municipality = (name: string) => ({ resourceType: 'Organization', name, type: [{ coding: [govt] }] });
beforeAll(async () => {
  t = await startApp();
  cityId = (await t.system.create(municipality('見本市'))).id;
  townId = (await t.system.create(municipality('例示町'))).id;
  clinicId = (await t.system.create({ resourceType: 'Organization', name: '見本医院' })).id;
  city = await t.caller('system/*.cruds', { organization: cityId });
  town = await t.caller('system/*.cruds', { organization: townId });
});
afterAll(() => t.close());

const to = (id: string) => ({
  resourceType: 'Parameters',
  parameter: [{ name: 'organization', valueReference: { reference: `Organization/${id}` } }],
});
const registered = () => city.create(patientNamed('試験', '花子', { birthDate: '2026-09-15' }));
const labelled = (...codes: [system: string, code: string][]) => ({
  meta: {
    security: codes.map(([system, code]) => ({ system: `http://terminology.hl7.org/CodeSystem/${system}`, code })),
  },
});

test('a municipality that registers a patient reads what public health needs, and changes who they are', async () => {
  const { id } = await registered();
  const weight = await t.system.create(observationOf(id));
  const secret = await t.system.create(observationOf(id, labelled(['v3-Confidentiality', 'R'])));
  const protectedOne = await t.system.create(observationOf(id, labelled(['v3-ActCode', 'SDV'])));
  const note = await t.system.create({
    resourceType: 'Basic',
    code: { text: 'x' },
    subject: { reference: `Patient/${id}` },
  });
  const statuses = async (caller: Caller) =>
    Promise.all([weight, secret, protectedOne].map(async (one) => (await caller.get(`Observation/${one.id}`)).status));
  expect(await statuses(city)).toEqual([200, 404, 200]);
  expect(await statuses(town)).toEqual([404, 404, 404]);
  expect((await city.get(`Basic/${note.id}`)).status).toBe(404);
  expect((await city.put(`Patient/${id}`, patientNamed('試験', '花', { id }))).status).toBe(200);
  expect((await town.put(`Patient/${id}`, patientNamed('試験', '花', { id }))).status).toBe(404);
});

test('$move ends one residence and begins another at one moment, and copies nothing', async () => {
  const { id } = await registered();
  const weight = await t.system.create(observationOf(id));
  const before = (await t.pool.query('select count(*)::int as n from resource')).rows[0].n;
  expect((await town.post(`Patient/${id}/$move`, to(townId))).status).toBe(404);
  expect((await city.post(`Patient/${id}/$move`, to(clinicId))).status).toBe(422);
  expect((await city.post(`Patient/${id}/$move`, to(townId))).status).toBe(200);
  expect((await city.get(`Observation/${weight.id}`)).status).toBe(404);
  expect((await town.get(`Observation/${weight.id}`)).status).toBe(200);
  expect((await city.post('Observation', observationOf(id))).status).toBe(403);
  expect((await town.post('Observation', observationOf(id))).status).toBe(201);
  expect((await t.pool.query('select count(*)::int as n from resource')).rows[0].n).toBe(before + 1);
  t.clock.nowMs += 1000;
  expect((await town.post(`Patient/${id}/$move`, to(cityId))).status).toBe(200);
  expect((await city.get(`Observation/${weight.id}`)).status).toBe(200);
  const { rows } = await t.pool.query('select organization, ends from residence where patient = $1 order by starts', [
    id,
  ]);
  expect(rows.map(({ organization }) => organization)).toEqual([cityId, townId, cityId]);
  expect(rows.filter(({ ends }) => ends === Infinity || String(ends) === 'infinity')).toHaveLength(1);
});

test('who has moved abroad is nobody’s resident', async () => {
  const { id } = await registered();
  const weight = await t.system.create(observationOf(id));
  expect((await city.post(`Patient/${id}/$move`, { resourceType: 'Parameters' })).status).toBe(200);
  expect((await city.get(`Observation/${weight.id}`)).status).toBe(404);
  expect((await city.post(`Patient/${id}/$move`, to(cityId))).status).toBe(403);
  expect((await t.system.post(`Patient/${id}/$move`, to(townId))).status).toBe(200);
  expect((await town.get(`Observation/${weight.id}`)).status).toBe(200);
});

test('a municipality links a resident’s number without a code, for a facility too', async () => {
  const { id } = await registered();
  const identifier = { name: 'identifier', valueIdentifier: { system: 'urn:clinic', value: '7' } };
  const parameter = [...to(clinicId).parameter, identifier];
  expect((await city.post(`Patient/${id}/$link-facility`, { resourceType: 'Parameters', parameter })).status).toBe(200);
  const clinic = await t.caller('system/*.cruds', { organization: clinicId });
  expect((await clinic.get(`Patient/${id}`)).status).toBe(200);
  expect((await clinic.post(`Patient/${id}/$move`, to(townId))).status).toBe(403);
});
