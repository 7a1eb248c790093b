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

const types = ['StructureDefinition', 'ValueSet', 'CodeSystem', 'Questionnaire'].map(typeNumber);
/** The newest of each type; who has more loads them as a package. */
const mostOfType = 2_000;

export function createStoredValidation({ pool }: { pool: Pool }) {
  let known = new Map<string, { version: number; definition: JsonObject }>();
  let kept: { base: Definitions; validate: Validator } | undefined;
  return {
    validatorNow,
    /** What is in force is enough for most; who declares a profile that is not there may mean one that is stored. */
    async validatorFor(resources: readonly (JsonObject | undefined)[]): Promise<Validator> {
      const { definitions } = terminologyInForce();
      const isKnown = (profile: unknown) =>
        typeof profile !== 'string' || definitions.find('StructureDefinition', profile) !== undefined;
      return resources.every((one) => declared(one).every(isKnown)) ? validateInForce : await validatorNow();
    },
  };

  /** The validator of what is in force and stored at this moment; as long as nothing of either changes, the same. */
  async function validatorNow(): Promise<Validator> {
    const { definitions: base } = terminologyInForce();
    const hasChanged = await reread();
    if (known.size === 0) return validateInForce;
    if (hasChanged || kept?.base !== base) {
      const stored = definitionsOf([...known.values()].map(({ definition }) => definition));
      const definitions = layered(base, stored);
      kept = { base, validate: createValidator({ definitions, terminology: createTerminology(definitions) }) };
    }
    return kept.validate;
  }

  async function reread(): Promise<boolean> {
    const { rows } = await pool.query<{ key: string; version: number }>({
      name: 'stored-definitions',
      text: namesText,
      values: [types],
    });
    const isSame = rows.length === known.size && rows.every(({ key, version }) => known.get(key)?.version === version);
    if (isSame) return false;
    const changed = rows.filter(({ key, version }) => known.get(key)?.version !== version).map(({ key }) => key);
    const found = await pool.query<{ key: string; version: number; content: string }>({
      name: 'stored-definition-texts',
      text: textsText,
      values: [changed],
    });
    const read = new Map(
      found.rows.map(({ key, version, content }) => [key, { version, definition: JSON.parse(content) }]),
    );
    known = new Map(
      rows.flatMap(({ key }) => {
        const one = read.get(key) ?? known.get(key);
        return one === undefined ? [] : [[key, one] as const];
      }),
    );
    return true;
  }
}

function declared(resource: JsonObject | undefined): readonly unknown[] {
  const profile = isObject(resource?.meta) ? resource.meta.profile : undefined;
  return Array.isArray(profile) ? profile : [];
}

const namesText = `
select r.key, r.version from unnest($1::int2[]) t(type)
cross join lateral (
  select key, version from resource where type = t.type order by updated desc, key desc limit ${mostOfType}
) r`;

const textsText = `
select r.key, r.version, r.content from unnest($1::uuid[]) k(key) join resource r on r.key = k.key`;
