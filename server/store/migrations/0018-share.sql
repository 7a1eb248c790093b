-- SMART Health Links that families gave out. What they lead to stands here encrypted; the key is in the link and nowhere else.

create table share (
  id uuid primary key,
  address bytea not null unique,       -- SHA-256 of what stands in the link's address
  patient uuid not null,               -- the key of the Patient whose record it is
  client text not null,                -- who made it: access/actor.ts
  sharer text, purpose text,           -- Person/ID, with whose right the link ends; null: the deployment
  what text not null, types text[],    -- what was asked for, for the list and for making it anew
  label text, flags text not null,
  keys uuid[] not null,                -- the entries of the record that it holds
  labels int not null,                 -- of all these together: the link is as restricted as what it holds
  authored timestamptz,
  created timestamptz not null, renewed timestamptz, expires timestamptz not null, ended timestamptz,
  passcode text,                       -- a PHC string
  tries int2 not null check (tries >= 0),   -- wrong passcodes that are left in the life of the link
  polls int not null default 0, polls_from timestamptz not null
);
create index share_patient on share (patient, created);
create index share_expires on share (expires);

create table share_file (
  share uuid not null references share on delete cascade, number int2 not null,
  content_type text not null, updated timestamptz not null, jwe text not null,
  primary key (share, number)
);
alter table share_file alter column jwe set storage external;   -- nothing of it can be packed

create table share_location (          -- an address of a file, for one use
  hash bytea primary key, share uuid not null references share on delete cascade, number int2 not null, expires timestamptz not null
);
create index share_location_share on share_location (share);
create index share_location_expires on share_location (expires);

create table share_opening (           -- who opened a link, or gave a wrong passcode, by the name they gave themselves
  share uuid not null references share on delete cascade, at timestamptz not null, request uuid not null,
  recipient text not null, refused boolean not null,
  primary key (share, at, request)
);
create index share_opening_request on share_opening (request);
