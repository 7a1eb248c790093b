-- Search parameters that a SearchParameter resource defines while the server runs, and the walks that index what is stored
-- already (server/decisions/0005-parameters.md).

create table index_state (             -- one row: what every process has to index a write with
  generation bigint not null,          -- grows whenever the set of parameters changes
  version int not null                 -- of the extraction in the code (search/extract.ts)
);
insert into index_state values (1, 1);

create table parameter (
  key uuid primary key,                -- of the SearchParameter, whose definition in force this is
  id text not null,
  definition jsonb not null,
  types int2[] not null,
  state text not null check (state in ('building', 'ready'))
);

create table reindex (                 -- the last walk over the rows of a type
  type int2 primary key,
  generation bigint not null,          -- the parameters that it brings in
  whole boolean not null,              -- terms, words and dates too: another version of the extraction
  at timestamptz not null default 'infinity', key uuid not null default 'ffffffff-ffff-ffff-ffff-ffffffffffff',   -- how far it has come
  done bigint not null default 0, total bigint,
  started timestamptz, ended timestamptz
);

-- Asked by every statement that stores index data. The lock is held until its transaction ends, so that a walk can wait for
-- those that began with the parameters of before; the answer is as of now, not of the statement's begin.
create function index_is_current(made_with bigint) returns boolean language plpgsql volatile as $$
begin
  perform pg_advisory_xact_lock_shared(7205760);
  return made_with = (select generation from index_state);
end $$;
