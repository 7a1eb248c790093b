// Patient/[id]/$verify-relation: the municipality, or the guardian who invited, has seen the evidence that a second guardian is
// one. Until then the relation gives nothing.

import { CANONICAL } from '../fhir/canonical.ts';
import { businessRule, forbidden } from '../fhir/outcome.ts';
import { readParameters } from '../interaction/parameters.ts';
import type { Operation } from '../interaction/request.ts';
import { patientFor } from '../interaction/standing.ts';
import type { RelationStore } from '../store/relation-store.ts';
import { changeRelation } from '../store/relations.ts';
import { act, answerOf, namedRelation, ownRelation, reasonIn } from './act.ts';
import { linkChange, relatedPersonChange } from './person-link.ts';

export function verifyRelation(store: RelationStore): Operation {
  return {
    code: 'verify-relation',
    definition: `${CANONICAL}/OperationDefinition/verify-relation`,
    level: 'instance',
    type: 'Patient',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      const { standing } = await patientFor(fhir, store, request, id);
      const parameters = readParameters(request.body, ['relation', 'evidence']);
      const relation = await namedRelation(store, id, parameters);
      const evidence = reasonIn(parameters, 'evidence');
      const isInviter =
        standing === 'guardian' && ownRelation(await store.relationsOf(id), request)?.id === relation.inviter;
      if (!isInviter && standing !== 'municipality' && standing !== 'deployment')
        throw forbidden('The guardian who invited, or the municipality of residence, confirms a guardian');
      if (relation.status !== 'pending') throw businessRule('The relation does not wait to be confirmed');
      const now = new Date(fhir.nowMs()).toISOString();
      const assurance = isInviter ? 'level2' : 'level3';
      const changes = [
        ...(await relatedPersonChange(fhir, relation, (one) => ({ ...one, active: true, period: { start: now } }))),
        await linkChange(fhir, relation.person, relation.relatedPerson ?? `Patient/${id}`, assurance),
      ];
      await act(fhir, request, { name: 'verify-relation', patient: id }, changes, (client) =>
        changeRelation(client, relation, { status: 'active', starts: now, evidence }),
      );
      return answerOf([{ name: 'status', valueCode: 'active' }]);
    },
  };
}
