// Patient/[id]/$break-glass: who may, what it opens and for how long, who hears of it, and that nobody else can make it.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { breakGlassPolicy } from '../../server/access/consent.ts';
import {
  type Body,
  type Caller,
  matchIds,
  observationOf,
  patientNamed,
  startApp,
  type TestApp,
} from '../support/app.ts';
import { relate } from '../support/relate.ts';

let t: TestApp;
let clinic: string;
let child: string;
let doctor: Caller;
let colleague: Caller;
let organization: Caller;
let mother: Caller;
const startMs = Date.parse('2026-11-23T00:00:00.000Z');
const minute = 60_000;

beforeAll(async () => {
  t = await startApp();
  clinic = (await t.system.create({ resourceType: 'Organization', name: '見本病院' })).id;
  const staff = (user: string) => t.caller('user/*.cruds', { organization: clinic, user });
  doctor = await staff('Practitioner/doctor');
  colleague = await staff('Practitioner/colleague');
  organization = await t.caller('system/*.cruds', { organization: clinic });
  mother = await t.caller('user/*.cruds', { user: 'Person/mother' });
});
afterAll(() => t.close());
beforeEach(async () => {
  t.clock.nowMs = startMs;
  child = (await t.system.create(patientNamed('試験', '花子', { birthDate: '2020-09-15' }))).id;
  const relative = { resourceType: 'RelatedPerson', patient: { reference: `Patient/${child}` } };
  const relatedPerson = `RelatedPerson/${(await t.system.create(relative)).id}`;
  await relate(t, { person: 'Person/mother', patient: child, relatedPerson });
  const suspended = `RelatedPerson/${(await t.system.create(relative)).id}`;
  await relate(t, { person: 'Person/father', patient: child, status: 'suspended', relatedPerson: suspended });
});

const reason = '意識がなく、既往歴とアレルギーを確かめるため';
const because = (text: unknown) => ({
  resourceType: 'Parameters',
  parameter: [{ name: 'reason', valueString: text }],
});
const open = (caller: Caller, id = child) => caller.post(`Patient/${id}/$break-glass`, because(reason));
const labelled = (...codes: string[]) => ({
  meta: {
    security: codes.map((code) => ({
      system: `http://terminology.hl7.org/CodeSystem/${code.length === 1 ? 'v3-Confidentiality' : 'v3-ActCode'}`,
      code,
    })),
  },
});
const observation = async (more: object = {}) => (await t.system.create(observationOf(child, more))).id;
const reads = async (caller: Caller, id: string) => (await caller.get(`Observation/${id}`)).status === 200;

