// Organization/[id]/$link-code: the facility asks for a code to hand to the family, as letters and as a QR code for the
// portal. Valid for 14 days, good for one use.

import { type Access, reachOf } from '../access/access.ts';
import { namedReach } from '../access/named-reach.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { isObject, parseJson } from '../fhir/json.ts';
import { forbidden, notFound } from '../fhir/outcome.ts';
import { auditOf } from '../interaction/audited.ts';
import { codeLifetimeMs, codeParameters } from '../interaction/code-answer.ts';
import { identifierOf, readParameters, single } from '../interaction/parameters.ts';
import type { Operation } from '../interaction/request.ts';
import type { Intake } from './intake.ts';

/** The extension of an Organization that names a system of its patient numbers. */
export const patientNumberSystem = `${CANONICAL}/StructureDefinition/patient-number-system`;

export function linkCode({ links }: Pick<Intake, 'links'>): Operation {
  return {
    code: 'link-code',
    definition: `${CANONICAL}/OperationDefinition/link-code`,
    level: 'instance',
    type: 'Organization',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      namedReach(request.access, 'create', 'Consent');
      if (!mayIssue(request.access, id))
        throw forbidden(
          'Only the deployment, and a facility for itself, with the scope to create Consents, issue link codes',
        );
      const reach = namedReach(request.access, 'read', 'Organization');
      const organization = await fhir.reader.current('Organization', id, reach);
      if (organization?.content === undefined) throw notFound(`Organization/${id}`);
      const { system, value } = identifierOf(
        single(readParameters(request.body, ['identifier']), 'identifier'),
        'identifier',
      );
      if (request.access.caller && !numbersOf(parseJson(organization.content)).includes(system))
        throw forbidden(`${system} is not among the patient number systems that Organization/${id} is registered with`);
      const expires = new Date(fhir.nowMs() + codeLifetimeMs).toISOString();
      const code = await links.issueCode({ organization: id, source: system, number: value }, expires);
      const { key, owner } = organization;
      await fhir.audit([auditOf(fhir, request, 'link-code', 'Organization', { key, owner })]);
      const parameter = codeParameters(fhir, code, expires, 'link');
      return { status: 200, body: JSON.stringify({ resourceType: 'Parameters', parameter }) };
    },
  };
}

/** Otherwise what another facility sends could be led to a patient of one's own choice; only the deployment writes an Organization. */
function numbersOf(organization: unknown): unknown[] {
  const extensions = isObject(organization) && Array.isArray(organization.extension) ? organization.extension : [];
  return extensions.flatMap((one) => (isObject(one) && one.url === patientNumberSystem ? [one.valueUri] : []));
}

/** The right to create consents for anybody is what tells a facility's or operator's client from a family's app. */
function mayIssue(access: Access, organization: string): boolean {
  const reach = reachOf(access, 'create', 'Consent');
  if (!access.caller) return reach.kind === 'all';
  const isOwn = access.caller.organization === `Organization/${organization}`;
  return isOwn && reach.kind === 'narrowed' && reach.parts.length === 0;
}
