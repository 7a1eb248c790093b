// What every mapping yields: transaction entries for one child, found again by identifiers made from the source's own keys.
// FHIR R4 transactions and conditional create, https://hl7.org/fhir/R4/http.html#ccreate

import { hash } from 'node:crypto';
import type { BundleEntry, Identifier, Patient, Reference, Resource } from '@medplum/fhirtypes';

export type PatientIdentifier = { system: string; value: string };

/** Who the record is about: the sender's patient number, or a Patient named by the person who imports. */
export type PatientTarget = { identifier: PatientIdentifier } | { reference: string };

/** Of a corrected or repeated message the one made last stands, whatever came in last. */
export type SentMessage = {
  /** Unique for its sender: MSH-10, a document's identifier; '' when it has none. */
  id: string;
  /** When the sender made it, a FHIR dateTime (`2026-09-15T10:15:00+09:00`, or a day); '' when it does not say. */
  time: string;
};

export type MappedRecord = {
  /** The patient number the source itself gives, undefined when it gives none that can be used. */
  patient: PatientIdentifier | undefined;
  entries: BundleEntry[];
  /** Sentences about what was not taken over; no names, numbers or values of the person. */
  problems: string[];
  /** Absent where the format knows no messages. */
  message?: SentMessage;
};

/** The input cannot be read at all (character set, framing, structure), or must not be taken. The message is safe to show. */
export class UnreadableInput extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnreadableInput';
  }
}

/** The input holds a My Number: it must be neither taken nor kept as it is. `place` names where, never the digits. */
export class MyNumberFound extends UnreadableInput {
  constructor(place: string) {
    super(`A My Number was found (${place}). This record must not take it; remove it and send again.`);
    this.name = 'MyNumberFound';
  }
}

/** A resource that carries the identifier it is found again by as its first; of some types there is one at most. */
export type Identified = Resource & { identifier?: Identifier[] | Identifier };

/** Business id of a resource. https://jpfhir.jp/fhir/core/ (JP Core NamingSystem resourceInstance-identifier). */
const RESOURCE_INSTANCE = 'http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier';

/**
 * A stable identifier made from the source's keys. Hashed, because patient numbers and drug names must not appear in
 * the query of a conditional create, which ends up in logs; the same keys always give the same value.
 */
export function businessIdentifier(kind: string, keys: readonly string[]): Identifier {
  return { system: RESOURCE_INSTANCE, value: `${kind}.${digest([kind, ...keys]).slice(0, 32)}` };
}

/** An entry that creates the resource unless one with its first identifier exists. */
export function createEntry(resource: Identified): BundleEntry {
  const query = identifierQuery(resource);
  return {
    fullUrl: fullUrl(query),
    resource,
    request: { method: 'POST', url: resource.resourceType, ifNoneExist: query },
  };
}

/** An entry that replaces what the source said before: for corrections and withdrawals, which a create would skip. */
export function replaceEntry(resource: Identified): BundleEntry {
  const query = identifierQuery(resource);
  return { fullUrl: fullUrl(query), resource, request: { method: 'PUT', url: `${resource.resourceType}?${query}` } };
}

/** The reference to the child: literal when named by the caller, else resolved by the server in the transaction. */
export function patientReference(target: PatientTarget): Reference<Patient> & { reference: string } {
  if ('reference' in target) return { reference: target.reference };
  return { reference: `Patient?identifier=${token(target.identifier.system, target.identifier.value)}` };
}

/** Tells people apart inside identifiers: what was filed under the wrong child can be filed again under the right one. */
export function targetKey(target: PatientTarget): string {
  return 'reference' in target ? target.reference : `${target.identifier.system}|${target.identifier.value}`;
}

/** One entry per resource; the later one stands. The same create twice in a transaction would be refused as a whole. */
export function uniqueEntries(entries: readonly BundleEntry[]): BundleEntry[] {
  return [...new Map(entries.map((entry) => [entry.fullUrl, entry])).values()];
}

/** The value for `identifier` in a search or a conditional reference. */
export function token(system: string, value: string): string {
  return `${encodeURI(system)}|${encodeURIComponent(value.replace(/[\\|,$]/g, '\\$&'))}`;
}

/** Short stable hash (hex) of several keys. */
export function digest(keys: readonly string[]): string {
  return hash('sha256', keys.join('\u001f'));
}

function identifierQuery(resource: Identified): string {
  const [first] = [resource.identifier].flat();
  if (!first?.system || !first.value) throw new TypeError(`${resource.resourceType} has no business identifier`);
  return `identifier=${token(first.system, first.value)}`;
}

// Derived, not random: mapping the same input twice gives the same text. RFC 9562 version 8 is the free-form kind.
function fullUrl(query: string): string {
  const hex = digest([query]);
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
