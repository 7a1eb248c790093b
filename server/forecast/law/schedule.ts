// The shape of a schedule as it is written (JSON or typed data), one `SeriesSource` per file. Nothing here names a
// vaccine or a country; bounds and durations are text in the notations of bound.ts and duration.ts.
import type { RuleSource, Text } from '../rule.ts';
import type { ConditionSource } from './condition.ts';

/**
 * Days on which a row was part of the rules, for the question what was known on a day (schedule-on.ts). A row is known
 * from `knownFrom`, else from its `givenFrom`, else always; it stays, as old doses are judged by the rows of their day.
 */
export type Known = {
  knownFrom?: string;
  /** The day the end (`givenTo`) was decided; before it the row had no end. */
  endKnownFrom?: string;
};

/** Days on which a dose is legal: latest `from` to earliest `to`, both inclusive, as far as `givenFrom`/`givenTo` allow. */
export type WindowSource = Known & {
  rule: string;
  from: string | readonly string[];
  to?: string | readonly string[];
  /** Calendar days on which this version of the window is in force. */
  givenFrom?: string;
  givenTo?: string;
  /** Rule under which a dose before `givenFrom` still counts. */
  creditedBefore?: string;
  /** Such a dose is treated as a routine one. */
  creditedAsRoutine?: boolean;
  when?: ConditionSource;
  extension?: string;
  /** Added to the dose label when the dose is due in this window only. */
  labelSuffix?: string;
};

export type IntervalSource = Known & {
  rule: string;
  /** `previous`: latest dose valid or notValid; `last`: latest record of the series; a number: target dose n. */
  after: 'previous' | 'last' | number;
  min: string;
  /** Upper limit that was binding: a later dose counts, but was no routine dose. */
  max?: string;
  /** Shorter interval that counts with a warning (an exception the law leaves to the physician). */
  exception?: { min: string; warning: string };
  /** Only a plan, not a condition of validity (or the other way round). Absent: both. */
  use?: 'forecast' | 'evaluation';
  products?: readonly string[];
  when?: ConditionSource;
};

/** The standard (recommended) period; each end by age, by interval, or absent. */
export type StandardSource = Known & {
  rule: string;
  from?: string;
  to?: string;
  after?: 'previous' | number;
  fromInterval?: string;
  toInterval?: string;
  when?: ConditionSource;
};

export type DoseSource = {
  label: string;
  /** Replaces the windows of the series. */
  windows?: readonly WindowSource[];
  /** Extra lower bounds, for example "not before 12 months". */
  from?: readonly { rule: string; bound: string }[];
  intervals?: readonly IntervalSource[];
  standard?: readonly StandardSource[];
  /** `dosesRequired`: what the programme asks for where this dose is left out, when it is not what was given. */
  skip?: readonly { rule: string; when: ConditionSource; dosesRequired?: number }[];
  /** Rule under which the dose is dropped, not the series ended, once its own windows are over. */
  lapses?: string;
  advisedAgainst?: { rule: string; from: string; reason: string; warning: string };
};

/** One way through a series. The first path whose start band, products and condition fit is taken. */
export type PathSource = Known & {
  id: string;
  band?: string;
  rule: string;
  /** Band of the day of the first dose (the assessment date while there is none). */
  start?: { from?: string; to?: string };
  /** Products that keep to this path; a record of another product of the series needs a clinician. */
  products?: readonly string[];
  /** Rule named when a record of another path's product turns up. */
  productLock?: string;
  when?: ConditionSource;
  doses: readonly DoseSource[];
};

/** Closes a series before its dates are looked at; the first that holds. */
export type ClosureSource = Known & {
  rule: string;
  status: 'notRelevant' | 'contraindicated' | 'immune' | 'notRecommended';
  reason: string;
  when: ConditionSource;
  /** Leaves the series out of the answer altogether: nothing to say to this person. */
  silent?: boolean;
  /** The clinician may decide otherwise. */
  review?: boolean;
};

/** A reason to ask the clinician that changes no date (要注意). */
export type CautionSource = Known & { rule: string; when: ConditionSource };

/** Days on which a municipality pays its residents for a dose. Both ends as in a window. */
export type CoverageSource = Known & {
  rule: string;
  /** Five digits (JIS X 0402); an overlay writes its own. */
  municipality?: string;
  from: string | readonly string[];
  to?: string | readonly string[];
  givenFrom?: string;
  givenTo?: string;
  /** Numbers of the doses; absent: every dose. */
  doses?: readonly number[];
  when?: ConditionSource;
};

