-- People who log in: families (a Person) and staff (a Practitioner of an Organization), what they prove themselves by, and the
-- sessions of our own pages. Nothing here opens anything by itself: passwords, codes and session texts are hashes, seeds of
-- one-time passwords are sealed with a key of the table `secret`. What is used once is used up by one statement.

create table account (
  id uuid primary key,
  login text not null unique,          -- folded: NFKC, without case (server/login/login-name.ts)
  subject text not null unique,        -- Person/ID or Practitioner/ID
  organization text,                   -- id of the Organization of staff
  status text not null check (status in ('active', 'locked', 'closed')),
  created timestamptz not null,
  recovered timestamptz,               -- sensitive acts wait for a day after it
  check ((subject like 'Practitioner/%') = (organization is not null))
);

create table account_password (
  account uuid primary key references account, hash text not null, changed timestamptz not null   -- a PHC string
);

create table account_totp (            -- RFC 6238
  account uuid primary key references account,
  seed bytea, last_step bigint not null default 0,     -- the step of the last code used: none works twice
  offered bytea                                        -- a new seed, until a code of it has been shown
);

create table account_passkey (         -- Web Authentication Level 3
  id text primary key, account uuid not null references account, public_key bytea not null, counter bigint not null,
  transports text[] not null, synced boolean not null, name text not null,
  created timestamptz not null, used timestamptz
);
create index account_passkey_account on account_passkey (account, created);

create table passkey_challenge (
  hash bytea primary key, purpose text not null check (purpose in ('register', 'log-in')), account uuid,
  expires timestamptz not null
);
create index passkey_challenge_expires on passkey_challenge (expires);

create table account_code (            -- backup: kept by the person; enrol, recover: given out by staff, for one use
  account uuid not null references account, purpose text not null check (purpose in ('backup', 'enrol', 'recover')),
  hash bytea not null, created timestamptz not null, expires timestamptz not null default 'infinity', used timestamptz,
  primary key (account, purpose, hash)
);

create table login_throttle (          -- tries by account, by address and by device; the keys are hashes
  key bytea primary key, failures int not null, opens timestamptz not null, touched timestamptz not null
);
create index login_throttle_touched on login_throttle (touched);

create table login_device (            -- browsers in which somebody has logged in: strangers' failures do not slow them
  hash bytea not null, account uuid not null references account, seen timestamptz not null,
  primary key (hash, account)
);
create index login_device_seen on login_device (seen);

create table login_session (
  hash bytea primary key, id uuid not null unique, account uuid not null references account,
  level text not null check (level in ('half', 'enrol', 'full')),
  amr text[] not null, auth_time timestamptz not null, agent text not null,
  created timestamptz not null, seen timestamptz not null, ends timestamptz not null, ended timestamptz
);
create index login_session_account on login_session (account, created);
create index login_session_ends on login_session (ends);

create table account_notice (          -- what a person is to be told by every channel there is
  id bigint generated always as identity primary key, account uuid not null references account,
  at timestamptz not null, kind text not null, sent timestamptz
);
create index account_notice_waiting on account_notice (id) where sent is null;

create table account_certificate (     -- My Number Card: the one certificate that an account is bound to; nothing of a person in it
  account uuid primary key references account, subject text not null unique,
  created timestamptz not null, used timestamptz
);

create table card_challenge (
  hash text primary key, session text not null, kind text not null, expires timestamptz not null
);
create index card_challenge_expires on card_challenge (expires);
