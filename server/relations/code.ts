// The one-time code of an invitation or a claim in the body of a request.

import { badRequest } from '../fhir/outcome.ts';
import { readParameters, required, single } from '../interaction/parameters.ts';
import type { FhirRequest } from '../interaction/request.ts';

export function codeIn({ body }: FhirRequest): string {
  const code = single(readParameters(body, ['code']), 'code')?.valueString;
  if (typeof code !== 'string' || code.length > 40) throw required('code', 'valueString, as it was given to you');
  return code;
}

/** One answer for a code that never was, is used, is too old, or is no longer good: nobody learns which. */
export const unknownCode = (): Error =>
  badRequest('The code is not known, has been used, or is older than 14 days', 'value', [
    "Parameters.parameter.where(name='code')",
  ]);
