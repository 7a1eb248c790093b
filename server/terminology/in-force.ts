// The definitions that this process answers from, and the one Terminology that is compiled of them. One for the process, because
// searches, operations and validation all ask: what is shipped, until `answerFrom` names another source, such as the packages
// that have been loaded over it.

import type { Definitions } from '../definitions/definitions.ts';
import { shippedDefinitions } from '../definitions/shipped.ts';
import { type CompiledTerminology, createTerminology } from './create-terminology.ts';
import type { LargeCodeSystems } from './large-code-systems.ts';

export type InForce = {
  definitions: Definitions;
  terminology: CompiledTerminology;
  /** None where nothing is kept in tables. */
  large: LargeCodeSystems | undefined;
};

type Source = {
  /** Another object whenever a definition is another. */
  definitions(): Definitions;
  large: LargeCodeSystems | undefined;
};

const sources: Source[] = [{ definitions: shippedDefinitions, large: undefined }];
let inForce: InForce | undefined;

/** What was compiled is kept as long as the definitions are the same. */
export function terminologyInForce(): InForce {
  const { definitions: current, large } = sources.at(-1) as Source;
  const definitions = current();
  if (inForce?.definitions !== definitions || inForce.large !== large)
    inForce = { definitions, terminology: createTerminology(definitions), large };
  return inForce;
}

/** Names the source for this process, until what it returns is called: then the one before it is meant again. */
export function answerFrom(next: Source): () => void {
  sources.push(next);
  return () => {
    const at = sources.indexOf(next);
    if (at > 0) sources.splice(at, 1);
  };
}
