// Search as interactions use it: chains resolved within the caller's rights, then pages and totals, all of them of the same
// state of the record.

import type { Pool } from 'pg';
import type { Access, Reach } from '../access/access.ts';
import { expired } from '../fhir/outcome.ts';
import { needsResolving } from '../search/asked.ts';
import type { Position } from '../search/plan.ts';
import type { Query } from '../search/query.ts';
import type { Referring } from '../search/referring.ts';
import type { TypeSearch } from '../search/system-plan.ts';
import type { Reading } from './audit.ts';
import { createAuditedPages } from './audited-page.ts';
import { resolveAll } from './chains.ts';
import { outcomeOfDatabaseError } from './database-error.ts';
import { type Canonical, type Included, referringResources, withCanonicalUrls } from './includes.ts';
import {
  countMatches,
  countSystem,
  currentSnapshot,
  type Page as Found,
  type Match,
  searchPage,
  systemPage,
} from './query.ts';

export type Page = { matches: Match[]; next: Position | undefined };
/** The texts of the matches alone. */
export type TextPage = { contents: string[]; next: Position | undefined };

export type Searcher = {
  /**
   * The query without chains, for the page behind `after`; page and count take only what came from here. Throws
   * OperationOutcomeError 410 for a search that began more than a day ago.
   */
  resolve(query: Query, access: Access, after?: Position): Promise<Query>;
  /** The same for the queries of one search over several types. */
  resolveAll(queries: readonly Query[], access: Access, after?: Position): Promise<Query[]>;
  page(query: Query, reach: Reach, after?: Position): Promise<Page>;
  /**
   * A first page whose audit rows are on the disk when it arrives; undefined, and nothing was asked, for a search that goes
   * another way (audited-page.ts).
   */
  auditedPage(query: Query, reach: Reach, reading: Reading): Promise<TextPage> | undefined;
  count(query: Query, reach: Reach): Promise<number>;
  /** Over several types, whose queries `resolve` has given the same moment. */
  systemPage(searches: readonly TypeSearch[], after?: Position): Promise<Page>;
  systemCount(searches: readonly TypeSearch[]): Promise<number>;
  /** See includes.ts. */
  canonical(wanted: readonly Canonical[]): Promise<Included[]>;
  referring(search: Referring, limit: number): Promise<{ found: Included[]; cut: string[] }>;
};

/** So long the pages of a search can be read on; store/past.ts keeps what they need a little longer. */
const pagesLastHours = 24;

export function createSearcher({ pool, nowMs }: { pool: Pool; nowMs: () => number }): Searcher {
  const auditedPages = createAuditedPages({ pool });
  return {
    resolve: (query, access, after) => resolve(query, access, after).catch(refused),
    resolveAll: (queries, access, after) => resolveEach(queries, access, after).catch(refused),
    page: (query, reach, after) => page(query, reach, after).catch(refused),
    auditedPage: (query, reach, reading) =>
      auditedPages(query, reach, reading)?.then(
        ({ contents, next }) => ({ contents, next: placed(next, undefined) }),
        refused,
      ),
    count: (query, reach) => countMatches(pool, query, reach).catch(refused),
    systemPage: (searches, after) => overSystem(searches, after).catch(refused),
    systemCount: (searches) => countSystem(pool, searches).catch(refused),
    canonical: (wanted) => withCanonicalUrls(pool, wanted).catch(refused),
    referring: (search, limit) => referringResources(pool, search, limit).catch(refused),
  };

  async function resolve(query: Query, access: Access, after: Position | undefined): Promise<Query> {
    const [found] = await resolveEach([query], access, after);
    return found ?? query;
  }

  async function resolveEach(queries: readonly Query[], access: Access, after: Position | undefined): Promise<Query[]> {
    if (after?.moment && nowMs() - after.moment.sinceMs > pagesLastHours * 3_600_000) {
      throw expired(`The pages of a search can be read for ${pagesLastHours} hours; please search again`);
    }
    const asOf = after?.moment?.snapshot ?? (queries.every(isOneStatement) ? undefined : await currentSnapshot(pool));
    const dated = queries.map((query) => ({ ...query, asOf }));
    return resolveAll(pool, access, dated);
  }

  async function page(query: Query, reach: Reach, after: Position | undefined): Promise<Page> {
    const { matches, next } = await searchPage(pool, query, reach, after);
    return { matches, next: placed(next, after) };
  }

  async function overSystem(searches: readonly TypeSearch[], after: Position | undefined): Promise<Page> {
    const { matches, next } = await systemPage(pool, searches, after);
    return { matches, next: placed(next, after) };
  }

  /** With the time of the first page, by which a link grows old. */
  function placed(next: Found['next'], after: Position | undefined): Position | undefined {
    if (!next) return undefined;
    const { snapshot, ...place } = next;
    return { ...place, moment: { snapshot, sinceMs: after?.moment?.sinceMs ?? nowMs() } };
  }
}

/** Without a chain and a total, the one statement of the page says itself which state it shows. */
const isOneStatement = ({ filters, total }: Query): boolean => !total && !filters.some(needsResolving);

const refused = (error: unknown): never => {
  throw outcomeOfDatabaseError(error);
};
