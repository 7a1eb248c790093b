// Everything in one patient's compartment, in pages of constant size, in the order of the owner's index. What the patient
// shares with others (a booking for two) comes last.

import type { Pool } from 'pg';
import { membership } from '../search/extract.ts';
import { mark } from '../search/hash.ts';
import { keyOf, typeName, typeNumber } from '../search/keys.ts';

export type RecordEntry = { type: string; content: string };

const pageRows = 500;

// Two ordered walks, the rest of the type where the last page ended and the types behind it, instead of one condition with
// "or", which would begin at the start of the record for every page.
const ownedText = `
select * from (
  (select type, at, key, content from resource
   where owner = $1 and type = $3 and type = any($2::int2[]) and (at, key) < ($4::timestamptz, $5::uuid)
   order by at desc, key desc limit ${pageRows})
  union all
  (select type, at, key, content from resource
   where owner = $1 and type > $3 and type = any($2::int2[])
   order by type, at desc, key desc limit ${pageRows})
) r order by type, at desc, key desc limit ${pageRows}`;

const sharedText = `
select r.type, t.at, t.key, r.content from term t join resource r on r.key = t.key
where t.term = $1::bigint and r.owner <> $2 and r.type = any($3::int2[])
  and ($4::timestamptz is null or (t.at, t.key) < ($4, $5::uuid))
order by t.at desc, t.key desc limit ${pageRows}`;

type Row = { type: number; at: string; key: string; content: string };

/**
 * The resources of the given types in the compartment of a patient, Patient itself included. The caller has checked that
 * these types of this patient may be read.
 */
export async function* patientRecord(
  pool: Pool,
  patient: string,
  types: readonly string[],
): AsyncGenerator<RecordEntry[]> {
  const owner = keyOf('Patient', patient);
  const numbers = types.map(typeNumber);
  let last: Row | undefined;
  for (;;) {
    const values: unknown[] = [owner, numbers, last?.type ?? 0, last?.at ?? null, last?.key ?? null];
    const { rows }: { rows: Row[] } = await pool.query<Row>({ name: 'record-owned', text: ownedText, values });
    if (rows.length > 0) yield rows.map(entry);
    last = rows.at(-1);
    if (rows.length < pageRows) break;
  }
  last = undefined;
  for (;;) {
    const values: unknown[] = [mark(membership(patient)), owner, numbers, last?.at ?? null, last?.key ?? null];
    const { rows }: { rows: Row[] } = await pool.query<Row>({ name: 'record-shared', text: sharedText, values });
    if (rows.length > 0) yield rows.map(entry);
    last = rows.at(-1);
    if (rows.length < pageRows) break;
  }
}

const entry = ({ type, content }: Row): RecordEntry => ({ type: typeName(type), content });
