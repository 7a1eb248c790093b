-- What sources said, and when: of each thing that facilities report, the resource it became and the message it stands by, so that of
-- several messages about one thing the one made last stands, in whatever order they came.

alter table held add column message text;       -- what the sender calls it: MSH-10, a document's identifier
alter table held add column sent timestamptz;   -- when the sender says that it made it
alter table held add column reviewed timestamptz; -- since then it needs no person's look any more
-- What is the same message again is asked of one sender: what another organization hands in is its own.
drop index held_digest;
create unique index held_digest on held (source, number, digest, organization, bucket) nulls not distinct;
create index held_message on held (source, number, message) where message is not null;
create index held_organization on held (organization, id) where organization is not null;
create index held_client on held (client, id) where organization is null;
create index held_review on held (fate, id) where reason is not null and reviewed is null;

create table source_item (
  owner uuid not null,                  -- the Patient it was reported of
  item bytea not null,                  -- SHA-256 of type, identifier system and value
  bucket int2 not null,
  key uuid not null, id text not null,  -- of the resource
  sent timestamptz not null, digest bytea not null, -- of the message it stands by, and of its original
  primary key (owner, item, bucket)
);
create index source_item_key on source_item (key);

-- What was delivered before there was this table.
insert into source_item (owner, item, bucket, key, id, sent, digest)
select distinct on (r.owner, i.item, r.bucket) r.owner, i.item, r.bucket, r.key, r.content::jsonb ->> 'id', r.updated, ''
from resource r
cross join lateral (
  select sha256(convert_to(concat_ws('|', r.content::jsonb ->> 'resourceType', one ->> 'system', one ->> 'value'), 'UTF8')) as item
  from jsonb_array_elements(r.content::jsonb -> 'identifier') one
  where one ->> 'system' = 'http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier' and one ->> 'value' is not null
) i
where r.content like '%resourceInstance-identifier%' and jsonb_typeof(r.content::jsonb -> 'identifier') = 'array'
order by r.owner, i.item, r.bucket, r.key;
