// A delivery's mapped Bundle -> the changes to store for one Patient, with the Provenance that says where they came from.

import { CANONICAL } from '../fhir/canonical.ts';
import { isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import { badRequest } from '../fhir/outcome.ts';
import { isConditional, referencesOf } from '../fhir/references.ts';
import { callOf, changeOf } from '../interaction/bundle-calls.ts';
import type { Change } from '../store/change.ts';
import type { Delivery } from '../store/deliveries.ts';

/** The identifier system of deliveries, as Provenance names them. */
export const deliverySystem = `${CANONICAL}/sid/delivery`;

/**
 * Throws 400 when the record is not a Bundle of creations and updates. A message with nothing to take over leaves only its
 * Provenance.
 */
export function recordChanges(
  delivery: Pick<Delivery, 'id' | 'client' | 'organization' | 'record' | 'source' | 'number'>,
  patient: string,
): Change[] {
  const bundle = parseJson(delivery.record ?? '{}');
  const entries = isObject(bundle) && Array.isArray(bundle.entry) ? bundle.entry.filter(isObject) : [];
  const changes = entries.map((entry, n): Change => {
    const change = changeOf(callOf(entry, n), entry, n);
    if (change.method === 'patch' || change.method === 'delete')
      throw badRequest(`A delivery creates and updates; entry ${n} is a ${change.method}`, 'not-supported');
    if (change.resource) nameThePatient(change.resource, delivery, patient);
    return { fullUrl: `urn:uuid:${delivery.id.slice(0, -6)}${n.toString(16).padStart(6, '0')}`, ...change };
  });
  return [...changes, { method: 'create', type: 'Provenance', resource: provenance(delivery, changes, patient) }];
}

/** `Patient?identifier=…` in a delivery means the patient it is about, and nobody else. */
function nameThePatient(
  resource: JsonObject,
  { source, number }: Pick<Delivery, 'source' | 'number'>,
  patient: string,
): void {
  for (const node of referencesOf(resource)) {
    if (!isConditional(node.reference) || !node.reference.startsWith('Patient?')) continue;
    const asked = new URLSearchParams(node.reference.slice('Patient?'.length)).get('identifier');
    if (asked === `${source}|${number}`) node.reference = `Patient/${patient}`;
  }
}

function provenance(
  { id, client, organization }: Pick<Delivery, 'id' | 'client' | 'organization'>,
  changes: readonly Change[],
  patient: string,
): JsonObject {
  return {
    resourceType: 'Provenance',
    // The patient among the targets puts the Provenance into the patient's compartment.
    target: [...changes.map(({ fullUrl }) => ({ reference: fullUrl })), { reference: `Patient/${patient}` }],
    recorded: new Date(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toISOString(),
    agent: [{ who: organization === undefined ? { display: client } : { reference: `Organization/${organization}` } }],
    entity: [{ role: 'source', what: { identifier: { system: deliverySystem, value: id } } }],
  };
}
