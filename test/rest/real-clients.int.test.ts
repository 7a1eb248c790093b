// Clients that people use, unmodified, against the server on a socket: fhir-kit-client, SMART's fhirclient and Medplum's.
import { MedplumClient } from '@medplum/core';
import type { Bundle, Immunization, Patient } from '@medplum/fhirtypes';
import { Client } from 'fhir-kit-client';
import smart from 'fhirclient';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
let origin: string;
beforeAll(async () => {
  // Links in answers have to lead back here, as they do behind a real BASE_URL.
  t = await startApp({ listens: true });
  origin = t.base.slice(0, -'/fhir'.length);
});
afterAll(() => t.close());

const child = (family: string): Patient => ({ resourceType: 'Patient', name: [{ family, given: ['花子'] }] });
const dose = (patient: string, occurrenceDateTime: string): Immunization => ({
  resourceType: 'Immunization',
  status: 'completed',
  vaccineCode: { text: '試験ワクチン' },
  patient: { reference: `Patient/${patient}` },
  occurrenceDateTime,
});

describe('fhir-kit-client', () => {
  const client = () => new Client({ baseUrl: t.base, bearerToken: t.system.token ?? '' });

  test('creates, reads, patches, searches page by page, looks into history and deletes', async () => {
    const patient = (await client().create({ resourceType: 'Patient', body: child('道具') as never })) as Patient;
    const id = patient.id ?? '';
    expect(await client().read({ resourceType: 'Patient', id })).toEqual(patient);
    const patched = await client().patch({
      resourceType: 'Patient',
      id,
      jsonPatch: [{ op: 'add', path: '/gender', value: 'female' }],
    });
    expect(patched.gender).toBe('female');
    for (const day of ['01', '02', '03'])
      await client().create({ resourceType: 'Immunization', body: dose(id, `2026-05-${day}`) as never });
    let page = (await client().search({
      resourceType: 'Immunization',
      searchParams: { patient: id, _count: 2 },
    })) as unknown as Bundle;
    const days: (string | undefined)[] = [];
    for (let n = 0; n < 5; n++) {
      days.push(...(page.entry ?? []).map(({ resource }) => (resource as Immunization).occurrenceDateTime));
      const next = (await client().nextPage({ bundle: page as never })) as unknown as Bundle | undefined;
      if (!next) break;
      page = next;
    }
    expect(days).toEqual(['2026-05-03', '2026-05-02', '2026-05-01']);
    const versions = (await client().history({ resourceType: 'Patient', id })) as unknown as Bundle;
    expect(versions.entry?.map(({ resource }) => resource?.meta?.versionId)).toEqual(['2', '1']);
    await client().delete({ resourceType: 'Immunization', id: page.entry?.[0]?.resource?.id ?? '' });
    await expect(client().read({ resourceType: 'Patient', id: 'nobody' })).rejects.toMatchObject({
      response: { status: 404, data: { resourceType: 'OperationOutcome' } },
    });
  });

  test('reads the capability statement and runs an operation', async () => {
    const { resourceType, fhirVersion } = (await client().capabilityStatement()) as never as Record<string, string>;
    expect([resourceType, fhirVersion]).toEqual(['CapabilityStatement', '4.0.1']);
    const patient = (await client().create({ resourceType: 'Patient', body: child('全部') as never })) as Patient;
    const everything = (await client().operation({
      resourceType: 'Patient',
      id: patient.id ?? '',
      name: '$everything',
      method: 'GET',
    })) as unknown as Bundle;
    expect(everything.entry?.[0]?.resource?.id).toBe(patient.id);
  });
});

describe("SMART's fhirclient, as an app that was launched for a patient", () => {
  test('reads the patient of its launch, and pages of what is about it, and nothing else', async () => {
    const mine = await t.system.create(child('打上'));
    const other = await t.system.create(child('他人'));
    for (const day of ['01', '02', '03']) await t.system.create(dose(mine.id, `2026-06-${day}`));
    const { token } = await t.caller('patient/*.rs', { patient: mine.id });
    const store = new Map<string, unknown>();
    const storage = {
      get: async (key: string) => store.get(key),
      set: async (key: string, value: unknown) => store.set(key, value),
      unset: async (key: string) => store.delete(key),
    };
    const client = smart({ headers: {} } as never, {} as never, storage as never).client({
      serverUrl: t.base,
      tokenResponse: { access_token: token ?? '', patient: mine.id },
    } as never);
    expect((await client.patient.read()).id).toBe(mine.id);
    const doses = await client.patient.request<Immunization[]>('Immunization?_count=2', { pageLimit: 0, flat: true });
    expect(doses).toHaveLength(3);
    await expect(client.request(`Patient/${other.id}`)).rejects.toThrow(/404/);
  });
});

describe("Medplum's client", () => {
  const client = () => {
    const medplum = new MedplumClient({ baseUrl: `${origin}/`, fhirUrlPath: 'fhir', fetch });
    medplum.setAccessToken(t.system.token ?? '');
    return medplum;
  };

  test('creates once, updates, patches, reads references, history and everything', async () => {
    const medplum = client();
    const identifier = [{ system: 'https://example.com/ids', value: 'm-1' }];
    const query = 'identifier=https://example.com/ids|m-1';
    const patient = await medplum.createResourceIfNoneExist({ ...child('一度'), identifier }, query);
    expect((await medplum.createResourceIfNoneExist({ ...child('一度'), identifier }, query)).id).toBe(patient.id);
    const updated = await medplum.updateResource({ ...patient, gender: 'female' });
    expect(updated.meta?.versionId).toBe('2');
    const patched = await medplum.patchResource('Patient', patient.id ?? '', [
      { op: 'replace', path: '/gender', value: 'unknown' },
    ]);
    expect(patched.gender).toBe('unknown');
    const given = await medplum.createResource(dose(patient.id ?? '', '2026-07-01'));
    expect((await medplum.readReference(given.patient as { reference: string })).id).toBe(patient.id);
    expect((await medplum.readHistory('Patient', patient.id ?? '')).entry).toHaveLength(3);
    expect((await medplum.readPatientEverything(patient.id ?? '')).entry).toHaveLength(2);
    await medplum.deleteResource('Immunization', given.id ?? '');
    await expect(medplum.readResource('Immunization', given.id ?? '')).rejects.toThrow();
  });

  test('searches in pages, runs a transaction and asks by GraphQL', async () => {
    const medplum = client();
    const answer = await medplum.executeBatch({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          fullUrl: 'urn:uuid:b5b9a3e4-0000-4000-8000-000000000001',
          resource: child('束'),
          request: { method: 'POST', url: 'Patient' },
        },
        {
          resource: {
            ...dose('x', '2026-08-01'),
            patient: { reference: 'urn:uuid:b5b9a3e4-0000-4000-8000-000000000001' },
          },
          request: { method: 'POST', url: 'Immunization' },
        },
      ],
    });
    expect(answer.entry?.map(({ response }) => response?.status)).toEqual(['201', '201']);
    let found = 0;
    for await (const page of medplum.searchResourcePages('Patient', { family: '束', _count: '1' }))
      found += page.length;
    expect(found).toBe(1);
    const { data } = await medplum.graphql('{ PatientList(family: "束") { name { family } } }');
    expect(data.PatientList).toEqual([{ name: [{ family: '束' }] }]);
  });
});
