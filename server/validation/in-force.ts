// The validator that this process holds every write, delivery and $validate against: that of the definitions in force, which are
// others once a package is loaded or removed.

import { type InForce, terminologyInForce } from '../terminology/in-force.ts';
import type { Finding } from './finding.ts';
import { createValidator, type Validator } from './validator.ts';

// Nothing is compiled before it is needed, and what was compiled goes with the definitions it is of.
const made = new WeakMap<InForce, Validator>();

/** As `Validator`, by what is in force at this moment. */
export function validateInForce(resource: unknown, asking?: { profiles?: readonly string[] }): Finding[] {
  const inForce = terminologyInForce();
  const known = made.get(inForce);
  if (known) return known(resource, asking);
  const validate = createValidator(inForce);
  made.set(inForce, validate);
  return validate(resource, asking);
}
