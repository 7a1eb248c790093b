// Search as interactions use it: chains resolved within the caller's rights, then pages and totals, all of them of the same
// state of the record.

import type { Pool } from 'pg';
import type { Access, Reach } from '../access/access.ts';
import { expired } from '../fhir/outcome.ts';
import type { Position } from '../search/plan.ts';
import type { Query } from '../search/query.ts';
import type { Referring } from '../search/referring.ts';
import { resolveChains } from './chains.ts';
import { outcomeOfDatabaseError } from './database-error.ts';
import { type Canonical, type Included, referringResources, withCanonicalUrls } from './includes.ts';
import { countMatches, currentSnapshot, type Match, searchPage } from './query.ts';

export type Page = { matches: Match[]; next: Position | undefined };

export type Searcher = {
  /**
   * The query without chains, for the page behind `after`; page and count take only what came from here. Throws
   * OperationOutcomeError 410 for a search that began more than a day ago.
   */
  resolve(query: Query, access: Access, after?: Position): Promise<Query>;
  page(query: Query, reach: Reach, after?: Position): Promise<Page>;
  count(query: Query, reach: Reach): Promise<number>;
  /** See includes.ts. */
  canonical(wanted: readonly Canonical[]): Promise<Included[]>;
  referring(search: Referring, limit: number): Promise<{ found: Included[]; cut: string[] }>;
};

/** So long the pages of a search can be read on; store/past.ts keeps what they need a little longer. */
const pagesLastHours = 24;

export function createSearcher({ pool, nowMs }: { pool: Pool; nowMs: () => number }): Searcher {
  return {
    resolve: (query, access, after) => resolve(query, access, after).catch(refused),
    page: (query, reach, after) => page(query, reach, after).catch(refused),
    count: (query, reach) => countMatches(pool, query, reach).catch(refused),
    canonical: (wanted) => withCanonicalUrls(pool, wanted).catch(refused),
    referring: (search, limit) => referringResources(pool, search, limit).catch(refused),
  };

  async function resolve(query: Query, access: Access, after: Position | undefined): Promise<Query> {
    if (after?.moment && nowMs() - after.moment.sinceMs > pagesLastHours * 3_600_000) {
      throw expired(`The pages of a search can be read for ${pagesLastHours} hours; please search again`);
    }
    const asOf = after?.moment?.snapshot ?? (isOneStatement(query) ? undefined : await currentSnapshot(pool));
    return resolveChains(pool, access, { ...query, asOf });
  }

  async function page(query: Query, reach: Reach, after: Position | undefined): Promise<Page> {
    const { matches, next } = await searchPage(pool, query, reach, after);
    if (!next) return { matches, next };
    const { snapshot, ...place } = next;
    return { matches, next: { ...place, moment: { snapshot, sinceMs: after?.moment?.sinceMs ?? nowMs() } } };
  }
}

/** Without a chain and a total, the one statement of the page says itself which state it shows. */
const isOneStatement = ({ filters, total }: Query): boolean =>
  !total && !filters.some(({ kind }) => kind === 'chain' || kind === 'has');

const refused = (error: unknown): never => {
  throw outcomeOfDatabaseError(error);
};
