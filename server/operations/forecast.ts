// $forecast on a stored patient, and HL7's $immds-forecast on what the caller sends.
// HL7 ImmDS 1.0.0, OperationDefinition ImmDSForecastOperation (http://hl7.org/fhir/us/immds).

import { CANONICAL } from '../fhir/canonical.ts';
import { badRequest, unknownParameter } from '../fhir/outcome.ts';
import type { CdsiSchedule } from '../forecast/cdsi/compiled.ts';
import { todayInJapan } from '../forecast/facts/calendar-date.ts';
import { type PlanningRecord, WANTED_FACTS } from '../forecast/facts/planning-input.ts';
import { namesOf, type Schedules } from '../forecast/known-schedules.ts';
import type { Schedule } from '../forecast/law/compiled.ts';
import { givenText, readParameters, required } from '../interaction/parameters.ts';
import { planningRecord } from '../interaction/planning-record.ts';
import type { Fhir, FhirRequest, Operation } from '../interaction/request.ts';
import type { Decision } from '../reconciliation/types.ts';
import { forecastAnswer } from './immds.ts';
import { FACT_PARAMETERS, sentRecord } from './immds-request.ts';

export const patientForecast = (schedules: Schedules): Operation => ({
  code: 'forecast',
  definition: `${CANONICAL}/OperationDefinition/forecast`,
  level: 'instance',
  type: 'Patient',
  methods: ['GET', 'POST'],
  run: async (fhir, request, { id }) => {
    const asked = request.body === undefined ? queriedNames(request.query) : postedNames(request.query, request.body);
    const schedule = scheduleNamed(asked.get('schedule'), schedules);
    const rulesOf = asked.get('rulesOf') ?? undefined;
    const assessmentDate = asked.get('assessmentDate') ?? todayInJapan(fhir.nowMs());
    const known = await storedHistory(fhir, request, id, 'forecast');
    const dated = { ...known, assessmentDate, ...(rulesOf === undefined ? {} : { rulesOf }) };
    return { status: 200, body: forecastAnswer(dated, schedule) };
  },
});

export const immdsForecast = (schedules: Schedules): Operation => ({
  code: 'immds-forecast',
  definition: 'http://hl7.org/fhir/us/immds/OperationDefinition/ImmDSForecastOperation',
  documentation: `The ImmDS parameters, and beside them, each 0..* with its resource: ${[...FACT_PARAMETERS.keys()].join(', ')}; schedule (code, jp or us) and rulesOf (date) as in Patient/[id]/$forecast. Nothing is stored.`,
  level: 'system',
  methods: ['POST'],
  run: async (_fhir, request) => {
    const parameters = readParameters(request.body, immdsNames);
    const assessmentDate = givenText(parameters, 'assessmentDate', 'valueDate');
    if (assessmentDate === undefined) throw required('assessmentDate', 'valueDate');
    const schedule = scheduleNamed(givenText(parameters, 'schedule', 'valueCode'), schedules);
    const rulesOf = givenText(parameters, 'rulesOf', 'valueDate');
    const asked = { ...sentRecord(parameters), assessmentDate, ...(rulesOf === undefined ? {} : { rulesOf }) };
    return { status: 200, body: forecastAnswer(asked, schedule) };
  },
});

const immdsNames = ['assessmentDate', 'patient', 'immunization', ...FACT_PARAMETERS.keys(), 'schedule', 'rulesOf'];

/** The schedule that a caller names, the Japanese one by default. Throws 400 that names the known ones. */
function scheduleNamed(name: string | null | undefined, schedules: Schedules): Schedule | CdsiSchedule {
  const found = Object.entries(schedules).find(([known]) => known === (name ?? 'jp'))?.[1];
  if (found === undefined)
    throw badRequest(`There is no schedule "${name}" here. Known: ${namesOf(schedules)}`, 'not-supported', [
      'schedule',
    ]);
  return found;
}

/** A patient of this server, their doses, what was said of them and what else is known, as the caller may read it. Throws 404 and 403 like a read. */
export async function storedHistory(
  fhir: Fhir,
  request: FhirRequest,
  id: string,
  interaction: string,
): Promise<PlanningRecord & { decisions: readonly Decision[] }> {
  const record = await planningRecord(fhir, request, id, interaction, WANTED_FACTS);
  // Of one record nothing can have been said.
  const decisions = record.immunizations.length < 2 ? [] : await fhir.decisionsOf(id);
  return { ...record, decisions };
}

const parameterNames = ['assessmentDate', 'schedule', 'rulesOf'];

function queriedNames(query: string): URLSearchParams {
  const asked = new URLSearchParams(query);
  const unknown = [...asked.keys()].find((name) => ![...parameterNames, '_format', '_pretty'].includes(name));
  if (unknown !== undefined) throw unknownParameter(unknown, '$forecast', parameterNames);
  const repeated = parameterNames.find((name) => asked.getAll(name).length > 1);
  if (repeated !== undefined) throw badRequest(`"${repeated}" may be given once`, 'invalid', [repeated]);
  return asked;
}

function postedNames(query: string, body: unknown): Map<string, string> {
  const beside = [...new URLSearchParams(query).keys()].find((name) => !['_format', '_pretty'].includes(name));
  if (beside !== undefined)
    throw badRequest(`"${beside}" belongs into the Parameters of the body`, 'invalid', [beside]);
  const parameters = readParameters(body, parameterNames);
  const named = (name: string, member: 'valueDate' | 'valueCode'): [string, string][] => {
    const value = givenText(parameters, name, member);
    return value === undefined ? [] : [[name, value]];
  };
  return new Map([
    ...named('assessmentDate', 'valueDate'),
    ...named('schedule', 'valueCode'),
    ...named('rulesOf', 'valueDate'),
  ]);
}
