// Erasing for ever: every version of a patient's record, or of one resource, with everything that was derived from it and the
// originals it came from. Only the audit keeps that there was something, by keys. Nothing can be read again afterwards through
// the database, nor from a backup, whose key for this patient goes as well; the bytes of dead rows go with PostgreSQL's vacuum, and its
// log by its own rules.

import type { ClientBase, Pool } from 'pg';
import { membership } from '../search/extract.ts';
import { mark } from '../search/hash.ts';
import { bucketOf, keyOf, typeName, typeNumber } from '../search/keys.ts';
import { type BackupTimes, backupTimes } from './backup-log.ts';
import { columnsOf } from './columns.ts';
import { forgetAccount } from './forget-account.ts';
import { define } from './parameters.ts';
import { dropPatientKey } from './patient-keys.ts';
import { endTokensOf } from './tokens.ts';
import { removeWorkOf } from './works.ts';

export type Subject = { type: string; id: string };
export type Erased = {
  /** Rows that went, by table. */
  rows: Record<string, number>;
  /** Versions that went, by resource type. */
  versions: Record<string, number>;
  /** When backups were made before. */
  backups: BackupTimes;
};
export type Shared = { type: string; version: number; content: string };

type Version = { key: string; version: number; type: number; owner: string; xid: string; isCurrent: boolean };

export type Eraser = ReturnType<typeof createEraser>;

/** `worksOfMany`: the kinds of work in the background whose files may hold anybody's record. */
export function createEraser({ pool, worksOfMany }: { pool: Pool; worksOfMany: readonly string[] }) {
  return {
    /** What exists now in this patient's compartment and in another's as well. */
    async sharedWith(patient: string): Promise<Shared[]> {
      const owner = keyOf('Patient', patient);
      const { rows } = await pool.query(sharedText, [owner, mark(membership(patient))]);
      return rows.map(({ type, content, version }) => ({ type: typeName(type), content, version }));
    },

    /**
     * Erases inside the transaction of `client`; a Patient goes with the whole record. What is then still shared with others is
     * theirs: the caller has taken this patient out of it before, in a new version. `audited` names who asked.
     */
    async erase(client: ClientBase, subject: Subject, audited: { client: string; request: string }): Promise<Erased> {
      const key = keyOf(subject.type, subject.id);
      const isPatient = subject.type === 'Patient';
      const versions = await versionsOf(client, isPatient ? patientTexts : resourceTexts, [
        key,
        typeNumber(subject.type),
      ]);
      const rows: Record<string, number> = {};
      const run = async (table: string, text: string, values: unknown[]) => {
        const { rowCount } = await client.query(text, values);
        if (rowCount) rows[table] = (rows[table] ?? 0) + rowCount;
      };
      const current = versions.filter(({ isCurrent }) => isCurrent).map(({ key }) => key);
      const each = columnsOf(
        versions.map((one) => [one.key, one.version, one.type, one.owner, one.xid]),
        5,
      );
      for (const [table, text] of indexTexts) await run(table, text, [current]);
      for (const [table, text] of versionTexts) await run(table, text, each);
      await run('alias', aliasText, [each[0]]);
      const owners = [...new Set(versions.map(({ owner }) => owner))];
      await run('event_decision', decisionText, [owners, `${subject.type}/${subject.id}`]);
      const erasedKeys = [...new Set([key, ...versions.map((one) => one.key)])];
      await run('share', shareText, [owners, isPatient, key, erasedKeys]);
      const works = versions.length > 0 ? await removeWorkOf(client, [...owners, key], worksOfMany) : 0;
      if (works > 0) rows.work = works;
      if (isPatient) {
        for (const [table, text] of deliveryTexts) await run(table, text, [subject.id]);
        for (const [table, text] of rightsTexts) await run(table, text, [subject.id, key]);
        await run('job', "delete from job where payload ->> 'owner' = $1", [key]);
        const tokens = await endTokensOf(client, subject.id);
        if (tokens > 0) rows.token = tokens;
        if (await dropPatientKey(client, key)) rows.patient_key = 1;
      }
      if (subject.type === 'Person' || subject.type === 'Practitioner')
        Object.assign(rows, await forgetAccount(client, `${subject.type}/${subject.id}`));
      if (subject.type === 'SearchParameter') await define(client, [{ key, id: subject.id, definition: undefined }]);
      const owner = isPatient ? key : (versions[0]?.owner ?? key);
      const values = [bucketOf(owner), audited.client, typeNumber(subject.type), key, owner, audited.request];
      await client.query(auditText, values);
      const backups = await backupTimes(client);
      return { rows, versions: countsOf(versions.map(({ type }) => typeName(type))), backups };
    },
  };
}

function countsOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** Current rows are locked first, so that none gets another version while its older ones are collected. */
async function versionsOf(client: ClientBase, texts: readonly string[], values: unknown[]): Promise<Version[]> {
  const found: Version[] = [];
  for (const text of texts) {
    const { rows } = await client.query<Version>(text, values);
    found.push(...rows);
  }
  return found;
}

