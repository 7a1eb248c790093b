// The one door: create, update, delete, and every bundle, operation, import and job that changes the record.
// allow -> validate -> commit. One change set is one transaction; a set of plain creates is one statement, shared with
// other callers' creates of the same moment.

import type { ClientBase, Pool, PoolClient } from 'pg';
import { type Access, allow, type Interaction, mayChooseId, reachOf } from '../access/access.ts';
import { patientsOf } from '../fhir/compartments.ts';
import type { JsonObject } from '../fhir/json.ts';
import { findMyNumber } from '../fhir/my-number.ts';
import {
  badRequest,
  duplicate,
  forbidden,
  gone,
  type Issue,
  invalid,
  myNumber,
  notFound,
  versionConflict,
} from '../fhir/outcome.ts';
import { isConditional, referencesOf } from '../fhir/references.ts';
import { validateStructure } from '../fhir/validate.ts';
import { extract, type IndexEntry } from '../search/extract.ts';
import { mark } from '../search/hash.ts';
import { bucketOf, isServerMade, keyOf, nobody, typeNumber } from '../search/keys.ts';
import type { Change, Written } from './change.ts';
import { commitCreates, commitReads, commitReplacements, type Version } from './commit.ts';
import {
  conditionalMatches,
  lockConditions,
  resolveConditionalReferences,
  resolveConditionalUpdates,
} from './conditional.ts';
import { outcomeOfDatabaseError } from './database-error.ts';
import { grouped } from './grouped.ts';
import { freshBucket, newKey } from './ids.ts';
import { refuseBeyondOwn } from './own-records.ts';
import { assignReferences } from './transaction-references.ts';

export type WriteContext = {
  /** The request, for the audit: a UUID. */
  request: string;
  /** Runs inside the same transaction, after the checks and before the commit. */
  alongside?: (client: ClientBase, written: Written[]) => Promise<void>;
  /** True for a transaction Bundle: references to entries that are not there are refused. */
  isBundle?: boolean;
};

/** A change on its way through the door. */
export type Draft = Change & { id: string; key: string; patients: string[]; existing: Written | undefined };

export type Write = (access: Access, changes: readonly Change[], context: WriteContext) => Promise<Written[]>;

