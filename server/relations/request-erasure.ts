// Patient/[id]/$request-erasure: a family asks that a record is erased for ever. Everybody who has a say in it agrees by the same call
// within 14 days; then the operator is asked by a Task, who erases with $expunge or says why not (Patient/[id]/$refuse-erasure).

import { randomUUID } from 'node:crypto';
import { CANONICAL } from '../fhir/canonical.ts';
import { type JsonObject, parseJson } from '../fhir/json.ts';
import { forbidden, notFound } from '../fhir/outcome.ts';
import { closed, type ErasureTask, erasureTasks, holdersOf, newTask, sayOf } from '../interaction/erasure-tasks.ts';
import { type Parameter, readParameters, refuseQuery, required, single } from '../interaction/parameters.ts';
import type { Operation } from '../interaction/request.ts';
import { patientFor } from '../interaction/standing.ts';
import type { Change } from '../store/change.ts';
import type { RelationStore } from '../store/relation-store.ts';
import { act, answerOf, ownRelation, reasonIn } from './act.ts';

export function requestErasure(store: RelationStore): Operation {
  return {
    code: 'request-erasure',
    definition: `${CANONICAL}/OperationDefinition/request-erasure`,
    level: 'instance',
    type: 'Patient',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      refuseQuery(request, '$request-erasure');
      const { current } = await patientFor(fhir, store, request, id);
      const given = single(readParameters(request.body, ['agree']), 'agree');
      // A "no" of a wrong type must not count as nothing said.
      const agree = given === undefined ? true : given.valueBoolean;
      if (typeof agree !== 'boolean') throw required('agree', 'valueBoolean');
      const nowMs = fhir.nowMs();
      const now = new Date(nowMs).toISOString();
      const relations = await store.relationsOf(id);
      const holders = holdersOf(relations, (parseJson(current.content) as JsonObject).birthDate, now);
      const own = ownRelation(relations, request);
      if (!own || !holders.some((one) => one.id === own.id))
        throw forbidden('A guardian asks for this, or the person of the record with a login of their own');
      const tasks = await erasureTasks(fhir, id);
      const does = { name: 'request-erasure', patient: id };
      if (!agree) {
        const open = tasks.filter(({ status }) => status === 'requested');
        if (open.length === 0) throw notFound('A request for the erasure of this record');
        const changes = open.map((one) => closed(one, one.focus === sayOf(own) ? 'rejected' : 'cancelled'));
        await act(fhir, request, does, changes, async () => {});
        return answerOf([{ name: 'status', valueCode: 'withdrawn' }]);
      }
      const duty = tasks.find(({ code, status }) => code === 'erase-record' && status === 'requested');
      if (duty) return answerOf(requested(`Task/${duty.resource.id}`), 202);
      const { changes, waiting } = nextStep(id, tasks, { own: sayOf(own), holders: holders.map(sayOf) }, nowMs);
      const written = await act(fhir, request, does, changes, async () => {});
      const asked = [
        { name: 'status', valueCode: 'asked' },
        { name: 'waiting', valueInteger: waiting },
      ];
      return answerOf(waiting > 0 ? asked : requested(`Task/${written.at(-1)?.id}`), 202);
    },
  };
}

const requested = (reference: string): Parameter[] => [
  { name: 'status', valueCode: 'requested' },
  { name: 'waiting', valueInteger: 0 },
  { name: 'task', valueReference: { reference } },
];

type Say = { own: string; holders: readonly string[] };

/** What one more agreement leads to: others are asked, or, as the last change, the operator is. */
function nextStep(
  patient: string,
  tasks: readonly ErasureTask[],
  { own, holders }: Say,
  nowMs: number,
): { changes: Change[]; waiting: number } {
  const now = new Date(nowMs).toISOString();
  const asked = tasks.filter(({ code }) => code === 'agree-to-erasure');
  const open = asked.filter(({ status }) => status === 'requested');
  const live = open.find(({ due }) => due > now);
  const late = open.filter(({ round }) => round !== live?.round).map((one) => closed(one, 'cancelled'));
  const round = live?.round ?? randomUUID();
  const ofRound = asked.filter((one) => one.round === round);
  const agreed = new Set(ofRound.filter(({ status }) => status === 'completed').map(({ focus }) => focus));
  const mine = ofRound.find(({ focus, status }) => focus === own && status === 'requested');
  const task = (code: ErasureTask['code'], status: 'requested' | 'completed', focus: string) =>
    newTask(patient, { code, status, round, focus }, nowMs);
  const word = mine ? [closed(mine, 'completed')] : agreed.has(own) ? [] : [task('agree-to-erasure', 'completed', own)];
  agreed.add(own);
  const missing = holders.filter((one) => !agreed.has(one));
  const known = new Set(ofRound.map(({ focus }) => focus));
  const questions = missing.filter((one) => !known.has(one)).map((one) => task('agree-to-erasure', 'requested', one));
  const duty = missing.length === 0 ? [task('erase-record', 'requested', `Patient/${patient}`)] : [];
  return { changes: [...late, ...word, ...questions, ...duty], waiting: missing.length };
}

export function refuseErasure(store: RelationStore): Operation {
  return {
    code: 'refuse-erasure',
    definition: `${CANONICAL}/OperationDefinition/refuse-erasure`,
    level: 'instance',
    type: 'Patient',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      refuseQuery(request, '$refuse-erasure');
      const { standing } = await patientFor(fhir, store, request, id);
      if (standing !== 'deployment') throw forbidden('The operator refuses an erasure, and says why');
      const reason = reasonIn(readParameters(request.body, ['reason']), 'reason');
      const tasks = await erasureTasks(fhir, id);
      const duty = tasks.find(({ code, status }) => code === 'erase-record' && status === 'requested');
      if (!duty) throw notFound('A request for the erasure of this record');
      await act(
        fhir,
        request,
        { name: 'refuse-erasure', patient: id },
        [closed(duty, 'rejected', reason)],
        async () => {},
      );
      return answerOf([{ name: 'task', valueReference: { reference: `Task/${duty.resource.id}` } }]);
    },
  };
}
