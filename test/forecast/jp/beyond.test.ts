// What is possible beyond the legal periods against the fact sheet (sections 8 and 11): voluntary doses, polio begun with the
// oral vaccine, travel, risk.
import { describe } from 'vitest';
import { testDoses, testForecasts, testPeriods } from './ask.ts';

describe('legal days', () => {
  testPeriods(`
  # before school
  2020-05-20, 2020-08-20 DPT-IPV, 2020-09-10 DPT-IPV, 2020-10-01 DPT-IPV, 2021-10-01 DPT-IPV | DPT5 | DPT | 2025-05-19 | 2027-05-19 | none
  2020-05-20, 2020-08-20 DPT-IPV, 2020-09-10 DPT-IPV, 2020-10-01 DPT-IPV, 2021-10-01 DPT-IPV | IPV5 | IPV | 2025-05-19 | 2027-05-19 | none
  # 11 to 12
  2012-05-20, indicated:DPT11 | DPT11 | DPT | 2023-05-19 | 2025-05-19 | none
  # travel
  2023-05-20 | TYPHOID | TYPHOID-Vi | 2025-05-19 | 2025-05-19 | valid
  2023-05-20 | TBE | TBE | 2024-05-19 | 2024-05-19 | valid
  2023-05-20 | YF | YF | 2024-02-19 | 2024-02-19 | valid
  # risk
  2026-04-20 | COVID | COVID-mRNA | 2026-10-19 | 2026-10-19 | valid
  2023-05-20 | MENACWY | MenACWY | 2025-05-19 | 2025-05-19 | valid
  `);
});

