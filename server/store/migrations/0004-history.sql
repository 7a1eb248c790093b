-- History of a type, of a patient and of everything, newest first; and which further patients a version is about.

create index history_type on history (type, updated desc, key desc, version desc);
create index history_owner on history (owner, updated desc, key desc, version desc);

create table sharing (                 -- a version that is in several patients' compartments: a row for each behind its owner
  patient uuid not null, type int2 not null, key uuid not null, version int not null, updated timestamptz not null,
  bucket int2 not null,
  primary key (key, version, patient, bucket)
);
create index sharing_patient on sharing (patient, updated desc, key desc, version desc);
