-- Backups and erasure (server/decisions/0026-backups.md): the keys under which backups hold what is of one patient, and the order of the
-- audit in a database that was restored, whose transactions are counted anew.

create table patient_key (             -- made by the first backup that holds anything of the patient; not in any backup
  patient uuid primary key,
  id uuid not null unique,             -- by which backups name the key
  secret bytea not null
);

create table erased_key (              -- keys that went with an erased patient; restore knows by them what is not to come back
  id uuid primary key,
  patient uuid not null,
  erased timestamptz not null default now(),
  xid xid8 not null default pg_current_xact_id()
);
create index erased_key_patient on erased_key (patient);

create table backup (                  -- when backups were made and when their key ring was written anew; nothing of what is in them
  at timestamptz primary key,
  kind text not null check (kind in ('backup', 'keys')),
  name text not null
);

-- The audit is in the order of transactions, and sealed in it. A restored database counts its transactions from the beginning: restore
-- makes these two begin behind the last one of the audit.
create function audit_xid() returns xid8 language sql volatile as $$ select pg_current_xact_id() $$;
create function audit_settled() returns xid8 language sql stable as $$ select pg_snapshot_xmin(pg_current_snapshot()) $$;
alter table audit alter column xid set default audit_xid();
