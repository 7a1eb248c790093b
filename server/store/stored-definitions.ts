// Definitions that are stored as resources of the record: what a profile, value set, code system or questionnaire says that a client
// has put here over FHIR. They lie under what is in force, so that none of them takes the place of what is shipped or loaded.

import type { Pool } from 'pg';
import { type Definitions, definitionsOf, layered } from '../definitions/definitions.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { typeNumber } from '../search/keys.ts';
import { createTerminology } from '../terminology/create-terminology.ts';
import { terminologyInForce } from '../terminology/in-force.ts';
import { validateInForce } from '../validation/in-force.ts';
import { createValidator, type Validator } from '../validation/validator.ts';
import type { Change } from './change.ts';

const names = ['StructureDefinition', 'ValueSet', 'CodeSystem', 'Questionnaire'];
const types = names.map(typeNumber);
/** The newest of each type; who has more loads them as a package. */
const mostOfType = 2_000;
/** What another server has stored is known to this one's writes so much later. */
const rereadMs = 1_000;

type Known = ReadonlyMap<string, { version: number; definition: JsonObject }>;
export type StoredValidation = ReturnType<typeof createStoredValidation>;

/** One for a server: what it has read and compiled is kept as long as nothing that is in force or stored is another. */
export function createStoredValidation({ pool }: { pool: Pool }) {
  let known: Known = new Map();
  let kept: { base: Definitions; known: Known; validate: Validator } | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let wroteAt = Number.NEGATIVE_INFINITY;
  return {
    /** The validator of what is in force and stored at this moment. */
    async validatorNow(): Promise<Validator> {
      return validatorOf(await reread());
    },

    /**
     * The same for writes, of which most need nothing that is stored. Who declares a profile that is not in force may mean one that
     * is; a patch says only later what it declares.
     */
    async validatorFor(changes: readonly Pick<Change, 'method' | 'resource'>[]): Promise<Validator> {
      if (!changes.some(mayNeedStored)) return validateInForce;
      const isFresh = readAt > wroteAt && performance.now() - readAt < rereadMs;
      return validatorOf(isFresh ? known : await reread());
    },

    /** Tells what this server has stored; the next write reads anew what definitions there are. */
    wrote(changes: readonly Pick<Change, 'type'>[]): void {
      if (changes.some(({ type }) => names.includes(type))) wroteAt = performance.now();
    },
  };

  function validatorOf(stored: Known): Validator {
    if (stored.size === 0) return validateInForce;
    const { definitions: base } = terminologyInForce();
    if (kept?.base !== base || kept.known !== stored) {
      const definitions = layered(base, definitionsOf([...stored.values()].map(({ definition }) => definition)));
      const validate = createValidator({ definitions, terminology: createTerminology(definitions) });
      kept = { base, known: stored, validate };
    }
    return kept.validate;
  }

  async function reread(): Promise<Known> {
    const before = known;
    const startedAt = performance.now();
    const { rows } = await pool.query<{ key: string; version: number }>({
      name: 'stored-definitions',
      text: namesText,
      values: [types],
    });
    const changed = rows.filter(({ key, version }) => before.get(key)?.version !== version).map(({ key }) => key);
    const isSame = changed.length === 0 && rows.length === before.size;
    const read = isSame ? before : merged(rows, before, await textsOf(changed));
    // Of two that read at once the later one has it right.
    if (startedAt > readAt) [known, readAt] = [read, startedAt];
    return read;
  }

  async function textsOf(keys: readonly string[]): Promise<Known> {
    const { rows } = await pool.query<{ key: string; version: number; content: string }>({
      name: 'stored-definition-texts',
      text: textsText,
      values: [keys],
    });
    return new Map(rows.map(({ key, version, content }) => [key, { version, definition: JSON.parse(content) }]));
  }
}

function merged(rows: readonly { key: string }[], before: Known, read: Known): Known {
  return new Map(
    rows.flatMap(({ key }) => {
      const one = read.get(key) ?? before.get(key);
      return one === undefined ? [] : [[key, one] as const];
    }),
  );
}

function mayNeedStored({ method, resource }: Pick<Change, 'method' | 'resource'>): boolean {
  if (method === 'patch') return true;
  const profile = isObject(resource?.meta) ? resource.meta.profile : undefined;
  const { definitions } = terminologyInForce();
  return (
    Array.isArray(profile) &&
    profile.some((one) => typeof one === 'string' && !definitions.find('StructureDefinition', one))
  );
}

const namesText = `
select r.key, r.version from unnest($1::int2[]) t(type)
cross join lateral (
  select key, version from resource where type = t.type order by updated desc, key desc limit ${mostOfType}
) r`;

const textsText = `
select r.key, r.version, r.content from unnest($1::uuid[]) k(key) join resource r on r.key = k.key`;
