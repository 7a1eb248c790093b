// A plan as FHIR: a Bundle with one proposed Appointment for each visit, the ImmunizationRecommendation it rests on, and
// Parameters that tell what could not be planned and what has changed. FHIR R4 Appointment,
// https://hl7.org/fhir/R4/appointment.html. A visit has a day and no time of day yet, so it has no `start`: the day is an
// extension, and `requestedPeriod` the days to which the visit may move without harm.
import { hash } from 'node:crypto';
import type {
  Appointment,
  Bundle,
  BundleEntry,
  CodeableConcept,
  Extension,
  ImmunizationRecommendation,
  ParametersParameter,
  Period,
} from '@medplum/fhirtypes';
import { CANONICAL } from '../fhir/canonical.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { type Day, formatDay, parseDay } from '../forecast/days.ts';
import { binding, certaintyOf, explain } from '../forecast/explain.ts';
import type { Schedule } from '../forecast/law/compiled.ts';
import type { Change, NamedDose } from '../forecast/plan/changes.ts';
import { productOf } from '../forecast/plan/due.ts';
import type { Plan, PlannedDose, Unplanned, Visit } from '../forecast/plan/types.ts';
import { CHANGE_WORDS, dayWords, NOTE_WORDS, UNPLANNED_WORDS } from '../forecast/plan/words.ts';
import type { Text } from '../forecast/rule.ts';
import { vaccineConcept } from './immds-answer.ts';

export const PLAN_EXTENSION = {
  date: `${CANONICAL}/StructureDefinition/plan-date`,
  dose: `${CANONICAL}/StructureDefinition/plan-dose`,
  note: `${CANONICAL}/StructureDefinition/plan-note`,
} as const;

export type PlanAnswer = {
  patientId: string;
  schedule: Schedule;
  plan: Plan;
  recommendation: ImmunizationRecommendation;
  /** Undefined where no last plan was sent. */
  changes: readonly Change[] | undefined;
};

/** A Bundle of type collection. Ids follow from patient, schedule and content: the same plan has the same ids. */
export function planBundle(answer: PlanAnswer): Bundle {
  const { plan, recommendation } = answer;
  const recommendationUrl = urn(`${answer.patientId}|${recommendation.id}`);
  const entry: BundleEntry[] = plan.visits.map((visit) => {
    const resource = appointment(visit, answer, recommendationUrl);
    return { fullUrl: urn(`${answer.patientId}|${resource.id}`), resource };
  });
  entry.push({ fullUrl: recommendationUrl, resource: recommendation });
  const parameter = aboutPlan(answer);
  entry.push({
    fullUrl: urn(`${answer.patientId}|${recommendation.id}|about`),
    resource: { resourceType: 'Parameters', parameter },
  });
  return { resourceType: 'Bundle', type: 'collection', entry };
}

/** The doses of a Bundle that `planBundle` made; what else is in it is not looked at. */
export function plannedDoses(bundle: JsonObject): NamedDose[] {
  const entries = Array.isArray(bundle.entry) ? bundle.entry : [];
  return entries.flatMap((entry) => {
    const resource = isObject(entry) ? entry.resource : undefined;
    if (!isObject(resource) || resource.resourceType !== 'Appointment' || !Array.isArray(resource.extension)) return [];
    const extensions = resource.extension as Extension[];
    const day = parseDay(extensions.find(({ url }) => url === PLAN_EXTENSION.date)?.valueDate ?? '');
    if (day === undefined) return [];
    return extensions.filter(({ url }) => url === PLAN_EXTENSION.dose).flatMap((one) => namedDose(one, day) ?? []);
  });
}

function namedDose({ extension = [] }: Extension, day: Day): NamedDose | undefined {
  const part = (name: string) => extension.find(({ url }) => url === name);
  const series = part('series')?.valueCode;
  const doseNumber = part('doseNumber')?.valuePositiveInt;
  const vaccine = part('vaccineCode')?.valueCodeableConcept?.coding?.[0]?.code;
  return series === undefined || doseNumber === undefined || vaccine === undefined
    ? undefined
    : { series, doseNumber, vaccine, day };
}

function appointment(visit: Visit, answer: PlanAnswer, recommendationUrl: string): Appointment {
  const { day, doses, window, notes } = visit;
  const named = doses.map((dose) => doseWords(dose, answer.schedule));
  const when = dayWords(day);
  const seed = `${answer.patientId}|${answer.schedule.id}|${day}|${doses.map(({ series, doseNumber }) => `${series} ${doseNumber}`).join()}`;
  return {
    resourceType: 'Appointment',
    id: stableId(seed),
    extension: [
      { url: PLAN_EXTENSION.date, valueDate: formatDay(day) },
      ...doses.map(doseExtension),
      ...notes.map((note) => ({ url: PLAN_EXTENSION.note, valueCode: note })),
    ],
    status: 'proposed',
    serviceType: [
      {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/service-type', code: '57', display: 'Immunization' }],
        text: '予防接種',
      },
    ],
    reasonCode: doses.map(({ vaccine }, i): CodeableConcept => {
      const { coding, text } = vaccineConcept(vaccine);
      return { ...(coding && { coding }), text: named[i]?.ja ?? text ?? vaccine };
    }),
    reasonReference: [{ reference: recommendationUrl }],
    description: [
      `${when.ja} 予防接種: ${named.map(({ ja }) => ja).join('、')}`,
      `${when.en}, vaccination: ${named.map(({ en }) => en).join(', ')}`,
      ...notes.flatMap((note) => [NOTE_WORDS[note].ja, NOTE_WORDS[note].en]),
    ].join('\n'),
    participant: [
      { actor: { reference: `Patient/${answer.patientId}` }, required: 'required', status: 'needs-action' },
    ],
    requestedPeriod: [periodOf(window)],
  };
}

