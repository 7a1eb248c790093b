// That an account's person has shown who they are by the certificate for signatures of their My Number Card. Nothing of the
// certificate is kept: the proof names the version of the Person that it was true of, and holds while its facts are the same.

import type { ClientBase, Pool } from 'pg';
import { type JsonObject, parseJson } from '../fhir/json.ts';
import { differences, personFacts } from '../fhir/person-facts.ts';
import { keyOf } from '../search/keys.ts';
import { instantOf } from './accounts.ts';

/** Keeps that the Person, in this version, is who the account's person is. */
export async function keepProof(client: ClientBase, account: string, version: number, nowMs: number): Promise<void> {
  await client.query('update account set proven = $2, proven_version = $3 where id = $1', [
    account,
    instantOf(nowMs),
    version,
  ]);
}

/** Whether who the person is (`Person/ID`) has been proven, and the Person has said nothing else since. */
export async function isIdentityProven(connection: Pool | ClientBase, person: string): Promise<boolean> {
  const values = [person, keyOf('Person', person.slice('Person/'.length))];
  const { rows } = await connection.query({ name: 'identity-proof', text: proofText, values });
  const [row] = rows;
  if (typeof row?.now !== 'string' || typeof row.proven !== 'string') return false;
  const [now, proven] = [row.now, row.proven].map((text) => personFacts(parseJson(text) as JsonObject));
  return now !== undefined && proven !== undefined && differences(proven, now, { isOpen: false }).length === 0;
}

const proofText = `
select r.content as now, case when r.version = a.proven_version then r.content else h.content end as proven
from account a
join resource r on r.key = $2
left join history h on h.key = r.key and h.version = a.proven_version
where a.subject = $1 and a.proven is not null and a.status = 'active'`;
