// What each panel of a growth chart shows: whose curves, how far its axes go, and the child's marks on them.

import { distributionAt, type TableName, tableOf } from './distribution.ts';
import { sdScoreOf } from './normal.ts';
import type { Child, Point } from './points.ts';
import type { Measure, ReferenceId, Sex } from './references.ts';
import { percentileReferences } from './score.ts';
import { DAYS_PER_MONTH } from './words.ts';

/** In the units of the axes: days (cm for weight-for-length) across, the measure's unit upwards. */
export type Panel = {
  measure: Measure;
  reference: ReferenceId;
  x: Axis;
  y: Axis;
  /** From the lowest percentile to the highest. */
  curves: { percentile: number; at: { x: number; y: number }[] }[];
  marks: Mark[];
};

export type Axis = {
  from: number;
  to: number;
  ticks: { at: number; text: string }[];
  title: { ja: string; en: string };
};

/** `doubtful`: outside what may be true, drawn at the edge where it does not fit; `uncorrected`: where it is by age since birth. */
export type Mark = { x: number; y: number; kind: 'point' | 'doubtful' | 'uncorrected'; point: Point };

type Asked = {
  child: Child & { sex: Sex };
  points: readonly Point[];
  measures: readonly Measure[];
  reference: ReferenceId | undefined;
  ageDays: number;
};

const JAPANESE_CURVES = [3, 10, 25, 50, 75, 90, 97];
const WHO_CURVES = [3, 15, 50, 85, 97];

/** A panel for each measure that has both curves and points; weight and height where there is no point at all. */
export function panelsOf(asked: Asked): Panel[] {
  const shown = asked.measures.filter((measure) => asked.points.some((point) => isShown(point, measure)));
  const measures = shown.length > 0 ? shown : asked.measures.slice(0, 2);
  return measures.flatMap((measure) => panelOf(measure, asked) ?? []);
}

const isShown = ({ measure, value, ageDays }: Point, wanted: Measure): boolean =>
  measure === wanted && value !== undefined && ageDays !== undefined && ageDays >= 0;

function panelOf(measure: Measure, { child, points, reference: named, ageDays }: Asked): Panel | undefined {
  const own = points.filter((point) => isShown(point, measure));
  const oldest = Math.max(...own.map((point) => point.ageDays ?? 0), own.length === 0 ? ageDays : 0);
  const isForLength = measure === 'weight-for-length';
  const table: TableName = isForLength && oldest >= 731 ? 'weight-for-height' : measure;
  const reference = referenceFor(measure, isForLength ? 0 : oldest, named);
  const data = reference && tableOf(reference, table);
  const first = data?.x[0];
  if (reference === undefined || data === undefined || first === undefined) return undefined;
  const known = own.flatMap((point) => marksOf(point, isForLength));
  const x = isForLength ? lengthAxis(known, first, data.last) : ageAxis(oldest, data.last);
  const marks = known.filter((mark) => mark.x >= x.from && mark.x <= x.to);
  const to = Math.min(x.to, data.last);
  const from = Math.max(first, x.from);
  const places = Array.from({ length: STEPS + 1 }, (_, n) => {
    const at = from + ((to - from) * n) / STEPS;
    // Ages are whole days: between the last day lying and the first standing there is no curve.
    return isForLength ? at : Math.floor(at);
  });
  const percentiles = reference === 'who' ? WHO_CURVES : JAPANESE_CURVES;
  const spread = places.map((at) => ({ at, distribution: distributionAt(reference, table, child.sex, at) }));
  const curves = percentiles.map((percentile) => {
    const sdScore = sdScoreOf(percentile);
    return {
      percentile,
      at: spread.flatMap(({ at, distribution }) => (distribution ? [{ x: at, y: distribution.valueAt(sdScore) }] : [])),
    };
  });
  const heights = curves.flatMap(({ at }) => at.map((one) => one.y));
  const [low, high] = [Math.min(...heights), Math.max(...heights)];
  // What lies further off than the curves are wide would press them flat.
  const isNear = ({ y }: Mark) => y > low - (high - low) && y < high + (high - low);
  const drawn = marks.map((mark) => (isNear(mark) ? mark : { ...mark, kind: 'doubtful' as const }));
  const values = [low, high, ...drawn.filter(({ kind }) => kind !== 'doubtful').map((one) => one.y)];
  const y = valueAxis(Math.min(...values), Math.max(...values));
  return { measure, reference, x, y, curves, marks: drawn };
}

