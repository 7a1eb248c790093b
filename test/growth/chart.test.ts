// The growth chart as a picture: well-formed, without anything that runs, told in words as well, and drawn to scale.
import { SaxesParser } from 'saxes';
import { describe, expect, test } from 'vitest';
import { type ChartOf, growthChart } from '../../server/growth/chart.ts';
import { growthPoints, type Measurement } from '../../server/growth/points.ts';
import { MEASURES, type Measure, type ReferenceId } from '../../server/growth/references.ts';

const BIRTH = 20_000;
const child = { birthDay: BIRTH, sex: 'female' as const, gestationDays: undefined as number | undefined };
const measured = (measure: Measurement['measure'], value: number, ageDays: number): Measurement => ({
  measure,
  value,
  day: BIRTH + ageDays,
  isPreliminary: false,
  source: `Observation/${measure}-${ageDays}`,
});

type Wishes = { measures?: readonly Measure[]; reference?: ReferenceId; gestationDays?: number; ageDays?: number };
function chart(list: Measurement[], { measures = MEASURES, reference, gestationDays, ageDays = 100 }: Wishes = {}) {
  const who = { ...child, gestationDays };
  const asked: ChartOf = {
    child: who,
    points: growthPoints(who, list, measures, reference),
    measures,
    reference,
    ageDays,
    dateOf: (day) => `day ${day - BIRTH}`,
    id: 'growth',
  };
  return growthChart(asked);
}

type Element = { name: string; attributes: Record<string, string>; text: string };
/** Throws where it is not well-formed. */
function elementsOf(svg: string): Element[] {
  const parser = new SaxesParser();
  const all: Element[] = [];
  const open: Element[] = [];
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes: attributes as Record<string, string>, text: '' };
    all.push(element);
    open.push(element);
  });
  parser.on('text', (text) => {
    for (const element of open) element.text += text;
  });
  parser.on('closetag', () => {
    open.pop();
  });
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(svg).close();
  return all;
}
const textsOf = (svg: string) => elementsOf(svg).flatMap(({ name, text }) => (name === 'text' ? [text] : []));
const circles = (svg: string, radius: string) =>
  elementsOf(svg).flatMap(({ name, attributes: { r, cx, cy } }) =>
    name === 'circle' && r === radius ? [{ x: Number(cx), y: Number(cy) }] : [],
  );

const baby = [measured('weight', 2.95, 0), measured('weight', 7, 183), measured('height', 65, 183)];

