// Immunization/$check: may this product be given to this person on this day? For the moment before the needle, so it needs
// one call and writes nothing. The patient is named, and their record is read, or is sent along with the doses they had.

import type { Immunization, Parameters, ParametersParameter, Patient } from '@medplum/fhirtypes';
import { CANONICAL } from '../fhir/canonical.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { badRequest } from '../fhir/outcome.ts';
import { checkDose } from '../forecast/check/check-dose.ts';
import type { CheckReason, DoseCheck, IntendedDose } from '../forecast/check/types.ts';
import { parseDay } from '../forecast/days.ts';
import { japanDate, todayInJapan } from '../forecast/facts/calendar-date.ts';
import { vaccineCodeOf } from '../forecast/facts/given-doses.ts';
import type { PlanningRecord } from '../forecast/facts/planning-input.ts';
import { japaneseSchedule } from '../forecast/schedules/jp/index.ts';
import type { Warning } from '../forecast/types.ts';
import { givenText, readParameters, required, single } from '../interaction/parameters.ts';
import type { Fhir, FhirRequest, Operation } from '../interaction/request.ts';
import type { Decision } from '../reconciliation/types.ts';
import { storedHistory } from './forecast.ts';
import { forecastInput } from './immds.ts';
import { answerParameters } from './immds-answer.ts';
import { resourceIn } from './immds-request.ts';

const names = ['patient', 'immunization', 'date', 'history'];

export const immunizationCheck: Operation = {
  code: 'check',
  definition: `${CANONICAL}/OperationDefinition/check`,
  level: 'type',
  type: 'Immunization',
  methods: ['POST'],
  run: async (fhir, request) => {
    const parameters = readParameters(request.body, names);
    const intended = resourceIn(single(parameters, 'immunization'), 'Immunization') as Immunization | undefined;
    if (!intended) throw required('immunization', 'resource: the Immunization that is about to be given');
    refuseOthersThanIntended(intended);
    const assessmentDate =
      dayOfNeedle(givenText(parameters, 'date', 'valueDate'), intended) ?? todayInJapan(fhir.nowMs());
    const known = { ...(await personOf(fhir, request, parameters)), assessmentDate };
    const warnings: Warning[] = [];
    const schedule = japaneseSchedule();
    const checked = checkDose(forecastInput(known, warnings), intendedDose(intended), schedule, warnings);
    const evaluations = answerParameters(known, { ...checked.result, evaluations: checked.evaluations }, schedule);
    return { status: 200, body: JSON.stringify(answer(checked, evaluations)) };
  },
};

/** A dose entered in error or left undone is not about to be given: the caller means another resource. */
function refuseOthersThanIntended({ status }: Immunization): void {
  if (status !== 'completed')
    throw badRequest(`A dose about to be given has the status completed, not ${status}`, 'value', [
      'Immunization.status',
    ]);
}

/** The day asked for, else that of the dose. Throws 400 where they are two days: one would be checked and the other given. */
function dayOfNeedle(date: string | undefined, { occurrenceDateTime }: Immunization): string | undefined {
  if (date !== undefined && parseDay(date) === undefined)
    throw badRequest(`date: "${date}" is not a calendar date (YYYY-MM-DD)`, 'value', ['date']);
  const stated = japanDate(occurrenceDateTime ?? '');
  const day = stated !== undefined && parseDay(stated) !== undefined ? stated : undefined;
  if (date !== undefined && day !== undefined && date !== day)
    throw badRequest(`"date" is ${date}, and occurrenceDateTime of the dose is ${day}`, 'conflict', [
      'Immunization.occurrenceDateTime',
    ]);
  return date ?? day;
}

/** Whose record it is: read from here by reference, or as the caller sends it. */
async function personOf(
  fhir: Fhir,
  request: FhirRequest,
  parameters: ReadonlyMap<string, JsonObject[]>,
): Promise<PlanningRecord & { decisions?: readonly Decision[] }> {
  const patient = single(parameters, 'patient');
  if (patient === undefined) throw required('patient', 'valueReference, or a Patient as resource');
  const history = parameters.get('history') ?? [];
  const reference = isObject(patient.valueReference) ? patient.valueReference.reference : undefined;
  if (typeof reference !== 'string') {
    const sent = resourceIn(patient, 'Patient') as Patient | undefined;
    if (!sent) throw required('patient', 'valueReference, or a Patient as resource');
    return { patient: sent, immunizations: history.map(doseIn) };
  }
  const id = /^(?:.*\/)?Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(reference)?.[1];
  if (id === undefined || (reference.includes('://') && reference !== `${fhir.base}/Patient/${id}`))
    throw badRequest(`"${reference}" is not a patient of this server`, 'value', ['Parameters.parameter']);
  const record = await storedHistory(fhir, request, id, 'check');
  return { ...record, immunizations: [...record.immunizations, ...history.map(doseIn)] };
}

function doseIn(parameter: JsonObject): Immunization {
  const dose = resourceIn(parameter, 'Immunization') as Immunization | undefined;
  if (!dose) throw badRequest('Each "history" holds an Immunization as resource', 'invalid');
  return dose;
}

function intendedDose(immunization: Immunization): IntendedDose {
  const { lotNumber, expirationDate, doseQuantity, route } = immunization;
  const routeCode = route?.coding?.find(({ system }) => system === ROUTES)?.code;
  const isMillilitres = doseQuantity?.code === 'mL' || /^ml$/i.test(doseQuantity?.unit ?? '');
  return {
    vaccine: vaccineCodeOf(immunization.vaccineCode) ?? '',
    ...(lotNumber === undefined ? {} : { lotNumber }),
    ...(expirationDate === undefined ? {} : { expirationDate }),
    ...(routeCode === undefined ? {} : { route: routeCode }),
    ...(doseQuantity?.value === undefined || !isMillilitres ? {} : { volumeMl: Number(doseQuantity.value) }),
  };
}

const ROUTES = 'http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration';

function answer(checked: DoseCheck, evaluations: Parameters): Parameters {
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'decision', valueCode: checked.decision },
      ...(checked.label === undefined ? [] : [{ name: 'dose', valueString: checked.label }]),
      ...checked.reasons.map(reasonParameter),
      ...(evaluations.parameter ?? []).filter(({ name }) => name === 'evaluation'),
    ],
  };
}

function reasonParameter({ code, decision, text, rule, date }: CheckReason): ParametersParameter {
  return {
    name: 'reason',
    part: [
      { name: 'code', valueCode: code },
      { name: 'decision', valueCode: decision },
      { name: 'text-ja', valueString: text.ja },
      { name: 'text-en', valueString: text.en },
      ...(date === undefined ? [] : [{ name: 'date', valueDate: date }]),
      ...(rule === undefined
        ? []
        : [
            { name: 'rule', valueCode: rule.id },
            { name: 'certainty', valueCode: rule.confidence },
            { name: 'rule-ja', valueString: `${rule.text.ja}（${rule.source.ja}）` },
            { name: 'rule-en', valueString: `${rule.text.en} (${rule.source.en})` },
          ]),
    ],
  };
}
