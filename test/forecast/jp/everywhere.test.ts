// What holds for every series against the fact sheet (section 4): long illness (X7), waiting times between vaccines (X1, X2)
// and after other events (X8, X9), cautions, live products that are excluded.
import { describe } from 'vitest';
import { testDoses, testForecasts, testPeriods } from './ask.ts';

describe('legal days', () => {
  testPeriods(`
  # long illness
  2010-05-20, missed:MR1, long-illness-ended@2012-12-10 | MR1 | MR | 2013-01-30 | 2014-12-09
  2015-05-20, missed:DTP1, long-illness-ended@2026-01-10 | DTP1 | DPT-IPV-Hib | 2026-01-10 | 2028-01-09
  2012-05-20, missed:DTP1, long-illness-ended@2026-01-10 | DTP1 | DPT-IPV-Hib | 2026-01-10 | 2027-05-19
  2020-05-20, missed:HIB, long-illness-ended@2026-01-10 | HIB | Hib | 2026-01-10 | 2028-01-09
  2017-05-20, missed:HIB, long-illness-ended@2026-01-10 | HIB | Hib | 2026-01-10 | 2027-05-19
  2020-12-20, missed:PCV, long-illness-ended@2026-01-10 | PCV | PCV20 | 2026-01-10 | 2026-12-19
  2018-12-20, missed:PCV, long-illness-ended@2024-01-10 | PCV | PCV13 | 2024-01-10 | 2024-12-19
  2024-05-20, missed:BCG, long-illness-ended@2026-01-10 | BCG | BCG | 2026-01-10 | 2028-01-09
  2023-05-20, missed:BCG, long-illness-ended@2026-01-10 | BCG | BCG | 2026-01-10 | 2027-05-19
  2020-05-20, missed:HEPB, long-illness-ended@2026-01-10 | HEPB | HepB | 2026-01-10 | 2028-01-09
  2020-05-20, missed:VAR, long-illness-ended@2026-01-10 | VAR | VAR | 2026-01-10 | 2028-01-09
  2010-05-20, missed:JE1, long-illness-ended@2026-01-10 | JE1 | JE | 2026-01-10 | 2028-01-09 | none
  2010-05-20, 2013-06-01 JE, 2013-06-08 JE, 2014-06-08 JE, missed:JE2, long-illness-ended@2026-01-10 | JE2 | JE | 2026-01-10 | 2028-01-09
  2010-05-20, missed:DT2, long-illness-ended@2026-01-10 | DT2 | DT | 2026-01-10 | 2028-01-09
  2020-05-20, missed:MR1, long-illness-ended@2026-01-10 | MR1 | MR | 2026-01-10 | 2028-01-09 | none
  2015-05-20, missed:MR2, long-illness-ended@2026-01-10 | MR2 | MR | 2026-01-10 | 2028-01-09
  2005-05-20 girl, missed:HPV, long-illness-ended@2026-04-10 | HPV | HPV9 | 2026-04-10 | 2028-04-09
  1955-05-20, missed:PNEU65, long-illness-ended@2026-04-10 | PNEU65 | PCV20 | 2026-04-10 | 2027-04-09
  1958-05-20, missed:ZOSTER, long-illness-ended@2026-04-10 | ZOSTER | RZV | 2026-04-10 | 2027-04-09
  1958-05-20, missed:ZOSTER, long-illness-ended@2025-03-10 | ZOSTER | RZV | 2025-04-01 | 2026-03-09
  1949-05-20, missed:PNEU65, long-illness-ended@2014-09-10 | PNEU65 | PPSV23 | 2014-10-01 | 2015-09-09
  `);
});

