// Patient/[id]/$move: a municipality says where its resident has moved to. Its own period ends, the next one's begins, at one
// moment; nothing is copied, because the record is the family's and stays where it is.

import { CANONICAL } from '../fhir/canonical.ts';
import { type JsonObject, parseJson } from '../fhir/json.ts';
import { businessRule, forbidden } from '../fhir/outcome.ts';
import { readParameters, referenceOf } from '../interaction/parameters.ts';
import type { Fhir, Operation } from '../interaction/request.ts';
import { patientFor } from '../interaction/standing.ts';
import type { Change } from '../store/change.ts';
import { keepContact } from '../store/protection.ts';
import type { RelationStore } from '../store/relation-store.ts';
import { reside } from '../store/residences.ts';
import { act, answerOf } from './act.ts';

export function move(store: RelationStore): Operation {
  return {
    code: 'move',
    definition: `${CANONICAL}/OperationDefinition/move`,
    level: 'instance',
    type: 'Patient',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      const { standing } = await patientFor(fhir, store, request, id);
      if (standing !== 'municipality' && standing !== 'deployment')
        throw forbidden('Where a patient lives is for the municipality of residence to say');
      const to = referenceOf(readParameters(request.body, ['organization']), 'organization', 'Organization');
      if (to !== undefined && !(await store.isMunicipality(to)))
        throw businessRule(`Organization/${to} is no municipality (an Organization of type govt)`, [
          "Parameters.parameter.where(name='organization')",
        ]);
      const now = new Date(fhir.nowMs()).toISOString();
      const kept = await store.contactOf(id);
      const changes = kept === undefined ? [] : await handedOver(fhir, kept);
      const writer = to === undefined ? undefined : `Organization/${to}`;
      await act(fhir, request, { name: 'move', patient: id, writer }, changes, async (client, [made]) => {
        await reside(client, id, to, now);
        if (made) await keepContact(client, id, made.id);
      });
      return answerOf([
        ...(to === undefined ? [] : [{ name: 'organization', valueReference: { reference: `Organization/${to}` } }]),
        { name: 'since', valueInstant: now },
      ]);
    },
  };
}

/** The address of a protected patient, in a resource of the next municipality's: what is entered later is not the last one's to read. */
async function handedOver({ reader }: Fhir, id: string): Promise<Change[]> {
  const current = await reader.current('RelatedPerson', id, { kind: 'all' });
  if (current?.content === undefined) return [];
  const { id: _, ...resource } = parseJson(current.content) as JsonObject;
  return [
    { method: 'create', type: 'RelatedPerson', resource },
    { method: 'delete', type: 'RelatedPerson', id },
  ];
}
