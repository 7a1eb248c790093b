// The acts of a family: invitations, confirmation, ends, suspension and its lifting, and the claim of one's own record
// (server/decisions/0011-who-may-see-what.md, "Writing", "Acts of a guardian").
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  type Caller,
  matchIds,
  observationOf,
  patientNamed,
  type Response,
  startApp,
  type TestApp,
} from '../support/app.ts';

let t: TestApp;
let city: Caller;
let cityId: string;
let nurse: Caller;
let colleague: Caller;
let mother: Caller;
let father: Caller;
let child: string;
let n = 0;
let names: { mother: string; father: string };

const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
const part = ({ body }: Response, name: string) => body.parameter?.find((one) => one.name === name);
const referenceIn = (answer: Response, name: string) =>
  (part(answer, name)?.valueReference as { reference: string } | undefined)?.reference ?? '';
const code = (name: string, valueCode: string) => ({ name, valueCode });
const text = (name: string, valueString: string) => ({ name, valueString });
const relation = (reference: string) => ({ name: 'relation', valueReference: { reference } });
const person = (id: string) => t.caller('user/*.cruds', { user: `Person/${id}` });
const status = (answer: Response) => [answer.status, part(answer, 'status')?.valueCode];
const evidence = text('evidence', '戸籍謄本を確かめました。');
const reason = text('reason', '裁判所の命令によります。');

beforeAll(async () => {
  t = await startApp();
  const govt = { system: 'http://terminology.hl7.org/CodeSystem/organization-type', code: 'govt' };
  cityId = (await t.system.create({ resourceType: 'Organization', name: '見本市', type: [{ coding: [govt] }] })).id;
  city = await t.caller('system/*.cruds', { organization: cityId });
  nurse = await t.caller('user/*.cruds', { organization: cityId, user: 'Practitioner/nurse' });
  colleague = await t.caller('user/*.cruds', { organization: cityId, user: 'Practitioner/colleague' });
});
afterAll(() => t.close());
beforeEach(async () => {
  n += 1;
  names = { mother: `mother-${n}`, father: `father-${n}` };
  mother = await person(names.mother);
  father = await person(names.father);
  child = (await mother.create(patientNamed('試験', '花子', { birthDate: '2026-09-15' }))).id;
  await t.system.post(`Patient/${child}/$move`, {
    ...parameters({ name: 'organization', valueReference: { reference: `Organization/${cityId}` } }),
  });
});

const invite = async (caller: Caller, ...more: object[]) =>
  caller.post(`Patient/${child}/$invite`, parameters(...more));
const asFather = [code('as', 'guardian'), code('relationship', 'FTH')];
const asGranny = [code('as', 'invited'), code('relationship', 'GRMTH'), code('category', 'growth')];
const accept = (caller: Caller, answer: Response | string) => {
  const given = typeof answer === 'string' ? answer : String(part(answer, 'code')?.valueString);
  return caller.post('$accept-invitation', parameters(text('code', given)));
};
const on = (caller: Caller, operation: string, ...more: object[]) =>
  caller.post(`Patient/${child}/$${operation}`, parameters(...more));
const sees = async (caller: Caller) => (await caller.get(`Patient/${child}`)).status === 200;

/** The father, confirmed; returns his RelatedPerson. */
async function secondGuardian(): Promise<string> {
  const accepted = await accept(father, await invite(mother, ...asFather));
  const reference = referenceIn(accepted, 'relation');
  expect(status(await on(mother, 'verify-relation', relation(reference), evidence))).toEqual([200, 'active']);
  return reference;
}

test('an invited relative sees what was ticked, and has a RelatedPerson and a link to the login', async () => {
  const granny = await person(`granny-${n}`);
  const weight = await mother.create(observationOf(child));
  const answer = await invite(mother, ...asGranny);
  expect(part(answer, 'qr')?.valueAttachment).toMatchObject({ contentType: 'image/svg+xml' });
  const accepted = await accept(granny, answer);
  expect(status(accepted)).toEqual([200, 'active']);
  expect((await granny.get(`Observation/${weight.id}`)).status).toBe(200);
  expect((await granny.post('Observation', observationOf(child))).status).toBe(403);
  const reference = referenceIn(accepted, 'relation');
  expect((await t.system.get(reference)).body).toMatchObject({
    active: true,
    patient: { reference: `Patient/${child}` },
    relationship: [{ coding: [{ code: 'GRMTH' }] }],
  });
  expect((await t.system.get(`Person/granny-${n}`)).body.link).toEqual([
    { target: { reference }, assurance: 'level2' },
  ]);
  expect((await invite(granny, ...asGranny)).status).toBe(403);
  expect(status(await on(granny, 'end-relation'))).toEqual([200, 'ended']);
  expect(await sees(granny)).toBe(false);
});