describe('what is due', () => {
  testForecasts(`
  # long illness
  2015-05-20, missed:DTP1, long-illness-ended@2026-01-10 | 2026-02-01 | DTP1 | 1期初回1回目(長期療養特例) 2015-08-19..2028-01-09 best 2015-08-19..2015-12-19 DPT-IPV-Hib of 4 longTermIllness overdue
  2015-05-20, long-illness-ended@2026-01-10 | 2026-02-01 | DTP1 | agedOut 1期初回1回目 until 2022-11-19 DPT-IPV-Hib
  1955-05-20, missed:PNEU65, long-illness-ended@2026-04-10 | 2026-05-01 | PNEU65 | 1回(長期療養特例) 2020-04-01..2027-04-09 best 2020-04-01.. PCV20 of 1 longTermIllness ask
  1956-05-20, missed:ZOSTER, long-illness-ended@2026-04-10 | 2026-05-01 | ZOSTER | 1回目 2026-04-01..2027-04-09 best 2026-04-01.. of 2
  # waiting
  2025-05-20, immunoglobulin@2026-05-01=100 | 2026-05-20 | MR1 | 1期 2026-08-01..2027-05-19 best 2026-08-01.. MR of 1
  2025-05-20, immunoglobulin@2026-05-01=199 | 2026-05-20 | VAR | 1回目 2026-08-01..2028-05-19 best 2026-08-01..2026-08-19 VAR of 2
  2025-05-20, immunoglobulin@2026-05-01=200 | 2026-05-20 | VAR | 1回目 2026-11-01..2028-05-19 best 2026-11-01..2026-08-19 VAR of 2
  2025-05-20, immunoglobulin@2026-05-01=200 | 2026-05-20 | MUMPS | 1回目 2026-11-01.. best 2026-11-01..2026-08-19 MUMPS of 2
  2025-05-20, immunoglobulin@2026-05-01=200 | 2026-05-20 | PCV | 1回目 2025-07-19..2030-05-19 best 2025-07-19..2025-12-19 PCV20 of 2 overdue
  1996-05-20 woman, indicated:MR_LOW, pregnancy-edd@2026-11-22 | 2026-02-14 | MR_LOW | 1回 1997-05-19.. best 1997-05-19.. MR of 1
  1996-05-20 woman, indicated:MR_LOW, pregnancy-edd@2026-11-22 | 2026-02-15 | MR_LOW | 1回 2026-11-23.. best 2026-11-23.. MR of 1
  2009-05-20 girl, 2026-01-10 VAR, pregnancy-edd@2026-11-22 | 2026-06-15 | VAR_VOL | 2回目 2026-11-23.. best 2026-11-23.. VAR of 2
  2009-05-20 girl, indicated:YF, pregnancy-edd@2026-11-22 | 2026-06-15 | YF | 1回 2026-11-23.. best 2026-11-23.. of 1
  2025-05-20, fever@2026-05-18~2026-05-25 | 2026-05-20 | MR1 | 1期 2026-05-26..2027-05-19 best 2026-05-26.. MR of 1
  2025-05-20, acute-illness@2026-05-20 | 2026-05-20 | PCV | 1回目 2026-05-21..2030-05-19 best 2026-05-21..2025-12-19 PCV20 of 2
  2025-05-20, postponed@2026-05-18~2026-06-25 | 2026-05-20 | VAR | 1回目 2026-06-26..2028-05-19 best 2026-06-26..2026-08-19 VAR of 2
  2025-05-20, 2026-05-10 VAR | 2026-05-20 | MR1 | 1期 2026-06-07..2027-05-19 best 2026-06-07.. MR of 1
  2019-08-20, 2020-09-25 PCV13 | 2020-09-26 | MR1 | 1期 2020-10-01..2021-08-19 best 2020-10-01.. MR of 1
  # cautions
  2025-05-20, heart-disease | 2026-05-20 | MR1 | 1期 2026-05-19..2027-05-19 best 2026-05-19.. MR of 1 ask
  2025-05-20, kidney-disease | 2026-05-20 | MR1 | 1期 2026-05-19..2027-05-19 best 2026-05-19.. MR of 1 ask
  2025-05-20, liver-disease | 2026-05-20 | MR1 | 1期 2026-05-19..2027-05-19 best 2026-05-19.. MR of 1 ask
  2025-05-20, blood-disease | 2026-05-20 | MR1 | 1期 2026-05-19..2027-05-19 best 2026-05-19.. MR of 1 ask
  2025-05-20, developmental-disorder | 2026-05-20 | MR1 | 1期 2026-05-19..2027-05-19 best 2026-05-19.. MR of 1 ask
  2025-05-20, reaction-after-dose | 2026-05-20 | MR1 | 1期 2026-05-19..2027-05-19 best 2026-05-19.. MR of 1 ask
  2025-05-20, convulsion-history | 2026-05-20 | MR1 | 1期 2026-05-19..2027-05-19 best 2026-05-19.. MR of 1 ask
  2025-05-20, immunodeficiency-in-family | 2026-05-20 | MR1 | 1期 2026-05-19..2027-05-19 best 2026-05-19.. MR of 1 ask
  2025-05-20, component-allergy | 2026-05-20 | MR1 | 1期 2026-05-19..2027-05-19 best 2026-05-19.. MR of 1 ask
  2025-05-20, latex-allergy | 2026-05-20 | MR1 | 1期 2026-05-19..2027-05-19 best 2026-05-19.. MR of 1 ask
  2025-05-20, heart-disease | 2028-05-20 | MR1 | agedOut 1期 until 2027-05-19 MR
  `);
});

