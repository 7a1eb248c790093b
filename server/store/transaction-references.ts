// Ids for what a change set creates, and its links turned into real ones. FHIR R4 transaction processing rules,
// https://hl7.org/fhir/R4/http.html#trules. An id carries its owner's bucket, so patients get theirs first.

import { atEntry } from '../fhir/bundle-entry.ts';
import { patientsOf } from '../fhir/compartments.ts';
import { type Links, relinked } from '../fhir/links.ts';
import { businessRule, OperationOutcomeError } from '../fhir/outcome.ts';
import { localReference, type ReferenceNode } from '../fhir/references.ts';
import { bucketOf, keyOf } from '../search/keys.ts';
import type { Change, Written } from './change.ts';

type Needs = {
  /** Of each change's resource. */
  links: readonly Links[];
  newId: (bucket: number | undefined) => string;
  base: string;
  refuseDangling: boolean;
  /** What stands for a change instead of what it would write. */
  settled: ReadonlyMap<Change, Written> | undefined;
};

/** What a fullUrl means. `version` is known of what is created and of what a conditional create found. */
type Target = { reference: string; version: number | undefined };
type Targets = Map<string, Target>;

/**
 * The id of every change, and the Patients whose compartments it is in where an id was made for it, in order. Links in the
 * resources are rewritten in place. Throws 422 for dangling references.
 */
export function assignReferences(
  changes: readonly Change[],
  { links, newId, base, refuseDangling, settled }: Needs,
): { ids: string[]; patients: (string[] | undefined)[] } {
  const targets: Targets = new Map();
  const patients: (string[] | undefined)[] = [];
  const ids: (string | undefined)[] = changes.map(
    (change) => settled?.get(change)?.id ?? (change.method === 'create' ? undefined : change.id),
  );
  const name = (change: Change, id: string) => {
    const version = settled?.get(change)?.version ?? (change.method === 'create' ? 1 : undefined);
    nameTarget(targets, change, { reference: `${change.type}/${id}`, version }, base);
  };

  changes.forEach((change, n) => {
    if (ids[n] === undefined && change.type === 'Patient') ids[n] = newId(undefined);
    if (ids[n]) name(change, ids[n]);
  });
  for (const { references } of links) {
    for (const node of references) relative(node, base);
    point(references, targets);
  }
  changes.forEach((change, n) => {
    if (ids[n] !== undefined) return;
    const found = change.resource ? patientsOf(change.resource).map(idOfPatient) : [];
    const [owner] = found;
    ids[n] = newId(owner === undefined ? undefined : bucketOf(keyOf('Patient', owner)));
    patients[n] = found;
    name(change, ids[n]);
  });
  links.forEach(({ references, uris, narratives }, n) => {
    point(references, targets);
    const dangling = refuseDangling ? references.find(({ reference }) => reference.startsWith('urn:')) : undefined;
    if (dangling) throw danglingReference(dangling.reference, changes[n]?.entry);
    for (const { owner, key } of uris) owner[key] = targets.get(owner[key] as string)?.reference ?? owner[key];
    for (const node of narratives) node.div = relinked(node.div, (url) => targets.get(url)?.reference);
  });
  return { ids: ids as string[], patients };
}

/** `Patient/7` -> `7` */
export const idOfPatient = (reference: string): string => reference.slice('Patient/'.length);

function nameTarget(targets: Targets, { fullUrl }: Change, target: Target, base: string): void {
  if (fullUrl === undefined) return;
  targets.set(fullUrl, target);
  if (fullUrl.startsWith('urn:')) return;
  // Entries may also call each other by the relative part of their fullUrl.
  const local = localReference(fullUrl, base) ?? localReference(fullUrl.split('/').slice(-2).join('/'));
  if (local) targets.set(`${local.type}/${local.id}`, target);
}

function point(nodes: readonly ReferenceNode[], targets: Targets): void {
  if (targets.size === 0) return;
  for (const node of nodes)
    node.reference = targets.get(node.reference)?.reference ?? versioned(node.reference, targets);
}

/** Versions of where the Bundle comes from are none of ours: what is named so gets the version that it has here. */
function versioned(reference: string, targets: Targets): string {
  if (!reference.includes('/_history/')) return reference;
  const [, whole = ''] = /^(.+)\/_history\/[^/]+$/.exec(reference) ?? [];
  const target = whole === '' ? undefined : targets.get(whole);
  if (!target || target.reference === whole) return reference;
  return target.version === undefined ? target.reference : `${target.reference}/_history/${target.version}`;
}

function danglingReference(reference: string, entry: number | undefined): OperationOutcomeError {
  const { status, issues } = businessRule(`No entry of this Bundle has the fullUrl ${reference}`);
  return new OperationOutcomeError(status, atEntry(entry, issues));
}

/** An absolute reference to this server is the same as the relative one, and is stored as that. */
function relative(node: ReferenceNode, base: string): void {
  if (node.reference.startsWith(`${base}/`)) node.reference = node.reference.slice(base.length + 1);
}
