// Patient/[id]/$unlink-facility: the family, or the municipality, ends the link of a facility. From the next request on it adds
// nothing and sees only what it wrote; what it sends waits, as for a number that nobody has linked.

import { systemAccess } from '../access/access.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import { conflict, forbidden, notFound } from '../fhir/outcome.ts';
import { auditOf } from '../interaction/audited.ts';
import { identifierOf, readParameters, referenceOf, required, single } from '../interaction/parameters.ts';
import type { Fhir, Operation } from '../interaction/request.ts';
import { patientFor, seenOf } from '../interaction/standing.ts';
import type { Change } from '../store/change.ts';
import type { Link } from '../store/links.ts';
import type { StoredVersion } from '../store/read.ts';
import type { Intake } from './intake.ts';

export function unlinkFacility(intake: Intake): Operation {
  return {
    code: 'unlink-facility',
    definition: `${CANONICAL}/OperationDefinition/unlink-facility`,
    level: 'instance',
    type: 'Patient',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      const { current, standing } = await patientFor(fhir, intake, request, id);
      if (standing === 'other') throw forbidden('Ending a link is for the family and the municipality');
      const parameters = readParameters(request.body, ['organization', 'identifier']);
      const organization = referenceOf(parameters, 'organization', 'Organization');
      if (organization === undefined) throw required('organization', 'a reference to an Organization');
      const given = single(parameters, 'identifier');
      const number = given && identifierOf(given, 'identifier');
      const all = await intake.links.linksOf(id);
      const ending = all.filter(
        (one) =>
          one.organization === organization &&
          (!number || (one.source === number.system && one.number === number.value)),
      );
      if (ending.length === 0) throw notFound(`A link of this Patient with Organization/${organization}`);
      const isLast = !all.some((one) => one.organization === organization && !ending.includes(one));
      const changes = [
        ...withoutNumbers(current, ending, id),
        ...(isLast ? await endedConsents(fhir, id, organization) : []),
      ];
      await fhir.write({ ...systemAccess('unlink'), client: request.access.client }, changes, {
        request: request.id,
        alongside: async (client) => {
          for (const link of ending)
            if (!(await intake.links.remove(client, link, id))) throw conflict('The link has just been ended');
        },
      });
      await fhir.audit([auditOf(fhir, request, 'unlink-facility', 'Patient', seenOf(current))]);
      const parameter = [{ name: 'ended', valueInteger: ending.length }];
      return { status: 200, body: JSON.stringify({ resourceType: 'Parameters', parameter }) };
    },
  };
}

/** The Patient loses the identifiers that its links gave it, and no other. */
function withoutNumbers({ content, version }: StoredVersion, ending: readonly Link[], id: string): Change[] {
  const patient = parseJson(content ?? '{}') as JsonObject;
  const identifiers = Array.isArray(patient.identifier) ? patient.identifier : [];
  const kept = identifiers.filter((one) => !ending.some((link) => isOfLink(one, link)));
  if (kept.length === identifiers.length) return [];
  const { identifier: _, ...rest } = patient;
  const resource = kept.length > 0 ? { ...patient, identifier: kept } : rest;
  return [{ method: 'update', type: 'Patient', id, ifMatch: version, resource }];
}

const isOfLink = (identifier: unknown, { source, number, organization }: Link): boolean =>
  isObject(identifier) &&
  identifier.system === source &&
  identifier.value === number &&
  isObject(identifier.assigner) &&
  identifier.assigner.reference === `Organization/${organization}`;

/** The Consents by which the organization was to add to the record: no longer in force, and kept. */
async function endedConsents({ reader }: Fhir, patient: string, organization: string): Promise<Change[]> {
  const changes: Change[] = [];
  for await (const page of reader.record(patient, ['Consent'])) {
    for (const { content } of page) {
      const consent = parseJson(content) as JsonObject;
      if (consent.status !== 'active' || !isOfLinking(consent, `Organization/${organization}`)) continue;
      const resource = { ...consent, status: 'inactive' };
      const ifMatch = Number((consent.meta as JsonObject).versionId);
      changes.push({ method: 'update', type: 'Consent', id: String(consent.id), ifMatch, resource });
    }
  }
  return changes;
}

/** As $link-facility makes them: the organization is the author (AUT), who may add; reading is another Consent's matter. */
function isOfLinking({ provision }: JsonObject, organization: string): boolean {
  const actors = isObject(provision) && Array.isArray(provision.actor) ? provision.actor : [];
  return actors.some((actor) => {
    if (!isObject(actor) || !isObject(actor.reference) || actor.reference.reference !== organization) return false;
    return JSON.stringify(actor.role ?? {}).includes('"AUT"');
  });
}
