// What labels and packages say against the fact sheet (products of sections 5 to 8, check 8 and 9 of section 12): licensed
// ages, days on the market, volumes by age and routes, asked of the check before the needle.
import { describe, expect, test } from 'vitest';
import { checkDose } from '../../../server/forecast/check/check-dose.ts';
import type { IntendedDose } from '../../../server/forecast/check/types.ts';
import { japaneseSchedule } from '../../../server/forecast/schedules/jp/index.ts';
import { daysFrom, person, rows } from './ask.ts';

function codes(line: string, day: string, intended: IntendedDose): string[] {
  return checkDose(person(line, day), intended, japaneseSchedule()).reasons.map(({ code }) => code);
}

/** Which of the four days around a period have the reason: the day before, the first, the last, the day after. */
function around(line: string, vaccine: string, first: string, last: string, reason: string): string {
  const days = [first && daysFrom(first, -1), first, last, last && daysFrom(last, 1)];
  return days.map((day) => (day === '' ? '.' : codes(line, day, { vaccine }).includes(reason) ? 'x' : 'o')).join('');
}

describe('licensed ages', () => {
  test.each(
    rows(`
      RV1        | 2026-05-20 | 2026-07-01 | 2026-11-04
      RV5        | 2026-05-20 | 2026-07-01 | 2026-12-30
      HPV4       | 2015-05-20 | 2024-05-19 |
      HPV9       | 2015-05-20 | 2024-05-19 |
      IIV        | 2025-05-20 | 2025-11-19 |
      COVID-mRNA | 2025-05-20 | 2025-11-19 |
      LAIV       | 2007-05-20 | 2009-05-19 | 2026-05-19
      MenACWY    | 2023-05-20 | 2025-05-19 |
      TYPHOID-Vi | 2023-05-20 | 2025-05-19 |
      TBE        | 2025-05-20 | 2026-05-19 |
      YF         | 2025-05-20 | 2026-02-19 |
      RSV-MAT    | 1995-05-20 woman, pregnancy-edd@2026-11-22 | 2026-08-02 | 2026-10-31
    `),
  )('%s for a person born %s: from %s to %s', (vaccine = '', line = '', first = '', last = '') => {
    expect(around(line, vaccine, first, last, 'outsideLicence')).toBe(last === '' ? 'xo..' : 'xoox');
  });
});

describe('days on the market', () => {
  test.each(
    rows(`
      PCV7    | 2010-02-01 | 2013-10-31
      PCV13   | 2013-11-01 |
      DPT-IPV | 2012-11-01 | 2025-07-31
      IPV     | 2012-09-01 |
      OPV     |            | 2012-08-31
      IIV-HD  | 2026-10-01 |
    `),
  )('%s: from %s to %s', (vaccine = '', first = '', last = '') => {
    const expected = `${first === '' ? '..' : 'xo'}${last === '' ? '..' : 'ox'}`;
    expect(around('1940-05-20', vaccine, first, last, 'notOnMarket')).toBe(expected);
  });

  test.each(['RV1', 'HepB', 'PCV15', 'PCV20', 'Hib', 'DPT-IPV-Hib', 'DPT', 'MR', 'VAR', 'JE', 'HPV9', 'IIV'])(
    '%s is on the market',
    (vaccine) => {
      expect(codes('2015-05-20', '2026-11-22', { vaccine })).not.toContain('notOnMarket');
    },
  );
});

describe('volumes and routes', () => {
  // On the day an age is reached a child is both under it and of it, so either volume is right.
  test.each(
    rows(`
      JE   | 2023-05-20 | 2026-05-18 | 0.25
      JE   | 2023-05-20 | 2026-05-19 | 0.25 0.5
      JE   | 2023-05-20 | 2026-05-20 | 0.5
      IIV  | 2023-05-20 | 2026-05-18 | 0.25
      IIV  | 2023-05-20 | 2026-05-19 | 0.25 0.5
      IIV  | 2023-05-20 | 2026-05-20 | 0.5
      HepB | 2016-05-20 | 2026-05-18 | 0.25
      HepB | 2016-05-20 | 2026-05-19 | 0.25 0.5
      HepB | 2016-05-20 | 2026-05-20 | 0.5
      RV1  | 2026-05-20 | 2026-07-20 | 1.5
      RV5  | 2026-05-20 | 2026-07-20 | 2
      DT   | 2014-05-20 | 2026-07-20 | 0.1
      LAIV | 2020-05-20 | 2026-10-20 | 0.2
      PCV20 | 2026-05-20 | 2026-07-20 | 0.5
      MR   | 2025-05-20 | 2026-07-20 | 0.5
      HPV9 | 2013-05-20 | 2026-07-20 | 0.5
      DPT-IPV-Hib | 2026-05-20 | 2026-07-20 | 0.5
      RSV-MAT | 1995-05-20 woman, pregnancy-edd@2026-09-22 | 2026-07-20 | 0.5
    `),
  )('%s for a person born %s, on %s: %s mL', (vaccine = '', line = '', day = '', right = '') => {
    const fits = [0.1, 0.2, 0.25, 0.5, 1.5, 2].filter(
      (volumeMl) => !codes(line, day, { vaccine, volumeMl }).includes('wrongVolume'),
    );
    expect(fits.join(' ')).toBe(right);
  });

  test.each(
    rows(`
      RV1 RV5 OPV | PO
      LAIV | NASINHL
      HepB PCV15 PCV20 DPT-IPV-Hib | SQ IM
      PCV7 PCV13 Hib DPT-IPV DPT IPV DT MR M R MUMPS VAR JE IIV ZVL | SQ
      HPV2 HPV4 HPV9 RSV-MAT RZV MenACWY COVID-mRNA | IM
    `),
  )('%s: %s', (vaccines = '', right = '') => {
    for (const vaccine of vaccines.split(' ')) {
      const fits = ['PO', 'NASINHL', 'SQ', 'IM'].filter(
        (route) => !codes('2015-05-20', '2026-07-20', { vaccine, route }).includes('wrongRoute'),
      );
      expect(fits.join(' '), vaccine).toBe(right);
    }
  });
});
