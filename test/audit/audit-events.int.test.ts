// The audit as its readers see it: what a family finds of its own record and of nobody else's, and what trusted callers find.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyOf } from '../../server/search/keys.ts';
import { auditSecurity } from '../../server/store/audit.ts';
import { replacePermissions } from '../../server/store/permissions.ts';
import {
  allPages,
  type Body,
  type Caller,
  matchIds,
  observationOf,
  patientNamed,
  type Response,
  startApp,
  type TestApp,
} from '../support/app.ts';
import { relate } from '../support/relate.ts';
import { refusalsOf } from '../support/valid.ts';

let t: TestApp;
let child: string;
let other: string;
let clinic: string;
let family: Caller;
beforeAll(async () => {
  t = await startApp();
  child = (await t.system.create(patientNamed('試験', '花子'))).id;
  other = (await t.system.create(patientNamed('他人', '秘密'))).id;
  clinic = (await t.system.create({ resourceType: 'Organization', name: 'みどり小児科' })).id;
  family = await t.caller('patient/*.cruds', { patient: child, client: 'app1' });
});
afterAll(() => t.close());

const facility = () => t.caller('system/*.rs', { client: 'clinic-backend', organization: clinic });
/** The family of a patient lets the clinic read for treatment. */
async function consent(patient: string): Promise<void> {
  const ever = { starts: '-infinity', ends: 'infinity' };
  const permission = {
    basis: 'consent',
    grantee: `Organization/${clinic}`,
    patient,
    ...ever,
    normal: true,
    labels: 0,
  } as const;
  const client = await t.pool.connect();
  await replacePermissions(client, patient, ['consent'], [{ source: crypto.randomUUID(), permission }]);
  client.release();
}
const newPatient = async () => (await t.system.create(patientNamed('試験', '新'))).id;
const events = ({ body }: Response) => (body.entry ?? []).map(({ resource }) => resource);
const told = (one: Body | undefined) => (one?.text as { div: string } | undefined)?.div.replace(/<[^>]*>/g, '');

