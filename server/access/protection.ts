// What would tell where a protected family is, and how it is kept from who does not need it
// (server/decisions/0016-protected-addresses.md). Pure.

import { isObject, type JsonObject } from '../fhir/json.ts';
import { ACT_CODE, CONFIDENTIALITY } from './labels.ts';

const whereabouts: ReadonlySet<string> = new Set(['Appointment', 'Encounter']);

/** In the JSON of a resource: it names or contains a Location, or says an address or a number by itself. For the database. */
export const placePattern = '"(?:address|telecom|valueAddress|valueContactPoint)":|Location[/"]';
const telling: ReadonlySet<string> = new Set(['address', 'telecom', 'valueAddress', 'valueContactPoint']);

/** The same of a value, without writing it out: every write is asked this. */
function namesPlace(value: unknown): boolean {
  if (typeof value === 'string') return isPlace(value);
  if (Array.isArray(value)) return value.some(namesPlace);
  if (!isObject(value)) return false;
  for (const key in value) if (telling.has(key) || isPlace(key) || namesPlace(value[key])) return true;
  return false;
}

const isPlace = (text: string): boolean => text.endsWith('Location') || text.includes('Location/');

/** An appointment, an encounter, or whatever names a place. */
export const tellsWhere = (resource: JsonObject): boolean =>
  whereabouts.has(String(resource.resourceType)) || namesPlace(resource);

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

/** Where somebody lives and how they are reached, in the elements for that and in extensions. */
export type Contact = { address: unknown[]; telecom: unknown[]; extension: unknown[] };

export const isNothing = ({ address, telecom, extension }: Contact): boolean =>
  address.length + telecom.length + extension.length === 0;

/**
 * A Patient without address and telecom, its own, those of its contacts and of what it contains, and without the narrative, which
 * may say them again; undefined where there is nothing of that.
 */
export function takeContact(patient: JsonObject): { rest: JsonObject; contact: Contact } | undefined {
  const { address, telecom, contact: contacts, contained, extension, text, ...rest } = patient;
  const people = [...listOf(contacts), ...listOf(contained)].filter(isObject);
  const tellingOnes = listOf(extension).filter(namesPlace);
  const contact = {
    address: [...listOf(address), ...people.flatMap((one) => listOf(one.address, one.address))],
    telecom: [...listOf(telecom), ...people.flatMap((one) => listOf(one.telecom))],
    extension: tellingOnes,
  };
  if (isNothing(contact) && text === undefined) return undefined;
  const silent = {
    contact: withoutContact(contacts),
    contained: withoutContact(contained),
    extension: listOf(extension).filter((one) => !tellingOnes.includes(one)),
  };
  const kept = Object.entries(silent).filter(([, list]) => list.length > 0);
  return { rest: { ...rest, ...Object.fromEntries(kept) }, contact };
}

const withoutContact = (list: unknown): JsonObject[] =>
  listOf(list)
    .filter(isObject)
    .map(({ address: _, telecom: __, ...one }) => one)
    .filter((one) => Object.keys(one).length > 0);

/** A contact has one address, and so is it a list of one. */
const listOf = (value: unknown, single?: unknown): unknown[] =>
  Array.isArray(value) ? value : single === undefined ? [] : [single];

/** What is given takes the place of what was kept; of the others nothing was said. */
export const withContact = (kept: JsonObject, { address, telecom, extension }: Contact): JsonObject => ({
  ...kept,
  ...(extension.length > 0 && { extension }),
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
