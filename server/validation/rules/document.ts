// Bundles with a resource that all others hang on: a document with its Composition, a message with its MessageHeader.
// FHIR R4, https://hl7.org/fhir/R4/documents.html#content and https://hl7.org/fhir/R4/messaging.html

import type { Place } from '../finding.ts';
import { type Entries, type Entry, hasNamesake, linksOf, restfulParts, targetsOf } from './bundle-entries.ts';

/** What a Composition names has to be in the document: "the document bundle SHALL include …". */
const COMPOSITION =
  /^(?:subject|encounter|author\[\d+\]|attester\[\d+\]\.party|custodian|event\[\d+\]\.detail\[\d+\]|(?:section\[\d+\]\.)+(?:entry\[\d+\]|author\[\d+\]|focus))$/;

/** Entries that nothing links, to or from, are no part of the document. */
export function checkDocument(entries: Entries, place: Place): void {
  const [composition] = entries.all;
  if (composition?.resource.resourceType !== 'Composition') return;
  checkThere(composition, COMPOSITION, entries, place);
  for (const { index } of unreached(composition, entries))
    place.report(
      'error',
      'informational',
      `${place.path}.entry[${index}]`,
      'The entry is linked neither from nor to what the Composition links: it is no part of the document',
    );
}

/** What a message is about has to be in it. Others may be there for the receiver's convenience. */
export function checkMessage(entries: Entries, place: Place): void {
  const [header] = entries.all;
  if (header?.resource.resourceType !== 'MessageHeader') return;
  checkThere(header, /^focus\[\d+\]$/, entries, place);
  for (const { index } of unreached(header, entries))
    place.report(
      'warning',
      'informational',
      `${place.path}.entry[${index}]`,
      'The entry is linked neither from nor to what the MessageHeader links',
    );
}

function checkThere(from: Entry, paths: RegExp, entries: Entries, place: Place): void {
  for (const { reference, path } of linksOf(from.resource)) {
    if (!paths.test(path) || targetsOf(reference, from, entries).length > 0) continue;
    // What stands on another server may stay there; the receiver can read it.
    const isElsewhere = /^https?:/.test(reference) && restfulParts(reference) === undefined;
    if (isElsewhere) continue;
    const hint = hasNamesake(reference, entries)
      ? '. An entry has that type and id, but a reference is resolved by fullUrl, and its fullUrl is another'
      : '';
    const at = `${place.path}.entry[${from.index}].resource.${path}`;
    place.report('error', 'not-found', at, `What the reference names is not in the Bundle${hint}`);
  }
}

/** Links count both ways: a Provenance leads to what it is about, and is not led to. */
function unreached(start: Entry, entries: Entries): Entry[] {
  const neighbours = new Map<Entry, Entry[]>(entries.all.map((entry) => [entry, []]));
  for (const from of entries.all) {
    for (const { reference } of linksOf(from.resource)) {
      const [to] = targetsOf(reference, from, entries);
      if (to === undefined) continue;
      neighbours.get(from)?.push(to);
      neighbours.get(to)?.push(from);
    }
  }
  // Those of one fullUrl are reached together.
  for (const [first, ...others] of entries.byUrl.values())
    for (const other of first ? others : []) {
      neighbours.get(first as Entry)?.push(other);
      neighbours.get(other)?.push(first as Entry);
    }
  const reached = new Set([start]);
  // A set gives what is added while it is gone through, each once.
  for (const one of reached) for (const next of neighbours.get(one) ?? []) reached.add(next);
  return entries.all.filter((entry) => !reached.has(entry));
}
