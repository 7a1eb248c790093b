// $deliver: how a facility's connector hands in a message. Whatever its fate, the original is kept; nothing is dropped.
// Stored when the family has linked the patient number, waiting when not, refused (422) when it cannot become a record.

import { type Access, mayReach, type Reach, reachOf, systemAccess } from '../access/access.ts';
import { namedReach } from '../access/named-reach.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { holdsLabelledNumber, holdsMyNumber } from '../fhir/my-number.ts';
import type { Exempt } from '../fhir/my-number-text.ts';
import { badRequest, businessRule, forbidden, notFound, OperationOutcomeError } from '../fhir/outcome.ts';
import { localReference } from '../fhir/references.ts';
import { auditOf } from '../interaction/audited.ts';
import { identifierOf, readParameters, required, single } from '../interaction/parameters.ts';
import type { Answer, Fhir, FhirRequest, Operation } from '../interaction/request.ts';
import type { Standings } from '../interaction/standing.ts';
import { keyOf, nobody } from '../search/keys.ts';
import { rightOf } from '../store/change.ts';
import { type Delivery, type DeliveryStore, type Kept, newDelivery, type Settled } from '../store/deliveries.ts';
import { judgedFor } from '../store/judged-for.ts';
import type { Link, Links, PatientNumber } from '../store/links.ts';
import { validateInForce } from '../validation/in-force.ts';
import { errorsOf } from '../validation/strictness.ts';
import { recordChanges } from './delivered-record.ts';

export type Intake = {
  deliveries: DeliveryStore;
  links: Links;
  /** Patient numbers that may look like a My Number. */
  exempt: Exempt;
} & Standings;

export function deliver(intake: Intake): Operation {
  return {
    code: 'deliver',
    definition: `${CANONICAL}/OperationDefinition/deliver`,
    level: 'system',
    methods: ['POST'],
    run: async (fhir, request) => {
      const { patient, ...given } = readDelivery(request);
      mayDeliver(request.access, patient);
      if (holdsNumber(request, patient, given.original, intake.exempt))
        throw await refuseNumbered(fhir, request, intake);
      const sender = { client: request.access.client, organization: organizationOf(request.access) };
      const delivery = newDelivery({ ...given, ...numberOf(patient), ...sender }, fhir.nowMs());
      for (;;) {
        const earlier = await intake.deliveries.earlier(delivery);
        if (earlier && earlier.fate !== 'refused') return answer(earlier);
        const one = { ...delivery, id: earlier?.id ?? delivery.id, problem: given.problem };
        const settled = await settle(fhir, request, intake, one, patient);
        // Undefined: the same message came a moment earlier, and now has a fate or at least an id.
        if (settled) return answer(settled);
      }
    },
  };
}

async function settle(
  fhir: Fhir,
  request: FhirRequest,
  intake: Intake,
  one: Received,
  patient: Addressee,
): Promise<Settled | undefined> {
  if (one.record === undefined || patient === undefined)
    return intake.deliveries.keep(one, 'refused', one.problem ?? 'it does not say whose it is');
  const id = 'id' in patient ? patient.id : await intake.links.patientOf(one);
  return id === undefined ? waitOrStore(fhir, request, intake, one) : store(fhir, request, intake, one, id);
}

const everyone: Reach = { kind: 'all' };

/** Looks up a delivery: what became of it, and the original. Only for the client that made it, or those of its organization. */
export function delivery({ deliveries, links }: Intake): Operation {
  return {
    code: 'delivery',
    definition: `${CANONICAL}/OperationDefinition/delivery`,
    level: 'system',
    methods: ['GET'],
    run: async (fhir, request) => {
      const id = new URLSearchParams(request.query).get('id') ?? '';
      const found = /^[0-9a-f-]{36}$/.test(id) ? await deliveries.of(id) : undefined;
      if (!found || !isSender(request.access, found)) throw notFound(`the delivery ${id}`);
      const patient = found.source === 'Patient' ? found.number : await links.patientOf(found);
      const owner = patient === undefined ? nobody : keyOf('Patient', patient);
      await fhir.audit([auditOf(fhir, request, 'delivery', 'Binary', { key: found.id, owner })]);
      const original = {
        resourceType: 'Binary',
        contentType: found.contentType,
        data: found.original.toString('base64'),
      };
      return { status: 200, body: parametersText(found, [{ name: 'original', resource: original }]) };
    },
  };
}

/**
 * Stores the waiting deliveries of a number that has just been linked. Each is a write of its own, so one that cannot be
 * stored is refused alone and the rest flows in. Returns how many were stored. Throws what kept one from having a fate at
 * all, after the others.
 */
