// Patient compartments: https://hl7.org/fhir/R4/compartmentdefinition-patient.html
import { describe, expect, test } from 'vitest';
import { patientsOf } from '../../server/fhir/compartments.ts';
import { resourceTypes } from '../../server/fhir/definitions.ts';

describe('patientsOf', () => {
  test.each<[string, object, string[]]>([
    ['Immunization', { patient: { reference: 'Patient/a' } }, ['Patient/a']],
    ['Immunization', { patient: { reference: 'Patient/a/_history/3' } }, ['Patient/a']],
    ['Immunization', { patient: { reference: 'https://example.jp/fhir/Patient/a' } }, []],
    ['Immunization', { patient: { reference: 'Patient?identifier=x' } }, []],
    ['Immunization', { patient: { reference: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0', type: 'Patient' } }, []],
    ['Immunization', { patient: { reference: '#p' }, contained: [{ resourceType: 'Patient', id: 'p' }] }, []],
    [
      'Observation',
      { performer: [{ reference: 'Patient/b' }, { reference: 'Patient/a' }], subject: { reference: 'Patient/a' } },
      ['Patient/a', 'Patient/b'],
    ],
    ['Observation', { subject: { reference: 'Group/a' } }, []],
    [
      'Appointment',
      { participant: [{ actor: { reference: 'Patient/child' } }, { actor: { reference: 'Patient/mother' } }] },
      ['Patient/child', 'Patient/mother'],
    ],
    ['Patient', { id: 'a', link: [{ other: { reference: 'Patient/b' } }] }, ['Patient/a']],
    ['Patient', {}, []],
    ['Provenance', { target: [{ reference: 'Immunization/1' }, { reference: 'Patient/a' }] }, ['Patient/a']],
    ['Organization', { id: 'a' }, []],
    ['Nothing', { patient: { reference: 'Patient/a' } }, []],
  ])('%s %j', (resourceType, members, expected) => {
    expect(patientsOf({ resourceType, ...members })).toEqual(expected);
  });

  test('every type can be asked', () => {
    for (const resourceType of resourceTypes) expect(patientsOf({ resourceType })).toEqual([]);
    for (const value of [null, 'Patient', [], {}, 7]) expect(patientsOf(value)).toEqual([]);
  });
});
