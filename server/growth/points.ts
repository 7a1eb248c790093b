// What was measured of a child -> the points of a growth chart, each with its percentile and SD score and what is to be known
// about it. BMI and weight-for-length are made of a weight and a height of the same day.

import { correctedAgeDays } from './age.ts';
import type { Measure, ReferenceId, Sex } from './references.ts';
import { type Position, type Score, scoreOf, type Value } from './score.ts';

/** In the order of their time. */
export type Measurement = {
  measure: Exclude<Measure, 'weight-for-length'>;
  /** kg, cm or kg/m²; undefined where the record's value cannot be read as one. */
  value: number | undefined;
  /** Day numbers; the day undefined where the record does not say it. */
  day: number | undefined;
  position?: Position | undefined;
  isPreliminary: boolean;
  /** `Observation/1`. */
  source: string;
};

export type Child = { birthDay: number; sex: Sex | undefined; gestationDays: number | undefined };

/** Codes of CodeSystem growth-note. */
export type Note =
  | 'before-birth'
  | 'before-term'
  | 'beyond-published'
  | 'computed'
  | 'implausible'
  | 'no-day'
  | 'outside-reference'
  | 'position-adjusted'
  | 'preliminary'
  | 'unreadable';

export type Point = {
  measure: Measure;
  value: number | undefined;
  /** Of weight-for-length. */
  heightCm?: number;
  day: number | undefined;
  ageDays: number | undefined;
  /** Where the child was born preterm and is under two; the score is then by this age. */
  correctedAgeDays?: number;
  score?: Omit<Score, 'isImplausible' | 'isMoved'>;
  /** Beside a score by corrected age: the one by the age since birth. */
  uncorrected?: Omit<Score, 'isImplausible' | 'isMoved'>;
  notes: Note[];
  sources: string[];
};

/** Points of the measures asked for, by measure and day. Without a known sex nothing is scored. */
export function growthPoints(
  child: Child,
  measured: readonly Measurement[],
  measures: readonly Measure[],
  asked?: ReferenceId,
): Point[] {
  const all: Taken[] = [...measured.map(taken), ...together(measured, child.birthDay)];
  return measures.flatMap((measure) =>
    all
      .filter((one) => one.measure === measure)
      .toSorted((a, b) => (a.day ?? Number.POSITIVE_INFINITY) - (b.day ?? Number.POSITIVE_INFINITY) || 0)
      .map((one) => point(child, one, asked)),
  );
}

type Taken = Omit<Value, 'value'> & {
  value: number | undefined;
  day: number | undefined;
  notes: Note[];
  sources: string[];
};

const taken = ({ measure, value, day, position, isPreliminary, source }: Measurement): Taken => ({
  measure,
  value,
  day,
  position,
  notes: isPreliminary ? ['preliminary'] : [],
  sources: [source],
});

/** WHO has it for children up to five years; the table knows no age. */
const WEIGHT_FOR_LENGTH_DAYS = 1826;

/** Of each day with a weight and a height, the last of both; a BMI that the record has itself is not made again. */
function together(measured: readonly Measurement[], birthDay: number): Taken[] {
  const last = (measure: Measure) =>
    new Map(
      measured.flatMap((one) =>
        one.measure === measure && one.value !== undefined && one.value > 0 && one.day !== undefined
          ? [[one.day, one]]
          : [],
      ),
    );
  const [weights, heights, recorded] = [last('weight'), last('height'), last('bmi')];
  return [...weights].flatMap(([day, weight]): Taken[] => {
    const height = heights.get(day);
    if (height?.value === undefined || weight.value === undefined) return [];
    const both = {
      day,
      position: height.position,
      heightCm: height.value,
      notes: weight.isPreliminary || height.isPreliminary ? ['preliminary' as const] : [],
      sources: [weight.source, height.source],
    };
    const bmi = (weight.value * 10_000) / height.value ** 2;
    return [
      ...(recorded.has(day) || !Number.isFinite(bmi)
        ? []
        : [{ ...both, measure: 'bmi' as const, value: bmi, notes: ['computed' as const, ...both.notes] }]),
      ...(day - birthDay > WEIGHT_FOR_LENGTH_DAYS
        ? []
        : [{ ...both, measure: 'weight-for-length' as const, value: weight.value }]),
    ];
  });
}

function point({ birthDay, sex, gestationDays }: Child, one: Taken, asked: ReferenceId | undefined): Point {
  const { measure, value, day, heightCm, sources } = one;
  const ageDays = day === undefined ? undefined : day - birthDay;
  const corrected =
    ageDays === undefined || ageDays < 0 || measure === 'weight-for-length'
      ? undefined
      : correctedAgeDays(ageDays, gestationDays);
  const known: Point = {
    measure,
    value,
    ...(measure === 'weight-for-length' && heightCm !== undefined && { heightCm }),
    day,
    ageDays,
    ...(corrected !== undefined && { correctedAgeDays: corrected }),
    notes: one.notes,
    sources,
  };
  const why = whyNot(known);
  if (why !== undefined) return { ...known, notes: [...known.notes, why] };
  if (sex === undefined || value === undefined || ageDays === undefined) return known;
  const score = scoreOf({ ...one, value }, sex, corrected ?? ageDays, asked);
  if (score === undefined) return { ...known, notes: [...known.notes, 'outside-reference'] };
  const uncorrected = corrected === undefined ? undefined : scoreOf({ ...one, value }, sex, ageDays, asked);
  const notes: Note[] = [
    ...known.notes,
    ...(score.isImplausible ? ['implausible' as const] : []),
    ...(score.isMoved ? ['position-adjusted' as const] : []),
    ...(score.percentile?.comparator ? ['beyond-published' as const] : []),
  ];
  return { ...known, score: bare(score), ...(uncorrected && { uncorrected: bare(uncorrected) }), notes };
}

const bare = ({ percentile, sdScore }: Score) => ({ ...(percentile && { percentile }), ...(sdScore && { sdScore }) });

/** Why a value has no score, whatever the reference. */
function whyNot({ value, ageDays, correctedAgeDays: corrected }: Point): Note | undefined {
  if (value === undefined) return 'unreadable';
  if (ageDays === undefined) return 'no-day';
  if (ageDays < 0) return 'before-birth';
  if (!(value > 0)) return 'implausible';
  return corrected !== undefined && corrected < 0 ? 'before-term' : undefined;
}