const columns = 'key, version, type, owner, xid::text as xid';

// $2 is not needed here, and says so: one list of values serves both.
const patientTexts = [
  `select ${columns}, true as "isCurrent" from resource where owner = $1 and $2::int2 is not null order by key for update`,
  `select ${columns}, false as "isCurrent" from history where owner = $1 and $2::int2 is not null`,
  `select h.key, h.version, h.type, h.owner, h.xid::text as xid, false as "isCurrent"
   from sharing s join history h on h.key = s.key and h.version = s.version
   where s.patient = $1 and h.owner <> $1 and $2::int2 is not null`,
];
const resourceTexts = [
  `select ${columns}, true as "isCurrent" from resource where key = $1 and type = $2 for update`,
  `select ${columns}, false as "isCurrent" from history where key = $1 and type = $2`,
];

const sharedText = `
select r.type, r.version, r.content from (
  select key from term where term = $2::bigint
  union
  select r.key from resource r where r.owner = $1 and exists (
    select from sharing s where s.key = r.key and s.version = r.version)
) shared join resource r on r.key = shared.key order by r.key`;

// What was derived from current versions. Each mark may be a term; see clearIndexText in commit.ts.
const indexTexts: [table: string, text: string][] = [
  ['words', 'delete from words where key = any($1::uuid[])'],
  ['source_item', 'delete from source_item where key = any($1::uuid[])'],
  [
    'term',
    `delete from term t using (
       select r.at, r.key, m.term from unnest($1::uuid[]) as v(key) join resource r on r.key = v.key
       cross join lateral unnest(r.marks) as m(term)
     ) old
     where t.term = old.term and t.at = old.at and t.key = old.key`,
  ],
];

const each = 'unnest($1::uuid[], $2::int4[], $3::int2[], $4::uuid[], $5::xid8[]) as v(key, version, type, owner, xid)';
const versionTexts: [table: string, text: string][] = [
  ['resource', `delete from resource r using ${each} where r.key = v.key and r.version = v.version`],
  ['history', `delete from history h using ${each} where h.key = v.key and h.version = v.version`],
  ['finding', `delete from finding f using ${each} where f.key = v.key and f.version = v.version`],
  ['sharing', `delete from sharing s using ${each} where s.key = v.key and s.version = v.version`],
  [
    'past',
    `delete from past p using (select distinct v.owner, v.type from ${each}) o
     where p.owner = o.owner and p.type = o.type
       and exists (select from ${each} where v.key = p.key and v.version = p.version)`,
  ],
  ['outbox', `delete from outbox o using ${each} where o.xid = v.xid and o.key = v.key and o.version = v.version`],
];

const aliasText = `
delete from alias a using (select distinct key from unnest($1::uuid[]) as v(key)) v
where a.key = v.key
  and not exists (select from resource r where r.key = v.key) and not exists (select from history h where h.key = v.key)`;

const decisionText = 'delete from event_decision where patient = any($1::uuid[]) and $2::text in (one, other)';

// A link that tells of what is erased goes whole, with its openings.
const shareText =
  'delete from share where ($2 and patient = $3::uuid) or (patient = any($1::uuid[]) and keys && $4::uuid[])';

// Originals of the numbers that were linked, and of deliveries that named the Patient itself.
const deliveryTexts: [table: string, text: string][] = [
  ['held', 'delete from held h using link l where l.patient = $1 and h.source = l.source and h.number = l.number'],
  ['held', "delete from held where source = 'Patient' and number = $1"],
  [
    'link_code',
    'delete from link_code c using link l where l.patient = $1 and c.source = l.source and c.number = l.number',
  ],
  ['link', 'delete from link where patient = $1'],
];

// $1 is the id, $2 the key, and both are named, so that one list of values serves all.
const rightsTexts: [table: string, text: string][] = [
  ['permission', 'delete from permission where patient = $2 and $1::text is not null'],
  ['relation_code', 'delete from relation_code where patient = $1 and $2::uuid is not null'],
  ['relation', 'delete from relation where patient = $2 and $1::text is not null'],
  ['protection', 'delete from protection where patient = $2 and $1::text is not null'],
  ['source_item', 'delete from source_item where owner = $2 and $1::text is not null'],
  ['event_decision', 'delete from event_decision where patient = $2 and $1::text is not null'],
  ['health_card', 'delete from health_card where patient = $2 and $1::text is not null'],
  ['residence', 'delete from residence where patient = $2 and $1::text is not null'],
  ['hand_over', 'delete from hand_over where patient = $2 and $1::text is not null'],
];

const auditText = `
insert into audit (bucket, at, client, interaction, type, key, owner, request) values ($1, now(), $2, 'expunge', $3, $4, $5, $6)`;
