// Conditional create and conditional references, inside the transaction that writes. Equal criteria wait for each other on
// an advisory lock, so 64 equal requests make one row. FHIR R4, https://hl7.org/fhir/R4/http.html#ccreate

import type { ClientBase } from 'pg';
import { type Access, reachOf } from '../access/access.ts';
import { resourceTypes } from '../fhir/definitions.ts';
import { badRequest, forbidden, preconditionFailed } from '../fhir/outcome.ts';
import { isConditional, referencesOf } from '../fhir/references.ts';
import { mark } from '../search/hash.ts';
import { parseQuery } from '../search/parse-query.ts';
import { resolveChains } from './chains.ts';
import type { Change, Matched } from './change.ts';
import { searchPage } from './query.ts';
import { idOf } from './stored-text.ts';

export type Searching = { client: ClientBase; access: Access; base: string; nowMs: number };

/** Takes the locks of all conditions at once, in one order, so that two change sets cannot wait for each other. */
export async function lockConditions({ client }: Searching, changes: readonly Change[]): Promise<void> {
  const criteria = changes.flatMap(({ type, ifNoneExist, match }) => {
    const condition = ifNoneExist ?? match;
    return condition === undefined ? [] : [`${type}?${normal(condition)}`];
  });
  if (new Set(criteria).size < criteria.length)
    throw preconditionFailed('Two entries of this Bundle have the same condition');
  const locks = criteria.map(mark).sort();
  if (locks.length > 0) await client.query('select pg_advisory_xact_lock(k) from unnest($1::bigint[]) k', [locks]);
}

/** For each change with `ifNoneExist` that has exactly one match: what is already there. Throws 412 for several. */
export async function conditionalMatches(
  searching: Searching,
  changes: readonly Change[],
): Promise<Map<Change, Matched>> {
  const matches = new Map<Change, Matched>();
  for (const change of changes) {
    if (change.ifNoneExist === undefined) continue;
    const found = await theOne(searching, change.type, change.ifNoneExist);
    if (found) matches.set(change, { ...found, status: 200 });
  }
  return matches;
}

/** Conditional updates become updates of what they match, or creates. https://hl7.org/fhir/R4/http.html#cond-update */
export async function resolveConditionalUpdates(searching: Searching, changes: readonly Change[]): Promise<Change[]> {
  const resolved: Change[] = [];
  for (const change of changes) {
    const { match, resource, ...rest } = change;
    if (match === undefined || !resource) {
      resolved.push(change);
      continue;
    }
    const found = await theOne(searching, change.type, match);
    const { id: named, ...body } = resource;
    if (found && named !== undefined && named !== found.id)
      throw badRequest('The id in the body is not that of the match', 'invalid');
    const id = found?.id ?? (typeof named === 'string' ? named : undefined);
    resolved.push(
      id === undefined ? { ...rest, method: 'create', resource: body } : { ...rest, id, resource: { ...body, id } },
    );
  }
  return resolved;
}

/** Turns `Patient?identifier=…` references into literal ones, in place. Throws 412 when not exactly one fits. */
export async function resolveConditionalReferences(searching: Searching, changes: readonly Change[]): Promise<void> {
  const resolved = new Map<string, string>();
  for (const node of changes.flatMap(({ resource }) => (resource ? referencesOf(resource) : []))) {
    if (!isConditional(node.reference)) continue;
    let target = resolved.get(node.reference);
    if (target === undefined) {
      const [type = '', criteria = ''] = node.reference.split(/\?(.*)/s);
      const found = await theOne(searching, type, criteria);
      if (!found) throw preconditionFailed(`The conditional reference to a ${type} matches nothing here`);
      target = `${type}/${found.id}`;
      resolved.set(node.reference, target);
    }
    node.reference = target;
  }
}

async function theOne(
  { client, access, base, nowMs }: Searching,
  type: string,
  criteria: string,
): Promise<Matched | undefined> {
  if (!resourceTypes.has(type)) throw badRequest(`"${type}" is not a resource type of FHIR R4`, 'value');
  const reach = reachOf(access, 'search', type);
  if (reach.kind === 'none')
    throw forbidden(`search of ${type} is not in the scopes of this token, and a condition is a search`);
  const query = parseQuery(type, new URLSearchParams(criteria), { lenient: false, nowMs, base });
  if (query.filters.length === 0) throw badRequest('A condition needs at least one search parameter', 'required');
  const resolved = await resolveChains(client, access, query);
  const { matches } = await searchPage(client, { ...resolved, count: 2, sort: [] }, reach);
  if (matches.length > 1) throw preconditionFailed(`The condition on ${type} matches more than one resource`);
  const [only] = matches;
  if (!only) return undefined;
  const { key, owner, version, updated, content } = only;
  return { status: 200, type, id: idOf(content), key, owner, version, updated, content };
}

/** The same criteria in another order are the same criteria. */
const normal = (criteria: string): string =>
  [...new URLSearchParams(criteria)]
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join('&');
