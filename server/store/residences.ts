// In which municipality a patient lives: periods, of which at most one is open, and the permissions of each
// (server/decisions/0011-who-may-see-what.md, basis `residence`). Moving copies nothing: one right ends, another begins.

import type { ClientBase, Pool } from 'pg';
import type { Permission } from '../access/permission.ts';
import { permissionsOfResidence } from '../access/residence.ts';
import { keyOf } from '../search/keys.ts';
import { lockPermissions, replacePermissions } from './permissions.ts';
import { instant } from './pool.ts';

/** `organization`: the id of the municipality. */
export type Residence = { id: string; organization: string; starts: string; ends: string };

/**
 * Ends the period that is open and begins one with the municipality (id), if there is one, at the instant `now`. Inside a
 * transaction. Nothing changes for who lives there already. Returns the municipality that was left, if any.
 */
export async function reside(
  client: ClientBase,
  patient: string,
  organization: string | undefined,
  now: string,
): Promise<string | undefined> {
  await lockPermissions(client, [patient]);
  const key = keyOf('Patient', patient);
  const open = (await residencesOf(client, patient)).find(({ ends }) => ends === 'infinity');
  if (open?.organization === organization) return open?.organization;
  await client.query("update residence set ends = $2 where patient = $1 and ends = 'infinity'", [key, now]);
  if (organization !== undefined)
    await client.query('insert into residence (patient, organization, starts) values ($1, $2, $3)', [
      key,
      organization,
      now,
    ]);
  await refreshResidences(client, patient);
  return open?.organization;
}

/** All periods of a patient (id), the oldest first. */
export async function residencesOf(connection: Pool | ClientBase, patient: string): Promise<Residence[]> {
  const { rows } = await connection.query<Residence>(
    'select id, organization, starts::text as starts, ends::text as ends from residence where patient = $1 order by starts, id',
    [keyOf('Patient', patient)],
  );
  return rows.map((row) => ({ ...row, starts: instantOf(row.starts), ends: instantOf(row.ends) }));
}

async function refreshResidences(client: ClientBase, patient: string): Promise<void> {
  const residences = await residencesOf(client, patient);
  const derived = residences.flatMap(({ id, ...residence }) =>
    permissionsOfResidence({ ...residence, patient }).map((permission: Permission) => ({ source: id, permission })),
  );
  await replacePermissions(client, patient, ['residence'], derived);
}

const instantOf = (text: string): string => (/infinity$/.test(text) ? text : instant(text));
