// Quantity: a system that names a code system, and units of UCUM that UCUM has; R4's own examples have others, so that is a warning.
// FHIR R4, https://hl7.org/fhir/R4/datatypes.html#Quantity

import type { JsonObject } from '../../fhir/json.ts';
import { ucumSystem } from '../../fhir/ucum.ts';
import type { Place } from '../finding.ts';
import { isAbsolute } from './absolute.ts';

export function quantity({ system, code }: JsonObject, place: Place, path: string): void {
  if (typeof system !== 'string') return;
  if (!isAbsolute(system)) {
    place.report(
      'error',
      'invalid',
      `${path}.system`,
      'The system has to be an absolute uri, such as http://unitsofmeasure.org',
    );
    return;
  }
  if (system !== ucumSystem || typeof code !== 'string') return;
  const { result, message = '' } = place.terminology.inCodeSystem({ system, code });
  if (result === false) place.report('warning', 'code-invalid', `${path}.code`, message);
}
