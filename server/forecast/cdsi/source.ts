// The written form of a CDSi schedule: CDC's supporting data (4.64) converted one to one to JSON, one file per antigen beside
// `schedule.json`. Every name is the data's own; durations and ages are text in the notation of duration.ts.
// Logic specification: CDC CDSi 4.6, chapter 3.

/** `schedule.json`: what is not about one antigen. */
export type ScheduleFile = {
  version: string;
  released?: string;
  vaccineConflicts: readonly ConflictRow[];
  vaccineGroups: readonly { name: string; administerFullVaccineGroup?: boolean }[];
  vaccineGroupToAntigens: readonly { name: string; antigens: readonly string[] }[];
  cvxToAntigens: readonly {
    cvx: string;
    description?: string;
    associations: readonly { antigen: string; beginAge?: string; endAge?: string }[];
  }[];
  observations: readonly ObservationRow[];
};

/** After `conflictingCvx` the product `impactedCvx` waits: from the begin to the end interval, shorter after a valid dose. */
export type ConflictRow = {
  conflictingCvx: string;
  conflictingType?: string;
  impactedCvx: string;
  impactedType?: string;
  conflictBeginInterval: string;
  minConflictEndInterval?: string;
  conflictEndInterval: string;
};

export type ObservationRow = {
  code: string;
  title: string;
  indicationText?: string;
  contraindicationText?: string;
  clarifyingText?: string;
  codedValues?: readonly { system: string; code: string; text?: string }[];
};

/** One file of `antigens/`. */
export type AntigenFile = {
  antigen: string;
  immunity?: {
    clinicalHistory?: readonly { observationCode: string; title?: string }[];
    birthDate?: readonly {
      bornBefore: string;
      birthCountry?: string;
      exclusions?: readonly { observationCode: string; title?: string }[];
    }[];
  };
  contraindications?: {
    antigen?: readonly ContraindicationRow[];
    vaccine?: readonly (ContraindicationRow & {
      contraindicatedVaccines: readonly { cvx: string; vaccineType?: string; beginAge?: string; endAge?: string }[];
    })[];
  };
  series: readonly SeriesRow[];
};

export type ContraindicationRow = {
  observationCode: string;
  observationTitle?: string;
  text?: string;
  guidance?: string;
  beginAge?: string;
  endAge?: string;
};

export type SeriesRow = {
  seriesName: string;
  targetDisease: string;
  vaccineGroup: string;
  seriesType: 'Standard' | 'Risk' | 'Evaluation Only';
  seriesAdminGuidance?: readonly string[];
  requiredGender?: readonly string[];
  equivalentSeriesGroups?: readonly string[];
  indications?: readonly {
    observationCode: string;
    observationText?: string;
    description?: string;
    guidance?: string;
    beginAge?: string;
    endAge?: string;
  }[];
  selectSeries: {
    defaultSeries: boolean;
    productPath: boolean;
    seriesGroupName: string;
    seriesGroup: string;
    /** A is best. */
    seriesPriority: string;
    /** 1 is best. */
    seriesPreference?: number;
    minAgeToStart?: string;
    maxAgeToStart?: string;
  };
  doses: readonly SeriesDoseRow[];
};

export type SeriesDoseRow = {
  doseNumber: number;
  ages?: readonly AgeRow[];
  preferableIntervals?: readonly PreferableIntervalRow[];
  allowableIntervals?: readonly { fromPrevious?: boolean; fromTargetDose?: number; absMinInt?: string }[];
  preferableVaccines?: readonly PreferableVaccineRow[];
  allowableVaccines?: readonly { cvx: string; vaccineType?: string; beginAge?: string; endAge?: string }[];
  inadvertentVaccines?: readonly { cvx: string; vaccineType?: string }[];
  conditionalSkips?: readonly SkipRow[];
  recurringDose: boolean;
  seasonalRecommendation?: readonly { startDate?: string; endDate?: string }[];
};

/** Several rows on one dose are successive versions: the one in force counts. */
export type AgeRow = {
  absMinAge?: string;
  minAge?: string;
  earliestRecAge?: string;
  latestRecAge?: string;
  maxAge?: string;
  effectiveDate?: string;
  cessationDate?: string;
};

/** Counted from exactly one of: previous dose, a target dose, the latest of some products, an observation. */
export type PreferableIntervalRow = {
  fromPrevious?: boolean;
  fromTargetDose?: number;
  fromMostRecentCvx?: readonly string[];
  fromRelevantObservation?: { code: string; text?: string };
  absMinInt?: string;
  minInt?: string;
  earliestRecInt?: string;
  latestRecInt?: string;
  intervalPriority?: string;
  effectiveDate?: string;
  cessationDate?: string;
};

export type PreferableVaccineRow = {
  cvx: string;
  vaccineType?: string;
  mvx?: string;
  tradeName?: string;
  beginAge?: string;
  endAge?: string;
  /** Millilitres, as written. */
  volume?: string;
  /** Named in the forecast when recommended. */
  forecastVaccineType: boolean;
};

export type SkipRow = {
  context: 'Evaluation' | 'Forecast' | 'Both';
  setLogic?: 'AND' | 'OR';
  sets: readonly SkipSetRow[];
};

export type SkipSetRow = {
  setId?: string;
  description?: string;
  conditionLogic?: 'AND' | 'OR';
  effectiveDate?: string;
  cessationDate?: string;
  conditions: readonly SkipConditionRow[];
};

/** `type` is Age, Interval, Completed Series, Vaccine Count by Age or by Date (its case varies in the data). */
export type SkipConditionRow = {
  conditionId?: string;
  type: string;
  beginAge?: string;
  endAge?: string;
  interval?: string;
  seriesGroups?: readonly string[];
  startDate?: string;
  endDate?: string;
  doseCount?: number;
  doseType?: string;
  doseCountLogic?: string;
  vaccineTypesCvx?: readonly string[];
};

/** A whole schedule as read from its folder: `index` is not needed. */
export type CdsiSource = {
  folder: string;
  schedule: ScheduleFile;
  antigens: readonly { file: string; content: AntigenFile }[];
};
