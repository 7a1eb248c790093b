// Patient/[id]/$link-facility: the family links a patient number at a facility, by a one-time code that the facility gave
// them. The number becomes an identifier of the Patient, a Consent says so, and what has been waiting flows in.

import { reachOf, systemAccess } from '../access/access.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import { badRequest, conflict, duplicate, forbidden } from '../fhir/outcome.ts';
import { auditOf } from '../interaction/audited.ts';
import { identifierOf, readParameters, referenceOf, required, single } from '../interaction/parameters.ts';
import type { FhirRequest, Operation } from '../interaction/request.ts';
import { patientFor, seenOf } from '../interaction/standing.ts';
import type { Change } from '../store/change.ts';
import type { Link, Links } from '../store/links.ts';
import type { Standing } from '../store/standing.ts';
import type { Intake } from './intake.ts';
import { takeIn } from './take-in.ts';

export function linkFacility(intake: Intake): Operation {
  return {
    code: 'link-facility',
    definition: `${CANONICAL}/OperationDefinition/link-facility`,
    level: 'instance',
    type: 'Patient',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      const { current, standing } = await patientFor(fhir, intake, request, id);
      if (standing === 'other')
        throw forbidden('Who a patient is linked to, is for the family and the municipality to say');
      const { code, link } = await linkOf(intake.links, request, standing);
      const nowMs = fhir.nowMs();
      const changes = linkChanges(parseJson(current.content) as JsonObject, current.version, link, nowMs);
      // The code is the right to add this one identifier, which the scopes of a family's app do not give.
      const access = { ...systemAccess('link'), client: request.access.client };
      const written = await fhir.write(access, changes, {
        request: request.id,
        alongside: async (client) => {
          if (code !== undefined && !(await intake.links.useCode(client, code)))
            throw conflict('The code has just been used');
          if (!(await intake.links.add(client, link, id, new Date(nowMs).toISOString())))
            throw duplicate('The link of this patient number');
        },
      });
      // The link stands from here on. If the database goes away now, the job behind the Consent takes in what is left.
      const taken = await takeIn(fhir, intake, link, id, request.id).catch((error: unknown) => {
        fhir.onBug(error, request.id);
        return 0;
      });
      await fhir.audit([auditOf(fhir, request, 'link-facility', 'Patient', seenOf(current))]);
      const consent = written.at(-1)?.content;
      return {
        status: 200,
        body: `{"resourceType":"Parameters","parameter":[{"name":"consent","resource":${consent}},{"name":"taken","valueInteger":${taken}}]}`,
      };
    },
  };
}

async function linkOf(links: Links, request: FhirRequest, standing: Standing): Promise<{ code?: string; link: Link }> {
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
  if (!mayGoWithoutCode(request, standing)) throw required('code', 'valueString, from the facility');
  const organization = referenceOf(parameters, 'organization', 'Organization');
  if (organization === undefined) throw required('organization', 'a reference to an Organization');
  const { system, value } = identifierOf(single(parameters, 'identifier'), 'identifier');
  return { link: { organization, source: system, number: value } };
}

/** The municipality where the patient lives, and the deployment for whom it may also record consents. */
const mayGoWithoutCode = ({ access }: FhirRequest, standing: Standing): boolean =>
  standing === 'municipality' || (standing === 'deployment' && reachOf(access, 'create', 'Consent').kind === 'all');

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
