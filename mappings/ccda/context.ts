// What the mapping of every statement of a CDA document needs: whose it is, the narrative, and where what was found is gathered;
// and how each resource gets the identifier by which it is found again.

import type { BundleEntry, Identifier, Patient, Reference } from '@medplum/fhirtypes';
import { businessIdentifier, type Identified, replaceEntry, uniqueEntries } from '../record.ts';
import { attribute, childElements, element, elements, type XmlElement } from '../xml.ts';
import { codeOf, identifiers, moment, type Narrative, nameOf } from './datatypes.ts';

export type CcdaContext = {
  subject: Reference<Patient> & { reference: string };
  narrative: Narrative;
  /** Who the document is of: what it does not number itself is told apart by that. */
  house: string;
  /** Counts what was not taken over, by a word for it. */
  left: Map<string, number>;
};

/** A resource that was found, before it has its own identifier. */
export type Found = {
  resource: Identified;
  /** What tells it from all others of this document, best first. */
  keys: readonly string[];
  /** Of several with the same keys. */
  more: readonly string[];
  /** Resources that this one refers to, once they have their addresses. */
  refers?: (urlOf: (found: Found) => string) => void;
};

/** One statement of the document as a resource. Its identifiers are the keys; else its kind, time and code are. */
export function found(
  { house }: CcdaContext,
  statement: XmlElement,
  resource: Identified,
  code: XmlElement | undefined,
): Found {
  const sent = identifiers(statement);
  const [first] = sent;
  const what = [codeOf(code), moment(element(statement, 'effectiveTime')) ?? ''];
  const keys = first ? ['id', first.system ?? '', first.value ?? ''] : ['what', house, ...what];
  return { resource: { ...resource, identifier: sent } as Identified, keys, more: what };
}

/** Says that something was left in the document. */
export function leave(context: CcdaContext, what: string): void {
  context.left.set(what, (context.left.get(what) ?? 0) + 1);
}

/**
 * The entries of the resources. `known` names the sender and the patient; of a section alone, which no document vouches for,
 * the code and the day belong to the keys, because such identifiers are copied from example to example.
 */
export function entriesOf(all: readonly Found[], known: readonly string[], isWhole: boolean): BundleEntry[] {
  const keys = all.map(({ resource, keys, more }) => [
    ...known,
    resource.resourceType,
    ...keys,
    ...(isWhole ? [] : more),
  ]);
  const shared = repeated(keys);
  const told = keys.map((key, n) => (shared.has(key.join('\u001f')) ? [...key, ...(all[n]?.more ?? [])] : key));
  const still = repeated(told);
  const places = new Map<string, number>();
  const owns = told.map((key, n): Identifier => {
    const text = key.join('\u001f');
    const place = places.get(text) ?? 0;
    places.set(text, place + 1);
    const kind = (all[n]?.resource.resourceType ?? '').replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
    return businessIdentifier(kind, still.has(text) ? [...key, String(place)] : key);
  });
  const urls = new Map(all.map((one, n) => [one, addressOf(one, owns[n] ?? {})]));
  for (const one of all) one.refers?.((other) => urls.get(other) ?? '');
  const entries = all.map(({ resource }, n) =>
    replaceEntry({ ...resource, identifier: [owns[n] ?? {}, ...[resource.identifier ?? []].flat()] } as Identified),
  );
  return uniqueEntries(entries);
}

const addressOf = ({ resource: { resourceType } }: Found, own: Identifier): string =>
  replaceEntry({ resourceType, identifier: [own] } as Identified).fullUrl ?? '';

function repeated(keys: readonly (readonly string[])[]): Set<string> {
  const seen = new Set<string>();
  return new Set(keys.map((key) => key.join('\u001f')).filter((text) => seen.size === seen.add(text).size));
}

/** The roots of the templates that a statement follows, without their versions. */
export const templatesOf = (statement: XmlElement): Set<string> =>
  new Set(elements(statement, 'templateId').flatMap((one) => attribute(one, 'root') ?? []));

/** The statements of a kind that this one is related to. */
export function related(statement: XmlElement, name: string, typeCode?: string): XmlElement[] {
  return elements(statement, 'entryRelationship')
    .filter((one) => typeCode === undefined || attribute(one, 'typeCode') === typeCode)
    .flatMap((one) => elements(one, name));
}

/** The related statement that follows a template. */
export const relatedBy = (statement: XmlElement, template: string): XmlElement | undefined =>
  elements(statement, 'entryRelationship')
    .flatMap(childElements)
    .find((one) => templatesOf(one).has(template));

/** Who did it, as a reference by identifier and name: a person, then the organization they did it for. */
export function performers(of: XmlElement | undefined): { person?: Reference; organization?: Reference } {
  const entity = element(of, 'assignedEntity') ?? element(of, 'assignedAuthor');
  if (entity === undefined) return {};
  const person = logical('Practitioner', entity, nameOf(element(entity, 'assignedPerson', 'name')));
  const represented = element(entity, 'representedOrganization');
  const organization = represented && logical('Organization', represented, nameOf(element(represented, 'name')));
  return { ...(person && { person }), ...(organization && { organization }) };
}

function logical(type: string, of: XmlElement, display: string): Reference | undefined {
  const [identifier] = identifiers(of);
  if (
    !display &&
    (identifier === undefined || (type === 'Practitioner' && element(of, 'assignedPerson') === undefined))
  )
    return undefined;
  return { type, ...(identifier && { identifier }), ...(display && { display }) } as Reference;
}
