// Consent to research: one guardian proposes, the other agrees; nothing goes by the side door.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Body, type Caller, matchIds, patientNamed, startApp, type TestApp } from '../support/app.ts';
import { relate } from '../support/relate.ts';

let t: TestApp;
let child: string;
let mother: Caller;
let father: Caller;
let granny: Caller;
let fathers: string;
const startMs = Date.parse('2026-11-23T00:00:00.000Z');
const day = 86_400_000;

beforeAll(async () => {
  t = await startApp();
  const family = (user: string) => t.caller('user/*.cruds', { user, lifetimeMs: 60 * day });
  mother = await family('Person/mother');
  father = await family('Person/father');
  granny = await family('Person/granny');
});
afterAll(() => t.close());
beforeEach(async () => {
  t.clock.nowMs = startMs;
  await newChild('2020-09-15');
});

async function newChild(birthDate: string): Promise<void> {
  child = (await t.system.create(patientNamed('試験', '花子', { birthDate }))).id;
  const relatedTo = async () =>
    `RelatedPerson/${(await t.system.create({ resourceType: 'RelatedPerson', patient: { reference: `Patient/${child}` } })).id}`;
  const inviter = await relate(t, { person: 'Person/mother', patient: child, relatedPerson: await relatedTo() });
  fathers = await relatedTo();
  await relate(t, { id: fatherLink(), person: 'Person/father', patient: child, relatedPerson: fathers });
  await relate(t, { person: 'Person/granny', patient: child, basis: 'invited', inviter, categories: ['growth'] });
}
let links = 0;
let link = '';
function fatherLink(): string {
  links += 1;
  link = `00000000-0000-4000-8000-${String(links).padStart(12, '0')}`;
  return link;
}

const terminology = 'http://terminology.hl7.org/CodeSystem';
const consent = (purpose = 'HRESCH', more: object = {}) => ({
  resourceType: 'Consent',
  status: 'active',
  scope: { coding: [{ system: `${terminology}/consentscope`, code: 'patient-privacy' }] },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  patient: { reference: `Patient/${child}` },
  policy: [{ uri: 'urn:test:study' }],
  provision: { type: 'permit', purpose: [{ system: `${terminology}/v3-ActReason`, code: purpose }] },
  ...more,
});
const asked = (resource: object) => ({ resourceType: 'Parameters', parameter: [{ name: 'consent', resource }] });
const propose = (caller: Caller, resource: object = consent()) =>
  caller.post(`Patient/${child}/$propose-consent`, asked(resource));
const agree = (caller: Caller, id: string) => caller.post(`Consent/${id}/$agree`, { resourceType: 'Parameters' });
const proposed = async (caller = mother): Promise<Body> => (await propose(caller)).body;

describe('where custody is joint', () => {
  test('a proposal waits for the other guardian, who is told, and is active when they agree', async () => {
    const answer = await propose(mother);
    expect([answer.status, answer.body.status]).toEqual([200, 'proposed']);
    const { id } = answer.body;
    const [notice] = (await father.get(`Communication?patient=${child}`)).body.entry;
    expect(notice?.resource.recipient).toEqual([{ reference: fathers }]);
    const task = (await t.system.get(`Task?focus=Consent/${id}`)).body.entry[0]?.resource;
    expect(task).toMatchObject({
      status: 'requested',
      owner: { reference: fathers },
      restriction: { period: { end: '2026-12-07T00:00:00.000Z' } },
    });
    t.clock.nowMs += 14 * day - 1;
    const agreed = await agree(father, id);
    expect([agreed.status, agreed.body.status]).toEqual([200, 'active']);
    expect(agreed.body.verification).toHaveLength(2);
    expect((await t.system.get(`Task/${task?.id}`)).body.status).toBe('completed');
  });

  test('nobody agrees twice, too late, or to what is not waiting', async () => {
    const { id } = await proposed();
    expect((await agree(mother, id)).status).toBe(422);
    t.clock.nowMs += 14 * day;
    expect((await agree(father, id)).status).toBe(422);
    const other = await t.system.create(consent('TREAT', { status: 'proposed' }));
    expect((await agree(father, other.id)).status).toBe(422);
  });

  test('nobody writes one, makes one active or adds who has agreed', async () => {
    for (const status of ['active', 'proposed', 'draft'])
      expect((await mother.post('Consent', consent('HRESCH', { status }))).status).toBe(403);
    const nested = consent('TREAT');
    const hidden = { ...nested.provision, provision: [consent().provision] };
    expect((await mother.post('Consent', { ...nested, provision: hidden })).status).toBe(403);
    const stored = await proposed();
    expect((await mother.put(`Consent/${stored.id}`, { ...stored, status: 'active' })).status).toBe(403);
    expect((await father.put(`Consent/${stored.id}`, { ...stored, verification: undefined })).status).toBe(403);
    const forged = consent('HRESCH', {
      verification: [{ verified: true, verifiedWith: { identifier: { value: 'Person/father' } } }],
    });
    const kept = (await propose(mother, forged)).body;
    expect(kept.verification).toHaveLength(1);
    expect((await agree(mother, kept.id)).status).toBe(422);
  });

  test('either ends it', async () => {
    const stored = await proposed();
    expect((await father.put(`Consent/${stored.id}`, { ...stored, status: 'rejected' })).status).toBe(200);
    expect((await agree(father, stored.id)).status).toBe(422);
  });
});

