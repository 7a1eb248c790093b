// Rights as rows: who may see and write what, through the whole server. The policy is server/decisions/0011; the table of its
// words, cell by cell, is compared by the oracle's tests.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, matchIds, observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';
import { relate as relateOf } from '../support/relate.ts';

let t: TestApp;
let child: string;
let sibling: string;
let stranger: string;
let mother: Caller;
let father: Caller;
let clinic: Caller;
let otherClinic: Caller;
let clinicId: string;
let otherClinicId: string;
const day = 86_400_000;

beforeAll(async () => {
  t = await startApp();
  child = (await t.system.create(patientNamed('試験', '花子', { birthDate: '2026-09-15' }))).id;
  sibling = (await t.system.create(patientNamed('試験', '太郎', { birthDate: '2011-11-23' }))).id;
  stranger = (await t.system.create(patientNamed('他人', '秘密', { birthDate: '2026-09-15' }))).id;
  clinicId = (await t.system.create({ resourceType: 'Organization', name: '見本医院' })).id;
  otherClinicId = (await t.system.create({ resourceType: 'Organization', name: '例示医院' })).id;
  mother = await t.caller('user/*.cruds', { user: 'Person/mother' });
  father = await t.caller('user/*.cruds', { user: 'Person/father' });
  clinic = await t.caller('system/*.cruds', { organization: clinicId });
  otherClinic = await t.caller('system/*.cruds', { organization: otherClinicId });
  await relate({ person: 'Person/mother', patient: child });
  await relate({ person: 'Person/mother', patient: sibling });
});
afterAll(() => t.close());

const relate = (wishes: Parameters<typeof relateOf>[1]) => relateOf(t, wishes);

const labelled = (code: string, system = 'v3-Confidentiality') => ({
  meta: { security: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }] },
});

describe('a guardian', () => {
  test('reads and searches the children, and nobody else', async () => {
    const own = await t.system.create(observationOf(child));
    const other = await t.system.create(observationOf(stranger));
    expect((await mother.get(`Observation/${own.id}`)).status).toBe(200);
    expect((await mother.get(`Observation/${other.id}`)).status).toBe(404);
    expect((await father.get(`Observation/${own.id}`)).status).toBe(404);
    const found = matchIds(await mother.get('Observation?_count=100'));
    expect(found).toContain(own.id);
    expect(found).not.toContain(other.id);
    expect(matchIds(await mother.get(`Observation?patient=${stranger}`))).toEqual([]);
    expect((await mother.get(`Observation/${own.id}/_history`)).body.entry).toHaveLength(1);
    expect((await father.get(`Observation/${own.id}/_history`)).status).toBe(404);
    expect(matchIds(await mother.get('Patient')).sort()).toEqual([child, sibling].sort());
    expect((await mother.get(`Patient/${child}/$everything`)).status).toBe(200);
    expect((await father.get(`Patient/${child}/$everything`)).status).toBe(404);
  });

  test('writes entries of the family and not those of an organization', async () => {
    const written = await mother.create(observationOf(child));
    expect((await mother.put(`Observation/${written.id}`, { ...observationOf(child), id: written.id })).status).toBe(
      200,
    );
    expect((await mother.post('Observation', observationOf(stranger))).status).toBe(403);
    expect((await father.post('Observation', observationOf(child))).status).toBe(403);
  });

  test('that is suspended is a stranger at once', async () => {
    const id = await relate({ person: 'Person/uncle', patient: child });
    const uncle = await t.caller('user/*.cruds', { user: 'Person/uncle' });
    expect((await uncle.get(`Patient/${child}`)).status).toBe(200);
    await relate({ id, person: 'Person/uncle', patient: child, status: 'suspended' });
    expect((await uncle.get(`Patient/${child}`)).status).toBe(404);
    expect(matchIds(await uncle.get('Patient'))).toEqual([]);
  });

  test('does not see what is restricted and of the time after the fifteenth birthday', async () => {
    const at = (date: string, code = 'R') =>
      t.system.create(
        observationOf(sibling, { ...labelled(code), effectiveDateTime: date, issued: `${date}T12:00:00Z` }),
      );
    const before = await at('2026-11-22');
    const since = await at('2026-11-24');
    expect((await mother.get(`Observation/${before.id}`)).status).toBe(200);
    expect((await mother.get(`Observation/${since.id}`)).status).toBe(404);
    expect((await mother.get(`Observation/${since.id}/_history/1`)).status).toBe(404);
  });

  test('is none from the first moment of the eighteenth birthday in Japan', async () => {
    const grown = (await t.system.create(patientNamed('試験', '成人', { birthDate: '2008-12-01' }))).id;
    await relate({ person: 'Person/mother', patient: grown });
    const nowMs = t.clock.nowMs;
    t.clock.nowMs = Date.parse('2026-11-30T14:59:59.999Z');
    const late = await t.caller('user/*.rs', { user: 'Person/mother', lifetimeMs: 30 * day });
    expect((await late.get(`Patient/${grown}`)).status).toBe(200);
    t.clock.nowMs += 1;
    expect((await late.get(`Patient/${grown}`)).status).toBe(404);
    t.clock.nowMs = nowMs;
  });

  test('registers a child together with what is known of it', async () => {
    const urn = 'urn:uuid:0c6bd1b5-0000-4000-8000-000000000001';
    const resources = [
      { fullUrl: urn, resource: patientNamed('試験', '三子') },
      { resource: observationOf('x', { subject: { reference: urn } }) },
    ];
    const entry = resources.map((one) => ({ ...one, request: { method: 'POST', url: one.resource.resourceType } }));
    const { status, body } = await mother.post('', { resourceType: 'Bundle', type: 'transaction', entry });
    expect(status).toBe(200);
    const made = body.entry.map(({ response }) => response.location.split('/').slice(-4, -2).join('/'));
    for (const place of made) expect((await mother.get(place)).status).toBe(200);
    for (const place of made) expect((await father.get(place)).status).toBe(404);
  });

  test('becomes one of the child that they register', async () => {
    const born = await mother.create(patientNamed('試験', '次子', { birthDate: '2026-11-20' }));
    expect((await mother.get(`Patient/${born.id}`)).status).toBe(200);
    expect((await father.get(`Patient/${born.id}`)).status).toBe(404);
  });
});

