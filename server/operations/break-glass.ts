// Patient/[id]/$break-glass: in an emergency a clinician opens a record that nobody opened to them. It is open to that clinician
// alone, to be read, for 30 minutes, by a Consent that says so; the guardians are told, and the organization has to review it
// (decision 11). Whether there is such a patient is not told for nothing: each try is in the audit, and few may miss.

import { type Access, systemAccess } from '../access/access.ts';
import { actorFor } from '../access/actor.ts';
import { type Caller, isClinician } from '../access/caller.ts';
import { breakGlassPolicy } from '../access/consent.ts';
import { namedReach } from '../access/named-reach.ts';
import { breakGlassMs, reviewMs, shortestReason } from '../access/policy.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import type { JsonObject } from '../fhir/json.ts';
import { findMyNumber } from '../fhir/my-number.ts';
import { forbidden, myNumber, notFound, tooManyTries } from '../fhir/outcome.ts';
import { auditOf } from '../interaction/audited.ts';
import { readParameters, required, single } from '../interaction/parameters.ts';
import type { FhirRequest, Operation } from '../interaction/request.ts';
import type { Change } from '../store/change.ts';
import type { StoredRelation } from '../store/relations.ts';
import { limitTries } from './limit-tries.ts';

/** `relations`: all of a patient (id). */
export type BreakGlassOptions = { relations: (patient: string) => Promise<StoredRelation[]> };

export function breakGlass({ relations }: BreakGlassOptions): Operation {
  const tries = limitTries(mostMisses);
  return {
    code: 'break-glass',
    definition: `${CANONICAL}/OperationDefinition/break-glass`,
    level: 'instance',
    type: 'Patient',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      const clinician = clinicianOf(request.access);
      const reason = reasonOf(request);
      const nowMs = fhir.nowMs();
      if (!tries.mayTry(clinician.user, nowMs))
        throw tooManyTries('Too many of the patients asked for were not known here; try again in an hour');
      const asked = { ...request, access: { ...request.access, client: actorFor(request.access.client, 'BTG') } };
      const patient = await fhir.reader.current('Patient', id, { kind: 'all' });
      await fhir.audit([auditOf(fhir, asked, 'break-glass', 'Patient', patient)]);
      if (!patient) {
        tries.missed(clinician.user, nowMs);
        throw notFound(`Patient/${id}`);
      }
      const told = recipientsOf(id, await relations(id), nowMs);
      const changes = changesOf({ patient: id, ...clinician, reason, told, nowMs });
      const access = { ...systemAccess('break-glass'), client: asked.access.client };
      const [consent, task] = await fhir.write(access, changes, { request: request.id, isBundle: true });
      return {
        status: 200,
        body: `{"resourceType":"Parameters","parameter":[{"name":"consent","resource":${consent?.content}},{"name":"review","resource":${task?.content}}]}`,
      };
    },
  };
}

/** In an hour, of one clinician. */
const mostMisses = { count: 5, withinMs: 3_600_000 };

type Clinician = Required<Pick<Caller, 'user' | 'organization'>>;

function clinicianOf(access: Access): Clinician {
  const { caller } = access;
  const { user, organization } = caller ?? {};
  if (!caller || !isClinician(caller) || user === undefined || organization === undefined)
    throw forbidden('$break-glass is for a practitioner of an organization, with a login of their own');
  const reach = namedReach(access, 'read', 'Patient');
  // A token for one patient opens no other record.
  if (reach.kind !== 'narrowed' || reach.parts.length > 0)
    throw forbidden('$break-glass needs the right to read Patient (user/Patient.r), not that of one patient');
  return { user, organization };
}

function reasonOf({ body }: FhirRequest): string {
  const reason = single(readParameters(body, ['reason']), 'reason')?.valueString;
  if (typeof reason !== 'string' || [...reason.trim()].length < shortestReason)
    throw required('reason', `valueString, at least ${shortestReason} characters: why the record is needed now`);
  const place = findMyNumber(body);
  if (place !== undefined) throw myNumber(`Parameters.${place}`);
  return reason.trim();
}

/** The guardians of the moment and the young person; a suspended guardian is told nothing. */
function recipientsOf(patient: string, relations: readonly StoredRelation[], nowMs: number): string[] {
  const named = relations
    .filter(({ basis, status, starts, ends }) => {
      const isOver = ends !== 'infinity' && Date.parse(ends) <= nowMs;
      return basis !== 'invited' && status === 'active' && !isOver && !(Date.parse(starts) > nowMs);
    })
    .flatMap(({ basis, relatedPerson }) => (basis === 'self' ? [`Patient/${patient}`] : (relatedPerson ?? [])));
  return named.length > 0 ? [...new Set(named)] : [`Patient/${patient}`];
}

type Opening = Clinician & { patient: string; reason: string; told: readonly string[]; nowMs: number };

/** The Consent, the review and the notice. The reason may be about the family and stays with the organization. */
function changesOf({ patient, user, organization, reason, told, nowMs }: Opening): Change[] {
  const subject = { reference: `Patient/${patient}` };
  const fullUrl = 'urn:uuid:4f1f1f5e-7d0f-4c39-9a6e-0b3f6b1c2d90';
  const at = instantOf(nowMs);
  const task = {
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    code: { text: '緊急時閲覧の確認（Review of a break-glass access）' },
    focus: { reference: fullUrl },
    // Not `for` the patient: it would be in their record, and the reason may be about the family.
    authoredOn: at,
    requester: { reference: user },
    owner: { reference: organization },
    reasonCode: { text: reason },
    restriction: { period: { start: at, end: instantOf(nowMs + reviewMs) } },
  };
  const communication = {
    resourceType: 'Communication',
    status: 'completed',
    category: [coding('communication-category', 'notification')],
    priority: 'urgent',
    subject,
    about: [{ reference: fullUrl }],
    sent: at,
    recipient: told.map((reference) => ({ reference })),
    sender: { reference: organization },
    payload: [
      {
        contentString:
          '緊急のため、医療者がこの記録を30分間だけ閲覧できるようにしました。だれがいつ見たかは閲覧記録で確認できます。',
      },
    ],
  };
  return [
    { method: 'create', type: 'Consent', fullUrl, resource: consentOf(patient, { user, organization }, nowMs) },
    { method: 'create', type: 'Task', resource: task, writer: organization },
    { method: 'create', type: 'Communication', resource: communication },
  ];
}

function consentOf(patient: string, { user, organization }: Clinician, nowMs: number): JsonObject {
  return {
    resourceType: 'Consent',
    status: 'active',
    scope: coding('consentscope', 'patient-privacy'),
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference: `Patient/${patient}` },
    dateTime: instantOf(nowMs),
    organization: [{ reference: organization }],
    policy: [{ uri: breakGlassPolicy }],
    provision: {
      type: 'permit',
      period: { start: instantOf(nowMs), end: instantOf(nowMs + breakGlassMs) },
      actor: [{ role: coding('v3-ParticipationType', 'IRCP'), reference: { reference: user } }],
      purpose: [{ system: `${terminology}/v3-ActReason`, code: 'BTG' }],
    },
  };
}

const terminology = 'http://terminology.hl7.org/CodeSystem';
const coding = (system: string, code: string) => ({ coding: [{ system: `${terminology}/${system}`, code }] });
const instantOf = (ms: number): string => new Date(ms).toISOString();
