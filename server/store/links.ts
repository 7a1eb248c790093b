// Which patient number at a facility belongs to which Patient here, and the one-time codes with which a facility lets a
// family say so. Only the hash of a code is kept.

import { createHash, randomInt } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import { mark } from '../search/hash.ts';

/** A patient's number at a facility: identifier system and value. */
export type PatientNumber = { source: string; number: string };
/** `organization` is the id of the Organization that gave the number. */
export type Link = PatientNumber & { organization: string };
export type Links = ReturnType<typeof createLinks>;

// Without letters that are read as digits or as each other, so that a code survives a telephone call.
const alphabet = '23456789ABCDEFGHJKMNPQRSTVWXYZ';
const codeLength = 10;

export function createLinks({ pool }: { pool: Pool }) {
  return {
    /** The id of the Patient to whom a number is linked; undefined when nobody's. */
    async patientOf(
      { source, number }: PatientNumber,
      connection: Pool | ClientBase = pool,
    ): Promise<string | undefined> {
      const text = 'select patient from link where source = $1 and number = $2';
      const { rows } = await connection.query({ name: 'link', text, values: [source, number] });
      return rows[0]?.patient;
    },

    /** The numbers that a Patient has linked. */
    async numbersOf(patient: string): Promise<PatientNumber[]> {
      const { rows } = await pool.query('select source, number from link where patient = $1', [patient]);
      return rows;
    },

    /** Makes the link, inside the transaction that writes its Consent. False when the number is linked to another patient. */
    async add(client: ClientBase, { source, number, organization }: Link, patient: string): Promise<boolean> {
      await lockNumber(client, { source, number });
      const { rows } = await client.query(
        `insert into link (source, number, patient, organization) values ($1, $2, $3, $4)
on conflict (source, number) do update set organization = excluded.organization where link.patient = excluded.patient
returning patient`,
        [source, number, patient, organization],
      );
      return rows.length === 1;
    },

    /** Runs `work` while nobody else links this number or decides that it is not linked. */
    async locked<T>(number: PatientNumber, work: (client: ClientBase) => Promise<T>): Promise<T> {
      const client = await pool.connect();
      try {
        await client.query('begin');
        await lockNumber(client, number);
        const answer = await work(client);
        await client.query('commit');
        return answer;
      } catch (error) {
        await client.query('rollback').catch(() => undefined);
        throw error;
      } finally {
        client.release();
      }
    },

    /** Makes a code that works once, until `expires` (ISO 8601). 49 bits: too many to try. */
    async issueCode({ organization, source, number }: Link, expires: string): Promise<string> {
      const code = Array.from({ length: codeLength }, () => alphabet[randomInt(alphabet.length)]).join('');
      const text = 'insert into link_code (hash, organization, source, number, expires) values ($1, $2, $3, $4, $5)';
      await pool.query(text, [hashOf(code), organization, source, number, expires]);
      return code;
    },

    /** What an unused, unexpired code stands for. */
    async findCode(code: string): Promise<Link | undefined> {
      const text =
        'select organization, source, number from link_code where hash = $1 and used is null and expires > now()';
      const { rows } = await pool.query(text, [hashOf(code)]);
      return rows[0];
    },

    /** Uses the code up, inside the transaction that makes the link. False when somebody else has used it first. */
    async useCode(client: ClientBase, code: string): Promise<boolean> {
      const text = 'update link_code set used = now() where hash = $1 and used is null and expires > now()';
      const { rowCount } = await client.query(text, [hashOf(code)]);
      return rowCount === 1;
    },
  };
}

async function lockNumber(client: ClientBase, { source, number }: PatientNumber): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1::bigint)', [mark(`number ${source}|${number}`)]);
}

const hashOf = (code: string): Buffer =>
  createHash('sha256')
    .update(code.toUpperCase().replace(/[^0-9A-Z]/g, ''))
    .digest();
