// Invented children for the planner's tests: a forecast by series, and a small repeatable source of numbers.
import { formatDay, parseDay } from '../../server/forecast/days.ts';
import { forecast } from '../../server/forecast/forecast.ts';
import { japaneseSchedule } from '../../server/forecast/schedules/jp/index.ts';
import type { ForecastInput, ForecastResult } from '../../server/forecast/types.ts';

/** `2026-09-19 RV1` lines to doses, named by their place. */
export function doses(...lines: string[]): ForecastInput['doses'] {
  return lines.map((line, i) => {
    const [date = '', vaccine = ''] = line.split(' ');
    return { id: `d${i + 1}`, date, vaccine };
  });
}

export function plan(input: ForecastInput): ForecastResult {
  return forecast(input, japaneseSchedule());
}

export function answerFor(result: ForecastResult, series: string) {
  const answer = result.recommendations.find((one) => one.series === series);
  if (answer === undefined) throw new Error(`no answer for ${series}`);
  return answer;
}

export function evaluationsFor(result: ForecastResult, series: string) {
  return result.evaluations.filter((one) => one.series === series);
}

export function daysAfter(date: string, count: number): string {
  return formatDay((parseDay(date) ?? 0) + count);
}

/** Birthdays at the edges of months, leap years and fiscal years. */
export const EDGE_BIRTHS = [
  '2024-02-29',
  '2025-12-31',
  '2025-12-29',
  '2026-01-31',
  '2025-08-31',
  '2025-04-01',
  '2025-04-02',
  '2025-03-31',
  '2025-05-20',
];

/** Whole numbers below `limit`, the same row for the same seed. */
export function numbers(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
