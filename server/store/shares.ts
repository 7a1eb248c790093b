// Links to a record (server/share) in the store: made, found by their address, counted, ended. Whether a link still works is asked
// of the database at each opening: time, tries, and the right of the person who shared, entry by entry.

import { hash } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import type { Caller } from '../access/caller.ts';
import { conflict, notFound } from '../fhir/outcome.ts';
import { keyOf, nobody, typeNumber } from '../search/keys.ts';
import { keyOfReference, permitted } from '../search/narrow.ts';
import { sql } from '../search/sql.ts';
import { type ListedShare, listedShares, type ShareState } from './listed-shares.ts';
import { instant, statement } from './pool.ts';

/** Wrong passcodes in the life of a link. */
export const mostTries = 10;
/** Openings in a minute. */
const mostPolls = 60;

export type NewShare = {
  id: string;
  /** What stands in the link; only its hash is kept. */
  address: string;
  /** Patient id. */
  patient: string;
  client: string;
  sharer: string | undefined;
  purpose: string | undefined;
  what: string;
  types: readonly string[] | undefined;
  label: string | undefined;
  flags: string;
  /** Entries that the link holds, as `Type/id`, or as `urn:uuid:` and their key. */
  holds: readonly string[];
  /** ISO 8601. */
  created: string;
  expires: string;
  /** A PHC string. */
  passcode: string | undefined;
};

export type NewFile = { contentType: string; jwe: string };

export type OpenShare = {
  id: string;
  /** The Patient's key. */
  patient: string;
  sharer: string | undefined;
  purpose: string | undefined;
  flags: string;
  passcode: string | undefined;
  created: string;
};

export type SharedFile = { number: number; contentType: string; updated: string; length: number };

export type ShareStore = ReturnType<typeof createShareStore>;

