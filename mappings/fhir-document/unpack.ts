// One resource of a document -> the same as a resource of the family's record: it refers to their Patient, to the others that were
// unpacked, and holds what is nobody's record (practitioners, organizations, medications) inside itself.
// FHIR R4 references and contained resources, https://hl7.org/fhir/R4/references.html#contained

import { isObject, type JsonObject } from '../../server/fhir/json.ts';
import { UnreadableInput } from '../record.ts';
import { containedOf, type Item, type SentBundle } from './bundle.ts';
import { isPatient } from './record-types.ts';

export type Unpacking = {
  sent: SentBundle;
  /** `Patient/…`, or the condition by which the server finds it. */
  patient: string;
  /** The fullUrl in the delivery of each resource that is unpacked. */
  urls: ReadonlyMap<Item, string>;
  /** Gathers what is taken into other resources or read with them. */
  met: Set<Item>;
  /** Of the whole Bundle. */
  takenIn: { count: number };
};

/** What the resources of one Bundle may take in together; each copy of an organization counts. */
const MAX_TAKEN_IN = 100_000;

/**
 * The resource without what its sender's server had assigned. A reference that leads out of the document is kept as an
 * identifier, for here the same words would name something else. Throws UnreadableInput where it is about another Patient.
 */
export function unpack(item: Item, unpacking: Unpacking): JsonObject {
  const { contained, ...own } = item.resource;
  // The names of what is inside stand; what is taken in gets others.
  const taken = new Set(containedOf(item.resource).map(({ id }) => id));
  const place: Place = { ...unpacking, item, kept: [], names: new Map(), taken };
  const resource = withReferences(own, place, item) as JsonObject;
  const inside = containedOf({ contained }).map((one) => withoutServerMeta(withReferences(one, place, item)));
  const all = [...inside, ...place.kept];
  return withoutServerMeta({ ...withoutId(resource), ...(all.length > 0 && { contained: all }) });
}

type Place = Unpacking & {
  item: Item;
  /** Taken in from the document, in the order they were met. */
  kept: JsonObject[];
  /** What was taken in, with its id inside. */
  names: Map<Item, string>;
  /** Names that are in use already. */
  taken: ReadonlySet<unknown>;
};

/** The value with every reference in it as it must be said in the record. `from` is the item that the value is of. */
function withReferences(value: unknown, place: Place, from: Item): unknown {
  if (Array.isArray(value)) return value.map((child) => withReferences(child, place, from));
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([name, child]) => [name, withReferences(child, place, from)]);
  const node: JsonObject = Object.fromEntries(members);
  if (typeof value.reference === 'string') return withReference(node, value.reference, place, from);
  if (isPatientIdentifier(value) && !isOurPatient(value, place))
    throw new UnreadableInput(`${from.type} refers to another patient than the one of the document.`);
  if (isPatientIdentifier(value)) return { reference: place.patient };
  return inlined(node, place, from);
}

function withReference(node: JsonObject, reference: string, place: Place, from: Item): JsonObject {
  if (reference.startsWith('#')) return from === place.item ? node : unresolved(node, reference);
  const target = place.sent.resolve(reference, from);
  if (target?.type === 'Patient') return { reference: place.patient };
  if (target === undefined) {
    if (isPatient(reference, node)) return patientOutside(reference, place, from);
    return unresolved(node, reference);
  }
  const url = place.urls.get(target);
  if (url !== undefined) return { ...node, reference: url };
  const name = place.names.get(target) ?? takeIn(target, place);
  return { ...node, reference: `#${name}` };
}

function takeIn(target: Item, place: Place): string {
  let n = place.names.size;
  while (place.taken.has(nameOf(target, n))) n += 1;
  const name = nameOf(target, n);
  place.names.set(target, name);
  place.met.add(target);
  place.takenIn.count += 1;
  if (place.takenIn.count > MAX_TAKEN_IN)
    throw new UnreadableInput(`The resources of the Bundle refer to each other more than ${MAX_TAKEN_IN} times.`);
  // "Contained resources SHALL NOT contain additional contained resources".
  const { contained, text, ...own } = target.resource;
  const at = place.kept.length;
  place.kept.push({});
  const resource = withReferences(own, place, target) as JsonObject;
  place.kept[at] = { ...withoutServerMeta(withoutId(resource)), id: name };
  return name;
}

const nameOf = ({ type }: Item, n: number): string => `${type.toLowerCase()}-${n}`;

// Without a Patient in the Bundle all that it says of one must be the same, and the caller has said who that is.
function patientOutside(reference: string, { sent, patient }: Place, from: Item): JsonObject {
  const only = sent.patient === undefined ? outsidePatient(sent) : undefined;
  if (only !== undefined && only === reference) return { reference: patient };
  throw new UnreadableInput(`${from.type} refers to another patient than the one of the document.`);
}

const outsidePatients = new WeakMap<SentBundle, { reference: string | undefined }>();

/** The one Patient that the Bundle refers to without holding it; undefined when there are several. */
function outsidePatient(sent: SentBundle): string | undefined {
  const known = outsidePatients.get(sent);
  if (known) return known.reference;
  const found = new Set<string>();
  const look = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(look);
    else if (isObject(value)) {
      if (typeof value.reference === 'string' && isPatient(value.reference, value)) found.add(value.reference);
      Object.values(value).forEach(look);
    }
  };
  look(sent.bundle);
  const [reference, ...more] = found;
  const one = { reference: more.length === 0 ? reference : undefined };
  outsidePatients.set(sent, one);
  return one.reference;
}

const isPatientIdentifier = ({ type, identifier }: JsonObject): boolean => type === 'Patient' && isObject(identifier);

function isOurPatient({ identifier }: JsonObject, { sent }: Place): boolean {
  if (!isObject(identifier)) return false;
  const known = sent.patient?.resource.identifier;
  return (
    Array.isArray(known) &&
    known.some((one) => isObject(one) && one.system === identifier.system && one.value === identifier.value)
  );
}

/** Said by its words alone, as an identifier of what the sender means. */
function unresolved({ reference: _, ...node }: JsonObject, reference: string): JsonObject {
  const type = /(?:^|\/)([A-Z][A-Za-z]+)\/[^/]+$/.exec(reference)?.[1];
  const isUri = /^[a-z][a-z0-9+.-]*:/i.test(reference);
  const identifier = { ...(isUri && { system: 'urn:ietf:rfc:3986' }), value: reference };
  return { ...(type && { type }), ...(isObject(node.identifier) ? {} : { identifier }), ...node };
}

/** An Attachment whose file is a Binary of the document gets the file itself. */
function inlined(node: JsonObject, { sent, met }: Place, from: Item): JsonObject {
  if (typeof node.url !== 'string' || typeof node.contentType !== 'string' || node.data !== undefined) return node;
  const target = sent.resolve(node.url, from);
  if (target?.type !== 'Binary' || typeof target.resource.data !== 'string') return node;
  met.add(target);
  const { url: _, ...attachment } = node;
  return { ...attachment, data: target.resource.data };
}

const withoutId = ({ id: _, ...resource }: JsonObject): JsonObject => resource;

// The profiles that the sender declares are those of the resource as it stood in the document.
function withoutServerMeta(value: unknown): JsonObject {
  const { meta, ...resource } = value as JsonObject;
  if (!isObject(meta)) return resource;
  const { versionId: _1, lastUpdated: _2, profile: _3, source: _4, ...kept } = meta;
  return Object.keys(kept).length > 0 ? { ...resource, meta: kept } : resource;
}
