// What goes into the planner and what comes out. Words of CDSi (logic specification 4.6) where it has them; a dose past
// its legal age is notValid here when the schedule says so, and `notRelevant` is a series that is not for this person.
import type { Residence } from './law/municipality.ts';
import type { Programme } from './law/schedule.ts';
import type { Rule, Text } from './rule.ts';

/** One dose given. `date` is `YYYY-MM-DD`, or `YYYY-MM` / `YYYY` when no more is known. `vaccine` is a schedule code. */
export type GivenDose = {
  id: string;
  date: string;
  vaccine: string;
  product?: string;
  country?: string;
  /** Manufacturer as an MVX code. */
  mvx?: string;
  /** Millilitres given, where recorded. */
  doseMl?: number;
  /** The product was expired or otherwise below standard: the dose is not counted. */
  flaw?: 'lotExpired' | 'doseCondition';
};

/**
 * A fact about the person: `keloid`, `disease:varicella`, `flag:mrShortageRecognised`, `pregnancy-edd` with a date …
 * `until` is the last day of something that passes (fever); without it, it lasted for its `date` only.
 */
export type Observation = { code: string; date?: string; until?: string; value?: number };

export type Sex = 'female' | 'male' | 'other' | 'unknown';

export type ForecastInput = {
  birthDate: string;
  sex?: Sex;
  /** Died on the assessment date or before. */
  isDeceased?: boolean;
  /** Country of birth in the schedule's own spelling (`U.S.`, `US`), where immunity by year of birth asks for it. */
  birthCountry?: string;
  assessmentDate: string;
  doses: readonly GivenDose[];
  observations?: readonly Observation[];
  /** Where the person lived when: free doses of a municipality follow residence on the day. */
  residence?: readonly Residence[];
};

export type DoseStatus = 'valid' | 'notValid' | 'extraneous' | 'subStandard' | 'undetermined';

export type DoseReason =
  | 'ageTooYoung'
  | 'ageTooOld'
  | 'outsideAnyWindow'
  | 'gestationalAgeTooEarly'
  | 'gestationalAgeTooLate'
  | 'intervalTooSoon'
  | 'vaccineConflict'
  | 'inadvertentVaccine'
  | 'noRelevantSeries'
  | 'seriesAlreadyComplete'
  | 'comboProductAllowed'
  | 'duplicateRecord'
  | 'notPreferableOrAllowable'
  | 'partOfCombination'
  | 'dateTooVague'
  | 'lotExpired'
  | 'doseCondition';

export type SeriesStatus =
  | 'notComplete'
  | 'complete'
  | 'immune'
  | 'contraindicated'
  | 'notRecommended'
  | 'agedOut'
  | 'notRelevant';

/** What a rule decided. `day` is the day it set, as a day number; `place` the row of the schedule the rule was applied to. */
export type Because = { rule: Rule; sets: Sets; day?: number; place?: Place };

/** A row of a CDSi schedule; `value` is what is written there, for example `6 months - 4 days`. */
export type Place = { antigen?: string; series?: string; dose?: number; field: string; value?: string };

export type Sets =
  | DoseReason
  | 'valid'
  | 'warning'
  | 'status'
  | 'path'
  | 'earliest'
  | 'recommended'
  | 'standardEnd'
  | 'latest'
  | 'coverage'
  | 'product'
  | 'dropped'
  | 'review';

export type Evaluation = {
  doseId: string;
  series: string;
  vaccine: string;
  date: string;
  status: DoseStatus;
  /** Every failing reason, not only the first. */
  reasons: DoseReason[];
  /** Place among the valid doses of the series, from 1; only on valid doses. */
  doseNumber?: number;
  /** A correct routine dose under the rules of its own day. */
  isStatutory: boolean;
  /** Counts medically, which a dose outside its legal age can do. */
  countsClinically: boolean;
  /** Words of the schedule's warnings, for example requiresPhysicianException. */
  warnings: string[];
  because: Because[];
  needsClinician: boolean;
  /** CDSi only: what the dose was judged for, and the vaccine group of the series that judged it. */
  antigen?: string;
  vaccineGroup?: string;
};

/** CDSi: what a dose is worth to a vaccine group as a whole (MMR: every antigen it contains, DTaP/Tdap/Td: any). */
export type GroupEvaluation = {
  doseId: string;
  vaccineGroup: string;
  status: DoseStatus;
  /** Failing reasons for any antigen of the group. */
  reasons: DoseReason[];
  seriesType: 'standard' | 'risk';
};

export type Recommendation = {
  series: string;
  status: SeriesStatus;
  /** Legal due dates (routine) and what one may choose (voluntary) are told apart. */
  programme?: Programme;
  /** Of a routine series: A free of charge, B with a co-payment as a rule. */
  category?: 'A' | 'B';
  /** Why a series is closed: the word of the schedule's row, for example birthDateBeforeProgramme. */
  reason?: string;
  doseNumber?: number;
  label?: string;
  path?: string;
  band?: string;
  /** First legal day of the next dose given the whole history; it may be past. */
  earliest?: string;
  recommended?: string;
  /** Last standard day; after it the dose is overdue. */
  standardEnd?: string;
  /** Last legal day, inclusive. */
  latest?: string;
  /** First and last day on which the dose is free of charge or paid for. */
  coverageStart?: string;
  coverageEnd?: string;
  isOverdue: boolean;
  /** False when the remaining doses no longer fit before the window closes. */
  canFinish?: boolean;
  dosesRequired?: number;
  product?: string;
  extension?: string;
  /** Dated advice that hangs on the series, for example a blood test after a perinatal protocol. */
  followUps: FollowUp[];
  because: Because[];
  needsClinician: boolean;
  /** CDSi only, where `series` is a vaccine group: the antigens to be given, and the series answering for them. */
  antigens?: string[];
  seriesName?: string;
  /** Standard and risk answers of one group stand beside each other. */
  seriesType?: 'standard' | 'risk';
  /** Recommended products as CVX codes. */
  products?: string[];
  guidance?: string[];
  /** Doses valid in any best series of the group; `doseNumber` counts within the series that answers. */
  validDoseCount?: number;
};

export type FollowUp = { code: string; from: string; until: string };

/**
 * Something the answer takes for granted because nobody said otherwise: a word of our own, a sentence for people, and the
 * series or the dose it is about; without them it is about the person.
 */
export type Assumption = { code: string; text: Text; series?: readonly string[]; doseId?: string };

export type Warning = { code: WarningCode; doseId?: string; text: string };

export type WarningCode =
  | 'unknownVaccine'
  | 'unknownObservation'
  | 'invalidDate'
  | 'afterAssessmentDate'
  | 'beforeBirth'
  | 'duplicateRecord'
  | 'invalidResidence'
  | RecordWarningCode;

export type ForecastResult = {
  schedule: { id: string; version: string };
  engine: string;
  assessmentDate: string;
  evaluations: Evaluation[];
  groupEvaluations?: GroupEvaluation[];
  recommendations: Recommendation[];
  /** What was taken for granted. */
  assumed?: Assumption[];
  /** First day after the assessment date on which the answer changes by itself; see forecast-with-change.ts. Absent: never, or not asked. */
  changesOn?: string;
  warnings: Warning[];
};

/** What reading the record behind the input found. */
export type RecordWarningCode =
  | 'notLookedAt'
  | 'uncertainFact'
  | 'looseCode'
  | 'undatedFact'
  | 'unreadableResult'
  | 'amountUnknown'
  | 'possibleDuplicate'
  | 'sameLotNearby'
  | 'notGiven'
  | 'repeatedId'
  | 'unknownFact';
