// A schedule after loading: texts turned into functions and numbers, rules looked up, ready to be shared by all answers.

import type { Day } from '../days.ts';
import type { Duration } from '../duration.ts';
import type { Rule, Text } from '../rule.ts';
import type { Bound } from './bound.ts';
import type { Condition } from './condition.ts';
import type { Package } from './package.ts';
import type { ClosureSource, Programme } from './schedule.ts';

export type Window = {
  rule: Rule;
  from: readonly Bound[];
  to: readonly Bound[];
  givenFrom: Day | undefined;
  givenTo: Day | undefined;
  creditedBefore: Rule | undefined;
  creditedAsRoutine: boolean;
  when: Condition | undefined;
  extension: string | undefined;
  labelSuffix: string;
};

export type Interval = {
  rule: Rule;
  after: 'previous' | 'last' | number;
  min: Duration;
  max: Duration | undefined;
  exception: { min: Duration; warning: string } | undefined;
  use: 'forecast' | 'evaluation' | undefined;
  products: ReadonlySet<string> | undefined;
  when: Condition | undefined;
};

export type Standard = {
  rule: Rule;
  from: Bound | undefined;
  to: Bound | undefined;
  after: 'previous' | number;
  fromInterval: Duration | undefined;
  toInterval: Duration | undefined;
  when: Condition | undefined;
};

export type SeriesDose = {
  number: number;
  label: string;
  windows: readonly Window[];
  from: readonly { rule: Rule; bound: Bound }[];
  intervals: readonly Interval[];
  standard: readonly Standard[];
  skip: readonly { rule: Rule; when: Condition; dosesRequired: number | undefined }[];
  lapses: Rule | undefined;
  advisedAgainst: { rule: Rule; from: Bound; reason: string; warning: string } | undefined;
};

export type Path = {
  id: string;
  band: string | undefined;
  rule: Rule;
  startFrom: Bound | undefined;
  startTo: Bound | undefined;
  products: ReadonlySet<string> | undefined;
  productLock: Rule | undefined;
  when: Condition | undefined;
  doses: readonly SeriesDose[];
};

export type Series = {
  key: string;
  name: Text;
  programme: Programme;
  /** Undefined for a series that is not routine. */
  category: 'A' | 'B' | undefined;
  targetDisease: { code: string; display: string } | undefined;
  products: ReadonlySet<string>;
  weeksOf: 'pregnancy' | undefined;
  recordsFrom: Bound | undefined;
  recordsTo: Bound | undefined;
  combinations: readonly { rule: Rule; parts: readonly string[]; givenFrom: Day | undefined }[];
  productDates: readonly { rule: Rule; products: ReadonlySet<string>; from: Day | undefined; to: Day | undefined }[];
  continues: string | undefined;
  cautions: readonly { rule: Rule; when: Condition }[];
  coverage: readonly {
    rule: Rule;
    municipality: string;
    from: readonly Bound[];
    to: readonly Bound[];
    givenFrom: Day | undefined;
    givenTo: Day | undefined;
    doses: readonly number[] | undefined;
    when: Condition | undefined;
  }[];
  /** `next` holds the products of the later phases. */
  phase: { of: string; number: number; next: ReadonlySet<string> } | undefined;
  toleratedExtra: { rule: Rule; products: ReadonlySet<string>; when: Condition | undefined } | undefined;
  closures: readonly {
    rule: Rule;
    status: ClosureSource['status'];
    reason: string;
    when: Condition;
    silent: boolean;
    review: boolean;
  }[];
  requires: { rule: Rule; series: string; interval: Duration; when: Condition | undefined } | undefined;
  prefer: readonly { rule: Rule; product: string; when: Condition | undefined }[];
  followUps: readonly { rule: Rule; code: string; from: Bound; to: Bound }[];
  paths: readonly Path[];
};

export type Conflict = {
  rule: Rule;
  earlier: ReadonlySet<string>;
  later: ReadonlySet<string>;
  wait: Duration;
  givenFrom: Day | undefined;
  givenTo: Day | undefined;
};

export type Deferral = {
  rule: Rule;
  observation: string;
  minValue: number;
  /** Undefined: as long as the observation lasts. */
  wait: Duration | undefined;
  lead: Duration;
  products: ReadonlySet<string>;
};

export type Schedule = {
  id: string;
  version: string;
  /** Product code to class. */
  classes: ReadonlyMap<string, string>;
  packages: ReadonlyMap<string, Package>;
  conflicts: readonly Conflict[];
  deferrals: readonly Deferral[];
  exclusions: readonly { rule: Rule; observations: readonly string[]; products: ReadonlySet<string> }[];
  cautions: readonly { rule: Rule; when: Condition }[];
  /** Observations of the residents of a municipality, by its code. */
  recognises: ReadonlyMap<string, readonly string[]>;
  general: {
    invalidDose: Rule;
    ageOutside: Rule;
    extraDose: Rule;
    duplicate: Rule;
    sameDay: Rule;
    vagueDate: Rule;
    flawedDose: Rule;
  };
  rules: ReadonlyMap<string, Rule>;
  /** In forecasting order: a series after the one it requires, a phase after the earlier phase. */
  series: readonly Series[];
  /** The schedule as it was known on a day. */
  knownOn: (day: Day) => Schedule;
};
