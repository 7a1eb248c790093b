// What is found in a resource that a caller writes, by what is asked of that caller: as strictly as their client is judged, and
// held to the profiles that their organization requires (server/decisions/0021-how-strict-a-write-is.md).

import type { Access, RequiredProfile } from '../access/access.ts';
import type { JsonObject } from '../fhir/json.ts';
import type { Finding } from '../validation/finding.ts';
import { judged } from '../validation/strictness.ts';
import type { Validator } from '../validation/validator.ts';

/** Errors refuse the write, warnings are kept with what is stored. Expressions begin with the resource's type. */
export function judgedFor({ demands }: Access, resource: JsonObject, validate: Validator): Finding[] {
  const profiles = profilesFor(resource, demands?.profiles ?? []);
  return judged(validate(resource, { profiles }), demands?.strictness);
}

function profilesFor({ resourceType }: JsonObject, required: readonly RequiredProfile[]): string[] {
  return required.flatMap(({ type, profile }) => (type === resourceType || type === '*' ? [profile] : []));
}
