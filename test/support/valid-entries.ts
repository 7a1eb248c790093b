// Checks what a mapping made against FHIR R4 structure, as the server will when it receives it.

import type { BundleEntry } from '@medplum/fhirtypes';
import { parseJson } from '../../server/fhir/json.ts';
import { refusalsOf } from './valid.ts';

/** Every structural error of the resources, as "Type.path: what"; empty when all are valid. */
export function faultsOf(entries: readonly BundleEntry[]): string[] {
  return entries.flatMap(({ resource }) =>
    refusalsOf(parseJson(JSON.stringify(resource)))
      .filter(({ severity }) => severity === 'error')
      .map(({ expression, diagnostics }) => `${expression.join()}: ${diagnostics}`),
  );
}