export function createWriter({ pool, nowMs, base }: { pool: Pool; nowMs: () => number; base: string }): Write {
  const createTogether = grouped(
    async (versions: Version[]) => {
      await commitCreates(pool, versions);
      return versions.map(() => undefined);
    },
    { mostTogether: 16, mostInFlight: 2 },
  );

  return async function write(access, changes, context) {
    for (const { method, type } of changes) mayEnter(access, method, type);
    refuseInvalid(changes, context.isBundle === true);
    try {
      if (!context.alongside && changes.every(isPlainCreate)) return await createPlain(access, changes, context);
      return await inTransaction(pool, (client) => change(client, access, changes, context));
    } catch (error) {
      throw outcomeOfDatabaseError(error);
    }
  };

  async function createPlain(access: Access, changes: readonly Change[], context: WriteContext): Promise<Written[]> {
    const drafts = draft(changes, context);
    allowNew(access, drafts);
    const now = nowMs();
    const versions = drafts.map((one) => versionOf(access, context, one, 1, now));
    const [only] = versions;
    if (versions.length === 1 && only) await createTogether(only);
    else await commitCreates(pool, versions);
    return drafts.map((one, n) => written(one, versions[n] as Version, 201));
  }

  async function change(client: ClientBase, access: Access, asked: readonly Change[], context: WriteContext) {
    const searching = { client, access, base, nowMs: nowMs() };
    await lockConditions(searching, asked);
    const changes = await resolveConditionalUpdates(searching, asked);
    for (const { method, type } of changes) mayEnter(access, method, type);
    const matches = await conditionalMatches(searching, changes);
    await resolveConditionalReferences(searching, changes);
    const drafts = draft(changes, context, matches);
    const open = drafts.filter(({ existing }) => !existing);
    refuseTwice(open);
    allowNew(access, open);
    const stored = await lockStored(client, open);
    await refuseBeyondOwn(client, access, open);
    const answers = new Map<Draft, Written>();
    const creates: Version[] = [];
    const replacements: Version[] = [];
    const now = nowMs();
    for (const one of open) {
      const before = stored.get(one.key);
      if (one.method !== 'create') checkStored(access, one, before);
      if (one.method === 'delete' && before?.isGone) {
        answers.set(one, {
          ...written(one, versionOf(access, context, one, before.version, now, before.owner), 204),
          updated: before.updated,
        });
        continue;
      }
      const version = versionOf(access, context, one, (before?.version ?? 0) + 1, now, before?.owner);
      const isNew = before === undefined || before.isGone;
      (isNew ? creates : replacements).push(version);
      answers.set(one, written(one, version, one.method === 'delete' ? 204 : isNew ? 201 : 200));
    }
    if (replacements.length > 0) await commitReplacements(client, replacements);
    if (creates.length > 0) await commitCreates(client, creates);
    const seen = [...matches.values()];
    if (seen.length > 0) await commitReads(client, seen, access.client, context.request);
    const all = drafts.map((one) => one.existing ?? (answers.get(one) as Written));
    await context.alongside?.(client, all);
    return all;
  }

  function draft(changes: readonly Change[], context: WriteContext, matches?: ReadonlyMap<Change, Written>): Draft[] {
    const newId = (bucket: number | undefined) => newKey(nowMs(), bucket ?? freshBucket());
    const ids = assignReferences(changes, { newId, base, refuseDangling: context.isBundle === true, matches });
    return changes.map((one, n) => {
      const id = ids[n] as string;
      const resource = one.resource && { ...one.resource, id };
      const patients = resource ? patientsOf(resource).map((reference) => reference.slice('Patient/'.length)) : [];
      return {
        ...one,
        ...(resource ? { resource } : {}),
        id,
        key: keyOf(one.type, id),
        patients,
        existing: matches?.get(one),
      };
    });
  }
}

type Stored = { type: number; version: number; owner: string; isGone: boolean; updated: string };

const lockText = `
select key, type, version, owner, updated, false as is_gone from resource where key = any($1::uuid[]) order by key for update`;
const lastText = `
select distinct on (key) key, type, version, owner, updated, true as is_gone from history
where key = any($1::uuid[]) and not exists (select from resource r where r.key = history.key)
order by key, version desc`;

/** The current state of what is updated or deleted, locked until the end of the transaction. */
async function lockStored(client: ClientBase, drafts: readonly Draft[]): Promise<Map<string, Stored>> {
  const keys = drafts.filter(({ method }) => method !== 'create').map(({ key }) => key);
  const stored = new Map<string, Stored>();
  if (keys.length === 0) return stored;
  const collect = async (name: string, text: string, wanted: string[]) => {
    const { rows } = await client.query({ name, text, values: [wanted] });
    for (const { key, type, version, owner, updated, is_gone } of rows)
      stored.set(key, { type, version, owner, updated, isGone: is_gone });
  };
  await collect('lock-stored', lockText, keys);
  const absent = keys.filter((key) => !stored.has(key)).sort();
  if (absent.length === 0) return stored;
  // Nothing to lock yet: whoever makes the row first holds this lock, so that two PUTs to one free id do not both create.
  await client.query('select pg_advisory_xact_lock(k) from unnest($1::bigint[]) k', [absent.map(mark)]);
  await collect('lock-stored', lockText, absent);
  const neverHere = absent.filter((key) => !stored.has(key));
  await collect('last-version', lastText, neverHere);
  return stored;
}

/** Hidden and missing look the same: both are "not known here". */
function checkStored(access: Access, { method, type, id, ifMatch }: Draft, before: Stored | undefined): void {
  const reach = reachOf(access, method, type);
  // A server-made id is its own key, whatever the type: under another type it names nothing, and cannot be taken.
  if (before && before.type !== typeNumber(type)) {
    if (method === 'delete' || !mayChooseId(access, type)) throw notFound(`${type}/${id}`);
    throw duplicate('A resource of another type with this id');
  }
  const isOurs =
    before && (reach.kind === 'all' || (reach.kind === 'patient' && before.owner === keyOf('Patient', reach.patient)));
  const exists = isOurs && !before.isGone;
  if (ifMatch !== undefined && (!exists || before.version !== ifMatch)) {
    if (!isOurs) throw notFound(`${type}/${id}`);
    throw before.isGone ? gone(`${type}/${id}`) : versionConflict(String(ifMatch), String(before.version));
  }
  if (exists || (isOurs && method === 'delete')) return;
  if (method === 'delete' || !mayChooseId(access, type)) throw notFound(`${type}/${id}`);
}

