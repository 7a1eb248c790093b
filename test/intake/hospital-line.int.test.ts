// Everything an HL7 v2 line says of one child, in any order: every message is stored, and the record is the same.
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDeliverAll, type DeliverAll, deliveryOf } from '../../connectors/deliver.ts';
import { HL7_CONTENT_TYPE } from '../../connectors/hl7v2-file.ts';
import { mapHl7 } from '../../mappings/hl7v2/map.ts';
import { patientNamed, startApp, type TestApp } from '../support/app.ts';
import { INSTITUTION, jis, PATIENT_NUMBER, PATIENT_SYSTEM, vaccination } from '../support/samples/hl7v2.ts';
import {
  allergy,
  appointment,
  disease,
  everyMessage,
  imagingDone,
  movement,
  pharmacyOrder,
} from '../support/samples/hl7v2-hospital.ts';
import { chance } from '../support/samples/hl7v2-mutated.ts';

let t: TestApp;
let deliverAll: DeliverAll;
let organization: string;
beforeAll(async () => {
  t = await startApp();
  const hospital = await t.caller('system/*.crus', { client: 'hospital' });
  const url = await t.app.listen({ port: 0 });
  deliverAll = createDeliverAll({ fhirBase: `${url}/fhir`, token: hospital.token ?? '' });
  organization = (await t.system.create({ resourceType: 'Organization', name: '見本病院' })).id;
});
afterAll(() => t.close());

/** A child whose number at the hospital, and at the register that VXU comes from, is linked. */
async function linked(): Promise<{ id: string; number: string }> {
  const { id } = await t.system.create(patientNamed('試験', '花子'));
  const number = String(randomInt(1_000_000_000, 9_999_999_999));
  for (const system of [PATIENT_SYSTEM, 'urn:oid:2.999.1']) {
    const parameter = [
      { name: 'organization', valueReference: { reference: `Organization/${organization}` } },
      { name: 'identifier', valueIdentifier: { system, value: number } },
    ];
    const answer = await t.system.post(`Patient/${id}/$link-facility`, { resourceType: 'Parameters', parameter });
    expect(answer.status).toBe(200);
  }
  return { id, number };
}

/** One of each kind; then what was said is changed, withdrawn, and said again. */
const said = (): string[] => [
  // Each made at a moment of its own: which of two equal times stands is decided by their bytes.
  ...everyMessage().map((text, n) => text.replace('20260915101500.000', `202609151015${10 + n}.000`)),
  later(vaccination({ action: 'D' }), '20260916'),
  later(pharmacyOrder('CA'), '20260921'),
  later(imagingDone('CA'), '20260917'),
  disease({ outcome: 'F^治癒^HL70241', ended: '20260801', time: '20260802090000' }),
  allergy({ action: 'D', time: '20260824090000' }),
  appointment({ event: 'S13', start: '20261016140000', time: '20260921090000' }),
  appointment({ event: 'S15', time: '20260922090000' }),
  movement({ event: 'A13', time: '20260715120000' }),
  movement({ event: 'A03', time: '20260716101000', discharged: '20260716100000' }),
];

const later = (text: string, day: string): string =>
  text.replace('20260915101500.000', `${day}101500.000`).replace(/\|(\d{14}|[a-z]+-\w+)\|P\|/, `|${day}-again|P|`);

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item);
}

/** The child's record without what differs from child to child. */
async function recordOf(id: string): Promise<string[]> {
  const { body } = await t.system.get(`Patient/${id}/$everything?_count=1000`);
  const resources = (body.entry ?? []).map(({ resource }) => resource);
  return resources
    .filter(({ resourceType }) => !['Patient', 'Provenance', 'Consent', 'AuditEvent'].includes(resourceType))
    .map(({ id: _, meta: __, ...resource }) =>
      JSON.stringify(resource)
        .replace(/"([A-Z][A-Za-z]+)\/[0-9a-f-]{36}"/g, '"$1"')
        .replace(/"([a-z0-9-]+)\.[0-9a-f]{32}(\.\d+)?"/g, '"$1$2"'),
    )
    .sort();
}

describe('an HL7 v2 line', () => {
  test('leaves the same record in any order', { timeout: 120_000 }, async () => {
    const records = new Set<string>();
    for (let round = 0; round < 4; round++) {
      const { id, number } = await linked();
      const order = round === 0 ? said() : shuffled([...said(), ...said()], chance(round));
      const deliveries = order.map((text) => {
        const original = jis(text.replaceAll(PATIENT_NUMBER, number));
        return deliveryOf(mapHl7(original, { institution: INSTITUTION }), { original, contentType: HL7_CONTENT_TYPE });
      });
      const size = 1 + round * 7;
      for (let at = 0; at < deliveries.length; at += size) {
        const receipts = await deliverAll(deliveries.slice(at, at + size));
        expect(receipts.map(({ fate }) => fate)).toEqual(receipts.map(() => 'stored'));
      }
      const record = await recordOf(id);
      expect(record.length).toBeGreaterThan(30);
      records.add(record.join('\n'));
    }
    const [first = '', ...others] = records;
    for (const other of others) expect(other.split('\n')).toEqual(first.split('\n'));
  });
});
