// Who is whose family: relations and the permissions that they come to. A relation is made by the operations that check what it
// rests on, never by a RelatedPerson that somebody wrote.

import type { ClientBase } from 'pg';
import type { Permission } from '../access/permission.ts';
import { permissionsOfRelation, type Relation } from '../access/relation.ts';
import { type JsonObject, parseJson } from '../fhir/json.ts';
import { conflict } from '../fhir/outcome.ts';
import { keyOf } from '../search/keys.ts';
import { keyOfReference } from '../search/narrow.ts';
import { type Derived, lockPermissions, replacePermissions } from './permissions.ts';
import { instant } from './pool.ts';

/** A relation as it is kept. `id` is a UUID. */
export type StoredRelation = Relation & {
  id: string;
  /** `RelatedPerson/[id]`, which says the same as FHIR. */
  relatedPerson?: string;
  /** Of an invited relative: the guardian's relation. */
  inviter?: string;
  /** Of `self`: guardians may read what is restricted. */
  isSharedWithGuardians?: boolean;
  /** What it was shown by, in a word. */
  evidence?: string;
};

const setText = `
insert into relation (id, person, patient, person_id, patient_id, related_person, basis, status, starts, ends, categories, inviter,
  is_shared_with_guardians, evidence)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
on conflict (id) do update set related_person = excluded.related_person, status = excluded.status, starts = excluded.starts,
  ends = excluded.ends, categories = excluded.categories, inviter = excluded.inviter,
  is_shared_with_guardians = excluded.is_shared_with_guardians, evidence = excluded.evidence`;

/** Keeps a relation and what follows from it, inside a transaction; one of the same id is replaced. */
export async function setRelation(client: ClientBase, relation: StoredRelation): Promise<void> {
  const { id, person, patient, basis, status, starts, ends, categories } = relation;
  await lockPermissions(client, [patient]);
  await client.query(setText, [
    id,
    keyOfReference(person),
    keyOf('Patient', patient),
    person,
    patient,
    relation.relatedPerson,
    basis,
    status,
    starts,
    ends,
    categories,
    relation.inviter,
    relation.isSharedWithGuardians ?? false,
    relation.evidence,
  ]);
  await refreshRelations(client, patient);
}

/**
 * Keeps what a relation has become, inside a transaction. Throws 409 when it is no longer as it was read: another act on it came
 * in between.
 */
export async function changeRelation(
  client: ClientBase,
  before: StoredRelation,
  changed: Partial<Pick<StoredRelation, 'status' | 'starts' | 'ends' | 'evidence' | 'isSharedWithGuardians'>>,
): Promise<void> {
  await lockPermissions(client, [before.patient]);
  const { rowCount } = await client.query('select from relation where id = $1 and status in ($2, $3)', [
    before.id,
    before.status,
    changed.status ?? before.status,
  ]);
  if (rowCount !== 1) throw conflict('The relation has just been changed');
  await setRelation(client, { ...before, ...changed });
}

/** Ends at `ends` (ISO 8601) what a RelatedPerson (reference) stands for, at once (`isOver`) or when that comes. In a transaction. */
export async function endRelationOf(
  client: ClientBase,
  relatedPerson: string,
  ends: string,
  isOver: boolean,
): Promise<void> {
  const { rows } = await client.query<Row>(
    "select * from relation where related_person = $1 and status in ('active', 'suspended') and ends > $2",
    [relatedPerson, ends],
  );
  for (const one of rows.map(relationOf))
    await setRelation(client, { ...one, ends, ...(isOver && { status: 'ended' }) });
}

/** All relations of a patient (id), those that are over as well. */
export async function relationsOf(client: Pick<ClientBase, 'query'>, patient: string): Promise<StoredRelation[]> {
  const { rows } = await client.query<Row>('select * from relation where patient = $1 order by id', [
    keyOf('Patient', patient),
  ]);
  return rows.map(relationOf);
}

/** What the relations of a patient come to, made anew: one of them, the birth date or an agreement has changed. */
export async function refreshRelations(client: ClientBase, patient: string): Promise<void> {
  const relations = await relationsOf(client, patient);
  const birthDate = await birthDateOf(client, patient);
  const isOpenToGuardians = relations.some(
    ({ basis, status, isSharedWithGuardians }) =>
      basis === 'self' && status === 'active' && isSharedWithGuardians === true,
  );
  const circumstances = { birthDate, isOpenToGuardians };
  const own = new Map<string, Permission[]>();
  for (const one of relations) {
    if (one.basis !== 'invited') own.set(one.id, permissionsOfRelation(one, circumstances));
  }
  const derived: Derived[] = relations.flatMap((one) => {
    const inviterEnds = one.inviter === undefined ? undefined : endOf(own.get(one.inviter) ?? []);
    const permissions =
      own.get(one.id) ?? permissionsOfRelation(one, { ...circumstances, ...(inviterEnds && { inviterEnds }) });
    return permissions.map((permission) => ({ source: one.id, permission }));
  });
  await replacePermissions(client, patient, ['self', 'guardian', 'invited', 'suspension'], derived);
}

const endOf = (permissions: readonly Permission[]): string | undefined =>
  permissions.find(({ basis }) => basis === 'guardian' || basis === 'self')?.ends;

async function birthDateOf(client: ClientBase, patient: string): Promise<unknown> {
  const { rows } = await client.query<{ content: string }>('select content from resource where key = $1', [
    keyOf('Patient', patient),
  ]);
  return rows[0] && (parseJson(rows[0].content) as JsonObject).birthDate;
}

type Row = {
  id: string;
  person_id: string;
  patient_id: string;
  related_person: string | null;
  basis: StoredRelation['basis'];
  status: StoredRelation['status'];
  starts: string;
  ends: string;
  categories: string[] | null;
  inviter: string | null;
  is_shared_with_guardians: boolean;
  evidence: string | null;
};

const relationOf = (row: Row): StoredRelation => ({
  id: row.id,
  person: row.person_id,
  patient: row.patient_id,
  basis: row.basis,
  status: row.status,
  starts: instantOf(row.starts),
  ends: instantOf(row.ends),
  ...(row.categories && { categories: row.categories }),
  ...(row.related_person !== null && { relatedPerson: row.related_person }),
  ...(row.inviter !== null && { inviter: row.inviter }),
  isSharedWithGuardians: row.is_shared_with_guardians,
  ...(row.evidence !== null && { evidence: row.evidence }),
});

const instantOf = (text: string): string => (/infinity$/.test(text) ? text : instant(text));