function mayEnter(access: Access, method: Interaction, type: string): void {
  if (reachOf(access, method, type).kind === 'none')
    throw forbidden(`${method} of ${type} is not in the scopes of this token`);
}

function allowNew(access: Access, drafts: readonly Draft[]): void {
  for (const { method, type, patients } of drafts) {
    if (method === 'delete') continue;
    if (!allow(access, method, type, patients)) {
      throw forbidden(
        `${method} of ${type}: the resource must be in the compartment of the patient of this token, and in no other`,
      );
    }
  }
}

/** Conditions may lead two changes of a set to one resource; which of them won would be chance. */
function refuseTwice(drafts: readonly Draft[]): void {
  const keys = new Set<string>();
  for (const { key, type, id } of drafts) {
    if (keys.has(key)) throw badRequest(`${type}/${id} is changed twice in this transaction`, 'invalid');
    keys.add(key);
  }
}

function refuseInvalid(changes: readonly Change[], isBundle: boolean): void {
  const issues: Issue[] = [];
  changes.forEach(({ resource }, n) => {
    if (!resource) return;
    for (const issue of validateStructure(resource)) {
      const at = isBundle ? issue.expression.map((path) => `Bundle.entry[${n}].resource.${path}`) : issue.expression;
      issues.push({ ...issue, expression: at });
    }
  });
  if (issues.some(({ severity }) => severity === 'error' || severity === 'fatal')) throw invalid(issues);
  changes.forEach(({ resource }, n) => {
    const place = resource && findMyNumber(resource);
    if (place !== undefined)
      throw myNumber(`${isBundle ? `Bundle.entry[${n}].resource.` : ''}${resource?.resourceType}.${place}`);
  });
}

const isPlainCreate = (change: Change): boolean =>
  change.method === 'create' && change.ifNoneExist === undefined && !hasConditional(change);

/** Conditional references need the database. A question mark in a note does not. */
function hasConditional({ resource }: Change): boolean {
  return resource !== undefined && referencesOf(resource).some(({ reference }) => isConditional(reference));
}

const noIndex: IndexEntry = { marks: [], facts: {}, terms: [], words: [] };

/** `ownerBefore`: whose record it was; a tombstone stays there. */
function versionOf(
  access: Access,
  { request }: WriteContext,
  one: Draft,
  version: number,
  nowMs: number,
  ownerBefore?: string,
): Version {
  const updated = new Date(nowMs).toISOString();
  const [patient] = one.patients;
  const owner = one.method === 'delete' ? (ownerBefore ?? nobody) : patient ? keyOf('Patient', patient) : nobody;
  const resource = one.method === 'delete' ? undefined : one.resource;
  const content = resource && withMeta(resource, version, updated);
  return {
    key: one.key,
    bucket: bucketOf(owner === nobody ? one.key : owner),
    type: typeNumber(one.type),
    owner,
    version,
    updated,
    index: content ? extract(content, one.patients.slice(1)) : noIndex,
    content: content && JSON.stringify(content),
    others: one.patients.slice(1).map((id) => keyOf('Patient', id)),
    chosenId: isServerMade(one.id) ? undefined : one.id,
    client: access.client,
    request,
  };
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

function written({ type, id }: Draft, { version, updated, content }: Version, status: Written['status']): Written {
  return { status, type, id, version, updated, content };
}

async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    await client.query('begin');
    const answer = await work(client);
    await client.query('commit');
    return answer;
  } catch (error) {
    failure = error as Error;
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release(failure && 'code' in failure && failure.code === undefined ? failure : undefined);
  }
}
