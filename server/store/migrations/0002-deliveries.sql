-- What facilities send: each message as it came, until and after its fate is known. `waiting` ones stay outside the record
-- and outside every search until a family links the patient number they carry.

create table held (
  id uuid not null, bucket int2 not null, received timestamptz not null, client text not null,
  source text not null, number text not null,           -- the sender's patient number: identifier system and value
  digest bytea not null,                                -- SHA-256 of the original: the same message again is the same delivery
  content_type text not null, original bytea not null,
  record text,                                          -- what it was mapped to, a transaction Bundle
  fate text not null check (fate in ('waiting', 'stored', 'refused')), reason text, settled timestamptz,
  primary key (id, bucket)
);
create unique index held_digest on held (source, number, digest, bucket);
create index held_waiting on held (source, number, id) where fate = 'waiting';

create table link (                    -- a patient number that the family has linked; not Patient.identifier, which apps may edit
  source text not null, number text not null, patient text not null, organization text not null,
  since timestamptz not null default now(),
  primary key (source, number)
);
create index link_patient on link (patient);

create table link_code (               -- one-time codes that a facility hands to a family
  hash bytea primary key, organization text not null, source text not null, number text not null,
  created timestamptz not null default now(), expires timestamptz not null, used timestamptz
);
