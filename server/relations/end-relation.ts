// Patient/[id]/$end-relation: one's own alone; a relative's by who invited them; another guardian's only with them, who are asked
// by a Task and end it themselves (server/decisions/0011, "Acts of a guardian").

import { CANONICAL } from '../fhir/canonical.ts';
import type { JsonObject } from '../fhir/json.ts';
import { forbidden, notFound } from '../fhir/outcome.ts';
import { readParameters } from '../interaction/parameters.ts';
import type { Fhir, Operation } from '../interaction/request.ts';
import { patientFor } from '../interaction/standing.ts';
import type { Change } from '../store/change.ts';
import type { RelationStore } from '../store/relation-store.ts';
import { changeRelation, type StoredRelation } from '../store/relations.ts';
import { act, answerOf, namedRelation, ownRelation } from './act.ts';
import { relatedPersonChange, unlinkChange } from './person-link.ts';
import { closedTasks, taskOf } from './tasks.ts';

export function endRelation(store: RelationStore): Operation {
  return {
    code: 'end-relation',
    definition: `${CANONICAL}/OperationDefinition/end-relation`,
    level: 'instance',
    type: 'Patient',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      const { standing } = await patientFor(fhir, store, request, id);
      const parameters = readParameters(request.body, ['relation']);
      const own = ownRelation(await store.relationsOf(id), request);
      const relation = parameters.has('relation') ? await namedRelation(store, id, parameters) : own;
      if (!relation) throw notFound('A relation of your own with this Patient');
      const isAlone =
        relation.id === own?.id ||
        standing === 'municipality' ||
        standing === 'deployment' ||
        (own !== undefined && relation.inviter === own.id && relation.status !== 'active') ||
        (own !== undefined && relation.inviter === own.id && relation.basis === 'invited');
      if (isAlone) {
        const now = new Date(fhir.nowMs()).toISOString();
        const changes = await endChanges(fhir, relation, now);
        await act(fhir, request, { name: 'end-relation', patient: id }, changes, (client) =>
          changeRelation(client, relation, { status: 'ended', ends: now }),
        );
        return answerOf([{ name: 'status', valueCode: 'ended' }]);
      }
      if (standing !== 'guardian' || relation.basis !== 'guardian')
        throw forbidden('A relative is uninvited by who invited them, and a guardian’s link ends with that guardian');
      const task: Change = { method: 'create', type: 'Task', resource: taskOf('end-relation', relation, fhir.nowMs()) };
      const asked = await closedTasks(fhir, 'end-relation', relation, 'cancelled');
      const written = await act(fhir, request, { name: 'end-relation', patient: id }, [task, ...asked], async () => {});
      const reference = `Task/${written[0]?.id}`;
      return answerOf(
        [
          { name: 'status', valueCode: 'asked' },
          { name: 'task', valueReference: { reference } },
        ],
        202,
      );
    },
  };
}

async function endChanges(fhir: Fhir, relation: StoredRelation, now: string): Promise<Change[]> {
  const end = (resource: JsonObject) => ({
    ...resource,
    active: false,
    period: { ...(resource.period as JsonObject | undefined), end: now },
  });
  return [
    ...(await relatedPersonChange(fhir, relation, end)),
    ...(await unlinkChange(fhir, relation.person, relation.relatedPerson ?? `Patient/${relation.patient}`)),
    ...(await closedTasks(fhir, 'end-relation', relation, 'completed')),
  ];
}
