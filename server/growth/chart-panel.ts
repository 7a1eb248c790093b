// One panel of a growth chart as SVG: the axes, the band between the outer percentiles, the curves and the child's marks, which
// differ in shape as well as in colour.

import { latestOf, type Mark, type Panel } from './chart-scale.ts';
import { ageWords, MEASURE_WORDS, percentileWords, REFERENCE_WORDS, valueWords } from './words.ts';

export const WIDTH = 400;
export const INK = '#1b1b1b';
export const SOFT = '#55606b';
const LEFT = 38;
const RIGHT = WIDTH - 34;
const PLOT = 236;
const HEAD = 60;
const GRID = '#dde2e6';
const BAND = '#d8ecea';
const INNER = '#b6dcd8';
const CURVE = '#3f8f88';
const CHILD = '#a3154a';

/** A panel whose top is at `y`. */
export function panelSvg(panel: Panel, y: number, dateOf: (day: number) => string): { svg: string; height: number } {
  const { measure, reference } = panel;
  const { ja, en, unit } = MEASURE_WORDS[measure];
  const by = REFERENCE_WORDS[reference];
  const plot = plotOf(panel, y + HEAD);
  const bottom = y + HEAD + PLOT;
  const svg = [
    `<text x="16" y="${y + 16}" font-size="15" font-weight="bold">${ja} <tspan font-size="12" font-weight="normal" fill="${SOFT}">${en} (${unit})</tspan></text>`,
    latestLine(panel, y + 34, dateOf),
    `<text x="16" y="${y + 50}" font-size="10.5" fill="${SOFT}">${by.ja}・${by.en}</text>`,
    ground(panel, plot),
    ...panel.curves.map((curve) => curveSvg(curve, plot)),
    ...percentileLabels(panel, plot),
    axisTitle(panel, bottom + 31),
    marksSvg(panel, plot, dateOf),
  ].join('\n');
  return { svg, height: HEAD + PLOT + 38 };
}

type Plot = { x(value: number): number; y(value: number): number; top: number };

function plotOf({ x, y }: Panel, top: number): Plot {
  return {
    x: (value) => LEFT + ((value - x.from) / (x.to - x.from)) * (RIGHT - LEFT),
    y: (value) => top + PLOT - ((value - y.from) / (y.to - y.from)) * PLOT,
    top,
  };
}

function ground({ x, y, curves }: Panel, plot: Plot): string {
  const bottom = plot.top + PLOT;
  const across = y.ticks.map(
    ({ at, text }) =>
      `<line x1="${LEFT}" y1="${px(plot.y(at))}" x2="${RIGHT}" y2="${px(plot.y(at))}" stroke="${GRID}"/>` +
      `<text x="${LEFT - 6}" y="${px(plot.y(at) + 4)}" font-size="11" text-anchor="end">${text}</text>`,
  );
  const upwards = x.ticks.map(
    ({ at, text }) =>
      `<line x1="${px(plot.x(at))}" y1="${plot.top}" x2="${px(plot.x(at))}" y2="${bottom}" stroke="${GRID}"/>` +
      `<text x="${px(plot.x(at))}" y="${bottom + 15}" font-size="11" text-anchor="middle">${text}</text>`,
  );
  const [outer, inner] = [between(curves, 0, plot), between(curves, curves.length > 5 ? 2 : 1, plot)];
  return [
    `<path d="${outer}" fill="${BAND}"/><path d="${inner}" fill="${INNER}"/>`,
    ...across,
    ...upwards,
    `<rect x="${LEFT}" y="${plot.top}" width="${RIGHT - LEFT}" height="${PLOT}" fill="none" stroke="${SOFT}"/>`,
  ].join('');
}

/** The outline between the nth curve from below and the nth from above. */
function between(curves: Panel['curves'], n: number, plot: Plot): string {
  const low = curves[n]?.at ?? [];
  const high = curves[curves.length - 1 - n]?.at ?? [];
  return `${line(low, plot)}L${line(high.toReversed(), plot).slice(1)}Z`;
}

function curveSvg({ percentile, at }: Panel['curves'][number], plot: Plot): string {
  const width = percentile === 50 ? 2 : 0.9;
  return `<path d="${line(at, plot)}" fill="none" stroke="${CURVE}" stroke-width="${width}"/>`;
}

const line = (at: readonly { x: number; y: number }[], plot: Plot): string =>
  at.map(({ x, y }, n) => `${n === 0 ? 'M' : 'L'}${px(plot.x(x))} ${px(plot.y(y))}`).join('');

