// The planner's answer as ImmDS `Parameters`: one ImmunizationEvaluation per dose and series, one
// ImmunizationRecommendation with an entry per series. Codes: ImmDS 1.0.0 and R4; the exact words of the planner and its
// reasons go into extensions under our canonical base. Ids are derived from content, so the same answer has the same ids.
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
import { type Vaccine, vaccineOf } from '../../profiles/vaccine.ts';
import { CANONICAL, VACCINE_SYSTEM } from '../fhir/canonical.ts';
import { constant, madeOnce } from '../fhir/json-bytes.ts';
import type { Schedule } from '../forecast/compiled.ts';
import { formatDay } from '../forecast/days.ts';
import { binding, certaintyOf, explain, type Ground, groundsOf } from '../forecast/explain.ts';
import type { Rule } from '../forecast/schedule.ts';
import type { Because, DoseReason, Evaluation, ForecastResult, Recommendation, Warning } from '../forecast/types.ts';

export const FORECAST_EXTENSION = {
  rule: `${CANONICAL}/StructureDefinition/forecast-rule`,
  certainty: `${CANONICAL}/StructureDefinition/forecast-certainty`,
  review: `${CANONICAL}/StructureDefinition/forecast-review`,
  coverageEnd: `${CANONICAL}/StructureDefinition/forecast-coverage-end`,
  doseLabel: `${CANONICAL}/StructureDefinition/forecast-dose-label`,
  canFinish: `${CANONICAL}/StructureDefinition/forecast-can-finish`,
  ground: `${CANONICAL}/StructureDefinition/forecast-extension-ground`,
  followUp: `${CANONICAL}/StructureDefinition/forecast-follow-up`,
  warning: `${CANONICAL}/StructureDefinition/forecast-warning`,
  schedule: `${CANONICAL}/StructureDefinition/forecast-schedule`,
  doseStatus: `${CANONICAL}/StructureDefinition/evaluation-dose-status`,
  statutory: `${CANONICAL}/StructureDefinition/evaluation-statutory`,
  countsClinically: `${CANONICAL}/StructureDefinition/evaluation-counts-clinically`,
  doseWarning: `${CANONICAL}/StructureDefinition/evaluation-warning`,
} as const;

const IMMDS = 'http://hl7.org/fhir/us/immds/CodeSystem';
const SERIES_SYSTEM = `${CANONICAL}/CodeSystem/series`;
const STATUS_SYSTEM = `${CANONICAL}/CodeSystem/forecast-status`;
const REASON_SYSTEM = `${CANONICAL}/CodeSystem/forecast-reason`;
const DOSE_STATUS_SYSTEM = `${CANONICAL}/CodeSystem/dose-status`;
const DOSE_REASON_SYSTEM = `${CANONICAL}/CodeSystem/dose-status-reason`;
const R4_DOSE_STATUS = 'http://terminology.hl7.org/CodeSystem/immunization-evaluation-dose-status';
const R4_FORECAST_STATUS = 'http://terminology.hl7.org/CodeSystem/immunization-recommendation-status';

type Asked = { patient: Patient; immunizations: readonly Immunization[]; assessmentDate: string };

/** The `Parameters` of the answer. `result` holds dose ids as `doseId` of immds.ts gives them. */
export function answerParameters(asked: Asked, result: ForecastResult, schedule: Schedule): Parameters {
  const patient = patientReference(asked.patient);
  const seed = `${asked.patient.id ?? ''}|${asked.assessmentDate}|${schedule.id}`;
  const known = new Set(asked.immunizations.flatMap(({ id }) => (id === undefined ? [] : [id])));
  const context = { diseases: diseasesOf(schedule), patient, seed, known, date: asked.assessmentDate };
  return {
    resourceType: 'Parameters',
    parameter: [
      ...result.evaluations.map((one, i) => ({ name: 'evaluation', resource: evaluationResource(one, i, context) })),
      { name: 'recommendation', resource: recommendationResource(result, context) },
    ],
  };
}