describe('the record', () => {
  test('is open to that clinician alone, to be read, for 30 minutes', async () => {
    const id = await observation();
    expect(await reads(doctor, id)).toBe(false);
    expect((await open(doctor)).status).toBe(200);
    expect([await reads(doctor, id), await reads(colleague, id), await reads(organization, id)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(matchIds(await doctor.get(`Observation?patient=${child}`))).toEqual([id]);
    expect((await doctor.post('Observation', observationOf(child))).status).toBe(403);
    t.clock.nowMs = startMs + 30 * minute - 1;
    expect(await reads(doctor, id)).toBe(true);
    t.clock.nowMs += 1;
    expect(await reads(doctor, id)).toBe(false);
  });

  test('stays closed where it is very restricted or about violence', async () => {
    const open_ = [await observation(labelled('R')), await observation(labelled('PSY'))];
    const closed = [await observation(labelled('V')), await observation(labelled('SDV'))];
    await open(doctor);
    for (const id of open_) expect(await reads(doctor, id)).toBe(true);
    for (const id of closed) expect(await reads(doctor, id)).toBe(false);
  });

  test('is opened through a Policy-deny and not through the denial of another policy', async () => {
    const id = await observation();
    const terminology = 'http://terminology.hl7.org/CodeSystem';
    const denial = (uri: string) => ({
      resourceType: 'Consent',
      status: 'active',
      scope: { coding: [{ system: `${terminology}/consentscope`, code: 'patient-privacy' }] },
      category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
      patient: { reference: `Patient/${child}` },
      policy: [{ uri }],
      provision: {
        type: 'deny',
        actor: [
          {
            role: { coding: [{ system: `${terminology}/v3-ParticipationType`, code: 'IRCP' }] },
            reference: { reference: `Organization/${clinic}` },
          },
        ],
      },
    });
    await mother.create(denial('https://profiles.ihe.net/ITI/PCF/Policy-deny'));
    await open(doctor);
    expect(await reads(doctor, id)).toBe(true);
    await mother.create(denial('urn:test:never'));
    expect(await reads(doctor, id)).toBe(false);
  });
});

describe('who may', () => {
  test.each<[string, () => Caller]>([
    ['a client of an organization', () => organization],
    ['a guardian', () => mother],
    ['the deployment', () => t.system],
  ])('%s is refused with 403', async (_, caller) => {
    const answer = await open(caller());
    expect([answer.status, answer.body.issue[0]?.code]).toEqual([403, 'forbidden']);
    expect((await open(caller(), 'missing')).status).toBe(403);
  });

  test('a token of one patient opens no other', async () => {
    const bound = await t.caller('patient/*.rs', { organization: clinic, user: 'Practitioner/doctor', patient: child });
    expect((await open(bound)).status).toBe(403);
  });

  test.each<[string, object, number]>([
    ['too short', because('急いでいる'), 400],
    ['blank', because('             '), 400],
    ['no text', because(12), 400],
    ['missing', { resourceType: 'Parameters' }, 400],
    ['with a My Number', because('個人番号 123456789018 の方'), 422],
  ])('a reason that is %s is refused', async (_, body, status) => {
    expect((await doctor.post(`Patient/${child}/$break-glass`, body)).status).toBe(status);
    expect((await doctor.get(`Patient/${child}`)).status).toBe(404);
  });

  test('five patients in an hour may be unknown; each try is in the audit', async () => {
    const guesser = await t.caller('user/*.rs', {
      organization: clinic,
      user: 'Practitioner/guesser',
      lifetimeMs: 9e7,
    });
    for (let n = 0; n < 5; n++) expect((await open(guesser, `missing-${n}`)).status).toBe(404);
    expect((await open(guesser, 'missing-6')).status).toBe(429);
    expect((await open(guesser)).status).toBe(429);
    const { rows } = await t.pool.query<{ client: string }>(
      "select client from audit where interaction = 'break-glass' and client like '%guesser%'",
    );
    expect(rows.map(({ client }) => client.split(' ').at(-1))).toEqual(Array(5).fill('BTG'));
    t.clock.nowMs += 60 * minute;
    expect((await open(guesser)).status).toBe(200);
  });
});

describe('who hears of it', () => {
  test('the guardians, but for one that is suspended, without the reason', async () => {
    await open(doctor);
    const { body, text } = await mother.get(`Communication?patient=${child}`);
    expect(body.entry).toHaveLength(1);
    expect(text).not.toContain('アレルギー');
    const [{ resource } = { resource: {} as Body }] = body.entry;
    const { rows } = await t.pool.query("select related_person from relation where person_id = 'Person/mother'");
    const known = rows.map(({ related_person }) => related_person);
    const recipients = (resource.recipient as { reference: string }[]).map(({ reference }) => reference);
    expect(recipients).toHaveLength(1);
    expect(known).toContain(recipients[0]);
    const { rowCount } = await t.pool.query('select from outbox where key = $1', [resource.id]);
    expect(rowCount).toBe(1);
  });

  test('the organization has a review with the reason, due in 7 days, which the family does not read', async () => {
    const { body } = await open(doctor);
    const task = body.parameter.find(({ name }) => name === 'review')?.resource as Body;
    const consent = body.parameter.find(({ name }) => name === 'consent')?.resource as Body;
    const read = await organization.get(`Task/${task.id}`);
    expect(read.body).toMatchObject({
      status: 'requested',
      focus: { reference: `Consent/${consent.id}` },
      owner: { reference: `Organization/${clinic}` },
      reasonCode: { text: reason },
      restriction: { period: { end: '2026-11-30T00:00:00.000Z' } },
    });
    expect((await mother.get(`Task/${task.id}`)).status).toBe(404);
    expect((await mother.get(`Consent/${consent.id}`)).status).toBe(200);
    expect((await organization.put(`Task/${task.id}`, { ...read.body, status: 'completed' })).status).toBe(200);
  });

  test('the audit says BTG of what was seen of that record, and TREAT of any other', async () => {
    const own = await organization.create({ resourceType: 'Location', name: '診察室' });
    const id = await observation();
    await open(doctor);
    await doctor.get(`Observation/${id}`);
    await doctor.get(`Observation?patient=${child}`);
    await doctor.get(`Location/${own.id}`);
    const purposes = async (where: string, value: string) => {
      const { rows } = await t.pool.query(
        `select interaction, client from audit where ${where} and client like '%Practitioner/doctor%' order by id`,
        [value],
      );
      return rows.map(({ interaction, client }) => `${interaction} ${client.split(' ').at(-1)}`);
    };
    expect(await purposes('owner = $1', child)).toEqual([
      ...['break-glass BTG', 'create BTG', 'create BTG'],
      ...['read BTG', 'search BTG'],
    ]);
    expect(await purposes('key = $1', own.id)).toEqual(['read TREAT']);
  });
});

describe('nobody else makes it', () => {
  const forged = (provision: object, more: object = {}) => ({
    resourceType: 'Consent',
    status: 'active',
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference: `Patient/${child}` },
    policy: [{ uri: 'https://tsumugi.example/policy' }],
    provision: { type: 'permit', ...provision },
    ...more,
  });
  const purpose = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'BTG' }];
  test.each<[string, () => object]>([
    ['with the purpose', () => forged({ purpose })],
    ['with the purpose in an exception', () => forged({ provision: [{ type: 'permit', purpose }] })],
    ['with the policy', () => forged({}, { policy: [{ uri: breakGlassPolicy }] })],
  ])('a Consent %s is refused to families, their apps and organizations', async (_, body) => {
    const app = await t.caller('patient/*.cruds', { patient: child });
    for (const caller of [mother, app, organization, doctor])
      expect((await caller.post('Consent', body())).status).toBe(403);
  });

  test('and nobody of the family changes or takes back the one that the operation made', async () => {
    const { body } = await open(doctor);
    const consent = body.parameter.find(({ name }) => name === 'consent')?.resource as Body;
    const ended = { ...consent, status: 'inactive' };
    expect((await mother.put(`Consent/${consent.id}`, ended)).status).toBe(403);
    expect(
      (
        await mother.put(`Consent/${consent.id}`, {
          ...ended,
          policy: [{ uri: 'https://tsumugi.example/policy' }],
          provision: { type: 'permit' },
        })
      ).status,
    ).toBe(403);
    expect((await mother.delete(`Consent/${consent.id}`)).status).toBe(403);
  });
});
