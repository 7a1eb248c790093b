// The answer by a CDSi schedule as ImmDS `Parameters`: one ImmunizationEvaluation per dose and antigen, one
// ImmunizationRecommendation with an entry per vaccine group. Products are CVX, diseases SNOMED CT, words those of ImmDS 1.0.0.
import { hash } from 'node:crypto';
import type {
  CodeableConcept,
  Coding,
  Extension,
  Immunization,
  ImmunizationEvaluation,
  ImmunizationRecommendation,
  ImmunizationRecommendationRecommendation,
  ImmunizationRecommendationRecommendationDateCriterion,
  Parameters,
  Patient,
  Reference,
} from '@medplum/fhirtypes';
import { CANONICAL } from '../fhir/canonical.ts';
import type { CdsiSchedule } from '../forecast/cdsi/compiled.ts';
import { formatDay } from '../forecast/days.ts';
import { binding, certaintyOf, explain, type Ground, groundsOf, WORDS } from '../forecast/explain.ts';
import type {
  Assumption,
  Because,
  DoseReason,
  Evaluation,
  ForecastResult,
  Recommendation,
  Warning,
} from '../forecast/types.ts';
import { FORECAST_EXTENSION } from './immds-answer.ts';
import { DOSE_STATUS_WORDS, SERIES_STATUS_WORDS } from './status-words.ts';
import { targetDisease } from './target-disease.ts';

type Asked = { patient: Patient; immunizations: readonly Immunization[]; assessmentDate: string };
type Context = { patient: Reference<Patient>; date: string; known: ReadonlySet<string>; id: (part: string) => string };

const IMMDS = 'http://hl7.org/fhir/us/immds/CodeSystem';
const R4 = 'http://terminology.hl7.org/CodeSystem';
const CVX = 'http://hl7.org/fhir/sid/cvx';
/** Of CDSi answers only. */
const CDSI_EXTENSION = {
  seriesType: `${CANONICAL}/StructureDefinition/forecast-series-type`,
  validDoses: `${CANONICAL}/StructureDefinition/forecast-valid-doses`,
  guidance: `${CANONICAL}/StructureDefinition/forecast-guidance`,
  groupStatus: `${CANONICAL}/StructureDefinition/evaluation-group-status`,
} as const;

/** The `Parameters` of the answer. `result` holds dose ids as they are in the request. */
export function cdsiAnswer(asked: Asked, result: ForecastResult, schedule: CdsiSchedule): Parameters {
  const { patient, immunizations, assessmentDate } = asked;
  const whose = patient.id ?? JSON.stringify(patient.identifier?.[0] ?? '');
  const doses = result.evaluations.map(({ doseId, date, vaccine }) => `${doseId} ${date} ${vaccine}`).join();
  const seed = [whose, patient.birthDate, assessmentDate, schedule.id, schedule.version, result.engine, doses].join(
    '|',
  );
  const context: Context = {
    patient: referenceTo(patient),
    date: assessmentDate,
    known: new Set(immunizations.flatMap(({ id }) => id ?? [])),
    id: (part) => hash('sha256', `${seed}|${part}`, 'hex').slice(0, 32),
  };
  return {
    resourceType: 'Parameters',
    parameter: [
      ...result.evaluations.map((one, n) => ({ name: 'evaluation', resource: evaluation(one, n, result, context) })),
      { name: 'recommendation', resource: recommendation(result, context) },
    ],
  };
}

function evaluation(one: Evaluation, n: number, result: ForecastResult, context: Context): ImmunizationEvaluation {
  const group = result.groupEvaluations?.find(
    ({ doseId, vaccineGroup }) => doseId === one.doseId && vaccineGroup === one.vaccineGroup,
  );
  return {
    resourceType: 'ImmunizationEvaluation',
    id: context.id(`evaluation ${n}`),
    extension: [
      { url: FORECAST_EXTENSION.doseStatus, valueCode: one.status },
      ...(group === undefined ? [] : [groupStatus(group.vaccineGroup, group.status)]),
      ...one.warnings.map((warning) => ({ url: FORECAST_EXTENSION.doseWarning, valueCode: warning })),
      ...grounds(one.because, one.needsClinician),
    ],
    status: 'completed',
    patient: context.patient,
    date: context.date,
    targetDisease: targetDisease(one.antigen ?? one.series),
    immunizationEvent: doseReference(one.doseId, context),
    doseStatus: doseStatus(one),
    ...(one.reasons.length === 0 ? {} : { doseStatusReason: one.reasons.map(doseReason) }),
    description: explain(one.because, 'en').join('\n') || one.series,
    series: one.series,
    ...(one.doseNumber === undefined ? {} : { doseNumberPositiveInt: one.doseNumber }),
  };
}