const diseasesOf = madeOnce(
  ({ series }: Schedule) => new Map(series.map((one) => [one.key, constant(seriesConcept(one))])),
);

type Context = {
  diseases: ReadonlyMap<string, CodeableConcept>;
  patient: Reference<Patient>;
  seed: string;
  known: ReadonlySet<string>;
  date: string;
};

function evaluationResource(one: Evaluation, index: number, context: Context): ImmunizationEvaluation {
  const disease = context.diseases.get(one.series) ?? { text: one.series };
  return {
    resourceType: 'ImmunizationEvaluation',
    id: stableId(`${context.seed}|evaluation|${index}|${one.doseId}|${one.series}`),
    extension: [
      { url: FORECAST_EXTENSION.doseStatus, valueCode: one.status },
      { url: FORECAST_EXTENSION.statutory, valueBoolean: one.isStatutory },
      { url: FORECAST_EXTENSION.countsClinically, valueBoolean: one.countsClinically },
      ...one.warnings.map((warning) => ({ url: FORECAST_EXTENSION.doseWarning, valueCode: warning })),
      ...reviewExtensions(one.because, one.needsClinician),
      ...groundsOf(one.because).map(ruleExtension),
    ],
    status: 'completed',
    patient: context.patient,
    date: context.date,
    targetDisease: disease,
    immunizationEvent: immunizationReference(one.doseId, context),
    doseStatus: doseStatus(one),
    ...(one.reasons.length === 0 ? {} : { doseStatusReason: one.reasons.map(doseReason) }),
    description: explain(one.because, 'ja').join('\n') || (disease.text ?? one.series),
    series: disease.text ?? one.series,
    ...(one.doseNumber === undefined ? {} : { doseNumberPositiveInt: one.doseNumber }),
  };
}

function recommendationResource(result: ForecastResult, context: Context): ImmunizationRecommendation {
  return {
    resourceType: 'ImmunizationRecommendation',
    id: stableId(`${context.seed}|recommendation`),
    extension: [
      {
        url: FORECAST_EXTENSION.schedule,
        extension: [
          { url: 'id', valueCode: result.schedule.id },
          { url: 'version', valueString: result.schedule.version },
          { url: 'engine', valueString: result.engine },
        ],
      },
      ...result.warnings.map((warning) => warningExtension(warning, context)),
    ],
    patient: context.patient,
    date: result.assessmentDate,
    recommendation: result.recommendations.map((one) => recommendationEntry(one, result, context)) as [
      ImmunizationRecommendationRecommendation,
    ],
  };
}

function recommendationEntry(
  one: Recommendation,
  result: ForecastResult,
  context: Context,
): ImmunizationRecommendationRecommendation {
  const because = binding(one);
  const disease = context.diseases.get(one.series) ?? { text: one.series };
  const product = one.product === undefined ? undefined : vaccineConcept(one.product);
  const supporting = result.evaluations.filter(({ series, status }) => series === one.series && status === 'valid');
  const dates = dateCriteria(one);
  return {
    extension: [
      ...reviewExtensions(because, one.needsClinician),
      ...(one.label === undefined ? [] : [{ url: FORECAST_EXTENSION.doseLabel, valueString: one.label }]),
      ...(one.coverageEnd === undefined ? [] : [{ url: FORECAST_EXTENSION.coverageEnd, valueDate: one.coverageEnd }]),
      ...(one.canFinish === undefined ? [] : [{ url: FORECAST_EXTENSION.canFinish, valueBoolean: one.canFinish }]),
      ...(one.extension === undefined ? [] : [{ url: FORECAST_EXTENSION.ground, valueCode: one.extension }]),
      ...one.followUps.map(followUpExtension),
      ...groundsOf(because).map(ruleExtension),
    ],
    ...(product !== undefined && isOpen(one) ? { vaccineCode: [product] } : {}),
    targetDisease: disease,
    ...(product !== undefined && one.status === 'contraindicated' ? { contraindicatedVaccineCode: [product] } : {}),
    forecastStatus: forecastStatus(one, context.date),
    ...(one.reason === undefined ? {} : { forecastReason: [reasonConcept(one)] }),
    ...(dates.length === 0 ? {} : { dateCriterion: dates }),
    description: explain(because, 'ja').join('\n') || (disease.text ?? one.series),
    series: disease.text ?? one.series,
    ...(one.doseNumber === undefined ? {} : { doseNumberPositiveInt: one.doseNumber }),
    ...(one.dosesRequired === undefined || one.dosesRequired === 0
      ? {}
      : { seriesDosesPositiveInt: one.dosesRequired }),
    ...(supporting.length === 0
      ? {}
      : { supportingImmunization: supporting.map(({ doseId }) => immunizationReference(doseId, context)) }),
  };
}

