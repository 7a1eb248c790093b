// Where one measured value stands among children of the same sex and age: percentile and SD score, by the references asked for.
// Which is used when none is named: server/decisions/0018-growth-references.md.

import { TWO_YEARS_DAYS } from './age.ts';
import { distributionAt, publishedRange, type TableName } from './distribution.ts';
import { percentileOf } from './normal.ts';
import type { Measure, ReferenceId, Sex } from './references.ts';

export type Position = 'lying' | 'standing';

/** kg, cm or kg/m². `heightCm`: what BMI and weight-for-length were measured with. */
export type Value = { measure: Measure; value: number; position?: Position | undefined; heightCm?: number | undefined };

/** A percentile that its reference does not publish is only below or above the last one that it does. */
export type Percentile = { value: number; reference: ReferenceId; comparator?: '<' | '>' };
export type SdScore = { value: number; reference: ReferenceId };
export type Score = {
  percentile?: Percentile;
  sdScore?: SdScore;
  /** The value is outside what may be true (WHO's flags). */
  isImplausible: boolean;
  /** 0.7 cm were added or taken away, because the child was not measured as the reference's children were. */
  isMoved: boolean;
};

/** The percentile tells parents how common a value is today; the SD score is what doctors decide by. */
const PERCENTILE_BY: Record<Measure, readonly ReferenceId[]> = {
  weight: ['jp-2023', 'jp-2000'],
  height: ['jp-2023', 'jp-2000'],
  'head-circumference': ['jp-2023'],
  bmi: ['who'],
  'weight-for-length': ['who'],
};
const SD_SCORE_BY: Record<Measure, readonly ReferenceId[]> = {
  ...PERCENTILE_BY,
  weight: ['jp-2000'],
  height: ['jp-2000'],
};

/** The references for a measure, the first that has the age; only `asked` where one is. */
export const percentileReferences = (measure: Measure, asked?: ReferenceId) =>
  asked === undefined ? PERCENTILE_BY[measure] : [asked];
const sdScoreReferences = (measure: Measure, asked?: ReferenceId) =>
  asked === undefined ? SD_SCORE_BY[measure] : [asked];

/** Undefined where no reference has the measure at this age. */
export function scoreOf(value: Value, sex: Sex, ageDays: number, asked?: ReferenceId): Score | undefined {
  const percentile = firstOf(percentileReferences(value.measure, asked), value, sex, ageDays);
  const sdScore = firstOf(sdScoreReferences(value.measure, asked), value, sex, ageDays);
  if (percentile === undefined && sdScore === undefined) return undefined;
  const flagged = sdScore ?? percentile;
  const [low, high] = PLAUSIBLE[value.measure];
  return {
    ...(percentile && isSayable(percentile) && { percentile: percentileBy(percentile) }),
    ...(sdScore && isSayable(sdScore) && { sdScore: { value: sdScore.sdScore, reference: sdScore.reference } }),
    isImplausible: flagged !== undefined && !(flagged.sdScore >= low && flagged.sdScore <= high),
    isMoved: percentile?.isMoved === true || sdScore?.isMoved === true,
  };
}

/** So far out (a date taken for a weight) a number would say nothing, and may not even be finite. */
const isSayable = ({ sdScore }: Found): boolean => Math.abs(sdScore) < 100;

/** SD scores beyond these are more often a slip than a child. WHO Anthro, "flags"; of each indicator. */
const PLAUSIBLE: Record<Measure, readonly [low: number, high: number]> = {
  weight: [-6, 5],
  height: [-6, 6],
  'head-circumference': [-5, 5],
  bmi: [-5, 5],
  'weight-for-length': [-5, 5],
};

type Found = { reference: ReferenceId; table: TableName; sdScore: number; isMoved: boolean };

function firstOf(references: readonly ReferenceId[], value: Value, sex: Sex, ageDays: number): Found | undefined {
  for (const reference of references) {
    const found = byReference(reference, value, sex, ageDays);
    if (found !== undefined) return found;
  }
  return undefined;
}

function byReference(reference: ReferenceId, asked: Value, sex: Sex, ageDays: number): Found | undefined {
  const moved = reference === 'who' ? asExpected(asked, ageDays) : asked;
  const isForLength = asked.measure === 'weight-for-length';
  const table = isForLength && ageDays >= TWO_YEARS_DAYS ? 'weight-for-height' : asked.measure;
  const distribution = distributionAt(reference, table, sex, isForLength ? (moved.heightCm ?? Number.NaN) : ageDays);
  if (distribution === undefined) return undefined;
  return { reference, table, sdScore: distribution.sdScore(moved.value), isMoved: moved !== asked };
}

/** Lying, a child is 0.7 cm longer. WHO Child Growth Standards: Methods and development (2006), chapter 3. */
const LYING_LONGER_CM = 0.7;

/** WHO's children lay until two years of age and stood from then on; what was measured otherwise is moved. */
function asExpected(asked: Value, ageDays: number): Value {
  const { measure, value, position, heightCm } = asked;
  const expected = ageDays < TWO_YEARS_DAYS ? 'lying' : 'standing';
  if (position === undefined || position === expected) return asked;
  const by = expected === 'lying' ? LYING_LONGER_CM : -LYING_LONGER_CM;
  if (measure === 'height') return { ...asked, value: value + by };
  if (heightCm === undefined) return asked;
  const moved = heightCm + by;
  return { ...asked, heightCm: moved, ...(measure === 'bmi' && { value: value * (heightCm / moved) ** 2 }) };
}

function percentileBy({ reference, table, sdScore }: Found): Percentile {
  const value = percentileOf(sdScore);
  const range = publishedRange(reference, table);
  // What was read from a table of percentiles is on its last line within the digits of a double.
  if (range && value < range.low - 1e-9) return { value: range.low, reference, comparator: '<' };
  if (range && value > range.high + 1e-9) return { value: range.high, reference, comparator: '>' };
  return { value, reference };
}
