-- Pages of one search show the record as it was when the first page was read (server/decisions/0003-paging.md). Rows say which
-- transaction made them; what a later transaction replaced or deleted stays findable for a day in `past`, and is read from there
-- by the pages that follow. Rows from before this file have transaction 0, which every page sees.

alter table resource add column xid xid8 not null default '0';
alter table resource alter column xid set default pg_current_xact_id();

alter table history add column xid xid8 not null default '0';    -- the transaction that made this version, or this tombstone
alter table history alter column xid drop default;

create table past (                    -- index data of versions that are no more; their content is in history
  at timestamptz not null, until timestamptz not null, updated timestamptz not null, version int not null,
  bucket int2 not null, type int2 not null, key uuid not null, owner uuid not null,
  marks bigint[] not null, facts jsonb not null,
  born xid8 not null, ended xid8 not null, ended_at timestamptz not null
);
create index past_owner on past (owner, type, ended);
create index past_type on past (type, ended);
create index past_shared on past (type, ended) where facts ? '>in';   -- in more than one compartment: few

create table past_pruned (             -- one row: no version that ended after this transaction is missing from `past`
  through xid8 not null
);
insert into past_pruned values ('0');
