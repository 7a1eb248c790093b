// How a measure is spread among children of one sex and age: from L, M and S (Cole and Green, Stat Med 1992;11:1305-1319), or
// from percentiles that were published without them.

import { curveThrough } from './interpolate.ts';
import { sdScoreOf } from './normal.ts';
import { type Measure, REFERENCES, type ReferenceId, type Sex, type TableData } from './references.ts';

export type Distribution = {
  sdScore(value: number): number;
  /** The value with an SD score: its inverse. */
  valueAt(sdScore: number): number;
};

/** The lowest and the highest percentile that a reference publishes for itself; undefined where its LMS gives them all. */
export type PublishedRange = { low: number; high: number };

/** The spread at `x` (days; cm for weight-for-length); undefined outside the reference, or where it has no such table. */
export function distributionAt(
  reference: ReferenceId,
  measure: TableName,
  sex: Sex,
  x: number,
): Distribution | undefined {
  const table = tableOf(reference, measure);
  const first = table?.x[0];
  if (table === undefined || first === undefined || !(x >= first && x <= table.last)) return undefined;
  const columns = curvesOf(table, sex).map((curve) => curve(x));
  if (table.kind === 'percentiles') return byPercentiles(table.percentiles, columns);
  const [l = Number.NaN, m = Number.NaN, s = Number.NaN] = columns;
  return reference === 'who' && !SYMMETRIC.has(measure) ? beyondThree(byLms(l, m, s)) : byLms(l, m, s);
}

export type TableName = Measure | 'weight-for-height';

export function tableOf(reference: ReferenceId, measure: TableName): TableData | undefined {
  return REFERENCES[reference].measures[measure];
}

export function publishedRange(reference: ReferenceId, measure: TableName): PublishedRange | undefined {
  const table = tableOf(reference, measure);
  if (table?.kind !== 'percentiles') return undefined;
  return { low: table.percentiles[0] ?? 0, high: table.percentiles.at(-1) ?? 100 };
}

const kept = new WeakMap<TableData, Partial<Record<Sex, ((x: number) => number)[]>>>();

function curvesOf(table: TableData, sex: Sex): ((x: number) => number)[] {
  const known = kept.get(table) ?? {};
  kept.set(table, known);
  known[sex] ??= table[sex].map((column) => curveThrough(table.x, column));
  return known[sex];
}

/** z = ((y/M)^L - 1)/(L S) and its inverse, written so that an L close to 0 loses no digits. */
function byLms(l: number, m: number, s: number): Distribution {
  return {
    sdScore: (value) => {
      const log = Math.log(value / m);
      return l === 0 ? log / s : Math.expm1(l * log) / (l * s);
    },
    valueAt: (sdScore) => m * Math.exp(l === 0 ? s * sdScore : Math.log1p(l * s * sdScore) / l),
  };
}

/** WHO's own rule leaves these as they are: L is 1. */
const SYMMETRIC = new Set<TableName>(['height', 'head-circumference']);

/**
 * Beyond three SD the LMS of weights says too much of few children; the distance of the second from the third SD is carried on
 * instead. WHO Child Growth Standards: Methods and development (2006), chapter 7, "restricted application of the LMS method".
 */
function beyondThree(lms: Distribution): Distribution {
  const [low3, low2, high2, high3] = [lms.valueAt(-3), lms.valueAt(-2), lms.valueAt(2), lms.valueAt(3)];
  return {
    sdScore: (value) => {
      if (value > high3) return 3 + (value - high3) / (high3 - high2);
      if (value < low3) return -3 + (value - low3) / (low2 - low3);
      return lms.sdScore(value);
    },
    valueAt: (sdScore) => {
      if (sdScore > 3) return high3 + (sdScore - 3) * (high3 - high2);
      if (sdScore < -3) return low3 + (sdScore + 3) * (low2 - low3);
      return lms.valueAt(sdScore);
    },
  };
}

/** Straight between the SD scores of the published percentiles, and carried on straight outside them. */
function byPercentiles(percentiles: readonly number[], values: readonly number[]): Distribution {
  const scores = scoresOf(percentiles);
  return {
    sdScore: (value) => straight(values, scores, value),
    valueAt: (sdScore) => straight(scores, values, sdScore),
  };
}

const scoresKept = new WeakMap<readonly number[], number[]>();

function scoresOf(percentiles: readonly number[]): number[] {
  const known = scoresKept.get(percentiles) ?? percentiles.map(sdScoreOf);
  scoresKept.set(percentiles, known);
  return known;
}

function straight(from: readonly number[], to: readonly number[], at: number): number {
  const above = from.findIndex((one) => at <= one);
  const n = Math.max(1, above === -1 ? from.length - 1 : above);
  const [x0 = 0, x1 = 0, y0 = 0, y1 = 0] = [from[n - 1], from[n], to[n - 1], to[n]];
  return y0 + ((at - x0) * (y1 - y0)) / (x1 - x0);
}
