// The rows of work in the background: asked for, taken by one process at a time, done or failed, swept away after a day. A process
// that dies is not heard of any more; when its lease is over another one goes on from what was saved last.

import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../fhir/json.ts';
import { tooManyTries } from '../fhir/outcome.ts';
import { keyOf } from '../search/keys.ts';
import type { ClientBase, Pool } from './pool.ts';

/** Who asked and for what, as plain JSON; `patient` is the id of the one it is about. */
export type Asked = { client: string; access: JsonObject; language: string; request: JsonObject; patient?: string };
export type StoredWork = {
  id: string;
  kind: string;
  asked: Asked;
  status: 'waiting' | 'running' | 'done' | 'failed';
  progress: string;
  state: JsonObject | null;
  answer: JsonObject | null;
  attempts: number;
};

const leaseSeconds = 60;
/** Of one client for one patient, or for none: at once, and in a day. */
const mostOpen = 10;
const mostKept = 100;
/** How long what was made is kept, and what never ended. */
const keptHours = 24;

const columns = 'id, kind, asked, status, progress, state, answer, attempts';

export type Works = ReturnType<typeof createWorks>;

export function createWorks({ pool }: { pool: Pool }) {
  return {
    /** Returns the id. Throws 429 when the client has asked for too much already. */
    async add(kind: string, asked: Asked): Promise<string> {
      const { rows } = await pool.query<{ open: number; kept: number }>(boundText, [asked.client, keyOrNull(asked)]);
      if ((rows[0]?.open ?? 0) >= mostOpen || (rows[0]?.kept ?? 0) >= mostKept)
        throw tooManyTries('Too much was asked for already that is still being made or kept; ask again later');
      const id = randomUUID();
      const values = [id, kind, keyOrNull(asked), JSON.stringify(asked)];
      await pool.query('insert into work (id, kind, patient, asked) values ($1, $2, $3, $4)', values);
      return id;
    },

    /** Undefined for what is no id, too. */
    async find(id: string): Promise<StoredWork | undefined> {
      if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return undefined;
      const { rows } = await pool.query<StoredWork>(
        `select ${columns} from work where id = $1 and coalesce(ended, created) > now() - $2 * interval '1 hour'`,
        [id, keptHours],
      );
      return rows[0];
    },

    async remove(id: string): Promise<void> {
      await pool.query('delete from work where id = $1', [id]);
    },

    /** Takes the oldest work that waits, or whose process is not heard of any more; of these kinds only. */
    async take(kinds: readonly string[]): Promise<StoredWork | undefined> {
      const { rows } = await pool.query<StoredWork>(takeText, [kinds, leaseSeconds]);
      return rows[0];
    },

    /** Says that the process still works on it, and with `state` how far it has come. False when it is to stop. */
    async hold(id: string, attempts: number, saved?: { state: JsonObject; progress: string }): Promise<boolean> {
      const state = saved ? JSON.stringify(saved.state) : null;
      const values = [id, attempts, leaseSeconds, state, saved?.progress ?? null];
      return (await pool.query(holdText, values)).rowCount === 1;
    },

    async end(id: string, attempts: number, status: 'done' | 'failed', answer: JsonObject): Promise<void> {
      await pool.query(
        `update work set status = $3, answer = $4, progress = '', lease = null, ended = now()
         where id = $1 and attempts = $2 and status = 'running'`,
        [id, attempts, status, JSON.stringify(answer)],
      );
    },

    /** Gives it back at once, to be taken again. */
    async giveBack(id: string, attempts: number): Promise<void> {
      await pool.query(
        `update work set status = 'waiting', lease = null where id = $1 and attempts = $2 and status = 'running'`,
        [id, attempts],
      );
    },

    /** Forgets what is older than a day. Returns the ids that are left. */
    async sweep(): Promise<Set<string>> {
      await pool.query(`delete from work where coalesce(ended, created) < now() - $1 * interval '1 hour'`, [keptHours]);
      const { rows } = await pool.query<{ id: string }>('select id from work');
      return new Set(rows.map(({ id }) => id));
    },
  };
}

/**
 * Inside the transaction that erases something of these patients (keys): what was made of their records, and the kinds of work of many
 * (`ofMany`), which may hold it; who asked for one asks again. Returns how many there were.
 */
export async function removeWorkOf(
  client: ClientBase,
  keys: readonly string[],
  ofMany: readonly string[],
): Promise<number> {
  const text = 'delete from work where patient = any($1::uuid[]) or (patient is null and kind = any($2::text[]))';
  return (await client.query(text, [keys, ofMany])).rowCount ?? 0;
}

const keyOrNull = ({ patient }: Asked) => (patient === undefined ? null : keyOf('Patient', patient));

const boundText = `
select count(*) filter (where status in ('waiting', 'running') and kind <> 'upload')::int as open, count(*)::int as kept
from work where asked ->> 'client' = $1 and patient is not distinct from $2::uuid`;

const takeText = `
update work set status = 'running', attempts = attempts + 1, lease = now() + $2 * interval '1 second'
where id = (
  select id from work
  where kind = any($1::text[]) and (status = 'waiting' or (status = 'running' and lease < now()))
  order by created limit 1 for update skip locked)
returning ${columns}`;

const holdText = `
update work set lease = now() + $3 * interval '1 second',
  state = coalesce($4::jsonb, state), progress = coalesce($5::text, progress)
where id = $1 and attempts = $2 and status = 'running'`;
