// Patient/[id]/$suspend-relation and $lift-suspension. From the next request on the suspended person gets what a stranger gets; a
// Task asks for a review, and two people lift it, one of them the municipality's.

import { CANONICAL } from '../fhir/canonical.ts';
import { businessRule, conflict, forbidden, notFound } from '../fhir/outcome.ts';
import { readParameters } from '../interaction/parameters.ts';
import type { FhirRequest, Operation } from '../interaction/request.ts';
import { patientFor } from '../interaction/standing.ts';
import type { Change } from '../store/change.ts';
import type { RelationStore } from '../store/relation-store.ts';
import { changeRelation, type StoredRelation } from '../store/relations.ts';
import type { Standing } from '../store/standing.ts';
import { act, answerOf, namedRelation, ownRelation, reasonIn, writerOf } from './act.ts';
import { closedFlags, closedTasks, protectiveLabels, suspensionFlag, taskOf } from './tasks.ts';

export function suspendRelation(store: RelationStore): Operation {
  return {
    code: 'suspend-relation',
    definition: `${CANONICAL}/OperationDefinition/suspend-relation`,
    level: 'instance',
    type: 'Patient',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      const { standing } = await patientFor(fhir, store, request, id);
      const parameters = readParameters(request.body, ['relation', 'reason']);
      if (!['municipality', 'deployment', 'guardian'].includes(standing))
        throw forbidden('The other guardian, or the municipality of residence, suspends a relation');
      const relation = await namedRelation(store, id, parameters);
      const evidence = reasonIn(parameters, 'reason');
      if (relation.id === ownRelation(await store.relationsOf(id), request)?.id)
        throw businessRule('One’s own relation is ended, not suspended');
      if (relation.basis === 'self') throw businessRule('Nobody is kept away from their own record');
      if (relation.status !== 'active')
        throw businessRule('Only a relation in force is suspended; one that waits is ended');
      const now = new Date(fhir.nowMs()).toISOString();
      const municipality = await store.municipalityOf(id);
      const owner = municipality === undefined ? undefined : `Organization/${municipality}`;
      const task = taskOf('review-suspension', relation, fhir.nowMs(), { owner, labels: protectiveLabels });
      const changes: Change[] = [
        { method: 'create', type: 'Flag', resource: suspensionFlag(relation, now) },
        { method: 'create', type: 'Task', resource: task },
      ];
      const writer = writerOf(standing, request);
      const written = await act(fhir, request, { name: 'suspend-relation', patient: id, writer }, changes, (client) =>
        changeRelation(client, relation, { status: 'suspended', evidence }),
      );
      return answerOf([
        { name: 'status', valueCode: 'suspended' },
        { name: 'task', valueReference: { reference: `Task/${written[1]?.id}` } },
      ]);
    },
  };
}

export function liftSuspension(store: RelationStore): Operation {
  return {
    code: 'lift-suspension',
    definition: `${CANONICAL}/OperationDefinition/lift-suspension`,
    level: 'instance',
    type: 'Patient',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      const { standing } = await patientFor(fhir, store, request, id);
      const person = agreeing(request, standing);
      const relation = await namedRelation(store, id, readParameters(request.body, ['relation']));
      if (relation.status !== 'suspended') throw notFound('A suspension of this relation');
      const now = new Date(fhir.nowMs()).toISOString();
      const isLast = await store.wouldLift(relation.id, person);
      const isAnother = (one: StoredRelation) => one.id !== relation.id && one.status === 'suspended';
      const isOnly = !(await store.relationsOf(id)).some(isAnother);
      const changes = [
        ...(isLast && isOnly ? await closedFlags(fhir, relation) : []),
        ...(isLast ? await closedTasks(fhir, 'review-suspension', relation, 'completed') : []),
      ];
      await act(fhir, request, { name: 'lift-suspension', patient: id }, changes, async (client) => {
        const isLifted = await store.agreeToLift(client, relation.id, person, now);
        if (isLifted !== isLast) throw conflict('Somebody else has just agreed as well');
        if (isLifted) await changeRelation(client, relation, { status: 'active' });
      });
      return answerOf([{ name: 'status', valueCode: isLast ? 'active' : 'suspended' }]);
    },
  };
}

/** Two people agree, so that a client without a person behind it cannot. */
function agreeing({ access }: FhirRequest, standing: Standing): { reference: string; isMunicipality: boolean } {
  const reference = access.caller?.user;
  if (reference === undefined || (standing !== 'municipality' && standing !== 'guardian' && standing !== 'self'))
    throw forbidden(
      'Two people lift a suspension: one of the municipality of residence, and another one of it or a guardian',
    );
  return { reference, isMunicipality: standing === 'municipality' };
}
