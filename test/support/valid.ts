// What a resource is refused for, as every write is.

import type { Finding } from '../../server/validation/finding.ts';
import { shippedValidator } from '../../server/validation/shipped-validator.ts';
import { errorsOf, judged } from '../../server/validation/strictness.ts';

export const refusalsOf = (resource: unknown): Finding[] => errorsOf(judged(shippedValidator()(resource)));
