-- Work in the background that a client asked for and fetches the result of: an archive, a bulk export. Its files lie in a folder of
-- its own; a folder without a row here is swept away.

create table work (
  id uuid primary key,
  kind text not null,
  patient uuid,                        -- the key of the Patient it is about; erased with that record
  asked jsonb not null,                -- who asked and for what: client, access, language, request
  status text not null default 'waiting' check (status in ('waiting', 'running', 'done', 'failed')),
  progress text not null default '', state jsonb, answer jsonb,
  attempts int not null default 0, lease timestamptz,   -- until when the process that runs it need not be heard of
  created timestamptz not null default now(), ended timestamptz
);
create index work_created on work (created);
create index work_patient on work (patient) where patient is not null;
