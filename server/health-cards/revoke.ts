// Patient/[id]/$revoke-health-card: from the next look at the issuer's list on, no reader takes the card for good any more. Of a card
// every copy is revoked. SMART Health Cards 1.4, "Revocation".

import { systemAccess } from '../access/access.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { badRequest, forbidden, notFound } from '../fhir/outcome.ts';
import { auditOf } from '../interaction/audited.ts';
import { readParameters, refuseQuery, required, single } from '../interaction/parameters.ts';
import type { FhirRequest, Operation } from '../interaction/request.ts';
import { patientFor, type Standings, seenOf } from '../interaction/standing.ts';
import type { HealthCardStore } from '../store/health-cards.ts';
import { isRid } from './trust.ts';

export function revokeCards({ store, standingOf }: { store: HealthCardStore } & Standings): Operation {
  return {
    code: 'revoke-health-card',
    definition: `${CANONICAL}/OperationDefinition/revoke-health-card`,
    level: 'instance',
    type: 'Patient',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      const rids = ridsAsked(request);
      const { current, standing } = await patientFor(fhir, { standingOf }, request, id);
      if (standing === 'other' || standing === 'municipality')
        throw forbidden('A card is revoked by the family that it was issued to');
      const known = new Set((await store.ofPatient(id)).map(({ rid }) => rid));
      const unknown = rids?.find((rid) => !known.has(rid));
      if (unknown !== undefined) throw notFound(`The card ${unknown} of this Patient`);
      const { client: by } = request.access;
      let revoked: string[] = [];
      await fhir.write({ ...systemAccess('revoke-health-card'), client: by }, [], {
        request: request.id,
        alongside: async (client) => {
          revoked = await store.revoke(client, id, { rids, at: new Date(fhir.nowMs()).toISOString() });
          const row = auditOf(fhir, request, 'revoke-health-card', 'Patient', seenOf(current));
          await fhir.within(client, (inside) => inside.audit([row]));
        },
      });
      const parameter = revoked.toSorted().map((rid) => ({ name: 'revoked', valueString: rid }));
      return {
        status: 200,
        body: JSON.stringify({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) }),
      };
    },
  };
}

const mostRids = 100;

/** Undefined for all. Throws 400. */
function ridsAsked(request: FhirRequest): string[] | undefined {
  refuseQuery(request, '$revoke-health-card');
  const parameters = readParameters(request.body, ['rid', 'all']);
  const given = parameters.get('rid') ?? [];
  const all = single(parameters, 'all')?.valueBoolean;
  if (all !== undefined && (all !== true || given.length > 0))
    throw badRequest('"all" (valueBoolean) may be true, and then stands without "rid"', 'value', ['all']);
  if (all === true) return undefined;
  const rids = given.map(({ valueString }) => valueString).filter(isRid);
  if (rids.length === 0 || rids.length < given.length || rids.length > mostRids)
    throw required('rid', `valueString, the names of 1 to ${mostRids} cards, or "all" with true`);
  return rids;
}
