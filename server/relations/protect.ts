// Patient/[id]/$protect: 住民基本台帳事務における支援措置. The municipality of residence protects a family: from then on where it lives
// and where it goes is told only to who needs it (server/decisions/0016-protected-addresses.md).

import { systemAccess } from '../access/access.ts';
import { takeContact, tellsWhere, withSDV } from '../access/protection.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { resourceTypes } from '../fhir/definitions.ts';
import { type JsonObject, parseJson } from '../fhir/json.ts';
import { forbidden } from '../fhir/outcome.ts';
import { readParameters } from '../interaction/parameters.ts';
import type { Fhir, Operation } from '../interaction/request.ts';
import { patientFor } from '../interaction/standing.ts';
import type { Change } from '../store/change.ts';
import { beginProtection, raisePast } from '../store/protection.ts';
import type { RelationStore } from '../store/relation-store.ts';
import { act, answerOf, writerOf, writtenBy } from './act.ts';

export function protect(store: RelationStore): Operation {
  return {
    code: 'protect',
    definition: `${CANONICAL}/OperationDefinition/protect`,
    level: 'instance',
    type: 'Patient',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      const { standing } = await patientFor(fhir, store, request, id);
      if (standing !== 'municipality' && standing !== 'deployment')
        throw forbidden('The municipality of residence protects a family');
      readParameters(request.body, []);
      const now = new Date(fhir.nowMs()).toISOString();
      const writer = writerOf(standing, request);
      // What is written from here on is labelled by the store itself, so that what is there already is only written again.
      await act(fhir, request, { name: 'protect', patient: id }, [], (client) => beginProtection(client, id, now));
      const access = { ...systemAccess('protect'), client: request.access.client };
      let labelled = 0;
      for (;;) {
        const changes = await unprotected(fhir, id);
        const alongside = (client: Parameters<typeof raisePast>[0]) => raisePast(client, id);
        await fhir.write(access, writtenBy(writer, changes), { request: request.id, alongside });
        labelled += changes.length;
        if (changes.length < mostTogether) return answerOf([{ name: 'labelled', valueInteger: labelled }]);
      }
    },
  };
}

const mostTogether = 200;

/** What tells where the family is and is not labelled, and the Patient with its address: as they are, to be written again. */
async function unprotected({ reader }: Fhir, patient: string): Promise<Change[]> {
  const changes: Change[] = [];
  for await (const page of reader.record(patient, [...resourceTypes])) {
    for (const { type, content } of page) {
      const resource = parseJson(content) as JsonObject;
      const isMeant =
        type === 'Patient'
          ? takeContact(resource) !== undefined
          : tellsWhere(resource) && withSDV(resource) !== resource;
      if (!isMeant) continue;
      const ifMatch = Number((resource.meta as JsonObject).versionId);
      changes.push({ method: 'update', type, id: String(resource.id), ifMatch, resource });
      if (changes.length === mostTogether) return changes;
    }
  }
  return changes;
}