describe('an invited relative', () => {
  test('sees the ticked categories of level N, and only while the inviter may', async () => {
    const inviter = await relate({ person: 'Person/aunt', patient: stranger });
    await relate({ person: 'Person/granny', patient: stranger, basis: 'invited', inviter, categories: ['growth'] });
    const granny = await t.caller('user/*.cruds', { user: 'Person/granny' });
    const weight = await t.system.create(observationOf(stranger));
    const secret = await t.system.create(observationOf(stranger, labelled('PSY', 'v3-ActCode')));
    const other = await t.system.create(
      observationOf(stranger, { code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] } }),
    );
    expect((await granny.get(`Patient/${stranger}`)).status).toBe(200);
    expect((await granny.get(`Observation/${weight.id}`)).status).toBe(200);
    expect((await granny.get(`Observation/${secret.id}`)).status).toBe(404);
    expect((await granny.get(`Observation/${other.id}`)).status).toBe(404);
    expect((await granny.post('Observation', observationOf(stranger))).status).toBe(403);
    await relate({ id: inviter, person: 'Person/aunt', patient: stranger, status: 'ended' });
    expect((await granny.get(`Observation/${weight.id}`)).status).toBe(404);
  });
});

describe('an organization', () => {
  test('reads what it wrote and nothing of others', async () => {
    const theirs = await t.system.create(observationOf(child));
    expect((await clinic.get(`Observation/${theirs.id}`)).status).toBe(404);
    expect((await clinic.post('Observation', observationOf(child))).status).toBe(403);
    expect((await clinic.post('Patient', patientNamed('試験', '新生'))).status).toBe(403);
    const room = await clinic.create({ resourceType: 'Location', name: '診察室' });
    expect((await clinic.put(`Location/${room.id}`, { ...room, name: '診察室一' })).status).toBe(200);
    expect((await otherClinic.put(`Location/${room.id}`, { ...room, name: '占拠' })).status).toBe(403);
    expect((await otherClinic.get(`Location/${room.id}`)).status).toBe(200);
  });
});

test('asks permissions in the statement itself, without a function call', async () => {
  const { rows } = await t.pool.query<Record<string, string>>(
    `explain (verbose) select from permission p, resource r where means(p, 'TREAT', now(), r.type, r.key, r.labels, r.at, r.until,
      r.authored, r.organization, r.marks)`,
  );
  expect(rows.map((row) => Object.values(row)[0]).join('\n')).not.toContain('means(');
});

test('meta.source is the organization that wrote, and nobody else says it', async () => {
  const claimed = { meta: { source: 'urn:someone-else' } };
  const linked = await t.system.post(`Patient/${child}/$link-facility`, {
    resourceType: 'Parameters',
    parameter: [
      { name: 'organization', valueReference: { reference: `Organization/${clinicId}` } },
      { name: 'identifier', valueIdentifier: { system: 'urn:clinic', value: '1' } },
    ],
  });
  expect(linked.status).toBe(200);
  const sourceOf = async (caller: Caller) => (await caller.create(observationOf(child, claimed))).meta;
  expect(await sourceOf(clinic)).toMatchObject({ source: `${t.base}/Organization/${clinicId}` });
  expect(await sourceOf(mother)).not.toHaveProperty('source');
  expect(await sourceOf(await t.caller('patient/*.cruds', { patient: child }))).not.toHaveProperty('source');
  expect(await sourceOf(t.system)).toMatchObject(claimed.meta);
});

test('which records are of one person is not for families to say', async () => {
  const link = [{ other: { reference: `Patient/${stranger}` }, type: 'seealso' }];
  expect((await mother.post('Patient', patientNamed('試験', '次子', { link }))).status).toBe(403);
  const { body } = await mother.get(`Patient/${child}`);
  expect((await mother.put(`Patient/${child}`, { ...body, link })).status).toBe(403);
});
