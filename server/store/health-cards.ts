// The cards that were issued, those that were revoked, and the keys that sign them: one a year, each a secret of its own.

import type { ClientBase, Pool } from 'pg';
import { keyOf } from '../search/keys.ts';
import { instant } from './pool.ts';
import { secret } from './secrets.ts';

/** `content`: SHA-256 of what the card says but for its name and time. */
export type CardIssued = { rid: string; content: Buffer; topic: string; doses: number };
export type StoredCard = {
  rid: string;
  kid: string;
  topic: string;
  doses: number;
  /** ISO 8601. */
  issued: string;
  /** ISO 8601. */
  revoked: string | undefined;
};

export type HealthCardStore = ReturnType<typeof createHealthCardStore>;

export function createHealthCardStore({ pool }: { pool: Pool }) {
  return {
    /** The key of a year, made by whoever asks first. */
    keyOfYear: <T extends object>(year: number, make: () => Promise<T> | T): Promise<T> =>
      secret(pool, `${keyName}${year}`, make),

    /** Every key that there is, the newest first. */
    async keys(): Promise<object[]> {
      const { rows } = await pool.query<{ value: object }>(
        'select value from secret where starts_with(name, $1) order by name desc',
        [keyName],
      );
      return rows.map(({ value }) => value);
    },

    /** Of these contents, the cards of a patient (id) by this key that still hold. */
    found: (patient: string, kid: string, contents: readonly Buffer[]) => foundOn(pool, patient, kid, contents),

    /**
     * Keeps cards inside a transaction; answers what now holds of their contents: another server may have issued the same one
     * just now. `issued` is ISO 8601, `by` who asked, as the audit names them.
     */
    async issue(
      client: ClientBase,
      {
        patient,
        kid,
        cards,
        issued,
        by,
      }: { patient: string; kid: string; cards: readonly CardIssued[]; issued: string; by: string },
    ): Promise<Map<string, Pick<StoredCard, 'rid' | 'issued'>>> {
      await client.query(issueText, [
        keyOf('Patient', patient),
        kid,
        issued,
        by,
        cards.map(({ rid }) => rid),
        cards.map(({ content }) => content),
        cards.map(({ topic }) => topic),
        cards.map(({ doses }) => doses),
      ]);
      return foundOn(
        client,
        patient,
        kid,
        cards.map(({ content }) => content),
      );
    },

    /** All cards of a patient (id), the newest first. */
    async ofPatient(patient: string): Promise<StoredCard[]> {
      const { rows } = await pool.query<Omit<StoredCard, 'revoked'> & { revoked: string | null }>({
        name: 'health-cards',
        text: `select rid, kid, topic, doses, issued::text as issued, revoked::text as revoked
          from health_card where patient = $1 order by patient, issued desc, rid`,
        values: [keyOf('Patient', patient)],
      });
      return rows.map(({ issued, revoked, ...row }) => ({
        ...row,
        issued: instant(issued),
        revoked: revoked === null ? undefined : instant(revoked),
      }));
    },

    /** Revokes these cards of a patient (id) that still hold, all of them without `rids`, inside a transaction. */
    async revoke(
      client: ClientBase,
      patient: string,
      { rids, at }: { rids: readonly string[] | undefined; at: string },
    ): Promise<string[]> {
      const { rows } = await client.query<{ rid: string }>(revokeText, [keyOf('Patient', patient), rids ?? null, at]);
      return rows.map(({ rid }) => rid);
    },

    /** The names of all revoked cards of a key, in a fixed order. */
    async revokedOf(kid: string): Promise<string[]> {
      const { rows } = await pool.query<{ rid: string }>({
        name: 'health-cards-revoked',
        text: 'select rid from health_card_revoked where kid = $1 order by kid, rid',
        values: [kid],
      });
      return rows.map(({ rid }) => rid);
    },
  };
}

const keyName = 'health-card-key-';

async function foundOn(
  connection: Pool | ClientBase,
  patient: string,
  kid: string,
  contents: readonly Buffer[],
): Promise<Map<string, Pick<StoredCard, 'rid' | 'issued'>>> {
  const { rows } = await connection.query<{ rid: string; issued: string; content: Buffer }>({
    name: 'health-cards-found',
    text: `select c.rid, c.content, c.issued::text as issued from unnest($3::bytea[]) as v(content)
      cross join lateral (select * from health_card h
        where h.patient = $1 and h.kid = $2 and h.content = v.content and h.revoked is null) c`,
    values: [keyOf('Patient', patient), kid, contents],
  });
  return new Map(rows.map(({ rid, issued, content }) => [content.toString('hex'), { rid, issued: instant(issued) }]));
}

const issueText = `
insert into health_card (patient, kid, issued, client, rid, content, topic, doses)
select $1::uuid, $2::text, $3::timestamptz, $4::text, v.rid, v.content, v.topic, v.doses
from unnest($5::text[], $6::bytea[], $7::text[], $8::int2[]) as v(rid, content, topic, doses)
on conflict do nothing`;

const revokeText = `
with revoked as (
  update health_card set revoked = $3::timestamptz
  where patient = $1 and revoked is null and ($2::text[] is null or rid = any($2::text[]))
  returning kid, rid, revoked)
insert into health_card_revoked (kid, rid, revoked) select kid, rid, revoked from revoked returning rid`;