describe('a family', () => {
  test('reads in words who looked, when, at what, from which organization and why', async () => {
    const id = await newPatient();
    const dose = await t.system.create({
      resourceType: 'Immunization',
      status: 'completed',
      vaccineCode: { text: 'BCG' },
      patient: { reference: `Patient/${id}` },
      occurrenceDateTime: '2026-11-01',
    });
    await consent(id);
    t.clock.nowMs = Date.parse('2026-11-23T01:15:00Z');
    await (await facility()).get(`Immunization/${dose.id}`);
    const own = await t.caller('patient/*.rs', { patient: id });
    const search = `AuditEvent?patient=${id}&action=R&date=2026-11-23`;
    const [japanese] = events(await own.get(search));
    expect(told(japanese)).toBe('2026年11月23日 10:15 みどり小児科(診療のため)が予防接種記録を見ました');
    const [english] = events(await own.get(search, { 'accept-language': 'en' }));
    expect(told(english)).toBe('2026-11-23 10:15 (Japan) みどり小児科 (for treatment) viewed the immunization record');
    expect(japanese).toMatchObject({
      type: { code: 'rest' },
      subtype: [{ system: 'http://hl7.org/fhir/restful-interaction', code: 'read' }],
      action: 'R',
      outcome: '0',
      recorded: '2026-11-23T01:15:00.000Z',
      purposeOfEvent: [{ coding: [{ code: 'TREAT' }] }],
      agent: [
        { type: { coding: [{ code: '110152' }] }, who: { identifier: { value: 'clinic-backend' } }, requestor: false },
        { type: { coding: [{ code: '110153' }] }, requestor: false },
        {
          type: { coding: [{ code: 'IRCP' }] },
          who: { reference: `Organization/${clinic}`, display: 'みどり小児科' },
          requestor: true,
        },
      ],
      entity: [
        { what: { reference: `Patient/${id}` }, type: { code: '1' }, role: { code: '1' } },
        { what: { reference: `Immunization/${dose.id}/_history/1` }, type: { code: '2' }, role: { code: '4' } },
      ],
    });
    t.clock.nowMs = Date.parse('2026-11-23T00:00:00Z');
  });

  test('reads one event by its id, as its search shows it, and it has one version', async () => {
    const [first] = events(await family.get('AuditEvent?_count=1'));
    const answer = await family.get(`AuditEvent/${first?.id}`);
    expect(answer.body).toEqual(first);
    expect(answer.headers.etag).toBe('W/"1"');
    expect((await family.get(`AuditEvent/${first?.id}/_history/1`)).body).toEqual(first);
    expect((await family.get(`AuditEvent/${first?.id}/_history/2`)).status).toBe(404);
  });

  test('finds nothing of another’s record, by whatever name, and no such event by its id', async () => {
    await t.system.get(`Patient/${other}`);
    for (const search of [
      `AuditEvent?patient=${other}`,
      `AuditEvent?patient=Patient/${other}`,
      `AuditEvent?entity=Patient/${other}`,
      `Patient/${other}/AuditEvent`,
    ]) {
      const answer = await family.get(`${search}${search.includes('?') ? '&' : '?'}_total=accurate`);
      expect([search, answer.body.total, answer.body.entry]).toEqual([search, 0, undefined]);
    }
    const [theirs] = events(await t.system.get(`AuditEvent?patient=${other}&_count=1`));
    const hidden = await family.get(`AuditEvent/${theirs?.id}`);
    const missing = await family.get('AuditEvent/audit-1-999999999');
    expect(hidden.status).toBe(404);
    expect(hidden.text.replace(theirs?.id ?? '', 'ID')).toBe(missing.text.replace('audit-1-999999999', 'ID'));
  });

  test('reads no address, no other patient and none of the machinery, though one request touched both', async () => {
    const both = observationOf(child, { performer: [{ reference: `Patient/${other}` }] });
    await t.system.create(both);
    await t.system.get(`Patient?_id=${child},${other}`);
    await t.system.get(`Observation?patient=${child},${other}`);
    const { text, body } = await family.get('AuditEvent?_count=1000');
    expect(body.entry.length).toBeGreaterThan(3);
    expect(text).not.toContain(other);
    expect(text).not.toContain('秘密');
    expect(text).not.toMatch(/\b(?:\d{1,3}\.){3}\d{1,3}\b|"altId"|XrequestId/);
    for (const { resource } of body.entry)
      for (const { network } of resource.agent as { network?: { type: string } }[])
        expect(network?.type ?? '5').toBe('5');
  });

  test('does not read which member of staff it was', async () => {
    const id = await newPatient();
    await consent(id);
    const nurse = await t.caller('user/*.rs', { client: 'ehr', user: 'Practitioner/nurse', organization: clinic });
    await nurse.get(`Patient/${id}`);
    const own = await t.caller('patient/*.rs', { patient: id });
    expect((await own.get('AuditEvent?action=R')).text).not.toContain('Practitioner/nurse');
    const [trusted] = events(await t.system.get(`AuditEvent?patient=${id}&action=R`));
    expect((trusted?.agent as object[] | undefined)?.slice(2)).toMatchObject([
      { type: { coding: [{ code: 'IRCP' }] }, who: { reference: 'Practitioner/nurse' }, requestor: true },
      { type: { coding: [{ code: 'PROV' }] }, who: { reference: `Organization/${clinic}` }, requestor: false },
    ]);
  });

  test('needs the scope', async () => {
    const without = await t.caller('patient/Observation.rs', { patient: child });
    expect((await without.get('AuditEvent')).status).toBe(403);
    const [one] = events(await family.get('AuditEvent?_count=1'));
    expect((await without.get(`AuditEvent/${one?.id}`)).status).toBe(403);
    expect((await t.withToken(undefined).get('AuditEvent')).status).toBe(401);
  });

  test('is told which parameters there are', async () => {
    for (const name of ['address', 'agent-name', '_include', 'patient.name', '_sort']) {
      const { status, body } = await family.get(`AuditEvent?${name}=x`);
      expect([name, status]).toEqual([name, 400]);
      expect(body.issue[0]?.diagnostics).toContain('patient');
    }
    for (const [name, value] of [
      ['date', 'yesterday'],
      ['patient', 'Group/1'],
      ['agent', 'Patient/x'],
      ['_count', 'many'],
    ])
      expect((await family.get(`AuditEvent?${name}=${value}`)).status).toBe(400);
  });

  test('sees that it looked itself', async () => {
    const id = await newPatient();
    await relate(t, { person: 'Person/mother', patient: id });
    const own = await t.caller('patient/*.rs', { patient: id, client: 'app1', user: 'Person/mother' });
    await own.get('AuditEvent');
    const [last] = events(await own.get('AuditEvent?subtype=search'));
    expect(told(last)).toBe('2026年11月23日 09:00 家族(アプリ「app1」)が閲覧の記録を検索しました');
  });

  test('reads of a refused attempt, of a login and of an emergency access', async () => {
    const id = await newPatient();
    const about = { owner: keyOf('Patient', id), request: crypto.randomUUID(), at: '2026-11-23T00:00:00Z' };
    const doctor = { client: 'ehr', user: 'Practitioner/d', organization: `Organization/${clinic}`, purpose: 'BTG' };
    await auditSecurity(t.pool, { ...about, interaction: 'break-glass', actor: doctor });
    await auditSecurity(t.pool, {
      ...about,
      interaction: 'login',
      outcome: 4,
      actor: { client: 'portal', user: 'Person/x' },
    });
    const own = await t.caller('patient/*.rs', { patient: id });
    const dicom = 'http://dicom.nema.org/resources/ontology/DCM';
    const [emergency] = events(await own.get(`AuditEvent?subtype=${encodeURIComponent(`${dicom}|110127`)}`));
    expect(told(emergency)).toBe('2026年11月23日 09:00 みどり小児科(緊急時の閲覧)が緊急時の閲覧を始めました');
    const [refused] = events(await own.get('AuditEvent?outcome=4'));
    expect(told(refused)).toContain('利用者(アプリ「portal」)がログインすることを試みましたが、認められませんでした');
    expect(refused).toMatchObject({ outcome: '4', type: { system: dicom, code: '110114' } });
  });
});