function recommendation(result: ForecastResult, context: Context): ImmunizationRecommendation {
  const { schedule, engine } = result;
  return {
    resourceType: 'ImmunizationRecommendation',
    id: context.id('recommendation'),
    extension: [
      {
        url: FORECAST_EXTENSION.schedule,
        extension: [
          { url: 'id', valueCode: schedule.id },
          { url: 'version', valueString: schedule.version },
          { url: 'engine', valueString: engine },
        ],
      },
      ...(result.assumed ?? []).map((assumption) => assumptionExtension(assumption, context)),
      ...result.warnings.map((warning) => warningExtension(warning, context)),
    ],
    patient: context.patient,
    date: result.assessmentDate,
    recommendation: result.recommendations.map((one) =>
      entry(one, result, context),
    ) as ImmunizationRecommendation['recommendation'],
  };
}

function entry(
  one: Recommendation,
  result: ForecastResult,
  context: Context,
): ImmunizationRecommendationRecommendation {
  const because = binding(one);
  const supporting = result.evaluations.filter((dose) => dose.vaccineGroup === one.series && dose.status === 'valid');
  const dates = dateCriteria(one);
  const diseases = one.antigens ?? [];
  return {
    extension: [
      ...(one.seriesType === undefined ? [] : [{ url: CDSI_EXTENSION.seriesType, valueCode: one.seriesType }]),
      ...(one.validDoseCount === undefined
        ? []
        : [{ url: CDSI_EXTENSION.validDoses, valueUnsignedInt: one.validDoseCount }]),
      ...(one.guidance ?? []).map((text) => ({ url: CDSI_EXTENSION.guidance, valueString: text })),
      ...grounds(because, one.needsClinician),
    ],
    ...(one.products?.length ? { vaccineCode: one.products.map(product) } : {}),
    // R4 has room for one disease; a group of several is named as a whole.
    targetDisease: diseases.length === 1 ? targetDisease(diseases[0] ?? one.series) : targetDisease(one.series),
    forecastStatus: forecastStatus(one, context.date),
    ...(one.reason === undefined ? {} : { forecastReason: [forecastReason(one.reason)] }),
    ...(dates.length === 0 ? {} : { dateCriterion: dates }),
    description: explain(because, 'en').join('\n') || one.series,
    series: one.seriesName ?? one.series,
    ...(one.doseNumber === undefined ? {} : { doseNumberPositiveInt: one.doseNumber }),
    ...(supporting.length === 0
      ? {}
      : {
          supportingImmunization: [...new Set(supporting.map(({ doseId }) => doseId))].map((id) =>
            doseReference(id, context),
          ),
        }),
  };
}

function dateCriteria(one: Recommendation): ImmunizationRecommendationRecommendationDateCriterion[] {
  const rows = [
    ['30981-5', 'Earliest date to give', one.earliest],
    ['30980-7', 'Date vaccine due', one.recommended],
    // As in CDSi, past due is written as the last day that is still in time.
    ['59778-1', 'Date when overdue for immunization', one.standardEnd],
    ['59777-3', 'Latest date to give immunization', one.latest],
  ] as const;
  return rows.flatMap(([code, display, value]) =>
    value === undefined ? [] : [{ code: { coding: [{ system: 'http://loinc.org', code, display }] }, value }],
  );
}

function forecastStatus({ status, isOverdue, recommended }: Recommendation, today: string): CodeableConcept {
  const coding: Coding[] = [
    { system: `${IMMDS}/ForecastStatus`, code: status, display: SERIES_STATUS_WORDS[status].en },
  ];
  const due = recommended !== undefined && recommended <= today ? ('due' as const) : undefined;
  const beside =
    status === 'notComplete'
      ? isOverdue
        ? ('overdue' as const)
        : due
      : SHARED_STATUS.has(status)
        ? status
        : undefined;
  if (beside !== undefined) coding.push({ system: `${R4}/immunization-recommendation-status`, code: beside });
  return { coding, text: SERIES_STATUS_WORDS[beside ?? status].en };
}

const SHARED_STATUS: ReadonlySet<string> = new Set(['complete', 'immune', 'contraindicated']);

