// Consent to research, which is no daily act: Patient/[id]/$propose-consent by one guardian, Consent/[id]/$agree by the other
// within 14 days where custody is joint, and by a guardian where a young person proposes it (decision 11, "Writing"). Who has
// agreed stands in Consent.verification, which only these operations write.

import { systemAccess } from '../access/access.ts';
import { beyondResearch, isForResearch } from '../access/giving.ts';
import { type Decision, decide } from '../access/guardian-acts.ts';
import { namedReach } from '../access/named-reach.ts';
import { confirmationMs } from '../access/policy.ts';
import { listOf } from '../access/provision.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import { businessRule, forbidden, notFound } from '../fhir/outcome.ts';
import { readParameters, required, single } from '../interaction/parameters.ts';
import type { Answer, Fhir, FhirRequest, Operation } from '../interaction/request.ts';
import type { Change } from '../store/change.ts';
import type { StoredRelation } from '../store/relations.ts';
import { type Custody, custodyOf, nameOf } from './custody.ts';

/** `relations`: all of a patient (id). */
export type ResearchConsentOptions = { relations: (patient: string) => Promise<StoredRelation[]> };

export function proposeConsent(options: ResearchConsentOptions): Operation {
  return {
    code: 'propose-consent',
    definition: `${CANONICAL}/OperationDefinition/propose-consent`,
    level: 'instance',
    type: 'Patient',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      const custody = await custodyHere(fhir, request, id, options);
      const asked = single(readParameters(request.body, ['consent']), 'consent')?.resource;
      if (!isObject(asked) || asked.resourceType !== 'Consent') throw required('consent', 'a Consent resource');
      if (!isForResearch(asked))
        throw businessRule('Only consent to research (a provision with purpose HRESCH) is proposed; create any other');
      const beyond = beyondResearch(asked);
      if (beyond !== undefined) throw businessRule(`Not to be proposed: ${beyond}`, ['Consent.provision']);
      const decision = decisionOf(custody, []);
      const proposed = withAgreement({ ...asked, patient: { reference: `Patient/${id}` }, verification: [] }, custody);
      const fullUrl = 'urn:uuid:9b0f3c52-0f5c-4b7e-8a43-5d2f0c6e7a11';
      const consent = { ...proposed, status: decision === 'permit' ? 'active' : 'proposed' };
      const changes: Change[] = [{ method: 'create', type: 'Consent', fullUrl, resource: consent }];
      if (decision !== 'permit') changes.push(...asking(id, custody, fullUrl));
      return store(fhir, request, changes);
    },
  };
}

export function agree(options: ResearchConsentOptions): Operation {
  return {
    code: 'agree',
    definition: `${CANONICAL}/OperationDefinition/agree`,
    level: 'instance',
    type: 'Consent',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      if (request.body !== undefined) readParameters(request.body, []);
      const stored = await fhir.reader.current('Consent', id, namedReach(request.access, 'update', 'Consent'));
      if (stored?.content === undefined) throw notFound(`Consent/${id}`);
      const consent = parseJson(stored.content) as JsonObject;
      const custody = await custodyHere(fhir, request, patientOf(consent), options);
      const proposedMs = Date.parse(String(consent.dateTime));
      if (consent.status !== 'proposed' || !isForResearch(consent) || Number.isNaN(proposedMs))
        throw businessRule('This Consent is not waiting for anybody to agree', ['Consent.status']);
      if (fhir.nowMs() >= proposedMs + confirmationMs)
        throw businessRule('It was proposed more than 14 days ago; propose it again', ['Consent.dateTime']);
      const agreed = listOf(consent, 'verification').map(personIn);
      if (agreed.includes(nameOf(custody.own))) throw businessRule('You have agreed already; somebody else has to');
      const isDone = decisionOf(custody, agreed) === 'permit';
      const next = { ...withAgreement(consent, custody), status: isDone ? 'active' : 'proposed' };
      const changes: Change[] = [{ method: 'update', type: 'Consent', id, ifMatch: stored.version, resource: next }];
      const done = (task: JsonObject): JsonObject => ({ ...task, status: 'completed' });
      if (isDone) changes.push({ method: 'patch', type: 'Task', match: `focus=Consent/${id}`, patch: done });
      return store(fhir, request, changes);
    },
  };
}

