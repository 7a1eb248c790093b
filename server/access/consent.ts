// Consents -> permissions (decision 11, "Consents"). FHIR R4 Consent in the shapes of IHE PCF. Pure.

import type { JsonObject } from '../fhir/json.ts';
import type { Permission } from './permission.ts';

/** A stored Consent; `updated` is ISO 8601. */
export type StoredConsent = { resource: JsonObject; updated: string };

/** What the Consents of one patient permit and deny together, each with the id of the Consent that says it. */
export function permissionsOfConsents(
  _consents: readonly StoredConsent[],
): { consent: string; permission: Permission }[] {
  return [];
}