describe('what a dose was worth', () => {
  testDoses(`
  # waiting
  2025-05-20, immunoglobulin@2026-05-01=100, 2026-07-31 MR | MR1 | 1 (givenDuringDeferral)
  2025-05-20, immunoglobulin@2026-05-01=100, 2026-08-01 MR | MR1 | 1
  2025-05-20, immunoglobulin@2026-05-01=200, 2026-10-31 MR | MR1 | 1 (givenDuringDeferral)
  2025-05-20, immunoglobulin@2026-05-01=200, 2026-11-01 MR | MR1 | 1
  2025-05-20, 2026-05-20 VAR, 2026-06-16 MR | MR1 | notValid (vaccineConflict)
  2025-05-20, 2026-05-20 VAR, 2026-06-17 MR | MR1 | 1
  2019-05-20, 2020-06-01 MR, 2020-06-28 PCV13 | PCV | notValid (vaccineConflict)
  2019-05-20, 2020-06-01 MR, 2020-06-29 PCV13 | PCV | 1
  2019-05-20, 2020-06-01 PCV13, 2020-06-07 MR | MR1 | notValid (vaccineConflict)
  2019-05-20, 2020-06-01 PCV13, 2020-06-08 MR | MR1 | 1
  2019-05-20, 2020-09-25 PCV13, 2020-09-30 MR | MR1 | notValid (vaccineConflict)
  2019-05-20, 2020-09-25 PCV13, 2020-10-01 MR | MR1 | 1
  2019-05-20, 2020-09-10 VAR, 2020-09-30 MR | MR1 | notValid (vaccineConflict)
  2019-05-20, 2020-09-10 VAR, 2020-10-01 MR | MR1 | notValid (vaccineConflict)
  2020-02-20, 2020-09-10 RV1, 2020-10-01 BCG | BCG | 1
  2020-02-20, 2020-09-10 LAIV, 2020-09-30 BCG | BCG | notValid (vaccineConflict)
  # cautions
  2020-05-20, immunodeficiency, 2026-10-10 LAIV | FLU | 1 (productExcluded private)
  2020-05-20, immunosuppressive-therapy, 2026-10-10 LAIV | FLU | 1 (productExcluded private)
  2020-05-20, aspirin-therapy, 2026-10-10 LAIV | FLU | 1 (productExcluded private)
  2020-05-20, anaphylaxis:egg, 2026-10-10 LAIV | FLU | 1 (productExcluded private)
  1961-05-20, immunodeficiency, 2026-10-10 ZVL | ZOSTER | 1 (productExcluded)
  2011-10-20, immunodeficiency, 2012-02-10 OPV | POLIO | 1 (productExcluded)
  1961-05-20, aspirin-therapy, 2026-10-10 ZVL | ZOSTER | 1
  `);
});
