// Vaccines of the first years against the fact sheet (section 5): first and last legal days, intervals, bands, standard
// periods, programme dates. Most of the children here are born on the 20th, so that an age is reached on a 19th.
import { describe } from 'vitest';
import { testDoses, testForecasts, testPeriods } from './ask.ts';

describe('legal days', () => {
  testPeriods(`
  # ROTA
  2026-05-20 | ROTA | RV1 | 2026-07-01 | 2026-11-04
  2026-05-20, 2026-07-20 RV1 | ROTA | RV1 | 2026-08-17 | 2026-11-04
  2026-05-20, 2026-07-20 RV5 | ROTA | RV5 | 2026-08-17 | 2026-12-30
  2026-05-20, 2026-07-20 RV5, 2026-08-17 RV5 | ROTA | RV5 | 2026-09-14 | 2026-12-30
  # HEPB
  2025-05-20 | HEPB | HepB | 2025-05-20 | 2026-05-19
  2025-05-20, 2025-07-20 HepB | HEPB | HepB | 2025-08-17 | 2026-05-19
  2025-05-20, 2025-07-20 HepB, 2025-08-17 HepB | HEPB | HepB | 2025-12-07 | 2026-05-19
  # PCV
  2025-05-20 | PCV | PCV20 | 2025-07-19 | 2030-05-19
  2025-05-20, 2025-07-20 PCV20 | PCV | PCV20 | 2025-08-17 | 2030-05-19
  2025-05-20, 2025-12-20 PCV20 | PCV | PCV20 | 2026-01-17 | 2030-05-19
  2025-05-20, 2025-12-20 PCV20, 2026-01-17 PCV20 | PCV | PCV20 | 2026-05-19 | 2030-05-19
  2025-05-20, 2025-07-20 PCV20, 2025-08-17 PCV20, 2026-04-14 PCV20 | PCV | PCV20 | 2026-06-14 | 2030-05-19
  2025-05-20, 2026-05-20 PCV20 | PCV | PCV20 | 2026-07-20 | 2030-05-19
  # HIB
  2022-05-20 | HIB | Hib | 2022-07-19 | 2027-05-19
  2022-05-20, 2022-12-20 Hib, 2023-01-17 Hib | HIB | Hib | 2023-08-17 | 2027-05-19
  2022-05-20, 2022-07-20 Hib, 2022-08-17 Hib, 2022-09-14 Hib | HIB | Hib | 2023-04-14 | 2027-05-19
  2024-05-20 | HIB | DPT-IPV-Hib | 2024-07-19 | 2031-11-19
  2024-05-20, 2024-07-19 DPT-IPV-Hib | HIB | DPT-IPV-Hib | 2024-08-09 | 2031-11-19
  2024-05-20, 2024-07-19 DPT-IPV-Hib, 2024-08-09 DPT-IPV-Hib | HIB | DPT-IPV-Hib | 2024-08-30 | 2031-11-19
  2024-05-20, 2024-07-19 DPT-IPV-Hib, 2024-08-09 DPT-IPV-Hib, 2024-08-30 DPT-IPV-Hib | HIB | DPT-IPV-Hib | 2025-03-01 | 2031-11-19
  # DTP1
  2025-05-20 | DTP1 | DPT-IPV-Hib | 2025-07-19 | 2032-11-19
  2012-10-20 | DTP1 | DPT-IPV | 2013-01-19 | 2020-04-19
  2025-05-20, 2025-07-20 DPT-IPV-Hib | DTP1 | DPT-IPV-Hib | 2025-08-10 | 2032-11-19
  2025-05-20, 2025-07-20 DPT-IPV-Hib, 2025-08-10 DPT-IPV-Hib | DTP1 | DPT-IPV-Hib | 2025-08-31 | 2032-11-19
  2025-05-20, 2025-07-20 DPT-IPV-Hib, 2025-08-10 DPT-IPV-Hib, 2025-08-31 DPT-IPV-Hib | DTP1 | DPT-IPV-Hib | 2026-03-01 | 2032-11-19
  # DT2
  2013-05-20 | DT2 | DT | 2024-05-19 | 2026-05-19
  # BCG
  2025-05-20 | BCG | BCG | 2025-05-20 | 2026-05-19
  `);
});

