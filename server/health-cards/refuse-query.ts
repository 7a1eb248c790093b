// An operation that takes nothing in its address says so.

import { unknownParameter } from '../fhir/outcome.ts';
import type { FhirRequest } from '../interaction/request.ts';

/** Throws 400 for a parameter in the query other than the form of the answer. `name`: of the operation, with its `$`. */
export function refuseQuery({ query }: Pick<FhirRequest, 'query'>, name: string): void {
  const unknown = [...new URLSearchParams(query).keys()].find((one) => !['_format', '_pretty'].includes(one));
  if (unknown !== undefined) throw unknownParameter(unknown, name, []);
}
