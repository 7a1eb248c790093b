// Search as interactions use it: chains resolved within the caller's rights, then pages and totals.

import type { Pool } from 'pg';
import type { Access, Reach } from '../access/access.ts';
import type { Position } from '../search/plan.ts';
import type { Query } from '../search/query.ts';
import type { Referring } from '../search/referring.ts';
import { resolveChains } from './chains.ts';
import { outcomeOfDatabaseError } from './database-error.ts';
import { type Canonical, type Included, referringResources, withCanonicalUrls } from './includes.ts';
import { countMatches, type Page, searchPage } from './query.ts';

export type Searcher = {
  /** The query without chains; page and count take only what came from here. */
  resolve(query: Query, access: Access): Promise<Query>;
  page(query: Query, reach: Reach, after?: Position): Promise<Page>;
  count(query: Query, reach: Reach): Promise<number>;
  /** See includes.ts. */
  canonical(wanted: readonly Canonical[]): Promise<Included[]>;
  referring(search: Referring, limit: number): Promise<{ found: Included[]; cut: string[] }>;
};

export function createSearcher({ pool }: { pool: Pool }): Searcher {
  return {
    resolve: (query, access) => resolveChains(pool, access, query).catch(refused),
    page: (query, reach, after) => searchPage(pool, query, reach, after).catch(refused),
    count: (query, reach) => countMatches(pool, query, reach).catch(refused),
    canonical: (wanted) => withCanonicalUrls(pool, wanted).catch(refused),
    referring: (search, limit) => referringResources(pool, search, limit).catch(refused),
  };
}

const refused = (error: unknown): never => {
  throw outcomeOfDatabaseError(error);
};
