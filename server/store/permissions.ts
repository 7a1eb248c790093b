// The rows of `permission`: written with what they are derived from, and asked before a write. Reads ask them in their own
// statements (search/narrow.ts).

import type { ClientBase, Pool } from 'pg';
import { type Caller, granteesOf } from '../access/caller.ts';
import type { Giver } from '../access/giving.ts';
import type { Basis, Mark, Permission } from '../access/permission.ts';
import { unreadablePurposes } from '../access/policy.ts';
import { mark } from '../search/hash.ts';
import { keyOf, typeNumber } from '../search/keys.ts';
import { keyOfReference } from '../search/narrow.ts';
import { membership } from '../search/sheet.ts';
import { tokenFacts } from '../search/token.ts';
import { columnsOf } from './columns.ts';

/** A permission and the key of what it comes from. */
export type Derived = { source: string; permission: Permission };

const familyBases: ReadonlySet<Basis> = new Set(['self', 'guardian', 'invited']);

const insertText = `
insert into permission (source, place, level, grantee, patient, mark, basis, denies, is_shared, starts, ends, purposes, normal, labels,
  needs, restricted_from, types, authors, keys, marks, data_from, data_until, writes)
select v.source, (row_number() over (partition by v.source))::int2, v.level, v.grantee, v.patient, v.mark, v.basis, v.denies, v.is_shared,
  v.starts, v.ends, v.purposes::text[], v.normal, v.labels, v.needs, v.restricted_from, v.types::int2[], v.authors::uuid[],
  v.keys::uuid[], v.marks::bigint[], v.data_from, v.data_until, v.writes
from unnest($1::uuid[], $2::int2[], $3::uuid[], $4::uuid[], $5::bigint[], $6::text[], $7::bool[], $8::bool[], $9::timestamptz[],
  $10::timestamptz[], $11::text[], $12::bool[], $13::int[], $14::int[], $15::timestamptz[], $16::text[], $17::text[], $18::text[],
  $19::text[], $20::timestamptz[], $21::timestamptz[], $22::text[])
  as v(source, level, grantee, patient, mark, basis, denies, is_shared, starts, ends, purposes, normal, labels, needs,
    restricted_from, types, authors, keys, marks, data_from, data_until, writes)`;

/** Replaces what a patient's (id) permissions on these bases were, inside the transaction that changes what they come from. */
export async function replacePermissions(
  client: ClientBase,
  patient: string,
  bases: readonly Basis[],
  derived: readonly Derived[],
): Promise<void> {
  await client.query('delete from permission where patient = $1 and basis = any($2::text[])', [
    keyOf('Patient', patient),
    bases,
  ]);
  if (derived.length > 0) await client.query(insertText, columnsOf(derived.map(rowOf), 22));
}

/** Those who change a patient's permissions wait for each other, until the transaction ends. */
export async function lockPermissions(client: ClientBase, patients: readonly string[]): Promise<void> {
  const locks = patients.map((id) => mark(`permissions of ${id}`)).sort();
  await client.query('select pg_advisory_xact_lock(k) from unnest($1::bigint[]) k', [locks]);
}

function rowOf({ source, permission }: Derived): unknown[] {
  const { patient, basis, instances, marks, types, authors, purposes } = permission;
  return [
    source,
    permission.level ?? 0,
    keyOfReference(permission.grantee),
    keyOf('Patient', patient),
    mark(membership(patient)),
    basis,
    permission.denies ?? false,
    familyBases.has(basis),
    permission.starts,
    permission.ends,
    listOf(purposes),
    permission.normal,
    permission.labels,
    permission.needs ?? 0,
    permission.restrictedFrom,
    listOf(types?.map(typeNumber)),
    listOf(authors?.map(keyOfReference)),
    listOf(instances?.map(keyOfReference)),
    listOf(marks?.map(markOf)),
    permission.dataFrom,
    permission.dataUntil,
    permission.writes,
  ];
}

/** An array inside an array of rows goes as its text. */
const listOf = (values: readonly (string | number)[] | undefined): string | undefined =>
  values && `{${values.map((value) => `"${String(value).replace(/["\\]/g, '\\$&')}"`).join(',')}}`;

