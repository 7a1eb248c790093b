// Whose handbook is printed: one patient, or the children whose records the caller may read; and the mother's record, where the
// child's names a number of hers and the caller may read that record too.

import type { RelatedPerson } from '@medplum/fhirtypes';
import { reachOf } from '../access/access.ts';
import { namedReach } from '../access/named-reach.ts';
import { notFound, tooCostly } from '../fhir/outcome.ts';
import { todayInJapan } from '../forecast/facts/calendar-date.ts';
import { reading } from '../interaction/audited.ts';
import { numbersOf } from '../interaction/mother.ts';
import { everythingOf } from '../interaction/patient-record.ts';
import type { Fhir, FhirRequest } from '../interaction/request.ts';
import { parseQuery } from '../search/parse-query.ts';
import { idOf } from '../store/stored-text.ts';

/** Leaves the audit row. Throws 403 and 404 as a read does. */
export async function readable(fhir: Fhir, request: FhirRequest, id: string, interaction: string): Promise<void> {
  const reach = namedReach(request.access, 'read', 'Patient');
  const found = await fhir.reader.currentAudited('Patient', id, reach, reading(fhir, request, interaction));
  if (found?.content === undefined) throw notFound(`Patient/${id}`);
}

/**
 * The children (under 18 in Japan's today) whose records the caller may read, the oldest first; without any, whoever they may read.
 * Throws 403 without the scope, 404 where there is nobody, 422 for who may read more than a family has.
 */
export async function childrenOf(fhir: Fhir, request: FhirRequest): Promise<string[]> {
  const reach = namedReach(request.access, 'read', 'Patient', 'and Patient/$handbook prints those that may be read');
  if (reach.kind === 'patient') return [reach.patient];
  if (reach.kind === 'all') throw notOfFamily();
  const { matches } = await found(fhir, request, [], MOST_OF_FAMILY + 1);
  if (matches.length > MOST_OF_FAMILY) throw notOfFamily();
  const [year = 0, rest = ''] = [Number(todayInJapan(fhir.nowMs()).slice(0, 4)), todayInJapan(fhir.nowMs()).slice(4)];
  const people = matches
    .map(({ content }) => JSON.parse(content) as { id: string; birthDate?: string })
    .toSorted((a, b) => (a.birthDate ?? '').localeCompare(b.birthDate ?? '') || a.id.localeCompare(b.id));
  const children = people.filter(({ birthDate = '' }) => birthDate > `${year - ADULT_YEARS}${rest}`);
  const shown = (children.length > 0 ? children : people).map(({ id }) => id);
  if (shown.length === 0) throw notFound('A record that you may read');
  return shown;
}

const ADULT_YEARS = 18;
const MOST_OF_FAMILY = 20;
const notOfFamily = () =>
  tooCostly('Patient/$handbook is for a family; who may read more records asks for Patient/[id]/$handbook');

/** The id of the mother's Patient; undefined where the record names none or the caller may not read hers. Leaves the audit row. */
export async function motherFor(
  fhir: Fhir,
  request: FhirRequest,
  child: string,
  interaction: string,
): Promise<string | undefined> {
  const numbers: string[] = [];
  for await (const page of everythingOf(fhir, request.access, { patient: child }, { types: ['RelatedPerson'] })) {
    for (const { content } of page) numbers.push(...numbersOf(JSON.parse(content) as RelatedPerson));
  }
  const [number] = numbers;
  const reach = reachOf(request.access, 'read', 'Patient');
  if (number === undefined || reach.kind === 'none' || reachOf(request.access, 'search', 'Patient').kind === 'none')
    return undefined;
  const { matches } = await found(fhir, request, [['identifier', number]], 2);
  const [mother, other] = matches.map(({ content }) => idOf(content));
  if (mother === undefined || other !== undefined || mother === child) return undefined;
  const hers = await fhir.reader.currentAudited('Patient', mother, reach, reading(fhir, request, interaction));
  return hers?.content === undefined ? undefined : mother;
}

async function found(fhir: Fhir, request: FhirRequest, asked: [string, string][], count: number) {
  const options = { lenient: false, nowMs: fhir.nowMs(), base: fhir.base };
  const query = await fhir.searcher.resolve(parseQuery('Patient', asked, options), request.access);
  return fhir.searcher.page({ ...query, count }, reachOf(request.access, 'read', 'Patient'));
}
