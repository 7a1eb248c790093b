// The mother's own Patient, for what her record tells of a small child. The two are joined by the child's RelatedPerson, which
// carries a number of hers; Patient.link would mean the same person.

import type { Patient, RelatedPerson, Resource } from '@medplum/fhirtypes';
import { reachOf } from '../access/access.ts';
import { parseQuery } from '../search/parse-query.ts';
import { idOf } from '../store/stored-text.ts';
import type { Fhir, FhirRequest } from './request.ts';

/** Later nothing about her changes a plan, and her record stays closed. */
const mattersForMs = 3 * 365 * 86_400_000;

/**
 * The id of her Patient; undefined when none or more than one has the number. "not readable" when the child's record names
 * her and the caller may not read everybody's records, whether or not there is one of hers.
 */
export async function motherOf(
  fhir: Pick<Fhir, 'searcher' | 'nowMs' | 'base'>,
  request: FhirRequest,
  child: { patient: Patient; facts: readonly Resource[] },
): Promise<string | undefined> {
  const bornMs = Date.parse(child.patient.birthDate ?? '');
  if (Number.isNaN(bornMs) || fhir.nowMs() - bornMs > mattersForMs) return undefined;
  const number = child.facts.flatMap(numbersOf)[0];
  if (number === undefined) return undefined;
  const needed = [reachOf(request.access, 'search', 'Patient'), reachOf(request.access, 'read', 'Patient')];
  if (needed.some(({ kind }) => kind !== 'all')) return 'not readable';
  const options = { lenient: false, nowMs: fhir.nowMs(), base: fhir.base };
  const query = await fhir.searcher.resolve(parseQuery('Patient', [['identifier', number]], options), request.access);
  const { matches } = await fhir.searcher.page({ ...query, count: 2 }, { kind: 'all' });
  const [found, other] = matches.map(({ content }) => idOf(content));
  return other === undefined && found !== child.patient.id ? found : undefined;
}

const MOTHER = new Set(['MTH', 'NMTH', 'GESTM']);

/** A number of the entry, and none of hers. JP Core NamingSystem resourceInstance-identifier. */
const RESOURCE_INSTANCE = 'http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier';

/** Her numbers in a child's RelatedPerson, as tokens of a search. */
export function numbersOf(resource: Resource): string[] {
  if (resource.resourceType !== 'RelatedPerson') return [];
  const { relationship = [], active, identifier = [] }: RelatedPerson = resource;
  const codes = relationship.flatMap(({ coding = [] }) => coding.map(({ code = '' }) => code));
  if (active === false || !codes.some((code) => MOTHER.has(code))) return [];
  return identifier.flatMap(({ system, value }) =>
    system && value && system !== RESOURCE_INSTANCE ? [`${escapedToken(system)}|${escapedToken(value)}`] : [],
  );
}

/** Text as it stands in one part of a token. FHIR R4, https://hl7.org/fhir/R4/search.html#escaping */
export const escapedToken = (text: string): string => text.replace(/[\\|,$]/g, '\\$&');
