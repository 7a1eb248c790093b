// A search as it was understood: what a match must fulfil, in which order, and what comes along with it.

import type { Filter } from './filter.ts';
import type { Parameter } from './parameters.ts';

export type Sort = { code: string; kind: 'at' | 'updated' | 'id' | 'date' | 'string'; descending: boolean };
export type Include = { source: string; parameter: Parameter; target?: string };

export type Query = {
  type: string;
  filters: Filter[];
  sort: Sort[];
  count: number;
  includes: Include[];
  total: boolean;
  countOnly: boolean;
  /** The parameters as they were understood, for the self link. */
  understood: [string, string][];
  /** One diagnostic for each parameter that was ignored (lenient handling only). */
  ignored: string[];
};
