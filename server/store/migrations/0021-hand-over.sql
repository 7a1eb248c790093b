-- Of a patient who comes of age: what was told of it, and the Task by which the record is handed over.

create table hand_over (
  patient uuid primary key,            -- the key of the Patient
  adult timestamptz not null,          -- when they are 18; a corrected birth date begins anew
  told int2 not null,                  -- the notice that was the last
  task text                            -- id of the Task
);
