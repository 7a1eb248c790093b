-- What is loaded from files beside what is shipped: packages of definitions, and code systems too large to hold in memory. A load
-- fills rows under a number that nobody reads yet; one statement puts it in force and what it replaces out of force.

create table loaded (
  number int generated always as identity primary key,
  part_of int,                           -- the package that a code system came in, and goes with
  kind text not null check (kind in ('definitions', 'codes')),
  name text not null,                    -- of a package; of a code system its url
  version text not null,
  title text,
  language text,
  properties text[] not null default '{}', -- that the concepts have, for filters
  count int not null default 0,          -- of definitions or concepts
  since timestamptz,                     -- in force since then; null while it is filled
  until timestamptz                      -- replaced or removed then; its rows go a little later
);

create table loaded_definition (
  loaded int not null,
  n int not null,
  type text not null,
  urls text[] not null,
  version text not null,
  content bytea not null,                -- the JSON text, deflated
  primary key (loaded, n)
);

create table concept (
  loaded int not null,
  position int not null,                 -- in the order of codes, from 0
  code text collate "C" not null,
  display text not null,
  inactive boolean not null,
  abstract boolean not null,
  parents int[] not null,                -- positions
  ancestors int[] not null,              -- positions, the parents among them
  more text not null,                    -- definition, designations and properties as JSON
  words text not null,                   -- code, display and designations as search compares text, a line each
  primary key (loaded, position),
  unique (loaded, code)
);

-- Concepts that have something in common, by what they have (see store/set-names.ts), 8192 positions a row: their bits, or their
-- places in ascending order where those are shorter.
create table concept_set (
  loaded int not null,
  name text collate "C" not null,
  block int not null,
  members bytea not null,
  primary key (loaded, name, block)
);
