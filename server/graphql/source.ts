// Where the resources of a query come from: the reads and searches of one caller, each within what that caller may see, each
// with its audit row, and each resource once.

import { reachOf } from '../access/access.ts';
import { namedReach } from '../access/named-reach.ts';
import { resourceTypes } from '../fhir/definitions.ts';
import { type JsonObject, parseJson } from '../fhir/json.ts';
import { badRequest, tooCostly } from '../fhir/outcome.ts';
import { auditOfMany, reading } from '../interaction/audited.ts';
import type { Fhir, FhirRequest } from '../interaction/request.ts';
import { parseQuery } from '../search/parse-query.ts';
import type { Position } from '../search/plan.ts';
import type { Page } from '../store/searcher.ts';
import type { Budget } from './limits.ts';

export type Asked = {
  type: string;
  pairs: readonly [string, string][];
  /** The search parameter by which it refers to what, for a reverse reference. */
  referring: readonly [string, string] | undefined;
};

export type Source = {
  /** Undefined when there is none that the caller may see. */
  read(type: string, id: string): Promise<JsonObject | undefined>;
  /** The same of what the caller names itself. Throws 403 where the scopes do not name the type. */
  readAsked(type: string, id: string): Promise<JsonObject | undefined>;
  list(asked: Asked): Promise<JsonObject[]>;
  /** A page of a search: count, offset, pagesize, edges, next. */
  connection(asked: Asked & { isCounted: boolean }): Promise<JsonObject>;
};

type Caller = { fhir: Fhir; request: FhirRequest; budget: Budget };
/** Where a page begins: at `offset`, which is only counted, behind `after`. */
type Start = { offset: number; after?: Position };

export function createSource(caller: Caller): Source {
  const known = new Map<string, Promise<JsonObject | undefined>>();
  const read = (type: string, id: string) => {
    const reference = `${type}/${id}`;
    const found = known.get(reference) ?? readResource(caller, type, id);
    known.set(reference, found);
    return found;
  };
  return {
    read,
    readAsked: async (type, id) => {
      namedReach(caller.request.access, 'read', type);
      return read(type, id);
    },
    list: async (asked) => {
      const { offset, pairs } = withoutOffset(asked);
      const { matches } = await search(caller, { ...asked, pairs }, { offset: 0 }, offset);
      return matches.slice(offset).map(({ content }) => parseJson(content) as JsonObject);
    },
    connection: (asked) => connection(caller, asked),
  };
}

async function readResource({ fhir, request, budget }: Caller, type: string, id: string) {
  if (!resourceTypes.has(type)) return undefined;
  budget.resources(1);
  const reach = reachOf(request.access, 'read', type);
  const found = await fhir.reader.currentAudited(type, id, reach, reading(fhir, request, 'graphql'));
  return found?.content === undefined ? undefined : (parseJson(found.content) as JsonObject);
}

const mostOffset = 1000;
const unusable = /^_(?:include|revinclude|summary|elements|format|pretty|total|contained)/;

/** One page; `skipped` more rows are fetched for an offset. */
async function search(caller: Caller, { type, pairs, referring }: Asked, { after }: Start, skipped = 0) {
  const { fhir, request, budget } = caller;
  const noUse = pairs.find(([name]) => unusable.test(name));
  if (noUse)
    throw badRequest(`${noUse[0]} has no use in GraphQL, which says what it wants`, 'not-supported', [noUse[0]]);
  const reach = namedReach(request.access, 'search', type);
  if (skipped > mostOffset)
    throw tooCostly(`_offset is at most ${mostOffset}; follow the cursors of a connection instead`);
  budget.search();
  const wanted: [string, string][] = [...(referring ? [[...referring] as [string, string]] : []), ...pairs];
  const asked = parseQuery(type, wanted, { lenient: false, nowMs: fhir.nowMs(), base: fhir.base });
  const query = await fhir.searcher.resolve(asked, request.access, after);
  const page: Page = await fhir.searcher.page({ ...query, count: query.count + skipped }, reach, after);
  budget.resources(page.matches.length);
  const owners = page.matches.map(({ owner }) => owner);
  await fhir.audit(auditOfMany(fhir, request, 'search', type, owners));
  return { ...page, query, reach };
}

async function connection(caller: Caller, asked: Asked & { isCounted: boolean }): Promise<JsonObject> {
  const { fhir, request } = caller;
  const of = `$graphql ${asked.type} ${asked.referring?.join(' ') ?? ''}`;
  const { pairs, start } = await startOf(caller, of, asked);
  const skipped = start.after ? 0 : start.offset;
  const { matches, next, query, reach } = await search(caller, { ...asked, pairs }, start, skipped);
  const shown = matches.slice(skipped);
  const offset = start.offset + shown.length;
  const place = next && { of, query: [...pairs, ['_offset', String(offset)] as [string, string]], after: next };
  return {
    ...(asked.isCounted ? { count: await fhir.searcher.count(query, reach) } : {}),
    offset: start.offset,
    pagesize: query.count,
    edges: shown.map(({ content }) => ({ mode: 'match', resource: parseJson(content) })),
    ...(place ? { next: await fhir.cursors.seal({ ...place, client: request.access.client }) } : {}),
  };
}

/** A cursor holds the search it belongs to. */
async function startOf({ fhir, request }: Caller, of: string, asked: Asked) {
  const text = asked.pairs.find(([name]) => name === '_cursor')?.[1];
  if (text === undefined) {
    const { offset, pairs } = withoutOffset(asked);
    const start: Start = { offset };
    return { pairs, start };
  }
  const cursor = await fhir.cursors.open(text);
  if (!cursor || cursor.of !== of || cursor.client !== request.access.client)
    throw badRequest('This cursor is not valid here; please search again', 'expired', ['_cursor']);
  const { offset, pairs } = withoutOffset({ pairs: cursor.query });
  const start: Start = { offset, after: cursor.after };
  return { pairs, start };
}

function withoutOffset({ pairs }: Pick<Asked, 'pairs'>): { offset: number; pairs: [string, string][] } {
  const text = pairs.find(([name]) => name === '_offset')?.[1] ?? '0';
  if (!/^\d{1,9}$/.test(text)) throw badRequest('_offset takes a whole number', 'value', ['_offset']);
  return { offset: Number(text), pairs: pairs.filter(([name]) => name !== '_offset') };
}
