// Conditions of a change set, inside the transaction that writes. Equal criteria wait for each other on an advisory lock, so
// 64 equal creates make one row. What the set deletes is gone for its other conditions, for deletes come first.
// FHIR R4, https://hl7.org/fhir/R4/http.html#ccreate, #cond-update, #cdelete, #trules

import type { ClientBase } from 'pg';
import type { Access } from '../access/access.ts';
import { namedReach } from '../access/named-reach.ts';
import { inEntry } from '../fhir/bundle-entry.ts';
import { resourceTypes } from '../fhir/definitions.ts';
import type { Links } from '../fhir/links.ts';
import { badRequest, notFound, preconditionFailed } from '../fhir/outcome.ts';
import { isConditional } from '../fhir/references.ts';
import { mark } from '../search/hash.ts';
import { keyOf } from '../search/keys.ts';
import { parseQuery } from '../search/parse-query.ts';
import { resolveChains } from './chains.ts';
import type { Change, Matched } from './change.ts';
import { searchPage } from './query.ts';
import { idOf } from './stored-text.ts';

export type Searching = {
  client: ClientBase;
  access: Access;
  base: string;
  nowMs: number;
  /** Keys of what the change set deletes. */
  deleted: ReadonlySet<string>;
};

/** Takes the locks of all conditions at once, in one order, so that two change sets cannot wait for each other. */
export async function lockConditions(client: ClientBase, changes: readonly Change[]): Promise<void> {
  const seen = new Set<string>();
  const criteria = new Set<string>();
  for (const { method, type, ifNoneExist, match } of changes) {
    const condition = ifNoneExist ?? match;
    if (condition === undefined) continue;
    const one = `${type}?${normal(condition)}`;
    // To delete what fits and to create what then is missing is one wish; twice the same is a mistake.
    const name = `${method === 'delete' ? '-' : '+'}${one}`;
    if (seen.has(name)) throw preconditionFailed('Two entries of this Bundle have the same condition');
    seen.add(name);
    criteria.add(one);
  }
  const locks = [...criteria].map(mark).sort();
  if (locks.length > 0) await client.query('select pg_advisory_xact_lock(k) from unnest($1::bigint[]) k', [locks]);
}

/** Conditional deletes become deletes of what they match. Without a match they stay as they are: there is nothing to do. */
export async function resolveDeletes(searching: Searching, changes: readonly Change[]): Promise<Change[]> {
  return each(changes, async (change) => {
    if (change.method !== 'delete' || change.match === undefined) return change;
    const found = await theOne(searching, change.type, change.match);
    if (found) return { ...change, id: found.id };
    if (change.ifMatch !== undefined)
      throw preconditionFailed('If-Match names a version, and nothing fits the condition');
    return change;
  });
}

/** For each change with `ifNoneExist` that has exactly one match: what is already there. Throws 412 for several. */
export async function conditionalMatches(
  searching: Searching,
  changes: readonly Change[],
): Promise<Map<Change, Matched>> {
  const matches = new Map<Change, Matched>();
  await each(changes, async (change) => {
    if (change.ifNoneExist === undefined) return;
    const found = await theOne(searching, change.type, change.ifNoneExist);
    if (found) matches.set(change, found);
  });
  return matches;
}

/** Conditional updates become updates of what they match, or creates; conditional patches become patches. */
export async function resolveUpdates(searching: Searching, changes: readonly Change[]): Promise<Change[]> {
  return each(changes, async (change) => {
    const { match, ...rest } = change;
    if (match === undefined || change.method === 'delete') return change;
    const found = await theOne(searching, change.type, match);
    if (change.method === 'patch') {
      if (!found) throw notFound(`A ${change.type} that fits the condition`);
      return { ...rest, id: found.id };
    }
    if (!found && change.ifMatch !== undefined)
      throw preconditionFailed('If-Match names a version, and nothing fits the condition');
    const { id: named, ...body } = change.resource ?? {};
    if (found && named !== undefined && named !== found.id)
      throw badRequest('The id in the body is not that of the match', 'invalid', [`${change.type}.id`]);
    const id = found?.id ?? (typeof named === 'string' ? named : undefined);
    return id === undefined
      ? { ...rest, method: 'create', resource: body }
      : { ...rest, id, resource: { ...body, id } };
  });
}

/** Turns `Patient?identifier=…` references into literal ones, in place. Throws 412 when not exactly one fits. */
export async function resolveConditionalReferences(
  searching: Searching,
  changes: readonly Change[],
  links: readonly Links[],
): Promise<void> {
  const resolved = new Map<string, string>();
  for (const [n, { references }] of links.entries()) {
    for (const node of references) {
      if (!isConditional(node.reference)) continue;
      const target = resolved.get(node.reference);
      node.reference = target ?? (await inEntry(changes[n]?.entry, () => referred(node.reference)));
    }
  }

  async function referred(reference: string): Promise<string> {
    const [type = '', criteria = ''] = reference.split(/\?(.*)/s);
    const found = await theOne(searching, type, criteria);
    if (!found) throw preconditionFailed(`The conditional reference to a ${type} matches nothing here`);
    resolved.set(reference, `${type}/${found.id}`);
    return `${type}/${found.id}`;
  }
}

/** One after the other: they share a connection. */
async function each<T>(changes: readonly Change[], work: (change: Change) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  for (const change of changes) done.push(await inEntry(change.entry, () => work(change)));
  return done;
}

async function theOne(
  { client, access, base, nowMs, deleted }: Searching,
  type: string,
  criteria: string,
): Promise<Matched | undefined> {
  if (!resourceTypes.has(type)) throw badRequest(`"${type}" is not a resource type of FHIR R4`, 'value');
  const reach = namedReach(access, 'search', type, 'and a condition is a search');
  const query = parseQuery(type, new URLSearchParams(criteria), { lenient: false, nowMs, base });
  if (query.filters.length === 0) throw badRequest('A condition needs at least one search parameter', 'required');
  const resolved = await resolveChains(client, access, query);
  const page = await searchPage(client, { ...resolved, count: 2 + deleted.size, sort: [] }, reach);
  const [only, ...others] = page.matches.filter(({ key }) => !deleted.has(key));
  if (others.length > 0) throw preconditionFailed(`The condition on ${type} matches more than one resource`);
  if (!only) return undefined;
  const { key, owner, version, updated, content } = only;
  return { status: 200, type, id: idOf(content), key, owner, version, updated, content };
}

/** The keys of what a change set deletes. */
export function deletedKeys(changes: readonly Change[]): Set<string> {
  const deletes = changes.filter(({ method, id }) => method === 'delete' && id !== undefined);
  return new Set(deletes.map(({ type, id }) => keyOf(type, id as string)));
}

/** The same criteria in another order are the same criteria. */
const normal = (criteria: string): string =>
  [...new URLSearchParams(criteria)]
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join('&');
