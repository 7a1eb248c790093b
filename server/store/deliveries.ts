// What facilities deliver: the original message, what it was mapped to, and its fate. Waiting ones stay out of the record
// and out of every search until the patient number they carry is linked (server/decisions/0002-deliveries-and-links.md).

import { createHash } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import { bucketOf, keyOf, nobody } from '../search/keys.ts';
import { newKey } from './ids.ts';
import type { Link, PatientNumber } from './links.ts';

export type Fate = 'waiting' | 'stored' | 'refused';

export type Delivery = PatientNumber & {
  id: string;
  client: string;
  /** The id of the Organization whose client it is; undefined: a connector of the deployment's. */
  organization?: string | undefined;
  contentType: string;
  original: Buffer;
  /** JSON text of a transaction Bundle; undefined when the message could not be mapped. */
  record: string | undefined;
};

/** With the SHA-256 of the original. */
export type Kept = Delivery & { digest: Buffer };

export type Settled = { id: string; fate: Fate; reason: string | undefined };

/** Prepares a delivery. The same message again is the same delivery: see `earlier`, whose id it then takes. */
export function newDelivery(delivery: Omit<Delivery, 'id'>, nowMs: number): Kept {
  const digest = createHash('sha256').update(delivery.original).digest();
  return { ...delivery, id: newKey(nowMs, holdBucket(delivery)), digest };
}

export type DeliveryStore = ReturnType<typeof createDeliveries>;

export function createDeliveries({ pool }: { pool: Pool }) {
  return {
    /** The fate of an earlier delivery of the same message, if there was one. */
    async earlier({ source, number, digest }: PatientNumber & { digest: Buffer }): Promise<Settled | undefined> {
      const text = 'select id, fate, reason from held where source = $1 and number = $2 and digest = $3';
      const { rows } = await pool.query(text, [source, number, digest]);
      return rows[0] && { id: rows[0].id, fate: rows[0].fate, reason: rows[0].reason ?? undefined };
    },

    /**
     * Keeps a delivery with its fate; one that was refused before, under its own id, takes the new fate. Undefined when
     * the same message has meanwhile been kept by somebody else: look at `earlier` again.
     */
    async keep(
      delivery: Kept,
      fate: Fate,
      reason?: string,
      connection: Pool | ClientBase = pool,
    ): Promise<Settled | undefined> {
      const { id, source, number, client, organization, contentType, original, record, digest } = delivery;
      const values = [
        id,
        holdBucket(delivery),
        client,
        source,
        number,
        digest,
        contentType,
        original,
        record ?? null,
        fate,
        reason ?? null,
        organization ?? null,
      ];
      const { rows } = await connection.query(keepText, values);
      return rows.length === 0 ? undefined : { id, fate, reason };
    },

    /** Says what became of a waiting delivery, inside the transaction that stores it. False when somebody was first. */
    async settle(id: string, fate: Fate, reason?: string, connection: Pool | ClientBase = pool): Promise<boolean> {
      const text =
        "update held set fate = $2, reason = coalesce($3, reason), settled = now() where id = $1 and fate = 'waiting'";
      const { rowCount } = await connection.query(text, [id, fate, reason ?? null]);
      return rowCount === 1;
    },

    /**
     * What waits for a link, oldest first, behind the one of the id `after`: from the deployment's connectors, and from the
     * organization that is linked. Others' waits on.
     */
    async waitingFor({ source, number, organization }: Link, limit: number, after = nobody): Promise<Delivery[]> {
      const text = `select * from held where source = $1 and number = $2 and fate = 'waiting' and id > $4
        and (organization is null or organization = $5) order by id limit $3`;
      const { rows } = await pool.query(text, [source, number, limit, after, organization]);
      return rows.map(deliveryOf);
    },

    /** One delivery with its fate, undefined when there is none. */
    async of(id: string): Promise<(Delivery & Settled) | undefined> {
      const { rows } = await pool.query('select * from held where id = $1', [id]);
      const [row] = rows;
      return row && { ...deliveryOf(row), fate: row.fate, reason: row.reason ?? undefined };
    },
  };
}

const keepText = `
insert into held (id, bucket, received, client, source, number, digest, content_type, original, record, fate, reason, organization, settled)
values ($1, $2, now(), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, case when $10 = 'waiting' then null else now() end)
on conflict (source, number, digest, bucket) do update
  set fate = excluded.fate, reason = excluded.reason, record = excluded.record, settled = excluded.settled
  where held.fate <> 'stored' and held.id = excluded.id
returning id`;

const holdBucket = ({ source, number }: PatientNumber): number => bucketOf(keyOf('Patient', `${source}|${number}`));

function deliveryOf(row: Record<string, unknown>): Delivery {
  const { id, client, organization, source, number, content_type: contentType, original, record } = row;
  const given = { organization: organization ?? undefined, record: record ?? undefined };
  return { id, client, source, number, contentType, original, ...given } as Delivery;
}
