// What was handed in before is mapped anew by command: the same delivery, its original untouched, nothing doubled.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { CCDA_CONTENT_TYPE } from '../../connectors/ccda-file.ts';
import { createDeliver } from '../../connectors/deliver.ts';
import { deliveredTo, deliveredWithOriginal } from '../../connectors/delivered.ts';
import { HL7_CONTENT_TYPE } from '../../connectors/hl7v2-file.ts';
import { replay } from '../../connectors/replay.ts';
import { type Caller, startApp, type TestApp } from '../support/app.ts';
import { ccda, everySection } from '../support/samples/ccda.ts';
import { INSTITUTION, jis, PATIENT_NUMBER, PATIENT_SYSTEM, vaccination } from '../support/samples/hl7v2.ts';

let t: TestApp;
let line: Caller;
let server: { fhirBase: string; token: string };
beforeAll(async () => {
  t = await startApp();
  line = await t.caller('system/*.crus', { client: 'a line' });
  server = { fhirBase: `${await t.app.listen({ port: 0 })}/fhir`, token: line.token ?? '' };
});
afterAll(() => t.close());

test('a message that could not be mapped flows in once it can, and again without a trace', async () => {
  const { id } = await t.system.create({ resourceType: 'Patient' });
  const deliver = createDeliver(server);
  const original = jis(vaccination());
  const patient = { identifier: { system: PATIENT_SYSTEM, value: PATIENT_NUMBER } };
  const problem = 'Messages of this type are not mapped.';
  await deliver({ patient, original, contentType: HL7_CONTENT_TYPE, record: undefined, problem });
  const other = { original: Buffer.from('a,b'), contentType: 'text/csv', record: undefined, problem };
  await deliver({ ...other, patient: undefined });
  const listed = await Array.fromAsync(deliveredTo(server, { fate: 'refused', review: true }));
  expect(listed.map(({ reason }) => reason)).toEqual([problem, problem]);
  const again = async () => {
    const fates = [];
    for (const one of listed)
      fates.push(
        (await replay(await deliveredWithOriginal(server, one.id), { deliver, institution: INSTITUTION }))?.fate,
      );
    return fates.sort();
  };

  expect(await again()).toEqual(['waiting', undefined]);
  const { id: organization } = await t.system.create({ resourceType: 'Organization', name: '見本医院' });
  await t.system.post(`Patient/${id}/$link-facility`, {
    resourceType: 'Parameters',
    parameter: [
      { name: 'organization', valueReference: { reference: `Organization/${organization}` } },
      { name: 'identifier', valueIdentifier: patient.identifier },
    ],
  });
  const doses = async () => (await t.system.get(`Immunization?patient=${id}`)).body.entry ?? [];
  expect(await doses()).toHaveLength(1);
  expect(await again()).toEqual(['stored', undefined]);
  const [dose, ...more] = await doses();
  expect(more).toEqual([]);
  expect(dose?.resource.meta.versionId).toBe('1');
  const { rows } = await t.pool.query('select count(*)::int as n from held');
  expect(rows).toEqual([{ n: 2 }]);
});

test.each([
  ['C-CDA', CCDA_CONTENT_TYPE, ccda(everySection)],
  [
    'FHIR',
    'application/fhir+json',
    Buffer.from(
      JSON.stringify({
        resourceType: 'Bundle',
        type: 'collection',
        identifier: { system: 'urn:test:bundle', value: '1' },
        entry: [
          { resource: { resourceType: 'Patient' } },
          {
            resource: {
              resourceType: 'Immunization',
              status: 'completed',
              vaccineCode: { text: 'x' },
              occurrenceDateTime: '2026',
            },
          },
        ],
      }),
    ),
  ],
])(
  'a document of %s that could not be mapped is taken for the one it was handed in for',
  async (_, contentType, original) => {
    const { id } = await t.system.create({ resourceType: 'Patient' });
    const patient = { reference: `Patient/${id}` };
    const deliver = createDeliver(server);
    const { delivery } = await deliver({
      patient,
      original,
      contentType,
      record: undefined,
      problem: 'Not mapped yet.',
    });
    const again = async () => (await replay(await deliveredWithOriginal(server, delivery), { deliver }))?.fate;
    expect([await again(), await again()]).toEqual(['stored', 'stored']);
    expect((await t.system.get(`Immunization?patient=${id}&_summary=count`)).body.total).toBe(1);
  },
);
