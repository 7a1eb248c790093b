// $export from the kick-off to the files. HL7 Bulk Data Access 2.0, https://hl7.org/fhir/uv/bulkdata/export.html
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';
import { exportBy } from './exported.ts';

let t: TestApp;
let hanako: string;
let taro: string;
let backend: Caller;
beforeAll(async () => {
  t = await startApp();
  backend = await t.caller('system/*.rs', { client: 'backend' });
  hanako = (await t.system.create(patientNamed('試験', '花子', { birthDate: '2026-09-15' }))).id;
  taro = (await t.system.create(patientNamed('見本', '太郎', { birthDate: '2025-01-01' }))).id;
  for (const id of [hanako, taro]) await t.system.create(observationOf(id));
  await t.system.create({ resourceType: 'Organization', name: '見本医院' });
});
afterAll(() => t.close());

describe('$export', () => {
  test('answers 202 with a status address, then a manifest of files that hold every resource once', async () => {
    const { manifest, lines } = await exportBy(backend, '$export');
    expect(manifest).toMatchObject({
      transactionTime: '2026-11-23T00:00:00.000Z',
      request: `${t.base}/$export`,
      requiresAccessToken: true,
      error: [],
      deleted: [],
    });
    expect(manifest.output.map(({ type, count }) => [type, count])).toEqual([
      ['Observation', 2],
      ['Organization', 1],
      ['Patient', 2],
    ]);
    const stored = (await t.system.get(`Patient/${hanako}`)).body;
    expect(lines.find(({ id }) => id === hanako)).toEqual(stored);
    expect(new Set(lines.map(({ id }) => id)).size).toBe(5);
  });

  test('shows the record as it was at the kick-off, whatever is written before the files are made', async () => {
    const own = await startApp();
    try {
      const { id } = await own.system.create(patientNamed('試験', '次郎'));
      const { id: gone } = await own.system.create(patientNamed('試験', '三郎'));
      const client = await own.caller('system/*.rs');
      const started = await client.get('$export', { prefer: 'respond-async' });
      const before = (await own.system.get(`Patient/${id}`)).body;
      await own.system.put(`Patient/${id}`, { ...patientNamed('試験', '改名'), id });
      await own.system.delete(`Patient/${gone}`);
      await own.system.create(patientNamed('試験', '四郎'));
      const { lines } = await exportBy(client, started);
      expect(lines.map((one) => one.id).sort()).toEqual([id, gone].sort());
      expect(lines.find((one) => one.id === id)).toEqual(before);
    } finally {
      await own.close();
    }
  });

  test.each([
    ['', 'respond-async'],
    ['?_since=yesterday', '_since'],
    ['?_type=Kitten', '_type'],
    ['?_typeFilter=Patient?kitten=1', 'kitten'],
    ['?_typeFilter=Patient?_count=1', '_count'],
    ['?_elements=kitten', '_elements'],
    ['?_outputFormat=application/xml', '_outputFormat'],
    ['?patient=Patient/1', 'patient'],
    ['?includeAssociatedData=all', 'includeAssociatedData'],
  ])('refuses %s and names what is at fault', async (query, named) => {
    const answer = await backend.get(`$export${query}`, query === '' ? {} : { prefer: 'respond-async' });
    expect(answer.status).toBe(400);
    expect(answer.body.issue[0]?.diagnostics).toContain(named);
  });

  test('leaves out what it does not know for a lenient caller, and says so in the manifest', async () => {
    const { manifest, errors } = await exportBy(backend, '$export?_type=Patient&organizeOutputBy=Patient', {
      prefer: 'respond-async, handling=lenient',
    });
    expect(manifest.output).toHaveLength(1);
    expect(JSON.stringify(errors)).toContain('organizeOutputBy');
  });

  test('by _type, _typeFilter and _elements', async () => {
    const filter = encodeURIComponent('Patient?family=試験');
    const { lines } = await exportBy(backend, `$export?_type=Patient&_typeFilter=${filter}&_elements=birthDate`);
    expect(lines).toMatchObject([{ id: hanako, birthDate: '2026-09-15', meta: { tag: [{ code: 'SUBSETTED' }] } }]);
    expect(lines[0]).not.toHaveProperty('name');
  });
});

test('since: only what is newer, and what was deleted', async () => {
  const own = await startApp();
  try {
    const client = await own.caller('system/*.rs');
    const { id: old } = await own.system.create(patientNamed('試験', '古'));
    const { id: gone } = await own.system.create(patientNamed('試験', '去'));
    own.clock.nowMs += 1000;
    const { manifest } = await exportBy(client, '$export');
    own.clock.nowMs += 1000;
    const { id: fresh } = await own.system.create(patientNamed('試験', '新'));
    await own.system.delete(`Patient/${gone}`);
    const next = await exportBy(client, `$export?_since=${manifest.transactionTime}`);
    expect(next.lines.map(({ id }) => id)).toEqual([fresh]);
    expect(next.deleted).toMatchObject([
      { type: 'transaction', entry: [{ request: { method: 'DELETE', url: `Patient/${gone}` } }] },
    ]);
    expect(old).not.toBe(fresh);
  } finally {
    await own.close();
  }
});

