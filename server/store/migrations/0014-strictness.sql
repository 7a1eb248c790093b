-- How strictly a client's writes are judged, and what was warned of when a version was written: no warning is lost.

alter table oauth_client
  add column strictness text check (strictness in ('base', 'declared', 'strict'));   -- none: as everybody's

create table finding (                 -- a row for each version that was written with warnings
  key uuid not null, version int not null, bucket int2 not null, type int2 not null, owner uuid not null,
  at timestamptz not null, client text not null,
  issues text not null,                -- a JSON array of OperationOutcome issues; expressions are of the resource
  primary key (key, version, bucket)
);
create index finding_at on finding (at);