test.each<[search: string, count: number]>([
  ['', 7],
  ['action=C', 2],
  ['action=R', 2],
  ['action=C,U', 3],
  ['action=http://hl7.org/fhir/audit-event-action|D', 1],
  ['action=urn:x|D', 0],
  ['type=rest', 7],
  ['type=110114', 0],
  ['subtype=search', 1],
  ['subtype=read,delete', 2],
  ['outcome=0', 7],
  ['outcome=8', 0],
  ['date=2026-11-23', 7],
  ['date=gt2026-11-23', 0],
  ['date=ge2026-11-23T09:00:00%2B09:00&date=le2026-11-23T09:00:00%2B09:00', 7],
  ['date=lt2026-11-23', 0],
  ['agent=Organization/o7', 2],
  ['agent=Practitioner/o7', 0],
  ['entity=OBSERVATION', 5],
  ['entity=Observation/x', 0],
  ['action=C&entity=OBSERVATION', 1],
  ['_sort=-date', 7],
])('a search of the audit: %s', async (search, count) => {
  const id = await newPatient();
  const { id: observation, ...rest } = await t.system.create(observationOf(id));
  const key = { key: observation, owner: keyOf('Patient', id), type: 'Observation' };
  const at = { request: crypto.randomUUID(), at: '2026-11-23T00:00:00Z' };
  for (const interaction of ['read', 'vread'])
    await auditSecurity(t.pool, {
      ...key,
      ...at,
      interaction,
      actor: { client: 'b', organization: 'Organization/o7' },
    });
  await t.system.put(`Observation/${observation}`, { ...rest, id: observation, language: 'ja' });
  await t.system.delete(`Observation/${observation}`);
  await t.system.get(`Patient?_id=${id}`);
  const asked = search.replace('OBSERVATION', `Observation/${observation}`);
  const own = await t.caller('patient/*.rs', { patient: id });
  const path = `AuditEvent?${asked}${asked ? '&' : ''}_total=accurate`;
  const { body, text } = await own.get(path);
  expect([body.total, (body.entry ?? []).length, text]).toEqual([count, count, text]);
  for (const { resource } of body.entry ?? []) expect(refusalsOf(resource)).toEqual([]);
});

