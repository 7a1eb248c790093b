// A relation of a person and a patient, as the operations that check it would make it.

import { type StoredRelation, setRelation } from '../../server/store/relations.ts';
import type { TestApp } from './app.ts';

/** Its id. An active guardian's since 2020 unless the test wishes otherwise. */
export async function relate(
  { pool }: Pick<TestApp, 'pool'>,
  wishes: Partial<StoredRelation> & Pick<StoredRelation, 'person' | 'patient'>,
): Promise<string> {
  const id = wishes.id ?? crypto.randomUUID();
  const client = await pool.connect();
  try {
    await client.query('begin');
    await setRelation(client, {
      ...{ basis: 'guardian', status: 'active', starts: '2020-01-01T00:00:00Z', ends: 'infinity' },
      ...wishes,
      id,
    });
    await client.query('commit');
  } finally {
    client.release();
  }
  return id;
}