/** The mark that the index gives to what refers so, or is coded so: the last but one fact of a token is its system and code. */
const markOf = (one: Mark): string =>
  'reference' in one
    ? mark(`${one.parameter}>${one.reference}`)
    : mark(`${one.parameter}${tokenFacts({ system: one.system, code: one.code }).at(-2) ?? ''}`);

/** May entries be added, or who the patient is be changed as well? */
export type Writable = 'entries' | 'patient';

const writableText = `
select p.patient, bool_or(p.writes = 'patient') as whole from permission p
where p.grantee = any($1::uuid[]) and p.patient = any($2::uuid[]) and p.writes is not null and p.starts <= $3 and p.ends > $3
  and not exists (
    select from permission d where d.grantee = any($1::uuid[]) and d.patient = p.patient and d.basis = 'suspension'
      and d.starts <= $3 and d.ends > $3)
group by p.patient`;

/** Those of the patients (ids) in whose record the caller may write. */
export async function writablePatients(
  connection: Pool | ClientBase,
  caller: Caller,
  patients: readonly string[],
): Promise<Map<string, Writable>> {
  if (patients.length === 0 || unreadablePurposes.has(caller.purpose)) return new Map();
  const ids = new Map(patients.map((id) => [keyOf('Patient', id), id]));
  const { rows } = await connection.query<{ patient: string; whole: boolean }>({
    name: 'writable-patients',
    text: writableText,
    values: [granteesOf(caller).map(keyOfReference), [...ids.keys()], new Date(caller.nowMs).toISOString()],
  });
  return new Map(rows.map(({ patient, whole }) => [ids.get(patient) ?? '', whole ? 'patient' : 'entries']));
}

const giversText = `
select patient, bool_or(basis = 'self') as is_self, bool_or(basis = 'self' or coalesce(restricted_from, 'infinity') > $3) as sees_restricted
from permission
where grantee = $1 and patient = any($2::uuid[]) and basis in ('self', 'guardian') and starts <= $3 and ends > $3
group by patient`;

/** What a member of a family is to those of the patients (ids) whose guardian they are, or who they are. */
export async function giversOf(
  connection: Pool | ClientBase,
  { user, nowMs }: Caller,
  patients: readonly string[],
): Promise<Map<string, Giver>> {
  if (patients.length === 0 || user === undefined) return new Map();
  const ids = new Map(patients.map((id) => [keyOf('Patient', id), id]));
  const { rows } = await connection.query<{ patient: string; is_self: boolean; sees_restricted: boolean }>({
    name: 'givers',
    text: giversText,
    values: [keyOfReference(user), [...ids.keys()], new Date(nowMs).toISOString()],
  });
  return new Map(
    rows.map((row) => [ids.get(row.patient) ?? '', { isSelf: row.is_self, seesRestricted: row.sees_restricted }]),
  );
}

const governmental = mark(
  `Organization.type${tokenFacts({ system: 'http://terminology.hl7.org/CodeSystem/organization-type', code: 'govt' }).at(-2) ?? ''}`,
);

/** A municipality is an Organization of type `govt`; only the deployment writes Organizations. */
export async function isMunicipality(connection: Pool | ClientBase, { organization }: Caller): Promise<boolean> {
  if (organization === undefined) return false;
  const { rowCount } = await connection.query('select from resource where key = $1 and marks @> array[$2::bigint]', [
    keyOfReference(organization),
    governmental,
  ]);
  return rowCount === 1;
}

const brokenGlassText = `
select patient from permission
where grantee = $1 and basis = 'break-glass' and not denies and starts <= $2 and ends > $2`;

/** The keys of the patients whose records this clinician has opened by break-glass. */
export async function brokenGlassOf(pool: Pool, { user, nowMs }: Caller): Promise<ReadonlySet<string>> {
  if (user === undefined) return new Set();
  const values = [keyOfReference(user), new Date(nowMs).toISOString()];
  const { rows } = await pool.query<{ patient: string }>({ name: 'broken-glass', text: brokenGlassText, values });
  return new Set(rows.map(({ patient }) => patient));
}
