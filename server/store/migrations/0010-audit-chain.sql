-- The audit as something a family reads and nobody bends (server/decisions/0013-audit.md): found by whose record it was, added to
-- and never changed, and sealed behind the commit in chains of hashes, in the order in which rows became final.

-- Which transaction a row came with, as in the outbox; rows from before this file have transaction 0 and are sealed first.
alter table audit add column xid xid8 not null default '0';
alter table audit alter column xid set default pg_current_xact_id();
alter table audit add column outcome int2 not null default 0;   -- 0 done, 4 refused, 8 failed, 12 broken down (audit-event-outcome)
alter table audit drop constraint audit_pkey;
alter table audit add primary key (xid, id, bucket);
create index audit_owner on audit (owner, at, id);

create table audit_seal (              -- a link of one chain: some rows, and the hash of the chain behind each of them
  part int2 not null,                  -- bucket >> 8
  first bigint not null,               -- the place of its first row in the chain, from 1
  ids bigint[] not null,               -- the rows, by audit.id
  hashes bytea not null,               -- 32 bytes for each
  xid xid8 not null, id bigint not null,   -- the last row, as a place in the order of the audit
  sealed timestamptz not null default now(),
  primary key (part, first)
);
alter table audit_seal alter column hashes set storage external;   -- no two bytes of it are alike enough to be packed

create table audit_root (              -- the heads of all chains at the end of a day, signed
  number int primary key,
  day date not null unique,            -- in Japan
  jws text not null
);

create function only_added() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are only added', tg_table_name;
end $$;
create trigger only_added before update or delete or truncate on audit for each statement execute function only_added();
create trigger only_added before update or delete or truncate on audit_seal for each statement execute function only_added();
create trigger only_added before update or delete or truncate on audit_root for each statement execute function only_added();
