// The search parameters that SearchParameter resources have added to those of R4, as this process knows them now. One set for
// the process, because everything that reads or indexes a resource asks for its parameters: store/parameters.ts replaces it
// whole, nothing else does, and whatever is indexed says which generation of it was in force.

import type { SearchParameterDefinition } from '../fhir/definitions.ts';

export type CustomParameter = {
  /** `SearchParameter/[id]`. */
  reference: string;
  /** `base` holds resource types only. */
  definition: SearchParameterDefinition;
  /** `building`: indexed by every write, but not in every row yet, so no search may use it. */
  state: 'building' | 'ready';
  /** Rows that have been gone through, and how many there were when that began; undefined before. */
  done: number;
  total: number | undefined;
};

export type CustomSet = {
  /** Grows with every change of the definitions; 0 before anything was read, which no write is accepted with. */
  generation: number;
  parameters: readonly CustomParameter[];
};

let inUse: CustomSet = { generation: 0, parameters: [] };
let changes = 0;

/** The set in force in this process. */
export const customSet = (): CustomSet => inUse;

/** Another number whenever a definition or a state has changed; figures of progress do not count. */
export const customSetNumber = (): number => changes;

/** Replaces the set. What was compiled for the one before is dropped. */
export function useCustomParameters(next: CustomSet): void {
  if (next.generation !== inUse.generation || meaningOf(next) !== meaningOf(inUse)) changes += 1;
  inUse = next;
}

const meaningOf = ({ parameters }: CustomSet): string =>
  JSON.stringify(parameters.map(({ definition, state }) => [definition, state]));
