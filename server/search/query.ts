// A search as it was understood: what a match must fulfil, in which order, and what comes along with it.

import type { View } from '../fhir/summary.ts';
import type { Filter } from './filter.ts';
import type { Include } from './include.ts';
import type { Sort } from './sort.ts';

export type Query = {
  type: string;
  filters: Filter[];
  sort: Sort[];
  count: number;
  includes: Include[];
  total: boolean;
  countOnly: boolean;
  /** The state of the record that is asked about, as PostgreSQL writes a snapshot; undefined: that of the moment. */
  asOf?: string | undefined;
  /** Only which versions match: their contents come empty, for who may have them already. */
  isBare?: boolean;
  /** Which part of each resource is shown; undefined for the whole. */
  view?: View;
  /** The parameters as they were understood, for the self link. */
  understood: [string, string][];
  /** One diagnostic for each parameter that was ignored (lenient handling only). */
  ignored: string[];
};