function periodOf({ from, to }: Visit['window']): Period {
  return { start: formatDay(from), ...(Number.isFinite(to) ? { end: formatDay(to) } : {}) };
}

/** `小児用肺炎球菌 追加（小児用肺炎球菌20価）` */
function doseWords({ series, label, vaccine, doseNumber, needsClinician }: PlannedDose, schedule: Schedule): Text {
  const name = schedule.series.find(({ key }) => key === series)?.name ?? { ja: series, en: series };
  const concept = vaccineConcept(vaccine);
  const ask = needsClinician ? { ja: '、医師に確認', en: ', ask the clinician' } : { ja: '', en: '' };
  return {
    ja: `${name.ja} ${label}（${concept.text ?? vaccine}${ask.ja}）`,
    en: `${name.en}, dose ${doseNumber} (${concept.coding?.[0]?.display ?? vaccine}${ask.en})`,
  };
}

function doseExtension(dose: PlannedDose): Extension {
  const date = (url: string, day: Day | undefined) => (day === undefined ? [] : [{ url, valueDate: formatDay(day) }]);
  return {
    url: PLAN_EXTENSION.dose,
    extension: [
      { url: 'vaccineCode', valueCodeableConcept: vaccineConcept(dose.vaccine) },
      { url: 'series', valueCode: dose.series },
      { url: 'doseNumber', valuePositiveInt: dose.doseNumber },
      ...(dose.label === '' ? [] : [{ url: 'label', valueString: dose.label }]),
      ...date('earliest', dose.earliest),
      ...date('recommended', dose.recommended),
      ...date('standardEnd', dose.standardEnd),
      ...date('latest', dose.latest),
      ...date('coverageEnd', dose.coverageEnd),
      { url: 'injection', valueBoolean: dose.isInjection },
      { url: 'pinned', valueBoolean: dose.isPinned },
      { url: 'late', valueBoolean: dose.isLate },
      { url: 'certainty', valueCode: certaintyOf(dose.because) },
      { url: 'review', valueBoolean: dose.needsClinician },
    ],
  };
}

/** Schedule, limits, what was left out and what is different. */
function aboutPlan({ plan, schedule, changes }: PlanAnswer): ParametersParameter[] {
  const notes: (keyof typeof NOTE_WORDS)[] = [
    'holidays',
    'oneSeason',
    ...(plan.search.isBounded ? ['bounded' as const] : []),
  ];
  return [
    { name: 'schedule', valueString: `${plan.forecast.schedule.id} ${plan.forecast.schedule.version}` },
    ...notes.map((code) => ({
      name: 'note',
      part: [{ name: 'code', valueCode: code }, ...textParts(NOTE_WORDS[code])],
    })),
    ...plan.unplanned.map((one) => unplannedParameter(one, schedule)),
    ...(changes ?? []).map(changeParameter),
  ];
}

function unplannedParameter({ series, reason, recommendation }: Unplanned, schedule: Schedule): ParametersParameter {
  const known = schedule.series.find(({ key }) => key === series);
  const because = binding(recommendation);
  const words = UNPLANNED_WORDS[reason];
  const name = known?.name ?? { ja: series, en: series };
  const text = (language: keyof Text) =>
    [`${name[language]}: ${words[language]}`, ...explain(because, language)].join('\n');
  return {
    name: 'unplanned',
    part: [
      { name: 'series', valueCode: series },
      ...(known === undefined
        ? []
        : [{ name: 'vaccineCode', valueCodeableConcept: vaccineConcept(productOf(known, recommendation)) }]),
      { name: 'reason', valueCode: reason },
      ...(recommendation.doseNumber === undefined
        ? []
        : [{ name: 'doseNumber', valuePositiveInt: recommendation.doseNumber }]),
      ...(recommendation.earliest === undefined ? [] : [{ name: 'earliest', valueDate: recommendation.earliest }]),
      ...(recommendation.latest === undefined ? [] : [{ name: 'latest', valueDate: recommendation.latest }]),
      ...textParts({ ja: text('ja'), en: text('en') }),
    ],
  };
}

function changeParameter({ what, dose, from, to, reason, because }: Change): ParametersParameter {
  const words = CHANGE_WORDS[reason];
  const text = (language: keyof Text) => [words[language], ...explain(because, language)].join('\n');
  return {
    name: 'changed',
    part: [
      { name: 'what', valueCode: what },
      { name: 'series', valueCode: dose.series },
      { name: 'doseNumber', valuePositiveInt: dose.doseNumber },
      { name: 'vaccineCode', valueCodeableConcept: vaccineConcept(dose.vaccine) },
      ...(from === undefined ? [] : [{ name: 'from', valueDate: formatDay(from) }]),
      ...(to === undefined ? [] : [{ name: 'to', valueDate: formatDay(to) }]),
      { name: 'reason', valueCode: reason },
      ...textParts({ ja: text('ja'), en: text('en') }),
    ],
  };
}

function textParts({ ja, en }: Text): ParametersParameter[] {
  return [
    { name: 'text-ja', valueString: ja },
    { name: 'text-en', valueString: en },
  ];
}

function stableId(content: string): string {
  return hash('sha256', content, 'hex').slice(0, 32);
}

/** A name for an entry that is stored nowhere: a UUID (version 8, RFC 9562) made of its content. */
function urn(content: string): string {
  const hex = stableId(content);
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 3) | 8).toString(16);
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}
