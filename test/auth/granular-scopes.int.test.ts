// A granular scope at the door: what does not match it is missing to reads, absent from searches, and cannot be written into
// it or out of it. SMART App Launch 2.2, "Finer-grained resource constraints using search parameters"
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, matchIds, patientNamed, startApp, type TestApp } from '../support/app.ts';

const categories = 'http://terminology.hl7.org/CodeSystem/observation-category';
const nobody = '00000000-0000-8000-8000-000000000000';
let t: TestApp;
let patient: string;
let narrow: Caller;
let wholeServer: Caller;
let vital: string;
let laboratory: string;

const observation = (category: string) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: '体重' },
  category: [{ coding: [{ system: categories, code: category }] }],
  subject: { reference: `Patient/${patient}` },
});

beforeAll(async () => {
  t = await startApp();
  patient = (await t.system.create(patientNamed('試験', '花子'))).id;
  vital = (await t.system.create(observation('vital-signs'))).id;
  laboratory = (await t.system.create(observation('laboratory'))).id;
  wholeServer = await t.caller(`system/Observation.rs?category=${categories}|vital-signs system/Patient.rs`);
  narrow = await t.caller(`patient/Observation.cruds?category=${categories}|vital-signs`, { patient });
});
afterAll(() => t.close());

describe('a granular scope', () => {
  test('lets a matching resource be read, and every way to another is as to one that has never been', async () => {
    expect((await narrow.get(`Observation/${vital}`)).status).toBe(200);
    for (const place of ['', '/_history', '/_history/1']) {
      const hidden = await narrow.get(`Observation/${laboratory}${place}`);
      const missing = await narrow.get(`Observation/nobody${place}`);
      expect([hidden.status, hidden.text.replaceAll(laboratory, 'nobody')]).toEqual([missing.status, missing.text]);
      expect(hidden.status).toBe(404);
    }
  });

  test('is a part of every search, count and history of the type', async () => {
    expect(matchIds(await narrow.get('Observation'))).toEqual([vital]);
    expect(matchIds(await narrow.get('Observation?category=laboratory'))).toEqual([]);
    expect(matchIds(await narrow.get(`Observation?_id=${laboratory},${vital}`))).toEqual([vital]);
    expect((await narrow.get('Observation?_summary=count')).body.total).toBe(1);
    const history = await narrow.get('Observation/_history');
    expect(history.body.entry.map(({ resource }) => resource.id)).toEqual([vital]);
  });

  test('says nothing of other types', async () => {
    expect((await narrow.get('Condition')).status).toBe(403);
    expect((await narrow.get(`Patient/${patient}`)).status).toBe(403);
  });

  test('lets only what matches be written, and nothing be moved out of it', async () => {
    const own = await narrow.create(observation('vital-signs'));
    expect((await narrow.post('Observation', observation('laboratory'))).status).toBe(403);
    const moved = await narrow.put(`Observation/${own.id}`, { ...observation('laboratory'), id: own.id });
    expect(moved.status).toBe(403);
    const kept = await narrow.put(`Observation/${own.id}`, {
      ...observation('vital-signs'),
      id: own.id,
      status: 'amended',
    });
    expect(kept.status).toBe(200);
    expect((await narrow.delete(`Observation/${own.id}`)).status).toBe(204);
  });

  test('does not let a resource be moved into it or be deleted from outside', async () => {
    const taken = await narrow.put(`Observation/${laboratory}`, { ...observation('vital-signs'), id: laboratory });
    expect([403, 404]).toContain(taken.status);
    await narrow.delete(`Observation/${laboratory}`);
    expect((await t.system.get(`Observation/${laboratory}`)).body).toMatchObject({ meta: { versionId: '1' } });
  });

  test('adds up with another scope, whose letters it does not get', async () => {
    const both = await t.caller(
      `patient/Observation.s?category=${categories}|laboratory patient/Observation.r?category=vital-signs`,
      { patient },
    );
    expect(matchIds(await both.get('Observation'))).toEqual([laboratory]);
    expect((await both.get(`Observation/${vital}`)).status).toBe(200);
    expect((await both.get(`Observation/${laboratory}`)).status).toBe(404);
  });

  test('narrows a system token as well', async () => {
    const system = await t.caller('system/Observation.rs?category=laboratory system/Patient.rs');
    expect(matchIds(await system.get('Observation'))).toEqual([laboratory]);
    expect(matchIds(await system.get('Patient?_has:Observation:patient:category=vital-signs'))).toEqual([]);
    expect(matchIds(await system.get('Patient?_has:Observation:patient:category=laboratory'))).toEqual([patient]);
    const page = await system.get(`Patient?_id=${patient}&_revinclude=Observation:patient`);
    expect(page.body.entry.map(({ resource }) => resource.id)).toEqual([patient, laboratory]);
  });

  test.each([
    'Patient/PATIENT/$everything',
    'Patient/PATIENT/Observation',
    'Observation/$lastn?max=9&patient=PATIENT&category=vital-signs,laboratory',
    'Patient/PATIENT/$graphql?query={ObservationList(_reference:patient){id}}',
    '$graphql?query={ObservationList(patient:"PATIENT"){id}}',
    '?_type=Observation',
    '_history',
    'Patient?_id=PATIENT&_revinclude=*',
  ])('leaves the others out of %s', async (path) => {
    const { status, text } = await wholeServer.get(path.replace('PATIENT', patient));
    expect(status).toBe(200);
    expect(text).toContain(vital);
    expect(text).not.toContain(laboratory);
  });

  test.each(['', '/$diff?from=1', '/$meta', '/$graphql?query={id}', '/_history'])(
    'answers Observation/[id]%s as if it were not there',
    async (place) => {
      const hidden = await wholeServer.get(`Observation/${laboratory}${place}`);
      const missing = await wholeServer.get(`Observation/${nobody}${place}`);
      expect([hidden.status, hidden.text.replaceAll(laboratory, nobody)]).toEqual([missing.status, missing.text]);
    },
  );

  test('holds for each entry of a batch', async () => {
    const entry = [vital, laboratory].map((id) => ({ request: { method: 'GET', url: `Observation/${id}` } }));
    const { body } = await wholeServer.post('', { resourceType: 'Bundle', type: 'batch', entry });
    expect(body.entry.map(({ response }) => response.status.slice(0, 3))).toEqual(['200', '404']);
  });

  test('finds nothing by condition that it hides', async () => {
    const caller = await t.caller(`system/Observation.cruds?category=${categories}|vital-signs`);
    const made = await caller.send('POST', 'Observation', observation('vital-signs'), {
      'if-none-exist': 'category=laboratory',
    });
    expect(made.status).toBe(201);
    expect((await caller.send('DELETE', 'Observation?category=laboratory')).status).not.toBe(200);
    expect((await t.system.get(`Observation/${laboratory}`)).status).toBe(200);
  });
});
