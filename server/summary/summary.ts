// Patient/[id]/$summary and Patient/$summary?identifier=system|value: the International Patient Summary, put together from the record
// at the moment it is asked for. Nothing of it is stored.
// HL7 IPS 2.0, OperationDefinition http://hl7.org/fhir/uv/ips/OperationDefinition/summary

import { randomUUID } from 'node:crypto';
import { namedReach } from '../access/named-reach.ts';
import type { JsonObject } from '../fhir/json.ts';
import { notFound } from '../fhir/outcome.ts';
import { parseDay } from '../forecast/days.ts';
import { todayInJapan } from '../forecast/facts/calendar-date.ts';
import { auditOf } from '../interaction/audited.ts';
import { escapedToken } from '../interaction/mother.ts';
import type { Answer, Fhir, FhirRequest, Operation } from '../interaction/request.ts';
import { parseQuery } from '../search/parse-query.ts';
import { idOf } from '../store/stored-text.ts';
import { summaryContent, summaryPatient } from './content.ts';
import { summaryDocument } from './document.ts';
import { type SummaryRequest, summaryRequest } from './summary-request.ts';

export type SummaryOptions = {
  /** What is due next of a patient, for callers who may read what that is computed from. */
  nextVaccines: (fhir: Fhir, request: FhirRequest, patient: JsonObject) => Promise<JsonObject | undefined>;
  /** The server's. */
  version: string;
};

const documentation =
  'profile: the Composition or Bundle profile of IPS 2.0.0. language (code, ours): ja or en, else Accept-Language. Holds what the caller may read; a section says where that is not all.';

const ofPatient = {
  code: 'summary',
  definition: 'http://hl7.org/fhir/uv/ips/OperationDefinition/summary',
  type: 'Patient',
  methods: ['GET', 'POST'],
  documentation,
} as const;

/** On one patient, and by identifier. */
export function summaryOperations(options: SummaryOptions): [ofOne: Operation, byIdentifier: Operation] {
  return [
    {
      ...ofPatient,
      level: 'instance',
      run: (fhir, request, { id }) => summary(fhir, request, id, summaryRequest(request, false), options),
    },
    {
      ...ofPatient,
      level: 'type',
      run: async (fhir, request) => {
        const asked = summaryRequest(request, true);
        return summary(fhir, request, await patientWith(fhir, request, asked), asked, options);
      },
    },
  ];
}

async function summary(
  fhir: Fhir,
  request: FhirRequest,
  id: string,
  { language }: SummaryRequest,
  { nextVaccines, version }: SummaryOptions,
): Promise<Answer> {
  const patient = await summaryPatient(fhir, request, id);
  const [content, recommendation] = await Promise.all([
    summaryContent(fhir, request, patient),
    nextVaccines(fhir, request, patient),
  ]);
  const nowMs = fhir.nowMs();
  const bundle = summaryDocument({
    content,
    recommendation,
    language,
    timestamp: new Date(nowMs).toISOString(),
    today: parseDay(todayInJapan(nowMs)) ?? 0,
    id: randomUUID(),
    base: fhir.base,
    version,
  });
  return { status: 200, body: JSON.stringify(bundle) };
}

/** The id of the one patient whom the caller may see with this identifier. Throws 404 for none and for several. */
async function patientWith(fhir: Fhir, request: FhirRequest, { identifier }: SummaryRequest): Promise<string> {
  const { access } = request;
  const reach = namedReach(access, 'read', 'Patient');
  namedReach(access, 'search', 'Patient');
  const token = [identifier?.system ?? '', identifier?.value ?? ''].map(escapedToken).join('|');
  const options = { lenient: false, nowMs: fhir.nowMs(), base: fhir.base };
  const query = await fhir.searcher.resolve(parseQuery('Patient', [['identifier', token]], options), access);
  const { matches } = await fhir.searcher.page({ ...query, count: 2 }, reach);
  const [found, other] = matches.map(({ content }) => idOf(content));
  if (found !== undefined && other === undefined) return found;
  await fhir.audit([auditOf(fhir, request, 'summary', 'Patient')]);
  throw notFound('One patient with this identifier');
}