export async function takeIn(
  fhir: Pick<Fhir, 'write' | 'base' | 'nowMs'>,
  { deliveries }: Intake,
  link: Link,
  patient: string,
  request: string,
): Promise<number> {
  let stored = 0;
  let failure: unknown;
  let last: string | undefined;
  for (;;) {
    const waiting = await deliveries.waitingFor(link, 100, last);
    for (const one of waiting) {
      try {
        await fhir.write(accessOf(one, fhir.nowMs()), recordChanges(one, patient), {
          request,
          isBundle: true,
          alongside: async (client) => {
            if (!(await deliveries.settle(one.id, 'stored', undefined, client))) throw alreadySettled;
          },
        });
        stored += 1;
      } catch (error) {
        if (error === alreadySettled) continue;
        // A collision with another change passes; it is no reason to refuse, and the job behind the link tries again.
        if (!(error instanceof OperationOutcomeError) || error.status >= 500 || error.status === 409) failure = error;
        else await deliveries.settle(one.id, 'refused', error.message);
      }
    }
    last = waiting.at(-1)?.id;
    if (waiting.length === 100) continue;
    if (failure !== undefined) throw failure;
    return stored;
  }
}

/**
 * A delivery of an organization enters as that organization's own write: it is the writer, and its rights are asked. What it has to
 * fit was asked when it arrived, of those who could mend it; now it is only warned of.
 */
function accessOf({ client, organization }: Delivery, nowMs: number): Access {
  const access: Access = { ...systemAccess('intake'), client, demands: { strictness: 'base' } };
  if (organization === undefined) return access;
  return { ...access, caller: { organization: `Organization/${organization}`, purpose: 'TREAT', nowMs } };
}

const organizationOf = ({ caller }: Access): string | undefined => caller?.organization?.slice('Organization/'.length);

const isSender = (access: Access, { client, organization }: Delivery): boolean =>
  organization === undefined ? client === access.client : organization === organizationOf(access);

const alreadySettled = new Error('settled by somebody else');
const keptMeanwhile = new Error('the same message was kept by somebody else');

type Addressee = PatientNumber | { id: string } | undefined;

function readDelivery({ body }: FhirRequest): Pick<Delivery, 'contentType' | 'original' | 'record'> & {
  patient: Addressee;
  problem: string | undefined;
} {
  const parameters = readParameters(body, ['patient', 'original', 'record', 'problem', 'message', 'sent']);
  const binary = single(parameters, 'original')?.resource;
  if (!isObject(binary) || typeof binary.data !== 'string' || typeof binary.contentType !== 'string') {
    throw required('original', 'a Binary with contentType and data');
  }
  const original = Buffer.from(binary.data, 'base64');
  if (original.length === 0) throw required('original', 'a Binary that is not empty');
  const record = single(parameters, 'record')?.resource;
  const problem = single(parameters, 'problem')?.valueString;
  if (
    record !== undefined &&
    (!isObject(record) || record.resourceType !== 'Bundle' || record.type !== 'transaction')
  ) {
    throw badRequest('"record" must be a transaction Bundle', 'invalid');
  }
  if (record === undefined && typeof problem !== 'string')
    throw required('record', 'a transaction Bundle, or "problem" instead');
  return {
    patient: addressee(single(parameters, 'patient')),
    contentType: binary.contentType,
    original,
    record: record && JSON.stringify(record),
    problem: typeof problem === 'string' ? problem : undefined,
  };
}

/** In whatever part of the delivery. The number it is addressed to may stand in the original without its system. */
function holdsNumber({ body }: FhirRequest, patient: Addressee, original: Buffer, { systems }: Exempt): boolean {
  const number = patient && 'source' in patient && systems.has(patient.source) ? patient.number : undefined;
  return holdsMyNumber(body, { systems, number }) || holdsLabelledNumber(original);
}

/**
 * The refusal of a delivery that holds a My Number. Its fate is kept and can be looked up; of its bytes, its record and the
 * number it is addressed to, nothing is. All such deliveries of a client are one.
 */
async function refuseNumbered(fhir: Fhir, { access }: FhirRequest, { deliveries }: Intake): Promise<Error> {
  const original = Buffer.from(`What ${access.client} delivered held a My Number and was not kept.`);
  const about = { source: '', number: '', client: access.client, contentType: 'text/plain', original };
  const one = newDelivery({ ...about, record: undefined }, fhir.nowMs());
  for (;;) {
    const { id } = (await deliveries.earlier(one)) ?? one;
    if (await deliveries.keep({ ...one, id }, 'refused', 'it holds a My Number'))
      return businessRule(
        `Refused as delivery ${id}: it holds a My Number (個人番号), and nothing of it was kept. Remove it and send again`,
      );
  }
}

