// One panel of a growth chart on a page: the band between the outer percentiles, the curves, the axes and the child's marks, which
// differ in shape as well as in colour.

import type { Language } from '../fhir/outcome.ts';
import type { Panel } from '../growth/chart-scale.ts';
import { REFERENCE_WORDS } from '../growth/words.ts';
import { LEFT, RIGHT, type Sheet, SOFT, type Style } from './sheet.ts';

export const PANEL_HEIGHT = 208;
const PLOT = { left: LEFT + 26, right: RIGHT - 24, above: 4, height: 170 };
const GRID = '#dde2e6';
const BAND = '#d8ecea';
const INNER = '#b6dcd8';
const CURVE = '#3f8f88';
const CHILD = '#a3154a';
const SMALL: Style = { size: 7, color: SOFT };

type At = { x: number; y: number };

export function drawPanel(sheet: Sheet, panel: Panel, top: number, language: Language): void {
  const { document } = sheet;
  const { x, y, curves, marks } = panel;
  const upper = top + PLOT.above;
  const lower = upper + PLOT.height;
  const place = (at: At): At => ({
    x: PLOT.left + ((at.x - x.from) / (x.to - x.from)) * (PLOT.right - PLOT.left),
    y: lower - ((at.y - y.from) / (y.to - y.from)) * PLOT.height,
  });
  document.save();
  document.rect(PLOT.left, upper, PLOT.right - PLOT.left, PLOT.height).clip();
  band(sheet, curves, 0, place, BAND);
  band(sheet, curves, curves.length > 5 ? 2 : 1, place, INNER);
  for (const { at } of y.ticks)
    sheet.line(PLOT.left, place({ x: 0, y: at }).y, PLOT.right, place({ x: 0, y: at }).y, GRID);
  for (const { at } of x.ticks) sheet.line(place({ x: at, y: 0 }).x, upper, place({ x: at, y: 0 }).x, lower, GRID);
  for (const { percentile, at } of curves) {
    trace(sheet, at.map(place));
    document
      .lineWidth(percentile === 50 ? 1.3 : 0.6)
      .strokeColor(CURVE)
      .stroke();
  }
  const joined = marks.filter(({ kind }) => kind === 'point').toSorted((a, b) => a.x - b.x);
  if (joined.length > 1) {
    trace(sheet, joined.map(place));
    document.lineWidth(0.8).strokeColor(CHILD).stroke();
  }
  document.restore();
  document
    .rect(PLOT.left, upper, PLOT.right - PLOT.left, PLOT.height)
    .lineWidth(0.6)
    .strokeColor(SOFT)
    .stroke();
  for (const mark of marks) {
    const { x: cx, y: cy } = place(mark);
    const within = Math.min(lower - 4, Math.max(upper + 4, cy));
    if (mark.kind === 'doubtful') sheet.put('?', cx - 2, within - 5, { size: 8, weight: 'bold', color: CHILD });
    else if (mark.kind === 'uncorrected') document.circle(cx, within, 1.8).lineWidth(0.7).strokeColor(CHILD).stroke();
    else document.circle(cx, within, 1.9).fillColor(CHILD).fill();
  }
  labels(sheet, panel, place, lower);
  const by = REFERENCE_WORDS[panel.reference][language];
  sheet.put(by, PLOT.left, lower + 15, SMALL);
  const title = x.title[language];
  sheet.put(title, PLOT.right - sheet.widthOf(title, SMALL), lower + 15, SMALL);
}

function labels(sheet: Sheet, { x, y, curves }: Panel, place: (at: At) => At, lower: number): void {
  for (const { at, text } of y.ticks) {
    sheet.put(text, PLOT.left - 4 - sheet.widthOf(text, SMALL), place({ x: 0, y: at }).y - 5, SMALL);
  }
  for (const { at, text } of x.ticks) {
    sheet.put(text, place({ x: at, y: 0 }).x - sheet.widthOf(text, SMALL) / 2, lower + 3, SMALL);
  }
  const placed: number[] = [];
  const outwards = curves.toSorted((a, b) => rank(a.percentile) - rank(b.percentile));
  for (const { percentile, at } of outwards) {
    const end = at.at(-1);
    if (end === undefined) continue;
    const to = place(end);
    if (placed.some((other) => Math.abs(other - to.y) < 7)) continue;
    placed.push(to.y);
    sheet.put(String(percentile), Math.min(to.x, PLOT.right) + 3, to.y - 5, { size: 6.5, color: '#2b655f' });
  }
}

/** The middle first, then from the outside inwards. */
const rank = (percentile: number): number => (percentile === 50 ? 0 : 51 - Math.abs(percentile - 50));

/** The area between the nth curve from below and the nth from above. */
function band(sheet: Sheet, curves: Panel['curves'], n: number, place: (at: At) => At, color: string): void {
  const low = (curves[n]?.at ?? []).map(place);
  const high = (curves[curves.length - 1 - n]?.at ?? []).map(place);
  if (low.length === 0 || high.length === 0) return;
  trace(sheet, [...low, ...high.toReversed()]);
  sheet.document.closePath().fillColor(color).fill();
}

function trace({ document }: Sheet, at: readonly At[]): void {
  for (const [n, { x, y }] of at.entries()) {
    if (n === 0) document.moveTo(x, y);
    else document.lineTo(x, y);
  }
}
