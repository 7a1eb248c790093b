// The picture of a plan: well formed, everything of the plan in it, readable without colours and by a screen reader.
import { describe, expect, test } from 'vitest';
import { vaccineName } from '../../profiles/vaccine.ts';
import { addMonths, parseDay } from '../../server/forecast/days.ts';
import { makePlan } from '../../server/forecast/plan/make-plan.ts';
import { planPicture } from '../../server/forecast/plan/picture.ts';
import { monthsOfAge, timeScale } from '../../server/forecast/plan/time-scale.ts';
import { dayWords } from '../../server/forecast/plan/words.ts';
import { japaneseSchedule } from '../../server/forecast/schedules/jp/index.ts';
import type { ForecastInput } from '../../server/forecast/types.ts';
import { doses } from './child.ts';

const schedule = japaneseSchedule();
const day = (text: string) => parseDay(text) ?? Number.NaN;
const drawn = (more: Partial<ForecastInput>) => {
  const input: ForecastInput = {
    birthDate: '2026-01-10',
    assessmentDate: '2026-05-20',
    sex: 'female',
    doses: [],
    ...more,
  };
  const plan = makePlan(input, schedule, { open: [], avoid: [], pins: [] });
  return { plan, svg: planPicture({ input, plan, schedule, nameOf: vaccineName, id: 'p' }) };
};

/** Names of elements that are not closed in order; empty when all are. */
function unbalanced(svg: string): string[] {
  const open: string[] = [];
  for (const [, slash, name = '', , empty] of svg.matchAll(/<(\/?)([a-z]+)((?:"[^"]*"|[^">])*?)(\/?)>/g)) {
    if (slash === '/') {
      if (open.pop() !== name) return [name];
    } else if (empty !== '/') open.push(name);
  }
  return open;
}

const people: [string, Partial<ForecastInput>][] = [
  ['a newborn', { assessmentDate: '2026-01-10' }],
  ['an infant with doses', { doses: doses('2026-03-10 PCV20', '2026-03-15 PCV20', '2026-03-10 RV1') }],
  ['a child who is late', { birthDate: '2022-05-05', doses: doses('2023-05-10 MR') }],
  ['a child with a dose of an unknown day', { birthDate: '2022-05-05', doses: doses('2023-05 MR', '2022 BCG') }],
  ['an adult', { birthDate: '1986-05-05' }],
  ['a grandparent', { birthDate: '1956-05-05' }],
];

describe('the picture', () => {
  test.each(people)('of %s is well formed, and no mark lies outside it', (_, more) => {
    const { svg } = drawn(more);
    expect(unbalanced(svg)).toEqual([]);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    const [, width = '', height = ''] = /viewBox="0 0 (\d+) ([\d.]+)"/.exec(svg) ?? [];
    for (const [, x] of svg.matchAll(/ (?:x|cx|x1|x2)="([^"]+)"/g))
      expect(Number(x)).toBeLessThanOrEqual(Number(width));
    for (const [, y] of svg.matchAll(/ (?:y|cy|y1|y2)="([^"]+)"/g))
      expect(Number(y)).toBeLessThanOrEqual(Number(height));
  });

  test('names every visit with its day in both languages, and every dose in words', () => {
    const { plan, svg } = drawn({});
    for (const visit of plan.visits) {
      expect(svg).toContain(dayWords(visit.day).ja);
      expect(svg).toContain(dayWords(visit.day).en);
      for (const { label, vaccine } of visit.doses) expect(svg).toContain(`予定 ${label} ${vaccineName(vaccine).ja}`);
    }
  });

  test('tells a screen reader what it is and when the next visit is', () => {
    const { plan, svg } = drawn({});
    expect(svg).toMatch(/role="img" aria-labelledby="p-title p-desc"/);
    const [, desc] = /<desc id="p-desc">([^<]+)</.exec(svg) ?? [];
    expect(desc).toContain(dayWords(plan.visits[0]?.day ?? 0).ja);
    expect(desc).toContain(`${plan.visits.length} visits to come`);
  });

  test('shows what counts, what does not, what is planned and what is too late in different shapes', () => {
    const { svg } = drawn({
      birthDate: '2022-05-05',
      assessmentDate: '2026-11-23',
      doses: doses('2022-07-10 HepB', '2022-07-20 HepB'),
    });
    expect(svg).toMatch(/接種済み[^<]*<\/title><circle/);
    expect(svg).toMatch(/数えていない接種[^<]*<\/title><rect/);
    expect(svg).toMatch(/予定[^<]*<\/title><path/);
    expect(svg).toContain('対象の期間を過ぎています');
  });

  test('uses no styles and nothing from elsewhere, so that a strict content policy shows it alike', () => {
    const { svg } = drawn({});
    expect(svg).not.toMatch(/<style|style=|href|<script|url\(/);
  });

  test('writes names as text, whatever is in them', () => {
    const input: ForecastInput = { birthDate: '2026-01-10', assessmentDate: '2026-01-10', doses: [] };
    const plan = makePlan(input, schedule, { open: [], avoid: [], pins: [] });
    const svg = planPicture({ input, plan, schedule, nameOf: () => ({ ja: '<b>&"', en: '</svg>' }), id: 'p' });
    expect(svg).toContain('&lt;b&gt;&amp;&quot;');
    expect(svg.match(/<\/svg>/g)).toHaveLength(1);
  });
});

describe('colours', () => {
  const luminance = (hex: string) => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5]
      .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
      .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };

  test('of text stand out from white by 4.5 to 1', () => {
    const { svg } = drawn({ birthDate: '2022-05-05', assessmentDate: '2026-11-23' });
    const ofText = [...svg.matchAll(/<(?:text|tspan)[^>]*fill="(#[0-9a-f]{6})"/g)].map(([, color = '']) => color);
    for (const color of new Set(ofText.filter((one) => one !== '#ffffff')))
      expect(1.05 / (luminance(color) + 0.05), color).toBeGreaterThan(4.5);
    expect(new Set(ofText).size).toBeGreaterThan(3);
  });
});

describe('the axis', () => {
  test.each([
    ['2026-01-10', '2026-01-10', '2042-01-10'],
    ['2016-02-29', '2026-11-23', '2030-01-01'],
    ['1956-05-05', '2026-11-23', '2027-03-31'],
    ['2026-11-23', '2026-11-23', '2026-11-23'],
  ])('born %s, seen on %s up to %s, runs from left to right without a step back', (birth, today, to) => {
    const scale = timeScale(day(birth), day(today), day(to), 100, 800);
    let before = -1;
    for (let at = day(birth); at <= day(to); at += 13) {
      expect(scale.x(at)).toBeGreaterThanOrEqual(before);
      before = scale.x(at);
    }
    expect(before).toBeLessThanOrEqual(800);
    const places = scale.ticks.map(({ x }) => x);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  test('a year is full on the day before the birthday, as the law counts', () => {
    expect(monthsOfAge(day('2026-01-10'), day('2027-01-08'))).toBe(11);
    expect(monthsOfAge(day('2026-01-10'), day('2027-01-09'))).toBe(12);
    expect(addMonths(day('2026-01-10'), 12)).toBe(day('2027-01-10'));
  });
});
