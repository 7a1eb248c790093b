// What persons have said of two records: that they tell of one event, or of two. The last word stands; taken back, it is gone, and the
// audit says who said and took back.

import type { ClientBase, Pool } from 'pg';
import { keyOf } from '../search/keys.ts';

/** `one` and `other` are references (`Immunization/7`), the one that sorts first before the other. */
export type EventDecision = { one: string; other: string; verdict: 'same' | 'different' };

/** Of a patient (id), in a fixed order. */
export async function decisionsOf(connection: Pool | ClientBase, patient: string): Promise<EventDecision[]> {
  const { rows } = await connection.query<EventDecision>({
    name: 'event-decisions',
    text: 'select one, other, verdict from event_decision where patient = $1 order by patient, one, other',
    values: [keyOf('Patient', patient)],
  });
  return rows;
}

/** Each of these pairs, inside a transaction. `decided` is an instant, `by` who decides, as the audit names them. */
export async function decide(
  client: ClientBase,
  patient: string,
  {
    pairs,
    verdict,
    decided,
    by,
  }: {
    pairs: readonly Pick<EventDecision, 'one' | 'other'>[];
    verdict: EventDecision['verdict'];
    decided: string;
    by: string;
  },
): Promise<void> {
  await client.query(decideText, [keyOf('Patient', patient), ...columnsOfPairs(pairs), verdict, decided, by]);
}

/** Takes back what was said of these pairs, if anything was. Inside a transaction. */
export async function undecide(
  client: ClientBase,
  patient: string,
  pairs: readonly Pick<EventDecision, 'one' | 'other'>[],
): Promise<void> {
  await client.query(undecideText, [keyOf('Patient', patient), ...columnsOfPairs(pairs)]);
}

const columnsOfPairs = (pairs: readonly Pick<EventDecision, 'one' | 'other'>[]): [string[], string[]] => [
  pairs.map(({ one }) => one),
  pairs.map(({ other }) => other),
];

const decideText = `
insert into event_decision (patient, one, other, verdict, decided, client)
select $1::uuid, v.one, v.other, $4::text, $5::timestamptz, $6::text
from unnest($2::text[], $3::text[]) as v(one, other)
on conflict (patient, one, other) do update
  set verdict = excluded.verdict, decided = excluded.decided, client = excluded.client`;

const undecideText = `
delete from event_decision d using unnest($2::text[], $3::text[]) as v(one, other)
where d.patient = $1::uuid and d.one = v.one and d.other = v.other`;
