// What would tell where a protected family is, and how it is kept from who does not need it
// (server/decisions/0013-protected-addresses.md). Pure.

import { isObject, type JsonObject } from '../fhir/json.ts';
import { ACT_CODE, CONFIDENTIALITY } from './labels.ts';

const whereabouts: ReadonlySet<string> = new Set(['Appointment', 'Encounter']);

/** An appointment, an encounter, or whatever names a Location. */
export const tellsWhere = (resource: JsonObject): boolean =>
  whereabouts.has(String(resource.resourceType)) || JSON.stringify(resource).includes('"Location/');

/** The resource labelled SDV. */
export const withSDV = (resource: JsonObject): JsonObject => labelled(resource, [{ system: ACT_CODE, code: 'SDV' }]);

/** `meta.security` with these as well, each once. */
function labelled(resource: JsonObject, labels: readonly JsonObject[]): JsonObject {
  const meta = isObject(resource.meta) ? resource.meta : {};
  const security = Array.isArray(meta.security) ? meta.security : [];
  const added = labels.filter(
    ({ system, code }) => !security.some((one) => isObject(one) && one.system === system && one.code === code),
  );
  return added.length === 0 ? resource : { ...resource, meta: { ...meta, security: [...security, ...added] } };
}

/** Where somebody lives and how they are reached. */
export type Contact = { address: unknown[]; telecom: unknown[] };

/** A Patient without address and telecom, its own and those of its contacts; undefined where there are none. */
export function takeContact(patient: JsonObject): { rest: JsonObject; contact: Contact } | undefined {
  const { address, telecom, contact: contacts, ...rest } = patient;
  const people = listOf(contacts).filter(isObject);
  const contact = {
    address: [...listOf(address), ...people.flatMap((one) => (one.address === undefined ? [] : [one.address]))],
    telecom: [...listOf(telecom), ...people.flatMap((one) => listOf(one.telecom))],
  };
  if (contact.address.length + contact.telecom.length === 0) return undefined;
  const kept = people.map(({ address: _, telecom: __, ...one }) => one).filter((one) => Object.keys(one).length > 0);
  return { rest: { ...rest, ...(kept.length > 0 && { contact: kept }) }, contact };
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** What is given takes the place of what was kept; of the other nothing was said. */
export const withContact = (kept: JsonObject, { address, telecom }: Contact): JsonObject => ({
  ...kept,
  ...(telecom.length > 0 && { telecom }),
  ...(address.length > 0 && { address }),
});

/** The resource that holds it: a RelatedPerson who is the patient, of level V and labelled SDV. */
export function contactResource(patient: string, contact: Contact): JsonObject {
  const role = { system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: 'ONESELF' };
  const resource: JsonObject = {
    resourceType: 'RelatedPerson',
    active: true,
    patient: { reference: `Patient/${patient}` },
    relationship: [{ coding: [role] }],
  };
  return labelled(withContact(resource, contact), [
    { system: CONFIDENTIALITY, code: 'V' },
    { system: ACT_CODE, code: 'SDV' },
  ]);
}
