// What an organization asks of everything that its clients and staff write: profiles named by an extension of the Organization,
// which only the deployment writes (server/decisions/0011-who-may-see-what.md, "Writing").

import { CANONICAL } from '../fhir/canonical.ts';
import { isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import { keyOf, typeNumber } from '../search/keys.ts';
import type { Pool } from './pool.ts';

/** The extension; its value is the canonical of a profile. */
export const requiredProfile = `${CANONICAL}/StructureDefinition/required-profile`;

/** The canonicals that an Organization (id) names; none where there is no such Organization. */
export async function requiredProfiles(pool: Pool, organization: string): Promise<string[]> {
  const { rows } = await pool.query<{ content: string }>({
    name: 'required-profiles',
    text: 'select content from resource where key = $1 and type = $2',
    values: [keyOf('Organization', organization), typeNumber('Organization')],
  });
  return rows.flatMap(({ content }) => namedBy(parseJson(content) as JsonObject));
}

function namedBy({ extension }: JsonObject): string[] {
  const all = Array.isArray(extension) ? extension : [];
  return all.flatMap((one) =>
    isObject(one) && one.url === requiredProfile && typeof one.valueCanonical === 'string' ? [one.valueCanonical] : [],
  );
}
