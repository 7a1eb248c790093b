// Which rules an answer rests on: rows that set the same day as another, or a product that would be used anyway, show only
// in the explanation.
import { describe, expect, test } from 'vitest';
import { parseDay } from '../../../server/forecast/days.ts';
import { forecast } from '../../../server/forecast/forecast.ts';
import { japaneseSchedule } from '../../../server/forecast/schedules/jp/index.ts';
import { person, rows } from './ask.ts';

describe('the rules an answer names', () => {
  test.each(
    rows(`
      2026-05-20, 2026-07-20 RV1 | 2026-07-21 | ROTA | product | X4
      2026-05-20, 2026-07-20 RV5 | 2026-07-21 | ROTA | product | X4
      2025-05-20                 | 2025-06-01 | PCV  | product | PCV-6
      2025-05-20, 2026-10-10 LAIV | 2026-10-11 | FLU | product | FLU-2
      2025-05-20, 2026-10-10 IIV | 2026-10-11 | FLU  | product | FLU-1
      2025-05-20                 | 2025-06-01 | PCV  | path    | PCV-2
      2025-05-20                 | 2025-06-01 | PCV  | latest  | PCV-1
      2025-05-20                 | 2025-06-01 | PCV  | standardEnd | PCV-1
      2025-05-20                 | 2025-06-01 | PCV  | recommended | PCV-1
      2025-05-20, 2025-07-20 PCV20 | 2025-08-01 | PCV | recommended |
      2025-05-20, 2028-06-01 JE  | 2028-06-02 | JE1  | recommended | T8
      2025-05-20, 2028-06-01 JE  | 2028-06-02 | JE1  | standardEnd | T8
      2025-05-20, 2025-07-20 PCV20, 2026-05-20 PCV20 | 2026-05-21 | PCV | dropped | PCV-3
      2022-05-20, 2022-07-20 Hib | 2023-05-20 | HIB  | dropped | HIB-3
      2025-05-20, 2026-05-10 VAR | 2026-05-20 | MR1  | earliest | MR-1 X1
      2025-05-20, immunoglobulin@2026-05-01=100 | 2026-05-20 | MR1 | earliest | MR-1 X8
      2025-05-20, fever@2026-05-18 | 2026-05-18 | MR1 | earliest | MR-1
      2025-05-20, fever@2026-05-20 | 2026-05-20 | MR1 | earliest | MR-1 X9-ill
      2025-05-20, heart-disease  | 2026-05-20 | MR1  | review  | X9-caution
      2025-05-20                 | 2026-05-20 | MR1  | review  |
      2009-10-01, 2019-06-01 JE, 2019-06-08 JE, 2019-12-08 JE | 2019-12-09 | JE2 | earliest | JE-4 JE-5
      2023-04-01, flag:mrShortageRecognised | 2025-04-01 | MR1 | status | MR-3
      2026-05-20                 | 2026-09-02 | ROTA | status  | ROTA-3
    `),
  )('%s: on %s, %s, %s: %s', (line = '', day = '', series = '', sets = '', rules = '') => {
    const { recommendations } = forecast(person(line, day), japaneseSchedule());
    const because = recommendations.find((one) => one.series === series)?.because ?? [];
    const named = because.filter((one) => one.sets === sets).map(({ rule }) => rule.id);
    expect([...new Set(named)].sort().join(' ')).toBe(rules);
  });

  test('the day another series sets is named with its rule', () => {
    const line = '2009-10-01, 2019-06-01 JE, 2019-06-08 JE, 2019-12-08 JE';
    const { recommendations } = forecast(person(line, '2019-12-09'), japaneseSchedule());
    const because = recommendations.find((one) => one.series === 'JE2')?.because ?? [];
    const waits = because.filter(({ rule, sets }) => rule.id === 'JE-5' && sets === 'earliest');
    expect(waits.map(({ day }) => day)).toEqual([parseDay('2019-12-15')]);
  });

  test('a caution is named once', () => {
    const { recommendations } = forecast(person('2025-05-20, heart-disease', '2026-05-20'), japaneseSchedule());
    const because = recommendations.find((one) => one.series === 'MR1')?.because ?? [];
    expect(because.filter(({ sets }) => sets === 'review')).toHaveLength(1);
  });

  test.each(
    rows(`
      2019-06-20, 2020-08-01 VAR, 2020-08-20 MR | MR1 | vaccineConflict | X2
      2019-09-20, 2020-10-01 VAR, 2020-10-20 MR | MR1 | vaccineConflict | X1
      2019-05-20, 2020-06-01 PCV13, 2020-06-07 MR | MR1 | vaccineConflict | X2
      2019-05-20, 2020-06-01 PCV13, 2020-06-08 MR | MR1 | vaccineConflict |
      2025-05-20, 2026-05-18 MR                 | MR1 | ageTooYoung | MR-1
      2025-05-20, 2026-05-18 MR                 | MR1 | review      | E1
      2025-05-20, 2026-05-19 MR                 | MR1 | review      |
      2025-05-20, 2026-05-19 MR                 | MR1 | valid       | MR-1
      2025-05-20, 2025-07-20 PCV20, 2025-08-16 PCV20 | PCV | intervalTooSoon | PCV-3
      2025-05-20, 2025-07-20 PCV20, 2025-08-17 PCV20 | PCV | valid  | PCV-3
      2023-05-20, 2026-05-20 VAR                | VAR | ageTooOld   | VAR-1
      2023-05-20, 2026-05-20 VAR                | VAR | review      | E1 E3
      2023-05-20, 2026-05-19 VAR                | VAR | review      |
      2016-04-10, 2016-09-30 HepB               | HEPB | valid      | HEPB-1 X5
      2016-04-10, 2016-10-01 HepB               | HEPB | valid      | HEPB-1
      2025-05-20, 2025-08-01 PCV20, 2025-08-01 PCV15 | PCV | review | E4-product
    `),
  )('%s: the last dose for %s, %s: %s', (line = '', series = '', sets = '', rules = '') => {
    const day = line.split(', ').at(-1)?.slice(0, 10) ?? '';
    const { evaluations } = forecast(person(line, day), japaneseSchedule());
    const because = evaluations.findLast((one) => one.series === series)?.because ?? [];
    const named = because.filter((one) => one.sets === sets).map(({ rule }) => rule.id);
    expect([...new Set(named)].sort().join(' ')).toBe(rules);
  });
});
