// Patient/[id]/$move: a municipality says where its resident has moved to. Its own period ends, the next one's begins, at one
// moment; nothing is copied, because the record is the family's and stays where it is.

import { CANONICAL } from '../fhir/canonical.ts';
import { businessRule, forbidden } from '../fhir/outcome.ts';
import { readParameters, referenceOf } from '../interaction/parameters.ts';
import type { Operation } from '../interaction/request.ts';
import { patientFor } from '../interaction/standing.ts';
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
      await act(fhir, request, { name: 'move', patient: id }, [], async (client) => {
        await reside(client, id, to, now);
      });
      return answerOf([
        ...(to === undefined ? [] : [{ name: 'organization', valueReference: { reference: `Organization/${to}` } }]),
        { name: 'since', valueInstant: now },
      ]);
    },
  };
}