test('pages hold every event once, newest first, whatever is noted meanwhile', async () => {
  const id = await newPatient();
  for (let n = 0; n < 6; n++) await t.system.get(`Patient/${id}`);
  const own = await t.caller('patient/*.rs', { patient: id });
  const pages = await allPages(own, 'AuditEvent?_count=3');
  expect(pages.map((page) => page.length)).toEqual([3, 3, 1]);
  const numbers = pages.flat().map((one) => Number(one.split('-')[2]));
  expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
  expect(new Set(numbers).size).toBe(7);
});

test('a page link is for the caller it was made for', async () => {
  const { body } = await family.get('AuditEvent?_count=1');
  const next = body.link.find(({ relation }) => relation === 'next')?.url.slice(`${t.base}/`.length) ?? '';
  const another = await t.caller('patient/*.rs', { patient: other, client: 'app2' });
  expect((await another.get(next)).status).toBe(400);
  expect((await family.get(next)).status).toBe(200);
});

test('POST _search, a batch and the compartment answer the same', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const id = await newPatient();
  const own = await t.caller('patient/*.rs', { patient: id });
  const search = 'action=C';
  const plain = matchIds(await own.get(`AuditEvent?${search}`));
  expect(plain).toHaveLength(1);
  expect(matchIds(await own.send('POST', 'AuditEvent/_search', search, form))).toEqual(plain);
  expect(matchIds(await own.get(`Patient/${id}/AuditEvent?${search}`))).toEqual(plain);
  const entry = [{ request: { method: 'GET', url: `AuditEvent?${search}` } }];
  const batch = await own.post('', { resourceType: 'Bundle', type: 'batch', entry });
  expect(batch.body.entry[0]?.resource.entry.map(({ resource }) => resource.id)).toEqual(plain);
});

test('who reads the log of a child: both guardians, and neither relatives, strangers, suspended ones nor facilities', async () => {
  const id = await newPatient();
  await consent(id);
  const inviter = await relate(t, { person: 'Person/mother', patient: id });
  await relate(t, { person: 'Person/father', patient: id });
  await relate(t, {
    person: 'Person/grandmother',
    patient: id,
    basis: 'invited',
    categories: ['vaccination'],
    inviter,
  });
  await relate(t, { person: 'Person/violent', patient: id, status: 'suspended' });
  await relate(t, { person: 'Person/former', patient: id, ends: '2026-11-22T15:00:00Z' });
  const [event] = matchIds(await t.system.get(`AuditEvent?patient=${id}&_count=1`));
  const seen: Record<string, unknown> = {};
  for (const user of ['mother', 'father', 'grandmother', 'violent', 'former', 'stranger']) {
    for (const [context, wishes] of [
      ['user', {}],
      ['patient', { patient: id }],
    ] as const) {
      const caller = await t.caller(`${context}/*.rs`, { ...wishes, user: `Person/${user}` });
      const found = await caller.get(`AuditEvent?patient=${id}&_count=1`);
      seen[`${user} ${context}`] = [matchIds(found).length, (await caller.get(`AuditEvent/${event}`)).status];
      expect((await caller.get(`AuditEvent?patient=${other}`)).body.entry).toBeUndefined();
    }
  }
  const [yes, no] = [
    [1, 200],
    [0, 404],
  ];
  expect(seen).toEqual({
    ...{ 'mother user': yes, 'mother patient': yes, 'father user': yes, 'father patient': yes },
    ...{ 'grandmother user': no, 'grandmother patient': no, 'violent user': no, 'violent patient': no },
    ...{ 'former user': no, 'former patient': no, 'stranger user': no, 'stranger patient': no },
  });
  const clinics = await facility();
  expect(matchIds(await clinics.get(`AuditEvent?patient=${id}`))).toEqual([]);
  expect((await clinics.get(`AuditEvent/${event}`)).status).toBe(404);
  const mother = await t.caller('user/*.rs', { user: 'Person/mother' });
  expect((await mother.get('AuditEvent')).status).toBe(400);
});