describe('what is due', () => {
  testForecasts(`
  # ROTA
  2026-05-20 | 2026-06-01 | ROTA | 1回目 2026-07-01..2026-12-30 best 2026-07-19..2026-09-01 of 3
  2026-05-20 | 2026-09-01 | ROTA | 1回目 2026-07-01..2026-12-30 best 2026-07-19..2026-09-01 of 3
  2026-05-20 | 2026-09-02 | ROTA | notRecommended (firstDoseAfter14w6d) 1回目 2026-07-01..2026-12-30 best 2026-07-19..2026-09-01 of 3 overdue
  2026-05-20, 2026-07-20 RV1 | 2026-07-21 | ROTA | 2回目 2026-08-17..2026-11-04 best 2026-08-17.. RV1 of 2
  2026-05-20, 2026-07-20 RV5 | 2026-07-21 | ROTA | 2回目 2026-08-17..2026-12-30 best 2026-08-17.. RV5 of 3
  2026-05-20, 2026-07-20 RV5, 2026-08-17 RV5 | 2026-08-18 | ROTA | 3回目 2026-09-14..2026-12-30 best 2026-09-14.. RV5 of 3
  2020-07-31 | 2020-10-05 | ROTA | notRelevant (birthDateBeforeProgramme)
  2020-08-01 | 2020-10-05 | ROTA | 1回目 2020-10-01..2021-03-13 best 2020-10-01..2020-11-13 of 3
  # HEPB
  2025-05-20, 2025-05-20 HepB, 2025-11-20 HepB | 2025-11-20 | HEPB | 3回目 2025-11-21..2026-05-19 best 2025-11-21..2026-02-19 HepB of 3
  2025-05-20, mother:HBsAg-positive, birth-weight=1999, 2025-05-20 HBIG | 2025-05-20 | HEPB_MTCT | 1回目 2025-05-20.. best 2025-05-20.. HepB of 4
  2025-05-20 | 2025-05-20 | HEPB | 1回目 2025-05-20..2026-05-19 best 2025-07-19..2026-02-19 HepB of 3
  2025-05-20, 2025-07-20 HepB | 2025-07-21 | HEPB | 2回目 2025-08-17..2026-05-19 best 2025-08-17..2026-02-19 HepB of 3
  2025-05-20, 2025-07-20 HepB, 2025-08-17 HepB | 2025-08-18 | HEPB | 3回目 2025-12-07..2026-05-19 best 2025-12-07..2026-02-19 HepB of 3
  2025-05-20, 2026-02-01 HepB | 2026-02-20 | HEPB | 2回目 2026-03-01..2026-05-19 best 2026-03-01..2026-02-19 HepB of 3 cannot finish
  2016-03-31 | 2016-10-05 | HEPB | notRelevant (birthDateBeforeProgramme)
  2016-04-01 | 2016-10-05 | HEPB | 1回目 2016-10-01..2017-03-31 best 2016-10-01..2016-12-31 HepB of 3
  2025-05-20, mother:HBsAg-positive, 2025-05-20 HBIG | 2025-05-20 | HEPB | notRelevant (perinatalProtocol)
  2025-05-20, mother:HBsAg-positive, 2025-05-20 HBIG | 2025-05-20 | HEPB_MTCT | 1回目 2025-05-20.. best 2025-05-20.. HepB of 3
  2025-05-20, mother:HBsAg-positive, 2025-05-20 HBIG, 2025-05-20 HepB | 2025-05-21 | HEPB_MTCT | 2回目 2025-06-20.. best 2025-06-20.. HepB of 3
  2025-05-20, mother:HBsAg-positive, 2025-05-20 HBIG, 2025-05-20 HepB, 2025-06-20 HepB | 2025-06-21 | HEPB_MTCT | 3回目 2025-11-20.. best 2025-11-20.. HepB of 3
  2025-05-20, mother:HBsAg-positive, 2025-05-20 HBIG, 2025-05-20 HepB, 2025-06-20 HepB, 2025-11-20 HepB | 2025-12-21 | HEPB_MTCT | complete of 3 ask
  2025-05-20, mother:HBsAg-positive, anti-HBs-low, 2025-05-20 HBIG, 2025-05-20 HepB, 2025-06-20 HepB, 2025-11-20 HepB | 2025-12-11 | HEPB_MTCT | 再1回目 2025-12-20.. best 2025-12-20.. HepB of 6 ask
  2025-05-20, mother:HBsAg-positive, anti-HBs-low, 2025-05-20 HBIG, 2025-05-20 HepB, 2025-06-20 HepB, 2025-11-20 HepB, 2026-03-20 HepB | 2026-03-21 | HEPB_MTCT | 再2回目 2026-04-20.. best 2026-04-20.. HepB of 6 ask
  2025-05-20, mother:HBsAg-positive, anti-HBs-low, 2025-05-20 HBIG, 2025-05-20 HepB, 2025-06-20 HepB, 2025-11-20 HepB, 2026-03-20 HepB, 2026-04-20 HepB | 2026-04-21 | HEPB_MTCT | 再3回目 2026-09-20.. best 2026-09-20.. HepB of 6 ask
  2025-05-20, mother:HBsAg-positive, birth-weight=1999, 2025-05-20 HBIG, 2025-05-20 HepB, 2025-06-20 HepB | 2025-06-21 | HEPB_MTCT | 3回目 2025-07-20.. best 2025-07-20.. HepB of 4
  2025-05-20, mother:HBsAg-positive, birth-weight=2000, 2025-05-20 HBIG, 2025-05-20 HepB, 2025-06-20 HepB | 2025-06-21 | HEPB_MTCT | 3回目 2025-11-20.. best 2025-11-20.. HepB of 3
  2025-05-20, mother:HBsAg-positive, birth-weight=1999, 2025-05-20 HBIG, 2025-05-20 HepB, 2025-07-10 HepB | 2025-07-11 | HEPB_MTCT | 3回目 2025-08-07.. best 2025-08-07.. HepB of 4
  2025-05-20, mother:HBsAg-positive, birth-weight=1999, 2025-05-20 HBIG, 2025-05-20 HepB, 2025-06-20 HepB, 2025-07-20 HepB | 2025-07-21 | HEPB_MTCT | 4回目 2025-11-20.. best 2025-11-20.. HepB of 4
  2025-05-20, mother:HBsAg-positive | 2025-05-21 | HEPB | 1回目 2025-05-20..2026-05-19 best 2025-07-19..2026-02-19 HepB of 3
  # PCV
  2025-05-20 | 2025-06-01 | PCV | 初回1回目 2025-07-19..2030-05-19 best 2025-07-19..2025-12-19 PCV20 of 4
  2025-05-20 | 2025-12-20 | PCV | 初回1回目 2025-07-19..2030-05-19 best 2025-07-19..2025-12-19 PCV20 of 3 overdue
  2025-05-20 | 2025-12-19 | PCV | 初回1回目 2025-07-19..2030-05-19 best 2025-07-19..2025-12-19 PCV20 of 4
  2025-05-20 | 2026-05-19 | PCV | 初回1回目 2025-07-19..2030-05-19 best 2025-07-19..2025-12-19 PCV20 of 3 overdue
  2025-05-20 | 2026-05-20 | PCV | 1回目 2025-07-19..2030-05-19 best 2025-07-19..2025-12-19 PCV20 of 2 overdue
  2024-05-20 | 2026-05-19 | PCV | 1回目 2024-07-19..2029-05-19 best 2024-07-19..2024-12-19 PCV20 of 2 overdue
  2024-05-20 | 2026-05-20 | PCV | 1回目 2024-07-19..2029-05-19 best 2024-07-19..2024-12-19 PCV20 of 1 overdue
  2024-05-20 | 2029-05-20 | PCV | agedOut 1回目 until 2029-05-19 PCV20
  2025-05-20, 2025-07-20 PCV20 | 2025-07-21 | PCV | 初回2回目 2025-08-17..2027-05-19 best 2025-08-17..2026-05-19 PCV20 of 4
  2025-05-20, 2025-07-20 PCV20, 2025-08-17 PCV20 | 2025-08-18 | PCV | 初回3回目 2025-09-14..2027-05-19 best 2025-09-14..2026-05-19 PCV20 of 4
  2025-05-20, 2025-07-20 PCV20, 2025-08-17 PCV20, 2025-09-14 PCV20 | 2025-10-01 | PCV | 追加 2026-05-19..2030-05-19 best 2026-05-19..2026-08-19 PCV20 of 4
  2025-05-20, 2025-07-20 PCV20, 2025-08-17 PCV20, 2026-04-14 PCV20 | 2026-05-01 | PCV | 追加 2026-06-14..2030-05-19 best 2026-06-14..2026-08-19 PCV20 of 4
  2025-05-20, 2025-07-20 PCV20, 2026-05-19 PCV20 | 2026-05-20 | PCV | 初回3回目 2026-06-16..2027-05-19 best 2026-06-16..2026-05-19 PCV20 of 4
  2025-05-20, 2025-07-20 PCV20, 2026-05-20 PCV20 | 2026-05-21 | PCV | 追加 2026-07-20..2030-05-19 best 2026-07-20..2026-08-19 PCV20 of 3
  2023-05-20, 2023-07-20 PCV13 | 2025-05-19 | PCV | 初回2回目 2023-08-17..2025-05-19 best 2023-08-17..2024-05-19 PCV20 of 3 overdue
  2023-05-20, 2023-07-20 PCV13 | 2025-05-20 | PCV | 追加 2025-05-20..2028-05-19 best 2025-05-20..2024-08-19 PCV20 of 2 overdue
  2023-05-20, 2023-07-20 PCV13, 2023-08-20 PCV13 | 2025-05-20 | PCV | 追加 2025-05-20..2028-05-19 best 2025-05-20..2024-08-19 PCV20 of 3 overdue
  2025-05-20, 2025-12-20 PCV20 | 2025-12-21 | PCV | 初回2回目 2026-01-17..2027-05-19 best 2026-01-17..2026-05-19 PCV20 of 3
  2025-05-20, 2025-12-20 PCV20, 2026-01-17 PCV20 | 2026-01-18 | PCV | 追加 2026-05-19..2030-05-19 best 2026-05-19..2026-08-19 PCV20 of 3
  2025-05-20, 2026-05-20 PCV20 | 2026-05-21 | PCV | 2回目 2026-07-20..2030-05-19 best 2026-07-20.. PCV20 of 2
  2025-05-20, 2025-07-20 PCV15 | 2025-07-21 | PCV | 初回2回目 2025-08-17..2027-05-19 best 2025-08-17..2026-05-19 PCV15 of 4
  # HIB
  2023-12-20, 2024-02-20 DPT-IPV, 2024-04-20 DPT-IPV-Hib | 2024-05-01 | HIB | notRecommended (coveredByCombination) 初回2回目
  2022-05-20 | 2022-06-01 | HIB | 初回1回目 2022-07-19..2027-05-19 best 2022-07-19..2022-12-19 Hib of 4
  2022-05-20 | 2022-12-19 | HIB | 初回1回目 2022-07-19..2027-05-19 best 2022-07-19..2022-12-19 Hib of 4
  2022-05-20 | 2022-12-20 | HIB | 初回1回目 2022-07-19..2027-05-19 best 2022-07-19..2022-12-19 Hib of 3 overdue
  2022-05-20 | 2023-05-19 | HIB | 初回1回目 2022-07-19..2027-05-19 best 2022-07-19..2022-12-19 Hib of 2 overdue
  2022-05-20 | 2023-05-20 | HIB | 1回目 2022-07-19..2027-05-19 best 2022-07-19..2022-12-19 Hib of 1 overdue
  2022-05-20 | 2024-03-31 | HIB | 1回目 2022-07-19..2027-05-19 best 2022-07-19..2022-12-19 Hib of 1 overdue
  2022-05-20 | 2024-04-01 | HIB | notRecommended (coveredByCombination) 1回目
  2022-05-20, 2023-01-10 DPT-IPV | 2024-04-01 | HIB | 1回目 2022-07-19..2027-05-19 best 2022-07-19..2022-12-19 Hib of 1 overdue
  2022-05-20, 2022-07-20 Hib | 2022-07-21 | HIB | 初回2回目 2022-08-17..2023-05-19 best 2022-08-17..2022-09-15 Hib of 4
  2022-05-20, 2022-07-20 Hib, 2022-08-17 Hib | 2022-08-18 | HIB | 初回3回目 2022-09-14..2023-05-19 best 2022-09-14..2022-10-13 Hib of 4
  2022-05-20, 2022-07-20 Hib, 2022-08-17 Hib, 2022-09-14 Hib | 2022-09-15 | HIB | 追加 2023-04-14..2027-05-19 best 2023-04-14..2023-10-14 Hib of 4
  2022-05-20, 2022-07-20 Hib, 2022-08-17 Hib | 2023-05-20 | HIB | 追加 2023-05-20..2027-05-19 best 2023-05-20.. Hib of 3
  2022-05-20, 2022-07-20 Hib, 2023-05-19 Hib | 2023-05-20 | HIB | 追加 2023-06-16..2027-05-19 best 2023-06-16.. Hib of 3
  2022-05-20, 2022-12-20 Hib | 2022-12-21 | HIB | 初回2回目 2023-01-17..2023-05-19 best 2023-01-17..2023-02-15 Hib of 3
  2022-05-20, 2022-12-20 Hib, 2023-01-17 Hib | 2023-01-18 | HIB | 追加 2023-08-17..2027-05-19 best 2023-08-17..2024-02-17 Hib of 3
  2022-05-20, 2022-12-20 Hib | 2023-05-20 | HIB | 追加 2023-05-20..2027-05-19 best 2023-05-20.. Hib of 2
  2022-05-20, 2023-05-20 Hib | 2023-05-21 | HIB | complete of 1
  2022-05-20, disease:hib | 2022-08-01 | HIB | immune (diseaseHistory) 初回1回目 ask
  2024-05-20, 2024-07-20 DPT-IPV-Hib | 2024-07-21 | HIB | notRecommended (coveredByCombination) 初回2回目
  2024-05-20, 2024-07-20 DPT-IPV-Hib, 2024-08-10 DPT-IPV-Hib, 2024-09-10 Hib | 2024-09-11 | HIB | 追加 2025-03-10..2031-11-19 best 2025-03-10.. Hib of 4
  # DTP1
  2025-05-20 | 2025-06-01 | DTP1 | 1期初回1回目 2025-07-19..2032-11-19 best 2025-07-19..2025-12-19 DPT-IPV-Hib of 4
  2025-05-20 | 2025-12-20 | DTP1 | 1期初回1回目 2025-07-19..2032-11-19 best 2025-07-19..2025-12-19 DPT-IPV-Hib of 4 overdue
  2025-05-20 | 2032-11-20 | DTP1 | agedOut 1期初回1回目 until 2032-11-19 DPT-IPV-Hib
  2025-05-20, 2025-07-20 DPT-IPV-Hib | 2025-07-21 | DTP1 | 1期初回2回目 2025-08-10..2032-11-19 best 2025-08-10..2025-09-15 DPT-IPV-Hib of 4
  2025-05-20, 2025-07-20 DPT-IPV-Hib, 2025-08-10 DPT-IPV-Hib | 2025-08-11 | DTP1 | 1期初回3回目 2025-08-31..2032-11-19 best 2025-08-31..2025-10-06 DPT-IPV-Hib of 4
  2025-05-20, 2025-07-20 DPT-IPV-Hib, 2025-08-10 DPT-IPV-Hib, 2025-08-31 DPT-IPV-Hib | 2025-09-01 | DTP1 | 1期追加 2026-03-01..2032-11-19 best 2026-03-01..2027-03-01 DPT-IPV-Hib of 4
  2023-05-20 | 2024-03-31 | DTP1 | 1期初回1回目 2023-07-19..2030-11-19 best 2023-07-19..2024-05-19 DPT-IPV of 4
  2023-05-20 | 2024-04-01 | DTP1 | 1期初回1回目 2023-07-19..2030-11-19 best 2023-07-19..2023-12-19 DPT-IPV-Hib of 4 overdue
  2023-01-20 | 2023-03-31 | DTP1 | 1期初回1回目 2023-04-01..2030-07-19 best 2023-04-01..2024-01-19 DPT-IPV of 4
  2023-05-20, 2023-07-20 DPT-IPV, 2023-08-10 DPT-IPV, 2023-08-31 DPT-IPV | 2023-09-01 | DTP1 | 1期追加 2024-03-01..2030-11-19 best 2024-08-31..2025-03-01 DPT-IPV of 4
  2023-05-20, 2023-07-20 DPT-IPV | 2024-04-01 | DTP1 | 1期初回2回目 2023-08-10..2030-11-19 best 2023-08-10..2023-09-15 DPT-IPV of 4 overdue ask
  2023-05-20, 2023-07-20 DPT-IPV | 2025-02-26 | DTP1 | 1期初回2回目 2023-08-10..2030-11-19 best 2023-08-10..2023-09-15 DPT-IPV of 4 overdue ask
  2023-05-20, 2023-07-20 DPT-IPV | 2025-02-27 | DTP1 | 1期初回2回目 2023-08-10..2030-11-19 best 2023-08-10..2023-09-15 DPT-IPV of 4 overdue ask
  2023-05-20, 2023-07-20 DPT-IPV | 2025-07-24 | DTP1 | 1期初回2回目 2023-08-10..2030-11-19 best 2023-08-10..2023-09-15 DPT-IPV of 4 overdue ask
  2023-05-20, 2023-07-20 DPT-IPV | 2025-07-25 | DTP1 | 1期初回2回目 2023-08-10..2030-11-19 best 2023-08-10..2023-09-15 DPT-IPV-Hib of 4 overdue ask
  2023-05-20, 2023-07-20 DPT-IPV, 2023-07-20 Hib | 2025-02-26 | DTP1 | 1期初回2回目 2023-08-10..2030-11-19 best 2023-08-10..2023-09-15 DPT-IPV of 4 overdue
  2023-05-20, 2023-07-20 DPT-IPV, 2023-07-20 Hib | 2025-02-27 | DTP1 | 1期初回2回目 2023-08-10..2030-11-19 best 2023-08-10..2023-09-15 DPT-IPV-Hib of 4 overdue
  2023-05-20, 2023-07-20 DPT-IPV, 2023-07-20 Hib, 2023-08-20 Hib | 2025-02-27 | DTP1 | 1期初回2回目 2023-08-10..2030-11-19 best 2023-08-10..2023-09-15 DPT-IPV of 4 overdue
  2023-05-20, 2023-07-20 DPT-IPV, 2023-07-20 Hib, 2023-08-20 Hib | 2025-07-24 | DTP1 | 1期初回2回目 2023-08-10..2030-11-19 best 2023-08-10..2023-09-15 DPT-IPV of 4 overdue
  2023-05-20, 2023-07-20 DPT-IPV, 2023-07-20 Hib, 2023-08-20 Hib | 2025-07-25 | DTP1 | 1期初回2回目 2023-08-10..2030-11-19 best 2023-08-10..2023-09-15 DPT-IPV-Hib of 4 overdue
  2021-05-20, 2023-07-20 DPT-IPV | 2026-05-19 | DTP1 | 1期初回2回目 2023-08-10..2028-11-19 best 2023-08-10..2023-09-15 DPT-IPV-Hib of 4 overdue ask
  2021-05-20, 2023-07-20 DPT-IPV | 2026-05-20 | DTP1 | 1期初回2回目 2023-08-10..2028-11-19 best 2023-08-10..2023-09-15 DPT-IPV-Hib of 4 overdue
  # DT2
  2015-05-20 | 2026-01-01 | DT2 | 2期 2026-05-19..2028-05-19 best 2026-05-19..2027-05-19 DT of 1
  2015-05-20 | 2027-05-20 | DT2 | 2期 2026-05-19..2028-05-19 best 2026-05-19..2027-05-19 DT of 1 overdue
  2015-05-20 | 2028-05-20 | DT2 | agedOut 2期 until 2028-05-19 DT
  2015-05-20, 2026-05-19 DPT | 2026-05-20 | DT2 | notRecommended (coveredByVoluntaryDPT) 2期 ask
  2015-05-20, 2026-05-18 DPT | 2026-05-20 | DT2 | 2期 2026-05-19..2028-05-19 best 2026-05-19..2027-05-19 DT of 1
  # BCG
  2025-05-20 | 2025-05-20 | BCG | 1回 2025-05-20..2026-05-19 best 2025-10-19..2026-01-19 BCG of 1
  2025-05-20 | 2026-01-20 | BCG | 1回 2025-05-20..2026-05-19 best 2025-10-19..2026-01-19 BCG of 1 overdue
  2025-05-20 | 2026-05-20 | BCG | agedOut 1回 until 2026-05-19 BCG
  2012-10-20 | 2013-03-31 | BCG | 1回 2012-10-20..2013-10-19 best 2013-01-19..2013-04-19 BCG of 1
  2012-10-20 | 2013-04-01 | BCG | 1回 2012-10-20..2013-10-19 best 2013-03-19..2013-06-19 BCG of 1
  2012-10-20 | 2012-11-01 | BCG | 1回 2012-10-20..2013-04-19 best 2013-01-19..2013-04-19 BCG of 1 | 2012-11-01
  2025-05-20, tuberculosis-contact | 2025-10-20 | BCG | 1回 2025-05-20..2026-05-19 best 2025-10-19..2026-01-19 BCG of 1 ask
  2025-05-20, mother:biologics-in-pregnancy | 2025-10-20 | BCG | 1回 2025-05-20..2026-05-19 best 2025-10-19..2026-01-19 BCG of 1 ask
  2025-05-20, mother:biologics-in-pregnancy | 2025-07-20 | ROTA | 1回目 2025-07-01..2025-12-30 best 2025-07-19..2025-09-01 of 3 ask
  2025-05-20, gastrointestinal-disorder | 2025-07-20 | ROTA | 1回目 2025-07-01..2025-12-30 best 2025-07-19..2025-09-01 of 3 ask
  2025-05-20, keloid | 2025-10-20 | BCG | contraindicated (keloid) 1回
  2025-05-20, disease:tuberculosis | 2025-10-20 | BCG | immune (diseaseHistory) 1回
  2025-05-20, disease:rotavirus | 2025-10-20 | ROTA | immune (diseaseHistory) 1回目 ask
  2025-05-20, intussusception-history | 2025-10-20 | ROTA | contraindicated (intussusceptionHistory) 1回目
  2025-05-20, gastrointestinal-malformation | 2025-10-20 | ROTA | contraindicated (gastrointestinalMalformation) 1回目
  2025-05-20, scid | 2025-10-20 | ROTA | contraindicated (scid) 1回目
  2025-05-20, disease:pneumococcus | 2025-10-20 | PCV | immune (diseaseHistory) 初回1回目 ask
  2025-05-20, disease:hepatitis-b | 2025-10-20 | HEPB | immune (diseaseHistory) 1回目
  # PCV extra
  2013-07-20 | 2013-10-31 | PCV | 初回1回目 2013-09-19..2018-07-19 best 2013-09-19..2014-02-19 PCV7 of 4
  2013-07-20 | 2013-11-01 | PCV | 初回1回目 2013-09-19..2018-07-19 best 2013-09-19..2014-02-19 PCV13 of 4
  2024-07-20 | 2024-09-30 | PCV | 初回1回目 2024-09-19..2029-07-19 best 2024-09-19..2025-02-19 PCV13 of 4
  2024-07-20 | 2024-10-01 | PCV | 初回1回目 2024-09-19..2029-07-19 best 2024-09-19..2025-02-19 PCV20 of 4
  `);
});

