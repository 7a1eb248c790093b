// For a person who has died nothing is due: no date, no reminder, no plan; what was given stays judged.
import { expect, test } from 'vitest';
import { forecast } from '../../server/forecast/forecast.ts';
import { japaneseSchedule } from '../../server/forecast/schedules/jp/index.ts';
import { person } from './jp/ask.ts';

const alive = person('2025-05-20, 2025-07-20 PCV20', '2026-03-01');
const before = forecast(alive, japaneseSchedule());
const after = forecast({ ...alive, isDeceased: true }, japaneseSchedule());

test('every open series is closed with the reason, without dates and without a question', () => {
  const open = before.recommendations.filter(({ status }) => status === 'notComplete');
  expect(open.some(({ isOverdue }) => isOverdue)).toBe(true);
  for (const { series } of open) {
    const one = after.recommendations.find((answer) => answer.series === series);
    expect(one).toEqual({
      series,
      status: 'notRecommended',
      reason: 'deceased',
      isOverdue: false,
      followUps: [],
      because: [expect.objectContaining({ sets: 'status' })],
      needsClinician: false,
    });
  }
});

test('what is closed for another reason, and what was given, stays as it is', () => {
  expect(after.evaluations).toEqual(before.evaluations);
  const closed = before.recommendations.filter(({ status }) => status !== 'notComplete');
  expect(closed.length).toBeGreaterThan(0);
  for (const one of closed) expect(after.recommendations).toContainEqual(one);
  expect(after.changesOn).toBeUndefined();
});