/** The percentile at the right end of each curve, the middle and the outer ones first where there is no room for all. */
function percentileLabels({ curves }: Panel, plot: Plot): string[] {
  const placed: number[] = [];
  const outwards = curves.toSorted((a, b) => rank(a.percentile) - rank(b.percentile));
  return outwards.map(({ percentile, at }) => {
    const end = at.at(-1);
    const y = plot.y(end?.y ?? 0) + 3.5;
    if (end === undefined || placed.some((other) => Math.abs(other - y) < 9.5)) return '';
    placed.push(y);
    const weight = percentile === 50 ? ' font-weight="bold"' : '';
    return `<text x="${px(plot.x(end.x) + 4)}" y="${px(y)}" font-size="10"${weight} fill="#2b655f">${percentile}</text>`;
  });
}

/** The middle first, then from the outside inwards. */
const rank = (percentile: number): number => (percentile === 50 ? 0 : 51 - Math.abs(percentile - 50));

/** The last value in words, for who does not read curves. */
function latestLine({ measure, marks }: Panel, y: number, dateOf: (day: number) => string): string {
  const last = latestOf(marks);
  if (last?.value === undefined || last.day === undefined)
    return `<text x="16" y="${y}" font-size="12.5">この範囲の記録はありません <tspan font-size="10.5" fill="${SOFT}">No entries in this range</tspan></text>`;
  const percentile = last.score?.percentile;
  const at = percentile && percentileWords(percentile);
  return (
    `<text x="16" y="${y}" font-size="12.5"><tspan fill="${CHILD}" font-weight="bold">${valueWords(measure, last.value)}</tspan>` +
    `　${dateOf(last.day)}${at ? `　${at.ja} <tspan font-size="10.5" fill="${SOFT}">${at.en}</tspan>` : ''}</text>`
  );
}

function axisTitle({ x }: Panel, y: number): string {
  return `<text x="${(LEFT + RIGHT) / 2}" y="${y}" font-size="11" text-anchor="middle">${x.title.ja} <tspan fill="${SOFT}">${x.title.en}</tspan></text>`;
}

/** The points joined by a line. One that does not fit stands at the edge. */
function marksSvg(panel: Panel, plot: Plot, dateOf: (day: number) => string): string {
  const joined = panel.marks.filter(({ kind }) => kind === 'point').toSorted((a, b) => a.x - b.x);
  const way = panel.measure === 'weight-for-length' ? '' : line(joined, plot);
  const drawn = panel.marks.map((mark) => {
    const cx = px(plot.x(mark.x));
    const cy = px(Math.min(plot.top + PLOT - 8, Math.max(plot.top + 8, plot.y(mark.y))));
    return `<g><title>${titleOf(panel, mark, dateOf)}</title>${shape(mark, cx, cy)}</g>`;
  });
  return [way && `<path d="${way}" fill="none" stroke="${CHILD}" stroke-width="1.6"/>`, ...drawn].join('');
}

function shape({ kind }: Mark, x: string, y: string): string {
  if (kind === 'uncorrected')
    return `<circle cx="${x}" cy="${y}" r="2.6" fill="#ffffff" stroke="${CHILD}" stroke-opacity="0.65"/>`;
  if (kind === 'doubtful')
    return (
      `<circle cx="${x}" cy="${y}" r="7" fill="#ffffff" stroke="${CHILD}" stroke-dasharray="2 2"/>` +
      `<text x="${x}" y="${px(Number(y) + 4)}" font-size="11" font-weight="bold" text-anchor="middle" fill="${CHILD}">？</text>`
    );
  return `<circle cx="${x}" cy="${y}" r="3.8" fill="${CHILD}" stroke="#ffffff" stroke-width="1.2"/>`;
}

function titleOf({ measure }: Panel, { point, kind }: Mark, dateOf: (day: number) => string): string {
  const { day, value = 0, ageDays = 0, correctedAgeDays } = point;
  const age = ageWords(ageDays);
  const corrected = kind === 'point' && correctedAgeDays !== undefined ? ageWords(correctedAgeDays) : undefined;
  const ja = corrected ? `${age.ja}・修正${corrected.ja}` : age.ja;
  const en = corrected ? `${age.en}, corrected ${corrected.en}` : age.en;
  return `${day === undefined ? '' : dateOf(day)} ${valueWords(measure, value)}（${ja}） ${en}`;
}

const px = (value: number): string => String(Math.round(value * 10) / 10);