export type Programme = 'routine' | 'voluntary' | 'insurance';

export type SeriesSource = {
  key: string;
  name: Text;
  /** Who pays and why: routine (定期), voluntary (任意), insurance (健康保険). */
  programme: Programme;
  /** Class of a routine series: A (free, recommended) unless B (co-payment usual). */
  category?: 'A' | 'B';
  /** SNOMED CT, where the series protects against one disease only. */
  targetDisease?: { code: string; display: string };
  products: readonly string[];
  /** The windows are weeks of a pregnancy, and a dose outside them is told so; absent: ages. */
  weeksOf?: 'pregnancy';
  /** Records before this day belong to an earlier round of the series (an earlier pregnancy). */
  recordsFrom?: string;
  /** Records after this day belong to another series (a grown-up's dose of a child's vaccine). */
  recordsTo?: string;
  /** Products that make one dose only when given together on one day. */
  combinations?: readonly { rule: string; parts: readonly string[]; givenFrom?: string }[];
  /** Days on which a product is a routine one; a dose on another day counts, but was voluntary. */
  productDates?: readonly { rule: string; products: readonly string[]; from?: string; to?: string }[];
  /**
   * What is clinically still possible after this other series is over or where it never was for the person. Answers only
   * then, and lists only doses that did not count there.
   */
  continues?: string;
  cautions?: readonly CautionSource[];
  coverage?: readonly CoverageSource[];
  /** A legal phase: records that an earlier phase does not take flow to the next one. */
  phase?: { of: string; number: number };
  /** Products that may come on top of a complete series without being an unnecessary dose. */
  toleratedExtra?: { rule: string; products: readonly string[]; when?: ConditionSource };
  closures?: readonly ClosureSource[];
  /** This phase opens only after another series is complete. */
  requires?: { rule: string; series: string; interval: string; when?: ConditionSource };
  windows: readonly WindowSource[];
  prefer?: readonly (Known & { rule: string; product: string; when?: ConditionSource })[];
  followUps?: readonly { rule: string; code: string; from: string; to: string }[];
  paths: readonly PathSource[];
  rules: Readonly<Record<string, RuleSource>>;
};

/** Waiting time between different vaccines, by product class, in force by the date of the later dose. */
export type ConflictSource = Known & {
  rule: string;
  earlier: readonly string[];
  later: readonly string[];
  wait: string;
  givenFrom?: string;
  givenTo?: string;
};

/**
 * A time in which a dose waits because of something that is not a vaccine: `wait` after the day of the observation
 * (immunoglobulin), from `lead` before it (a due date), or, without `wait`, as long as the observation lasts (fever).
 */
export type DeferralSource = Known & {
  rule: string;
  observation: string;
  minValue?: number;
  wait?: string;
  lead?: string;
  products: readonly string[] | 'all';
};

/** What a product's label says: route, volume by age, licensed age, days on the market. Absent: not known, not checked. */
export type PackageSource = {
  /** Codes of v3-RouteOfAdministration; any of them is right. */
  routes?: readonly string[];
  /** The first row whose ages fit. */
  volumes?: readonly (SpanSource & { millilitres: number })[];
  licensed?: SpanSource;
  market?: SpanSource;
};

/** Both ends inclusive; an absent end is open. */
export type SpanSource = { from?: string; to?: string };

export type ScheduleSource = {
  id: string;
  version: string;
  /** Product code to class (inactivated, live-injected …). */
  products: Readonly<Record<string, string>>;
  /** What labels and packages of products say. */
  packages?: Readonly<Record<string, PackageSource>>;
  conflicts: readonly ConflictSource[];
  deferrals: readonly DeferralSource[];
  /** Products that are not for people with one of the observations, in series that also have others. */
  exclusions?: readonly { rule: string; observations: readonly string[]; products: readonly string[] }[];
  /** Cautions of every series. */
  cautions?: readonly CautionSource[];
  /** Observations that hold for everybody who lives in a municipality. */
  recognises?: readonly { rule: string; municipality: string; observation: string }[];
  /** Observation codes conditions may name (`code`, or `prefix:*`), with their meaning. Absent: any. */
  observations?: Readonly<Record<string, Text>>;
  /** General rules that the engine names itself. */
  general: {
    invalidDose: string;
    ageOutside: string;
    extraDose: string;
    duplicate: string;
    sameDay: string;
    vagueDate: string;
    flawedDose: string;
  };
  rules: Readonly<Record<string, RuleSource>>;
  series: readonly { file: string; source: SeriesSource }[];
};