export function createShareStore({ pool }: { pool: Pool }) {
  return {
    /** Inside the transaction that audits it. */
    async insert(client: ClientBase, share: NewShare, files: readonly NewFile[]): Promise<void> {
      // What it holds was read before: of a record that is erased meanwhile nothing is left behind.
      const patient = [keyOf('Patient', share.patient), typeNumber('Patient')];
      const { rowCount } = await client.query('select from resource where key = $1 and type = $2 for share', patient);
      if (rowCount === 0) throw notFound(`Patient/${share.patient}`);
      await client.query(insertText, [
        ...[share.id, hashOf(share.address), keyOf('Patient', share.patient), share.client, share.sharer],
        ...[share.purpose, share.what, share.types, share.label, share.flags, keysOf(share.holds)],
        ...[share.created, share.expires, share.passcode, mostTries],
      ]);
      await insertFiles(client, share.id, files, share.created);
    },

    /** Replaces what a link holds, inside a transaction. */
    async renew(client: ClientBase, id: string, holds: readonly string[], files: readonly NewFile[], now: string) {
      const { rowCount } = await client.query(renewText, [id, keysOf(holds), now]);
      if (rowCount === 0) throw conflict('The link has just been ended');
      await client.query('delete from share_location where share = $1', [id]);
      await client.query('delete from share_file where share = $1', [id]);
      await insertFiles(client, id, files, now);
    },

    /** The link at an address, unless it is over by itself. */
    async find(address: string, nowMs: number): Promise<OpenShare | undefined> {
      const values = [hashOf(address), instantOf(nowMs)];
      const { rows } = await pool.query<ShareRow>({ name: 'share-find', text: `${openText} address = $1`, values });
      return rows[0] && shareOf(rows[0]);
    },

    /** True while whoever shared may still read every entry that the link holds, as guardian or as the patient. */
    isInForce: (share: OpenShare, nowMs: number): Promise<boolean> => isInForce(pool, share, nowMs),

    /** Takes one of the tries for a passcode: how many are left then; undefined when there was none. */
    async takeTry(id: string): Promise<number | undefined> {
      const { rows } = await pool.query<{ tries: number }>({ name: 'share-take-try', text: takeTryText, values: [id] });
      return rows[0]?.tries;
    },

    /** The try was right, and counts for nothing. */
    async giveBackTry(id: string): Promise<void> {
      await pool.query('update share set tries = tries + 1 where id = $1 and tries < $2', [id, mostTries]);
    },

    async triesLeft(id: string): Promise<number> {
      const { rows } = await pool.query<{ tries: number }>('select tries from share where id = $1', [id]);
      return rows[0]?.tries ?? 0;
    },

    /** Counts an opening. 0: it may go on; else the seconds to wait. */
    async countPoll(id: string, nowMs: number): Promise<number> {
      const now = instantOf(nowMs);
      const { rowCount } = await pool.query({ name: 'share-poll', text: pollText, values: [id, now, mostPolls] });
      if (rowCount === 1) return 0;
      const { rows } = await pool.query<{ wait: number }>(pollWaitText, [id, now]);
      return Math.max(1, Math.ceil(rows[0]?.wait ?? 1));
    },

    async noteOpening(
      id: string,
      { recipient, request, atMs, refused }: { recipient: string; request: string; atMs: number; refused: boolean },
    ): Promise<void> {
      await pool.query({
        name: 'share-opening',
        text: 'insert into share_opening (share, at, request, recipient, refused) values ($1, $2, $3, $4, $5)',
        values: [id, instantOf(atMs), request, recipient, refused],
      });
    },

    async files(id: string): Promise<SharedFile[]> {
      const { rows } = await pool.query<SharedFile>({ name: 'share-files', text: filesText, values: [id] });
      return rows.map((row) => ({ ...row, updated: instant(row.updated) }));
    },

    async jwe(id: string, number: number): Promise<string | undefined> {
      const text = 'select jwe from share_file where share = $1 and number = $2';
      const { rows } = await pool.query<{ jwe: string }>({ name: 'share-jwe', text, values: [id, number] });
      return rows[0]?.jwe;
    },

    async insertLocation(location: string, id: string, number: number, expiresMs: number): Promise<void> {
      await pool.query({
        name: 'share-location',
        text: 'insert into share_location (hash, share, number, expires) values ($1, $2, $3, $4)',
        values: [hashOf(location), id, number, instantOf(expiresMs)],
      });
    },

    /** Uses up an address of a file: the link it is of, and which file; undefined when it was used, or is over. */
    async takeLocation(location: string, nowMs: number): Promise<{ share: OpenShare; number: number } | undefined> {
      const { rows } = await pool.query<{ share: string; number: number }>({
        name: 'share-take-location',
        text: 'delete from share_location where hash = $1 and expires > $2 returning share, number',
        values: [hashOf(location), instantOf(nowMs)],
      });
      const [taken] = rows;
      if (!taken) return undefined;
      const values = [taken.share, instantOf(nowMs)];
      const found = await pool.query<ShareRow>({ name: 'share-of-location', text: `${openText} id = $1`, values });
      return found.rows[0] && { share: shareOf(found.rows[0]), number: taken.number };
    },

    /** How many links to the record of a patient (id) may still be opened, as far as time goes. */
    async countOpen(patient: string, nowMs: number): Promise<number> {
      const text = 'select count(*)::int as open from share where patient = $1 and ended is null and expires > $2';
      const { rows } = await pool.query<{ open: number }>(text, [keyOf('Patient', patient), instantOf(nowMs)]);
      return rows[0]?.open ?? 0;
    },

    /** A link of this person (undefined: the deployment) to this patient's record that is not over by itself. */
    async openOf(patient: string, id: string, nowMs: number, sharer: string | undefined) {
      if (!/^[0-9a-f-]{36}$/.test(id)) return undefined;
      const values = [id, keyOf('Patient', patient), instantOf(nowMs), sharer];
      const { rows } = await pool.query<OpenOf>({ name: 'share-open-of', text: openOfText, values });
      const [row] = rows;
      return row && { ...row, types: row.types ?? undefined, expires: instant(row.expires) };
    },

    /** The links to the record of a patient (id) that the caller may know of, the newest first. */
    async list(patient: string, nowMs: number, by: Caller | undefined): Promise<ListedShare[]> {
      const rows = await listedShares(pool, patient, by);
      return Promise.all(
        rows.map(async ({ types, label, sharer, renewed, ended, purpose, passcode, patient: key, ...row }) => {
          const shared = { ...row, patient: key, sharer: sharer ?? undefined, purpose: purpose ?? undefined };
          const isOver = ended !== null || Date.parse(row.expires) <= nowMs || row.triesLeft === 0;
          const holds = isOver || (await isInForce(pool, { ...shared, passcode: passcode ?? undefined }, nowMs));
          return {
            ...row,
            state: stateOf({ ended, expires: row.expires, triesLeft: row.triesLeft }, holds, nowMs),
            types: types ?? undefined,
            label: label ?? undefined,
            sharer: sharer ?? undefined,
            renewed: renewed ?? undefined,
            ended: ended ?? undefined,
          };
        }),
      );
    },

    /** Ends a link inside a transaction: nothing of what it led to is left. */
    async end(client: ClientBase, id: string, now: string): Promise<void> {
      await client.query('update share set ended = $2, passcode = null where id = $1 and ended is null', [id, now]);
      await client.query('delete from share_location where share = $1', [id]);
      await client.query('delete from share_file where share = $1', [id]);
    },
  };
}

type OpenOf = { flags: string; what: Asking['what']; types: string[] | null; expires: string };
type Asking = { what: 'summary' | 'health-cards' | 'everything' | 'documents' };

const openOfText = `
select flags, what, types, expires from share
where id = $1 and patient = $2 and ended is null and expires > $3 and tries > 0 and sharer is not distinct from $4`;

type Over = { ended: string | null; expires: string; triesLeft: number };

