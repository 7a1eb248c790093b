// Changes on their way through the door, made into the versions that are stored and the answers to them.

import type { Access } from '../access/access.ts';
import { labelsOf } from '../access/labels.ts';
import type { JsonObject } from '../fhir/json.ts';
import type { Issue } from '../fhir/outcome.ts';
import { authored } from '../search/authored.ts';
import { customSet } from '../search/custom-set.ts';
import { extract, type IndexEntry } from '../search/extract.ts';
import { bucketOf, keyOf, nobody, typeNumber } from '../search/keys.ts';
import { keyOfReference } from '../search/narrow.ts';
import type { Change, Written } from './change.ts';
import { findingsText } from './findings.ts';
import type { Stored } from './locked.ts';

/** A change on its way through the door. `settled`: there is nothing to write for it, and this is the answer. */
export type Draft = Change & {
  id: string;
  key: string;
  patients: string[];
  settled: Written | undefined;
  warnings: readonly Issue[];
};

/** One version to be stored. `content` undefined: a delete, whose `index` is empty. */
export type Version = {
  key: string;
  bucket: number;
  type: number;
  owner: string;
  version: number;
  /** ISO 8601, milliseconds, UTC. */
  updated: string;
  index: IndexEntry;
  content: string | undefined;
  /** The keys of the further patients whose compartments it is in. */
  others: readonly string[];
  /** The id, where a client chose it. */
  chosenId: string | undefined;
  client: string;
  /** The request it belongs to, a UUID. */
  request: string;
  /** Security labels as bits (access/labels.ts). */
  labels: number;
  /** The key of the Organization whose client created the resource; undefined: a family's or the deployment's. */
  organization: string | undefined;
  /** When it says that it was recorded, as PostgreSQL reads timestamps. */
  authored: string | undefined;
  /** What was warned of, as it is kept (findings.ts). */
  findings: string | undefined;
};

/** `updated`: ISO 8601, milliseconds, UTC. `ownerBefore`: whose record it was; a tombstone stays there. */
export function versionOf(
  access: Access,
  request: string,
  one: Draft,
  version: number,
  updated: string,
  before?: Pick<Stored, 'owner' | 'organization'>,
): Version {
  const [patient] = one.patients;
  const owner = one.method === 'delete' ? (before?.owner ?? nobody) : patient ? keyOf('Patient', patient) : nobody;
  const resource = one.method === 'delete' ? undefined : one.resource;
  const content = resource && withMeta(resource, version, updated);
  return {
    key: one.key,
    bucket: bucketOf(owner === nobody ? one.key : owner),
    type: typeNumber(one.type),
    owner,
    version,
    updated,
    index: content ? extract(content, one.patients.slice(1)) : noIndex(),
    content: content && JSON.stringify(content),
    others: one.patients.slice(1).map((id) => keyOf('Patient', id)),
    chosenId: one.key === one.id ? undefined : one.id,
    client: access.client,
    request,
    labels: content ? labelsOf(content) : 0,
    organization: before ? before.organization : one.writer && keyOfReference(one.writer),
    authored: content && authored(content, updated),
    findings: content && findingsText(one.warnings),
  };
}

/** The answer to a change that was written. */
export function written(
  { type, id }: Draft,
  { version, updated, content }: Version,
  status: Written['status'],
): Written {
  return { status, type, id, version, updated, content };
}

/**
 * An update that says what is stored makes no version. Lengths tell nearly all of them apart, so that only one that may be
 * equal is written out again.
 */
export function isUnchanged({ resource }: Draft, next: Version, before: Stored): boolean {
  if (!resource || before.isGone || next.content === undefined) return false;
  const grown = String(next.version).length - String(before.version).length;
  if (next.content.length !== before.content.length + grown) return false;
  return JSON.stringify(withMeta(resource, before.version, before.updated)) === before.content;
}

/** The answer to a change that leaves what is stored as it is. */
export function nothingNew({ type, id }: Draft, { version, updated, content }: Stored, status: 200 | 204): Written {
  return { status, type, id, version, updated, content: status === 200 ? content : undefined };
}

const noIndex = (): IndexEntry => ({
  generation: customSet().generation,
  marks: [],
  facts: {},
  terms: [],
  words: [],
});

/** The version as the parameters that are in force now index it. */
export function indexedAnew(version: Version, { resource, patients }: Draft): Version {
  if (!resource || version.content === undefined) return { ...version, index: noIndex() };
  return { ...version, index: extract(withMeta(resource, version.version, version.updated), patients.slice(1)) };
}

/** The resource as it is stored: type, id and meta first, versionId and lastUpdated ours, everything else as it came. */
function withMeta({ resourceType, id, meta, ...rest }: JsonObject, version: number, lastUpdated: string): JsonObject {
  return {
    resourceType,
    id,
    meta: { ...(meta as object | undefined), versionId: String(version), lastUpdated },
    ...rest,
  };
}
