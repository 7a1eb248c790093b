// How often somebody may try: a count of failures for each key, in the database, so that servers share it. A try is counted
// before it is made and given back when it was right, in one statement each: tries at the same time cannot slip by.

import type { Pool } from 'pg';
import { instantOf } from './accounts.ts';

export type Gate = {
  key: Buffer;
  /** Tries before the first pause. */
  free: number;
  /** The pause begins with a second and doubles with each failure, up to this. */
  mostPauseMs: number;
  /** Failures are forgotten when none came for so long. */
  forgetMs: number;
};

/** Counts a try. 0: it may be made; else how long to wait, and nothing was counted. */
export async function takeTry(pool: Pool, { key, free, mostPauseMs, forgetMs }: Gate, nowMs: number): Promise<number> {
  const values = [key, instantOf(nowMs), free, mostPauseMs, forgetMs];
  const taken = await pool.query({ name: 'throttle-take', text: takeText, values });
  if (taken.rowCount === 1) return 0;
  const { rows } = await pool.query({ name: 'throttle-wait', text: waitText, values: [key, instantOf(nowMs)] });
  return Math.max(rows[0]?.wait ?? 0, 1);
}

/** Takes a try back that was right. `all`: and every failure before it. */
export async function giveBack(pool: Pool, { key }: Gate, { all }: { all: boolean }): Promise<void> {
  const text = all ? 'delete from login_throttle where key = $1' : giveBackText;
  await pool.query({ name: all ? 'throttle-clear' : 'throttle-give-back', text, values: [key] });
}

const takeText = `
insert into login_throttle as t (key, failures, opens, touched)
values ($1, 1, $2::timestamptz + case when $3::int > 1 then '0'::interval else least($4::float8, 1000) * interval '1 ms' end, $2)
on conflict (key) do update set
  failures = case when t.touched < $2::timestamptz - $5::float8 * interval '1 ms' then 1 else t.failures + 1 end,
  touched = $2,
  opens = $2::timestamptz + case
    when t.touched < $2::timestamptz - $5::float8 * interval '1 ms' or t.failures + 1 < $3 then interval '0'
    else least($4::float8, 1000 * power(2, least(t.failures + 1 - $3, 30))) * interval '1 ms' end
where t.failures < $3 or t.opens <= $2 or t.touched < $2::timestamptz - $5::float8 * interval '1 ms'
returning failures`;

const waitText =
  'select (extract(epoch from opens - $2::timestamptz) * 1000)::float8 as wait from login_throttle where key = $1';

const giveBackText = 'update login_throttle set failures = greatest(failures - 1, 0), opens = touched where key = $1';
