// The one door: create, update, delete, and every bundle, operation, import and job that changes the record.
// allow -> validate -> commit. One change set is one transaction; a set of plain creates is one statement, shared with
// other callers' creates of the same moment.

import type { ClientBase, Pool, PoolClient } from 'pg';
import { type Access, systemAccess } from '../access/access.ts';
import { contactResource, withContact } from '../access/protection.ts';
import { atEntry, inEntry } from '../fhir/bundle-entry.ts';
import { patientsOf } from '../fhir/compartments.ts';
import { isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import { type Links, linksOf } from '../fhir/links.ts';
import { findMyNumber, findMyNumberInQuery } from '../fhir/my-number.ts';
import { type Exempt, noneExempt } from '../fhir/my-number-text.ts';
import { badRequest, cannotPatch, type Issue, invalid, myNumber, unavailable } from '../fhir/outcome.ts';
import { isConditional } from '../fhir/references.ts';
import { customDefinition } from '../search/custom-definition.ts';
import { keyOf } from '../search/keys.ts';
import type { Validator } from '../validation/validator.ts';
import type { Change, Written } from './change.ts';
import { commitCreates, commitReads, commitReplacements } from './commit.ts';
import {
  conditionalMatches,
  deletedKeys,
  lockConditions,
  resolveConditionalReferences,
  resolveDeletes,
  resolveUpdates,
} from './conditional.ts';
import { outcomeOfDatabaseError } from './database-error.ts';
import { grouped } from './grouped.ts';
import { freshBucket, newKey } from './ids.ts';
import { judgedFor } from './judged-for.ts';
import { checkStored, lockStored, mayEnter, type Stored } from './locked.ts';
import { type Defining, define, readParameters } from './parameters.ts';
import { keepContact, protectedDrafts, type TakenContact } from './protection.ts';
import { concernsRights, followRights } from './rights.ts';
import { sourced } from './source.ts';
import { createStoredValidation, type StoredValidation } from './stored-definitions.ts';
import { assignReferences, idOfPatient } from './transaction-references.ts';
import { type Draft, indexedAnew, isUnchanged, nothingNew, type Version, versionOf, written } from './versions.ts';
import { refuseBeyondRights, refuseBeyondScopes } from './writing-rights.ts';

export type WriteContext = {
  /** The request, for the audit: a UUID. */
  request: string;
  /** Runs inside the same transaction, after the checks and before the commit. */
  alongside?: (client: ClientBase, written: Written[]) => Promise<void>;
  /** True for a transaction Bundle: references to entries that are not there are refused. */
  isBundle?: boolean;
};

export type Write = (access: Access, changes: readonly Change[], context: WriteContext) => Promise<Written[]>;

export type WriterOptions = {
  pool: Pool;
  nowMs: () => number;
  base: string;
  /** Numbers that are patient numbers although they look like a My Number. */
  exempt?: Exempt;
  /** That of the server; one of its own when absent. */
  validation?: StoredValidation;
};

export function createWriter({
  pool,
  nowMs,
  base,
  exempt = noneExempt,
  validation = createStoredValidation({ pool }),
}: WriterOptions): Write {
  const createTogether = grouped(
    async (versions: Version[]) => {
      const isStored = await commitCreates(pool, versions);
      return versions.map(() => isStored);
    },
    { mostTogether: 16, mostInFlight: 2 },
  );

  return async function write(access, asked, context) {
    const changes = context.isBundle
      ? asked.map((one, n) => (one.entry === undefined ? { ...one, entry: n } : one))
      : asked;
    for (const one of changes) inEntry(one.entry, () => mayEnter(access, one));
    try {
      const validate = await validation.validatorFor(changes);
      const warnings = warningsOf(access, changes, validate);
      const names = urnsOf(changes, context);
      const links = changes.map(({ resource }) => (resource ? linksOf(resource, names) : noLinks));
      if (!context.alongside && changes.length === 0) return [];
      const isPlain = !context.alongside && changes.every((one, n) => isPlainCreate(access, one, links[n] ?? noLinks));
      const answers = isPlain
        ? await createPlain(access, draft(access, changes, { links, warnings }, context), context)
        : await inTransaction(pool, (client) =>
            change(client, access, changes, { links, warnings, validate }, context),
          );
      // Stored it is; without the news this process hears of it a little later.
      if (changes.some(isDefining)) await readParameters(pool).catch(() => undefined);
      validation.wrote(changes);
      return warned(answers, changes, warnings);
    } catch (error) {
      throw outcomeOfDatabaseError(error);
    }
  };

  /** What is warned of each change, in expressions of its resource. Throws where one is to be refused. */
  function warningsOf(access: Access, changes: readonly Change[], validate: Validator): Issue[][] {
    const issues: Issue[][] = changes.map(({ resource }) => (resource ? judgedFor(access, resource, validate) : []));
    if (issues.some((found) => found.some(({ severity }) => severity === 'error')))
      throw invalid(worstFirst(issues.flatMap((found, n) => atEntry(changes[n]?.entry, found))));
    for (const one of changes) {
      const place = placeOfMyNumber(one, exempt);
      if (place !== undefined)
        inEntry(one.entry, () => {
          throw myNumber(place);
        });
    }
    return issues.map((found) => found.filter(({ severity }) => severity === 'warning'));
  }

  async function createPlain(access: Access, asked: Draft[], context: WriteContext): Promise<Written[]> {
    const { drafts } = await protectedDrafts(pool, asked);
    refuseBeyondScopes(access, drafts);
    await refuseBeyondRights(pool, access, drafts, noneStored);
    const now = instantOf(nowMs());
    const indexed = () => drafts.map((one) => versionOf(access, context.request, one, 1, now));
    let versions = indexed();
    const store = async () => {
      const [only] = versions;
      return versions.length === 1 && only ? await createTogether(only) : await commitCreates(pool, versions);
    };
    await untilCurrent(store, async () => {
      await readParameters(pool);
      versions = indexed();
    });
    return drafts.map((one, n) => written(one, versions[n] as Version, 201));
  }

  async function change(
    client: ClientBase,
    access: Access,
    asked: readonly Change[],
    { links, warnings, validate }: { links: readonly Links[]; warnings: Issue[][]; validate: Validator },
    context: WriteContext,
  ): Promise<Written[]> {
    const { changes, stored, settled, seen } = await resolve(client, access, asked);
    const patched = changes.map((one) => (one.method === 'patch' ? one : noChange));
    for (const [n, found] of warningsOf(access, patched, validate).entries()) if (found.length > 0) warnings[n] = found;
    const names = urnsOf(changes, context);
    const linked = changes.map((one, n) =>
      one.resource && one !== asked[n] ? linksOf(one.resource, names) : (links[n] ?? noLinks),
    );
    await resolveConditionalReferences(searching(client, access, changes), changes, linked);
    const { drafts, taken } = await protectedDrafts(
      client,
      draft(access, changes, { links: linked, warnings }, context, settled),
    );
    const open = drafts.filter((one) => !one.settled);
    refuseBeyondScopes(access, open);
    for (const one of open) {
      if (one.method !== 'create') inEntry(one.entry, () => checkStored(access, one, stored.get(one.key)));
    }
    await refuseBeyondRights(client, access, open, stored);
    const answers = new Map<Draft, Written>();
    const creates = new Map<Version, Draft>();
    const replacements = new Map<Version, Draft>();
    const now = instantOf(nowMs());
    for (const one of open) {
      const before = one.method === 'create' ? undefined : stored.get(one.key);
      if (one.method === 'delete' && before?.isGone) {
        answers.set(one, nothingNew(one, before, 204));
        continue;
      }
      const version = versionOf(access, context.request, one, (before?.version ?? 0) + 1, now, before);
      if (before && isUnchanged(one, version, before)) {
        const answer = nothingNew(one, before, 200);
        answers.set(one, answer);
        seen.push({ ...answer, key: one.key, owner: before.owner });
        continue;
      }
      const isNew = before === undefined || before.isGone;
      (isNew ? creates : replacements).set(version, one);
      answers.set(one, written(one, version, one.method === 'delete' ? 204 : isNew ? 201 : 200));
    }
    await commitIndexed(client, replacements, commitReplacements);
    await commitIndexed(client, creates, commitCreates);
    await define(client, open.filter(isDefining).map(defining));
    await followRights(client, access, open, now);
    for (const one of taken) await keepApart(client, access, one, { context, validate });
    if (seen.length > 0) await commitReads(client, seen, access.client, context.request);
    const all = drafts.map((one) => one.settled ?? (answers.get(one) as Written));
    await context.alongside?.(client, all);
    return all;
  }

  /** What a protected Patient was about to say of where it lives: in a resource of its own, which few may read. */
  async function keepApart(
    client: ClientBase,
    { client: by }: Access,
    { patient, contact, kept, writer }: TakenContact,
    { context: { request }, validate }: { context: WriteContext; validate: Validator },
  ): Promise<void> {
    const access = { ...systemAccess('protect'), client: by };
    const type = 'RelatedPerson';
    const of = writer === undefined ? {} : { writer };
    const next: Change =
      kept === undefined
        ? { method: 'create', type, ...of, resource: contactResource(patient, contact) }
        : { method: 'patch', type, ...of, id: kept, patch: (stored) => withContact(stored, contact) };
    const [made] = await change(client, access, [next], { links: [noLinks], warnings: [[]], validate }, { request });
    if (made && kept === undefined) await keepContact(client, patient, made.id);
  }

  /** What each change comes to: conditions replaced by what they find, patches by what they make of what is stored. */
  async function resolve(client: ClientBase, access: Access, asked: readonly Change[]) {
    await lockConditions(client, asked);
    const deleting = await resolveDeletes(searching(client, access, []), asked);
    const afterDeletes = searching(client, access, deleting);
    const resolved = await resolveUpdates(afterDeletes, deleting);
    for (const one of resolved) inEntry(one.entry, () => mayEnter(access, one));
    const matches = await conditionalMatches(afterDeletes, resolved);
    const targets = resolved.filter(isOfKnownId);
    refuseTwice(targets);
    const stored = await lockStored(client, access, targets);
    const settled = new Map<Change, Written>(matches);
    const now = instantOf(nowMs());
    for (const one of resolved) {
      const isForNothing = one.method === 'delete' && one.id === undefined;
      if (isForNothing)
        settled.set(one, { status: 204, type: one.type, id: '', version: 0, updated: now, content: undefined });
    }
    const changes = resolved.map((one) => inEntry(one.entry, () => patched(access, one, stored)));
    return { changes, stored, settled, seen: [...matches.values()] };
  }

  function searching(client: ClientBase, access: Access, changes: readonly Change[]) {
    return { client, access, base, nowMs: nowMs(), deleted: deletedKeys(changes) };
  }

  function draft(
    access: Access,
    changes: readonly Change[],
    { links, warnings }: { links: readonly Links[]; warnings: readonly (readonly Issue[])[] },
    context: WriteContext,
    settled?: ReadonlyMap<Change, Written>,
  ): Draft[] {
    const newId = (bucket: number | undefined) => newKey(nowMs(), bucket ?? freshBucket());
    const refuseDangling = context.isBundle === true;
    const { ids, patients } = assignReferences(changes, { links, newId, base, refuseDangling, settled });
    return changes.map((one, n) => {
      const id = ids[n] ?? '';
      const writer = one.writer ?? access.caller?.organization;
      const resource = one.resource && sourced(access, writer, { ...one.resource, id }, base);
      return {
        ...one,
        ...(writer === undefined ? {} : { writer }),
        ...(resource ? { resource } : {}),
        id,
        key: keyOf(one.type, id),
        patients: patients[n] ?? (resource ? patientsOf(resource).map(idOfPatient) : []),
        settled: settled?.get(one),
        warnings: warnings[n] ?? [],
      };
    });
  }
}

const instantOf = (ms: number): string => new Date(ms).toISOString();

const noneStored: ReadonlyMap<string, Stored> = new Map();
const noLinks: Links = { references: [], uris: [], narratives: [] };

/** What entries of a transaction call each other. */
function urnsOf(changes: readonly Change[], { isBundle }: WriteContext): Set<string> {
  if (!isBundle) return new Set();
  return new Set(changes.flatMap(({ fullUrl }) => (fullUrl?.startsWith('urn:') ? [fullUrl] : [])));
}

/** The patch done to what is stored and locked. Hidden and missing are told before anything is read from it. */
function patched(access: Access, change: Change, stored: ReadonlyMap<string, Stored>): Change {
  const { patch, type, id } = change;
  if (!patch || id === undefined) return change;
  const before = stored.get(keyOf(type, id));
  checkStored(access, { ...change, id }, before);
  const next = patch(parseJson(before?.content ?? '') as JsonObject);
  const { versionId, lastUpdated } = isObject(next.meta) ? next.meta : {};
  const isOurs =
    next.resourceType === type &&
    next.id === id &&
    (versionId === undefined || versionId === String(before?.version)) &&
    (lastUpdated === undefined || lastUpdated === before?.updated);
  if (!isOurs) throw cannotPatch('A patch cannot change resourceType, id, meta.versionId or meta.lastUpdated');
  return { ...change, resource: next };
}

/** Stores versions, indexed anew as often as the search parameters in force change meanwhile. */
async function commitIndexed(
  client: ClientBase,
  drafts: ReadonlyMap<Version, Draft>,
  commit: (client: ClientBase, versions: readonly Version[]) => Promise<boolean>,
): Promise<void> {
  if (drafts.size === 0) return;
  let versions = [...drafts.keys()];
  await untilCurrent(
    () => commit(client, versions),
    async () => {
      await readParameters(client);
      versions = [...drafts].map(([version, one]) => indexedAnew(version, one));
    },
  );
}

const mostAttempts = 20;

/** Throws 503 when the search parameters change faster than a write can be indexed. */
async function untilCurrent(store: () => Promise<boolean>, indexAnew: () => Promise<void>): Promise<void> {
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    if (await store()) return;
    await indexAnew();
  }
  throw unavailable();
}

