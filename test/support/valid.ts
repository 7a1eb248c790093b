// What a resource is refused for, as every write is.

import type { Finding } from '../../server/validation/finding.ts';
import { validateInForce } from '../../server/validation/in-force.ts';
import { errorsOf, judged } from '../../server/validation/strictness.ts';

export const refusalsOf = (resource: unknown): Finding[] => errorsOf(judged(validateInForce(resource)));
