-- SMART Health Cards that were issued, so that a family can see and revoke them: not what stands on a card, only a digest of it, by
-- which the same card is given again for the same record. What was revoked stays known when the patient is erased.

create table health_card (
  rid text primary key,                 -- the card's name in it and in the list of revoked ones; random
  patient uuid not null,                -- the key of the Patient
  kid text not null,                    -- the key that signs it
  content bytea not null,               -- SHA-256 of all that it says but for rid and time
  topic text not null,                  -- what it is about, in a word of server/health-cards/topics.ts
  doses int2 not null,
  issued timestamptz not null, client text not null,
  revoked timestamptz
);
create unique index health_card_content on health_card (patient, kid, content) where revoked is null;
create index health_card_patient on health_card (patient, issued);

create table health_card_revoked (
  kid text not null, rid text not null,
  revoked timestamptz not null,
  primary key (kid, rid)
);
