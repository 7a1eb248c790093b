// What a caller of $health-cards-issue asks for. What is unknown is refused with what is known; a kind of card that is known, but of
// which there is none here, is no mistake.

import { rangeOf } from '../fhir/date-range.ts';
import type { JsonObject } from '../fhir/json.ts';
import { badRequest } from '../fhir/outcome.ts';
import { readParameters, refuseQuery, required, single } from '../interaction/parameters.ts';
import type { FhirRequest } from '../interaction/request.ts';
import { terminologyInForce } from '../terminology/in-force.ts';
import type { IdentityClaim } from './card-bundle.ts';
import type { CardDose } from './doses.ts';
import { covid, type Topic } from './topics.ts';

export type IssueRequest = {
  /** Of vc.type: a card has to have all of them. */
  types: readonly string[];
  claims: readonly IdentityClaim[];
  sinceMs: number | undefined;
  /** Whether a dose may stand on a card. */
  isInValueSets: (coding: CardDose['coding'], topic: Topic) => boolean;
};

const names = ['credentialType', 'credentialValueSet', 'includeIdentityClaim', '_since'];

/** Throws 400. */
export function issueRequest(request: FhirRequest): IssueRequest {
  refuseQuery(request, '$health-cards-issue');
  const parameters = readParameters(request.body, names);
  const types = (parameters.get('credentialType') ?? []).map((one) => typeIn(one));
  if (types.length === 0) throw required('credentialType', 'valueUri, such as https://smarthealth.cards#immunization');
  const valueSets = (parameters.get('credentialValueSet') ?? []).map((one) => setIn(one));
  return {
    types,
    claims: claimsIn(parameters.get('includeIdentityClaim')),
    sinceMs: sinceIn(single(parameters, '_since')),
    isInValueSets: (coding, topic) => valueSets.every((isIn) => isIn(coding, topic)),
  };
}

const card = 'https://smarthealth.cards#';
const shortTypes: Readonly<Record<string, string>> = {
  Immunization: `${card}immunization`,
  'http://hl7.org/fhir/StructureDefinition/Immunization': `${card}immunization`,
};
const knownTypes = ['health-card', 'immunization', 'covid19', 'laboratory'];

function typeIn({ valueUri: uri }: JsonObject): string {
  const given = typeof uri === 'string' ? uri : '';
  const type = shortTypes[given] ?? (given.startsWith('#') ? `${card}${given.slice(1)}` : given);
  if (knownTypes.some((name) => type === `${card}${name}`)) return type;
  const known = [...knownTypes.map((name) => `${card}${name}`), ...Object.keys(shortTypes)];
  throw badRequest(`"credentialType" takes a valueUri: ${known.join(', ')}`, 'not-supported', [
    "Parameters.parameter.where(name='credentialType')",
  ]);
}

/** The value sets of https://terminology.smarthealth.cards, of which topic and code system stand in the name. */
const publishedSet =
  /^https:\/\/terminology\.smarthealth\.cards\/ValueSet\/immunization-([a-z]+)-(all|cvx|snomed|icd11)$/;
const publishedTopics = ['all', covid, 'orthopoxvirus'];
const CVX = 'http://hl7.org/fhir/sid/cvx';

function setIn({ valueUri: uri }: JsonObject): (coding: CardDose['coding'], topic: Topic) => boolean {
  const url = typeof uri === 'string' ? uri : '';
  const [, topic = '', codes] = publishedSet.exec(url) ?? [];
  if (publishedTopics.includes(topic))
    return ({ system }, { code }) =>
      (topic === 'all' || topic === code) && (codes === 'all' || (codes === 'cvx' && system === CVX));
  const { terminology } = terminologyInForce();
  const probe = terminology.inValueSet(url, { system: CVX, code: '19' });
  if (probe.result === undefined)
    throw badRequest(
      `The value set ${JSON.stringify(url.slice(0, 200))} is not known here, or its codes cannot be told. Known: those of this server, and https://terminology.smarthealth.cards/ValueSet/immunization-[${publishedTopics.join('|')}]-[all|cvx|snomed|icd11]`,
      'not-supported',
      ["Parameters.parameter.where(name='credentialValueSet')"],
    );
  return (coding) => terminology.inValueSet(url, coding).result === true;
}

const knownClaims: readonly IdentityClaim[] = ['Patient.name', 'Patient.birthDate'];

function claimsIn(given: readonly JsonObject[] | undefined): readonly IdentityClaim[] {
  if (given === undefined) return knownClaims;
  return given.map(({ valueString }) => {
    const claim = knownClaims.find((one) => one === valueString);
    if (claim !== undefined) return claim;
    throw badRequest(`"includeIdentityClaim" takes a valueString: ${knownClaims.join(', ')}`, 'not-supported', [
      "Parameters.parameter.where(name='includeIdentityClaim')",
    ]);
  });
}

function sinceIn(given: JsonObject | undefined): number | undefined {
  if (given === undefined) return undefined;
  const range = typeof given.valueDateTime === 'string' ? rangeOf(given.valueDateTime) : undefined;
  if (range === undefined) throw required('_since', 'valueDateTime');
  return range.lo;
}
