// FHIR documents, messages and collections of other systems (JP-CLINS, eReferral, eCheckup, ePrescription, IPS) -> the resources
// of one person's record, and the document as a whole. The Patient in it is never applied to the family's Patient.
// FHIR R4 documents, https://hl7.org/fhir/R4/documents.html; messaging, https://hl7.org/fhir/R4/messaging.html

import type { BundleEntry, CodeableConcept, DocumentReference, Resource } from '@medplum/fhirtypes';
import { isObject, type JsonObject } from '../../server/fhir/json.ts';
import { documentReference } from '../document-reference.ts';
import {
  businessIdentifier,
  digest,
  type Identified,
  type MappedRecord,
  type PatientTarget,
  patientReference,
  replaceEntry,
  targetKey,
  UnreadableInput,
  uniqueEntries,
} from '../record.ts';
import { type Item, readBundle, type SentBundle } from './bundle.ts';
import { identifiersOf, institutionOf, ownIdentifiers, patientNumber } from './identity.ts';
import { isOfRecord, oneIdentifier, subjectElement } from './record-types.ts';
import { unpack } from './unpack.ts';

/** `patient` when a person has said whose document it is; else the patient number in it decides. Throws UnreadableInput. */
export function mapFhirBundle(bytes: Uint8Array, options: { patient?: PatientTarget } = {}): MappedRecord {
  const sent = readBundle(bytes);
  if (sent.type === 'message' && isObject(sent.head?.response))
    throw new UnreadableInput('The message is an answer to another message and tells nothing of a record.');
  const institution = institutionOf(sent);
  const own = sent.patient && patientNumber(sent.patient, institution);
  const target = options.patient ?? (own && { identifier: own });
  const message = messageOf(sent);
  if (target === undefined)
    return {
      patient: undefined,
      entries: [],
      problems: ['The Bundle gives no patient number with its system.'],
      message,
    };
  const key = targetKey(target);
  const house = institution ?? '';
  const taken = sent.items.filter((item) => isOfRecord(item, sent));
  const document = message.id || digest([Buffer.from(bytes).toString('base64')]);
  const identifiers = ownIdentifiers(taken, { target: key, house, document });
  const urls = new Map([...identifiers].map(([item, identifier]) => [item, urlOf(item, identifier)] as const));
  const patient = patientReference(target).reference;
  const met = new Set<Item>();
  const takenIn = { count: 0 };
  const entries = taken.map((item) => {
    const resource = withSubject(unpack(item, { sent, patient, urls, met, takenIn }), patient);
    return entryOf(resource, identifiers.get(item) ?? {});
  });
  if (sent.type === 'document') entries.push(documentEntry(sent, bytes, { key, house, patient, document }));
  return {
    patient: own,
    entries: uniqueEntries(entries),
    problems: problemsOf(sent, new Set([...met, ...taken])),
    message,
  };
}

/** By the identifier of the Bundle, else of its head; when it has neither, its content is the same and its time. */
function messageOf({ bundle, head, type }: SentBundle): { id: string; time: string } {
  const [known] = identifiersOf(bundle);
  const [inside] = head ? identifiersOf(head) : [];
  const named = known ?? inside;
  const header = type === 'message' && typeof head?.id === 'string' ? head.id : '';
  const id = header || (named ? `${named.system}|${named.value}` : typeof bundle.id === 'string' ? bundle.id : '');
  const time = [bundle.timestamp, head?.date].find((one) => typeof one === 'string');
  return { id, time: typeof time === 'string' ? time : '' };
}

// Also of a resource that names nobody.
function withSubject(resource: JsonObject, patient: string): JsonObject {
  const element = subjectElement(String(resource.resourceType));
  return { ...resource, [element]: { reference: patient } };
}

const urlOf = ({ type }: Item, identifier: object): string =>
  replaceEntry({ resourceType: type, identifier: [identifier] } as Identified).fullUrl ?? '';

/** Ours first, as the one it is found again by; where there is room for one only it is ours. */
function entryOf(resource: JsonObject, own: object): BundleEntry {
  const type = String(resource.resourceType);
  const request = replaceEntry({ resourceType: type, identifier: [own] } as Identified);
  const sent = Array.isArray(resource.identifier) ? resource.identifier : [];
  const identifier = oneIdentifier.has(type) ? own : [own, ...sent];
  return { ...request, resource: { ...resource, identifier } as unknown as Resource };
}

function documentEntry(
  { bundle, head = {}, contentType }: SentBundle,
  original: Uint8Array,
  of: { key: string; house: string; patient: string; document: string },
): BundleEntry {
  const [master] = identifiersOf(bundle);
  const status = head.status === 'entered-in-error' ? 'entered-in-error' : 'current';
  const identifier = businessIdentifier('document', [of.key, of.house, of.document]);
  return replaceEntry(
    documentReference({
      identifier,
      masterIdentifier: master,
      subject: { reference: of.patient },
      status,
      docStatus: docStatus(head.status),
      type: isObject(head.type) ? (head.type as CodeableConcept) : undefined,
      title: textOf(head.title) || undefined,
      date: typeof bundle.timestamp === 'string' ? bundle.timestamp : undefined,
      contentType,
      language: textOf(head.language) || textOf(bundle.language) || undefined,
      original,
    }),
  );
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function docStatus(status: unknown): DocumentReference['docStatus'] | undefined {
  return (['preliminary', 'final', 'amended', 'entered-in-error'] as const).find((known) => known === status);
}

// Said by type and number only. What another resource speaks of is inside that one.
function problemsOf({ items }: SentBundle, met: ReadonlySet<Item>): string[] {
  const left = new Map<string, number>();
  for (const item of items) {
    if (met.has(item) || ['Patient', 'MessageHeader'].includes(item.type)) continue;
    left.set(item.type, (left.get(item.type) ?? 0) + 1);
  }
  if (left.size === 0) return [];
  const list = [...left].map(([type, count]) => `${count} ${type}`).join(', ');
  return [`Only in the original: ${list}.`];
}
