// The second half of the rights check for a patient's app: on the stored text of what it changes, which the transaction
// has locked. Clients with system/ scopes do not come here.

import { type Access, reachOf } from '../access/access.ts';
import { addedIdentifier, isOnlyOf } from '../access/own-record.ts';
import { inEntry } from '../fhir/bundle-entry.ts';
import { type JsonObject, parseJson } from '../fhir/json.ts';
import { businessRule, forbidden } from '../fhir/outcome.ts';
import { keyOf } from '../search/keys.ts';
import { type Change, rightOf } from './change.ts';
import type { Stored } from './locked.ts';

type Keyed = Change & { key: string };

/** Throws 403 for what is also another patient's, 422 for an identifier that a family adds to its Patient. */
export function refuseBeyondOwn(access: Access, drafts: readonly Keyed[], stored: ReadonlyMap<string, Stored>): void {
  const { patient } = access;
  if (patient === undefined) return;
  for (const one of drafts) {
    const before = one.method === 'create' ? undefined : stored.get(one.key);
    if (!before || before.isGone || before.owner !== keyOf('Patient', patient)) continue;
    if (reachOf(access, rightOf(one.method), one.type).kind === 'patient')
      inEntry(one.entry, () => refuseOne(patient, one, before.content));
  }
}

function refuseOne(patient: string, { method, type, resource }: Keyed, content: string): void {
  const stored = parseJson(content) as JsonObject;
  if (stored.resourceType !== type) return;
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