test('a code of an invitation is good once, for 14 days, for people, while the inviter’s right lasts', async () => {
  const granny = await person(`granny-${n}`);
  const answer = await invite(mother, ...asGranny);
  expect((await accept(city, answer)).status).toBe(403);
  expect((await accept(mother, answer)).status).toBe(409);
  expect((await accept(granny, answer)).status).toBe(200);
  expect((await accept(await person('other'), answer)).status).toBe(400);
  expect((await accept(granny, 'AAAAAAAAAA')).status).toBe(400);
  const old = await invite(mother, ...asGranny);
  t.clock.nowMs += 14 * 86_400_000;
  expect((await accept(await person('late'), old)).status).toBe(400);
  t.clock.nowMs -= 14 * 86_400_000;
  const last = await invite(mother, ...asGranny);
  expect(status(await on(mother, 'end-relation'))).toEqual([200, 'ended']);
  expect((await accept(await person('late'), last)).status).toBe(400);
  expect(await sees(granny)).toBe(false);
});

test.each([
  ['without a category', [code('as', 'invited'), code('relationship', 'GRMTH')]],
  ['for a category there is not', [...asGranny, code('category', 'secrets')]],
  ['as what there is not', [code('as', 'owner'), code('relationship', 'FTH')]],
  ['as a guardian who is an aunt', [code('as', 'guardian'), code('relationship', 'AUNT')]],
  ['until a day that is over', [...asGranny, { name: 'end', valueDate: '2026-11-01' }]],
])('an invitation %s is refused', async (_, more) => {
  expect((await invite(mother, ...more)).status).toBe(400);
});

test('a second guardian sees nothing until the evidence was seen, by the inviter or the municipality', async () => {
  const accepted = await accept(father, await invite(mother, ...asFather));
  expect(status(accepted)).toEqual([200, 'pending']);
  expect(await sees(father)).toBe(false);
  const reference = referenceIn(accepted, 'relation');
  expect((await on(father, 'verify-relation', relation(reference), evidence)).status).toBe(404);
  expect((await on(mother, 'verify-relation', relation(reference))).status).toBe(400);
  expect(status(await on(city, 'verify-relation', relation(reference), evidence))).toEqual([200, 'active']);
  expect(await sees(father)).toBe(true);
  expect((await t.system.get(`Person/${names.father}`)).body.link).toEqual([
    { target: { reference }, assurance: 'level3' },
  ]);
  expect((await t.system.get(reference)).body.active).toBe(true);
});

test('a guardian’s link ends with that guardian, who is asked by a Task', async () => {
  const reference = await secondGuardian();
  const asked = await on(mother, 'end-relation', relation(reference));
  expect(status(asked)).toEqual([202, 'asked']);
  expect(await sees(father)).toBe(true);
  const task = referenceIn(asked, 'task');
  expect((await father.get(task)).body).toMatchObject({ status: 'requested', focus: { reference } });
  expect(status(await on(father, 'end-relation'))).toEqual([200, 'ended']);
  expect(await sees(father)).toBe(false);
  expect((await mother.get(task)).body.status).toBe('completed');
  expect((await t.system.get(reference)).body.active).toBe(false);
  expect((await t.system.get(`Person/${names.father}`)).body.link).toBeUndefined();
});

test('a relative is uninvited by who invited them alone', async () => {
  await secondGuardian();
  const granny = await person(`granny-${n}`);
  await accept(granny, await invite(mother, ...asGranny));
  const named = relation(`Person/granny-${n}`);
  expect((await on(father, 'end-relation', named)).status).toBe(403);
  expect(status(await on(mother, 'end-relation', named))).toEqual([200, 'ended']);
  expect(await sees(granny)).toBe(false);
  expect((await on(mother, 'end-relation', named)).status).toBe(404);
});

test('a suspended guardian is a stranger, also to the flag, the Task and every operation', async () => {
  const reference = await secondGuardian();
  const later = await invite(mother, ...asFather);
  expect((await on(father, 'suspend-relation', relation(reference), reason)).status).toBe(422);
  expect((await on(mother, 'suspend-relation', relation(reference))).status).toBe(400);
  const suspended = await on(mother, 'suspend-relation', relation(reference), reason);
  expect(status(suspended)).toEqual([200, 'suspended']);
  const task = referenceIn(suspended, 'task');
  for (const path of [`Patient/${child}`, task, reference]) expect((await father.get(path)).status).toBe(404);
  expect(matchIds(await father.get('Flag'))).toEqual([]);
  expect(matchIds(await mother.get(`Flag?patient=${child}`))).toHaveLength(1);
  expect((await city.get(task)).status).toBe(200);
  expect(matchIds(await city.get(`Flag?patient=${child}`))).toEqual([]);
  const strange = async (id: string) => {
    const answer = await father.post(`Patient/${id}/$lift-suspension`, parameters(relation(reference)));
    return [answer.status, answer.text.replaceAll(id, 'ID')];
  };
  expect(await strange(child)).toEqual(await strange('missing'));
  expect((await accept(father, later)).status).toBe(400);
});