test('what a young person keeps from the guardians is kept from them in the log as well', async () => {
  const { id } = await t.system.create(patientNamed('試験', '十六', { birthDate: '2010-04-01' }));
  await relate(t, { person: 'Person/mother', patient: id });
  await relate(t, { person: 'Person/young', patient: id, basis: 'self' });
  const restricted = { meta: { security: [{ system: confidentiality, code: 'R' }] }, issued: '2026-11-01T00:00:00Z' };
  const kept = await t.system.create(observationOf(id, restricted));
  const gone = await t.system.create(observationOf(id, restricted));
  await t.system.delete(`Observation/${gone.id}`);
  const open = await t.system.create(observationOf(id));
  const named = async (user: string) => {
    const { text } = await (await t.caller('user/*.rs', { user })).get(`AuditEvent?patient=${id}`);
    return [kept, gone, open].map((one) => text.includes(one.id));
  };
  expect(await named('Person/young')).toEqual([true, true, true]);
  expect(await named('Person/mother')).toEqual([false, false, true]);
});
const confidentiality = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';

describe('a trusted caller', () => {
  const posted = (id: string) => ({
    resourceType: 'AuditEvent',
    type: { code: 'rest' },
    action: 'R',
    recorded: '2026-11-22T00:00:00Z',
    agent: [{ name: 'feed', requestor: true, network: { address: '192.0.2.7', type: '2' } }],
    source: { observer: { display: 'テスト' } },
    entity: [{ what: { reference: `Patient/${id}` } }],
  });

  test('finds what was noted about the patient it names, and behind it what clients have posted', async () => {
    const id = await newPatient();
    const { id: stored } = await t.system.create(posted(id));
    await t.system.get(`Patient/${id}`);
    const pages = await allPages(t.system, `AuditEvent?patient=${id}&action=R&_count=1`);
    expect(pages.flat().map((one) => one.replace(/^audit-.*/, 'noted'))).toEqual(['noted', stored]);
    const { body } = await t.system.get(`AuditEvent?patient=${id}&action=R&_summary=count`);
    expect(body.total).toBe(2);
    expect(matchIds(await t.system.get('AuditEvent?agent-name=feed'))).toContain(stored);
  });

  test('finds what was noted about nobody’s record when it names no patient', async () => {
    await t.system.get('Organization/nothing');
    const { body, text } = await t.system.get('AuditEvent?action=R&_count=5');
    expect(body.entry.length).toBeGreaterThan(0);
    expect(text).not.toContain(child);
    expect(body.entry[0]?.resource.id).toMatch(/^audit-/);
  });

  test('cannot write an event that the server noted, in any way', async () => {
    const [one] = events(await t.system.get(`AuditEvent?patient=${child}&_count=1`));
    const id = one?.id ?? '';
    const body = { ...posted(child), id };
    const put = { resource: body, request: { method: 'PUT', url: `AuditEvent/${id}` } };
    const patch = '[{"op":"add","path":"/language","value":"ja"}]';
    const answers = [
      await t.system.put(`AuditEvent/${id}`, body),
      await t.system.put('AuditEvent/audit-1-999999999', { ...body, id: 'audit-1-999999999' }),
      await t.system.delete(`AuditEvent/${id}`),
      await t.system.send('PATCH', `AuditEvent/${id}`, patch, { 'content-type': 'application/json-patch+json' }),
      await t.system.post('', { resourceType: 'Bundle', type: 'transaction', entry: [put] }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    expect((await t.system.get(`AuditEvent/${id}`)).body).toEqual(one);
  });
});

test('an erased record leaves its events, by keys', async () => {
  await t.system.put('Patient/chosen', { ...patientNamed('試験', '選'), id: 'chosen' });
  const confirm = { resourceType: 'Parameters', parameter: [{ name: 'confirm', valueString: 'chosen' }] };
  const [before] = events(await t.system.get('AuditEvent?patient=chosen&action=C'));
  expect(JSON.stringify(before)).toContain('Patient/chosen');
  expect((await t.system.post('Patient/chosen/$expunge', confirm)).status).toBe(200);
  const { text, body } = await t.system.get('AuditEvent?patient=chosen&action=C,D');
  expect(body.entry).toHaveLength(2);
  expect(JSON.stringify(body.entry)).not.toContain('Patient/chosen"');
  expect(text).toContain(`urn:uuid:${keyOf('Patient', 'chosen')}`);
});
