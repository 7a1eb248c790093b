// What the FHIR Bundle on a card has to be: for every card, and what a card in a QR code has to keep to besides.
// SMART Health Cards 1.4, "Modeling W3C Verifiable Credentials in FHIR" and "Health Cards are Small".

import { isObject, type JsonObject } from '../fhir/json.ts';
import { type CardFault, fault } from './card-fault.ts';

/** `validate`: what FHIR says against a resource, in sentences. */
export function bundleFaults(bundle: unknown, validate: (resource: JsonObject) => string[] = () => []): CardFault[] {
  if (!isObject(bundle) || bundle.resourceType !== 'Bundle')
    return [fault('bundle', 'it holds no Bundle of FHIR R4 (fhirVersion 4.0.x, fhirBundle)')];
  const faults: CardFault[] = [];
  const entries = Array.isArray(bundle.entry) ? bundle.entry : [];
  if (entries.length === 0) faults.push(fault('bundle', 'its Bundle is empty'));
  const resources = entries.map((one) => (isObject(one) && isObject(one.resource) ? one.resource : undefined));
  if (resources.includes(undefined)) faults.push(fault('bundle', 'an entry of its Bundle holds no resource'));
  const patients = resources.filter((one) => one?.resourceType === 'Patient').length;
  if (entries.length > 0 && patients !== 1)
    faults.push(fault('bundle', `its Bundle is about ${patients} patients instead of one`));
  for (const [n, resource] of resources.entries()) {
    if (resource === undefined) continue;
    faults.push(...validate(resource).map((why) => fault('resource', `entry ${n} of its Bundle: ${why}`)));
  }
  return faults;
}

/** Why a Bundle may not go into a QR code. */
export function qrFaults(bundle: JsonObject): CardFault[] {
  const faults: CardFault[] = [];
  if (bundle.type !== 'collection') faults.push(fault('qr-content', 'Bundle is no collection'));
  if ('id' in bundle || 'meta' in bundle) faults.push(fault('qr-content', 'Bundle has an id or meta'));
  const entries = Array.isArray(bundle.entry) ? bundle.entry.filter(isObject) : [];
  for (const [n, { fullUrl, resource }] of entries.entries()) {
    if (fullUrl !== `resource:${n}`) faults.push(fault('qr-content', `entry ${n}: fullUrl is not resource:${n}`));
    if (!isObject(resource)) continue;
    const place = `entry ${n}, ${/^[A-Za-z]{1,64}$/.exec(String(resource.resourceType))?.[0] ?? 'resource'}`;
    if ('id' in resource) faults.push(fault('qr-content', `${place}: it has an id`));
    if ('text' in resource) faults.push(fault('qr-content', `${place}: it has a narrative (text)`));
    const { meta = {} } = resource;
    const isSecurity = isObject(meta) && Object.keys(meta).every((name) => name === 'security');
    if (!isSecurity) faults.push(fault('qr-content', `${place}: meta holds more than security`));
    const { meta: _, ...rest } = resource;
    faults.push(...new Set(contentFaults(rest)).values().map((why) => fault('qr-content', `${place}: ${why}`)));
  }
  return faults;
}

function contentFaults(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(contentFaults);
  if (!isObject(node)) return [];
  const faults = Object.values(node).flatMap(contentFaults);
  if ('display' in node && ('code' in node || 'system' in node)) faults.push('a Coding has a display');
  if ('coding' in node && 'text' in node) faults.push('a CodeableConcept has a text');
  if (typeof node.reference === 'string' && !/^resource:\d+$/.test(node.reference))
    faults.push('a reference is not resource:n');
  return faults;
}
