// Ids for what a change set creates, and its references turned into real ones. FHIR R4 transaction processing rules,
// https://hl7.org/fhir/R4/http.html#trules. An id carries its owner's bucket, so patients get theirs first.

import { patientsOf } from '../fhir/compartments.ts';
import type { JsonObject } from '../fhir/json.ts';
import { businessRule } from '../fhir/outcome.ts';
import { localReference, type ReferenceNode, referencesOf, urnUrlsOf } from '../fhir/references.ts';
import { bucketOf, keyOf } from '../search/keys.ts';
import type { Change, Written } from './change.ts';

type Needs = {
  newId: (bucket: number | undefined) => string;
  base: string;
  refuseDangling: boolean;
  matches: ReadonlyMap<Change, Written> | undefined;
};

/** The id of every change, in order. References in the resources are rewritten in place. Throws 422 for dangling ones. */
export function assignReferences(
  changes: readonly Change[],
  { newId, base, refuseDangling, matches }: Needs,
): string[] {
  const targets = new Map<string, string>();
  const ids: (string | undefined)[] = changes.map(
    (change) => matches?.get(change)?.id ?? (change.method === 'create' ? undefined : change.id),
  );
  const nodes = changes.map(({ resource }) => (resource ? referencesOf(resource) : []));

  changes.forEach((change, n) => {
    if (ids[n] === undefined && change.type === 'Patient') ids[n] = newId(undefined);
    if (ids[n] !== undefined) name(targets, change, ids[n], base);
  });
  for (const list of nodes) point(list, targets);
  changes.forEach((change, n) => {
    if (ids[n] !== undefined) return;
    ids[n] = newId(ownerBucket(change.resource));
    name(targets, change, ids[n], base);
  });
  nodes.forEach((list, n) => {
    point(list, targets);
    const dangling = refuseDangling ? list.find(({ reference }) => reference.startsWith('urn:')) : undefined;
    if (dangling)
      throw businessRule(`No entry of this Bundle has the fullUrl ${dangling.reference}`, [
        `Bundle.entry[${n}].resource`,
      ]);
    for (const node of list) relative(node, base);
  });
  if (refuseDangling) {
    const urls = changes.flatMap(({ resource }) => (resource ? urnUrlsOf(resource) : []));
    for (const node of urls) node.url = targets.get(node.url) ?? node.url;
  }
  return ids as string[];
}

function name(targets: Map<string, string>, { fullUrl, type }: Change, id: string, base: string): void {
  if (fullUrl === undefined) return;
  targets.set(fullUrl, `${type}/${id}`);
  // Entries may also call each other by the relative part of their fullUrl.
  const local = localReference(fullUrl, base) ?? localReference(fullUrl.split('/').slice(-2).join('/'));
  if (local && !fullUrl.startsWith('urn:')) targets.set(`${local.type}/${local.id}`, `${type}/${id}`);
}

function point(nodes: readonly ReferenceNode[], targets: ReadonlyMap<string, string>): void {
  for (const node of nodes) node.reference = targets.get(node.reference) ?? node.reference;
}

/** An absolute reference to this server is the same as the relative one, and is stored as that. */
function relative(node: ReferenceNode, base: string): void {
  if (node.reference.startsWith(`${base}/`)) node.reference = node.reference.slice(base.length + 1);
}

function ownerBucket(resource: JsonObject | undefined): number | undefined {
  const [owner] = resource ? patientsOf(resource) : [];
  return owner === undefined ? undefined : bucketOf(keyOf('Patient', owner.slice('Patient/'.length)));
}
