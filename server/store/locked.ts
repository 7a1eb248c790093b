// What is stored of the resources that a change set updates, patches or deletes: locked, and checked against what the caller
// may touch and what it has seen. FHIR R4, https://hl7.org/fhir/R4/http.html#concurrency

import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { type Access, type Interaction, mayChooseId, type Reach, reachOf } from '../access/access.ts';
import { notNamed } from '../access/named-reach.ts';
import { duplicate, exists, forbidden, gone, notFound, versionConflict } from '../fhir/outcome.ts';
import { mark } from '../search/hash.ts';
import { keyOf, typeNumber } from '../search/keys.ts';
import { narrow } from '../search/narrow.ts';
import { fixed, sql } from '../search/sql.ts';
import { eventPlace } from './audit-log.ts';
import { type Change, rightOf } from './change.ts';
import { lastOfGone } from './history-rights.ts';
import { instant, statement } from './pool.ts';

type Target = Pick<Change, 'method' | 'type'> & { id: string };
type Wanted = Target & { key: string };

export type Stored = {
  type: number;
  version: number;
  owner: string;
  /** The key of the Organization that wrote it. */
  organization: string | undefined;
  labels: number;
  isGone: boolean;
  /** ISO 8601, milliseconds, UTC. */
  updated: string;
  /** '' once it is gone. */
  content: string;
  /** The rights within whose reach it is, where permissions decide that. */
  reached?: ReadonlySet<Interaction>;
};

const lockText = `
select key, type, version, owner, organization, labels, updated, false as is_gone, content from resource
where key = any($1::uuid[]) order by key for update`;
const lastText = `
select distinct on (key) key, type, version, owner, organization, labels, updated, true as is_gone, '' as content from history
where key = any($1::uuid[]) and not exists (select from resource r where r.key = history.key)
order by key, version desc`;

/**
 * The current state, by key, of what these changes are about, locked until the end of the transaction. What the caller may
 * not touch is not locked either: in its place something is looked for that is nowhere, so that how soon the refusal comes
 * does not tell the hidden from the missing, and nobody holds up the record of others.
 */
export async function lockStored(
  client: ClientBase,
  access: Access,
  changes: readonly Target[],
): Promise<Map<string, Stored>> {
  const stored = new Map<string, Stored>();
  if (changes.length === 0) return stored;
  const all: Wanted[] = [];
  for (const change of changes) {
    const key = keyOf(change.type, change.id);
    all.push({ ...change, key: (await isHidden(client, access, change, key)) ? randomUUID() : key });
  }
  const missing = () => all.filter((one) => !isReached(access, one, stored.get(one.key))).sort(byKey);
  const collect = async (name: string, text: string, wanted: readonly Wanted[]) => {
    const { rows } = await client.query({ name, text, values: [wanted.map(({ key }) => key)] });
    for (const { key, type, version, owner, organization, labels, updated, is_gone, content } of rows)
      stored.set(key, {
        ...{ type, version, owner, labels, content },
        organization: organization ?? undefined,
        updated: instant(updated),
        isGone: is_gone,
      });
    await askPermissions(client, access, wanted, stored);
  };
  await collect('lock-stored', lockText, all);
  const absent = missing();
  if (absent.length === 0) return stored;
  // Nothing to lock yet: whoever makes the row first holds this lock, so that two PUTs to one free id do not both create.
  await client.query('select pg_advisory_xact_lock(k) from unnest($1::bigint[]) k', [
    absent.map(({ key }) => mark(key)),
  ]);
  await collect('lock-stored', lockText, absent);
  const neverHere = missing();
  if (neverHere.length > 0) await collect('last-version', lastText, neverHere);
  return stored;
}

/** It is there, and out of the caller's reach. */
async function isHidden(client: ClientBase, access: Access, { method, type }: Target, key: string): Promise<boolean> {
  let isHidden = false;
  // Every right is asked for, whatever the first has said: it takes as many statements either way.
  for (const right of rightsFor(method)) {
    const reach = reachOf(access, right, type);
    if (reach.kind === 'all') continue;
    const asked = sql`
select from resource r where r.key = ${key}::uuid and r.type = ${typeNumber(type)}::int2 and (${narrow(reach, type)}) is not true limit 1`;
    const { rowCount } = await client.query(statement(asked));
    isHidden ||= rowCount === 1;
  }
  return isHidden;
}

