// Patient/[id]/$link-facility: the family links a patient number at a facility, by a one-time code that the facility gave
// them. The number becomes an identifier of the Patient, a Consent says so, and what has been waiting flows in.

import { reachOf, systemAccess } from '../access/access.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import { findMyNumber } from '../fhir/my-number.ts';
import { badRequest, conflict, duplicate, forbidden, myNumber, notFound } from '../fhir/outcome.ts';
import { localReference } from '../fhir/references.ts';
import { identifierOf, readParameters, required, single } from '../interaction/parameters.ts';
import type { FhirRequest, Operation } from '../interaction/request.ts';
import type { Change } from '../store/change.ts';
import type { Link, Links } from '../store/links.ts';
import { type Intake, takeIn } from './deliver.ts';

export function linkFacility(intake: Intake): Operation {
  return {
    code: 'link-facility',
    definition: `${CANONICAL}/OperationDefinition/link-facility`,
    level: 'instance',
    type: 'Patient',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      const current = await fhir.reader.current('Patient', id, reachOf(request.access, 'update', 'Patient'));
      if (current?.content === undefined) throw notFound(`Patient/${id}`);
      const { code, link } = await linkOf(intake.links, request);
      const changes = linkChanges(parseJson(current.content) as JsonObject, current.version, link, fhir.nowMs());
      // The code is the right to add this one identifier, which the scopes of a family's app do not give.
      const access = { ...systemAccess('link'), client: request.access.client };
      const written = await fhir.write(access, changes, {
        request: request.id,
        alongside: async (client) => {
          if (code !== undefined && !(await intake.links.useCode(client, code)))
            throw conflict('The code has just been used');
          if (!(await intake.links.add(client, link, id))) throw duplicate('The link of this patient number');
        },
      });
      // The link stands from here on. If the database goes away now, the job behind the Consent takes in what is left.
      const taken = await takeIn(fhir, intake, link, id, request.id).catch((error: unknown) => {
        fhir.onBug(error, request.id);
        return 0;
      });
      const consent = written.at(-1)?.content;
      return {
        status: 200,
        body: `{"resourceType":"Parameters","parameter":[{"name":"consent","resource":${consent}},{"name":"taken","valueInteger":${taken}}]}`,
      };
    },
  };
}

/** Organization/[id]/$link-code: the facility asks for a code to hand to the family, valid for 14 days, good for one use. */
export function linkCode({ links }: Pick<Intake, 'links'>): Operation {
  return {
    code: 'link-code',
    definition: `${CANONICAL}/OperationDefinition/link-code`,
    level: 'instance',
    type: 'Organization',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      if (!isStaff(request)) throw forbidden('Only facilities and operators issue link codes');
      const organization = await fhir.reader.current(
        'Organization',
        id,
        reachOf(request.access, 'read', 'Organization'),
      );
      if (!organization) throw notFound(`Organization/${id}`);
      refuseMyNumber(request);
      const { system, value } = identifierOf(
        single(readParameters(request.body, ['identifier']), 'identifier'),
        'identifier',
      );
      const expires = new Date(fhir.nowMs() + codeLifetimeMs).toISOString();
      const code = await links.issueCode({ organization: id, source: system, number: value }, expires);
      const parameter = [
        { name: 'code', valueString: code },
        { name: 'expires', valueInstant: expires },
      ];
      return { status: 200, body: JSON.stringify({ resourceType: 'Parameters', parameter }) };
    },
  };
}

function refuseMyNumber({ body }: FhirRequest): void {
  const place = findMyNumber(body);
  if (place !== undefined) throw myNumber(`Parameters.${place}`);
}

const codeLifetimeMs = 14 * 86_400_000;

/** The right to create consents for anybody is what tells a facility's or operator's client from a family's app. */
const isStaff = ({ access }: FhirRequest): boolean => reachOf(access, 'create', 'Consent').kind === 'all';

async function linkOf(links: Links, request: FhirRequest): Promise<{ code?: string; link: Link }> {
  const parameters = readParameters(request.body, ['organization', 'identifier', 'code']);
  const code = single(parameters, 'code')?.valueString;
  if (typeof code === 'string') {
    const link = await links.findCode(code);
    if (!link)
      throw badRequest('The code is not known, has been used, or is older than 14 days', 'value', [
        "Parameters.parameter.where(name='code')",
      ]);
    return { code, link };
  }
  if (!isStaff(request)) throw required('code', 'valueString, from the facility');
  const reference = single(parameters, 'organization')?.valueReference;
  const organization = isObject(reference) ? localReference(String(reference.reference ?? '')) : undefined;
  if (organization?.type !== 'Organization') throw required('organization', 'a reference to an Organization');
  refuseMyNumber(request);
  const { system, value } = identifierOf(single(parameters, 'identifier'), 'identifier');
  return { link: { organization: organization.id, source: system, number: value } };
}

function linkChanges(
  patient: JsonObject,
  version: number,
  { organization, source, number }: Link,
  nowMs: number,
): Change[] {
  const id = String(patient.id);
  const identifiers = Array.isArray(patient.identifier) ? patient.identifier : [];
  const isThere = identifiers.some((one) => isObject(one) && one.system === source && one.value === number);
  const identifier = { system: source, value: number, assigner: { reference: `Organization/${organization}` } };
  const linked = { ...patient, identifier: [...identifiers, identifier] };
  const consent: Change = { method: 'create', type: 'Consent', resource: consentOf(id, organization, nowMs) };
  return isThere ? [consent] : [{ method: 'update', type: 'Patient', id, ifMatch: version, resource: linked }, consent];
}

/** FHIR R4 Consent: the family permits this organization to add to the record. */
function consentOf(patient: string, organization: string, nowMs: number): JsonObject {
  const coding = (system: string, code: string) => ({ coding: [{ system, code }] });
  return {
    resourceType: 'Consent',
    status: 'active',
    scope: coding('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy'),
    category: [coding('http://loinc.org', '59284-0')],
    patient: { reference: `Patient/${patient}` },
    dateTime: new Date(nowMs).toISOString(),
    organization: [{ reference: `Organization/${organization}` }],
    policyRule: coding('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'OPTIN'),
    provision: {
      type: 'permit',
      actor: [
        {
          role: coding('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'AUT'),
          reference: { reference: `Organization/${organization}` },
        },
      ],
    },
  };
}
