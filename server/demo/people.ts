// The family and the institutions of the demo. All are invented.

import type { Identifier, Meta, Organization, Patient, RelatedPerson } from '@medplum/fhirtypes';
import { CANONICAL } from '../fhir/canonical.ts';

const kana = 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation';

/** What a record claims to be: a profile of ours, shown at /docs/guide. */
export const claiming = (profile: string): Meta => ({ profile: [`${CANONICAL}/StructureDefinition/${profile}`] });

/** The number that the municipality 139999 has given to a resident. */
const resident = (value: string): Identifier => ({
  system: `${CANONICAL}/sid/municipal-resident`,
  value: `139999.${value}`,
});

const names = (family: string, given: string, familyKana: string, givenKana: string): Patient['name'] => [
  { extension: [{ url: kana, valueCode: 'IDE' }], use: 'official', text: `${family} ${given}`, family, given: [given] },
  {
    extension: [{ url: kana, valueCode: 'SYL' }],
    use: 'official',
    text: `${familyKana} ${givenKana}`,
    family: familyKana,
    given: [givenKana],
  },
];

const address: Patient['address'] = [
  {
    text: '東京都見本市試験町１−２−３',
    country: 'JP',
    postalCode: '100-0000',
    state: '東京都',
    city: '見本市',
    line: ['試験町１−２−３'],
  },
];

export const mother: Patient = {
  resourceType: 'Patient',
  meta: claiming('mother'),
  active: true,
  identifier: [resident('R-0001')],
  name: names('見本', 'さくら', 'ミホン', 'サクラ'),
  gender: 'female',
  birthDate: '1995-04-12',
  address,
};

export const childBirthDate = '2025-09-20';
export const child: Patient = {
  resourceType: 'Patient',
  meta: claiming('child'),
  active: true,
  identifier: [resident('R-0002')],
  name: names('見本', 'つむぎ', 'ミホン', 'ツムギ'),
  gender: 'female',
  birthDate: childBirthDate,
  address,
};

/** Mother and child are two people, joined by a RelatedPerson in the child's record. */
export const motherOf = (childReference: string): RelatedPerson => ({
  resourceType: 'RelatedPerson',
  meta: claiming('related-person'),
  active: true,
  patient: { reference: childReference },
  relationship: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: 'MTH' }], text: '母' },
  ],
  ...(mother.name ? { name: mother.name } : {}),
});

const institution = (name: string, number: string): Organization => ({
  resourceType: 'Organization',
  meta: claiming('organization'),
  active: true,
  name,
  identifier: [{ system: 'http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no', value: number }],
});

export const hospitalNumber = '1319999991';
export const pharmacyNumber = '1349999992';
export const hospital = institution('見本市立試験病院', hospitalNumber);
export const clinic = institution('ひなた試験こどもクリニック', '1319999993');
export const pharmacy = institution('テスト薬局 見本店', pharmacyNumber);

/** The identifier system of an institution's own patient numbers (MHLW object identifiers, 10-digit institution number). */
export const patientNumbersOf = (institutionNumber: string): string =>
  `urn:oid:1.2.392.100495.20.3.51.1${institutionNumber}`;
