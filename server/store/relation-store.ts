// What the operations on relations ask and keep besides the relations themselves: how their caller stands, residences, and the
// one-time codes of invitations and claims.

import type { ClientBase, Pool } from 'pg';
import { isIdentityProven } from './identity-proof.ts';
import { hashOfCode, newCode } from './one-time-code.ts';
import { isMunicipality } from './permissions.ts';
import { protectionOf } from './protection.ts';
import { relationsOf, type StoredRelation } from './relations.ts';
import { residencesOf } from './residences.ts';
import { createStandings } from './standing.ts';

/** What a code stands for: an invitation to a relation, or the right to claim a record as one's own. */
export type RelationCode = {
  /** The Patient's id. */
  patient: string;
  /** Who made it, as the audit names them. */
  issuer: string;
  /** ISO 8601. */
  expires: string;
} & (
  | { kind: 'claim' }
  | {
      kind: 'invitation';
      /** The relation it rests on. */
      inviter: string;
      basis: 'guardian' | 'invited';
      /** v3-RoleCode. */
      relationship: string;
      categories?: readonly string[];
      ends: string;
    }
);

export type RelationStore = ReturnType<typeof createRelationStore>;

export function createRelationStore({ pool }: { pool: Pool }) {
  return {
    ...createStandings({ pool }),

    /** Whether the Organization (id) is a municipality. */
    isMunicipality: (organization: string): Promise<boolean> =>
      isMunicipality(pool, { organization: `Organization/${organization}`, purpose: '', nowMs: 0 }),

    /** All relations of a patient (id), those that are over as well. */
    relationsOf: (patient: string): Promise<StoredRelation[]> => relationsOf(pool, patient),

    /** Where the patient (id) lives: the Organization's id; undefined when nowhere that is known. */
    async municipalityOf(patient: string): Promise<string | undefined> {
      return (await residencesOf(pool, patient)).find(({ ends }) => ends === 'infinity')?.organization;
    },

    /** The id of the RelatedPerson with the address of a protected patient (id); undefined when there is none. */
    contactOf: async (patient: string): Promise<string | undefined> => (await protectionOf(pool, patient))?.contact,

    /** Whether the login (`Person/ID`) has shown by their card that it is who its Person says. */
    isProven: (person: string): Promise<boolean> => isIdentityProven(pool, person),

    /** Whether the agreement of this person would be the one that lifts a suspension. */
    wouldLift: (relation: string, person: Agreeing): Promise<boolean> => isEnough(pool, relation, person),

    /** Keeps that a person agrees to lift a suspension; true when two do, one of them the municipality's. In a transaction. */
    async agreeToLift(client: ClientBase, relation: string, person: Agreeing, now: string): Promise<boolean> {
      const enough = await isEnough(client, relation, person);
      if (enough) await client.query('delete from lift where relation = $1', [relation]);
      else
        await client.query(
          'insert into lift (relation, person, is_municipality, at) values ($1, $2, $3, $4) on conflict do nothing',
          [relation, person.reference, person.isMunicipality, now],
        );
      return enough;
    },

    /** The text of a new code, which is not kept. Inside a transaction. */
    async issue(code: RelationCode, client: ClientBase): Promise<string> {
      const text = newCode();
      const { inviter, basis, relationship, categories, ends } =
        code.kind === 'invitation'
          ? code
          : { inviter: null, basis: null, relationship: null, categories: null, ends: null };
      await client.query(
        `insert into relation_code (hash, kind, patient, inviter, basis, relationship, categories, ends, issuer, expires)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [
          hashOfCode(text),
          code.kind,
          code.patient,
          inviter,
          basis,
          relationship,
          categories ?? null,
          ends,
          code.issuer,
          code.expires,
        ],
      );
      return text;
    },

    /** What an unused code that has not expired at `now` (ISO 8601) stands for. */
    async find(code: string, kind: RelationCode['kind'], now: string): Promise<RelationCode | undefined> {
      const { rows } = await pool.query<Row>(
        `select kind, patient, inviter, basis, relationship, categories, ends::text as ends, issuer, expires::text as expires
         from relation_code where hash = $1 and kind = $2 and used is null and expires > $3`,
        [hashOfCode(code), kind, now],
      );
      return rows[0] && codeOf(rows[0]);
    },

    /** Uses a code up, inside the transaction that does what it is for. False when somebody was first. */
    async use(client: ClientBase, code: string, now: string): Promise<boolean> {
      const { rowCount } = await client.query(
        'update relation_code set used = $2 where hash = $1 and used is null and expires > $2',
        [hashOfCode(code), now],
      );
      return rowCount === 1;
    },
  };
}

/** `reference`: of a Person or Practitioner. */
export type Agreeing = { reference: string; isMunicipality: boolean };

/** Two different people, one of them the municipality's. */
async function isEnough(connection: Pool | ClientBase, relation: string, person: Agreeing): Promise<boolean> {
  const { rows } = await connection.query(
    'select from lift where relation = $1 and person <> $2 and (is_municipality or $3::bool) for update',
    [relation, person.reference, person.isMunicipality],
  );
  return rows.length > 0;
}

type Row = {
  kind: RelationCode['kind'];
  patient: string;
  inviter: string | null;
  basis: 'guardian' | 'invited' | null;
  relationship: string | null;
  categories: string[] | null;
  ends: string | null;
  issuer: string;
  expires: string;
};

function codeOf({ kind, patient, issuer, expires, ...row }: Row): RelationCode {
  if (kind === 'claim') return { kind, patient, issuer, expires };
  return {
    ...{ kind, patient, issuer, expires },
    inviter: row.inviter ?? '',
    basis: row.basis ?? 'invited',
    relationship: row.relationship ?? '',
    ...(row.categories && { categories: row.categories }),
    ends: row.ends ?? 'infinity',
  };
}
