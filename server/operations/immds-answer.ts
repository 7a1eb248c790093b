// The planner's answer as ImmDS `Parameters`, written as bytes: one ImmunizationEvaluation per dose and series, one
// ImmunizationRecommendation with an entry per series. Ids are derived from content, so the same answer has the same ids.
import { hash } from 'node:crypto';
import type { Immunization, Parameters, Patient, Reference } from '@medplum/fhirtypes';
import { createJsonWriter, type JsonWriter, piece } from '../fhir/json-writer.ts';
import type { Schedule } from '../forecast/law/compiled.ts';
import type { Assumption, ForecastResult, Warning } from '../forecast/types.ts';
import { putEvaluation } from './answer-evaluation.ts';
import {
  type AnswerContext,
  COMMA,
  END_OF_TEXT,
  extensionStart,
  FORECAST_EXTENSION,
  putImmunization,
  seriesPieces,
} from './answer-pieces.ts';
import { putRecommendation } from './answer-recommendation.ts';

export { FORECAST_EXTENSION, vaccineConcept } from './answer-pieces.ts';

type Asked = { patient: Patient; immunizations: readonly Immunization[]; assessmentDate: string };

/** The `Parameters` of the answer as JSON. `result` holds dose ids as `doseId` of immds.ts gives them. */
export function answerBytes(asked: Asked, result: ForecastResult, schedule: Schedule): Buffer {
  const context = contextOf(asked, result, schedule);
  const out = createJsonWriter();
  out.put(PARAMETERS);
  for (const [n, one] of result.evaluations.entries()) {
    out.put(EVALUATION);
    putEvaluation(out, one, n + 1, context);
    out.put(NEXT);
  }
  out.put(RECOMMENDATION);
  putResource(out, result, context);
  out.put(END);
  return out.bytes();
}

/** The same as an object. */
export function answerParameters(asked: Asked, result: ForecastResult, schedule: Schedule): Parameters {
  return JSON.parse(String(answerBytes(asked, result, schedule))) as Parameters;
}

function contextOf(
  { patient, immunizations, assessmentDate }: Asked,
  result: ForecastResult,
  schedule: Schedule,
): AnswerContext {
  const reference = patientReference(patient);
  const known = new Set<string>();
  for (const { id } of immunizations) if (id !== undefined) known.add(id);
  // Whatever tells two answers apart is in their ids: a client that keeps resources by id must never mix two people.
  let seed = `${reference}|${patient.birthDate}|${assessmentDate}|${schedule.id}|${schedule.version}|${result.engine}`;
  for (const { doseId, vaccine, date, status } of result.evaluations) seed += `|${doseId} ${vaccine} ${date} ${status}`;
  return {
    series: seriesPieces(schedule),
    patient: piece(`"patient":${reference}`),
    idStart: `${hash('sha256', seed, 'hex').slice(0, 32)}-`,
    known,
    assessmentDate,
  };
}

function patientReference({ id, identifier }: Patient): string {
  const first = identifier?.[0];
  const reference: Reference<Patient> =
    id !== undefined
      ? { reference: `Patient/${id}` }
      : first !== undefined
        ? { identifier: first }
        : { display: 'the patient of the request' };
  return JSON.stringify(reference);
}

/** ImmunizationRecommendation: the rules it was made by, what was assumed, when it changes, and an entry per series. */
function putResource(out: JsonWriter, result: ForecastResult, context: AnswerContext): void {
  out.put(START);
  out.text(context.idStart);
  out.put(SCHEDULE);
  out.text(result.schedule.id);
  out.put(VERSION);
  out.text(result.schedule.version);
  out.put(ENGINE);
  out.text(result.engine);
  out.put(SCHEDULE_END);
  if (result.changesOn !== undefined) {
    out.put(CHANGES_ON);
    out.text(result.changesOn);
    out.put(END_OF_TEXT);
  }
  for (const assumption of result.assumed ?? []) putAssumption(out, assumption, context);
  for (const warning of result.warnings) putWarning(out, warning, context);
  out.put(PATIENT);
  out.put(context.patient);
  out.put(DATE);
  out.text(result.assessmentDate);
  out.put(ENTRIES);
  for (const [n, one] of result.recommendations.entries()) {
    if (n > 0) out.put(COMMA);
    putRecommendation(out, one, result.evaluations, context);
  }
}

function putAssumption(out: JsonWriter, { code, text, series, doseId }: Assumption, context: AnswerContext): void {
  out.put(ASSUMED);
  out.text(code);
  out.put(TEXT_JA);
  out.text(text.ja);
  out.put(TEXT_EN);
  out.text(text.en);
  out.put(END_OF_TEXT);
  for (const key of series ?? []) {
    out.put(SERIES);
    out.text(key);
    out.put(END_OF_TEXT);
  }
  if (doseId !== undefined) putDose(out, doseId, context);
  out.put(LIST_END);
}

function putWarning(out: JsonWriter, { code, text, doseId }: Warning, context: AnswerContext): void {
  out.put(WARNING);
  out.text(code);
  out.put(TEXT);
  out.text(text);
  out.put(END_OF_TEXT);
  if (doseId !== undefined) putDose(out, doseId, context);
  out.put(LIST_END);
}

function putDose(out: JsonWriter, doseId: string, context: AnswerContext): void {
  out.put(IMMUNIZATION);
  putImmunization(out, doseId, context);
  out.put(CLOSE);
}

const PARAMETERS = piece('{"resourceType":"Parameters","parameter":[');
const EVALUATION = piece('{"name":"evaluation","resource":');
const NEXT = piece('},');
const RECOMMENDATION = piece('{"name":"recommendation","resource":');
const END = piece(']}}]}');
const START = piece('{"resourceType":"ImmunizationRecommendation","id":"');
const SCHEDULE = piece(
  `0","extension":[{"url":"${FORECAST_EXTENSION.schedule}","extension":[{"url":"id","valueCode":"`,
);
const VERSION = piece('"},{"url":"version","valueString":"');
const ENGINE = piece('"},{"url":"engine","valueString":"');
const SCHEDULE_END = piece('"}]}');
const CHANGES_ON = piece(`,${extensionStart(FORECAST_EXTENSION.changesOn, 'valueDate')}`);
const ASSUMED = piece(`,{"url":"${FORECAST_EXTENSION.assumed}","extension":[{"url":"code","valueCode":"`);
const TEXT_JA = piece('"},{"url":"text-ja","valueString":"');
const TEXT_EN = piece('"},{"url":"text-en","valueString":"');
const SERIES = piece(',{"url":"series","valueCode":"');
const WARNING = piece(`,{"url":"${FORECAST_EXTENSION.warning}","extension":[{"url":"code","valueCode":"`);
const TEXT = piece('"},{"url":"text","valueString":"');
const IMMUNIZATION = piece(',{"url":"immunization","valueReference":');
const CLOSE = piece('}');
const LIST_END = piece(']}');
const PATIENT = piece('],');
const DATE = piece(',"date":"');
const ENTRIES = piece('","recommendation":[');
