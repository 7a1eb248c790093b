-- The record: one row per resource that exists now, its older versions, the population index, audit and outbox.
-- Layout L6 of the storage measurements. Every table that grows with families holds the bucket (taken from the owner's
-- key), the column by which the database can be spread over several machines later, behind the key in its primary key.

create table resource (
  at timestamptz not null,             -- the type's main date (birthDate, occurrence, effective …), else updated
  until timestamptz not null,
  updated timestamptz not null,
  version int not null,
  bucket int2 not null,
  type int2 not null,                  -- position in FHIR R4's list of types
  labels int not null default 0,       -- security labels as bits, for access
  key uuid not null,                   -- the FHIR id where the server made it, else derived from type and id
  owner uuid not null,                 -- the Patient whose compartment it is in; all zeros: nobody's
  writer text,                         -- the client that wrote this version
  marks bigint[] not null,
  facts jsonb not null,
  content text not null,
  primary key (key, bucket)
) with (fillfactor = 90);
create index resource_owner on resource (owner, type, at desc, key desc);
create index resource_type on resource (type, at desc, key desc);
create index resource_updated on resource (type, updated desc, key desc);

create table term (                    -- equality over everyone
  term bigint not null, at timestamptz not null, until timestamptz not null, key uuid not null, owner uuid not null, bucket int2 not null
);
create unique index term_at on term (term, at desc, key desc) include (until, owner, bucket);

create table words (                   -- prefixes over everyone
  param int not null, norm text collate "C" not null, key uuid not null, owner uuid not null, bucket int2 not null
);
create index words_norm on words (param, norm, key) include (owner, bucket);
create index words_key on words (key);

create table history (                 -- older versions; the tombstone of a delete has no content
  key uuid not null, version int not null, bucket int2 not null, type int2 not null, owner uuid not null,
  updated timestamptz not null, method "char" not null, content text,
  primary key (key, version, bucket)
);

create table alias (                   -- ids that a client chose: settles who was first, and leads to the bucket
  key uuid not null, home int2 not null, bucket int2 not null, type int2 not null, id text not null,
  primary key (key, home)
);

create table audit (
  id bigint generated always as identity, bucket int2 not null, at timestamptz not null, client text not null,
  interaction text not null, type int2, key uuid, version int, owner uuid, request uuid not null,
  primary key (id, bucket)
);

create table outbox (                  -- every change, in the order of commit as far as a reader can tell; never updated
  xid xid8 not null default pg_current_xact_id(), id bigint generated always as identity, bucket int2 not null,
  created timestamptz not null, method "char" not null, type int2 not null, key uuid not null, version int not null, owner uuid not null,
  primary key (xid, id, bucket)
);

create table consumer (                -- how far a reader of the outbox has come
  name text primary key, xid xid8 not null default '0', id bigint not null default 0
);

create table job (                     -- work to be done behind a change; with Redis, BullMQ holds these instead
  id text primary key, name text not null, payload jsonb not null,
  due timestamptz not null default now(), attempts int not null default 0, failure text, dead timestamptz
);
create index job_due on job (due) where dead is null;

create table token (                   -- bearer tokens: only their hash is here
  hash bytea primary key, client text not null, scope text not null, patient text,
  created timestamptz not null default now(), expires timestamptz not null, revoked timestamptz
);

create table secret (                  -- keys of this deployment: page cursors, archive signatures
  name text primary key, value jsonb not null, created timestamptz not null default now()
);
