// What is measured. Each workload is its prepared requests, what stands beside it, and what a right answer looks like.
import { cards } from './cards.ts';
import { patientReads } from './patient-reads.ts';
import { populationSearches } from './population-searches.ts';
import type { Seed } from './seed.ts';
import { expand } from './terminology.ts';
import type { Workload } from './workload.ts';
import { writes } from './writes.ts';

/** In the order in which they run: those that write come last, and leave the families as they are. */
export const workloads = (seed: Seed): Workload[] => [
  ...patientReads(seed),
  ...populationSearches(seed),
  expand,
  cards(seed),
  ...writes(seed),
];
