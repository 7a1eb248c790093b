// What a backup holds of each table, and whose a row is: what belongs to one patient is encrypted with that patient's key
// (server/decisions/0026-backups.md). `x` is the row.

import { nobody } from '../search/keys.ts';

export type BackupTable = {
  /** SQL for the key of the patient whose the row is, or null. None: the rows are the deployment's. */
  patient?: string;
  /** SQL for the rows that are held. None: all. */
  where?: string;
  /** SQL instead of a column's value. */
  instead?: Readonly<Record<string, string>>;
  /** Columns that get their default when the row is restored. */
  anew?: readonly string[];
};

/** The key of the Patient with this id, as keyOf in search/keys.ts makes it. */
export const patientKeyText = (id: string): string =>
  `case when ${id} ~ '^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' then ${id}::uuid else (
    select (substr(h, 1, 12) || '5' || substr(h, 14, 3) || 'a' || substr(h, 18, 15))::uuid
    from encode(sha256(convert_to('Patient/' || ${id}, 'UTF8')), 'hex') h) end`;

const owner = 'x.owner';
const ownerOfKey = `coalesce(
  (select r.owner from resource r where r.key = x.key limit 1), (select h.owner from history h where h.key = x.key limit 1))`;
const whole: BackupTable = {};
// Transactions are counted anew in a restored database; 0 is one that every page sees (0003-paging.sql).
const xid = "'0'::xid8";
const placeOf = `(select c.xid, c.id from consumer c where c.name <> 'seal' order by c.xid, c.id limit 1)`;

/** Tables that a backup holds. */
export const heldTables: Readonly<Record<string, BackupTable>> = {
  resource: { patient: owner, instead: { xid } },
  history: { patient: owner, instead: { xid } },
  term: { patient: owner },
  words: { patient: owner },
  sharing: { patient: 'x.patient' },
  finding: { patient: owner },
  source_item: { patient: owner },
  alias: { patient: ownerOfKey },
  event_decision: { patient: 'x.patient' },
  held: {
    patient: `case when x.source = 'Patient' then ${patientKeyText('x.number')} else (
      select ${patientKeyText('l.patient')} from link l where l.source = x.source and l.number = x.number) end`,
  },
  link: { patient: patientKeyText('x.patient') },
  relation: { patient: 'x.patient' },
  lift: { patient: '(select r.patient from relation r where r.id = x.relation)' },
  permission: { patient: 'x.patient' },
  residence: { patient: 'x.patient' },
  protection: { patient: 'x.patient' },
  hand_over: { patient: 'x.patient' },
  health_card: { patient: 'x.patient' },
  job: { patient: `case when x.payload ->> 'owner' ~ '^[0-9a-f-]{36}$' then (x.payload ->> 'owner')::uuid end` },

  // By keys, as in the database itself, where it stays when a record is erased.
  audit: whole,
  audit_seal: whole,
  audit_root: whole,
  // A card that was revoked must not come to be good again.
  health_card_revoked: whole,
  // What every reader has taken is of no use any more.
  outbox: { where: `not exists ${placeOf} or (x.xid, x.id) > ${placeOf}`, anew: ['xid'] },
  consumer: {
    instead: {
      xid: `case when x.name = 'seal' then x.xid else ${xid} end`,
      id: `case when x.name = 'seal' then x.id else 0 end`,
    },
  },
  // Links to further pages do not outlive a restore: they would name transactions of another count.
  secret: { where: "x.name <> 'cursor'" },
  index_state: whole,
  parameter: whole,
  reindex: whole,
  oauth_client: whole,
  account: whole,
  account_password: whole,
  account_totp: whole,
  account_passkey: whole,
  account_certificate: whole,
  account_notice: whole,
  account_code: { where: "x.purpose = 'backup'" },
  loaded: whole,
  loaded_definition: whole,
  concept: whole,
  concept_set: whole,
  backup: whole,
};

/** Tables that no backup holds, and why. */
export const leftOutTables: Readonly<Record<string, string>> = {
  migration: 'the manifest lists what was applied',
  patient_key: 'in the key ring',
  erased_key: 'in the key ring',
  past: 'for pages of searches that do not outlive a restore',
  past_pruned: 'the same',
  token: 'what lets somebody in may have been taken back since',
  oidc_payload: 'the same',
  login_session: 'the same',
  login_device: 'the same',
  link_code: 'a one-time code may have been used since',
  relation_code: 'the same',
  work: 'what was made lies in files that are made again when they are asked for',
  share: 'a link to a record may have been ended since',
  share_file: 'the same',
  share_location: 'the same',
  share_opening: 'the same; the audit tells of each opening',
  login_throttle: 'of minutes',
  passkey_challenge: 'of minutes',
  card_challenge: 'of minutes',
};

/** Rows of nobody's are the deployment's. */
export const isNobody = (patient: string): boolean => patient === '\\N' || patient === nobody;