test('two people lift a suspension, one of them the municipality’s', async () => {
  const reference = await secondGuardian();
  await on(city, 'suspend-relation', relation(reference), reason);
  expect(matchIds(await city.get(`Flag?patient=${child}`))).toHaveLength(1);
  const lift = (caller: Caller) => on(caller, 'lift-suspension', relation(reference));
  expect((await lift(city)).status).toBe(403);
  expect((await lift(t.system)).status).toBe(403);
  expect(status(await lift(mother))).toEqual([200, 'suspended']);
  expect(status(await lift(mother))).toEqual([200, 'suspended']);
  expect(await sees(father)).toBe(false);
  expect(status(await lift(nurse))).toEqual([200, 'active']);
  expect(await sees(father)).toBe(true);
  expect((await mother.get(`Flag?patient=${child}`)).body.entry[0]?.resource.status).toBe('inactive');
  expect((await lift(nurse)).status).toBe(404);
  await on(mother, 'suspend-relation', relation(reference), reason);
  expect(status(await lift(nurse))).toEqual([200, 'suspended']);
  expect(status(await lift(nurse))).toEqual([200, 'suspended']);
  expect(status(await lift(colleague))).toEqual([200, 'active']);
});

test('a RelatedPerson that is made inactive, or is given an end, ends the relation in the same transaction', async () => {
  const reference = await secondGuardian();
  const { body } = await t.system.get(reference);
  expect((await t.system.put(reference, { ...body, period: { end: '2026-11-30' } })).status).toBe(200);
  expect(await sees(father)).toBe(true);
  const nowMs = t.clock.nowMs;
  t.clock.nowMs = Date.parse('2026-11-30T15:00:00Z');
  expect(await sees(await t.caller('user/*.rs', { user: `Person/${names.father}`, lifetimeMs: 30 * 86_400_000 }))).toBe(
    false,
  );
  t.clock.nowMs = nowMs;
  expect((await t.system.put(reference, { ...body, active: false })).status).toBe(200);
  expect(await sees(father)).toBe(false);
  expect((await t.system.put(reference, { ...body, active: true })).status).toBe(200);
  expect(await sees(father)).toBe(false);
});

test('a young person claims their own record from the fifteenth birthday, and says what guardians read', async () => {
  const young = (await mother.create(patientNamed('試験', '太郎', { birthDate: '2011-11-24' }))).id;
  await t.system.post(`Patient/${young}/$move`, {
    ...parameters({ name: 'organization', valueReference: { reference: `Organization/${cityId}` } }),
  });
  const self = await person(`self-${n}`);
  expect((await mother.post(`Patient/${young}/$claim-code`, parameters())).status).toBe(403);
  const given = String(part(await city.post(`Patient/${young}/$claim-code`, parameters()), 'code')?.valueString);
  const claim = (caller: Caller) => caller.post('$claim', parameters(text('code', given)));
  expect((await claim(self)).status).toBe(422);
  t.clock.nowMs += 86_400_000;
  expect((await claim(mother)).status).toBe(409);
  expect((await claim(self)).status).toBe(200);
  expect((await claim(await person('again'))).status).toBe(400);
  expect((await t.system.get(`Person/self-${n}`)).body.link).toEqual([
    { target: { reference: `Patient/${young}` }, assurance: 'level3' },
  ]);
  const R = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' };
  const secret = await self.create(observationOf(young, { meta: { security: [R] }, effectiveDateTime: '2026-11-24' }));
  const read = async (caller: Caller) => (await caller.get(`Observation/${secret.id}`)).status;
  const share = (caller: Caller, valueBoolean: boolean) =>
    caller.post(`Patient/${young}/$share-with-guardians`, parameters({ name: 'share', valueBoolean }));
  expect([await read(self), await read(mother)]).toEqual([200, 404]);
  expect((await share(mother, true)).status).toBe(403);
  expect((await share(self, true)).status).toBe(200);
  expect(await read(mother)).toBe(200);
  expect((await share(self, false)).status).toBe(200);
  expect(await read(mother)).toBe(404);
  t.clock.nowMs -= 86_400_000;
});
