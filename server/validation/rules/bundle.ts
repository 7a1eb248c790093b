// Bundle: the fullUrl of its entries, and where the references inside it lead. Its invariants (bdl-…) are checked with those of
// all types. FHIR R4, https://hl7.org/fhir/R4/bundle.html#bundle-unique and bundle.html#references

import type { JsonObject } from '../../fhir/json.ts';
import type { Place } from '../finding.ts';
import { type Entries, type Entry, entriesOf, linksOf, restfulParts, targetsOf } from './bundle-entries.ts';
import { checkDocument, checkMessage } from './document.ts';

export function bundle(resource: JsonObject, place: Place): void {
  const entries = entriesOf(resource);
  const methods = methodsOf(resource);
  for (const entry of entries.all) {
    checkFullUrl(entry, resource.type, methods[entry.index], place);
    checkLinks(entry, entries, resource.type, place);
  }
  if (resource.type === 'document') checkDocument(entries, place);
  if (resource.type === 'message') checkMessage(entries, place);
}

const methodsOf = ({ entry }: JsonObject): unknown[] =>
  Array.isArray(entry) ? entry.map((one) => one?.request?.method) : [];

const REQUESTS = new Set<unknown>(['transaction', 'batch', 'transaction-response', 'batch-response']);

/** "The fullUrl SHALL NOT disagree with the id in the resource"; of what is to be created the id means nothing yet. */
function checkFullUrl({ index, fullUrl, resource }: Entry, type: unknown, method: unknown, place: Place): void {
  const path = `${place.path}.entry[${index}]`;
  const fault = (text: string) => place.report('error', 'invalid', path, text);
  if (fullUrl === undefined) {
    if (!REQUESTS.has(type) && resource.resourceType !== 'OperationOutcome')
      place.report('error', 'required', path, 'The entry needs a fullUrl: the identity of its resource');
    return;
  }
  if (!/^[a-z][a-z0-9+.-]*:/i.test(fullUrl))
    fault('The fullUrl must be absolute: http(s)://…, urn:uuid:… or urn:oid:…');
  const parts = restfulParts(fullUrl);
  if (parts === undefined || method === 'POST') return;
  if (parts.version !== undefined) fault('The fullUrl must not name a version');
  if (resource.id === undefined && !REQUESTS.has(type))
    fault(`The fullUrl is that of a ${parts.type} on a FHIR server, but the resource has no id`);
  else if (parts.type !== resource.resourceType || (resource.id !== undefined && parts.id !== resource.id))
    fault(`The fullUrl must end with the type and id of the resource: /${resource.resourceType}/${resource.id}`);
}

/** A relative reference needs a fullUrl that it is relative to; a urn has no meaning but in its Bundle. */
function checkLinks(entry: Entry, entries: Entries, type: unknown, place: Place): void {
  for (const { reference, path } of linksOf(entry.resource)) {
    const at = `${place.path}.entry[${entry.index}].resource.${path}`;
    const isRelative = restfulParts(reference)?.base === '';
    const count = targetsOf(reference, entry, entries).length;
    if (isRelative && entry.fullUrl === undefined && !REQUESTS.has(type))
      place.report(
        'error',
        'required',
        at,
        'The reference is relative, but its entry has no fullUrl for it to be relative to',
      );
    else if (count > 1 && type !== 'history')
      place.report(
        'error',
        'invalid',
        at,
        `The reference leads to ${count} entries of the Bundle: their fullUrl is the same`,
      );
    else if (count === 0 && /^urn:(?:uuid|oid):/.test(reference))
      place.report('warning', 'not-found', at, 'The reference is a urn that is the fullUrl of no entry of the Bundle');
  }
}
