// A FHIR document, message or collection -> its resources, found by the references among them, and the one Patient they are about.
// FHIR R4 Bundle, https://hl7.org/fhir/R4/bundle.html#references (resolving references in Bundles)

import { resourceTypes } from '../../server/fhir/definitions.ts';
import { isObject, type JsonObject, parseJson } from '../../server/fhir/json.ts';
import { findMyNumber } from '../../server/fhir/my-number.ts';
import { OperationOutcomeError } from '../../server/fhir/outcome.ts';
import { parseXml } from '../../server/fhir/xml-read.ts';
import { tryDecode } from '../charset.ts';
import { MyNumberFound, UnreadableInput } from '../record.ts';

export type Item = { fullUrl: string; type: string; resource: JsonObject };

export type SentBundle = {
  type: 'document' | 'message' | 'collection';
  contentType: string;
  bundle: JsonObject;
  items: readonly Item[];
  /** The Composition of a document, the MessageHeader of a message; undefined for a collection. */
  head: JsonObject | undefined;
  /** Undefined when none is sent along and the caller must say whose it is. */
  patient: Item | undefined;
  /** The item a literal reference of this item means; undefined when it leads out of the Bundle. */
  resolve: (reference: string, from: Item) => Item | undefined;
};

const MAX_DEPTH = 100;
const MAX_ENTRIES = 20_000;

/** True for what `readBundle` is for, as far as its beginning tells. */
export const isSentBundle = (content: unknown): content is JsonObject =>
  isObject(content) && content.resourceType === 'Bundle' && kinds.has(content.type);

const kinds = new Set<unknown>(['document', 'message', 'collection']);

/** Reads JSON or XML. Throws UnreadableInput for what is no such Bundle or is about several people. */
export function readBundle(bytes: Uint8Array): SentBundle {
  const { contentType, bundle } = contentOf(bytes);
  if (!isSentBundle(bundle))
    throw new UnreadableInput('The file is no Bundle of type document, message or collection.');
  const place = findMyNumber(bundle);
  if (place !== undefined) throw new MyNumberFound(place || 'Bundle');
  const items = itemsOf(bundle);
  const type = bundle.type as SentBundle['type'];
  const head = headOf(type, items);
  const resolve = resolver(items);
  return { type, contentType, bundle, items, head: head?.resource, patient: patientOf(items, head, resolve), resolve };
}

function contentOf(bytes: Uint8Array): { contentType: string; bundle: unknown } {
  const text = tryDecode(bytes, 'utf-8');
  if (text === undefined) throw new UnreadableInput('The file is not valid UTF-8.');
  const isXml = /^\s*</.test(text.slice(0, 1000));
  let bundle: unknown;
  try {
    bundle = isXml ? parseXml(text) : parseJson(text);
  } catch (error) {
    if (error instanceof OperationOutcomeError) throw new UnreadableInput(`${error.message}.`.replace(/\.\.$/, '.'));
    throw new UnreadableInput('The file is not valid JSON.');
  }
  if (isDeeper(bundle, MAX_DEPTH)) throw new UnreadableInput(`The file is nested deeper than ${MAX_DEPTH} levels.`);
  return { contentType: isXml ? 'application/fhir+xml' : 'application/fhir+json', bundle };
}

function isDeeper(value: unknown, levels: number): boolean {
  if (!Array.isArray(value) && !isObject(value)) return false;
  if (levels === 0) return true;
  return Object.values(value).some((child) => isDeeper(child, levels - 1));
}

function itemsOf({ entry }: JsonObject): Item[] {
  const entries = Array.isArray(entry) ? entry : [];
  if (entries.length > MAX_ENTRIES) throw new UnreadableInput(`The Bundle has more than ${MAX_ENTRIES} entries.`);
  return entries.map((one, n) => {
    const resource = isObject(one) ? one.resource : undefined;
    const type = isObject(resource) ? resource.resourceType : undefined;
    if (!isObject(one) || !isObject(resource) || typeof type !== 'string' || !resourceTypes.has(type))
      throw new UnreadableInput(`Entry ${n} of the Bundle holds no FHIR R4 resource.`);
    return { fullUrl: typeof one.fullUrl === 'string' ? one.fullUrl : '', type, resource };
  });
}

// "A document ... the first resource in the bundle SHALL be a Composition"; "a message ... SHALL be a MessageHeader".
function headOf(type: SentBundle['type'], items: readonly Item[]): Item | undefined {
  const [first] = items;
  const wanted = { document: 'Composition', message: 'MessageHeader', collection: undefined }[type];
  if (wanted !== undefined && first?.type !== wanted)
    throw new UnreadableInput(`The first entry of a ${type} must be a ${wanted}.`);
  return wanted === undefined ? undefined : first;
}

function resolver(items: readonly Item[]): SentBundle['resolve'] {
  const byUrl = new Map<string, Item>();
  const byId = new Map<string, Item | undefined>();
  for (const item of items) {
    if (item.fullUrl !== '' && !byUrl.has(item.fullUrl)) byUrl.set(item.fullUrl, item);
    // Where fullUrls are urn:uuid and references relative, as in the Japanese drafts, the ids say what is meant if they are unique.
    const name = `${item.type}/${String(item.resource.id)}`;
    if (typeof item.resource.id === 'string') byId.set(name, byId.has(name) ? undefined : item);
  }
  return (reference, from) => {
    const plain = reference.replace(/\/_history\/[^/]*$/, '');
    const base = /^(https?:\/\/.*\/)[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/.exec(from.fullUrl)?.[1];
    return byUrl.get(plain) ?? (base === undefined ? undefined : byUrl.get(base + plain)) ?? byId.get(plain);
  };
}

function patientOf(items: readonly Item[], head: Item | undefined, resolve: SentBundle['resolve']): Item | undefined {
  const patients = items.filter(({ type }) => type === 'Patient');
  const [one, ...others] = patients;
  const contained = items.some(({ resource }) =>
    containedOf(resource).some((inside) => inside.resourceType === 'Patient'),
  );
  if (others.length > 0 || contained)
    throw new UnreadableInput(
      'The Bundle holds more than one Patient, or one inside another resource; send one person at a time.',
    );
  const subject =
    head?.type === 'Composition' && isObject(head.resource.subject) ? head.resource.subject.reference : undefined;
  if (one && head && typeof subject === 'string' && resolve(subject, head) !== one)
    throw new UnreadableInput('The subject of the document is not the Patient in it.');
  return one;
}

/** The resources inside a resource. */
export const containedOf = ({ contained }: JsonObject): JsonObject[] =>
  Array.isArray(contained) ? contained.filter(isObject) : [];
