// What sources reported, by the source's own identifier: the resource it became, and the message that resource stands by. It is how
// the message made last stands whatever came in last, and how a thing reported again is found without a search.

import { createHash } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import { bucketOf, keyOf } from '../search/keys.ts';
import { byteas, instants, smallints, texts, uuids } from './binary-arrays.ts';
import { instant } from './pool.ts';

/** When the sender made it (ISO 8601, UTC, milliseconds), and the SHA-256 of its original, which decides between equal times. */
export type Stand = { sent: string; digest: Buffer };

/** One thing reported of a patient (id); `item` as `itemKey` makes it. */
export type ItemPlace = { patient: string; item: Buffer };

export type SourceItem = Stand & {
  /** The id of the resource. */
  id: string;
  /** False when the resource is gone, or another patient's. */
  isThere: boolean;
  /** The key of the Organization that wrote it. */
  organization: string | undefined;
};

/** What is to stand from now on. `before`: what stood when it was decided, undefined for nothing. */
export type NewItem = ItemPlace & Stand & { type: string; id: string; before: Stand | undefined };

/** The name under which a thing is known: its resource type and one identifier. */
export const itemKey = (type: string, system: string, value: string): Buffer =>
  createHash('sha256').update(`${type}|${system}|${value}`).digest();

/** True when a message replaces what stands: it was made later, or is the same one again. */
export function supersedes(one: Stand, other: Stand): boolean {
  if (one.sent !== other.sent) return one.sent > other.sent;
  return Buffer.compare(one.digest, other.digest) >= 0;
}

export type SourceItems = ReturnType<typeof createSourceItems>;

export const createSourceItems = ({ pool }: { pool: Pool }) => ({
  /** What stands of each place, in their order; undefined for what was never reported. */
  at: (places: readonly ItemPlace[]): Promise<(SourceItem | undefined)[]> => itemsAt(pool, places),
  /** Notes what stands now, inside the transaction that writes it. False when something else has come to stand meanwhile. */
  put: putItems,
});

async function itemsAt(pool: Pool, places: readonly ItemPlace[]): Promise<(SourceItem | undefined)[]> {
  if (places.length === 0) return [];
  const owners = places.map(({ patient }) => keyOf('Patient', patient));
  const values = [uuids(owners), smallints(owners.map(bucketOf)), byteas(places.map(({ item }) => item))];
  const { rows } = await pool.query({ name: 'items-at', text: itemsText, values });
  return rows.map(({ id, sent, digest, is_there, organization }) =>
    id === null
      ? undefined
      : { id, sent: instant(sent), digest, isThere: is_there, organization: organization ?? undefined },
  );
}

const itemsText = `
select s.id, s.sent::text as sent, s.digest, r.key is not null as is_there, r.organization
from unnest($1::uuid[], $2::int2[], $3::bytea[]) with ordinality as p(owner, bucket, item, n)
left join lateral (select * from source_item i where i.owner = p.owner and i.item = p.item and i.bucket = p.bucket) s on true
left join lateral (select key, organization from resource r where r.key = s.key and r.owner = p.owner) r on true
order by p.n`;

async function putItems(client: ClientBase, items: readonly NewItem[]): Promise<boolean> {
  if (items.length === 0) return true;
  // In one order, so that two deliveries cannot wait for each other.
  const sorted = [...items].sort((one, other) => Buffer.compare(one.item, other.item));
  const owners = sorted.map(({ patient }) => keyOf('Patient', patient));
  const values = [
    uuids(owners),
    byteas(sorted.map(({ item }) => item)),
    smallints(owners.map(bucketOf)),
    uuids(sorted.map(({ type, id }) => keyOf(type, id))),
    texts(sorted.map(({ id }) => id)),
    instants(sorted.map(({ sent }) => sent)),
    byteas(sorted.map(({ digest }) => digest)),
    instants(sorted.map(({ before }) => before?.sent ?? 'infinity')),
    byteas(sorted.map(({ before }) => before?.digest ?? noDigest)),
  ];
  const { rowCount } = await client.query({ name: 'put-items', text: putText, values });
  return rowCount === items.length;
}

const noDigest = Buffer.alloc(0);

const putText = `
insert into source_item as s (owner, item, bucket, key, id, sent, digest)
select owner, item, bucket, key, id, sent, digest from (
  select unnest($1::uuid[]) as owner, unnest($2::bytea[]) as item, unnest($3::int2[]) as bucket, unnest($4::uuid[]) as key,
    unnest($5::text[]) as id, unnest($6::timestamptz[]) as sent, unnest($7::bytea[]) as digest) v
on conflict (owner, item, bucket) do update set key = excluded.key, id = excluded.id, sent = excluded.sent, digest = excluded.digest
where exists (
  select from (select unnest($1::uuid[]) as owner, unnest($2::bytea[]) as item,
    unnest($8::timestamptz[]) as sent, unnest($9::bytea[]) as digest) b
  where b.owner = s.owner and b.item = s.item and b.sent = s.sent and b.digest = s.digest)
returning 1`;
