// The links to a record as its family sees them: what each holds decides who sees it.

import type { Pool } from 'pg';
import { actorOf } from '../access/actor.ts';
import type { Caller } from '../access/caller.ts';
import { accessLog } from '../access/policy.ts';
import { keyOf, typeNumber } from '../search/keys.ts';
import { keyOfReference } from '../search/narrow.ts';
import { fixed, sql } from '../search/sql.ts';
import { instant, statement } from './pool.ts';

export type ShareState =
  | 'active'
  | 'expired'
  | 'revoked'
  /** No try for the passcode is left. */
  | 'locked'
  /** Whoever shared may no longer read what it holds. */
  | 'suspended';

export type ListedShare = {
  id: string;
  state: ShareState;
  what: string;
  types: string[] | undefined;
  label: string | undefined;
  flags: string;
  /** `Person/ID`; undefined: the deployment. */
  sharer: string | undefined;
  client: string;
  /** ISO 8601, as are all times here. */
  created: string;
  renewed: string | undefined;
  expires: string;
  ended: string | undefined;
  triesLeft: number;
  /** The latest first. */
  openings: { at: string; recipient: string; refused: boolean }[];
};

const mostListed = 500;
const mostOpenings = 200;

type Row = Omit<ListedShare, 'state' | 'openings' | 'types' | 'label' | 'sharer' | 'renewed' | 'ended'> &
  Record<'label' | 'sharer' | 'renewed' | 'ended' | 'purpose' | 'passcode', string | null> & {
    patient: string;
    types: string[] | null;
    openings: { at: string; recipient: string; refused: boolean }[];
  };

/** The newest first. `by`: undefined for the deployment, which sees all. */
export async function listedShares(pool: Pool, patient: string, by: Caller | undefined): Promise<Row[]> {
  const { rows } = await pool.query<Row>(
    statement(sql`
select s.id, s.patient, s.what, s.types, s.label, s.flags, s.sharer, s.purpose, s.passcode, s.client, s.created, s.renewed, s.expires,
  s.ended, s.tries as "triesLeft", coalesce(o.openings, '[]') as openings
from share s left join lateral (
  select json_agg(json_build_object('at', to_char(l.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'recipient', l.recipient,
    'refused', l.refused) order by l.at desc) as openings
  from (select at, recipient, refused from share_opening where share = s.id order by at desc limit ${mostOpenings}::int) l
) o on true
where s.patient = ${keyOf('Patient', patient)}::uuid and ${by ? maySee(by) : fixed('true')}
order by s.created desc limit ${mostListed}::int`),
  );
  return rows.map((row) => ({
    ...row,
    client: actorOf(row.client).client,
    created: instant(row.created),
    expires: instant(row.expires),
    renewed: row.renewed === null ? null : instant(row.renewed),
    ended: row.ended === null ? null : instant(row.ended),
  }));
}

/** As with the log of a record: the patient and the guardians, and of what is restricted only those who may read it. */
function maySee({ user, purpose, nowMs }: Caller) {
  const grantee = keyOfReference(user ?? 'Person/-');
  const meant = sql`p.grantee = ${grantee}::uuid and p.patient = s.patient and means(p, ${purpose}::text,
    ${new Date(nowMs).toISOString()}::timestamptz, ${typeNumber(accessLog)}::int2, null::uuid, s.labels, s.created, s.created,
    s.authored, null::uuid, '{}'::bigint[])`;
  return sql`(exists (select from permission p where not p.denies and p.basis in ('self', 'guardian') and ${meant})
    and not exists (select from permission p where p.denies and p.level = 0 and ${meant}))`;
}
