// The definitions that this process answers from, and the one Terminology that is compiled of them. One for the process, because
// searches, operations and validation all ask: what is shipped, until a package is loaded over it (`useDefinitions`).

import type { Definitions } from '../definitions/definitions.ts';
import { shippedDefinitions } from '../definitions/shipped.ts';
import { type CompiledTerminology, createTerminology } from './create-terminology.ts';
import type { LargeCodeSystems } from './large-code-systems.ts';

export type InForce = {
  definitions: Definitions;
  terminology: CompiledTerminology;
  /** None where nothing was loaded. */
  large: LargeCodeSystems | undefined;
};

let inForce: InForce | undefined;

export function terminologyInForce(): InForce {
  inForce ??= made(shippedDefinitions(), undefined);
  return inForce;
}

/** Replaces what is in force; what was compiled of the one before is dropped. */
export function useDefinitions(definitions: Definitions, large?: LargeCodeSystems): void {
  inForce = made(definitions, large);
}

const made = (definitions: Definitions, large: LargeCodeSystems | undefined): InForce => ({
  definitions,
  terminology: createTerminology(definitions),
  large,
});
