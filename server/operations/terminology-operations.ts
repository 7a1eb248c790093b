// Every operation about codes, as they are mounted. FHIR R4, https://hl7.org/fhir/R4/terminology-service.html

import type { Operation } from '../interaction/request.ts';
import { lookupOperations } from './code-system-lookup.ts';
import { translateOperations } from './concept-map-translate.ts';
import { validateCodeOperations } from './validate-code.ts';
import { expandOperations } from './value-set-expand.ts';

export const terminologyOperations: readonly Operation[] = [
  ...expandOperations,
  ...validateCodeOperations,
  ...lookupOperations,
  ...translateOperations,
];
