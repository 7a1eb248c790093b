// One ImmunizationEvaluation: a dose judged against a series. R4's status words where they say it, ImmDS and our own beside
// them, and every rule of the judgement.
import { CANONICAL } from '../fhir/canonical.ts';
import { type JsonWriter, piece } from '../fhir/json-writer.ts';
import { certaintyOf, groundsOf, WORDS } from '../forecast/explain.ts';
import type { DoseReason, DoseStatus, Evaluation } from '../forecast/types.ts';
import {
  type AnswerContext,
  COMMA,
  END_OF_TEXT,
  extensionStart,
  FORECAST_EXTENSION,
  IMMDS,
  namedSeries,
  piecesOf,
  putImmunization,
} from './answer-pieces.ts';
import { putGrounds, putReasons } from './answer-rules.ts';
import { DOSE_STATUS_WORDS } from './status-words.ts';

const DOSE_STATUS_SYSTEM = `${CANONICAL}/CodeSystem/dose-status`;
const DOSE_REASON_SYSTEM = `${CANONICAL}/CodeSystem/dose-status-reason`;
const R4_DOSE_STATUS = 'http://terminology.hl7.org/CodeSystem/immunization-evaluation-dose-status';

/** The resource; `place` counts the evaluations of the answer from 1. */
export function putEvaluation(out: JsonWriter, one: Evaluation, place: number, context: AnswerContext): void {
  const series = context.series.get(one.series) ?? namedSeries(one.series);
  const grounds = groundsOf(one.because);
  out.put(START);
  out.text(context.idStart);
  out.number(place);
  out.put(EXTENSIONS);
  out.put(standing(`${one.status} ${one.isStatutory} ${one.countsClinically}`));
  for (const warning of one.warnings) {
    out.put(WARNING);
    out.text(warning);
    out.put(WARNING_END);
  }
  putGrounds(out, grounds, certaintyOf(one.because), one.needsClinician);
  out.put(COMPLETED);
  out.put(context.patient);
  out.put(DATE);
  out.text(context.assessmentDate);
  out.put(DATE_END);
  out.put(series.targetDisease);
  out.put(EVENT);
  putImmunization(out, one.doseId, context);
  out.put(doseStatus(one.status));
  for (const [n, reason] of one.reasons.entries()) {
    out.put(n === 0 ? REASONS : COMMA);
    out.put(doseReason(reason));
  }
  out.put(one.reasons.length === 0 ? DESCRIPTION : REASONS_END);
  if (grounds.length === 0) out.put(series.name);
  else putReasons(out, grounds);
  out.put(SERIES);
  out.put(series.name);
  if (one.doseNumber === undefined) out.put(END_OF_TEXT);
  else {
    out.put(DOSE_NUMBER);
    out.number(one.doseNumber);
    out.put(END);
  }
}

/** `status statutory countsClinically`, with the comma behind. */
const standing = piecesOf((words: string) => {
  const [status, isStatutory, countsClinically] = words.split(' ');
  return `${JSON.stringify([
    { url: FORECAST_EXTENSION.doseStatus, valueCode: status },
    { url: FORECAST_EXTENSION.statutory, valueBoolean: isStatutory === 'true' },
    { url: FORECAST_EXTENSION.countsClinically, valueBoolean: countsClinically === 'true' },
  ]).slice(1, -1)},`;
});

/** R4 knows valid and notvalid only; a dose that could not be judged is neither. */
const doseStatus = piecesOf((status: DoseStatus) => {
  const code = status === 'valid' ? 'valid' : 'notvalid';
  const words = DOSE_STATUS_WORDS[status];
  const coding =
    status === 'undetermined'
      ? { system: DOSE_STATUS_SYSTEM, code: status, display: words.en }
      : { system: R4_DOSE_STATUS, code, display: code === 'valid' ? 'Valid' : 'Not valid' };
  return `,"doseStatus":${JSON.stringify({ coding: [coding], text: words.ja })}`;
});

const STATUS_REASON: Partial<Record<DoseReason, string>> = {
  ageTooYoung: 'tooyoung',
  ageTooOld: 'tooold',
  intervalTooSoon: 'toosoon',
  vaccineConflict: 'productconflict',
  notPreferableOrAllowable: 'inappropriate',
  inadvertentVaccine: 'inappropriate',
  noRelevantSeries: 'notevaluated',
  lotExpired: 'expired',
};

const doseReason = piecesOf((reason: DoseReason) => {
  const code = STATUS_REASON[reason];
  return {
    coding: [
      ...(code === undefined ? [] : [{ system: `${IMMDS}/StatusReason`, code }]),
      { system: DOSE_REASON_SYSTEM, code: reason },
    ],
    text: WORDS[reason].ja,
  };
});

const START = piece('{"resourceType":"ImmunizationEvaluation","id":"');
const EXTENSIONS = piece('","extension":[');
const WARNING = piece(extensionStart(FORECAST_EXTENSION.doseWarning, 'valueCode'));
const WARNING_END = piece('"},');
const COMPLETED = piece('],"status":"completed",');
const DATE = piece(',"date":"');
const DATE_END = piece('",');
const EVENT = piece(',"immunizationEvent":');
const REASONS = piece(',"doseStatusReason":[');
const DESCRIPTION = piece(',"description":"');
const REASONS_END = piece('],"description":"');
const SERIES = piece('","series":"');
const DOSE_NUMBER = piece('","doseNumberPositiveInt":');
const END = piece('}');