function dateCriteria(one: Recommendation): ImmunizationRecommendationRecommendationDateCriterion[] {
  const criteria: ImmunizationRecommendationRecommendationDateCriterion[] = [];
  const add = (code: string, display: string, value: string | undefined) => {
    if (value !== undefined)
      criteria.push({ code: { coding: [{ system: 'http://loinc.org', code, display }] }, value });
  };
  add('30981-5', 'Earliest date to give', one.earliest);
  add('30980-7', 'Date vaccine due', one.recommended);
  // As in CDSi, past due is written as the last day that is still in time.
  add('59778-1', 'Date when overdue for immunization', one.standardEnd);
  add('59777-3', 'Latest date to give immunization', one.latest);
  return criteria;
}

/** The ImmDS coding always; R4's own code beside it where one fits; ours where neither says enough. */
function forecastStatus(one: Recommendation, today: string): CodeableConcept {
  const code = one.status === 'notRelevant' ? 'notRecommended' : one.status;
  const coding: Coding[] = [{ system: `${IMMDS}/ForecastStatus`, code }];
  if (one.status === 'complete' || one.status === 'immune' || one.status === 'contraindicated')
    coding.push({ system: R4_FORECAST_STATUS, code: one.status });
  if (one.status === 'notComplete' && one.isOverdue) coding.push({ system: R4_FORECAST_STATUS, code: 'overdue' });
  else if (one.status === 'notComplete' && one.recommended !== undefined && one.recommended <= today)
    coding.push({ system: R4_FORECAST_STATUS, code: 'due' });
  if (one.status === 'notRelevant') coding.push({ system: STATUS_SYSTEM, code: 'notEligible' });
  return { coding };
}

function reasonConcept(one: Recommendation): CodeableConcept {
  const rule = one.because.find(({ sets }) => sets === 'status')?.rule;
  return {
    coding: [{ system: REASON_SYSTEM, ...(one.reason === undefined ? {} : { code: one.reason }) }],
    ...(rule && { text: rule.text.ja }),
  };
}

/** R4 knows valid and notvalid only; a dose that could not be judged is neither. */
function doseStatus(one: Evaluation): CodeableConcept {
  if (one.status === 'undetermined') return { coding: [{ system: DOSE_STATUS_SYSTEM, code: 'undetermined' }] };
  const code = one.status === 'valid' ? 'valid' : 'notvalid';
  return { coding: [{ system: R4_DOSE_STATUS, code, display: code === 'valid' ? 'Valid' : 'Not valid' }] };
}

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

function doseReason(reason: DoseReason): CodeableConcept {
  const code = STATUS_REASON[reason];
  return {
    coding: [
      ...(code === undefined ? [] : [{ system: `${IMMDS}/StatusReason`, code }]),
      { system: DOSE_REASON_SYSTEM, code: reason },
    ],
  };
}