test('with sole custody it is active at once', async () => {
  await relate(t, { id: link, person: 'Person/father', patient: child, status: 'suspended' });
  expect((await proposed()).status).toBe('active');
  expect(matchIds(await mother.get(`Communication?patient=${child}`))).toEqual([]);
  const { id } = await proposed();
  expect((await agree(father, id)).status).toBe(404);
});

test('of a young person both guardians agree to what they propose', async () => {
  await newChild('2010-09-15');
  await relate(t, { person: 'Person/child', patient: child, basis: 'self' });
  const self = await t.caller('user/*.cruds', { user: 'Person/child' });
  const stored = await proposed(self);
  expect(stored.status).toBe('proposed');
  expect((await agree(mother, stored.id)).body.status).toBe('proposed');
  expect((await agree(self, stored.id)).status).toBe(422);
  expect((await agree(father, stored.id)).body.status).toBe('active');
});

describe('who may', () => {
  test('not relatives, strangers, organizations or the deployment', async () => {
    const { id } = await proposed();
    const stranger = await t.caller('user/*.cruds', { user: 'Person/stranger' });
    const clinic = await t.caller('system/*.cruds', { organization: 'clinic' });
    const lookingOn = await t.caller('user/*.rs', { user: 'Person/mother' });
    const statuses = async (caller: Caller) => [(await propose(caller)).status, (await agree(caller, id)).status];
    expect(await statuses(granny)).toEqual([403, 404]);
    expect(await statuses(stranger)).toEqual([404, 404]);
    expect(await statuses(clinic)).toEqual([404, 404]);
    expect(await statuses(lookingOn)).toEqual([403, 403]);
    expect(await statuses(t.system)).toEqual([403, 403]);
    expect((await stranger.post('Patient/missing/$propose-consent', asked(consent()))).status).toBe(404);
  });

  test.each<[string, () => object, number]>([
    ['of another purpose', () => asked(consent('TREAT')), 422],
    ['that is no Consent', () => asked({ resourceType: 'Basic', code: { text: 'x' } }), 400],
    ['that is missing', () => ({ resourceType: 'Parameters' }), 400],
    ['that is not valid', () => asked({ ...consent(), category: undefined }), 422],
  ])('a proposal %s is refused', async (_, body, status) => {
    expect((await mother.post(`Patient/${child}/$propose-consent`, body())).status).toBe(status);
  });
});

describe('what a guardian gives', () => {
  const actor = (reference: string) => ({
    role: { coding: [{ system: `${terminology}/v3-ParticipationType`, code: 'IRCP' }] },
    reference: { reference },
  });
  const to = (reference: string, securityLabel?: object[]) =>
    consent('TREAT', {
      provision: { type: 'permit', actor: [actor(reference)], ...(securityLabel && { securityLabel }) },
    });
  const restricted = [{ system: `${terminology}/v3-Confidentiality`, code: 'R' }];

  test('names no relatives: those are invited and suspended otherwise', async () => {
    expect((await mother.post('Consent', to(fathers))).status).toBe(403);
    expect((await mother.post('Consent', to('Organization/clinic', restricted))).status).toBe(201);
  });

  test('leaves what is restricted to the young person from 15', async () => {
    await newChild('2011-11-23');
    await relate(t, { person: 'Person/child', patient: child, basis: 'self' });
    const self = await t.caller('user/*.cruds', { user: 'Person/child' });
    expect((await mother.post('Consent', to('Organization/clinic', restricted))).status).toBe(403);
    expect((await mother.post('Consent', to('Organization/clinic'))).status).toBe(201);
    expect((await self.post('Consent', to('Organization/clinic', restricted))).status).toBe(201);
    expect((await self.post('Consent', to(fathers, restricted))).status).toBe(201);
  });
});
