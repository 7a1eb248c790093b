// What facilities deliver: the original message, what it was mapped to, and its fate. Waiting ones stay out of the record
// and out of every search until the patient number they carry is linked (server/decisions/0002-deliveries-and-links.md).

import { createHash } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import { bucketOf, keyOf, nobody } from '../search/keys.ts';
import { byteas, instants, smallints, texts, uuids } from './binary-arrays.ts';
import { newKey } from './ids.ts';
import type { Link, PatientNumber } from './links.ts';
import { instant } from './pool.ts';

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
  /** What the sender calls the message. */
  message?: string | undefined;
  /** When the sender says that it was made: ISO 8601, UTC, milliseconds. */
  sent?: string | undefined;
};

/** With the SHA-256 of the original. */
export type Kept = Delivery & { digest: Buffer };

export type Settled = { id: string; fate: Fate; reason: string | undefined };

/** A delivery with what became of it. */
export type Fated = {
  delivery: Kept;
  fate: Fate;
  reason: string | undefined;
  /** It was stored before, and is done anew. */
  isAgain?: boolean;
};

/** What is known of the same message from before. */
export type Earlier = {
  settled: Settled | undefined;
  /** The sender has used the message's id for another content. */
  isIdUsed: boolean;
};

/** Prepares a delivery. The same message again is the same delivery: see `earlierOf`, whose id it then takes. */
export function newDelivery(delivery: Omit<Delivery, 'id'>, nowMs: number): Kept {
  const digest = createHash('sha256').update(delivery.original).digest();
  return { ...delivery, id: newKey(nowMs, holdBucket(delivery)), digest };
}