/** Throws 404 for who does not see the patient, 403 for who only looks on. */
async function custodyHere(
  fhir: Fhir,
  { access }: FhirRequest,
  patient: string,
  { relations }: ResearchConsentOptions,
): Promise<Custody> {
  const stored = await fhir.reader.current('Patient', patient, namedReach(access, 'update', 'Patient'));
  if (stored?.content === undefined) throw notFound(`Patient/${patient}`);
  const { birthDate } = parseJson(stored.content) as JsonObject;
  const custody = custodyOf(access.caller, birthDate, await relations(patient));
  namedReach(access, 'create', 'Consent');
  if (!custody || decisionOf(custody, []) === 'deny')
    throw forbidden('Research is agreed to by the patient and the guardians');
  return custody;
}

const decisionOf = ({ facts }: Custody, confirmedBy: readonly string[]): Decision =>
  decide({ ...facts, action: 'consent-research', confirmedBy });

function patientOf({ patient }: JsonObject): string {
  return isObject(patient) ? String(patient.reference).replace(/^Patient\//, '') : '';
}

const loginSystem = `${CANONICAL}/NamingSystem/login`;

/** FHIR R4 Consent.verification: who agreed, and when. The first time is when it was proposed. */
function withAgreement(consent: JsonObject, { own, facts: { at } }: Custody): JsonObject {
  const by = {
    ...(own.relatedPerson !== undefined && { reference: own.relatedPerson }),
    identifier: { system: loginSystem, value: nameOf(own) },
  };
  const before = listOf(consent, 'verification');
  const verification = [...before, { verified: true, verifiedWith: by, verificationDate: at }];
  return { ...consent, ...(before.length === 0 && { dateTime: at }), verification };
}

function personIn({ verifiedWith }: JsonObject): string {
  const identifier = isObject(verifiedWith) ? verifiedWith.identifier : undefined;
  return isObject(identifier) ? String(identifier.value) : '';
}

/** A Task to agree, and the notice of it to those who may. */
function asking(patient: string, { own, others, facts: { at } }: Custody, focus: string): Change[] {
  const people = others.flatMap(({ relatedPerson }) => relatedPerson ?? []);
  const [first] = people;
  const subject = { reference: `Patient/${patient}` };
  const task = {
    resourceType: 'Task',
    status: 'requested',
    intent: 'proposal',
    code: { text: '研究利用の同意の確認（Agree to research, or do not）' },
    focus: { reference: focus },
    for: subject,
    authoredOn: at,
    ...(own.relatedPerson !== undefined && { requester: { reference: own.relatedPerson } }),
    ...(first !== undefined && { owner: { reference: first } }),
    restriction: { period: { start: at, end: new Date(Date.parse(at) + confirmationMs).toISOString() } },
  };
  const notice = {
    resourceType: 'Communication',
    status: 'completed',
    category: [{ coding: [{ system: `${terminology}/communication-category`, code: 'notification' }] }],
    subject,
    about: [{ reference: focus }],
    sent: at,
    recipient: (people.length > 0 ? people : [subject.reference]).map((reference) => ({ reference })),
    payload: [{ contentString: '研究利用への同意が提案されました。14日以内に確認してください。' }],
  };
  return [
    { method: 'create', type: 'Task', resource: task },
    { method: 'create', type: 'Communication', resource: notice },
  ];
}

const terminology = 'http://terminology.hl7.org/CodeSystem';

async function store(fhir: Fhir, request: FhirRequest, changes: Change[]): Promise<Answer> {
  const access = { ...systemAccess('consent'), client: request.access.client };
  const [consent] = await fhir.write(access, changes, { request: request.id, isBundle: true });
  return { status: 200, body: consent?.content ?? '' };
}
