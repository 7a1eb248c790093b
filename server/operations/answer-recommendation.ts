// One entry of ImmunizationRecommendation: what is due next in a series, between which days, and why. Date codes of LOINC as
// ImmDS names them; the programme's own days (free of charge from, until) stand beside the clinical ones as extensions.
import type { Coding } from '@medplum/fhirtypes';
import { type JsonWriter, type Piece, piece } from '../fhir/json-writer.ts';
import { binding, certaintyOf, groundsOf } from '../forecast/explain.ts';
import type { Evaluation, Recommendation, SeriesStatus } from '../forecast/types.ts';
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
  putVaccines,
  REASON_SYSTEM,
  STATUS_SYSTEM,
} from './answer-pieces.ts';
import { putGrounds, putReasons } from './answer-rules.ts';
import { SERIES_STATUS_WORDS } from './status-words.ts';

const R4_FORECAST_STATUS = 'http://terminology.hl7.org/CodeSystem/immunization-recommendation-status';

/** The entry. `evaluations` are those of the whole answer: the valid doses of the series support it. */
export function putRecommendation(
  out: JsonWriter,
  one: Recommendation,
  evaluations: readonly Evaluation[],
  context: AnswerContext,
): void {
  const because = binding(one);
  const grounds = groundsOf(because);
  const series = context.series.get(one.series) ?? namedSeries(one.series);
  out.put(EXTENSIONS);
  putExtensions(out, one);
  putGrounds(out, grounds, certaintyOf(because), one.needsClinician);
  const isOpen = one.status === 'notComplete' || one.status === 'notRecommended';
  if (one.product !== undefined && isOpen) {
    out.put(VACCINE);
    putVaccines(out, one.product);
  }
  out.put(one.product !== undefined && isOpen ? COMMA : EXTENSIONS_END);
  out.put(series.targetDisease);
  if (one.product !== undefined && one.status === 'contraindicated') {
    out.put(CONTRAINDICATED);
    putVaccines(out, one.product);
  }
  out.put(forecastStatus(statusWords(one, context.assessmentDate)));
  if (one.reason !== undefined) putReason(out, one);
  putDates(out, one);
  out.put(DESCRIPTION);
  if (grounds.length === 0) out.put(series.name);
  else putReasons(out, grounds);
  out.put(SERIES);
  out.put(series.name);
  out.put(END_OF_SERIES);
  if (one.doseNumber !== undefined) {
    out.put(DOSE_NUMBER);
    out.number(one.doseNumber);
  }
  if (one.dosesRequired !== undefined && one.dosesRequired > 0) {
    out.put(DOSES);
    out.number(one.dosesRequired);
  }
  putSupporting(out, one, evaluations, context);
  out.put(END);
}

function putExtensions(out: JsonWriter, one: Recommendation): void {
  putExtension(out, LABEL, one.label);
  putExtension(out, COVERAGE_START, one.coverageStart);
  putExtension(out, COVERAGE_END, one.coverageEnd);
  if (one.canFinish !== undefined) out.put(one.canFinish ? CAN_FINISH : CANNOT_FINISH);
  putExtension(out, GROUND, one.extension);
  for (const { code, from, until } of one.followUps) {
    out.put(FOLLOW_UP);
    out.text(code);
    out.put(FOLLOW_UP_START);
    out.text(from);
    out.put(FOLLOW_UP_END);
    out.text(until);
    out.put(FOLLOW_UP_CLOSE);
  }
}

function putExtension(out: JsonWriter, start: Piece, value: string | undefined): void {
  if (value === undefined) return;
  out.put(start);
  out.text(value);
  out.put(EXTENSION_END);
}

/** Status, and behind it what R4 has a word for: due and overdue. */
function statusWords({ status, isOverdue, recommended }: Recommendation, today: string): string {
  if (status !== 'notComplete') return status;
  if (isOverdue) return 'notComplete overdue';
  return recommended !== undefined && recommended <= today ? 'notComplete due' : status;
}

/** The ImmDS coding always; R4's own code beside it where one fits; ours where neither says enough. */
const forecastStatus = piecesOf((words: string) => {
  const [status, r4] = words.split(' ') as [SeriesStatus, 'due' | 'overdue' | undefined];
  const { en } = SERIES_STATUS_WORDS[status];
  const code = status === 'notRelevant' ? 'notRecommended' : status;
  const coding: Coding[] = [{ system: `${IMMDS}/ForecastStatus`, code, display: en }];
  if (status === 'complete' || status === 'immune' || status === 'contraindicated')
    coding.push({ system: R4_FORECAST_STATUS, code: status });
  if (r4 !== undefined) coding.push({ system: R4_FORECAST_STATUS, code: r4, display: SERIES_STATUS_WORDS[r4].en });
  if (status === 'notRelevant') coding.push({ system: STATUS_SYSTEM, code: 'notEligible' });
  return `,"forecastStatus":${JSON.stringify({ coding, text: SERIES_STATUS_WORDS[r4 ?? status].ja })}`;
});