/** When it was received: its id begins with that (ids.ts). ISO 8601. */
export const receivedAt = ({ id }: Pick<Delivery, 'id'>): string =>
  new Date(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toISOString();

/** Which ones a list shows: of this client, or of this organization's clients. */
export type Wanted = {
  sender: { client: string; organization: string | undefined };
  fate: Fate | undefined;
  /** Only those with a reason that nobody has looked at yet. */
  forReview: boolean;
  /** Behind the one of this id. */
  after: string;
  limit: number;
};

export type Listed = Omit<Delivery, 'original' | 'record'> & Settled & { bytes: number };

export type DeliveryStore = ReturnType<typeof createDeliveries>;

export function createDeliveries({ pool }: { pool: Pool }) {
  return {
    /** What is known of each message of this sender from before, in their order. */
    async earlierOf(deliveries: readonly Kept[]): Promise<Earlier[]> {
      const values = [
        texts(deliveries.map(({ source }) => source)),
        texts(deliveries.map(({ number }) => number)),
        byteas(deliveries.map(({ digest }) => digest)),
        texts(deliveries.map(({ message }) => message)),
        texts(deliveries.map(({ organization }) => organization)),
      ];
      const { rows } = await pool.query({ name: 'earlier', text: earlierText, values });
      return rows.map(({ id, fate, reason, is_id_used }) => ({
        settled: id === null ? undefined : { id, fate, reason: reason ?? undefined },
        isIdUsed: is_id_used,
      }));
    },

    /**
     * Keeps deliveries with their fates; one that was refused before, or is done anew, takes the new fate under its own id. False
     * when one of the messages has meanwhile been kept by somebody else: undo, and look at `earlierOf` again.
     */
    async keep(asked: readonly Fated[], connection: Pool | ClientBase = pool): Promise<boolean> {
      // In one order, so that two sets cannot wait for each other.
      const fated = [...asked].sort((one, other) => Buffer.compare(one.delivery.digest, other.delivery.digest));
      const each = <T>(of: (one: Kept) => T): T[] => fated.map(({ delivery }) => of(delivery));
      const values = [
        uuids(each(({ id }) => id)),
        smallints(each(holdBucket)),
        texts(each(({ client }) => client)),
        texts(each(({ source }) => source)),
        texts(each(({ number }) => number)),
        byteas(each(({ digest }) => digest)),
        texts(each(({ contentType }) => contentType)),
        byteas(each(({ original }) => original)),
        texts(each(({ record }) => record)),
        texts(fated.map(({ fate }) => fate)),
        texts(fated.map(({ reason }) => reason)),
        texts(each(({ organization }) => organization)),
        texts(each(({ message }) => message)),
        instants(each(({ sent }) => sent ?? 'infinity')),
        uuids(fated.filter(({ isAgain }) => isAgain).map(({ delivery }) => delivery.id)),
      ];
      const { rowCount } = await connection.query({ name: 'keep', text: keepText, values });
      return rowCount === fated.length;
    },

    /** Says what became of waiting deliveries, inside the transaction that stores them. False when somebody was first with one. */
    async settle(
      ids: readonly string[],
      fate: Fate,
      reason?: string,
      connection: Pool | ClientBase = pool,
    ): Promise<boolean> {
      const text = `update held set fate = $2, reason = coalesce($3, reason), settled = now()
        from unnest($1::uuid[]) as v(id) where held.id = v.id and fate = 'waiting'`;
      const { rowCount } = await connection.query(text, [ids, fate, reason ?? null]);
      return rowCount === ids.length;
    },

    /**
     * What waits for a link, oldest first, behind the one of the id `after`: from the deployment's connectors, and from the
     * organization that is linked. Others' waits on.
     */
    async waitingFor({ source, number, organization }: Link, limit: number, after = nobody): Promise<Kept[]> {
      const text = `select * from held where source = $1 and number = $2 and fate = 'waiting' and id > $4
        and (organization is null or organization = $5) order by id limit $3`;
      const { rows } = await pool.query(text, [source, number, limit, after, organization]);
      return rows.map(deliveryOf);
    },

    /** One delivery with its fate, undefined when there is none. */
    async of(id: string): Promise<(Kept & Settled) | undefined> {
      const { rows } = await pool.query('select * from held where id = $1', [id]);
      const [row] = rows;
      return row && { ...deliveryOf(row), fate: row.fate, reason: row.reason ?? undefined };
    },

    /** Deliveries by the time they were received, without their originals. */
    async list({ sender, fate, forReview, after, limit }: Wanted): Promise<Listed[]> {
      // A client that has no organization is told apart by its name alone. Two statements, so that each walks the index of its own.
      const [own, who] =
        sender.organization === undefined
          ? ['client = $2 and organization is null', sender.client]
          : ['organization = $2', sender.organization];
      const text = `select id, client, organization, source, number, content_type, message, sent::text as sent, fate, reason, length(original) as bytes
        from held where id > $1 and ${own} and ($3::text is null or fate = $3)
        and (not $4 or (reason is not null and reviewed is null)) order by id limit $5`;
      const { rows } = await pool.query(text, [after, who, fate ?? null, forReview, limit]);
      return rows.map(({ content_type: contentType, organization, message, sent, reason, ...row }) => ({
        ...row,
        contentType,
        organization: organization ?? undefined,
        message: message ?? undefined,
        sent: sent === null ? undefined : instant(sent),
        reason: reason ?? undefined,
      }));
    },

    /** Takes a delivery off the list of those that a person should look at. */
    async review(id: string): Promise<void> {
      await pool.query('update held set reviewed = now() where id = $1', [id]);
    },

    /** Those of the Patients (ids) that are here, inside a transaction. */
    async patientsHere(patients: readonly string[], client: ClientBase): Promise<number> {
      const text =
        'select count(*)::int as n from unnest($1::uuid[]) as v(key) join lateral (select from resource r where r.key = v.key) r on true';
      const { rows } = await client.query({
        name: 'patients-here',
        text,
        values: [uuids(patients.map((id) => keyOf('Patient', id)))],
      });
      return rows[0]?.n ?? 0;
    },
  };
}

const earlierText = `
select h.id, h.fate, h.reason, exists (
  select from held o where o.source = v.source and o.number = v.number and o.message = v.message and o.digest <> v.digest
    and o.organization is not distinct from v.organization) as is_id_used
from unnest($1::text[], $2::text[], $3::bytea[], $4::text[], $5::text[]) with ordinality as v(source, number, digest, message, organization, n)
left join lateral (select id, fate, reason from held i where i.source = v.source and i.number = v.number and i.digest = v.digest
  and i.organization is not distinct from v.organization) h on true
order by v.n`;

const keepText = `
insert into held (id, bucket, received, client, source, number, digest, content_type, original, record, fate, reason, organization, message, sent, settled)
select id, bucket, now(), client, source, number, digest, content_type, original, record, fate, reason, organization, message,
  nullif(sent, 'infinity'), case when fate = 'waiting' then null else now() end
from (select unnest($1::uuid[]) as id, unnest($2::int2[]) as bucket, unnest($3::text[]) as client, unnest($4::text[]) as source,
  unnest($5::text[]) as number, unnest($6::bytea[]) as digest, unnest($7::text[]) as content_type, unnest($8::bytea[]) as original,
  unnest($9::text[]) as record, unnest($10::text[]) as fate, unnest($11::text[]) as reason, unnest($12::text[]) as organization,
  unnest($13::text[]) as message, unnest($14::timestamptz[]) as sent) v
on conflict (source, number, digest, organization, bucket) do update
  set fate = excluded.fate, reason = excluded.reason, record = excluded.record, settled = excluded.settled,
    message = excluded.message, sent = excluded.sent, reviewed = null
  where held.id = excluded.id and (held.fate <> 'stored' or held.id = any($15::uuid[]))
returning 1`;

const holdBucket = ({ source, number }: PatientNumber): number => bucketOf(keyOf('Patient', `${source}|${number}`));

function deliveryOf(row: Record<string, unknown>): Kept {
  const { id, client, organization, source, number, content_type: contentType, original, record, message } = row;
  const given = {
    organization: organization ?? undefined,
    record: record ?? undefined,
    message: message ?? undefined,
    sent: typeof row.sent === 'string' ? instant(row.sent) : undefined,
  };
  return { id, client, source, number, contentType, original, digest: row.digest, ...given } as Kept;
}
