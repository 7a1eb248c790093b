// A child in one line and the planner's answer in one line, so that the tables of this folder read like the fact sheet.
import { expect, test } from 'vitest';
import { formatDay, parseDay } from '../../../server/forecast/days.ts';
import { forecast } from '../../../server/forecast/forecast.ts';
import { japaneseSchedule } from '../../../server/forecast/schedules/jp/index.ts';
import type { ForecastInput, ForecastResult, Observation } from '../../../server/forecast/types.ts';

/**
 * Reads `2025-05-20 girl, 2025-07-20 PCV20, keloid, fever@2026-01-02~2026-01-05, birth-weight=1800`: birth, sex, then doses
 * (a date and a product) and observations (a code, with its dates and value). Doses after `day` are not history yet.
 */
export function person(line: string, day: string): ForecastInput {
  const [who = '', ...facts] = line.split(', ');
  const [birthDate = '', sex] = who.split(' ');
  return {
    birthDate,
    ...(sex === undefined ? {} : { sex: sex === 'girl' || sex === 'woman' ? 'female' : 'male' }),
    assessmentDate: day,
    doses: facts.filter(isDose).map((fact, i) => {
      const [date = '', vaccine = ''] = fact.split(' ');
      return { id: `d${i + 1}`, date, vaccine };
    }),
    observations: facts.filter((fact) => !isDose(fact)).map(observation),
  };
}

/** The forecast of one series in one line; `rulesOf` asks with the rules as known on another day. */
export function next(line: string, day: string, series: string, rulesOf?: string): string {
  const result = forecast(person(line, day), japaneseSchedule(), rulesOf === undefined ? {} : { rulesOf });
  const one = result.recommendations.find((answer) => answer.series === series);
  if (one === undefined) return 'silent';
  const parts = [
    one.status === 'notComplete' ? '' : one.status,
    one.reason === undefined ? '' : `(${one.reason})`,
    one.label ?? '',
    one.earliest === undefined ? '' : `${one.earliest}..${one.latest ?? ''}`,
    one.earliest === undefined && one.latest !== undefined ? `until ${one.latest}` : '',
    one.recommended === undefined ? '' : `best ${one.recommended}..${one.standardEnd ?? ''}`,
    one.product ?? '',
    one.dosesRequired === undefined ? '' : `of ${one.dosesRequired}`,
    one.canFinish === false && one.earliest !== undefined ? 'cannot finish' : '',
    one.extension ?? '',
    one.isOverdue ? 'overdue' : '',
    one.needsClinician ? 'ask' : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** What each dose was worth to one series, as of `day`, which is that of the last dose unless it is given. */
export function worth(line: string, series: string, day?: string): string {
  const last = line.split(', ').filter(isDose).at(-1)?.slice(0, 10);
  return verdicts(forecast(person(line, day ?? last ?? ''), japaneseSchedule()), series);
}

/** A dose of `vaccine` the day before, on the first, on the last day of a period, and the day after. */
export function around(line: string, series: string, vaccine: string, first: string, last: string): string[] {
  return [daysFrom(first, -1), first, last, daysFrom(last, 1)].map((date) => {
    const { evaluations } = forecast(person(`${line}, ${date} ${vaccine}`, date), japaneseSchedule());
    const one = evaluations.findLast((evaluation) => evaluation.series === series && evaluation.date === date);
    return one === undefined ? 'none' : one.status;
  });
}

export function daysFrom(date: string, count: number): string {
  return formatDay((parseDay(date) ?? Number.NaN) + count);
}

function verdicts({ evaluations }: ForecastResult, series: string): string {
  return evaluations
    .filter((one) => one.series === series)
    .map((one) => {
      const number = one.doseNumber === undefined ? one.status : `${one.doseNumber}`;
      const words = [
        ...one.reasons,
        ...one.warnings,
        ...(one.status === 'valid' && !one.isStatutory ? ['private'] : []),
      ];
      return words.length === 0 ? number : `${number} (${words.join(' ')})`;
    })
    .join(', ');
}

function isDose(fact: string): boolean {
  return /^\d{4}(-\d\d){0,2} /.test(fact);
}

function observation(fact: string): Observation {
  const [, code = '', date, until, value] = /^([^@=]+)(?:@([\d-]+)(?:~([\d-]+))?)?(?:=(\d+))?$/.exec(fact) ?? [];
  return {
    code,
    ...(date === undefined ? {} : { date }),
    ...(until === undefined ? {} : { until }),
    ...(value === undefined ? {} : { value: Number(value) }),
  };
}

/** The rows of a table written as lines of cells between bars; lines that begin with `#` are headings. */
export function rows(table: string): string[][] {
  return table
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
}

/** Tests of a table: what is due next (`person | day | series | answer | rules of`). */
export function testForecasts(table: string): void {
  test.each(rows(table))('%s: on %s, %s is due: %s', (line = '', day = '', series = '', answer = '', rulesOf) => {
    expect(next(line, day, series, rulesOf)).toBe(answer);
  });
}

/** Tests of a table: what the doses were worth (`person | series | each dose | day`). */
export function testDoses(table: string): void {
  test.each(rows(table))('%s: doses for %s are worth %s', (line = '', series = '', verdict = '', day) => {
    expect(worth(line, series, day)).toBe(verdict === 'nothing' ? '' : verdict);
  });
}

/** Tests of a table: first and last legal day, tried with a dose (`person | series | vaccine | first | last | the day after`). */
export function testPeriods(table: string): void {
  test.each(rows(table))(
    '%s: %s with %s is legal from %s to %s',
    (line = '', series = '', vaccine = '', first = '', last = '', dayAfter = 'notValid') => {
      const [before, onFirst, onLast, after] = around(line, series, vaccine, first, last);
      expect([before === 'valid', onFirst, onLast, after]).toEqual([false, 'valid', 'valid', dayAfter]);
    },
  );
}
