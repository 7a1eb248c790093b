-- What makes permissions besides Consents (server/decisions/0011-who-may-see-what.md): residence in a municipality, and the one-time
-- codes that relations begin with. A delivery says which organization handed it in, and waits for that organization's link.

alter table held add column organization text;   -- the id of the Organization; null: a connector of the deployment's

create table residence (               -- in which municipality a patient lives, and lived
  id uuid primary key default gen_random_uuid(),
  patient uuid not null, organization text not null,          -- a patient's key; the id of the Organization of type govt
  starts timestamptz not null, ends timestamptz not null default 'infinity'
);
create unique index residence_now on residence (patient) where ends = 'infinity';
create index residence_patient on residence (patient);

create table relation_code (           -- only the hash of a code is kept
  hash bytea primary key,
  kind text not null check (kind in ('invitation', 'claim')),
  patient text not null,
  inviter uuid references relation on delete cascade,          -- of an invitation: the relation it rests on
  basis text check (basis in ('guardian', 'invited')), relationship text, categories text[], ends timestamptz,
  issuer text not null,                -- who made it, as the audit names them
  created timestamptz not null default now(), expires timestamptz not null, used timestamptz
);
create index relation_code_patient on relation_code (patient);
create index relation_code_inviter on relation_code (inviter) where inviter is not null;

create table lift (                    -- who has agreed that a suspension be lifted: two people, one of them the municipality's
  relation uuid not null references relation on delete cascade, person text not null,
  is_municipality boolean not null, at timestamptz not null,
  primary key (relation, person)
);

create table protection (              -- families whose whereabouts are kept (server/decisions/0016-protected-addresses.md)
  patient uuid primary key, since timestamptz not null,
  contact text                         -- the id of the RelatedPerson that holds the Patient's address and telecom, when there are any
);
