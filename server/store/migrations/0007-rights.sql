-- Who may see what (server/decisions/0011-who-may-see-what.md), in rows that every statement can ask. Entries say whose they are
-- by organization and how sensitive they are; relations say who is whose family; permissions are what both come to.

alter table resource add column organization uuid;      -- the Organization whose client created it; null: a family's or the deployment's
alter table resource add column authored timestamptz;   -- when it was recorded, of what is labelled; null: it has no label
alter table history add column organization uuid, add column authored timestamptz, add column labels int not null default 0,
  add column at timestamptz, add column until timestamptz;
alter table past add column organization uuid, add column authored timestamptz, add column labels int not null default 0;

create table relation (                -- a login and a patient; from here on the keys are those of Person and Patient
  id uuid primary key,
  person uuid not null, patient uuid not null,
  person_id text not null, patient_id text not null, related_person text,
  basis text not null check (basis in ('self', 'guardian', 'invited')),
  status text not null check (status in ('pending', 'active', 'suspended', 'ended')),
  starts timestamptz not null, ends timestamptz not null default 'infinity',
  categories text[],                   -- of an invited relative: what a guardian ticked
  inviter uuid references relation,    -- the guardian's relation that an invitation rests on
  is_shared_with_guardians boolean not null default false,   -- of `self`: the young person agreed that guardians read restricted entries
  evidence text
);
create unique index relation_one on relation (patient, person) where status <> 'ended';
create index relation_person on relation (person);
create index relation_inviter on relation (inviter) where inviter is not null;

create table permission (              -- one statement of one basis; derived, and written with what it is derived from
  source uuid not null,                -- the relation, the Consent, the facility link or the residence it comes from
  place int2 not null,                 -- among those of its source
  level int2 not null default 0,       -- 1: an exception inside a Consent
  grantee uuid not null, patient uuid not null,
  mark bigint not null,                -- of what the patient shares with others (search/sheet.ts: membership)
  basis text not null, denies boolean not null default false, is_shared boolean not null default false,
  starts timestamptz not null, ends timestamptz not null,
  purposes text[],
  normal boolean not null, labels int not null,              -- permit: all of an entry's are among these; deny: one of them is
  needs int not null default 0,                              -- labels without which an entry is not meant
  restricted_from timestamptz,                               -- what is labelled and was authored then or later is not meant
  types int2[], authors uuid[], keys uuid[], marks bigint[],
  data_from timestamptz, data_until timestamptz,
  writes text check (writes in ('entries', 'patient')),
  primary key (source, place)
);
create index permission_grantee on permission (grantee, patient);
create index permission_denial on permission (grantee) where denies;
create index permission_patient on permission (patient);

-- Patient, Person and RelatedPerson have no clinical date: their main date is a birthday.
create function is_undated_type(type int2) returns boolean language sql immutable parallel safe as $$
  select type = any('{103,106,114}'::int2[])
$$;

-- Whether one permission (or denial) means an entry. A plain expression, so that PostgreSQL puts it in place of the call.
create function means(
  p permission, purpose text, moment timestamptz, type int2, key uuid, labels int, at timestamptz, until timestamptz,
  authored timestamptz, organization uuid, marks bigint[]
) returns boolean language sql immutable parallel safe as $$
  select p.starts <= moment and p.ends > moment
    and (p.purposes is null or purpose = any(p.purposes))
    and case when labels = 0 then p.normal when p.denies then labels & p.labels <> 0 else labels & ~p.labels = 0 end
    and labels & p.needs = p.needs
    and (p.restricted_from is null or authored is null or authored < p.restricted_from)
    and (p.types is null or type = any(p.types))
    and (p.authors is null or organization = any(p.authors))
    and (p.keys is null and p.marks is null or key = any(p.keys) or marks && p.marks)
    and (p.data_from is null and p.data_until is null or is_undated_type(type)
      or case when p.denies then (p.data_from is null or until >= p.data_from) and (p.data_until is null or at < p.data_until)
        else (p.data_from is null or at >= p.data_from) and (p.data_until is null or until < p.data_until) end)
$$;

-- Whom a token stands for besides the client; none: the deployment's own.
alter table token add column "user" text, add column organization text, add column purpose text;
