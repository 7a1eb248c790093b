// A CDSi schedule after loading, shared by all answers: durations parsed once, products and antigens as objects with a
// small number, each row with its place in the written form so that an answer can name it.
import type { Day } from '../days.ts';
import type { Duration } from '../duration.ts';
import type { Place } from '../types.ts';
import type { ObservationCodings } from './observation-codings.ts';

/** A duration of the data. `id` numbers equal durations of a schedule alike, so that an age is computed once a person. */
export type Length = Duration & { id: number; place: Place };

/** Rows with effective and cessation dates count between them, both inclusive (RELEVANT-1, -2). */
export type Force = { from: Day; to: Day };

export type Product = {
  index: number;
  cvx: string;
  /** Antigens of the product, each as far as the age at the dose allows. */
  associations: readonly Association[];
  /** Vaccine groups of these antigens, by their number. */
  vaccineGroups: readonly number[];
  /** Products after which this one waits, by their number. */
  impactedBy: ReadonlyMap<number, Conflict> | undefined;
  /** True when some product waits after this one. */
  isConflicting: boolean;
};

export type Association = { antigen: number; from: Length | undefined; to: Length | undefined };

export type Conflict = { begin: Length; minEnd: Length; end: Length; place: Place };

export type AgeRow = Force & {
  absMin: Length | undefined;
  min: Length | undefined;
  earliestRec: Length | undefined;
  latestRec: Length | undefined;
  max: Length | undefined;
};

/** What an interval is counted from. */
export type Reference =
  | { from: 'previous' }
  | { from: 'target'; number: number }
  | { from: 'products'; products: ReadonlySet<number> }
  | { from: 'observation'; code: string };

export type IntervalRow = Force & {
  reference: Reference;
  absMin: Length | undefined;
  min: Length | undefined;
  earliestRec: Length | undefined;
  latestRec: Length | undefined;
  /** Its dates go before those of the other antigens of the group (FORECASTPRIORITY-1). */
  isPriority: boolean;
  place: Place;
};

export type ProductRow = {
  product: Product;
  mvx: string | undefined;
  /** First word of the trade name, see `brandOf`. */
  brand: string | undefined;
  from: Length | undefined;
  to: Length | undefined;
  minMl: number | undefined;
  isForecast: boolean;
  place: Place;
};

export type SkipCondition =
  | { kind: 'age'; from: Length | undefined; to: Length | undefined }
  | { kind: 'interval'; length: Length }
  | { kind: 'completed'; groups: readonly string[] }
  | {
      kind: 'count';
      fromAge: Length | undefined;
      toAge: Length | undefined;
      from: Day;
      to: Day;
      validOnly: boolean;
      products: ReadonlySet<number> | undefined;
      compare: 'greater' | 'equal' | 'less';
      count: number;
    };

export type SkipSet = Force & { isAny: boolean; conditions: readonly SkipCondition[] };

export type Skip = {
  inEvaluation: boolean;
  inForecast: boolean;
  isAny: boolean;
  sets: readonly SkipSet[];
  place: Place;
};

export type Season = { from: Day | undefined; to: Day | undefined; place: Place };

export type SeriesDose = {
  number: number;
  ages: readonly AgeRow[];
  preferableIntervals: readonly IntervalRow[];
  allowableIntervals: readonly IntervalRow[];
  preferable: readonly ProductRow[];
  allowable: readonly ProductRow[];
  inadvertent: ReadonlySet<number> | undefined;
  skips: readonly Skip[];
  isRecurring: boolean;
  seasons: readonly Season[];
  place: Place;
};

export type Series = {
  name: string;
  antigen: number;
  vaccineGroup: number;
  type: 'standard' | 'risk' | 'evaluationOnly';
  /** With which answers it is blended; an evaluation-only series with those of its series group. */
  side: 'standard' | 'risk';
  /** Empty: for everybody. */
  genders: readonly string[];
  indications: readonly Indication[];
  groupId: string;
  groupName: string;
  equivalentGroups: readonly string[];
  priority: string;
  preference: number;
  isDefault: boolean;
  isProductPath: boolean;
  minAgeToStart: Length | undefined;
  maxAgeToStart: Length | undefined;
  guidance: readonly string[];
  doses: readonly SeriesDose[];
  /** Every preferable product of any of its doses. */
  preferable: readonly Product[];
  /** Some skip asks whether another series is complete. */
  asksForCompletion: boolean;
  place: Place;
};

export type Indication = {
  code: string;
  from: Length | undefined;
  to: Length | undefined;
  guidance: string | undefined;
  place: Place;
};

export type Contraindication = {
  code: string;
  from: Length | undefined;
  to: Length | undefined;
  guidance: string | undefined;
  /** Absent: the antigen as a whole. */
  products: readonly { product: Product; from: Length | undefined; to: Length | undefined }[] | undefined;
  place: Place;
};

export type Immunity = {
  observations: readonly { code: string; place: Place }[];
  births: readonly { before: Day; country: string | undefined; exclusions: readonly string[]; place: Place }[];
};

export type Antigen = {
  index: number;
  name: string;
  immunity: Immunity;
  contraindications: readonly Contraindication[];
  series: readonly Series[];
  /** Ids of its series groups, in the order of the data. */
  groupIds: readonly string[];
};

export type VaccineGroup = {
  index: number;
  name: string;
  /** True: given as a whole (MMR). False: each antigen on its own (DTaP/Tdap/Td). Absent: one antigen. */
  administerFull: boolean | undefined;
  antigens: readonly number[];
};

export type CdsiSchedule = {
  kind: 'cdsi';
  id: string;
  version: string;
  antigens: readonly Antigen[];
  vaccineGroups: readonly VaccineGroup[];
  /** By CVX code. */
  products: ReadonlyMap<string, Product>;
  /** Brands that some row asks for; other names of a product say nothing. */
  brands: ReadonlySet<string>;
  /** Codes of the observations the schedule knows. */
  observations: ReadonlySet<string>;
  /** What codes of other systems say of them. */
  codings: ObservationCodings;
  /** How many different durations there are. */
  lengths: number;
};