describe('what a dose was worth', () => {
  testDoses(`
  # ROTA
  2026-05-20, 2026-09-01 RV1 | ROTA | 1
  2026-05-20, 2026-09-02 RV1 | ROTA | 1 (firstDoseAfter14w6d)
  2026-05-20, 2026-07-20 RV5, 2026-08-16 RV5 | ROTA | 1, notValid (intervalTooSoon)
  2026-05-20, 2026-07-20 RV5, 2026-08-17 RV5, 2026-09-14 RV5 | ROTA | 1, 2, 3
  2020-08-01, 2020-09-30 RV1 | ROTA | 1
  # HEPB
  2016-04-10, 2016-09-30 HepB | HEPB | 1 (private)
  2016-04-10, 2016-10-01 HepB | HEPB | 1
  # PCV
  2023-05-20, 2023-07-20 PCV13, 2025-05-19 PCV20, 2025-06-16 PCV20 | PCV | 1, 2, notValid (intervalTooSoon)
  2023-05-20, 2023-07-20 PCV13, 2025-05-19 PCV20, 2025-07-19 PCV20 | PCV | 1, 2, 3
  # HIB
  2013-10-20, 2014-01-10 Hib, 2014-01-31 Hib | HIB | 1, 2 (requiresPhysicianException)
  2022-05-20, 2022-07-20 Hib, 2022-08-09 Hib | HIB | 1, notValid (intervalTooSoon)
  2022-05-20, 2022-07-20 Hib, 2022-08-10 Hib | HIB | 1, 2 (requiresPhysicianException)
  2022-05-20, 2022-07-20 Hib, 2022-08-16 Hib | HIB | 1, 2 (requiresPhysicianException)
  2022-05-20, 2022-07-20 Hib, 2022-08-17 Hib | HIB | 1, 2
  2022-05-20, 2023-05-10 Hib, 2023-05-30 Hib | HIB | 1, notValid (intervalTooSoon)
  2022-05-20, 2023-05-10 Hib, 2023-05-31 Hib | HIB | 1, 2 (requiresPhysicianException)
  2022-05-20, 2023-05-10 Hib, 2023-06-06 Hib | HIB | 1, 2 (requiresPhysicianException)
  2022-05-20, 2023-05-10 Hib, 2023-06-07 Hib | HIB | 1, 2
  2022-05-20, 2022-07-20 Hib, 2022-08-17 DPT-IPV-Hib | HIB | 1, 2
  2022-05-20, 2022-07-20 Hib, 2022-08-09 DPT-IPV-Hib | HIB | 1, notValid (intervalTooSoon)
  2022-05-20, 2022-07-20 Hib, 2022-08-10 DPT-IPV-Hib | HIB | 1, 2
  2022-05-20, 2022-12-20 Hib, 2023-01-17 Hib, 2023-07-16 DPT-IPV-Hib | HIB | 1, 2, notValid (intervalTooSoon)
  2022-05-20, 2022-12-20 Hib, 2023-01-17 Hib, 2023-07-17 DPT-IPV-Hib | HIB | 1, 2, 3
  2022-05-20, 2022-12-20 Hib, 2023-01-17 Hib, 2023-08-17 Hib, 2023-10-17 DPT-IPV-Hib | HIB | 1, 2, 3, extraneous (comboProductAllowed)
  2022-05-20, 2022-12-20 Hib, 2023-01-17 Hib, 2023-08-17 Hib, 2023-10-17 Hib | HIB | 1, 2, 3, extraneous (seriesAlreadyComplete)
  2013-01-20, 2013-03-31 Hib | HIB | 1 (private)
  2013-01-20, 2013-04-01 Hib | HIB | 1
  2013-01-20, 2013-04-01 Hib, 2013-05-28 Hib | HIB | 1, 2
  2013-01-20, 2013-04-01 Hib, 2013-05-29 Hib | HIB | 1, 2 (intervalAboveLimit private)
  2013-12-20, 2014-02-20 Hib, 2014-03-31 Hib, 2014-06-30 Hib | HIB | 1, 2, 3
  2013-10-20, 2014-02-02 Hib, 2014-03-31 Hib | HIB | 1, 2
  2013-10-20, 2014-02-03 Hib, 2014-04-01 Hib | HIB | 1, 2
  2012-02-20, 2013-01-10 Hib, 2013-02-19 Hib, 2014-03-19 Hib | HIB | 1 (private), 2 (private), 3
  2012-02-20, 2013-01-10 Hib, 2013-02-19 Hib, 2014-03-20 Hib | HIB | 1 (private), 2 (private), 3 (intervalAboveLimit private)
  2012-02-20, 2013-01-10 Hib, 2013-02-28 Hib, 2014-04-01 Hib | HIB | 1 (private), 2 (private), extraneous (seriesAlreadyComplete)
  2012-03-20, 2012-10-20 Hib, 2013-02-18 Hib, 2014-03-31 Hib | HIB | 1 (private), 2 (intervalAboveLimit private), 3 (intervalAboveLimit private)
  2012-03-20, 2012-10-20 Hib, 2013-02-18 Hib, 2014-04-01 Hib | HIB | 1 (private), 2 (intervalAboveLimit private), 3
  2012-02-20, 2013-02-10 Hib, 2014-03-31 Hib | HIB | 1 (private), 2
  2024-05-20, 2024-07-18 DPT-IPV-Hib | HIB | notValid (ageTooYoung)
  2024-05-20, 2024-07-19 DPT-IPV-Hib, 2024-08-08 DPT-IPV-Hib | HIB | 1, notValid (intervalTooSoon)
  2024-05-20, 2024-07-19 DPT-IPV-Hib, 2024-08-09 DPT-IPV-Hib, 2024-08-29 DPT-IPV-Hib | HIB | 1, 2, notValid (intervalTooSoon)
  2024-05-20, 2024-07-19 DPT-IPV-Hib, 2024-08-09 DPT-IPV-Hib, 2024-08-30 DPT-IPV-Hib, 2025-02-27 DPT-IPV-Hib | HIB | 1, 2, 3, notValid (intervalTooSoon)
  2000-05-20, 2020-05-19 Hib | HIB | notValid (ageTooOld)
  2000-05-20, 2020-05-20 Hib | HIB | nothing
  # DTP1
  2013-10-20, 2014-02-01 DPT-IPV, 2014-02-22 DPT-IPV | DTP1 | 1, 2
  2022-12-20, 2023-03-18 DPT-IPV | DTP1 | notValid (ageTooYoung)
  2023-01-20, 2023-03-31 DPT-IPV | DTP1 | notValid (ageTooYoung)
  2023-01-20, 2023-04-01 DPT-IPV | DTP1 | 1
  2013-10-20, 2014-02-01 DPT-IPV, 2014-03-30 DPT-IPV | DTP1 | 1, 2
  2013-10-20, 2014-02-01 DPT-IPV, 2014-03-31 DPT-IPV | DTP1 | 1, 2 (intervalAboveLimit private)
  2013-10-20, 2014-02-02 DPT-IPV, 2014-04-01 DPT-IPV | DTP1 | 1, 2
  2012-05-20, 2012-10-31 DPT-IPV | DTP1 | 1 (productNotRoutine private)
  2012-05-20, 2012-11-01 DPT-IPV | DTP1 | 1
  2024-01-20, 2024-03-31 DPT-IPV-Hib | DTP1 | 1 (productNotRoutine private)
  2024-01-20, 2024-04-01 DPT-IPV-Hib | DTP1 | 1
  2012-05-20, 2012-10-31 DPT | DTP1 | 1
  2012-05-20, 2012-11-01 DPT | DTP1 | undetermined
  2012-05-20, 2012-11-01 DPT, 2012-11-01 IPV | DTP1 | 1, 1 (partOfCombination)
  2025-05-20, 2025-08-01 DPT, 2025-08-02 IPV | DTP1 | undetermined, undetermined
  2025-05-20, 2025-08-01 IPV, 2025-08-01 DPT | DTP1 | 1, 1 (partOfCombination)
  2012-05-20, 2012-08-31 IPV | DTP1 | 1 (productNotRoutine private)
  2012-05-20, 2012-09-01 IPV | DTP1 | 1
  # BCG
  2001-04-20, 2005-03-31 BCG | BCG | 1
  2001-04-20, 2005-04-01 BCG | BCG | notValid (ageTooOld)
  2001-03-10, 2005-03-09 BCG | BCG | 1
  2001-03-10, 2005-03-10 BCG | BCG | notValid (ageTooOld)
  2012-09-10, 2013-03-09 BCG | BCG | 1
  2012-09-10, 2013-03-10 BCG | BCG | notValid (outsideAnyWindow ageTooOld)
  2012-04-10, 2013-03-31 BCG | BCG | notValid (outsideAnyWindow ageTooOld)
  2012-04-10, 2013-04-01 BCG | BCG | 1
  2004-09-10, 2005-03-09 BCG | BCG | 1
  2004-09-10, 2005-03-10 BCG | BCG | 1
  2004-09-10, 2005-03-31 BCG | BCG | 1
  2004-09-10, 2005-04-01 BCG | BCG | notValid (outsideAnyWindow ageTooOld)
  # PCV extra
  2013-01-20, 2013-03-31 PCV7 | PCV | 1 (private)
  2013-01-20, 2013-04-01 PCV7 | PCV | 1
  2013-08-20, 2013-10-31 PCV7 | PCV | 1
  2013-08-20, 2013-11-01 PCV7 | PCV | 1 (productNotRoutine private)
  2013-08-20, 2013-10-31 PCV13 | PCV | 1 (productNotRoutine private)
  2013-08-20, 2013-11-01 PCV13 | PCV | 1
  2024-01-20, 2024-03-31 PCV15 | PCV | 1 (productNotRoutine private)
  2024-01-20, 2024-04-01 PCV15 | PCV | 1
  2024-07-20, 2024-09-30 PCV13, 2024-10-28 PCV13 | PCV | 1, 2 (productNotRoutine private)
  2024-07-20, 2024-09-30 PCV20 | PCV | 1 (productNotRoutine private)
  2024-07-20, 2024-10-01 PCV20 | PCV | 1
  2000-05-20, 2020-05-19 PCV13 | PCV | notValid (ageTooOld)
  2000-05-20, 2020-05-20 PCV13 | PCV | nothing
  2016-05-20, 2036-05-19 HepB | HEPB | notValid (ageTooOld)
  2016-05-20, 2036-05-20 HepB | HEPB | nothing
  `);
});
