// What the mappings make of a hospital's message, of the municipality's ledger and of a pharmacy's notebook, brought together with what a
// family enters: the elements that the rules read are those that the mappings fill.
import type { Immunization, MedicationDispense, Resource } from '@medplum/fhirtypes';
import { expect, test } from 'vitest';
import { mapHl7 } from '../../mappings/hl7v2/map.ts';
import { mapJahis } from '../../mappings/jahis/map.ts';
import { mapMyna } from '../../mappings/myna/map.ts';
import type { MappedRecord } from '../../mappings/record.ts';
import { dispensingEvents } from '../../server/reconciliation/medication/medication.ts';
import { vaccinationEvents } from '../../server/reconciliation/vaccinations/vaccinations.ts';
import { INSTITUTION, jis, vaccination } from '../support/samples/hl7v2.ts';
import { notebook, notebookFile } from '../support/samples/jahis.ts';
import { vaccinationJson } from '../support/samples/myna.ts';

const target = { reference: 'Patient/a' };

/** The resources of a type as they would be stored, by whom: an organization, or a family's import. */
function stored<Type extends Resource['resourceType']>(
  record: MappedRecord,
  type: Type,
  by: string | undefined,
  name: string,
) {
  const entries = JSON.parse(JSON.stringify(record.entries)) as MappedRecord['entries'];
  const all = entries.flatMap(({ resource }) => (resource?.resourceType === type ? [resource] : []));
  return all.map((resource, n) => ({
    ...resource,
    id: `${name}-${n}`,
    ...(by && { meta: { source: by } }),
  })) as Extract<Resource, { resourceType: Type }>[];
}

function partOf(file: Uint8Array): MappedRecord {
  const [part] = mapMyna(file, { patient: target });
  if (!part) throw new Error('nothing was mapped');
  return part.record;
}

const ofHospital = (by?: string) =>
  stored(mapHl7(jis(vaccination()), { institution: INSTITUTION }), 'Immunization', by, 'hospital');
const ofLedger = (by?: string) => stored(partOf(vaccinationJson()), 'Immunization', by, 'ledger');
const ofFamily: Immunization = {
  resourceType: 'Immunization',
  id: 'family-0',
  status: 'completed',
  vaccineCode: { text: '5種混合' },
  patient: target,
  occurrenceDateTime: '2026-09-14',
};

test.each([
  ['organizations and a family', 'urn:test:hospital', 'urn:test:city'],
  ['a family alone, which imports what it was given', undefined, undefined],
])('one dose out of three sources, written by %s', (_, hospital, city) => {
  const events = vaccinationEvents([ofFamily, ...ofLedger(city), ...ofHospital(hospital)], []);
  expect(events.map(({ members }) => members)).toEqual([
    ['Immunization/hospital-0', 'Immunization/ledger-0', 'Immunization/family-0'],
  ]);
});

test('a notebook of the pharmacy and the same lines entered by the family', () => {
  const shop = stored(mapJahis(notebookFile(notebook), target), 'MedicationDispense', 'urn:test:shop', 'shop');
  const entered = shop.map(
    ({ medicationCodeableConcept, whenHandedOver, quantity }, n): MedicationDispense => ({
      resourceType: 'MedicationDispense',
      id: `family-${n}`,
      status: 'completed',
      medicationCodeableConcept: { text: medicationCodeableConcept?.text?.normalize('NFKC') ?? '' },
      subject: target,
      ...(whenHandedOver && { whenHandedOver }),
      ...(quantity && { quantity }),
    }),
  );
  expect(shop.length).toBeGreaterThan(2);
  const events = dispensingEvents([...entered, ...shop], []);
  expect(events.map(({ members }) => members.length)).toEqual(shop.map(() => 2));
  expect(events.every(({ shown }) => shown.startsWith('MedicationDispense/shop'))).toBe(true);
});