/** The last point that is not doubtful; undefined where there is none. */
export function latestOf(marks: readonly Mark[]): Point | undefined {
  return marks.findLast(({ kind }) => kind === 'point')?.point;
}

const STEPS = 120;

/** The first reference that reaches the child's age; the last of them where none does. */
function referenceFor(measure: Measure, days: number, named: ReferenceId | undefined): ReferenceId | undefined {
  const having = percentileReferences(measure, named).filter((one) => tableOf(one, measure) !== undefined);
  return having.find((one) => (tableOf(one, measure)?.last ?? 0) >= days) ?? having.at(-1);
}

function marksOf(point: Point, isForLength: boolean): Mark[] {
  const { value: y, ageDays, correctedAgeDays, heightCm } = point;
  const x = isForLength ? heightCm : (correctedAgeDays ?? ageDays);
  if (x === undefined || y === undefined || ageDays === undefined) return [];
  const kind = point.notes.includes('implausible') ? 'doubtful' : 'point';
  const before: Mark[] =
    isForLength || correctedAgeDays === undefined || kind === 'doubtful'
      ? []
      : [{ x: ageDays, y, kind: 'uncorrected', point }];
  return [...before, { x, y, kind, point }];
}

/** How far the axis goes and how far its ticks are apart, in months. */
const SPANS: [upTo: number, every: number][] = [
  [12, 1],
  [24, 3],
  [36, 6],
  [48, 6],
  [78, 12],
  [120, 12],
  [210, 24],
];

/** As far as the child's points need, and no further than the reference reaches. */
function ageAxis(oldestDays: number, lastDays: number): Axis {
  const months = oldestDays / DAYS_PER_MONTH;
  const [span, every] = SPANS.find(([upTo]) => upTo >= Math.min(months, lastDays / DAYS_PER_MONTH)) ?? [210, 24];
  const to = Math.min(span, Math.max(12, Math.ceil(lastDays / DAYS_PER_MONTH)));
  const isYears = every >= 12 || to > 24;
  const ticks = Array.from({ length: Math.floor(to / every) + 1 }, (_, n) => n * every).map((month) => ({
    at: month * DAYS_PER_MONTH,
    text: isYears ? String(month / 12) : String(month),
  }));
  const title = isYears ? { ja: '年齢（歳）', en: 'Age (years)' } : { ja: '月齢（か月）', en: 'Age (months)' };
  return { from: 0, to: to * DAYS_PER_MONTH, ticks, title };
}

function lengthAxis(marks: readonly Mark[], first: number, last: number): Axis {
  const heights = marks.map(({ x }) => x);
  const from = Math.max(first, Math.floor((Math.min(last, ...heights) - 5) / 5) * 5);
  const to = Math.min(last, Math.max(from + 30, Math.ceil((Math.max(first, ...heights) + 5) / 5) * 5));
  return { from, to, ticks: ticksIn(from, to), title: { ja: '身長（cm）', en: 'Length / height (cm)' } };
}

function valueAxis(low: number, high: number): Axis {
  const ticks = ticksIn(low, high);
  const step = (ticks[1]?.at ?? 1) - (ticks[0]?.at ?? 0);
  const from = Math.floor(low / step) * step;
  const to = Math.ceil(high / step) * step;
  return { from, to, ticks: ticksIn(from, to), title: { ja: '', en: '' } };
}

/** Five to nine round numbers. */
function ticksIn(from: number, to: number): Axis['ticks'] {
  const step = [0.5, 1, 2, 5, 10, 20, 50].find((one) => (to - from) / one <= 8) ?? 100;
  const first = Math.ceil(from / step - 1e-9) * step;
  const count = Math.floor((to - first) / step + 1e-9) + 1;
  return Array.from({ length: count }, (_, n) => ({ at: first + n * step, text: String(first + n * step) }));
}
