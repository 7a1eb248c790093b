// Who issued a prescription: institution (records 1 to 3), department (4), doctor (5), licence for narcotics (61), contained in
// each drug's order. JAHIS prescription Ver.1.10; JP Core 1.2.0 JP_PractitionerRole.

import type { HumanName, Identifier, Practitioner, Reference, Resource } from '@medplum/fhirtypes';
import { CANONICAL } from '../../server/fhir/canonical.ts';
import { DEPARTMENT } from '../code-systems.ts';
import { institution } from './agents.ts';
import { codeText, institutionNumber } from './codes.ts';
import { at, type JahisRecord } from './record.ts';

export type Issuer = { requester: Reference; contained: Resource[] };

/** Undefined when neither institution, department nor doctor is named. */
export function issuerOf(single: ReadonlyMap<string, JahisRecord>): Issuer | undefined {
  const place = single.get('1');
  const [contact, address] = [single.get('3'), single.get('2')];
  const number = institutionNumber(at(place, 3), at(place, 1) || '1', at(place, 2));
  const where = institution('institution', {
    name: at(place, 4),
    number,
    zip: at(address, 1),
    address: at(address, 2),
    phone: at(contact, 1),
    fax: at(contact, 2),
    contact: at(contact, 3),
  });
  const house = number ?? at(place, 4);
  const doctor = doctorOf(single, house);
  const department = single.get('4');
  const code = at(department, 1) === '2' ? codeText(at(department, 2)) : '';
  const name = at(department, 3);
  const isPlace = at(place, 4) !== '' || number !== undefined;
  if (!doctor && !isPlace && !code && !name) return undefined;
  const words = [at(place, 4), name, at(single.get('5'), 3) || at(single.get('5'), 2)].filter(Boolean).join(' ');
  return {
    requester: { reference: '#prescriber', type: 'PractitionerRole', ...(words && { display: words }) },
    contained: [
      ...(isPlace ? where.contained : []),
      ...(doctor ? [doctor] : []),
      {
        resourceType: 'PractitionerRole',
        id: 'prescriber',
        ...(doctor && { practitioner: { reference: '#doctor' } }),
        ...(isPlace && { organization: where.reference }),
        ...((code || name) && {
          specialty: [
            {
              ...(code && { coding: [{ system: DEPARTMENT, code: code.padStart(2, '0') }] }),
              ...(name && { text: name }),
            },
          ],
        }),
      },
    ],
  };
}

/** Record 5, and the licence of record 61. A doctor's code is the house's own. */
function doctorOf(single: ReadonlyMap<string, JahisRecord>, house: string): Practitioner | undefined {
  const doctor = single.get('5');
  const [code, kana, kanji] = [at(doctor, 1), at(doctor, 2), at(doctor, 3)];
  const license = at(single.get('61'), 1);
  const name = [...humanName(kanji, 'IDE'), ...humanName(kana.normalize('NFKC'), 'SYL')];
  const identifier: Identifier[] =
    code && house ? [{ system: `${CANONICAL}/sid/doctor/${encodeURIComponent(house)}`, value: code }] : [];
  if (name.length === 0 && !code && !license) return undefined;
  return {
    resourceType: 'Practitioner',
    id: 'doctor',
    ...(identifier.length > 0 && { identifier }),
    ...(name.length > 0 && { name }),
    ...(license && { qualification: [{ identifier: [{ value: license }], code: { text: '麻薬施用者免許' } }] }),
  };
}

const REPRESENTATION = 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation';

/** Family and given name stand apart by one space, where the sender could tell them apart. */
function humanName(text: string, representation: 'IDE' | 'SYL'): HumanName[] {
  if (!text) return [];
  const [family = '', ...given] = text.split(/\s+/);
  return [
    {
      extension: [{ url: REPRESENTATION, valueCode: representation }],
      text,
      ...(given.length > 0 && { family, given }),
    },
  ];
}