function stateOf({ ended, expires, triesLeft }: Over, isInForce: boolean, nowMs: number): ShareState {
  if (ended !== null) return 'revoked';
  if (Date.parse(expires) <= nowMs) return 'expired';
  if (triesLeft === 0) return 'locked';
  return isInForce ? 'active' : 'suspended';
}

type ShareRow = Omit<OpenShare, 'sharer' | 'purpose' | 'passcode'> &
  Record<'sharer' | 'purpose' | 'passcode', string | null>;

const shareOf = ({ sharer, purpose, passcode, created, ...row }: ShareRow): OpenShare => ({
  ...row,
  created,
  sharer: sharer ?? undefined,
  purpose: purpose ?? undefined,
  passcode: passcode ?? undefined,
});

export const instantOf = (ms: number): string => new Date(ms).toISOString();
const hashOf = (text: string): Buffer => hash('sha256', text, 'buffer');
const urn = 'urn:uuid:';
const keysOf = (references: readonly string[]): string[] => [
  ...new Set(references.map((one) => (one.startsWith(urn) ? one.slice(urn.length) : keyOfReference(one)))),
];

// Entries of nobody's record (organizations and the like) are for everybody to read.
const held = `
  select coalesce(array_agg(r.key), '{}') as keys, coalesce(bit_or(r.labels), 0) as labels, max(r.authored) as authored
  from unnest(KEYS::uuid[]) k cross join lateral (select key, labels, authored, owner from resource r where r.key = k limit 1) r
  where r.owner <> '${nobody}'`;

const insertText = `
insert into share (id, address, patient, client, sharer, purpose, what, types, label, flags, keys, labels, authored, created, expires,
  passcode, tries, polls_from)
select $1, $2, $3, $4, $5, $6, $7, $8::text[], $9, $10, e.keys, e.labels, e.authored, $12::timestamptz, $13, $14, $15::int2, $12
from (${held.replace('KEYS', '$11')}) e`;

const renewText = `
update share s set keys = e.keys, labels = e.labels, authored = e.authored, renewed = $3
from (${held.replace('KEYS', '$2')}) e where s.id = $1 and s.ended is null`;

async function insertFiles(client: ClientBase, id: string, files: readonly NewFile[], now: string): Promise<void> {
  for (const [n, { contentType, jwe }] of files.entries())
    await client.query(
      'insert into share_file (share, number, content_type, updated, jwe) values ($1, $2, $3, $4, $5)',
      [id, n + 1, contentType, now, jwe],
    );
}

const openText = `
select id, patient, sharer, purpose, flags, passcode, created from share
where ended is null and expires > $2 and tries > 0 and`;

const takeTryText = 'update share set tries = tries - 1 where id = $1 and tries > 0 and ended is null returning tries';

const pollText = `
update share set polls = case when polls_from <= $2::timestamptz - interval '1 minute' then 1 else polls + 1 end,
  polls_from = case when polls_from <= $2::timestamptz - interval '1 minute' then $2 else polls_from end
where id = $1 and (polls < $3 or polls_from <= $2::timestamptz - interval '1 minute') returning polls`;
const pollWaitText =
  "select extract(epoch from polls_from + interval '1 minute' - $2::timestamptz)::float8 as wait from share where id = $1";

const filesText = `
select number, content_type as "contentType", updated, length(jwe) as length from share_file where share = $1 order by number`;

/**
 * A protection of the family's whereabouts that began later ends a link too: whom it keeps away may hold the link. The
 * deployment's own right does not end.
 */
async function isInForce(pool: Pool, share: OpenShare, nowMs: number): Promise<boolean> {
  const { id, patient, sharer, created } = share;
  const by: Caller = { purpose: share.purpose ?? 'PATRQT', nowMs, ...(sharer !== undefined && { user: sharer }) };
  const now = instantOf(nowMs);
  const family = sql`exists (
    select from permission p where p.grantee = ${keyOfReference(sharer ?? 'Person/-')}::uuid and p.patient = ${patient}::uuid
      and p.basis in ('self', 'guardian') and p.starts <= ${now}::timestamptz and p.ends > ${now}::timestamptz)
  and not exists (
    select from permission p where p.grantee = ${keyOfReference(sharer ?? 'Person/-')}::uuid and p.patient = ${patient}::uuid
      and p.basis = 'suspension' and p.starts <= ${now}::timestamptz and p.ends > ${now}::timestamptz)
  and not exists (
    select from share s cross join lateral unnest(s.keys) k
    cross join lateral (select * from resource x where x.key = k limit 1) r
    where s.id = ${id}::uuid and not ${permitted(by, false, 'r')})`;
  const unprotected = sql`not exists (
    select from protection p where p.patient = ${patient}::uuid and p.since > ${created}::timestamptz)`;
  const whole = sharer === undefined ? unprotected : sql`${unprotected} and ${family}`;
  const { rows } = await pool.query<{ holds: boolean }>(statement(sql`select (${whole}) as holds`));
  return rows[0]?.holds === true;
}