describe('what is due', () => {
  testForecasts(`
  # POLIO
  2011-10-20 | 2012-08-01 | POLIO | silent
  2011-10-20, 2012-02-10 OPV | 2012-03-01 | POLIO | 2回目 2012-03-23..2019-04-19 best 2012-03-23.. OPV of 2
  2011-10-20, 2012-02-10 OPV | 2012-08-31 | POLIO | 2回目 2012-03-23..2019-04-19 best 2012-03-23.. OPV of 2
  2011-10-20, 2012-02-10 OPV | 2012-09-01 | POLIO | 2回目 2012-03-02..2019-04-19 best 2012-03-02.. IPV of 4 ask
  2011-10-20, 2012-02-10 OPV | 2012-03-01 | POLIO | 2回目 2012-03-23..2019-04-19 best 2012-03-23.. OPV of 2 | 2012-03-01
  2011-10-20, 2012-02-10 OPV, 2012-09-10 IPV | 2012-09-11 | POLIO | 3回目 2012-10-01..2019-04-19 best 2012-10-01.. IPV of 4 ask
  2011-10-20, 2012-02-10 OPV, 2012-09-10 IPV, 2012-10-01 IPV | 2012-10-02 | POLIO | 4回目 2013-04-01..2019-04-19 best 2013-04-01.. IPV of 4 ask
  # before school
  2020-05-20, 2020-08-20 DPT-IPV, 2020-09-10 DPT-IPV, 2020-10-01 DPT-IPV, 2021-10-01 DPT-IPV | 2024-06-01 | DPT5 | 5回目 2025-05-19..2027-05-19 best 2026-04-01..2027-03-31 DPT of 1
  2020-05-20, 2020-08-20 DPT-IPV, 2020-09-10 DPT-IPV, 2020-10-01 DPT-IPV, 2021-10-01 DPT-IPV | 2024-06-01 | IPV5 | 5回目 2025-05-19..2027-05-19 best 2026-04-01..2027-03-31 IPV of 1
  2020-05-20, 2020-08-20 DPT-IPV, 2020-09-10 DPT-IPV, 2020-10-01 DPT-IPV, 2025-08-31 DPT-IPV | 2025-09-01 | DPT5 | 5回目 2026-03-01..2027-05-19 best 2026-04-01..2027-03-31 DPT of 1
  2020-05-20, 2020-08-20 DPT-IPV, 2020-09-10 DPT-IPV, 2020-10-01 DPT-IPV, 2021-10-01 DPT-IPV | 2027-05-19 | DPT5 | 5回目 2025-05-19..2027-05-19 best 2026-04-01..2027-03-31 DPT of 1 overdue
  2020-05-20, 2020-08-20 DPT-IPV, 2020-09-10 DPT-IPV, 2020-10-01 DPT-IPV, 2021-10-01 DPT-IPV | 2027-05-20 | DPT5 | silent
  2020-05-20, 2020-08-20 DPT-IPV, 2020-09-10 DPT-IPV, 2020-10-01 DPT-IPV, 2021-10-01 DPT-IPV | 2027-05-20 | IPV5 | silent
  2020-05-20, 2020-08-20 DPT-IPV, 2020-09-10 DPT-IPV, 2020-10-01 DPT-IPV, 2021-10-01 DPT-IPV, 2025-05-19 DPT | 2027-05-20 | DPT5 | complete of 1
  2020-05-20, 2020-08-20 DPT-IPV, 2020-09-10 DPT-IPV, 2020-10-01 DPT-IPV, 2021-10-01 DPT-IPV, 2027-05-19 IPV | 2027-05-20 | IPV5 | complete of 1
  2020-05-20, 2020-08-20 DPT-IPV, 2020-09-10 DPT-IPV, 2020-10-01 DPT-IPV, 2021-10-01 DPT-IPV, 2025-05-18 DPT | 2027-05-20 | DPT5 | silent
  2020-05-20, 2020-08-20 DPT-IPV, 2020-09-10 DPT-IPV, 2020-10-01 DPT-IPV, 2021-10-01 DPT-IPV, 2027-05-20 DPT | 2027-05-20 | DPT5 | silent
  # 11 to 12
  2014-05-20 | 2025-06-01 | DPT11 | silent
  2014-05-20, indicated:DPT11 | 2025-06-01 | DPT11 | 1回 2025-05-19..2027-05-19 best 2025-05-19.. DPT of 1
  2014-05-20, 2025-05-19 DPT | 2025-06-01 | DPT11 | complete of 1
  2014-05-20, 2025-05-18 DPT | 2025-06-01 | DPT11 | silent
  2012-05-20, 2025-05-19 DPT | 2025-06-01 | DPT11 | complete of 1
  2012-05-20, 2025-05-20 DPT | 2025-06-01 | DPT11 | silent
  # tetanus
  1990-05-20 | 2026-06-01 | TETANUS | silent
  1990-05-20, indicated:TETANUS | 2026-06-01 | TETANUS | 追加 2001-05-19.. best 2001-05-19.. TT of 10
  2014-05-20, indicated:TETANUS | 2025-05-01 | TETANUS | 追加 2025-05-19.. best 2025-05-19.. TT of 10
  1990-05-20, 2020-06-01 TT | 2026-06-01 | TETANUS | 追加 2030-06-01.. best 2030-06-01.. TT of 10
  1990-05-20, 2003-05-19 DPT | 2026-06-01 | TETANUS | silent
  1990-05-20, 2003-05-20 DPT | 2026-06-01 | TETANUS | 追加 2013-05-20.. best 2013-05-20.. TT of 10
  # HEPB_VOL
  2025-05-20, 2025-10-20 HepB | 2026-05-20 | HEPB_VOL | 2回目 2025-11-17.. best 2025-11-20.. HepB of 3
  2025-05-20, 2025-10-20 HepB, 2025-11-20 HepB | 2026-05-20 | HEPB_VOL | 3回目 2026-03-09.. best 2026-04-20.. HepB of 3
  2016-03-31, 2025-05-20 HepB | 2025-05-21 | HEPB_VOL | 2回目 2025-06-17.. best 2025-06-20.. HepB of 3
  2016-03-31, 2025-05-20 HepB, 2025-07-20 HepB | 2025-07-21 | HEPB_VOL | 3回目 2025-10-07.. best 2025-11-20.. HepB of 3
  2016-03-31, 2025-05-20 HepB, 2025-12-01 HepB | 2025-12-01 | HEPB_VOL | 3回目 2025-12-02.. best 2025-12-02.. HepB of 3
  2006-11-22 | 2026-11-20 | HEPB_VOL | 1回目 2006-11-22.. best 2006-11-22.. HepB of 3
  2006-11-22 | 2026-11-21 | HEPB_VOL | silent
  2006-11-22, 2020-01-01 HepB | 2026-11-21 | HEPB_VOL | 2回目 2020-01-29.. best 2020-02-01.. HepB of 3
  2006-11-22, HBsAg-positive | 2026-11-20 | HEPB_VOL | immune (diseaseHistory) 1回目
  2006-11-22, mother:HBsAg-positive, 2006-11-22 HBIG | 2026-11-20 | HEPB_VOL | silent
  2006-11-22, mother:HBsAg-positive | 2026-11-20 | HEPB_VOL | 1回目 2006-11-22.. best 2006-11-22.. HepB of 3
  # VAR_VOL
  2022-05-20, 2023-06-01 VAR | 2025-05-19 | VAR_VOL | silent
  2022-05-20, 2023-06-01 VAR | 2025-05-20 | VAR_VOL | 2回目 2023-09-01.. best 2023-09-01.. VAR of 2
  2022-05-20, 2023-06-01 VAR, 2025-05-20 VAR | 2025-05-20 | VAR_VOL | complete of 2
  2022-05-20, disease:varicella | 2025-05-20 | VAR_VOL | silent
  2006-11-22 | 2026-11-20 | VAR_VOL | 1回目 2007-11-21.. best 2007-11-21.. VAR of 2
  2006-11-22 | 2026-11-21 | VAR_VOL | silent
  2006-11-22, indicated:VAR_VOL | 2026-11-21 | VAR_VOL | 1回目 2007-11-21.. best 2007-11-21.. VAR of 2
  # MR
  1996-05-20 woman, rubella-titre@2026-05-01=8, rubella-titre@2026-01-10=64 | 2026-06-01 | MR_LOW | 1回 1997-05-19.. best 1997-05-19.. MR of 1
  1996-05-20 woman, rubella-titre@2026-01-10=8, rubella-titre@2026-05-01=64 | 2026-06-01 | MR_LOW | silent
  1996-05-20 woman, rubella-titre@2026-05-01=8, rubella-titre@2026-05-20 | 2026-06-01 | MR_LOW | 1回 1997-05-19.. best 1997-05-19.. MR of 1
  2022-05-20 | 2024-05-19 | MR1_VOL | silent
  2022-05-20 | 2024-05-20 | MR1_VOL | 1回目 2023-05-19..2028-03-31 best 2023-05-19.. MR of 1 ask
  2022-05-20 | 2028-03-31 | MR1_VOL | 1回目 2023-05-19..2028-03-31 best 2023-05-19.. MR of 1 ask
  2022-05-20 | 2028-04-01 | MR1_VOL | silent
  2022-05-20, 2023-05-01 MR | 2024-05-20 | MR1_VOL | 1回目 2023-05-29..2028-03-31 best 2023-05-29.. MR of 1 ask
  2022-05-20, disease:measles, disease:rubella | 2024-05-20 | MR1_VOL | silent
  2019-05-20, 2020-06-01 MR | 2026-03-31 | MR_VOL | silent
  2019-05-20, 2020-06-01 MR | 2026-04-01 | MR_VOL | 2回目 2020-06-29.. best 2020-06-29.. MR of 2
  2019-05-20 | 2026-04-01 | MR_VOL | 1回目 2020-05-19.. best 2020-05-19.. MR of 2
  2019-05-20, 2026-04-01 MR | 2026-04-02 | MR_VOL | 2回目 2026-04-29.. best 2026-04-29.. MR of 2
  2019-05-20, disease:measles, disease:rubella | 2026-04-01 | MR_VOL | silent
  2006-11-22 | 2026-11-20 | MR_VOL | 1回目 2007-11-21.. best 2007-11-21.. MR of 2
  2006-11-22 | 2026-11-21 | MR_VOL | silent
  2006-11-22, indicated:MR_VOL | 2026-11-21 | MR_VOL | 1回目 2007-11-21.. best 2007-11-21.. MR of 2
  2009-11-22, rubella-titre=16 | 2026-11-21 | MR_VOL | silent
  2009-11-22, rubella-titre=17 | 2026-11-21 | MR_VOL | 1回目 2010-11-21.. best 2010-11-21.. MR of 2
  1996-05-20 woman, rubella-titre@2026-01-10=16 | 2026-02-01 | MR_LOW | 1回 1997-05-19.. best 1997-05-19.. MR of 1
  1996-05-20 woman, rubella-titre@2026-01-10=17 | 2026-02-01 | MR_LOW | silent
  1996-05-20 woman, indicated:MR_LOW | 2026-02-01 | MR_LOW | 1回 1997-05-19.. best 1997-05-19.. MR of 1
  1996-05-20 woman, rubella-titre@2026-01-10=8, 2026-01-09 MR | 2026-02-01 | MR_LOW | 1回 1997-05-19.. best 1997-05-19.. MR of 1
  1996-05-20 woman, rubella-titre@2026-01-10=8, 2026-01-10 MR | 2026-02-01 | MR_LOW | complete of 1
  1996-05-20 woman, rubella-titre@2026-01-10=8, pregnancy-edd@2026-05-20 | 2026-02-01 | MR_LOW | 1回 2026-05-21.. best 2026-05-21.. MR of 1
  # travel
  2000-05-20, indicated:HEPA | 2026-02-01 | HEPA | 1回目 2000-05-20.. best 2000-05-20.. of 3
  2000-05-20, 2026-03-01 HepA | 2026-03-02 | HEPA | 2回目 2026-03-15.. best 2026-03-15..2026-03-29 of 3
  2000-05-20, 2026-03-01 HepA, 2026-03-15 HepA | 2026-03-16 | HEPA | 3回目 2026-08-16.. best 2026-08-16.. of 3
  2000-05-20, indicated:HEPA, disease:hepatitis-a | 2026-03-16 | HEPA | immune (diseaseHistory) 1回目
  2026-05-20, indicated:HEPA | 2026-05-20 | HEPA | 1回目 2026-05-20.. best 2026-05-20.. of 3
  2026-05-20, indicated:RABIES | 2026-05-20 | RABIES | 1回目 2026-05-20.. best 2026-05-20.. of 3
  2000-05-20, 2026-03-01 RABIES | 2026-03-02 | RABIES | 2回目 2026-03-08.. best 2026-03-08.. of 3
  2000-05-20, 2026-03-01 RABIES, 2026-03-08 RABIES | 2026-03-09 | RABIES | 3回目 2026-03-22.. best 2026-03-22..2026-03-29 of 3
  2000-05-20, 2026-03-01 RABIES, 2026-04-08 RABIES | 2026-04-08 | RABIES | 3回目 2026-04-09.. best 2026-04-09..2026-03-29 of 3
  2000-05-20, 2026-03-01 HepA, 2026-09-08 HepA | 2026-09-08 | HEPA | 3回目 2026-09-09.. best 2026-09-09.. of 3
  2025-05-20, indicated:TYPHOID | 2026-02-01 | TYPHOID | 1回 2027-05-19.. best 2027-05-19.. of 1 ask
  2025-05-20, indicated:TBE | 2026-02-01 | TBE | 1回目 2026-05-19.. best 2026-05-19.. of 3
  2025-05-20, indicated:YF | 2025-08-01 | YF | 1回 2026-02-19.. best 2026-02-19.. of 1
  2025-05-20, 2026-05-19 TBE | 2026-05-20 | TBE | 2回目 2026-06-19.. best 2026-06-19.. of 3 ask
  2025-05-20, 2026-05-19 TBE, 2026-06-19 TBE | 2026-06-20 | TBE | 3回目 2026-11-19.. best 2026-11-19.. of 3 ask
  # risk
  2025-05-20 | 2026-06-01 | COVID | silent
  2025-05-20, high-risk | 2025-06-01 | COVID | 1回目 2025-11-19.. best 2025-11-19.. of 1 ask
  2019-05-20, high-risk, 2026-03-31 COVID-mRNA | 2026-04-01 | COVID | 1回目 2026-04-01.. best 2026-04-01.. of 1 ask
  2019-05-20, high-risk, 2026-04-01 COVID-mRNA | 2026-04-02 | COVID | complete of 1 ask
  1961-11-23, high-risk | 2026-11-21 | COVID | 1回目 2026-04-01.. best 2026-04-01.. of 1 ask
  1961-11-23, high-risk | 2026-11-22 | COVID | silent
  2020-05-20, asplenia | 2025-05-19 | PCV_RISK | silent
  2020-05-20, asplenia | 2025-05-20 | PCV_RISK | 1回 2025-05-20..2085-05-19 best 2025-05-20.. PCV20 of 1 ask
  2020-05-20 | 2025-05-20 | PCV_RISK | silent
  2020-05-20, asplenia, 2025-05-19 PCV20 | 2025-05-20 | PCV_RISK | 1回 2025-05-20..2085-05-19 best 2025-05-20.. PCV20 of 1 ask
  2020-05-20, asplenia, 2025-05-20 PCV20 | 2025-05-20 | PCV_RISK | complete of 1 ask
  1961-11-23, asplenia | 2026-11-21 | PCV_RISK | 1回 1966-11-23..2026-11-22 best 1966-11-23.. PCV20 of 1 ask
  1961-11-23, asplenia | 2026-11-22 | PCV_RISK | silent
  2020-05-20, asplenia | 2025-05-19 | HIB_RISK | silent
  2020-05-20, asplenia | 2025-05-20 | HIB_RISK | 1回 2025-05-20.. best 2025-05-20.. of 1 ask
  2020-05-20, asplenia, 2025-05-19 Hib | 2025-05-20 | HIB_RISK | 1回 2025-05-20.. best 2025-05-20.. of 1 ask
  2020-05-20, asplenia, 2025-05-20 Hib | 2025-05-20 | HIB_RISK | complete of 1 ask
  2020-05-20, high-risk | 2025-05-20 | HIB_RISK | silent
  2025-05-20, c5-inhibitor | 2026-05-20 | MENACWY | 1回 2027-05-19.. best 2027-05-19.. of 1
  2025-05-20 | 2026-05-20 | MENACWY | silent
  `);
});

