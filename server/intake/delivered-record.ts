// A delivery's mapped Bundle -> the changes to store for one Patient, and the Provenance that says where they came from.

import { CANONICAL } from '../fhir/canonical.ts';
import { isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import { badRequest } from '../fhir/outcome.ts';
import { isConditional, referencesOf } from '../fhir/references.ts';
import { callOf, changeOf } from '../interaction/bundle-calls.ts';
import type { Change } from '../store/change.ts';
import { type Kept, receivedAt } from '../store/deliveries.ts';

/** The identifier system of deliveries, as Provenance names them. */
const deliverySystem = `${CANONICAL}/sid/delivery`;

/** A change of a delivery always has a name, so that its Provenance can refer to it. */
export type DeliveredChange = Change & { fullUrl: string };

/**
 * Throws 400 when the record is not a Bundle of creations and updates. A message with nothing to take over leaves only its
 * Provenance.
 */
export function recordChanges(
  delivery: Kept,
  patient: string,
): { changes: DeliveredChange[]; provenance: DeliveredChange } {
  const bundle = parseJson(delivery.record ?? '{}');
  const entries = isObject(bundle) && Array.isArray(bundle.entry) ? bundle.entry.filter(isObject) : [];
  const nameOf = (n: number) => `urn:uuid:${delivery.id.slice(0, -6)}${n.toString(16).padStart(6, '0')}`;
  const changes = entries.map((entry, n): DeliveredChange => {
    const change = changeOf(callOf(entry, n), entry, n);
    if (change.method === 'patch' || change.method === 'delete')
      throw badRequest(`A delivery creates and updates; entry ${n} is a ${change.method}`, 'not-supported');
    if (change.resource) nameThePatient(change.resource, delivery, patient);
    return { ...change, fullUrl: change.fullUrl ?? nameOf(n) };
  });
  const resource = provenanceOf(
    delivery,
    changes.map(({ fullUrl }) => fullUrl),
    patient,
  );
  const fullUrl = nameOf(entries.length);
  return { changes, provenance: { method: 'create', type: 'Provenance', resource, fullUrl, isByServer: true } };
}

/** `Patient?identifier=…` in a delivery means the patient it is about, and nobody else. */
function nameThePatient(resource: JsonObject, { source, number }: Kept, patient: string): void {
  for (const node of referencesOf(resource)) {
    if (!isConditional(node.reference) || !node.reference.startsWith('Patient?')) continue;
    const asked = new URLSearchParams(node.reference.slice('Patient?'.length)).get('identifier');
    if (asked === `${source}|${number}`) node.reference = `Patient/${patient}`;
  }
}

/** The delivery is named by its id, and its original by its digest (RFC 6920). */
function provenanceOf(delivery: Kept, targets: readonly string[], patient: string): JsonObject {
  const { id, client, organization, digest, sent } = delivery;
  const named = (system: string, value: string) => ({ role: 'source', what: { identifier: { system, value } } });
  return {
    resourceType: 'Provenance',
    // The patient among the targets puts the Provenance into the patient's compartment.
    target: [...targets, `Patient/${patient}`].map((reference) => ({ reference })),
    ...(sent === undefined ? {} : { occurredDateTime: sent }),
    recorded: receivedAt(delivery),
    agent: [{ who: organization === undefined ? { display: client } : { reference: `Organization/${organization}` } }],
    entity: [named(deliverySystem, id), named('urn:ietf:rfc:3986', `ni:///sha-256;${digest.toString('base64url')}`)],
  };
}
