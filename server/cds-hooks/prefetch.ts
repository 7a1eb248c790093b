// Patient and doses of a hook: from what the client sent along, else from the record here.

import { isObject, type JsonObject } from '../fhir/json.ts';
import { badRequest } from '../fhir/outcome.ts';
import type { HookRequest } from './types.ts';

export const PREFETCH = {
  patient: 'Patient/{{context.patientId}}',
  immunizations: 'Immunization?patient={{context.patientId}}',
};

/** Sent along: the patient and the doses. Else undefined, and the record of `patientId` here is the one to read. */
export function sentRecord({
  prefetch,
}: HookRequest): { patient: JsonObject; immunizations: JsonObject[] } | undefined {
  const { patient, immunizations } = prefetch;
  if (!isObject(patient) || patient.resourceType !== 'Patient') return undefined;
  // A patient without a list of doses is no record: an empty searchset says that there are none.
  if (!isObject(immunizations) || immunizations.resourceType !== 'Bundle') return undefined;
  const entries = Array.isArray(immunizations.entry) ? immunizations.entry : [];
  const resources = entries.flatMap((entry) => (isObject(entry) && isObject(entry.resource) ? [entry.resource] : []));
  return { patient, immunizations: resources.filter(({ resourceType }) => resourceType === 'Immunization') };
}

/** The id in the context. Throws 400 when there is none that can be an id. */
export function patientIdOf({ context }: HookRequest): string {
  const id = typeof context.patientId === 'string' ? context.patientId.replace(/^Patient\//, '') : '';
  if (!/^[A-Za-z0-9\-.]{1,64}$/.test(id)) throw badRequest('context.patientId must be the id of a patient', 'required');
  return id;
}
