// $claim: a young person from 15 takes their own record into their own login, with a code that the municipality hands out after
// it has seen who they are (Patient/[id]/$claim-code); and Patient/[id]/$share-with-guardians, by which they let guardians read
// what is restricted.

import { randomUUID } from 'node:crypto';
import { birthday } from '../access/birthday.ts';
import { ownAccountYears } from '../access/policy.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { type JsonObject, parseJson } from '../fhir/json.ts';
import { businessRule, conflict, duplicate, forbidden } from '../fhir/outcome.ts';
import { codeLifetimeMs, codeParameters } from '../interaction/code-answer.ts';
import { readParameters, required, single } from '../interaction/parameters.ts';
import type { Fhir, Operation } from '../interaction/request.ts';
import { patientFor } from '../interaction/standing.ts';
import type { Change } from '../store/change.ts';
import type { ClientBase } from '../store/pool.ts';
import type { RelationStore } from '../store/relation-store.ts';
import { changeRelation, setRelation } from '../store/relations.ts';
import { act, answerOf, ownRelation, personOf } from './act.ts';
import { codeIn, unknownCode } from './code.ts';
import { linkChange } from './person-link.ts';

export function claimCode(store: RelationStore): Operation {
  return {
    code: 'claim-code',
    definition: `${CANONICAL}/OperationDefinition/claim-code`,
    level: 'instance',
    type: 'Patient',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      const { standing } = await patientFor(fhir, store, request, id);
      if (standing !== 'municipality' && standing !== 'deployment')
        throw forbidden('The municipality of residence hands out the code, when it has seen who somebody is');
      readParameters(request.body, []);
      const expires = new Date(fhir.nowMs() + codeLifetimeMs).toISOString();
      let code = '';
      await act(fhir, request, { name: 'claim-code', patient: id }, [], async (client) => {
        code = await store.issue({ kind: 'claim', patient: id, issuer: request.access.client, expires }, client);
      });
      return answerOf(codeParameters(fhir, code, expires, 'claim'));
    },
  };
}

export function claim(store: RelationStore): Operation {
  return {
    code: 'claim',
    definition: `${CANONICAL}/OperationDefinition/claim`,
    level: 'system',
    methods: ['POST'],
    run: async (fhir, request) => {
      const { patient, changes, follow } = await claimWith(fhir, store, personOf(request), codeIn(request));
      await act(fhir, request, { name: 'claim', patient }, changes, follow);
      return answerOf([{ name: 'patient', valueReference: { reference: `Patient/${patient}` } }]);
    },
  };
}

/** What it takes that a login has a record as its own, by the municipality's code. Throws where it may not. */
export async function claimWith(fhir: Fhir, store: RelationStore, person: string, code: string): Promise<Claim> {
  const now = new Date(fhir.nowMs()).toISOString();
  const found = await store.find(code, 'claim', now);
  const patient = found?.patient ?? '';
  const current = found && (await fhir.reader.current('Patient', patient, { kind: 'all' }));
  if (current?.content === undefined) throw unknownCode();
  const since = birthday((parseJson(current.content) as JsonObject).birthDate, ownAccountYears);
  if (since === 'infinity' || since > now)
    throw businessRule(`A record is claimed as one's own from the ${ownAccountYears}th birthday`);
  const relations = (await store.relationsOf(patient)).filter(({ status }) => status !== 'ended');
  if (relations.some((one) => one.person === person && one.status === 'suspended')) throw unknownCode();
  if (relations.some((one) => one.basis === 'self' || one.person === person))
    throw duplicate('The relation of a login with this record');
  const isProven = await store.isProven(person);
  const evidence = `the municipality’s code${isProven ? ', and their card' : ''}`;
  const relation = { id: randomUUID(), person, patient, basis: 'self', status: 'active' } as const;
  return {
    patient,
    changes: [await linkChange(fhir, person, `Patient/${patient}`, isProven ? 'level4' : 'level3')],
    follow: async (client) => {
      if (!(await store.use(client, code, now))) throw conflict('The code has just been used');
      await setRelation(client, { ...relation, starts: now, ends: 'infinity', evidence });
    },
  };
}

export type Claim = { patient: string; changes: Change[]; follow: (client: ClientBase) => Promise<void> };

export function shareWithGuardians(store: RelationStore): Operation {
  return {
    code: 'share-with-guardians',
    definition: `${CANONICAL}/OperationDefinition/share-with-guardians`,
    level: 'instance',
    type: 'Patient',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      const { standing } = await patientFor(fhir, store, request, id);
      const own = ownRelation(await store.relationsOf(id), request);
      if (standing !== 'self' || own?.basis !== 'self')
        throw forbidden('The young person alone says what guardians read of what is restricted');
      const share = single(readParameters(request.body, ['share']), 'share')?.valueBoolean;
      if (typeof share !== 'boolean') throw required('share', 'valueBoolean');
      await act(fhir, request, { name: 'share-with-guardians', patient: id }, [], (client) =>
        changeRelation(client, own, { isSharedWithGuardians: share }),
      );
      return answerOf([{ name: 'share', valueBoolean: share }]);
    },
  };
}