describe('whose records', () => {
  test('Patient/$export: what is in records, of the patients named in a POST', async () => {
    const all = await exportBy(backend, 'Patient/$export');
    expect(all.manifest.output.map(({ type }) => type)).toEqual(['Observation', 'Patient']);
    const body = {
      resourceType: 'Parameters',
      parameter: [{ name: 'patient', valueReference: { reference: `Patient/${taro}` } }],
    };
    const started = await backend.post('Patient/$export', body, { prefer: 'respond-async' });
    const { lines } = await exportBy(backend, started);
    expect(lines.filter(({ resourceType }) => resourceType === 'Patient').map(({ id }) => id)).toEqual([taro]);
    expect(lines).toHaveLength(2);
  });

  test('Group/[id]/$export: the members that are', async () => {
    const member = [
      { entity: { reference: `Patient/${hanako}` } },
      { entity: { reference: `Patient/${taro}` }, inactive: true },
    ];
    const group = await t.system.create({ resourceType: 'Group', type: 'person', actual: true, member });
    const { lines } = await exportBy(backend, `Group/${group.id}/$export`);
    expect(lines.map(({ resourceType }) => resourceType).sort()).toEqual(['Group', 'Observation', 'Patient']);
    expect(lines.find(({ resourceType }) => resourceType === 'Patient')?.id).toBe(hanako);
  });

  test('what two members share is given once', async () => {
    const participant = [hanako, taro].map((id) => ({ actor: { reference: `Patient/${id}` }, status: 'accepted' }));
    await t.system.create({ resourceType: 'Appointment', status: 'proposed', participant });
    const member = [hanako, taro].map((id) => ({ entity: { reference: `Patient/${id}` } }));
    const group = await t.system.create({ resourceType: 'Group', type: 'person', actual: true, member });
    const { lines } = await exportBy(backend, `Group/${group.id}/$export?_type=Appointment,Patient`);
    expect(lines.map(({ resourceType }) => resourceType).sort()).toEqual(['Appointment', 'Patient', 'Patient']);
  });

  test('Patient/[id]/$export: a family gets its own record, and only that', async () => {
    const family = await t.caller('patient/*.rs', { patient: hanako, client: 'app' });
    const { lines } = await exportBy(family, `Patient/${hanako}/$export?_type=Patient,Observation`);
    expect(lines.map(({ resourceType }) => resourceType).sort()).toEqual(['Observation', 'Patient']);
    expect(JSON.stringify(lines)).not.toContain(taro);
    const prefer = { prefer: 'respond-async' };
    expect((await family.get(`Patient/${taro}/$export`, prefer)).status).toBe(404);
    expect((await family.get('$export', prefer)).status).toBe(403);
    expect((await family.get('Patient/$export', prefer)).status).toBe(403);
  });

  test('an organization gets what its permissions give, as by search, and the family of it nothing else', async () => {
    const clinic = await t.caller('system/*.rs', { organization: 'clinic-7', client: 'clinic', purpose: 'TREAT' });
    const terminology = 'http://terminology.hl7.org/CodeSystem';
    await t.system.create({
      resourceType: 'Consent',
      status: 'active',
      scope: { coding: [{ system: `${terminology}/consentscope`, code: 'patient-privacy' }] },
      category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
      patient: { reference: `Patient/${taro}` },
      policy: [{ uri: 'https://profiles.ihe.net/ITI/PCF/Policy-basic-normal' }],
      provision: {
        type: 'permit',
        actor: [
          {
            role: { coding: [{ system: `${terminology}/v3-ParticipationType`, code: 'IRCP' }] },
            reference: { reference: 'Organization/clinic-7' },
          },
        ],
        purpose: [{ system: `${terminology}/v3-ActReason`, code: 'TREAT' }],
      },
    });
    const { lines } = await exportBy(clinic, '$export?_type=Patient,Observation');
    const searched = await clinic.get('Observation?_count=100');
    expect(searched.body.entry).toHaveLength(1);
    expect(lines.map(({ resourceType }) => resourceType).sort()).toEqual(['Observation', 'Patient']);
    expect(lines.find(({ resourceType }) => resourceType === 'Patient')?.id).toBe(taro);
    expect(JSON.stringify(lines)).not.toContain(hanako);
  });

  test('a token with other scopes besides system/ can follow its export', async () => {
    const mixed = await t.caller('system/Patient.rs patient/Observation.rs', { patient: hanako, client: 'mixed' });
    const { manifest } = await exportBy(mixed, '$export');
    expect(manifest.output.map(({ type }) => type)).toEqual(['Patient']);
  });

  test('each patient whose record was given has an audit row before the files can be fetched', async () => {
    const auditor = await t.caller('system/*.rs', { client: 'audited-backend' });
    await exportBy(auditor, '$export?_type=Patient');
    const { rows } = await t.pool.query(
      `select owner from audit where client = 'audited-backend' and interaction = 'export' and owner = any($1)`,
      [[hanako, taro]],
    );
    expect(rows.map(({ owner }) => owner).sort()).toEqual([hanako, taro].sort());
  });
});