function forecastReason(reason: string): CodeableConcept {
  return { coding: [{ system: `${CANONICAL}/CodeSystem/forecast-reason`, code: reason }] };
}

const product = (code: string): CodeableConcept => ({ coding: [{ system: CVX, code }] });

/** R4 knows valid and notvalid only; a dose that could not be judged is neither. */
function doseStatus({ status }: Evaluation): CodeableConcept {
  const text = DOSE_STATUS_WORDS[status].en;
  if (status === 'undetermined')
    return { coding: [{ system: `${CANONICAL}/CodeSystem/dose-status`, code: status, display: text }], text };
  return {
    text,
    coding: [{ system: `${R4}/immunization-evaluation-dose-status`, code: status === 'valid' ? 'valid' : 'notvalid' }],
  };
}

const STATUS_REASON: Partial<Record<DoseReason, string>> = {
  ageTooYoung: 'tooyoung',
  ageTooOld: 'tooold',
  intervalTooSoon: 'toosoon',
  vaccineConflict: 'productconflict',
  notPreferableOrAllowable: 'inappropriate',
  inadvertentVaccine: 'inappropriate',
  lotExpired: 'expired',
  noRelevantSeries: 'notevaluated',
};

function doseReason(reason: DoseReason): CodeableConcept {
  const code = STATUS_REASON[reason];
  const own = { system: `${CANONICAL}/CodeSystem/dose-status-reason`, code: reason };
  return {
    coding: code === undefined ? [own] : [{ system: `${IMMDS}/StatusReason`, code }, own],
    text: WORDS[reason].en,
  };
}

function groupStatus(group: string, status: string): Extension {
  return {
    url: CDSI_EXTENSION.groupStatus,
    extension: [
      { url: 'group', valueString: group },
      { url: 'status', valueCode: status },
    ],
  };
}

function grounds(because: readonly Because[], needsClinician: boolean): Extension[] {
  return [
    { url: FORECAST_EXTENSION.certainty, valueCode: certaintyOf(because) },
    { url: FORECAST_EXTENSION.review, valueBoolean: needsClinician },
    ...groundsOf(because).map(ground),
  ];
}

/** The rule, the row of the schedule it was applied to, and what it set. */
function ground({ rule, place, decisions }: Ground): Extension {
  const parts = Object.entries(place ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [{ url: name, valueString: String(value) }],
  );
  return {
    url: FORECAST_EXTENSION.rule,
    extension: [
      { url: 'id', valueCode: rule.id },
      { url: 'certainty', valueCode: rule.confidence },
      { url: 'text-ja', valueString: rule.text.ja },
      { url: 'text-en', valueString: rule.text.en },
      { url: 'source-ja', valueString: rule.source.ja },
      { url: 'source-en', valueString: rule.source.en },
      ...(parts.length === 0 ? [] : [{ url: 'place', extension: parts }]),
      ...decisions.map(({ sets, day }) => ({
        url: 'sets',
        extension: [
          { url: 'what', valueCode: sets },
          ...(day === undefined ? [] : [{ url: 'date', valueDate: formatDay(day) }]),
        ],
      })),
    ],
  };
}

function assumptionExtension({ code, text, series, doseId }: Assumption, context: Context): Extension {
  return {
    url: FORECAST_EXTENSION.assumed,
    extension: [
      { url: 'code', valueCode: code },
      { url: 'text-ja', valueString: text.ja },
      { url: 'text-en', valueString: text.en },
      ...(series ?? []).map((key) => ({ url: 'series', valueCode: key })),
      ...(doseId === undefined ? [] : [{ url: 'immunization', valueReference: doseReference(doseId, context) }]),
    ],
  };
}

function warningExtension({ code, text, doseId }: Warning, context: Context): Extension {
  return {
    url: FORECAST_EXTENSION.warning,
    extension: [
      { url: 'code', valueCode: code },
      { url: 'text', valueString: text },
      ...(doseId === undefined ? [] : [{ url: 'immunization', valueReference: doseReference(doseId, context) }]),
    ],
  };
}

function referenceTo({ id, identifier }: Patient): Reference<Patient> {
  if (id !== undefined) return { reference: `Patient/${id}` };
  return identifier?.[0] === undefined ? { display: 'the patient of the request' } : { identifier: identifier[0] };
}

function doseReference(doseId: string, { known }: Context): Reference<Immunization> {
  return known.has(doseId) ? { reference: `Immunization/${doseId}` } : { display: doseId };
}
