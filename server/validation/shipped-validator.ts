// The validator of the definitions that every Tsumugi has.

import { shippedDefinitions } from '../definitions/shipped.ts';
import { createTerminology } from '../terminology/create-terminology.ts';
import { createValidator, type Validator } from './validator.ts';

/** Made once, when first asked for; nothing is compiled before it is needed. */
export function shippedValidator(): Validator {
  if (!shipped) {
    const definitions = shippedDefinitions();
    shipped = createValidator({ definitions, terminology: createTerminology(definitions) });
  }
  return shipped;
}

let shipped: Validator | undefined;
