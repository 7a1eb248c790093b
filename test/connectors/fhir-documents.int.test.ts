// Documents, messages and collections of other systems handed to the real server: what becomes of them in a family's record.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDeliver, type Deliver } from '../../connectors/deliver.ts';
import { importFhirFile } from '../../connectors/fhir-document-file.ts';
import { patientNamed, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
let access: { fhirBase: string; token: string; deliver: Deliver };
beforeAll(async () => {
  t = await startApp({ listens: true });
  const token = t.system.token ?? '';
  access = { fhirBase: t.base, token, deliver: createDeliver({ fhirBase: t.base, token }) };
});
afterAll(() => t.close());

const ips = 'node_modules/hl7.fhir.uv.ips/example';
const documents = readdirSync(ips).filter((name) => name.startsWith('Bundle-'));
const family = async () => ({ reference: `Patient/${(await t.system.create(patientNamed('試験', '花子'))).id}` });
const everything = async ({ reference }: { reference: string }) =>
  (await t.system.get(`${reference}/$everything?_count=1000`)).body.entry.map(({ resource }) => resource);

describe('importFhirFile', () => {
  test.each(documents)('takes %s into the record of the patient named, once', async (name) => {
    const patient = await family();
    const bytes = readFileSync(join(ips, name));
    const lines: string[] = [];
    const options = { ...access, bytes, patient, progress: (line: string) => lines.push(line) };
    expect(await importFhirFile(options), lines.join()).toEqual({ stored: 1, waiting: 0, refused: 0 });
    const record = await everything(patient);
    const count = (type: string) => record.filter(({ resourceType }) => resourceType === type).length;
    const sent = (type: string) =>
      JSON.parse(bytes.toString()).entry.filter(
        (one: { resource: { resourceType: string } }) => one.resource.resourceType === type,
      ).length;
    for (const type of [
      'Composition',
      'Condition',
      'Immunization',
      'Observation',
      'AllergyIntolerance',
      'MedicationStatement',
    ])
      expect([type, count(type)]).toEqual([type, sent(type)]);
    expect([count('Patient'), count('DocumentReference')]).toEqual([1, sent('DocumentReference') + 1]);
  });
});
