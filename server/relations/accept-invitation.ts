// $accept-invitation: who was invited says so with a login of their own. A relative sees from now on what is ticked; a second
// guardian sees nothing until the evidence has been looked at ($verify-relation).

import { randomUUID } from 'node:crypto';
import { CANONICAL } from '../fhir/canonical.ts';
import { conflict, duplicate } from '../fhir/outcome.ts';
import type { Operation } from '../interaction/request.ts';
import type { RelationStore } from '../store/relation-store.ts';
import { setRelation } from '../store/relations.ts';
import { act, answerOf, personOf } from './act.ts';
import { codeIn, unknownCode } from './code.ts';
import { linkChange, relatedPerson } from './person-link.ts';

export function acceptInvitation(store: RelationStore): Operation {
  return {
    code: 'accept-invitation',
    definition: `${CANONICAL}/OperationDefinition/accept-invitation`,
    level: 'system',
    methods: ['POST'],
    run: async (fhir, request) => {
      const person = personOf(request);
      const code = codeIn(request);
      const now = new Date(fhir.nowMs()).toISOString();
      const found = await store.find(code, 'invitation', now);
      if (found?.kind !== 'invitation') throw unknownCode();
      const { patient, inviter, basis, relationship, categories, ends } = found;
      const relations = await store.relationsOf(patient);
      const isInForce = relations.some((one) => one.id === inviter && one.status === 'active');
      const own = relations.find((one) => one.person === person && one.status !== 'ended');
      // Whoever is suspended learns as little as a stranger.
      if (!isInForce || own?.status === 'suspended') throw unknownCode();
      if (own) throw duplicate('A relation of yours with this patient');
      const isActive = basis === 'invited';
      const urn = `urn:uuid:${randomUUID()}`;
      const end = ends === 'infinity' ? {} : { end: ends };
      const resource = relatedPerson(patient, { relationship, isActive, since: now, ...end });
      const changes = [
        { method: 'create' as const, type: 'RelatedPerson', fullUrl: urn, resource },
        ...(isActive ? [await linkChange(fhir, person, urn, 'level2')] : []),
      ];
      const status = isActive ? 'active' : 'pending';
      const [made] = await act(
        fhir,
        request,
        { name: 'accept-invitation', patient },
        changes,
        async (client, written) => {
          if (!(await store.use(client, code, now))) throw conflict('The code has just been used');
          await setRelation(client, {
            ...{ id: randomUUID(), person, patient, basis, status, starts: now, ends, inviter },
            relatedPerson: `RelatedPerson/${written[0]?.id}`,
            ...(categories && { categories }),
            evidence: 'invited',
          });
        },
      );
      return answerOf([
        { name: 'patient', valueReference: { reference: `Patient/${patient}` } },
        { name: 'relation', valueReference: { reference: `RelatedPerson/${made?.id}` } },
        { name: 'status', valueCode: status },
      ]);
    },
  };
}