function reviewExtensions(because: readonly Because[], needsClinician: boolean): Extension[] {
  return [
    { url: FORECAST_EXTENSION.certainty, valueCode: certaintyOf(because) },
    { url: FORECAST_EXTENSION.review, valueBoolean: needsClinician },
  ];
}

/** Most rules decide without a day, and then in few ways: those are constants as a whole. */
function ruleExtension({ rule, decisions }: Ground): Extension {
  if (decisions.some(({ day }) => day !== undefined)) return groundExtension({ rule, decisions });
  const known = undatedExtensions(rule);
  const name = decisions.map(({ sets }) => sets).join();
  const extension = known.get(name) ?? constant(groundExtension({ rule, decisions }));
  known.set(name, extension);
  return extension;
}

const undatedExtensions = madeOnce((_rule: Rule) => new Map<string, Extension>());

function groundExtension({ rule, decisions }: Ground): Extension {
  return {
    url: FORECAST_EXTENSION.rule,
    extension: [
      ...ruleParts(rule),
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

const ruleParts = madeOnce((rule: Rule): Extension[] =>
  [
    { url: 'id', valueCode: rule.id },
    ...(rule.layer === undefined ? [] : [{ url: 'layer', valueCode: rule.layer }]),
    { url: 'certainty', valueCode: rule.confidence },
    { url: 'text-ja', valueString: rule.text.ja },
    { url: 'text-en', valueString: rule.text.en },
    { url: 'source-ja', valueString: rule.source.ja },
    { url: 'source-en', valueString: rule.source.en },
  ].map(constant),
);

function followUpExtension(followUp: { code: string; from: string; until: string }): Extension {
  return {
    url: FORECAST_EXTENSION.followUp,
    extension: [
      { url: 'code', valueCode: followUp.code },
      { url: 'period', valuePeriod: { start: followUp.from, end: followUp.until } },
    ],
  };
}

function warningExtension(warning: Warning, context: Context): Extension {
  return {
    url: FORECAST_EXTENSION.warning,
    extension: [
      { url: 'code', valueCode: warning.code },
      { url: 'text', valueString: warning.text },
      ...(warning.doseId === undefined
        ? []
        : [{ url: 'immunization', valueReference: immunizationReference(warning.doseId, context) }]),
    ],
  };
}

/** Our coding and the nearest CVX coding of a code, with the Japanese name as text. */
export function vaccineConcept(code: string): CodeableConcept {
  const vaccine = vaccineOf(code);
  if (vaccine === undefined) return { coding: [{ system: VACCINE_SYSTEM, code }] };
  return conceptOf(vaccine);
}

const conceptOf = madeOnce(({ code, en, ja, cvx }: Vaccine) =>
  constant({ coding: [{ system: VACCINE_SYSTEM, code, display: en }, ...(cvx ? [cvx] : [])], text: ja }),
);

function isOpen(one: Recommendation): boolean {
  return one.status === 'notComplete' || one.status === 'notRecommended';
}

function seriesConcept(series: Schedule['series'][number]): CodeableConcept {
  const coding: Coding[] = [{ system: SERIES_SYSTEM, code: series.key, display: series.name.en }];
  if (series.targetDisease !== undefined) coding.push({ system: 'http://snomed.info/sct', ...series.targetDisease });
  return { coding, text: series.name.ja };
}

function patientReference(patient: Patient): Reference<Patient> {
  if (patient.id !== undefined) return { reference: `Patient/${patient.id}` };
  const identifier = patient.identifier?.[0];
  return identifier === undefined ? { display: 'the patient of the request' } : { identifier };
}

/** A dose sent without an id can only be named by its place. */
function immunizationReference(doseId: string, context: Context): Reference<Immunization> {
  return context.known.has(doseId) ? { reference: `Immunization/${doseId}` } : { display: doseId };
}

/** A FHIR id (at most 64 of A-Z a-z 0-9 - .) that is the same for the same content. */
function stableId(content: string): string {
  return hash('sha256', content, 'hex').slice(0, 32);
}
