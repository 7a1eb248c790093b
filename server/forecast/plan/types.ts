// What a family wishes of a plan, and the plan: visits with the doses of each, and what cannot be planned with its reason.
import type { Day } from '../days.ts';
import type { Because, Evaluation, ForecastInput, ForecastResult, GivenDose, Recommendation } from '../types.ts';
import type { Span, Weekday } from './calendar.ts';

export type Wishes = {
  /** Last day planned for. */
  until?: Day;
  /** Injections in one visit; what is swallowed or sprayed into the nose is none. */
  maxPerVisit?: number;
  /** Weekdays on which the clinic is open; empty: every day. */
  open: readonly Weekday[];
  avoid: readonly Span[];
  pins: readonly Pin[];
};

/** This vaccine on this day. `doseNumber` tells doses of one vaccine apart where the day alone does not. */
export type Pin = { vaccine: string; day: Day; doseNumber?: number };

/** A dose that is planned, and never stored. Days are those of the forecast that asked for it. */
export type PlannedDose = {
  series: string;
  vaccine: string;
  doseNumber: number;
  label: string;
  isInjection: boolean;
  /** First legal day after the doses before it. */
  earliest: Day;
  /** First day of the standard period, or the first legal one after it. */
  recommended: Day;
  standardEnd: Day | undefined;
  latest: Day | undefined;
  coverageEnd: Day | undefined;
  isPinned: boolean;
  /** Later than the standard period; the plan could not avoid it. */
  isLate: boolean;
  needsClinician: boolean;
  because: readonly Because[];
};

/** Why a visit stands on a day that the wishes rule out, or holds more than they allow: only a pin does that. */
export type VisitNote = 'pinnedOnClosedDay' | 'pinsAboveMaximum';

export type Visit = {
  day: Day;
  doses: readonly PlannedDose[];
  /** Days to which the visit may move and every dose of it stays in time; `to` is infinite where nothing ends it. */
  window: Span;
  notes: readonly VisitNote[];
};

export type UnplannedReason =
  /** Past its last legal day, contraindicated, advised against: as the forecast says. */
  | 'agedOut'
  | 'contraindicated'
  | 'notRecommended'
  /** No open day before the last legal one. */
  | 'noOpenDay'
  | 'afterUntil'
  /** The engine found no valid day for it among the other doses, or the plan reached its longest length. */
  | 'noValidDay';

export type Unplanned = {
  series: string;
  reason: UnplannedReason;
  recommendation: Recommendation;
};

/** A pin that the schedule does not allow, with the judgement that says so. */
export type RefusedPin = { pin: Pin; evaluation: Evaluation | undefined };

export type Plan = {
  visits: readonly Visit[];
  unplanned: readonly Unplanned[];
  /** With any of these there is no plan: a pin is kept or refused, never bent. */
  refusedPins: readonly RefusedPin[];
  /** The forecast of the assessment date. */
  forecast: ForecastResult;
  /** Runs of the engine, and whether they sufficed to compare every sequence within the look-ahead. */
  search: { runs: number; isBounded: boolean };
};

/** The engine with its schedule: what is known of a person, and doses that are only thought of, to a forecast. */
export type Engine = {
  input: ForecastInput;
  /** `ended`: series that need no answer any more. */
  run(asOf: Day, hypothetical: readonly GivenDose[], ended?: ReadonlySet<string>): ForecastResult;
};
