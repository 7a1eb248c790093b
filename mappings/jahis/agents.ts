// Institutions, pharmacists and doctors of JAHIS files. They are known by name and number only, so they are contained where
// they have more to say (an address, a telephone), and otherwise only referred to. No directory entry is made from a file.

import type { ContactPoint, Organization, Practitioner, Reference, Resource } from '@medplum/fhirtypes';
import { INSTITUTION } from '../code-systems.ts';

export type Agent<Type extends Resource = Resource> = { reference: Reference<Type>; contained: Resource[] };

/** An institution: `number` is its ten digits, where the file has them all. */
export function institution(
  id: string,
  {
    name,
    number,
    zip = '',
    address = '',
    phone = '',
    fax = '',
    contact = '',
  }: {
    name: string;
    number: string | undefined;
    zip?: string;
    address?: string;
    phone?: string;
    fax?: string;
    contact?: string;
  },
): Agent<Organization> {
  const identifier = number === undefined ? undefined : { system: INSTITUTION, value: number };
  const telecom = [...point('phone', phone), ...point('fax', fax), ...point('other', contact)];
  const isMore = (telecom.length > 0 || zip !== '' || address !== '') && (name !== '' || identifier !== undefined);
  const organization: Organization = {
    resourceType: 'Organization',
    id,
    ...(identifier && { identifier: [identifier] }),
    ...(name && { name }),
    ...(telecom.length > 0 && { telecom }),
    ...((zip || address) && { address: [{ ...(address && { text: address }), ...(zip && { postalCode: zip }) }] }),
  };
  return {
    reference: {
      ...(isMore && { reference: `#${id}` }),
      type: 'Organization',
      ...(identifier && { identifier }),
      ...(name && { display: name }),
    },
    contained: isMore ? [organization] : [],
  };
}

/** A pharmacist or another person with a name and perhaps a telephone. */
export function person(id: string, name: string, contact: string): Agent<Practitioner> {
  const telecom = point('phone', contact);
  if (telecom.length === 0) return { reference: { type: 'Practitioner', display: name }, contained: [] };
  return {
    reference: { reference: `#${id}`, type: 'Practitioner', display: name },
    contained: [{ resourceType: 'Practitioner', id, name: [{ text: name }], telecom }],
  };
}

const point = (system: 'phone' | 'fax' | 'other', value: string): ContactPoint[] => (value ? [{ system, value }] : []);
