// One transaction for what is kept of a link and the audit row of the act: they stand or fall together.

import { systemAccess } from '../access/access.ts';
import { auditOf } from '../interaction/audited.ts';
import type { Fhir, FhirRequest } from '../interaction/request.ts';
import { keyOf } from '../search/keys.ts';
import type { ClientBase } from '../store/pool.ts';

/** `name`: of the operation, as the audit has it. */
export async function underAudit(
  fhir: Fhir,
  request: FhirRequest,
  { name, patient }: { name: string; patient: string },
  work: (client: ClientBase) => Promise<void>,
): Promise<void> {
  const key = keyOf('Patient', patient);
  const row = auditOf(fhir, request, name, 'Patient', { key, owner: key });
  await fhir.write({ ...systemAccess(name), client: request.access.client }, [], {
    request: request.id,
    isBundle: true,
    alongside: async (client) => {
      await work(client);
      await fhir.within(client, (inside) => inside.audit([row]));
    },
  });
}
