// What stands on a card: the Bundle with the least that a reader needs. HL7 SHC Vaccination and Testing (data minimization profiles);
// SMART Health Cards 1.4, "Health Cards are Small".

import type { HumanName, Immunization, Patient } from '@medplum/fhirtypes';
import type { JsonObject } from '../fhir/json.ts';
import { type CardContent, longestOf } from './credential.ts';
import type { CardDose } from './doses.ts';
import { longestJwsForQr } from './numeric.ts';
import { covid, type Topic } from './topics.ts';

/** What of the person stands on it. */
export type IdentityClaim = 'Patient.name' | 'Patient.birthDate';
export type PlannedCard = { content: CardContent; topic: Topic; doses: CardDose[] };

/**
 * One card for each topic, the one with the newest dose first; where a topic does not fit a QR code, several. A single dose that does
 * not fit, because a name is long, goes without who gave it.
 */
export function plannedCards(
  iss: string,
  patient: Patient,
  claims: readonly IdentityClaim[],
  doses: readonly CardDose[],
): PlannedCard[] {
  const person = personOf(patient, claims);
  const topics = Map.groupBy(doses, ({ topic }) => topic.code);
  return [...topics.values()].flatMap((ofTopic) => cardsOf(ofTopic));

  function cardsOf(some: readonly CardDose[]): PlannedCard[] {
    const [first] = some;
    if (first === undefined) return [];
    const card = cardWith(some, first.topic, true);
    if (longestOf(card.content) <= longestJwsForQr) return [card];
    if (some.length === 1) return [cardWith(some, first.topic, false)];
    const half = Math.ceil(some.length / 2);
    return [...cardsOf(some.slice(0, half)), ...cardsOf(some.slice(half))];
  }

  function cardWith(some: readonly CardDose[], topic: Topic, isFull: boolean): PlannedCard {
    const resources = [person, ...some.map((one) => doseOf(one, isFull))];
    const entry = resources.map((resource, n) => ({ fullUrl: `resource:${n}`, resource }));
    const bundle: JsonObject = { resourceType: 'Bundle', type: 'collection', entry };
    return { content: { iss, type: typesOf(topic), bundle }, topic, doses: [...some] };
  }
}

export const typesOf = ({ code }: Topic): string[] =>
  ['health-card', 'immunization', ...(code === covid ? ['covid19'] : [])].map(
    (name) => `https://smarthealth.cards#${name}`,
  );

function personOf({ name = [], birthDate }: Patient, claims: readonly IdentityClaim[]): JsonObject {
  const names = claims.includes('Patient.name') ? namesOf(name) : [];
  return {
    resourceType: 'Patient',
    ...(names.length > 0 && { name: names }),
    ...(claims.includes('Patient.birthDate') && birthDate !== undefined && { birthDate }),
  };
}

const representation = 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation';

/** The name that is in force, and beside it the one in the Latin alphabet that a reader abroad needs (JP Core: ABC). */
function namesOf(names: readonly HumanName[]): JsonObject[] {
  const current = names.filter(({ use, period }) => use !== 'old' && use !== 'maiden' && period?.end === undefined);
  const kindOf = ({ extension = [] }: HumanName) => extension.find(({ url }) => url === representation)?.valueCode;
  const first =
    current.find((one) => kindOf(one) === 'IDE' && one.use !== 'nickname') ??
    current.find((one) => kindOf(one) === undefined && one.use !== 'nickname') ??
    current[0];
  const latin = current.find((one) => one !== first && kindOf(one) === 'ABC');
  return [first, latin].flatMap((one): JsonObject[] => {
    if (one === undefined) return [];
    const { family, given, text } = one;
    if (family === undefined && given === undefined) return text === undefined ? [] : [{ text }];
    return [{ ...(family !== undefined && { family }), ...(given !== undefined && { given }) }];
  });
}

function doseOf({ dose, coding, day }: CardDose, isFull: boolean): JsonObject {
  const giver = isFull ? giverOf(dose) : undefined;
  return {
    resourceType: 'Immunization',
    status: 'completed',
    vaccineCode: { coding: [{ system: coding.system, code: coding.code }] },
    patient: { reference: 'resource:0' },
    occurrenceDateTime: day,
    ...(dose.lotNumber !== undefined && { lotNumber: dose.lotNumber }),
    ...(dose.isSubpotent === true && { isSubpotent: true }),
    ...(giver !== undefined && { performer: [{ actor: { display: giver } }] }),
  };
}

/** The place that gave it, by name; not the person. Nothing where it would tell where a protected family goes (label SDV). */
function giverOf({ performer = [], meta }: Immunization): string | undefined {
  if (meta?.security?.some(({ code }) => code === 'SDV')) return undefined;
  const place = performer.find(
    ({ actor }) => actor?.type === 'Organization' || /(?:^|\/)Organization\//.test(actor?.reference ?? ''),
  );
  return place?.actor?.display;
}
