// $deliver: how a facility's connector hands in messages, one or many. Whatever their fate, the originals are kept; nothing is dropped.
// Stored when the family has linked the patient number, waiting when not, refused (422) when it cannot become a record.

import { CANONICAL } from '../fhir/canonical.ts';
import { holdsLabelledNumber, holdsMyNumber } from '../fhir/my-number.ts';
import { businessRule } from '../fhir/outcome.ts';
import type { Parameter } from '../interaction/parameters.ts';
import type { Answer, Fhir, FhirRequest, Operation } from '../interaction/request.ts';
import { newDelivery, type Settled } from '../store/deliveries.ts';
import type { PatientNumber } from '../store/links.ts';
import type { Intake } from './intake.ts';
import { mayDeliver, organizationOf, refuseStrangers } from './may-deliver.ts';
import { type Addressee, type Given, readDeliveries } from './read-deliveries.ts';
import { type Received, settleAll } from './settle.ts';

export function deliver(intake: Intake): Operation {
  return {
    code: 'deliver',
    definition: `${CANONICAL}/OperationDefinition/deliver`,
    level: 'system',
    methods: ['POST'],
    run: async (fhir, request) => {
      const given = readDeliveries(request.body);
      for (const { patient } of given) mayDeliver(request.access, patient);
      const patients = given.flatMap(({ patient }) => (patient && 'id' in patient ? [patient.id] : []));
      await refuseStrangers(intake, request.access, patients);
      const settled = new Map<Given, Settled>();
      for (const one of given)
        if (holdsNumber(one, intake)) settled.set(one, await refuseNumbered(fhir, request, intake));
      const open = given.filter((one) => !settled.has(one));
      const fates = await settleAll(
        fhir,
        request,
        intake,
        open.map((one) => received(fhir, request, one)),
      );
      for (const [n, one] of open.entries()) settled.set(one, fates[n] as Settled);
      const all = given.map((one) => settled.get(one) as Settled);
      for (const { fate } of all) intake.counted?.(fate);
      const [only] = all;
      return isOne(request) && only ? answer(only) : answerAll(all);
    },
  };
}

/** Many were asked for, be they one: then each has its fate as a part. */
const isOne = ({ body }: FhirRequest): boolean =>
  !(body as { parameter?: { name?: unknown }[] }).parameter?.some(({ name }) => name === 'delivery');

function received(fhir: Fhir, { access }: FhirRequest, given: Given): Received {
  const { contentType, original, record, message, sent, patient, problem, isAgain } = given;
  const sender = { client: access.client, organization: organizationOf(access) };
  const about = { contentType, original, record, message, sent, ...numberOf(patient), ...sender };
  return { delivery: newDelivery(about, fhir.nowMs()), patient, problem, isAgain };
}

/** In whatever part of the delivery. The number it is addressed to may stand in the original without its system. */
function holdsNumber({ body, patient, original }: Given, { exempt: { systems } }: Intake): boolean {
  const number = patient && 'source' in patient && systems.has(patient.source) ? patient.number : undefined;
  return holdsMyNumber(body, { systems, number }) || holdsLabelledNumber(original);
}

/**
 * The refusal of a delivery that holds a My Number. Its fate is kept and can be looked up; of its bytes, its record and the
 * number it is addressed to, nothing is. All such deliveries of a client are one.
 */
async function refuseNumbered(fhir: Fhir, request: FhirRequest, intake: Intake): Promise<Settled> {
  const { client } = request.access;
  const original = Buffer.from(`What ${client} delivered held a My Number and was not kept.`);
  const about = { source: '', number: '', client, contentType: 'text/plain', original, record: undefined };
  const delivery = newDelivery(about, fhir.nowMs());
  const problem = 'it holds a My Number';
  const [settled] = await settleAll(fhir, request, intake, [{ delivery, patient: undefined, problem, isAgain: false }]);
  const reason = 'it holds a My Number (個人番号), and nothing of it was kept. Remove it and send again';
  return { ...(settled as Settled), reason };
}

/** Deliveries to a Patient of this server wait for nothing; their number is the Patient itself. */
const numberOf = (patient: Addressee): PatientNumber =>
  patient === undefined
    ? { source: '', number: '' }
    : 'id' in patient
      ? { source: 'Patient', number: patient.id }
      : patient;

function answer(settled: Settled): Answer {
  if (settled.fate === 'refused')
    throw businessRule(`Refused as delivery ${settled.id}: ${settled.reason ?? 'no reason given'}`);
  const parameter = fateParameters(settled);
  return {
    status: settled.fate === 'waiting' ? 202 : 200,
    body: JSON.stringify({ resourceType: 'Parameters', parameter }),
  };
}

function answerAll(all: readonly Settled[]): Answer {
  const parameter = all.map((one) => ({ name: 'delivery', part: fateParameters(one) }));
  return { status: 200, body: JSON.stringify({ resourceType: 'Parameters', parameter }) };
}

/** The id of a delivery, its fate, and the reason where there is one. */
export function fateParameters({ id, fate, reason }: Settled): Parameter[] {
  return [
    { name: 'delivery', valueString: id },
    { name: 'fate', valueCode: fate },
    ...(reason === undefined ? [] : [{ name: 'reason', valueString: reason }]),
  ];
}
