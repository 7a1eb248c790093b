// How a caller stands to a patient, for the operations that only some may do: asked of the permissions in force at the moment of
// the request (server/decisions/0011-who-may-see-what.md).

import type { ClientBase, Pool } from 'pg';
import { type Access, reachOf } from '../access/access.ts';
import { granteesOf } from '../access/caller.ts';
import { keyOf } from '../search/keys.ts';
import { keyOfReference } from '../search/narrow.ts';

/** `app`: a token of the deployment bound to one patient. `other`: may perhaps read, but says nothing about who the patient is. */
export type Standing = 'deployment' | 'app' | 'self' | 'guardian' | 'municipality' | 'other';

const standings: readonly [basis: string, standing: Standing][] = [
  ['self', 'self'],
  ['guardian', 'guardian'],
  ['residence', 'municipality'],
];

const basesText = `
select p.basis from permission p
where p.grantee = any($1::uuid[]) and p.patient = $2 and p.writes = 'patient' and p.starts <= $3 and p.ends > $3
  and not exists (
    select from permission d where d.grantee = any($1::uuid[]) and d.patient = p.patient and d.basis = 'suspension'
      and d.starts <= $3 and d.ends > $3)`;

/** Asks for callers of one request each. */
export const createStandings = ({ pool }: { pool: Pool }) => ({
  standingOf: (access: Access, patient: string): Promise<Standing> => standingOf(pool, access, patient),
});

/** The strongest standing towards the patient (id). */
export async function standingOf(connection: Pool | ClientBase, access: Access, patient: string): Promise<Standing> {
  const { caller } = access;
  if (!caller) return reachOf(access, 'update', 'Patient').kind === 'all' ? 'deployment' : 'app';
  const { rows } = await connection.query<{ basis: string }>({
    name: 'standing',
    text: basesText,
    values: [granteesOf(caller).map(keyOfReference), keyOf('Patient', patient), new Date(caller.nowMs).toISOString()],
  });
  return standings.find(([basis]) => rows.some((row) => row.basis === basis))?.[1] ?? 'other';
}
