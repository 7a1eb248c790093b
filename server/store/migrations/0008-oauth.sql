-- The authorization server: who may ask for tokens, what it remembers between two requests, and what a token stands for.

create table oauth_client (            -- applications that a person of this deployment has let in, or has yet to
  id text primary key, name_ja text not null, name_en text not null,
  organization text,                   -- id of the Organization whose client it is
  kind text not null check (kind in ('family-app', 'backend', 'staff-app')),
  status text not null default 'pending' check (status in ('pending', 'active', 'suspended')),
  redirect_uris text[] not null default '{}',
  jwks jsonb, jwks_uri text,           -- public keys, or where they are; neither: a public client
  scopes text not null,                -- the most it may be granted
  origins text[] not null default '{}',  -- of browsers that may call with its tokens
  binding text check (binding in ('dpop', 'mtls')),   -- how its tokens have to be bound to a key
  fapi boolean not null default false, -- assertions name the issuer, as FAPI 2.0 asks
  created timestamptz not null default now(),
  check (jwks is null or jwks_uri is null)
);
create index oauth_client_pending on oauth_client (created) where status = 'pending';
create index oauth_client_origins on oauth_client using gin (origins) where status = 'active';

create table oidc_payload (            -- sessions, grants, codes, refresh tokens, used ids; by the hash of what the bearer holds
  model text not null, id_hash bytea not null, payload jsonb not null,
  grant_id text, uid text, client text, patient text, account text,
  expires timestamptz not null, consumed timestamptz,
  primary key (model, id_hash)
);
create index oidc_payload_grant on oidc_payload (grant_id) where grant_id is not null;
create index oidc_payload_uid on oidc_payload (uid) where uid is not null;
create index oidc_payload_client on oidc_payload (client) where client is not null;
create index oidc_payload_patient on oidc_payload (patient) where patient is not null;
create index oidc_payload_account on oidc_payload (account) where account is not null;
create index oidc_payload_expires on oidc_payload (expires);

alter table token
  add bound_to text,                   -- `dpop:THUMBPRINT` or `mtls:THUMBPRINT` of the key that must come with it
  add grant_id text, add session text, -- of the authorization server; its end ends the token
  add payload jsonb;                   -- what introspection tells
create index token_client on token (client) where revoked is null;
create index token_grant on token (grant_id) where grant_id is not null;
create index token_session on token (session) where session is not null;
create index token_patient on token (patient) where patient is not null;
create index token_expires on token (expires) where payload is not null;
