// Patient/[id]/$health-cards-issue: the vaccinations of a patient as SMART Health Cards, one topic each. HL7 SMART Health Cards and Links
// STU 1, OperationDefinition patient-i-health-cards-issue.
//
// For a record that has not changed the same card is given again (its name, and the second since when it is valid), so that a family
// that asks often has few cards to look after, and revoking one revokes every copy of it.

import { randomBytes } from 'node:crypto';
import type { Immunization, Patient } from '@medplum/fhirtypes';
import { systemAccess } from '../access/access.ts';
import { namedReach } from '../access/named-reach.ts';
import { businessRule, conflict, forbidden, notFound } from '../fhir/outcome.ts';
import type { Parameter } from '../interaction/parameters.ts';
import { isAbout, recordTexts } from '../interaction/planning-record.ts';
import type { Fhir, FhirRequest, Operation } from '../interaction/request.ts';
import type { HealthCardStore } from '../store/health-cards.ts';
import { type PlannedCard, plannedCards, typesOf } from './card-bundle.ts';
import { type CardContent, type CardStamp, digestOf, signedCard } from './credential.ts';
import { type CardDose, cardDoses } from './doses.ts';
import { type IssueRequest, issueRequest } from './issue-request.ts';
import type { CardKeys } from './keys.ts';
import { issuerOf } from './routes.ts';

type Needs = { store: HealthCardStore; keys: CardKeys };

export function issueCards({ store, keys }: Needs): Operation {
  return {
    code: 'health-cards-issue',
    definition: 'http://hl7.org/fhir/uv/smart-health-cards-and-links/OperationDefinition/patient-i-health-cards-issue',
    documentation:
      'Vaccinations that an organization recorded, one topic a card, each of a size for a QR code. includeIdentityClaim: Patient.name, Patient.birthDate (default: both). $health-cards tells what was left out and why.',
    level: 'instance',
    type: 'Patient',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      const asked = issueRequest(request);
      const iss = checkedIssuer(fhir.base);
      const { patient, immunizations } = await cardRecord(fhir, request, id, 'health-cards-issue');
      const decisions = immunizations.length < 2 ? [] : await fhir.decisionsOf(id);
      const { doses } = cardDoses(immunizations, decisions);
      const wanted = doses.filter((one) => isWanted(one, asked));
      const planned = plannedCards(iss, patient, asked.claims, wanted).filter(({ doses }) => isSince(doses, asked));
      const key = await keys.signing(fhir.nowMs());
      const stamps = await stampsOf(fhir, request, { store, patient: id, kid: key.kid, planned });
      const cards = stamps.map(({ content, ...stamp }) => signedCard(content, stamp, key));
      return { status: 200, body: JSON.stringify(answer(fhir.base, cards, planned)) };
    },
  };
}

/** The Patient and their Immunizations as far as the caller may see them, with the audit row. Throws 404 and 403 like a read. */
export async function cardRecord(fhir: Fhir, request: FhirRequest, id: string, interaction: string) {
  const why = 'and Patient and Immunization are read together';
  const ofPatient = namedReach(request.access, 'read', 'Patient', why);
  if (namedReach(request.access, 'read', 'Immunization', why).kind !== ofPatient.kind)
    throw forbidden(`$${interaction} reads Patient and Immunization; the scopes of this token must reach both alike`);
  const found = await recordTexts(fhir, request, id, interaction, { types: ['Immunization'] });
  if (found === undefined) throw notFound(`Patient/${id}`);
  const immunizations = found.contents
    .map((content) => JSON.parse(content) as Immunization)
    .filter((one) => one.resourceType === 'Immunization' && isAbout(one, id));
  return { patient: JSON.parse(found.patient) as Patient, immunizations };
}

/** A reader takes keys only over https; the machine of a developer is the exception that readers make as well. */
function checkedIssuer(base: string): string {
  const iss = issuerOf(base);
  const { protocol, hostname } = new URL(iss);
  if (protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)) return iss;
  throw businessRule('Nobody could check a card of this server: its public address (BASE_URL) is not https');
}

const isWanted = ({ coding, topic }: CardDose, { types, isInValueSets }: IssueRequest): boolean =>
  types.every((type) => typesOf(topic).includes(type)) && isInValueSets(coding, topic);

const isSince = (doses: readonly CardDose[], { sinceMs }: IssueRequest): boolean =>
  sinceMs === undefined || doses.some(({ dose }) => Date.parse(dose.meta?.lastUpdated ?? '') >= sinceMs);

/** The name and time of each card: of the one that was issued with this content, else new ones, which are kept first. */
async function stampsOf(
  fhir: Fhir,
  request: FhirRequest,
  {
    store,
    patient,
    kid,
    planned,
  }: { store: HealthCardStore; patient: string; kid: string; planned: readonly PlannedCard[] },
): Promise<(CardStamp & { content: CardContent })[]> {
  const found = await store.found(
    patient,
    kid,
    planned.map(({ content }) => digestOf(content)),
  );
  const added = planned.flatMap(({ content: said, topic, doses }) => {
    const content = digestOf(said);
    if (found.has(content.toString('hex'))) return [];
    return [{ rid: randomBytes(ridBytes).toString('base64url'), content, topic: topic.code, doses: doses.length }];
  });
  if (added.length > 0) {
    const { client: by } = request.access;
    const issued = new Date(fhir.nowMs()).toISOString();
    await fhir.write({ ...systemAccess('health-cards-issue'), client: by }, [], {
      request: request.id,
      alongside: async (client) => {
        const made = await store.issue(client, { patient, kid, cards: added, issued, by });
        for (const [content, stamp] of made) found.set(content, stamp);
      },
    });
  }
  return planned.map(({ content }) => {
    const kept = found.get(digestOf(content).toString('hex'));
    if (kept === undefined) throw conflict('A card of this patient was issued and revoked just now; ask again');
    return { content, rid: kept.rid, nbf: Math.floor(Date.parse(kept.issued) / 1000) };
  });
}

const ridBytes = 12;

function answer(base: string, cards: readonly string[], planned: readonly PlannedCard[]): object {
  const links = planned.flatMap(({ doses }, vcIndex) =>
    doses.map(({ dose }, n) => ({
      name: 'resourceLink',
      part: [
        { name: 'vcIndex', valueInteger: vcIndex },
        { name: 'bundledResource', valueUri: `resource:${n + 1}` },
        { name: 'hostedResource', valueUri: `${base}/Immunization/${dose.id}` },
      ],
    })),
  );
  const parameter: Parameter[] = [
    ...cards.map((jws) => ({ name: 'verifiableCredential', valueString: jws })),
    ...links,
  ];
  return { resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) };
}
