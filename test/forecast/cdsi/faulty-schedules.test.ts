// A spoilt schedule is refused by the loader with a place, or loaded and answered by: the engine never throws.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { forecastCdsi } from '../../../server/forecast/cdsi/forecast-cdsi.ts';
import { loadCdsi } from '../../../server/forecast/cdsi/load-cdsi.ts';
import { ScheduleError } from '../../../server/forecast/schedule-error.ts';
import type { ForecastInput } from '../../../server/forecast/types.ts';
import { inventedSchedule, textsOf, type Written } from './invented.ts';

const doses = (...given: [date: string, vaccine: string][]) =>
  given.map(([date, vaccine], i) => ({ id: `${i}`, date, vaccine }));

const people: ForecastInput[] = [
  { birthDate: '2024-02-29', assessmentDate: '2024-02-29', doses: [] },
  {
    birthDate: '2024-01-31',
    assessmentDate: '2026-06-01',
    sex: 'female',
    doses: doses(
      ['2025-01-31', '901'],
      ['2025-02-20', '910'],
      ['2025-03-31', '910'],
      ['2025-10-02', '920'],
      ['2026-05-01', '902'],
    ),
  },
  {
    birthDate: '2010-08-31',
    assessmentDate: '2026-06-01',
    sex: 'male',
    observations: [{ code: '001', date: '2020-02-29' }],
    doses: doses(
      ['2011-09-01', '901'],
      ['2020', '902'],
      ['2021-05', '902'],
      ['2021-05-05', '902'],
      ['2025-12-01', '920'],
    ),
  },
  {
    birthDate: '1949-01-01',
    assessmentDate: '2026-06-01',
    observations: [{ code: '003' }, { code: '002', date: '2000-01-01' }],
    doses: doses(['1950-01-01', '911'], ['1950-01-01', '911'], ['1948-01-01', '901'], ['2030-01-01', '920']),
  },
];

type Spot = { holder: Record<string, unknown>; key: string };

/** Every value inside, with what holds it. */
function spotsIn(value: unknown): Spot[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...spotsIn(holder[key])]);
}

const spotsOf = ({ schedule, antigens }: Written): Spot[] =>
  [schedule, ...antigens.map(({ content }) => content)].flatMap(spotsIn);

type Spoil = (spot: Spot, value: unknown) => void;

const put =
  (other: unknown): Spoil =>
  ({ holder, key }) => {
    holder[key] = other;
  };

const spoils: Record<string, Spoil> = {
  drop: ({ holder, key }) => {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  },
  'another type': ({ holder, key }, value) => {
    holder[key] = typeof value === 'string' ? [value] : typeof value === 'number' ? `${value}` : 1;
  },
  null: put(null),
  'an empty list': put([]),
  'an empty text': put(''),
  'an unknown name': put('nobody'),
  'another product': put('920'),
  'another duration': put('7 years - 4 days'),
  'a negative duration': put('- 40 years'),
  'a garbled duration': ({ holder, key }, value) => {
    holder[key] = `${String(value)} s`;
  },
  'an early date': put('0001-01-01'),
  'another number': put(2),
  'a huge number': put(1e9),
  'the other answer': ({ holder, key }, value) => {
    holder[key] = value !== true;
  },
  twice: ({ holder, key }, value) => {
    if (Array.isArray(holder)) holder.splice(Number(key), 0, structuredClone(value));
    else holder[`${key}2`] = value;
  },
  'the last first': ({ holder }) => {
    if (Array.isArray(holder)) holder.reverse();
  },
};

const spoiling = fc.array(fc.record({ how: fc.constantFrom(...Object.keys(spoils)), where: fc.nat() }), {
  minLength: 1,
  maxLength: 3,
});

function spoilt(changes: readonly { how: string; where: number }[]): Written {
  const written = inventedSchedule();
  for (const { how, where } of changes) {
    const spots = spotsOf(written);
    const spot = spots[where % spots.length];
    if (spot !== undefined) spoils[how]?.(spot, spot.holder[spot.key]);
  }
  return written;
}

/** How many recommendations the people got; undefined when the schedule was refused. */
function answers(written: Written): number | undefined {
  let loaded: ReturnType<typeof loadCdsi>;
  try {
    loaded = loadCdsi('spoilt', 'spoilt', textsOf(written));
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    expect(error.faults.length).toBeGreaterThan(0);
    for (const { file, fault } of error.faults) expect([file, fault].every((part) => part !== '')).toBe(true);
    return undefined;
  }
  return people.reduce((sum, person) => sum + forecastCdsi(person, loaded.schedule).recommendations.length, 0);
}

describe('a spoilt schedule', () => {
  test('is refused with a place, or answers without an exception', () => {
    const seen = { refused: 0, answered: 0 };
    fc.assert(
      fc.property(spoiling, (changes) => {
        if (answers(spoilt(changes)) === undefined) seen.refused += 1;
        else seen.answered += 1;
      }),
      { numRuns: 500 },
    );
    // Both happen, or the test says nothing.
    expect(Math.min(seen.refused, seen.answered)).toBeGreaterThan(5);
  });

  test('each way to spoil each value on its own', () => {
    const count = spotsOf(inventedSchedule()).length;
    for (const how of Object.keys(spoils))
      for (let where = 0; where < count; where += 1) answers(spoilt([{ how, where }]));
  });
});
