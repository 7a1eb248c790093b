-- What persons have said of two records that tell of one event, or of two (server/decisions/0022-events-are-computed.md). All else of
-- reconciliation is computed when it is read.

create table event_decision (
  patient uuid not null,               -- the key of the Patient whose records they are
  one text not null, other text not null,   -- references, the one that sorts first before the other
  verdict text not null check (verdict in ('same', 'different')),
  decided timestamptz not null, client text not null,
  primary key (patient, one, other),
  check (one < other)
);
