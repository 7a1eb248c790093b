// $forecast on a stored patient, and HL7's $immds-forecast on what the caller sends.
// HL7 ImmDS 1.0.0, OperationDefinition ImmDSForecastOperation (http://hl7.org/fhir/us/immds).

import type { Immunization, Patient } from '@medplum/fhirtypes';
import { reachOf } from '../access/access.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { badRequest, forbidden, invalid, notFound, tooCostly, unknownParameter } from '../fhir/outcome.ts';
import { validateStructure } from '../fhir/validate.ts';
import { formatDay } from '../forecast/days.ts';
import { namesOf, type Schedules } from '../forecast/known-schedules.ts';
import { reading } from '../interaction/audited.ts';
import { readParameters, required, single } from '../interaction/parameters.ts';
import type { Fhir, FhirRequest, Operation } from '../interaction/request.ts';
import { mostEntries } from '../store/audited-record.ts';
import { type ForecastRequest, forecastAnswer } from './immds.ts';

export const patientForecast = (schedules: Schedules): Operation => ({
  code: 'forecast',
  definition: `${CANONICAL}/OperationDefinition/forecast`,
  level: 'instance',
  type: 'Patient',
  methods: ['GET', 'POST'],
  run: async (fhir, request, { id }) => {
    const asked = request.body === undefined ? queriedNames(request.query) : postedNames(request.body);
    const schedule = asked.get('schedule') ?? 'jp';
    if (!Object.hasOwn(schedules, schedule))
      throw badRequest(`There is no schedule "${schedule}" here. Known: ${namesOf(schedules)}`, 'not-supported', [
        'schedule',
      ]);
    if (schedule !== 'jp')
      throw badRequest(`$forecast answers by the schedule jp only, not by "${schedule}" yet`, 'not-supported', [
        'schedule',
      ]);
    const assessmentDate = asked.get('assessmentDate') ?? todayInJapan(fhir.nowMs());
    const known = await storedHistory(fhir, request, id, 'forecast');
    return { status: 200, body: forecastAnswer({ ...known, assessmentDate }) };
  },
});

export const immdsForecast: Operation = {
  code: 'immds-forecast',
  definition: 'http://hl7.org/fhir/us/immds/OperationDefinition/ImmDSForecastOperation',
  level: 'system',
  methods: ['POST'],
  run: async (_fhir, request) => {
    const parameters = readParameters(request.body, ['assessmentDate', 'patient', 'immunization']);
    const assessmentDate = single(parameters, 'assessmentDate')?.valueDate;
    if (typeof assessmentDate !== 'string') throw required('assessmentDate', 'valueDate');
    const patient = resourceIn(single(parameters, 'patient'), 'Patient');
    if (!patient) throw required('patient', 'resource: a Patient');
    const immunizations = (parameters.get('immunization') ?? []).map((one) => {
      const resource = resourceIn(one, 'Immunization');
      if (!resource) throw badRequest('Each "immunization" holds an Immunization as resource', 'invalid');
      return resource as unknown as Immunization;
    });
    return {
      status: 200,
      body: forecastAnswer({ patient: patient as unknown as Patient, immunizations, assessmentDate }),
    };
  },
};

/** A patient of this server and their doses, as the caller may read them. Throws 404 and 403 like a read, 422 for too many doses. */
export async function storedHistory(
  fhir: Fhir,
  request: FhirRequest,
  id: string,
  interaction: string,
): Promise<Pick<ForecastRequest, 'patient' | 'immunizations'>> {
  const reach = reachOf(request.access, 'read', 'Patient');
  if (reachOf(request.access, 'read', 'Immunization').kind !== reach.kind) {
    throw forbidden(`$${interaction} reads Patient and Immunization; both must be in the scopes of this token`);
  }
  const record = await fhir.reader.recordAudited(id, ['Immunization'], reach, reading(fhir, request, interaction));
  if (record === undefined) throw notFound(`Patient/${id}`);
  if (record.entries.length > mostEntries)
    throw tooCostly(`The record holds more than ${mostEntries} Immunizations, which $${interaction} cannot weigh`);
  return {
    patient: JSON.parse(record.patient) as Patient,
    immunizations: record.entries.map(({ content }) => JSON.parse(content) as Immunization),
  };
}

/** The resource of a parameter when it is of this type. Throws 422 when it is not valid. */
export function resourceIn(parameter: JsonObject | undefined, type: string): JsonObject | undefined {
  const resource = parameter?.resource;
  if (!isObject(resource) || resource.resourceType !== type) return undefined;
  const issues = validateStructure(resource);
  if (issues.some(({ severity }) => severity === 'error')) throw invalid(issues);
  return resource;
}

const parameterNames = ['assessmentDate', 'schedule'];

function queriedNames(query: string): URLSearchParams {
  const asked = new URLSearchParams(query);
  const unknown = [...asked.keys()].find((name) => ![...parameterNames, '_format', '_pretty'].includes(name));
  if (unknown !== undefined) throw unknownParameter(unknown, '$forecast', parameterNames);
  return asked;
}

function postedNames(body: unknown): Map<string, string> {
  const parameters = readParameters(body, parameterNames);
  const text = (name: string, value: unknown): [string, string][] => (typeof value === 'string' ? [[name, value]] : []);
  return new Map([
    ...text('assessmentDate', single(parameters, 'assessmentDate')?.valueDate),
    ...text('schedule', single(parameters, 'schedule')?.valueCode),
  ]);
}

/** `YYYY-MM-DD`. Japan is nine hours ahead of UTC and has no daylight saving. */
export function todayInJapan(nowMs: number): string {
  return formatDay(Math.floor((nowMs + 9 * 3_600_000) / 86_400_000));
}
