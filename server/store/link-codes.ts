// One-time codes with which a facility lets a family link a patient number. Only their hash is kept.

import { createHash, randomInt } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import type { PatientNumber } from './deliveries.ts';

export type LinkCode = PatientNumber & { organization: string };
export type LinkCodes = ReturnType<typeof createLinkCodes>;

// Without letters that are read as digits or as each other, so that a code survives a telephone call.
const alphabet = '23456789ABCDEFGHJKMNPQRSTVWXYZ';
const codeLength = 10;

export function createLinkCodes({ pool }: { pool: Pool }) {
  return {
    /** Makes a code that works once, until `expires` (ISO 8601). 49 bits: too many to try. */
    async issue({ organization, source, number }: LinkCode, expires: string): Promise<string> {
      const code = Array.from({ length: codeLength }, () => alphabet[randomInt(alphabet.length)]).join('');
      const text = 'insert into link_code (hash, organization, source, number, expires) values ($1, $2, $3, $4, $5)';
      await pool.query(text, [hashOf(code), organization, source, number, expires]);
      return code;
    },

    /** What an unused, unexpired code stands for. */
    async find(code: string): Promise<LinkCode | undefined> {
      const text =
        'select organization, source, number from link_code where hash = $1 and used is null and expires > now()';
      const { rows } = await pool.query(text, [hashOf(code)]);
      return rows[0];
    },

    /** Uses the code up, inside the transaction that makes the link. False when somebody else has used it first. */
    async use(client: ClientBase, code: string): Promise<boolean> {
      const text = 'update link_code set used = now() where hash = $1 and used is null and expires > now()';
      const { rowCount } = await client.query(text, [hashOf(code)]);
      return rowCount === 1;
    },
  };
}

const hashOf = (code: string): Buffer =>
  createHash('sha256')
    .update(code.toUpperCase().replace(/[^0-9A-Z]/g, ''))
    .digest();
