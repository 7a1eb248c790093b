// What the operations on relations share: the audit row inside their transaction, and their answer.

import { auditOf } from '../interaction/audited.ts';
import type { Parameter } from '../interaction/parameters.ts';
import type { Answer, Fhir, FhirRequest } from '../interaction/request.ts';
import { seenOf } from '../interaction/standing.ts';
import type { ClientBase } from '../store/pool.ts';
import type { StoredVersion } from '../store/read.ts';

/** Leaves the audit row of an act on a Patient, which stands if the act stands. */
export const auditAct = (
  fhir: Fhir,
  request: FhirRequest,
  client: ClientBase,
  act: string,
  patient: Pick<StoredVersion, 'key' | 'version'>,
): Promise<void> =>
  fhir.within(client, (inside) => inside.audit([auditOf(fhir, request, act, 'Patient', seenOf(patient))]));

export const answerOf = (parameter: readonly Parameter[]): Answer => ({
  status: 200,
  body: JSON.stringify({ resourceType: 'Parameters', parameter }),
});
