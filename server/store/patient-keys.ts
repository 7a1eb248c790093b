// The keys under which backups hold what is of one patient. A backup makes them; an erased patient's is deleted, and nothing that
// was encrypted with it can be read again.

import { randomBytes, randomUUID } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';

/** `id`: a UUID by which backups name the key; `secret`: 32 bytes, for AES-256-GCM. */
export type PatientKey = { patient: string; id: string; secret: Buffer };
export type ErasedKey = { patient: string; id: string };

const atOnce = 1000;

/**
 * The keys of patients as a backup meets them, in ascending order within a table. Keys that are new are stored by the thousand and
 * by `store`, before the backup is complete; of a patient who was erased behind the snapshot no key is ever kept.
 */
export function createPatientKeys(pool: Pool, snapshotSees: string) {
  let page = new Map<string, PatientKey>();
  let from = '';
  let through = '';
  let fresh = new Map<string, PatientKey>();
  const read = async (patient: string) => {
    const { rows } = await pool.query<PatientKey>({ name: 'patient-keys', text: pageText, values: [patient, atOnce] });
    page = new Map(rows.map((row) => [row.patient, row]));
    from = patient;
    through = rows.length < atOnce ? last : (rows.at(-1)?.patient ?? last);
  };
  const store = async () => {
    if (fresh.size === 0) return;
    await storeKeys(pool, [...fresh.values()], snapshotSees);
    fresh = new Map();
    through = '';
  };
  return {
    store,
    async keyOf(patient: string): Promise<PatientKey> {
      const known = fresh.get(patient);
      if (known) return known;
      if (patient < from || patient > through) await read(patient);
      const found = page.get(patient);
      if (found) return found;
      const made = { patient, id: randomUUID(), secret: randomBytes(32) };
      if (fresh.size === atOnce) await store();
      fresh.set(patient, made);
      return made;
    },
  };
}

const last = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
const pageText = 'select patient, id, secret from patient_key where patient >= $1 order by patient limit $2';

async function storeKeys(pool: Pool, keys: readonly PatientKey[], snapshotSees: string): Promise<void> {
  const client = await pool.connect();
  let failure: unknown;
  try {
    await client.query('begin');
    // An erasure that is under way has deleted from this table: it is waited for, and then seen.
    await client.query('lock table patient_key in share row exclusive mode');
    const columns = [keys.map(({ patient }) => patient), keys.map(({ id }) => id), keys.map(({ secret }) => secret)];
    await client.query(eraseText, [...columns.slice(0, 2), snapshotSees]);
    await client.query(storeText, columns);
    await client.query('commit');
  } catch (error) {
    failure = error;
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release(failure instanceof Error);
  }
}

const eraseText = `
insert into erased_key (patient, id) select v.patient, v.id from unnest($1::uuid[], $2::uuid[]) as v(patient, id)
where exists (select from erased_key e where e.patient = v.patient and not pg_visible_in_snapshot(e.xid, $3::pg_snapshot))`;

const storeText = `
insert into patient_key (patient, id, secret)
select v.patient, v.id, v.secret from unnest($1::uuid[], $2::uuid[], $3::bytea[]) as v(patient, id, secret)
where not exists (select from erased_key e where e.id = v.id)`;

/** Every key there is, and the names of those that went, as of one moment. */
export async function withAllKeys(
  pool: Pool,
  work: (keys: AsyncIterable<PatientKey[]>, erased: AsyncIterable<ErasedKey[]>) => Promise<void>,
): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    await work(
      pages<PatientKey>(client, 'select patient, id, secret from patient_key where id > $1 order by id limit $2'),
      pages<ErasedKey>(client, 'select patient, id from erased_key where id > $1 order by id limit $2'),
    );
  } finally {
    client.release(true);
  }
}

async function* pages<T extends { id: string }>(client: ClientBase, text: string): AsyncGenerator<T[]> {
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const { rows } = await client.query<T>(text, [after, atOnce]);
    if (rows.length > 0) yield rows;
    if (rows.length < atOnce) return;
    after = rows.at(-1)?.id ?? after;
  }
}

/**
 * Takes the key of an erased patient away, inside the transaction of the erasure. Says whether backups may hold anything of the
 * patient. That it went is noted in either case, for a backup that is being made.
 */
export async function dropPatientKey(client: ClientBase, patient: string): Promise<boolean> {
  const { rows } = await client.query<{ id: string }>('delete from patient_key where patient = $1 returning id', [
    patient,
  ]);
  await client.query('insert into erased_key (id, patient) values ($1, $2)', [rows[0]?.id ?? randomUUID(), patient]);
  return rows.length > 0;
}
