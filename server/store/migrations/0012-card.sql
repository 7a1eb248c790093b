-- Who an account's person is, shown by the certificate for signatures of their My Number Card; and what ends at once when an
-- account is locked or forgotten.

alter table account
  add column proven timestamptz,        -- name, birth date and sex of the Person were those of the certificate …
  add column proven_version int,        -- … in this version of the Person
  add check ((proven is null) = (proven_version is null));

create index token_user on token ("user") where "user" is not null;
