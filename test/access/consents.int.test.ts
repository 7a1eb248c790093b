// Consents through the whole server: what they open and close, from the next request on, and who may write them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bases } from '../../server/access/policy.ts';
import { replacePermissions } from '../../server/store/permissions.ts';
import { type Caller, matchIds, observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';
import { relate } from '../support/relate.ts';

let t: TestApp;
let child: string;
let clinic: string;
let other: string;
let reader: Caller;
let otherReader: Caller;
let doctor: Caller;
let mother: Caller;
const terminology = 'http://terminology.hl7.org/CodeSystem';
const coding = (system: string, code: string) => ({ system: `${terminology}/${system}`, code });
const labelled = (...codes: string[]) => ({
  meta: {
    security: codes.map((code) => coding(code.length === 1 ? 'v3-Confidentiality' : 'v3-ActCode', code)),
  },
});

beforeAll(async () => {
  t = await startApp();
  clinic = (await t.system.create({ resourceType: 'Organization', name: '見本医院' })).id;
  other = (await t.system.create({ resourceType: 'Organization', name: '例示医院' })).id;
  reader = await t.caller('system/*.cruds', { organization: clinic });
  otherReader = await t.caller('system/*.cruds', { organization: other });
  doctor = await t.caller('user/*.cruds', { organization: clinic, user: 'Practitioner/doctor' });
  mother = await t.caller('user/*.cruds', { user: 'Person/mother' });
});
afterAll(() => t.close());

/** Each test has a child of its own. */
async function newChild(): Promise<void> {
  child = (await t.system.create(patientNamed('試験', '花子', { birthDate: '2026-09-15' }))).id;
  await relate(t, { person: 'Person/mother', patient: child });
}

const actor = (reference: string) => ({
  role: { coding: [coding('v3-ParticipationType', 'IRCP')] },
  reference: { reference },
});
/** The shape that families' apps send: one clinic, for treatment. */
const consent = (provision: object = {}, more: object = {}) => ({
  resourceType: 'Consent',
  status: 'active',
  scope: { coding: [coding('consentscope', 'patient-privacy')] },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  patient: { reference: `Patient/${child}` },
  dateTime: '2026-11-22T09:00:00+09:00',
  policy: [{ uri: 'https://profiles.ihe.net/ITI/PCF/Policy-basic-normal' }],
  provision: { type: 'permit', actor: [actor(`Organization/${clinic}`)], ...provision },
  ...more,
});
const observation = async (more: object = {}) => (await t.system.create(observationOf(child, more))).id;
const reads = async (caller: Caller, id: string) => (await caller.get(`Observation/${id}`)).status === 200;

describe('a Consent', () => {
  test('opens the record at the next request and closes it when it is taken back', async () => {
    await newChild();
    const id = await observation();
    expect(await reads(reader, id)).toBe(false);
    const given = await mother.create(consent());
    expect(await reads(reader, id)).toBe(true);
    expect(await reads(doctor, id)).toBe(true);
    expect(await reads(otherReader, id)).toBe(false);
    expect(matchIds(await reader.get(`Observation?patient=${child}`))).toEqual([id]);
    expect((await reader.get(`Patient/${child}`)).status).toBe(200);
    expect((await reader.post('Observation', observationOf(child))).status).toBe(403);
    const ended = { ...given, status: 'inactive' };
    expect((await mother.put(`Consent/${given.id}`, ended)).status).toBe(200);
    expect(await reads(reader, id)).toBe(false);
    expect(matchIds(await reader.get(`Observation?patient=${child}`))).toEqual([]);
    expect((await mother.put(`Consent/${given.id}`, { ...ended, status: 'active' })).status).toBe(200);
    expect((await mother.put(`Consent/${given.id}`, { ...ended, status: 'entered-in-error' })).status).toBe(200);
    expect(await reads(reader, id)).toBe(false);
    await mother.put(`Consent/${given.id}`, { ...ended, status: 'active' });
    expect(await reads(reader, id)).toBe(true);
    await mother.delete(`Consent/${given.id}`);
    expect(await reads(reader, id)).toBe(false);
  });

  test('for treatment, of level N, until a day, and not for what was before the birth', async () => {
    await newChild();
    const before = await observation({ effectiveDateTime: '2026-03-31' });
    const since = await observation({ effectiveDateTime: '2026-04-01' });
    const across = await observation({ effectivePeriod: { start: '2026-03-31', end: '2026-04-02' } });
    const secret = await observation({ effectiveDateTime: '2026-10-01', ...labelled('R') });
    const treatment = [coding('v3-ActReason', 'TREAT')];
    const provision = [{ type: 'deny', dataPeriod: { end: '2026-03-31' } }];
    const securityLabel = [coding('v3-Confidentiality', 'N')];
    await mother.create(consent({ period: { end: '2026-11-23' }, purpose: treatment, securityLabel, provision }));
    expect(await reads(reader, since)).toBe(true);
    for (const hidden of [before, across, secret]) expect(await reads(reader, hidden)).toBe(false);
    const payer = await t.caller('system/*.rs', { organization: clinic, purpose: 'HPAYMT' });
    expect(await reads(payer, since)).toBe(false);
    const nowMs = t.clock.nowMs;
    t.clock.nowMs = Date.parse('2026-11-23T14:59:59.999Z');
    const late = await t.caller('system/*.rs', { organization: clinic, lifetimeMs: 10 * 86_400_000 });
    expect(await reads(late, since)).toBe(true);
    t.clock.nowMs += 1;
    expect(await reads(late, since)).toBe(false);
    t.clock.nowMs = nowMs;
  });

  test('that denies wins over one that permits, and a newer one of the policy over both', async () => {
    await newChild();
    const id = await observation();
    await mother.create(consent());
    await mother.create(consent({ type: 'deny' }, { policy: [{ uri: 'urn:test:closed' }] }));
    expect(await reads(reader, id)).toBe(false);
    const later = { policy: [{ uri: 'urn:test:closed' }], dateTime: '2026-11-23' };
    await mother.create(consent({ securityLabel: [coding('v3-Confidentiality', 'R')] }, later));
    expect(await reads(reader, id)).toBe(true);
  });

  test('names labels, entries, what belongs to them and who wrote them', async () => {
    await newChild();
    const visit = { resourceType: 'Encounter', status: 'finished', class: { code: 'AMB' } };
    const { id: encounter } = await t.system.create({ ...visit, subject: { reference: `Patient/${child}` } });
    const there = await observation({ encounter: { reference: `Encounter/${encounter}` } });
    const elsewhere = await observation();
    const psychiatric = await observation(labelled('PSY'));
    const restricted = await observation(labelled('R'));
    const related = [{ meaning: 'related', reference: { reference: `Encounter/${encounter}` } }];
    await mother.create(consent({ data: related }));
    expect((await reader.get(`Encounter/${encounter}`)).status).toBe(200);
    expect([await reads(reader, there), await reads(reader, elsewhere)]).toEqual([true, false]);
    await mother.create(
      consent({ securityLabel: [coding('v3-ActCode', 'PSY')] }, { policy: [{ uri: 'urn:test:labels' }] }),
    );
    expect([await reads(reader, psychiatric), await reads(reader, restricted)]).toEqual([true, true]);
    const instance = [{ meaning: 'instance', reference: { reference: `Observation/${psychiatric}` } }];
    await mother.create(consent({ type: 'deny', data: instance }, { policy: [{ uri: 'urn:test:one' }] }));
    expect([await reads(reader, psychiatric), await reads(reader, restricted)]).toEqual([false, true]);
  });

  test('for one of several: an exception for one of them neither opens nor closes it for the others', async () => {
    await newChild();
    const id = await observation();
    const both = [actor(`Organization/${clinic}`), actor(`Organization/${other}`)];
    const exception = { actor: [actor(`Organization/${clinic}`)] };
    await mother.create(consent({ actor: both }, { policy: [{ uri: 'urn:test:open' }] }));
    await mother.create(
      consent({ type: 'deny', actor: both, provision: [{ type: 'permit', ...exception }] }, { dateTime: '2026-11-22' }),
    );
    expect([await reads(reader, id), await reads(otherReader, id)]).toEqual([true, false]);
    await newChild();
    const next = await observation();
    const stranger = { actor: [actor(`Organization/${other}`)] };
    await mother.create(consent({ provision: [{ type: 'permit', ...stranger }] }));
    expect([await reads(reader, next), await reads(otherReader, next)]).toEqual([true, false]);
  });

  test('whose exceptions contradict each other denies', async () => {
    await newChild();
    const id = await observation();
    const provision = [{ type: 'permit' }, { type: 'deny' }];
    await mother.create(consent({ type: 'deny', provision }));
    await mother.create(consent({}, { policy: [{ uri: 'urn:test:open' }] }));
    expect(await reads(reader, id)).toBe(false);
  });

  test('for a practitioner and for a relative’s login', async () => {
    await newChild();
    const id = await observation();
    await relate(t, { person: 'Person/aunt', patient: child, status: 'ended', relatedPerson: 'RelatedPerson/aunt' });
    await t.system.create(consent({ actor: [actor('Practitioner/doctor'), actor('RelatedPerson/aunt')] }));
    const aunt = await t.caller('user/*.rs', { user: 'Person/aunt' });
    expect([await reads(doctor, id), await reads(reader, id), await reads(aunt, id)]).toEqual([true, false, true]);
    const colleague = await t.caller('user/*.rs', { organization: clinic, user: 'Practitioner/colleague' });
    expect(await reads(colleague, id)).toBe(false);
  });

  test('moved to another patient gives nothing of the first any more', async () => {
    await newChild();
    const first = child;
    const id = await observation();
    const given = await t.system.create(consent());
    await newChild();
    const moved = { ...given, patient: { reference: `Patient/${child}` } };
    expect((await t.system.put(`Consent/${given.id}`, moved)).status).toBe(200);
    expect(await reads(reader, id)).toBe(false);
    expect((await reader.get(`Patient/${first}`)).status).toBe(404);
    expect((await reader.get(`Patient/${child}`)).status).toBe(200);
  });
});

describe('who writes Consents', () => {
  test('the family, and no organization, linked or not', async () => {
    await newChild();
    const client = await t.pool.connect();
    const key = '01a205b3-d000-8b1c-adbd-6177fe7d10f4';
    const link = {
      basis: 'link',
      grantee: `Organization/${clinic}`,
      patient: child,
      starts: '-infinity',
      ends: 'infinity',
    };
    const permission = { ...link, basis: 'link' as const, ...bases.link };
    await replacePermissions(client, child, ['link'], [{ source: key, permission }]);
    client.release();
    expect((await reader.post('Observation', observationOf(child))).status).toBe(201);
    for (const caller of [reader, doctor, otherReader]) {
      const answer = await caller.post('Consent', consent());
      expect([answer.status, answer.body.issue[0]?.code]).toEqual([403, 'forbidden']);
    }
    const father = await t.caller('user/*.cruds', { user: 'Person/father' });
    expect((await father.post('Consent', consent())).status).toBe(403);
    const given = await mother.create(consent());
    expect((await reader.get(`Consent/${given.id}`)).status).toBe(200);
    expect((await reader.put(`Consent/${given.id}`, { ...given, status: 'inactive' })).status).toBe(403);
    expect((await reader.delete(`Consent/${given.id}`)).status).toBe(403);
  });
});

test('who looked at a record is for no recipient of a Consent', async () => {
  await newChild();
  const event = await t.system.create({
    resourceType: 'AuditEvent',
    type: { code: 'rest' },
    recorded: '2026-11-22T00:00:00Z',
    agent: [{ requestor: true, who: { reference: `Patient/${child}` } }],
    source: { observer: { display: '見本' } },
  });
  await mother.create(consent());
  expect((await mother.get(`AuditEvent/${event.id}`)).status).toBe(200);
  expect((await reader.get(`AuditEvent/${event.id}`)).status).toBe(404);
});
