// The second half of the rights check for a patient's app: on the stored text of what it changes, which the transaction
// has locked. Clients with system/ scopes do not come here.

import type { ClientBase } from 'pg';
import { type Access, reachOf } from '../access/access.ts';
import { addedIdentifier, isOnlyOf } from '../access/own-record.ts';
import { type JsonObject, parseJson } from '../fhir/json.ts';
import { businessRule, forbidden } from '../fhir/outcome.ts';
import { keyOf } from '../search/keys.ts';
import type { Change } from './change.ts';

type Keyed = Change & { key: string };

const storedText = 'select key, content from resource where key = any($1::uuid[]) and owner = $2';

/** Throws 403 for what is also another patient's, 422 for an identifier that a family adds to its Patient. */
export async function refuseBeyondOwn(client: ClientBase, access: Access, drafts: readonly Keyed[]): Promise<void> {
  const { patient } = access;
  if (patient === undefined) return;
  const limited = drafts.filter(
    ({ method, type }) => method !== 'create' && reachOf(access, method, type).kind === 'patient',
  );
  if (limited.length === 0) return;
  const values = [limited.map(({ key }) => key), keyOf('Patient', patient)];
  const { rows } = await client.query<{ key: string; content: string }>(storedText, values);
  const contents = new Map(rows.map(({ key, content }) => [key, content]));
  for (const { key, method, type, resource } of limited) {
    const content = contents.get(key);
    if (content === undefined) continue;
    const stored = parseJson(content) as JsonObject;
    if (stored.resourceType !== type) continue;
    if (!isOnlyOf(patient, stored)) {
      throw forbidden(`${method} of ${type}: the resource is also in the compartment of another patient`);
    }
    const added = type === 'Patient' && resource ? addedIdentifier(stored, resource) : undefined;
    if (added !== undefined) {
      throw businessRule('An app of the family adds identifiers by $link-facility, with the code of the facility', [
        added,
      ]);
    }
  }
}