describe('what a dose was worth', () => {
  testDoses(`
  # POLIO
  2011-10-20, 2012-02-10 OPV, 2012-03-22 OPV | POLIO | 1, notValid (intervalTooSoon)
  2011-10-20, 2012-02-10 OPV, 2012-03-23 OPV | POLIO | 1, 2
  2011-10-20, 2012-02-10 OPV, 2012-03-23 OPV, 2012-10-10 IPV | POLIO | 1, 2, extraneous (seriesAlreadyComplete)
  2011-10-20, 2012-01-18 OPV | POLIO | notValid (ageTooYoung)
  2011-10-20, 2012-01-19 OPV | POLIO | 1
  2012-04-20, 2012-08-31 OPV, 2012-09-20 IPV | POLIO | 1, notValid (intervalTooSoon)
  2012-04-20, 2012-08-31 OPV, 2012-09-21 IPV | POLIO | 1, 2
  2012-04-20, 2012-09-01 OPV | POLIO | 1 (productNotRoutine private)
  2012-04-20, 2012-07-20 OPV, 2012-08-31 IPV | POLIO | 1, 2 (productNotRoutine private)
  2012-04-20, 2012-08-10 OPV, 2012-09-01 IPV | POLIO | 1, 2
  2012-04-20, 2012-07-20 OPV, 2012-09-01 IPV, 2012-09-21 IPV | POLIO | 1, 2, notValid (intervalTooSoon)
  2012-04-20, 2012-07-20 OPV, 2012-09-01 IPV, 2012-09-22 IPV, 2013-03-21 IPV | POLIO | 1, 2, 3, notValid (intervalTooSoon)
  2012-04-20, 2012-07-20 OPV, 2012-09-01 IPV, 2012-09-22 IPV, 2013-03-22 IPV | POLIO | 1, 2, 3, 4
  2012-04-20, 2012-07-20 OPV, 2019-10-19 IPV | POLIO | 1, 2
  2012-04-20, 2012-07-20 OPV, 2019-10-20 IPV | POLIO | 1, notValid (ageTooOld)
  2022-12-20, 2023-03-18 OPV | POLIO | notValid (ageTooYoung productNotRoutine)
  2022-12-20, 2023-03-19 OPV | POLIO | 1 (productNotRoutine private)
  2023-01-20, 2023-03-31 OPV | POLIO | notValid (ageTooYoung productNotRoutine)
  2023-01-20, 2023-04-01 OPV | POLIO | 1 (productNotRoutine private)
  2023-04-20, 2023-06-18 OPV | POLIO | notValid (ageTooYoung productNotRoutine)
  2023-04-20, 2023-06-19 OPV | POLIO | 1 (productNotRoutine private)
  2017-04-20, 2017-07-20 OPV, 2024-10-19 IPV | POLIO | 1 (productNotRoutine private), 2
  2017-04-20, 2017-07-20 OPV, 2024-10-20 IPV | POLIO | 1 (productNotRoutine private), notValid (ageTooOld)
  1980-04-20, 1980-07-20 OPV, 1980-09-01 OPV | POLIO | 1, 2
  1980-04-20, 2000-04-19 OPV | POLIO | notValid (ageTooOld)
  1980-04-20, 2000-04-20 OPV | POLIO | nothing
  # tetanus
  2014-05-20, 2025-05-18 TT | TETANUS | notValid (outsideAnyWindow)
  2014-05-20, 2025-05-19 TT | TETANUS | 1 (private)
  # HEPB_VOL
  2006-11-22, 2026-01-01 HepB, 2026-01-28 HepB | HEPB_VOL | 1 (private), notValid (intervalTooSoon)
  2006-11-22, 2026-01-01 HepB, 2026-01-29 HepB, 2026-05-20 HepB | HEPB_VOL | 1 (private), 2 (private), notValid (intervalTooSoon)
  2006-11-22, 2026-01-01 HepB, 2026-01-29 HepB, 2026-05-21 HepB | HEPB_VOL | 1 (private), 2 (private), 3 (private)
  2015-11-22, 2015-11-22 HepB | HEPB_VOL | 1 (private)
  # VAR_VOL
  2006-11-22, 2026-01-10 VAR, 2026-04-09 VAR | VAR_VOL | 1 (private), notValid (intervalTooSoon)
  2006-11-22, 2026-01-10 VAR, 2026-04-10 VAR | VAR_VOL | 1 (private), 2 (private)
  2006-11-22, 2007-11-20 VAR | VAR_VOL | nothing
  2006-11-22, 2007-11-21 VAR | VAR_VOL | nothing
  # MR
  2022-05-20, 2024-05-20 MR | MR1_VOL | 1 (private)
  2022-05-20, 2028-03-31 MR | MR1_VOL | 1 (private)
  2022-05-20, 2028-04-01 MR | MR1_VOL | nothing
  2009-11-22, 2026-01-10 MR, 2026-02-06 MR | MR_VOL | 1 (private), notValid (intervalTooSoon)
  2009-11-22, 2026-01-10 MR, 2026-02-07 MR | MR_VOL | 1 (private), 2 (private)
  2009-11-22, 2010-11-20 MR | MR_VOL | nothing
  2009-11-22, 2010-11-21 M, 2010-11-21 R | MR_VOL | nothing
  2025-05-20, indicated:MR_LOW, rubella-titre@2026-05-01=8, 2026-05-18 MR | MR_LOW | notValid (ageTooYoung)
  2025-05-20, indicated:MR_LOW, rubella-titre@2026-05-01=8, 2026-05-19 MR | MR_LOW | 1 (private)
  # travel
  2000-05-20, 2026-03-01 HepA, 2026-03-14 HepA | HEPA | 1 (private), notValid (intervalTooSoon)
  2000-05-20, 2026-03-01 HepA, 2026-03-15 HepA, 2026-08-15 HepA | HEPA | 1 (private), 2 (private), notValid (intervalTooSoon)
  2000-05-20, 2026-03-01 HepA, 2026-03-15 HepA, 2026-08-16 HepA | HEPA | 1 (private), 2 (private), 3 (private)
  2000-05-20, 2026-03-01 RABIES, 2026-03-07 RABIES | RABIES | 1 (private), notValid (intervalTooSoon)
  2000-05-20, 2026-03-01 RABIES, 2026-03-08 RABIES, 2026-03-21 RABIES | RABIES | 1 (private), 2 (private), notValid (intervalTooSoon)
  2000-05-20, 2026-03-01 RABIES, 2026-03-08 RABIES, 2026-03-22 RABIES | RABIES | 1 (private), 2 (private), 3 (private)
  # risk
  2020-05-20, asplenia, 2025-05-19 PCV20 | PCV_RISK | nothing | 2025-05-20
  2020-05-20, asplenia, 2025-05-19 Hib | HIB_RISK | nothing | 2025-05-20
  `);
});
