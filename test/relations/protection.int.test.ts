// 支援措置: who still learns where a protected family is (server/decisions/0016-protected-addresses.md).
import { afterAll, beforeAll, expect, test } from 'vitest';
import { setRelation } from '../../server/store/relations.ts';
import { type Caller, matchIds, observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
let city: Caller;
let town: Caller;
let townId: string;
let clinic: Caller;
let mother: Caller;
let father: Caller;
let child: string;
const entries: Record<string, string> = {};

const govt = { system: 'http://terminology.hl7.org/CodeSystem/organization-type', code: 'govt' };
const municipality = (name: string) => ({ resourceType: 'Organization', name, type: [{ coding: [govt] }] });
const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
const secret = '秘密町一丁目';
const subject = () => ({ reference: `Patient/${child}` });
const visit = () => ({ resourceType: 'Encounter', status: 'finished', class: { code: 'AMB' }, subject: subject() });
const booking = () => ({
  resourceType: 'Appointment',
  status: 'booked',
  start: '2026-12-01T09:00:00+09:00',
  end: '2026-12-01T09:30:00+09:00',
  participant: [{ actor: subject(), status: 'accepted' }],
});
const dose = () => ({
  resourceType: 'Immunization',
  status: 'completed',
  vaccineCode: { text: 'BCG' },
  patient: subject(),
  occurrenceDateTime: '2026-11-01',
  location: { reference: 'Location/near' },
});

beforeAll(async () => {
  t = await startApp();
  const cityId = (await t.system.create(municipality('見本市'))).id;
  townId = (await t.system.create(municipality('例示町'))).id;
  const clinicId = (await t.system.create({ resourceType: 'Organization', name: '見本医院' })).id;
  city = await t.caller('system/*.cruds', { organization: cityId });
  town = await t.caller('system/*.cruds', { organization: townId });
  clinic = await t.caller('system/*.cruds', { organization: clinicId });
  mother = await t.caller('user/*.cruds', { user: 'Person/mother' });
  father = await t.caller('user/*.cruds', { user: 'Person/father' });
  const address = [{ use: 'home', text: secret }];
  const telecom = [{ system: 'phone', value: '000-0000-0000' }];
  const contact = [{ name: { family: '試験' }, address: { text: secret } }];
  child = (await mother.create(patientNamed('試験', '花子', { birthDate: '2026-09-15', address, telecom, contact })))
    .id;
  await t.system.post(
    `Patient/${child}/$move`,
    parameters({ name: 'organization', valueReference: { reference: `Organization/${cityId}` } }),
  );
  const link = [
    { name: 'organization', valueReference: { reference: `Organization/${clinicId}` } },
    { name: 'identifier', valueIdentifier: { system: 'urn:clinic', value: '1' } },
  ];
  await t.system.post(`Patient/${child}/$link-facility`, parameters(...link));
  await setConsent(clinicId);
  const client = await t.pool.connect();
  await setRelation(client, {
    ...{ id: crypto.randomUUID(), person: 'Person/father', patient: child, basis: 'guardian', status: 'suspended' },
    ...{ starts: '2026-01-01T00:00:00Z', ends: 'infinity' },
  });
  client.release();
  for (const made of [visit(), booking(), dose(), observationOf(child)])
    entries[made.resourceType] = (await mother.create(made)).id;
});
afterAll(() => t.close());

/** What the Consents' derivation makes of "this clinic reads all of level N". */
async function setConsent(clinicId: string): Promise<void> {
  await t.pool.query(
    `insert into permission (source, place, grantee, patient, mark, basis, starts, ends, normal, labels)
     values (gen_random_uuid(), 1, $1, $2, 0, 'consent', '-infinity', 'infinity', true, 0)`,
    [clinicId, child],
  );
}

const seenBy = async (caller: Caller) => {
  const seen: string[] = [];
  for (const [type, id] of Object.entries(entries))
    if ((await caller.get(`${type}/${id}`)).status === 200) seen.push(type);
  return seen.sort();
};
const tellsAddress = async (caller: Caller) => {
  const paths = [`Patient/${child}`, `Patient/${child}/_history`, 'RelatedPerson', `Patient/${child}/$everything`];
  const texts = await Promise.all(paths.map(async (path) => (await caller.get(path)).text));
  return texts.map((text) => text.includes(secret));
};

test('before, whoever reads the record reads where the family is', async () => {
  expect(await seenBy(clinic)).toEqual(['Appointment', 'Encounter', 'Immunization', 'Observation']);
  expect(await tellsAddress(clinic)).toEqual([true, true, false, true]);
});

test('only the municipality of residence protects', async () => {
  expect((await mother.post(`Patient/${child}/$protect`, parameters())).status).toBe(403);
  expect((await clinic.post(`Patient/${child}/$protect`, parameters())).status).toBe(403);
  expect((await father.post(`Patient/${child}/$protect`, parameters())).status).toBe(404);
  expect((await town.post(`Patient/${child}/$protect`, parameters())).status).toBe(404);
  const answer = await city.post(`Patient/${child}/$protect`, parameters());
  expect([answer.status, answer.body.parameter[0]?.valueInteger]).toEqual([200, 4]);
  const again = await city.post(`Patient/${child}/$protect`, parameters());
  expect([again.status, again.body.parameter[0]?.valueInteger]).toEqual([200, 0]);
});

test('then a clinic with a consent sees neither places nor address, in no version and by no search', async () => {
  expect(await seenBy(clinic)).toEqual(['Observation']);
  expect(await tellsAddress(clinic)).toEqual([false, false, false, false]);
  expect(matchIds(await clinic.get(`Patient?address=${encodeURIComponent(secret)}`))).toEqual([]);
  for (const [type, id] of Object.entries(entries).filter(([type]) => type !== 'Observation'))
    expect((await clinic.get(`${type}/${id}/_history/1`)).status).toBe(404);
  expect((await clinic.get(`Patient/${child}/_history/1`)).status).toBe(404);
  expect((await clinic.get(`Patient/${child}`)).status).toBe(200);
});

test('the suspended parent sees nothing, the guardian and the municipality what they need', async () => {
  expect(await seenBy(father)).toEqual([]);
  expect(await tellsAddress(father)).toEqual([false, false, false, false]);
  expect(await seenBy(mother)).toEqual(['Appointment', 'Encounter', 'Immunization', 'Observation']);
  expect(await tellsAddress(mother)).toEqual([false, true, true, true]);
  expect(await seenBy(city)).toEqual(['Appointment', 'Encounter', 'Immunization', 'Observation']);
  expect((await tellsAddress(city))[2]).toBe(true);
});

test('what is written later is labelled on its way in, and an address goes where the other is', async () => {
  const own = await clinic.create(booking());
  expect(own.meta).toMatchObject({ security: [{ code: 'SDV' }] });
  expect((await clinic.put(`Appointment/${own.id}`, { ...booking(), id: own.id, comment: '変更' })).status).toBe(200);
  const booked = await mother.create(booking());
  expect((await clinic.get(`Appointment/${booked.id}`)).status).toBe(404);
  const { body } = await mother.get(`Patient/${child}`);
  expect(body.telecom).toBeUndefined();
  expect(body.contact).toEqual([{ name: { family: '試験' } }]);
  const moved = '秘密町二丁目';
  expect((await mother.put(`Patient/${child}`, { ...body, address: [{ text: moved }] })).status).toBe(200);
  expect((await mother.get(`Patient/${child}`)).body.address).toBeUndefined();
  expect((await mother.get('RelatedPerson')).text).toContain(moved);
  expect((await mother.get('RelatedPerson')).text).toContain('000-0000-0000');
  expect((await clinic.get('RelatedPerson')).text).not.toContain(moved);
});

test('after a move the last municipality reads no address that is entered later', async () => {
  await city.post(
    `Patient/${child}/$move`,
    parameters({ name: 'organization', valueReference: { reference: `Organization/${townId}` } }),
  );
  const { body } = await mother.get(`Patient/${child}`);
  await mother.put(`Patient/${child}`, { ...body, address: [{ text: '新秘密町' }] });
  expect((await town.get('RelatedPerson')).text).toContain('新秘密町');
  expect((await city.get('RelatedPerson')).text).not.toContain('秘密町');
  expect((await mother.get('RelatedPerson')).text).toContain('新秘密町');
});
