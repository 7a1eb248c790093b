// Documents of other systems handed to the real server: what becomes of them in a family's record, in whatever order they come.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importCcda } from '../../connectors/ccda-file.ts';
import { createDeliver, type Deliver } from '../../connectors/deliver.ts';
import { importFhirFile } from '../../connectors/fhir-document-file.ts';
import { patientNamed, startApp, type TestApp } from '../support/app.ts';
import { ccda, dose, everySection, section } from '../support/samples/ccda.ts';

let t: TestApp;
let access: { fhirBase: string; token: string; deliver: Deliver };
beforeAll(async () => {
  t = await startApp({ listens: true });
  const token = t.system.token ?? '';
  access = { fhirBase: t.base, token, deliver: createDeliver({ fhirBase: t.base, token }) };
});
afterAll(() => t.close());

const stored = { stored: 1, waiting: 0, refused: 0 };
const family = async () => ({ reference: `Patient/${(await t.system.create(patientNamed('試験', '花子'))).id}` });
const everything = async ({ reference }: { reference: string }) =>
  (await t.system.get(`${reference}/$everything?_count=1000`)).body.entry.map(({ resource }) => resource);
const counts = async (patient: { reference: string }) => {
  const record = await everything(patient);
  return (type: string) => record.filter(({ resourceType }) => resourceType === type).length;
};

describe('a FHIR document', () => {
  const ips = 'node_modules/hl7.fhir.uv.ips/example';
  const documents = readdirSync(ips).filter((name) => name.startsWith('Bundle-'));
  const types = [
    'Composition',
    'Condition',
    'Immunization',
    'Observation',
    'AllergyIntolerance',
    'MedicationStatement',
  ];

  test.each(documents)('%s is taken into the record of the patient named, once', async (name) => {
    const patient = await family();
    const bytes = readFileSync(join(ips, name));
    const lines: string[] = [];
    const options = { ...access, patient, progress: (line: string) => lines.push(line) };
    expect(await importFhirFile({ ...options, bytes }), lines.join()).toEqual(stored);
    // The same content in other bytes: it is not the same delivery, and still the same document.
    expect(await importFhirFile({ ...options, bytes: Buffer.concat([bytes, Buffer.from('\n')]) })).toEqual(stored);
    const count = await counts(patient);
    const { entry } = JSON.parse(bytes.toString()) as { entry: { resource: { resourceType: string } }[] };
    const sent = (type: string) => entry.filter(({ resource }) => resource.resourceType === type).length;
    expect(types.map((type) => [type, count(type)])).toEqual(types.map((type) => [type, sent(type)]));
    expect([count('Patient'), count('DocumentReference')]).toEqual([1, sent('DocumentReference') + 1]);
  });
});

describe('a FHIR document that corrects another', () => {
  const document = (day: string, title: string, value: number): Uint8Array =>
    Buffer.from(
      JSON.stringify({
        resourceType: 'Bundle',
        type: 'document',
        identifier: { system: 'urn:test:document', value: 'd-1' },
        timestamp: `${day}T12:00:00+09:00`,
        entry: [
          {
            fullUrl: 'urn:uuid:c',
            resource: {
              resourceType: 'Composition',
              identifier: { system: 'urn:test:composition', value: 'c-1' },
              status: 'final',
              type: { text: '退院時サマリー' },
              subject: { reference: 'urn:uuid:p' },
              date: day,
              author: [{ display: '医師 一郎' }],
              title,
              section: [{ title: '検査', entry: [{ reference: 'urn:uuid:o' }] }],
            },
          },
          { fullUrl: 'urn:uuid:p', resource: { resourceType: 'Patient' } },
          {
            fullUrl: 'urn:uuid:o',
            resource: {
              resourceType: 'Observation',
              identifier: [{ system: 'urn:test:observation', value: 'o-1' }],
              status: 'final',
              code: { text: 'Hb' },
              subject: { reference: 'urn:uuid:p' },
              valueQuantity: { value },
            },
          },
        ],
      }),
    );

  test.each([
    ['in order', [0, 1]],
    ['in the wrong order', [1, 0]],
  ])('stands, when they come %s', async (_, order) => {
    const patient = await family();
    const both = [document('2026-09-10', '第1版', 11), document('2026-09-12', '第2版', 12)];
    for (const n of order)
      expect(await importFhirFile({ ...access, patient, bytes: both[n] ?? Buffer.of() })).toEqual(stored);
    const record = await everything(patient);
    const of = (type: string) => record.filter(({ resourceType }) => resourceType === type);
    expect(of('Observation')).toMatchObject([{ valueQuantity: { value: 12 } }]);
    expect(of('Composition')).toMatchObject([
      { title: '第2版', section: [{ entry: [{ reference: `Observation/${of('Observation')[0]?.id}` }] }] },
    ]);
    expect(of('DocumentReference')).toMatchObject([{ description: '第2版' }]);
  });
});

