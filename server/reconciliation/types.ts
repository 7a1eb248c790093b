// The words of reconciliation: what a record says of an event, the rules of a kind of event, and the events that come out.
// Several sources tell of one dose, one dispensing, one check-up; each record is kept, and the event is what they have in common.

import type { DayRange } from '../forecast/days.ts';

/** What one record says of one event. `Facts` are what the records of its kind are compared by. */
export type Said<Facts> = {
  /** `Immunization/7`. */
  reference: string;
  /** Who says it; of one source two records are two events. See `sourceOf`. */
  source: string;
  /** The business identifier that its sender finds it again by, as `system|value`. */
  identifier: string | undefined;
  /** It says what was done, and on which day: others can count by it. */
  isExact: boolean;
  /** How near the source was to the event, 0 the nearest. */
  distance: number;
  /** How much of what a person asks for it holds. */
  completeness: number;
  /** When it was recorded, a FHIR dateTime; '' when it does not say. */
  recorded: string;
  /** The days it can mean; undefined when it names none. */
  days: DayRange | undefined;
  facts: Facts;
};

/** How two records compare in one respect, in a word of that respect (`same`, `typo`, `other`, `missing` …). */
export type Compare<Facts> = (one: Said<Facts>, other: Said<Facts>) => string;

/** Thresholds and weights: data, so that they can be read, argued about and measured. */
export type Rules = {
  /** From this score on two records are one event. */
  same: number;
  /** From this score on they are, where nothing else comes into question for either. */
  alone: number;
  /** From this score on two records that are not one event are shown to a person. */
  possible: number;
  /** Of two ways to link a record to different things, the better must be better by this much. */
  margin: number;
  /** Records further apart are not compared. */
  nearDays: number;
  /** By respect and word. `never`: they are two events, whatever else agrees. */
  weights: Readonly<Record<string, Readonly<Record<string, number | 'never'>>>>;
  /** Words of a respect that a person is to see although the records are one event. */
  conflicts: Readonly<Record<string, readonly string[]>>;
  /** Words of a respect by which it is not sure what a record is about: it may be linked with several things of a day. */
  unsure: Readonly<Record<string, readonly string[]>>;
};

/** A kind of event: how its records are compared, and by which rules. */
export type Kind<Facts> = { compare: Readonly<Record<string, Compare<Facts>>>; rules: Rules };

/** One respect of a score. */
export type Reason = { respect: string; word: string; weight: number };

/** Two records that may be one event, the one whose reference sorts first before the other. */
export type ScoredPair<Facts> = { one: Said<Facts>; other: Said<Facts>; score: number };

/** Two records and how they compare; `score` is the sum of the reasons. */
export type Pair = {
  one: string;
  other: string;
  score: number;
  /** The word of each respect. */
  words: Readonly<Record<string, string>>;
  reasons: readonly Reason[];
};

/** What a person has said of two records; the references in either order. */
export type Decision = { one: string; other: string; verdict: 'same' | 'different' };

export type Event = {
  /** The record that stands for the event. */
  shown: string;
  /** All records of the event, the shown one first and the others by the same order. */
  members: readonly string[];
  /** What holds it together: a pair for each two members that could be compared. */
  pairs: readonly Pair[];
  /** What its members disagree in, for a person to see. */
  conflicts: readonly Conflict[];
  /** Records of other events that may be of this one; a person decides. */
  possible: readonly Pair[];
};

export type Conflict = { respect: string; word: string; one: string; other: string };
