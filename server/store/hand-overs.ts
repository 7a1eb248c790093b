// What was told to families of a patient who comes of age, and the Task by which the record is handed over.

import { keyOf, typeNumber } from '../search/keys.ts';
import type { ClientBase, Pool } from './pool.ts';
import { instant } from './pool.ts';
import { idOf } from './stored-text.ts';

export type HandOver = {
  /** When they are 18: ISO 8601, UTC. */
  adult: string;
  /** How many notices there were. */
  told: number;
  /** The Task's id. */
  task: string;
};
export type ComingOfAge = { patient: string; content: string; known: HandOver | undefined };

export type HandOvers = ReturnType<typeof createHandOvers>;

export function createHandOvers({ pool }: { pool: Pool }) {
  return {
    async of(patient: string): Promise<HandOver | undefined> {
      const { rows } = await pool.query<HandOver>('select adult, told, task from hand_over where patient = $1', [
        keyOf('Patient', patient),
      ]);
      return rows[0] && { ...rows[0], adult: instant(rows[0].adult) };
    },

    /** Patients born between two instants, of whom fewer than `notices` were told of; the eldest where they are very many. */
    async fewerTold(born: { from: string; to: string }, notices: number): Promise<ComingOfAge[]> {
      const { rows } = await pool.query(fewerText, [typeNumber('Patient'), born.from, born.to, notices]);
      return rows.map(({ content, adult, told, task }) => ({
        patient: idOf(content),
        content,
        known: adult === null ? undefined : { adult: instant(adult), told, task },
      }));
    },

    /** Keeps what was told, inside the transaction that tells it. False when another process was first. */
    async keep(client: ClientBase, patient: string, { adult, told, task }: HandOver): Promise<boolean> {
      const { rowCount } = await client.query(
        `insert into hand_over (patient, adult, told, task) values ($1, $2, $3, $4)
         on conflict (patient) do update set adult = excluded.adult, told = excluded.told, task = excluded.task
         where hand_over.told < excluded.told or hand_over.adult <> excluded.adult or hand_over.task <> excluded.task`,
        [keyOf('Patient', patient), adult, told, task],
      );
      return rowCount === 1;
    },
  };
}

const fewerText = `
select r.content, h.adult, h.told, h.task
from resource r left join lateral (select * from hand_over h where h.patient = r.key) h on true
where r.type = $1 and r.at >= $2 and r.at < $3 and coalesce(h.told, 0) < $4
order by r.at limit 1000`;
