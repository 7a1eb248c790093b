// Invented children for a schedule without cases: every product of it, alone and again, at many ages, with each observation,
// born on days that calendars stumble over. Deterministic.
import type { CdsiSchedule } from '../server/forecast/cdsi/compiled.ts';
import { forecastCdsi } from '../server/forecast/cdsi/forecast-cdsi.ts';
import { formatDay, parseDay } from '../server/forecast/days.ts';
import type { ForecastInput } from '../server/forecast/types.ts';

const births = ['2024-02-29', '2023-12-31', '2019-08-31', '2010-04-01', '1956-01-30'];
const asOf = ['2024-02-29', '2026-03-01', '2040-12-31'];
const firstAgesDays = [0, 42, 274, 1500, 5000];
const gapsDays = [0, 27, 180];
const doseCount = 4;

/** The inputs. */
export function inventedGrid(schedule: CdsiSchedule): ForecastInput[] {
  const products = [...schedule.products.keys()];
  const observations = [...schedule.observations];
  const people = births.flatMap((birthDate) =>
    asOf.map((assessmentDate) => ({ birthDate, assessmentDate, sex: birthDate < '2020' ? 'female' : 'male' }) as const),
  );
  return people.flatMap((person, n) => [
    ...[undefined, ...observations].map((code) => ({
      ...person,
      doses: [],
      observations: code === undefined ? [] : [{ code, date: '2024-01-31' }],
    })),
    ...products.flatMap((vaccine, p) =>
      firstAgesDays.map((ageDays, a) => ({
        ...person,
        doses: dosesOf(
          vaccine,
          products[(p + a + n) % products.length] ?? vaccine,
          person.birthDate,
          ageDays,
          gapsDays[(p + n) % 3] ?? 0,
        ),
        observations: [{ code: observations[(p + a) % observations.length] ?? '' }],
      })),
    ),
  ]);
}

/** The first child that is not answered as it should, in words; undefined when all are. */
export function firstUnanswered(inputs: readonly ForecastInput[], schedule: CdsiSchedule): string | undefined {
  for (const input of inputs) {
    const child = JSON.stringify(input);
    try {
      const { recommendations, evaluations } = forecastCdsi(input, schedule);
      if (recommendations.length === 0) return `no answer: ${child}`;
      for (const { series, earliest = '', recommended = earliest, standardEnd = recommended } of recommendations)
        if (earliest > recommended || earliest > standardEnd) return `${series}: dates out of order: ${child}`;
      if (evaluations.some(({ status }) => status === undefined)) return `a dose without status: ${child}`;
    } catch (error) {
      return `${error instanceof Error ? error.message : error}: ${child}`;
    }
  }
  return undefined;
}

/** The first dose of one product, then in turn with another. */
function dosesOf(vaccine: string, other: string, birthDate: string, ageDays: number, gapDays: number) {
  const birth = parseDay(birthDate) ?? 0;
  return Array.from({ length: doseCount }, (_, i) => ({
    id: `${i}`,
    date: formatDay(birth + ageDays + i * gapDays),
    vaccine: i % 2 === 0 ? vaccine : other,
  }));
}
