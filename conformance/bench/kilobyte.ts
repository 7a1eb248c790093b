// A Patient and an Immunization of 1 KB as Japanese systems send them: kana names, identifiers of an institution, address and
// guardian; a dose with site, route, amount, lot and ground. They fit JP Core's profiles and our own.
import type { Immunization, Patient } from '@medplum/fhirtypes';
import { CANONICAL } from '../../server/fhir/canonical.ts';
import { child, identifierOf, immunization } from './families.ts';

const HL7 = 'http://terminology.hl7.org/CodeSystem';

/** Child `n`, with what a clinic adds to it. */
export function kilobytePatient(n: number): Patient {
  const { name = [], ...rest } = child(n);
  return {
    ...rest,
    identifier: [{ use: 'usual', system: 'urn:oid:1.2.392.100495.20.3.51.11319999991', value: identifierOf(n) }],
    active: true,
    name: name.map((one, index) => ({
      extension: [
        {
          url: 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation',
          valueCode: index === 0 ? 'IDE' : 'SYL',
        },
      ],
      ...one,
    })),
    contact: [
      {
        relationship: [{ coding: [{ system: `${HL7}/v2-0131`, code: 'N' }] }],
        name: { text: '見本 試験' },
      },
    ],
    communication: [{ language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'ja' }] } }],
    managingOrganization: { reference: 'Organization/bench-clinic-1' },
  };
}

/** Dose `index` of child `n`, with what a clinic adds to it. */
export function kilobyteImmunization(n: number, index: number): Immunization {
  return {
    ...immunization(n, index, `Patient/bench-${n}`),
    identifier: [{ system: 'urn:oid:1.2.392.100495.20.3.51.11319999991', value: `${identifierOf(n)}-${index}` }],
    manufacturer: { reference: 'Organization/bench-maker', display: '見本製薬' },
    expirationDate: '2030-03-31',
    site: { coding: [{ system: `${HL7}/v3-ActSite`, code: 'LA', display: 'left arm' }] },
    route: { coding: [{ system: `${HL7}/v2-0162`, code: 'SC' }], text: '皮下' },
    doseQuantity: { value: 0.5, unit: 'mL', system: 'http://unitsofmeasure.org', code: 'mL' },
    programEligibility: [{ coding: [{ system: `${CANONICAL}/CodeSystem/vaccination-category`, code: 'routine-A' }] }],
    note: [{ text: '接種後 30 分、変わりなし。' }],
  };
}