/** A message that nobody can read names nobody; it is kept all the same. */
function addressee(parameter: JsonObject | undefined): Addressee {
  if (parameter === undefined) return undefined;
  if (isObject(parameter?.valueReference)) {
    const local = localReference(String(parameter.valueReference.reference ?? ''));
    if (local?.type !== 'Patient') throw required('patient', 'a reference to a Patient');
    return { id: local.id };
  }
  const { system, value } = identifierOf(parameter, 'patient');
  return { source: system, number: value };
}

/** Deliveries to a Patient of this server wait for nothing; their number is the Patient itself. */
const numberOf = (patient: Addressee): PatientNumber =>
  patient === undefined
    ? { source: '', number: '' }
    : 'id' in patient
      ? { source: 'Patient', number: patient.id }
      : patient;

function mayDeliver(access: Access, patient: Addressee): void {
  const isToKnown = patient !== undefined && 'id' in patient;
  const reach = namedReach(access, 'create', 'Provenance');
  // Whether this organization may add to the record is asked by the write itself.
  if (isToKnown ? mayReach(reach, patient.id) : isWhole(reach) && isFacility(access)) return;
  throw forbidden('$deliver needs the right to create records for this patient');
}

/** Everybody's, as far as scopes go. */
const isWhole = (reach: Reach): boolean =>
  reach.kind === 'all' || (reach.kind === 'narrowed' && reach.parts.length === 0);

const isFacility = ({ caller }: Access): boolean => caller === undefined || caller.organization !== undefined;

/** `problem` is what the connector could not take over, although it mapped the rest. */
type Received = Kept & { problem: string | undefined };

async function store(
  fhir: Fhir,
  request: FhirRequest,
  { deliveries }: Intake,
  one: Received,
  patient: string,
): Promise<Settled | undefined> {
  try {
    await fhir.write(request.access, recordChanges(one, patient), {
      request: request.id,
      isBundle: true,
      alongside: async (client) => {
        // A record without its Patient would be found by nobody: a wrong id, or a Patient deleted since its number was linked. It
        // is said behind the rights, so that whoever has none does not learn which ids there are.
        await fhir.within(client, async ({ reader }) => {
          if (!(await reader.current('Patient', patient, everyone)))
            throw businessRule('there is no such Patient here');
        });
        if (!(await deliveries.keep(one, 'stored', one.problem, client))) throw keptMeanwhile;
      },
    });
    return { id: one.id, fate: 'stored', reason: one.problem };
  } catch (error) {
    if (error === keptMeanwhile) return undefined;
    if (!(error instanceof OperationOutcomeError) || error.status >= 500 || error.status === 409) throw error;
    return deliveries.keep(one, 'refused', error.message);
  }
}

/** The number may be linked at this very moment: decided under the number's lock, which the link takes as well. */
async function waitOrStore(
  fhir: Fhir,
  request: FhirRequest,
  intake: Intake,
  one: Received,
): Promise<Settled | undefined> {
  const problem = problemOf(one, request.access);
  if (problem !== undefined) return intake.deliveries.keep(one, 'refused', problem);
  const { patient, settled } = await intake.links.locked(one, async (client) => {
    const patient = await intake.links.patientOf(one, client);
    if (patient !== undefined) return { patient };
    return { settled: await intake.deliveries.keep(one, 'waiting', one.problem, client) };
  });
  return patient === undefined ? settled : store(fhir, request, intake, one, patient);
}

/**
 * What is wrong with a record is told to its sender now, not to a family months later. That includes the sender's rights:
 * what waits is taken in by the server itself.
 */
function problemOf(one: Received, access: Access): string | undefined {
  try {
    for (const { method, type, resource } of recordChanges(one, 'nobody')) {
      if (!isWhole(reachOf(access, rightOf(method), type)))
        return `${method} of ${type} is not in the scopes of this token`;
      const [fault] = resource ? errorsOf(judgedFor(access, resource, validateInForce)) : [];
      if (fault) return `${fault.expression.join(', ')}: ${fault.diagnostics}`;
    }
    return undefined;
  } catch (error) {
    if (error instanceof OperationOutcomeError) return error.message;
    throw error;
  }
}

function answer(settled: Settled): Answer {
  if (settled.fate === 'refused') {
    throw businessRule(`Kept as delivery ${settled.id}, and refused: ${settled.reason ?? 'no reason given'}`);
  }
  return { status: settled.fate === 'waiting' ? 202 : 200, body: parametersText(settled, []) };
}

function parametersText({ id, fate, reason }: Settled, more: object[]): string {
  const parameter = [
    { name: 'delivery', valueString: id },
    { name: 'fate', valueCode: fate },
    ...(reason === undefined ? [] : [{ name: 'reason', valueString: reason }]),
    ...more,
  ];
  return JSON.stringify({ resourceType: 'Parameters', parameter });
}