describe('the picture', () => {
  test('holds nothing that runs or is loaded, and no style', () => {
    const svg = chart(baby);
    const names = new Set(elementsOf(svg).map(({ name }) => name));
    expect([...names].sort()).toEqual(['circle', 'desc', 'g', 'line', 'path', 'rect', 'svg', 'text', 'title', 'tspan']);
    expect(svg).not.toMatch(/href|url\(|style=| on\w+=/);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('is named and described in both languages', () => {
    const [svg, title, desc] = elementsOf(chart(baby));
    expect(svg?.attributes).toMatchObject({ role: 'img', 'aria-labelledby': 'growth-title growth-desc' });
    expect(title?.text).toBe('成長曲線（女の子） Growth chart (girl)');
    expect(desc?.text).toContain(
      '体重：day 183（6か月）7 kg、34パーセンタイル（令和5年（2023年）乳幼児身体発育調査）。',
    );
    expect(desc?.text).toContain('Weight: 7 kg on day 183 at 6 mo, percentile 34 (Japan, national survey 2023).');
  });

  test('has a panel for each measure with a point, and weight and height where there is none', () => {
    const titles = (svg: string) =>
      textsOf(svg).flatMap((text) => /^(体重|身長|頭囲|BMI|身長に対する体重).*\(/.exec(text)?.[1] ?? []);
    expect(titles(chart([measured('head-circumference', 42, 200)]))).toEqual(['頭囲']);
    expect(titles(chart([]))).toEqual(['体重', '身長']);
    expect(titles(chart([], { measures: ['bmi'] }))).toEqual(['BMI']);
  });

  test('a point on the median lies on the median', () => {
    // Girls at birth, survey of 2023: 2.95 kg is the 50th percentile, whose curve is the thick one.
    const svg = chart([measured('weight', 2.95, 0)]);
    const median = elementsOf(svg).find(({ attributes }) => attributes['stroke-width'] === '2')?.attributes.d ?? '';
    const [, x, y] = /^M([\d.]+) ([\d.]+)/.exec(median) ?? [];
    expect(circles(svg, '3.8')).toEqual([{ x: Number(x), y: Number(y) }]);
  });

  test('the axis goes as far as the child needs, and no further than the reference', () => {
    const lastTick = (svg: string) => textsOf(svg).findLast((text) => /^[\d.]+$/.test(text));
    const axis = (days: number, wishes: Wishes = {}) => {
      const svg = chart([measured('weight', 10, days)], { measures: ['weight'], ...wishes });
      const title = textsOf(svg).find((text) => /Age/.test(text));
      const ticks = elementsOf(svg).flatMap(({ name, attributes, text }) =>
        name === 'text' && attributes['text-anchor'] === 'middle' && /^[\d.]+$/.test(text) ? [text] : [],
      );
      return [title?.match(/Age \((\w+)\)/)?.[1], ticks.at(-1)];
    };
    expect(lastTick(chart(baby))).toBeDefined();
    expect(axis(100)).toEqual(['months', '12']);
    expect(axis(400)).toEqual(['months', '24']);
    expect(axis(1000)).toEqual(['years', '3']);
    expect(axis(2300)).toEqual(['years', '6']);
    expect(axis(2600)).toEqual(['years', '10']);
    expect(axis(5000)).toEqual(['years', '16']);
    expect(axis(5000, { reference: 'who' })).toEqual(['years', '5']);
  });

  test("WHO's curve of two years ends with the last day on which children lie", () => {
    const svg = chart([measured('height', 80, 600)], { measures: ['height'], reference: 'who' });
    const median = elementsOf(svg).find(({ attributes }) => attributes['stroke-width'] === '2')?.attributes.d ?? '';
    const heights = [...median.matchAll(/ ([\d.]+)/g)].map(([, y]) => Number(y));
    expect(heights.slice(-3)).toEqual(heights.slice(-3).toSorted((a, b) => b - a));
  });

  test('a value that cannot be true stays inside the frame, as a question', () => {
    const svg = chart([measured('weight', 7, 183), measured('weight', 700, 190)], { measures: ['weight'] });
    const [doubtful] = circles(svg, '7');
    const [known] = circles(svg, '3.8');
    expect(doubtful?.y).toBeGreaterThan(100);
    expect(doubtful?.y).toBeLessThan(known?.y ?? 0);
    expect(textsOf(svg).some((text) => text.includes('記録を確かめてください'))).toBe(true);
  });

  test('of a child born preterm both ages are drawn, the corrected one to the left', () => {
    const svg = chart([measured('weight', 5, 156)], { gestationDays: 224 });
    const [corrected] = circles(svg, '3.8');
    const [since] = circles(svg, '2.6');
    expect(corrected?.x).toBeLessThan(since?.x ?? 0);
    expect(corrected?.y).toBe(since?.y);
    expect(textsOf(svg).some((text) => text.includes('在胎32週0日'))).toBe(true);
  });

  test.each<ReferenceId>(['jp-2023', 'jp-2000', 'who'])(
    'every measure can be drawn by %s, or is left out',
    (reference) => {
      for (const ageDays of [0, 30, 700, 900, 2000, 4000, 40_000]) {
        const list = (['weight', 'height', 'head-circumference', 'bmi'] as const).map((one) =>
          measured(one, 50, ageDays),
        );
        expect(chart(list, { reference, ageDays })).not.toMatch(/NaN|undefined|Infinity/);
        expect(chart([], { reference, ageDays })).not.toMatch(/NaN|undefined|Infinity/);
      }
    },
  );
});
