// How much one GraphQL query may ask for. What goes beyond is refused with a sentence, never cut short in silence.

import { tooCostly } from '../fhir/outcome.ts';

export const mostQueryCharacters = 50_000;
export const mostTokens = 5_000;
/** Selections within selections, fragments included. */
export const deepest = 20;
/** With every use of a fragment counted. */
export const mostFields = 500;
const mostResources = 2_000;
const mostSearches = 100;
const mostValues = 100_000;
const mostMs = 10_000;
/** Nobody else is answered while a FHIRPath is evaluated. */
const mostPathMs = 1_000;

export type Budget = {
  /** Each throws OperationOutcomeError 422 when it is used up, and once the time is over. */
  resources(count: number): void;
  search(): void;
  values(count: number): void;
  /** What a FHIRPath has taken. */
  paths(ms: number): void;
};

export function createBudget(now: () => number = () => performance.now()): Budget {
  const endsAt = now() + mostMs;
  let resources = 0;
  let searches = 0;
  let values = 0;
  let pathMs = 0;
  const inTime = () => {
    if (now() > endsAt) throw tooCostly(`The query took longer than ${mostMs / 1000} seconds; ask for less at a time`);
  };
  return {
    resources: (count) => {
      inTime();
      resources += count;
      if (resources > mostResources) throw tooCostly(`A query reads at most ${mostResources} resources`);
    },
    search: () => {
      inTime();
      searches += 1;
      if (searches > mostSearches) throw tooCostly(`A query makes at most ${mostSearches} searches`);
    },
    values: (count) => {
      values += count;
      if (values > mostValues) throw tooCostly(`An answer holds at most ${mostValues} values`);
    },
    paths: (ms) => {
      pathMs += ms;
      if (pathMs > mostPathMs) throw tooCostly(`The FHIRPaths of a query take at most ${mostPathMs / 1000} second`);
    },
  };
}