const byKey = (one: Wanted, other: Wanted): number => (one.key < other.key ? -1 : 1);

/**
 * Finds out what is within reach of a caller whose rights are permissions; for the others it is known without asking. Of what is
 * not there it is asked as well, in vain: a refusal takes as many statements either way.
 */
async function askPermissions(
  client: ClientBase,
  access: Access,
  wanted: readonly Wanted[],
  stored: Map<string, Stored>,
): Promise<void> {
  for (const { method, type, key } of wanted) {
    const one = stored.get(key);
    const reached = new Set<Interaction>();
    for (const right of rightsFor(method)) {
      const reach = reachOf(access, right, type);
      if (reach.kind !== 'narrowed') continue;
      const from = one?.isGone ? lastOfGone(sql`${key}::uuid`) : fixed('resource');
      const asked = sql`select from ${from} r where r.key = ${key}::uuid and ${narrow(reach, type)} limit 1`;
      const { rowCount } = await client.query(statement(asked));
      if (rowCount === 1) reached.add(right);
    }
    if (one?.type === typeNumber(type)) stored.set(key, { ...one, reached });
  }
}

/**
 * Throws what refuses a change of what is stored. Hidden and missing look the same: both are "not known here".
 */
export function checkStored(access: Access, change: Change & { id: string }, before: Stored | undefined): void {
  const { method, type, id, ifMatch } = change;
  const mayCreate = method === 'update' && mayChooseId(access, type);
  // A server-made id is its own key, whatever the type: under another type it names nothing, and cannot be taken.
  if (before && before.type !== typeNumber(type)) {
    if (!mayCreate) throw notFound(`${type}/${id}`);
    throw duplicate('A resource of another type with this id');
  }
  const isOurs = isReached(access, change, before);
  const isThere = isOurs && !before.isGone;
  if (ifMatch !== undefined && (!isThere || before.version !== ifMatch)) {
    if (!isOurs) throw notFound(`${type}/${id}`);
    throw before.isGone ? gone(`${type}/${id}`) : versionConflict(String(ifMatch), String(before.version));
  }
  if (isThere && change.isNew) throw exists(`${type}/${id}`);
  if (isThere || (isOurs && method === 'delete')) return;
  if (isOurs && method === 'patch') throw gone(`${type}/${id}`);
  if (!mayCreate) throw notFound(`${type}/${id}`);
}

/** Throws 403 for a method on a type that the caller's scopes do not name at all, and for what the server notes itself. */
export function mayEnter(access: Access, { method, type, id }: Pick<Change, 'method' | 'type' | 'id'>): void {
  if (type === 'AuditEvent' && id !== undefined && eventPlace(id))
    throw forbidden(`AuditEvent/${id} is the server's own, and is never changed`);
  const lacking = rightsFor(method).find((right) => reachOf(access, right, type).kind === 'none');
  if (lacking === undefined) return;
  throw notNamed(access, lacking, type, lacking === 'read' ? 'and a patch needs it' : undefined);
}

/** A patch is an update that shows what is stored: by its answer, and by whether it fits. */
const rightsFor = (method: Change['method']): Interaction[] =>
  method === 'patch' ? ['update', 'read'] : [rightOf(method)];

const isReached = (access: Access, { method, type }: Target, before: Stored | undefined): before is Stored =>
  before !== undefined && rightsFor(method).every((right) => isWithin(reachOf(access, right, type), right, before));

function isWithin(reach: Reach, right: Interaction, { owner, reached }: Stored): boolean {
  if (reach.kind === 'narrowed') return reached?.has(right) === true;
  return reach.kind === 'all' || (reach.kind === 'patient' && owner === keyOf('Patient', reach.patient));
}