describe('a C-CDA document', () => {
  test('becomes a record, with the document as it came and where each part is from', async () => {
    const patient = await family();
    const bytes = ccda(everySection);
    expect(await importCcda({ ...access, patient, bytes: gzipSync(bytes) })).toEqual(stored);
    const record = await everything(patient);
    const document = record.find(({ resourceType }) => resourceType === 'DocumentReference');
    expect(document?.content).toMatchObject([{ attachment: { data: Buffer.from(bytes).toString('base64') } }]);
    const count = await counts(patient);
    expect([count('Immunization'), count('Condition'), count('AllergyIntolerance')]).toEqual([1, 2, 2]);
    expect(count('Provenance')).toBe(1);
  });

  test('waits for a family that links the number, and is not chosen by a name', async () => {
    const { id: organization } = await t.system.create({ resourceType: 'Organization', name: '見本医院' });
    expect(await importCcda({ ...access, bytes: ccda(everySection) })).toEqual({ stored: 0, waiting: 1, refused: 0 });
    const { id } = await t.system.create(patientNamed('試験', '花子'));
    const identifier = { name: 'identifier', valueIdentifier: { system: 'urn:oid:2.999.1', value: '000123' } };
    const code = await t.system.post(`Organization/${organization}/$link-code`, {
      resourceType: 'Parameters',
      parameter: [identifier],
    });
    expect(code.status, code.text).toBe(200);
    const given = code.body.parameter.find(({ name }) => name === 'code');
    const app = await t.caller('patient/*.cruds', { patient: id, client: 'family' });
    const linked = await app.post(`Patient/${id}/$link-facility`, {
      resourceType: 'Parameters',
      parameter: [identifier, given],
    });
    expect(linked.status, linked.text).toBe(200);
    // What is delivered now goes straight in; what waited is taken in by a job.
    expect(await importCcda({ ...access, bytes: ccda(everySection, { id: 'doc-2' }) })).toEqual(stored);
    expect((await counts({ reference: `Patient/${id}` }))('Immunization')).toBe(1);
  });

  test.each([
    ['in order', [0, 1]],
    ['in the wrong order', [1, 0]],
  ])('that corrects another stands, when they come %s', async (_, order) => {
    const patient = await family();
    const first = ccda([section('11369-6', [dose()])], { setId: 'line', id: 'v1', time: '20260910120000+0900' });
    const corrected = dose().replace('LOT-7', 'LOT-8');
    const second = ccda([section('11369-6', [corrected])], { setId: 'line', id: 'v2', time: '20260912120000+0900' });
    for (const n of order)
      expect(await importCcda({ ...access, patient, bytes: [first, second][n] ?? first })).toEqual(stored);
    const record = await everything(patient);
    const given = record.filter(({ resourceType }) => resourceType === 'Immunization');
    expect(given).toMatchObject([{ lotNumber: 'LOT-8' }]);
    const documents = record.filter(({ resourceType }) => resourceType === 'DocumentReference');
    expect(documents).toMatchObject([{ masterIdentifier: { value: 'v2' } }]);
  });

  test.each([
    ['a damaged archive', Buffer.from([0x1f, 0x8b, 0x08, 0, 1, 2])],
    ['a bomb', gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20))],
    ['no document', Buffer.from('<svg/>')],
  ])('is refused and kept when it is %s', async (_, bytes) => {
    expect(await importCcda({ ...access, patient: await family(), bytes })).toEqual({
      stored: 0,
      waiting: 0,
      refused: 1,
    });
  });
});
