// Which patient number at a facility belongs to which Patient here, what the facility may do for as long as it does, and the
// one-time codes with which a facility lets a family say so. Only the hash of a code is kept.

import type { ClientBase, Pool } from 'pg';
import { bases } from '../access/policy.ts';
import { mark } from '../search/hash.ts';
import { keyOf } from '../search/keys.ts';
import { texts } from './binary-arrays.ts';
import { hashOfCode, newCode } from './one-time-code.ts';
import { lockPermissions, replacePermissions } from './permissions.ts';
import { instant } from './pool.ts';
import { inTransaction } from './write.ts';

/** A patient's number at a facility: identifier system and value. */
export type PatientNumber = { source: string; number: string };
/** `organization` is the id of the Organization that gave the number. */
export type Link = PatientNumber & { organization: string };
export type Links = ReturnType<typeof createLinks>;

export function createLinks({ pool }: { pool: Pool }) {
  return {
    /**
     * The id of the Patient to whom each number is linked, in their order; undefined where it is nobody's. What the client of an
     * `organization` (id) hands in belongs only to whom that organization has linked: of the links of others it hears nothing.
     */
    async patientsOf(
      numbers: readonly (PatientNumber & { organization?: string | undefined })[],
      connection: Pool | ClientBase = pool,
    ): Promise<(string | undefined)[]> {
      const values = [
        texts(numbers.map(({ source }) => source)),
        texts(numbers.map(({ number }) => number)),
        texts(numbers.map(({ organization }) => organization)),
      ];
      const { rows } = await connection.query({ name: 'links', text: patientsText, values });
      return rows.map(({ patient }) => patient ?? undefined);
    },

    /** Whether a link stands, inside a transaction; until that ends, nobody ends it. */
    async isLinked({ source, number, organization }: Link, patient: string, client: ClientBase): Promise<boolean> {
      const text = `select from link where source = $1 and number = $2 and patient = $3 and organization = $4 for share`;
      const { rowCount } = await client.query(text, [source, number, patient, organization]);
      return rowCount === 1;
    },

    /** The numbers that a Patient has linked. */
    async linksOf(patient: string, connection: Pool | ClientBase = pool): Promise<Link[]> {
      const text = 'select source, number, organization from link where patient = $1 order by source, number';
      const { rows } = await connection.query(text, [patient]);
      return rows;
    },

    /**
     * Makes the link, inside the transaction that writes its Consent; from `now` (ISO 8601) on the facility may add to the
     * record. False when the number is linked to another patient.
     */
    async add(
      client: ClientBase,
      { source, number, organization }: Link,
      patient: string,
      now: string,
    ): Promise<boolean> {
      await lockNumbers(client, [{ source, number }]);
      const { rows } = await client.query(
        `insert into link (source, number, patient, organization, since) values ($1, $2, $3, $4, $5)
on conflict (source, number) do update set organization = excluded.organization where link.patient = excluded.patient
returning patient`,
        [source, number, patient, organization, now],
      );
      if (rows.length === 1) await refreshLinks(client, patient);
      return rows.length === 1;
    },

    /** Ends a link, and what the facility might do by it, inside a transaction. False when there is none any more. */
    async remove(client: ClientBase, { source, number }: PatientNumber, patient: string): Promise<boolean> {
      await lockNumbers(client, [{ source, number }]);
      const text = 'delete from link where source = $1 and number = $2 and patient = $3';
      const { rowCount } = await client.query(text, [source, number, patient]);
      await refreshLinks(client, patient);
      return rowCount === 1;
    },

    /** Runs `work` while nobody else links one of these numbers or decides that it is not linked. */
    async locked<T>(numbers: readonly PatientNumber[], work: (client: ClientBase) => Promise<T>): Promise<T> {
      return inTransaction(pool, async (client) => {
        await lockNumbers(client, numbers);
        return work(client);
      });
    },

    /** Makes a code that works once, until `expires` (ISO 8601). */
    async issueCode({ organization, source, number }: Link, expires: string): Promise<string> {
      const code = newCode();
      const text = 'insert into link_code (hash, organization, source, number, expires) values ($1, $2, $3, $4, $5)';
      await pool.query(text, [hashOfCode(code), organization, source, number, expires]);
      return code;
    },

    /** What an unused, unexpired code stands for. */
    async findCode(code: string): Promise<Link | undefined> {
      const text =
        'select organization, source, number from link_code where hash = $1 and used is null and expires > now()';
      const { rows } = await pool.query(text, [hashOfCode(code)]);
      return rows[0];
    },

    /** Uses the code up, inside the transaction that makes the link. False when somebody else has used it first. */
    async useCode(client: ClientBase, code: string): Promise<boolean> {
      const text = 'update link_code set used = now() where hash = $1 and used is null and expires > now()';
      const { rowCount } = await client.query(text, [hashOfCode(code)]);
      return rowCount === 1;
    },
  };
}

const patientsText = `
select l.patient from unnest($1::text[], $2::text[], $3::text[]) with ordinality as v(source, number, organization, n)
left join lateral (
  select patient from link k where k.source = v.source and k.number = v.number
    and (v.organization is null or k.organization = v.organization)) l on true
order by v.n`;

/** In one order, so that two of them cannot wait for each other. */
async function lockNumbers(client: ClientBase, numbers: readonly PatientNumber[]): Promise<void> {
  const locks = [...new Set(numbers.map(({ source, number }) => mark(`number ${source}|${number}`)))].sort();
  await client.query('select pg_advisory_xact_lock(k) from unnest($1::bigint[]) k', [locks]);
}

/** What the links of a patient (id) come to, made anew. */
async function refreshLinks(client: ClientBase, patient: string): Promise<void> {
  await lockPermissions(client, [patient]);
  const { rows } = await client.query<Link & { since: string }>(
    'select source, number, organization, since::text as since from link where patient = $1',
    [patient],
  );
  const derived = rows.map(({ source, number, organization, since }) => ({
    source: keyOf('link', `${source}|${number}`),
    permission: {
      ...bases.link,
      basis: 'link' as const,
      patient,
      grantee: `Organization/${organization}`,
      starts: instant(since),
      ends: 'infinity',
    },
  }));
  await replacePermissions(client, patient, ['link'], derived);
}