function putReason(out: JsonWriter, { reason = '', because }: Recommendation): void {
  const rule = because.find(({ sets }) => sets === 'status')?.rule;
  out.put(REASON);
  out.text(reason);
  out.put(rule === undefined ? REASON_END : REASON_TEXT);
  if (rule === undefined) return;
  out.text(rule.text.ja);
  out.put(REASON_TEXT_END);
}

/** As in CDSi, past due is written as the last day that is still in time. */
function putDates(out: JsonWriter, one: Recommendation): void {
  let isFirst = true;
  const put = (criterion: Piece, date: string | undefined) => {
    if (date === undefined) return;
    out.put(isFirst ? DATES : COMMA);
    isFirst = false;
    out.put(criterion);
    out.text(date);
    out.put(END_OF_TEXT);
  };
  put(EARLIEST, one.earliest);
  put(DUE, one.recommended);
  put(OVERDUE, one.standardEnd);
  put(LATEST, one.latest);
  if (!isFirst) out.put(DATES_END);
}

function putSupporting(
  out: JsonWriter,
  { series }: Recommendation,
  evaluations: readonly Evaluation[],
  context: AnswerContext,
): void {
  let isFirst = true;
  for (const one of evaluations) {
    if (one.series !== series || one.status !== 'valid') continue;
    out.put(isFirst ? SUPPORTING : COMMA);
    isFirst = false;
    putImmunization(out, one.doseId, context);
  }
  if (!isFirst) out.put(SUPPORTING_END);
}

const criterion = (code: string, display: string) =>
  piece(`{"code":${JSON.stringify({ coding: [{ system: 'http://loinc.org', code, display }] })},"value":"`);
const EARLIEST = criterion('30981-5', 'Earliest date to give');
const DUE = criterion('30980-7', 'Date vaccine due');
const OVERDUE = criterion('59778-1', 'Date when overdue for immunization');
const LATEST = criterion('59777-3', 'Latest date to give immunization');
const LABEL = piece(extensionStart(FORECAST_EXTENSION.doseLabel, 'valueString'));
const COVERAGE_START = piece(extensionStart(FORECAST_EXTENSION.coverageStart, 'valueDate'));
const COVERAGE_END = piece(extensionStart(FORECAST_EXTENSION.coverageEnd, 'valueDate'));
const GROUND = piece(extensionStart(FORECAST_EXTENSION.ground, 'valueCode'));
const EXTENSION_END = piece('"},');
const CAN_FINISH = piece(`{"url":"${FORECAST_EXTENSION.canFinish}","valueBoolean":true},`);
const CANNOT_FINISH = piece(`{"url":"${FORECAST_EXTENSION.canFinish}","valueBoolean":false},`);
const FOLLOW_UP = piece(`{"url":"${FORECAST_EXTENSION.followUp}","extension":[{"url":"code","valueCode":"`);
const FOLLOW_UP_START = piece('"},{"url":"period","valuePeriod":{"start":"');
const FOLLOW_UP_END = piece('","end":"');
const FOLLOW_UP_CLOSE = piece('"}}]},');
const EXTENSIONS = piece('{"extension":[');
const EXTENSIONS_END = piece('],');
const VACCINE = piece('],"vaccineCode":');
const CONTRAINDICATED = piece(',"contraindicatedVaccineCode":');
const REASON = piece(`,"forecastReason":[{"coding":[{"system":"${REASON_SYSTEM}","code":"`);
const REASON_END = piece('"}]}]');
const REASON_TEXT = piece('"}],"text":"');
const REASON_TEXT_END = piece('"}]');
const DATES = piece(',"dateCriterion":[');
const DATES_END = piece(']');
const DESCRIPTION = piece(',"description":"');
const SERIES = piece('","series":"');
const END_OF_SERIES = piece('"');
const DOSE_NUMBER = piece(',"doseNumberPositiveInt":');
const DOSES = piece(',"seriesDosesPositiveInt":');
const SUPPORTING = piece(',"supportingImmunization":[');
const SUPPORTING_END = piece(']');
const END = piece('}');
