// Protection of a family's whereabouts in the store: whom it covers, what a write to their record becomes, and the labels of
// what was stored before (server/decisions/0016-protected-addresses.md).

import type { ClientBase, Pool } from 'pg';
import { everySensitivity, restricted, SDV, veryRestricted } from '../access/labels.ts';
import { type Contact, isNothing, placePattern, takeContact, tellsWhere, withSDV } from '../access/protection.ts';
import { keyOf, typeNumber } from '../search/keys.ts';
import type { Draft } from './versions.ts';

/** `kept`: the id of the RelatedPerson that holds what was taken before. */
export type TakenContact = {
  patient: string;
  contact: Contact;
  kept: string | undefined;
  writer: string | undefined;
};

/** Begins the protection of a patient (id); again, it changes nothing. In a transaction. `now`: ISO 8601. */
export async function beginProtection(client: ClientBase, patient: string, now: string): Promise<void> {
  await client.query('insert into protection (patient, since) values ($1, $2) on conflict do nothing', [
    keyOf('Patient', patient),
    now,
  ]);
}

/** Where the address of a protected patient (id) is kept: undefined without protection, `contact` absent without an address. */
export async function protectionOf(
  connection: Pool | ClientBase,
  patient: string,
): Promise<{ contact?: string } | undefined> {
  return (await protectionsOf(connection, [patient])).get(patient);
}

export async function keepContact(client: ClientBase, patient: string, contact: string): Promise<void> {
  await client.query('update protection set contact = $2 where patient = $1', [keyOf('Patient', patient), contact]);
}

async function protectionsOf(
  connection: Pool | ClientBase,
  patients: readonly string[],
): Promise<Map<string, { contact?: string }>> {
  const ids = new Map(patients.map((id) => [keyOf('Patient', id), id]));
  const { rows } = await connection.query<{ patient: string; contact: string | null }>({
    name: 'protections',
    text: 'select patient, contact from protection where patient = any($1::uuid[])',
    values: [[...ids.keys()]],
  });
  return new Map(rows.map(({ patient, contact }) => [ids.get(patient) ?? '', contact === null ? {} : { contact }]));
}

/** Drafts as they are to be stored, and what their Patients lose by that. Most drafts tell nothing, and nothing is asked. */
export async function protectedDrafts(
  connection: Pool | ClientBase,
  drafts: Draft[],
): Promise<{ drafts: Draft[]; taken: TakenContact[] }> {
  const concerned = drafts.filter(mayTell);
  if (concerned.length === 0) return { drafts, taken: [] };
  const protections = await protectionsOf(connection, [...new Set(concerned.flatMap(({ patients }) => patients))]);
  if (protections.size === 0) return { drafts, taken: [] };
  const taken: TakenContact[] = [];
  const stored = drafts.map((one) => {
    const { resource, type, id, patients, writer } = one;
    if (!resource || !patients.some((patient) => protections.has(patient))) return one;
    if (type !== 'Patient') return tellsWhere(resource) ? { ...one, resource: withSDV(resource) } : one;
    const found = takeContact(resource);
    if (!found) return one;
    if (!isNothing(found.contact))
      taken.push({ patient: id, contact: found.contact, kept: protections.get(id)?.contact, writer });
    return { ...one, resource: found.rest };
  });
  return { drafts: stored, taken };
}

/** A new Patient is nobody whom anything protects yet. */
function mayTell({ type, method, resource, patients }: Draft): boolean {
  if (!resource || patients.length === 0) return false;
  return type === 'Patient' ? method !== 'create' && takeContact(resource) !== undefined : tellsWhere(resource);
}

// V takes the place of R; what is V already stays it. A version without a label has no `authored`.
const toRestricted = `labels | ${SDV} | case when labels & ${veryRestricted} <> 0 then 0 else ${restricted} end`;
const toVeryRestricted = `(labels | ${SDV | veryRestricted}) & ~${restricted}`;
const authored = "coalesce(authored, case when until = 'infinity' then at else until end, updated)";
const historyText = `
update history set authored = ${authored}, labels = case when type = $2 then ${toVeryRestricted} else ${toRestricted} end
where owner = $1 and (type = any($3::int2[]) or content ~ $4)`;
const pastText = `
update past p set labels = h.labels, authored = h.authored from history h
where p.owner = $1 and h.owner = $1 and h.key = p.key and h.version = p.version and h.labels & ${everySensitivity} <> 0`;

/** Raises the labels of older versions and of what was deleted: of the Patient itself to V. In a transaction. */
export async function raisePast(client: ClientBase, patient: string): Promise<void> {
  const key = keyOf('Patient', patient);
  const types = ['Patient', 'Appointment', 'Encounter'].map(typeNumber);
  await client.query(historyText, [key, typeNumber('Patient'), types, placePattern]);
  await client.query(pastText, [key]);
}
