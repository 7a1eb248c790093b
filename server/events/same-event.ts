// Patient/[id]/$same-event: the family says of records that they tell of one event, or of several, or takes back what was said. Only
// this is stored of reconciliation, and it goes before every rule (server/decisions/0022-events-are-computed.md).

import { systemAccess } from '../access/access.ts';
import { namedReach } from '../access/named-reach.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { badRequest, forbidden, notFound } from '../fhir/outcome.ts';
import { localReference } from '../fhir/references.ts';
import { auditOf } from '../interaction/audited.ts';
import { givenText, readParameters, required } from '../interaction/parameters.ts';
import type { Fhir, FhirRequest, Operation } from '../interaction/request.ts';
import { patientFor, type Standings, seenOf } from '../interaction/standing.ts';
import { keyOf } from '../search/keys.ts';
import { decide, undecide } from '../store/event-decisions.ts';
import { eventsOf } from './kinds.ts';

export function sameEvent(standings: Standings): Operation {
  return {
    code: 'same-event',
    definition: `${CANONICAL}/OperationDefinition/same-event`,
    level: 'instance',
    type: 'Patient',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      const { current, standing } = await patientFor(fhir, standings, request, id);
      if (standing === 'other' || standing === 'municipality')
        throw forbidden('Which records tell of one event is for the family to say');
      const { verdict, references } = asked(request);
      for (const reference of references) await seeRecord(fhir, request, id, reference);
      const pairs = pairsOf(references);
      await fhir.write({ ...systemAccess('same-event'), client: request.access.client }, [], {
        request: request.id,
        alongside: async (client) => {
          const decided = new Date(fhir.nowMs()).toISOString();
          if (verdict === 'undo') await undecide(client, id, pairs);
          else await decide(client, id, { pairs, verdict, decided, by: request.access.client });
          const row = auditOf(fhir, request, 'same-event', 'Patient', seenOf(current));
          await fhir.within(client, (inside) => inside.audit([row]));
        },
      });
      return {
        status: 200,
        body: JSON.stringify({ resourceType: 'Parameters', parameter: [{ name: 'verdict', valueCode: verdict }] }),
      };
    },
  };
}

const VERDICTS = ['same', 'different', 'undo'] as const;
type Verdict = (typeof VERDICTS)[number];

/** Of each two of them something is said. */
const MOST_RECORDS = 20;

function asked({ body }: FhirRequest): { verdict: Verdict; references: readonly string[] } {
  const parameters = readParameters(body, ['record', 'verdict']);
  const given = givenText(parameters, 'verdict', 'valueCode');
  const verdict = VERDICTS.find((one) => one === given);
  if (verdict === undefined) throw required('verdict', `valueCode, one of ${VERDICTS.join(', ')}`);
  const references = [...new Set((parameters.get('record') ?? []).map(referenceIn))];
  if (references.length < 2 || references.length > MOST_RECORDS)
    throw required('record', `valueReference, 2 to ${MOST_RECORDS} different ones`);
  const [type = '', ...others] = new Set(references.map((one) => one.slice(0, one.indexOf('/'))));
  if (others.length > 0) throw badRequest('Records of one event are of one type', 'value', ['record']);
  eventsOf(type);
  return { verdict, references };
}

function referenceIn({ valueReference: value }: JsonObject): string {
  const local = isObject(value) && typeof value.reference === 'string' ? localReference(value.reference) : undefined;
  if (local === undefined) throw required('record', 'a reference to a record of this server');
  return `${local.type}/${local.id}`;
}

/** Throws 404 alike for what the caller may not see, what is another patient's and what is not there. */
async function seeRecord(fhir: Fhir, request: FhirRequest, patient: string, reference: string): Promise<void> {
  const [type = '', id = ''] = reference.split('/');
  const found = await fhir.reader.current(type, id, namedReach(request.access, 'read', type));
  if (found?.content !== undefined && found.owner === keyOf('Patient', patient)) return;
  await fhir.audit([auditOf(fhir, request, 'same-event', type, undefined, id)]);
  throw notFound(reference);
}

function pairsOf(references: readonly string[]): { one: string; other: string }[] {
  const sorted = references.toSorted((a, b) => (a < b ? -1 : 1));
  return sorted.flatMap((one, n) => sorted.slice(n + 1).map((other) => ({ one, other })));
}