/** A SearchParameter, which may change what searches there are (parameters.ts). */
const isDefining = ({ type }: Pick<Change, 'type'>): boolean => type === 'SearchParameter';

function defining({ key, id, entry, resource, method }: Draft): Defining {
  const definition = method !== 'delete' && resource ? inEntry(entry, () => customDefinition(resource)) : undefined;
  return { key, id, definition };
}

const isOfKnownId = (change: Change): change is Change & { id: string } =>
  change.method !== 'create' && change.id !== undefined;

/** Conditions may lead two changes of a set to one resource; which of them won would be chance. */
function refuseTwice(changes: readonly (Change & { id: string })[]): void {
  const keys = new Set<string>();
  for (const { type, id, entry } of changes) {
    const key = keyOf(type, id);
    if (keys.has(key))
      inEntry(entry, () => {
        throw badRequest(`${type}/${id} is changed twice in this transaction`, 'invalid');
      });
    keys.add(key);
  }
}

function placeOfMyNumber({ type, resource, match, ifNoneExist }: Change, exempt: Exempt): string | undefined {
  const place = resource && findMyNumber(resource, exempt);
  if (place !== undefined) return `${type}.${place}`;
  const inCriteria = findMyNumberInQuery(new URLSearchParams(`${match ?? ''}&${ifNoneExist ?? ''}`), exempt);
  return inCriteria === undefined ? undefined : `The search parameter ${inCriteria}`;
}

/** Conditional references need the database. A question mark in a note does not. */
const isPlainCreate = (access: Access, { type, method, ifNoneExist }: Change, { references }: Links): boolean =>
  method === 'create' &&
  !isDefining({ type }) &&
  !concernsRights(access, { type, method }) &&
  ifNoneExist === undefined &&
  !references.some(({ reference }) => isConditional(reference));

/** Runs `work` in a transaction of its own; whatever it throws undoes it. */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
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

/** What refuses before what warns; what is only noted is for `$validate`. */
const worstFirst = (issues: readonly Issue[]): Issue[] =>
  (['error', 'warning'] as const).flatMap((wanted) => issues.filter(({ severity }) => severity === wanted));

/** Answers come in the order of the changes. */
function warned(answers: Written[], changes: readonly Change[], warnings: readonly (readonly Issue[])[]): Written[] {
  if (warnings.every((found) => found.length === 0)) return answers;
  return answers.map((one, n) => {
    const found = warnings[n] ?? [];
    return found.length > 0 ? { ...one, warnings: atEntry(changes[n]?.entry, found) } : one;
  });
}

const noChange: Change = { method: 'delete', type: '' };
