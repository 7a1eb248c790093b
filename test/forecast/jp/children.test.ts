// Vaccines of toddlers, preschool and school children against the fact sheet (sections 6 and 8): phases by age and fiscal
// year, cohorts by birth date, intervals, standard periods.
import { describe } from 'vitest';
import { testDoses, testForecasts, testPeriods } from './ask.ts';

describe('legal days', () => {
  testPeriods(`
  # Measles-rubella
  2025-05-20 | MR1 | MR | 2026-05-19 | 2027-05-19
  2023-03-20, flag:mrShortageRecognised | MR1 | MR | 2025-04-01 | 2027-03-31
  2020-04-01 | MR2 | MR | 2025-04-01 | 2026-03-31
  2020-04-02 | MR2 | MR | 2026-04-01 | 2027-03-31
  1995-04-02 | MR2 | MR | 2008-04-01 | 2009-03-31
  1995-04-01 | MR2 | MR | 2012-04-01 | 2013-03-31
  2000-04-01 | MR2 | MR | 2012-04-01 | 2013-03-31
  2000-04-02 | MR2 | MR | 2006-04-01 | 2007-03-31
  1990-04-02 | MR2 | MR | 2008-04-01 | 2009-03-31
  # VAR
  2025-05-20 | VAR | VAR | 2026-05-19 | 2028-05-19
  2025-05-20, 2026-05-20 VAR | VAR | VAR | 2026-08-20 | 2028-05-19
  # JE1
  2015-05-20 | JE1 | JE | 2015-11-19 | 2022-11-19
  2015-05-20, 2018-06-01 JE | JE1 | JE | 2018-06-08 | 2022-11-19
  2015-05-20, 2018-06-01 JE, 2018-06-08 JE | JE1 | JE | 2018-12-08 | 2022-11-19
  # special cohorts
  1995-06-01 | JE1 | JE | 2011-05-20 | 2015-05-31 | none
  1995-05-31 | JE1 | JE | 2013-04-01 | 2015-05-30 | none
  1995-04-02 | JE1 | JE | 2013-04-01 | 2015-04-01 | none
  2009-10-01 | JE1 | JE | 2018-09-30 | 2022-09-30 | none
  2007-04-02 | JE1 | JE | 2016-04-01 | 2020-04-01 | none
  # JE2
  2011-05-20, 2014-06-01 JE, 2014-06-08 JE, 2015-06-08 JE | JE2 | JE | 2020-05-19 | 2024-05-19
  2000-05-20, 2003-06-01 JE, 2003-06-08 JE, 2004-06-08 JE | JE2 | JE | 2009-05-19 | 2020-05-19
  1995-05-31, 1998-06-01 JE, 1998-06-08 JE, 1999-06-08 JE | JE2 | JE | 2004-05-30 | 2015-05-30
  # HPV
  2011-05-20 girl | HPV | HPV9 | 2023-04-01 | 2028-03-31
  2011-05-20 girl, 2023-05-10 HPV9 | HPV | HPV9 | 2023-06-10 | 2028-03-31
  2011-05-20 girl, 2023-05-10 HPV9, 2023-06-10 HPV9 | HPV | HPV9 | 2023-09-10 | 2028-03-31
  2008-05-20 girl, 2023-05-20 HPV9, 2023-06-20 HPV9 | HPV | HPV9 | 2023-09-20 | 2026-03-31
  2008-05-20 girl, 2022-05-20 HPV2 | HPV | HPV2 | 2022-06-20 | 2026-03-31
  2000-05-20 girl | HPV | HPV4 | 2022-04-01 | 2025-03-31
  2000-05-20 girl, 2025-02-01 HPV9 | HPV | HPV9 | 2025-03-01 | 2026-03-31
  # HPV voluntary
  2017-05-20 boy | HPV_VOL | HPV9 | 2026-05-19 | 2036-05-19 | valid
  # MUMPS
  2025-05-20 | MUMPS | MUMPS | 2026-05-19 | 2026-05-19 | valid
  # FLU
  2020-05-20 | FLU | IIV | 2026-10-01 | 2027-01-31
  2026-04-20 | FLU | IIV | 2026-10-19 | 2027-01-31
  2024-11-20 | FLU | LAIV | 2026-11-19 | 2027-01-31
  2007-11-20 | FLU | LAIV | 2026-10-01 | 2026-11-19
  `);
});

describe('what is due', () => {
  testForecasts(`
  # Measles-rubella
  2025-05-20 | 2026-01-01 | MR1 | 1期 2026-05-19..2027-05-19 best 2026-05-19.. MR of 1
  2025-05-20 | 2027-05-20 | MR1 | agedOut 1期 until 2027-05-19 MR
  2025-05-20, 2026-05-10 MR | 2026-05-11 | MR1 | 1期 2026-06-07..2027-05-19 best 2026-06-07.. MR of 1 ask
  2022-04-02, flag:mrShortageRecognised | 2025-04-01 | MR1 | 1期 2023-04-01..2027-03-31 best 2023-04-01.. MR of 1 mr-fy2024
  2022-04-01, flag:mrShortageRecognised | 2025-04-01 | MR1 | agedOut 1期 until 2024-03-31 MR
  2023-04-01, flag:mrShortageRecognised | 2025-04-01 | MR1 | 1期 2024-03-31..2027-03-31 best 2024-03-31.. MR of 1 mr-fy2024
  2023-04-02, flag:mrShortageRecognised | 2025-04-02 | MR1 | agedOut 1期 until 2025-04-01 MR
  2023-04-01 | 2025-04-01 | MR1 | agedOut 1期 until 2025-03-31 MR
  2023-04-01, flag:mrShortageRecognised | 2027-03-31 | MR1 | 1期 2024-03-31..2027-03-31 best 2024-03-31.. MR of 1 mr-fy2024
  2023-04-01, flag:mrShortageRecognised | 2027-04-01 | MR1 | agedOut 1期 until 2027-03-31 MR
  2025-05-20, disease:measles, disease:rubella | 2026-06-01 | MR1 | immune (diseaseHistory) 1期
  2025-05-20, anaphylaxis:egg | 2026-06-01 | MR1 | contraindicated (anaphylaxis) 1期 ask
  2020-05-20, anaphylaxis:egg | 2026-06-01 | MR2 | contraindicated (anaphylaxis) 2期 ask
  2020-05-20, disease:measles, disease:rubella | 2026-06-01 | MR2 | immune (diseaseHistory) 2期
  2020-05-20 | 2026-03-31 | MR2 | 2期 2026-04-01..2027-03-31 best 2026-04-01.. MR of 1
  2020-05-20 | 2027-04-01 | MR2 | agedOut 2期 until 2027-03-31 MR
  2018-04-02, flag:mrShortageRecognised | 2025-04-01 | MR2 | 2期 2024-04-01..2027-03-31 best 2024-04-01.. MR of 1 mr-fy2024
  2018-04-01, flag:mrShortageRecognised | 2025-04-01 | MR2 | agedOut 2期 until 2024-03-31 MR
  2019-04-01, flag:mrShortageRecognised | 2025-04-01 | MR2 | 2期 2024-04-01..2027-03-31 best 2024-04-01.. MR of 1 mr-fy2024
  2019-04-02, flag:mrShortageRecognised | 2026-04-01 | MR2 | agedOut 2期 until 2026-03-31 MR
  2019-04-01, flag:mrShortageRecognised | 2027-04-01 | MR2 | agedOut 2期 until 2027-03-31 MR
  1996-05-20 | 2009-05-01 | MR2 | 2期 2009-04-01..2010-03-31 best 2009-04-01.. MR of 1 | 2009-05-01
  1991-05-20 | 2009-05-01 | MR2 | 2期 2009-04-01..2010-03-31 best 2009-04-01.. MR of 1 | 2009-05-01
  # VAR
  2011-12-20 | 2015-01-10 | VAR | 経過措置 2014-12-20..2015-03-31 best 2014-12-20.. VAR of 1
  2025-05-20 | 2026-01-01 | VAR | 1回目 2026-05-19..2028-05-19 best 2026-05-19..2026-08-19 VAR of 2
  2025-05-20 | 2026-08-20 | VAR | 1回目 2026-05-19..2028-05-19 best 2026-05-19..2026-08-19 VAR of 2 overdue
  2025-05-20, 2026-05-20 VAR | 2026-05-21 | VAR | 2回目 2026-08-20..2028-05-19 best 2026-11-20..2027-05-20 VAR of 2
  2025-05-20 | 2028-05-20 | VAR | agedOut 1回目 until 2028-05-19 VAR
  2010-05-20 | 2014-11-01 | VAR | 経過措置 2014-10-01..2015-03-31 best 2014-10-01.. VAR of 1
  2010-05-20 | 2014-11-01 | VAR | 経過措置 2014-10-01..2015-03-31 best 2014-10-01.. VAR of 1 | 2014-11-01
  2010-05-20 | 2015-04-01 | VAR | agedOut 1回目 until 2013-05-19 VAR
  2025-05-20, disease:varicella | 2026-08-20 | VAR | immune (diseaseHistory) 1回目
  # JE1
  2025-05-20 | 2026-01-01 | JE1 | 1期初回1回目 2025-11-19..2032-11-19 best 2028-05-19..2029-05-19 JE of 3
  2025-05-20, indicated:JE1 | 2026-01-01 | JE1 | 1期初回1回目 2025-11-19..2032-11-19 best 2025-11-19..2029-05-19 JE of 3
  2025-05-20 | 2029-05-20 | JE1 | 1期初回1回目 2025-11-19..2032-11-19 best 2028-05-19..2029-05-19 JE of 3 overdue
  2022-05-20, 2025-06-01 JE | 2025-06-02 | JE1 | 1期初回2回目 2025-06-08..2029-11-19 best 2025-06-08..2025-06-30 JE of 3
  2022-05-20, 2025-06-01 JE, 2025-06-08 JE | 2025-06-09 | JE1 | 1期追加 2025-12-08..2029-11-19 best 2026-06-08.. JE of 3
  2007-04-01, 2010-05-01 JE | 2020-01-01 | JE1 | 1期初回2回目(特例) 2010-05-08..2027-03-31 best 2010-05-08..2010-05-30 JE of 3 je-special overdue
  2009-01-20 | 2009-08-01 | JE1 | 1期初回1回目 2009-07-19..2022-01-19 best 2012-01-19..2013-01-19 JE of 3 ask | 2009-08-01
  2009-01-20 | 2010-03-31 | JE1 | 1期初回1回目 2009-07-19..2022-01-19 best 2012-01-19..2013-01-19 JE of 3 ask | 2010-03-31
  2009-01-20 | 2010-04-01 | JE1 | 1期初回1回目 2009-07-19..2022-01-19 best 2012-01-19..2013-01-19 JE of 3 | 2010-04-01
  2004-10-20 | 2005-05-29 | JE1 | 1期初回1回目 2005-04-19..2012-04-19 best 2007-10-19..2008-10-19 JE of 3 | 2005-05-29
  2004-10-20 | 2005-05-30 | JE1 | 1期初回1回目 2005-04-19..2012-04-19 best 2007-10-19..2008-10-19 JE of 3 ask | 2005-05-30
  2004-10-20 | 2005-05-30 | JE1 | 1期初回1回目 2005-04-19..2012-04-19 best 2007-10-19..2008-10-19 JE of 3 | 2005-05-29
  # special cohorts
  2015-05-20 | 2024-05-18 | JE2 | 2期 2024-05-19..2028-05-19 best 2024-05-19..2025-05-19 JE of 1
  2015-05-20 | 2024-05-19 | JE2 | 2期 2024-05-19..2028-05-19 best 2024-05-19..2025-05-19 JE of 1 ask
  2007-04-01 | 2026-11-22 | JE1 | 1期初回1回目(特例) 2007-09-30..2027-03-31 best 2010-03-31..2011-03-31 JE of 3 cannot finish je-special overdue
  2007-04-02 | 2019-11-22 | JE1 | 1期初回1回目(特例) 2007-10-01..2020-04-01 best 2010-04-01..2011-04-01 JE of 3 cannot finish je-2007-2009 overdue
  2009-10-01 | 2019-11-22 | JE1 | 1期初回1回目(特例) 2010-03-31..2022-09-30 best 2012-09-30..2013-09-30 JE of 3 je-2007-2009 overdue
  2009-10-02 | 2019-11-22 | JE1 | agedOut 1期初回1回目 until 2017-04-01 JE
  2007-05-20, 2010-03-31 JE, 2017-06-20 JE | 2017-06-21 | JE1 | 1期追加(特例) 2017-06-27..2020-05-19 best 2017-06-27.. JE of 3 je-2007-2009
  2007-05-20, 2010-04-01 JE, 2017-06-20 JE | 2017-06-21 | JE1 | 1期追加(特例) 2017-12-20..2020-05-19 best 2018-06-20.. JE of 3 je-2007-2009
  # JE2
  2017-05-20 | 2026-01-01 | JE2 | 2期 2026-05-19..2030-05-19 best 2026-05-19..2027-05-19 JE of 1
  2017-05-20, 2020-06-01 JE, 2020-06-08 JE, 2021-06-08 JE | 2026-01-01 | JE2 | 2期 2026-05-19..2030-05-19 best 2026-05-19..2027-05-19 JE of 1
  2015-05-20, 2020-06-01 JE, 2020-06-08 JE, 2021-06-08 JE | 2025-05-20 | JE2 | 2期 2024-05-19..2028-05-19 best 2024-05-19..2025-05-19 JE of 1 overdue
  2015-05-20 | 2025-05-20 | JE2 | 2期 2024-05-19..2028-05-19 best 2024-05-19..2025-05-19 JE of 1 overdue ask
  2015-05-20 | 2028-05-20 | JE2 | agedOut 2期 until 2028-05-19 JE
  2007-04-01, 2020-06-01 JE, 2020-06-08 JE | 2020-12-10 | JE2 | 2期(特例) 2020-12-17..2027-03-31 best 2020-12-17..2017-03-31 JE of 1 je-special ask
  2007-04-01, 2020-06-01 JE, 2020-06-08 JE, 2020-12-08 JE | 2020-12-10 | JE2 | 2期(特例) 2020-12-15..2027-03-31 best 2020-12-15..2017-03-31 JE of 1 je-special
  2009-10-01, 2019-06-01 JE, 2019-06-08 JE, 2019-12-08 JE | 2019-12-09 | JE2 | 2期 2019-12-15..2022-09-30 best 2019-12-15..2019-09-30 JE of 1
  2009-10-02, 2012-06-01 JE, 2012-06-08 JE, 2013-12-08 JE | 2018-10-01 | JE2 | 2期 2018-10-01..2022-10-01 best 2018-10-01..2019-10-01 JE of 1
  2007-04-02, 2016-06-01 JE, 2016-06-08 JE | 2016-12-01 | JE2 | 2期 2016-12-15..2020-04-01 best 2016-12-15..2017-04-01 JE of 1 ask
  2015-05-20, disease:japanese-encephalitis | 2025-05-20 | JE2 | immune (diseaseHistory) 2期
  2015-05-20, disease:japanese-encephalitis | 2020-05-20 | JE1 | immune (diseaseHistory) 1期初回1回目
  # HPV
  2007-05-20 girl | 2023-03-31 | HPV | 1回目 2019-04-01..2025-03-31 best 2020-04-01..2021-03-31 HPV4 of 3 overdue
  2007-05-20 girl | 2023-04-01 | HPV | 1回目 2019-04-01..2025-03-31 best 2020-04-01..2021-03-31 HPV9 of 3 overdue
  2007-05-20 girl | 2023-04-01 | HPV | 1回目 2019-04-01..2025-03-31 best 2020-04-01..2021-03-31 HPV4 of 3 overdue | 2023-03-31
  2007-05-20 girl | 2023-04-01 | HPV | 1回目 2019-04-01..2025-03-31 best 2020-04-01..2021-03-31 HPV9 of 3 overdue | 2023-04-01
  2014-05-20 girl, 2026-05-01 HPV9, 2026-06-10 HPV9 | 2026-06-11 | HPV | 3回目 2026-09-10..2031-03-31 best 2026-11-01.. HPV9 of 3
  2014-05-20 girl | 2026-03-31 | HPV | 1回目 2026-04-01..2031-03-31 best 2027-04-01..2028-03-31 HPV9 of 2
  2014-05-20 girl | 2028-04-01 | HPV | 1回目 2026-04-01..2031-03-31 best 2027-04-01..2028-03-31 HPV9 of 2 overdue
  2014-05-20 girl | 2029-05-19 | HPV | 1回目 2026-04-01..2031-03-31 best 2027-04-01..2028-03-31 HPV9 of 2 overdue
  2014-05-20 girl | 2029-05-20 | HPV | 1回目 2026-04-01..2031-03-31 best 2027-04-01..2028-03-31 HPV9 of 3 overdue
  2014-05-20 girl | 2031-04-01 | HPV | agedOut 1回目 until 2031-03-31 HPV9
  2014-05-20 boy | 2026-05-01 | HPV | notRelevant (sex)
  2014-05-20 | 2026-05-01 | HPV | notRelevant (sex)
  2014-05-20 girl, 2026-05-01 HPV9 | 2026-05-02 | HPV | 2回目 2026-10-01..2031-03-31 best 2026-11-01.. HPV9 of 2
  2014-05-20 girl, 2026-05-01 HPV9, 2026-09-30 HPV9 | 2026-10-01 | HPV | 3回目 2026-12-30..2031-03-31 best 2026-12-30.. HPV9 of 3
  2014-05-20 girl, 2026-05-01 HPV9, 2026-10-01 HPV9 | 2026-10-01 | HPV | complete of 2
  2011-05-20 girl, 2026-05-19 HPV9 | 2026-06-01 | HPV | 2回目 2026-10-19..2028-03-31 best 2026-11-19.. HPV9 of 2
  2011-05-20 girl, 2026-05-20 HPV9 | 2026-06-01 | HPV | 2回目 2026-06-20..2028-03-31 best 2026-07-20.. HPV9 of 3
  2011-05-20 girl, 2026-05-20 HPV9, 2026-06-20 HPV9 | 2026-06-21 | HPV | 3回目 2026-09-20..2028-03-31 best 2026-11-20.. HPV9 of 3
  2012-05-20 girl, 2025-05-20 HPV4 | 2025-06-21 | HPV | 2回目 2025-06-20..2029-03-31 best 2025-07-20.. HPV4 of 3
  2012-05-20 girl, 2025-05-20 HPV2 | 2025-06-21 | HPV | 2回目 2025-06-20..2029-03-31 best 2025-07-20.. HPV2 of 3
  2012-05-20 girl, 2025-05-20 HPV2, 2025-06-20 HPV2 | 2025-06-21 | HPV | 3回目 2025-10-20..2029-03-31 best 2025-11-20.. HPV2 of 3
  2012-05-20 girl, 2025-05-20 HPV2, 2025-06-20 HPV2 | 2026-04-01 | HPV | 3回目 2025-09-20..2029-03-31 best 2025-11-20.. HPV9 of 3 ask
  2012-05-20 girl, 2025-05-20 HPV4, 2025-06-20 HPV4 | 2026-03-31 | HPV | 3回目 2025-09-20..2029-03-31 best 2025-11-20.. HPV4 of 3
  2012-05-20 girl, 2025-05-20 HPV4, 2025-06-20 HPV4 | 2026-04-01 | HPV | 3回目 2025-09-20..2029-03-31 best 2025-11-20.. HPV9 of 3 ask
  1997-04-01 girl | 2023-05-01 | HPV | notRelevant (birthDateBeforeProgramme)
  1997-04-02 girl | 2023-05-01 | HPV | 1回目 2013-04-01..2025-03-31 best 2013-04-01..2011-03-31 HPV9 of 3 hpv-catchup overdue
  2008-04-01 girl | 2025-03-31 | HPV | 1回目 2019-04-01..2025-03-31 best 2020-04-01..2021-03-31 HPV9 of 3 cannot finish hpv-catchup overdue
  2008-04-01 girl | 2025-04-01 | HPV | agedOut 1回目 until 2025-03-31 HPV9
  2007-04-02 girl, 2024-05-01 HPV9 | 2025-04-01 | HPV | 2回目 2024-06-01..2026-03-31 best 2024-07-01.. HPV9 of 3 hpv-catchup-2025
  1997-04-02 girl, 2022-03-31 HPV4 | 2025-05-01 | HPV | agedOut 1回目 until 2025-03-31 HPV9 ask
  1997-04-02 girl, 2022-04-01 HPV4 | 2025-05-01 | HPV | 2回目 2022-05-01..2026-03-31 best 2022-06-01.. HPV4 of 3 hpv-catchup-2025
  1997-04-02 girl, 2025-03-31 HPV4 | 2025-05-01 | HPV | 2回目 2025-05-01..2026-03-31 best 2025-05-31.. HPV4 of 3 hpv-catchup-2025
  2000-04-02 girl, 2025-04-01 HPV4 | 2025-05-01 | HPV | agedOut 1回目 until 2025-03-31 HPV9 ask
  2009-04-01 girl, 2025-03-31 HPV9 | 2026-03-31 | HPV | 2回目 2025-05-01..2026-03-31 best 2025-05-31.. HPV9 of 3 cannot finish hpv-catchup-2025
  2009-04-01 girl, 2025-03-31 HPV9 | 2026-04-01 | HPV | agedOut 2回目 until 2026-03-31 HPV9
  2009-04-02 girl, 2025-03-31 HPV9 | 2026-03-31 | HPV | 2回目 2025-05-01..2026-03-31 best 2025-05-31.. HPV9 of 3 cannot finish
  2008-05-20 girl | 2021-05-01 | HPV | 1回目 2020-04-01..2025-03-31 best 2021-04-01..2022-03-31 HPV4 of 3 | 2013-06-13
  2001-05-20 girl | 2013-06-14 | HPV | 1回目 2013-04-01..2025-03-31 best 2014-04-01..2015-03-31 HPV4 of 3 ask
  2001-05-20 girl | 2013-06-13 | HPV | 1回目 2013-04-01..2025-03-31 best 2014-04-01..2015-03-31 HPV4 of 3
  2008-05-20 girl | 2022-03-31 | HPV | 1回目 2020-04-01..2025-03-31 best 2021-04-01..2022-03-31 HPV4 of 3 ask
  2008-05-20 girl | 2022-04-01 | HPV | 1回目 2020-04-01..2025-03-31 best 2021-04-01..2022-03-31 HPV4 of 3 overdue
  2010-05-20 girl | 2023-03-31 | HPV | 1回目 2022-04-01..2027-03-31 best 2023-04-01..2024-03-31 HPV4 of 3
  2010-05-20 girl | 2023-04-01 | HPV | 1回目 2022-04-01..2027-03-31 best 2023-04-01..2024-03-31 HPV9 of 2
  2014-05-20 girl, disease:hpv | 2026-05-01 | HPV | immune (diseaseHistory) 1回目 ask
  # HPV voluntary
  2015-05-20 boy | 2024-05-18 | HPV_VOL | silent
  2015-05-20 boy | 2024-05-19 | HPV_VOL | 1回目 2025-08-25.. best 2025-08-25.. HPV9 of 2
  2015-05-20 boy, 2025-08-25 HPV9 | 2025-08-26 | HPV_VOL | 2回目 2026-01-25.. best 2026-02-25.. HPV9 of 2
  2017-05-20 girl | 2029-04-01 | HPV_VOL | silent
  2010-05-20 girl | 2026-03-31 | HPV_VOL | silent
  2010-05-20 girl | 2027-04-01 | HPV_VOL | 1回目 2019-05-19.. best 2019-05-19.. HPV9 of 3
  2010-05-20 girl, 2026-04-20 HPV9 | 2027-04-01 | HPV_VOL | 2回目 2026-05-20.. best 2026-06-20.. HPV9 of 3
  2010-05-20 girl | 2030-05-18 | HPV_VOL | 1回目 2019-05-19.. best 2019-05-19.. HPV9 of 3
  2010-05-20 girl | 2030-05-19 | HPV_VOL | silent
  2010-05-20 girl, indicated:HPV_VOL | 2030-05-19 | HPV_VOL | 1回目 2019-05-19.. best 2019-05-19.. HPV9 of 3
  # MUMPS
  2025-05-20 | 2026-01-01 | MUMPS | 1回目 2026-05-19.. best 2026-05-19..2026-08-19 MUMPS of 2
  2025-05-20, 2026-05-20 MUMPS | 2026-05-21 | MUMPS | 2回目 2026-06-17.. best 2031-04-01..2032-03-31 MUMPS of 2 ask
  2025-05-20 | 2026-08-20 | MUMPS | 1回目 2026-05-19.. best 2026-05-19..2026-08-19 MUMPS of 2 overdue
  2006-11-22 | 2026-11-20 | MUMPS | 1回目 2007-11-21.. best 2007-11-21..2008-02-21 MUMPS of 2 overdue
  2006-11-22 | 2026-11-21 | MUMPS | silent
  2006-11-22, 2008-05-01 MMR | 2026-11-22 | MUMPS | 2回目 2008-05-29.. best 2012-04-01..2013-03-31 MUMPS of 2 overdue ask
  2006-11-22, indicated:MUMPS | 2026-11-22 | MUMPS | 1回目 2007-11-21.. best 2007-11-21..2008-02-21 MUMPS of 2 overdue
  # FLU
  2027-05-20 | 2026-11-22 | FLU | 1回目 2027-11-19..2028-01-31 best 2027-11-19.. IIV of 2
  2020-05-20 | 2026-01-31 | FLU | 1回目 2025-10-01..2026-01-31 best 2025-10-01.. IIV of 2 cannot finish
  2020-05-20 | 2026-02-01 | FLU | 1回目 2026-10-01..2027-01-31 best 2026-10-01.. IIV of 2
  2020-05-20, 2026-10-10 IIV | 2026-10-11 | FLU | 2回目 2026-10-24..2027-01-31 best 2026-11-07.. IIV of 2
  2020-05-20, 2026-01-31 IIV | 2026-02-01 | FLU | 1回目 2026-10-01..2027-01-31 best 2026-10-01.. IIV of 2
  2026-04-01 | 2026-09-01 | FLU | 1回目 2026-10-01..2027-01-31 best 2026-10-01.. IIV of 2
  2026-07-31 | 2026-09-01 | FLU | 1回目 2027-01-30..2027-01-31 best 2027-01-30.. IIV of 2 cannot finish
  2026-08-01 | 2026-09-01 | FLU | 1回目 2027-01-31..2027-01-31 best 2027-01-31.. IIV of 2 cannot finish
  2026-08-02 | 2026-09-01 | FLU | 1回目 2027-10-01..2028-01-31 best 2027-10-01.. IIV of 2
  2013-10-11, 2026-10-10 IIV | 2026-10-11 | FLU | 2回目 2026-10-24..2027-01-31 best 2026-11-07.. IIV of 2
  2013-10-10, 2026-10-10 IIV | 2026-10-11 | FLU | complete of 1
  2024-11-20, 2026-11-19 LAIV | 2026-11-20 | FLU | complete of 1
  1961-10-02 | 2026-09-01 | FLU | silent
  1961-10-03 | 2026-09-01 | FLU | 1回目 2026-10-01..2027-01-31 best 2026-10-01.. IIV of 1
  1961-10-03 | 2026-10-01 | FLU | 1回目 2026-10-01..2027-01-31 best 2026-10-01.. IIV of 1
  1961-10-03 | 2026-10-02 | FLU | silent
  1966-10-02, severe-disability | 2026-09-01 | FLU | silent
  1966-10-03, severe-disability | 2026-09-01 | FLU | 1回目 2026-10-01..2027-01-31 best 2026-10-01.. IIV of 1
  1966-10-03, severe-disability | 2026-10-02 | FLU | silent
  1966-10-02 | 2026-10-02 | FLU | 1回目 2026-10-01..2027-01-31 best 2026-10-01.. IIV of 1
  2020-05-20, anaphylaxis:egg | 2026-10-02 | FLU | contraindicated (anaphylaxis) 1回目 ask
  `);
});

describe('what a dose was worth', () => {
  testDoses(`
  # Measles-rubella
  2018-12-20, flag:mrShortageRecognised, 2025-04-01 MR | MR2 | 1
  2018-12-20, flag:mrShortageRecognised, 2027-03-31 MR | MR2 | 1
  2018-12-20, flag:mrShortageRecognised, 2027-04-01 MR | MR2 | notValid (ageTooOld)
  2000-05-20, missed:MR1, long-illness-ended@2019-06-10, 2020-05-19 MR | MR1 | 1
  2000-05-20, missed:MR1, long-illness-ended@2019-06-10, 2020-05-20 MR | MR1 | nothing
  2005-03-20, 2006-03-31 MR | MR1 | 1 (private)
  2005-03-20, 2006-04-01 MR | MR1 | 1
  2003-03-20, 2004-03-18 M, 2004-03-18 R | MR1 | notValid (ageTooYoung), notValid (ageTooYoung partOfCombination)
  2003-03-20, 2004-03-19 M, 2004-03-19 R | MR1 | 1 (private), 1 (partOfCombination private)
  2003-03-20, 2005-03-20 M | MR1 | notValid (ageTooOld outsideAnyWindow)
  2025-05-20, 2026-04-22 MR, 2026-05-19 MR | MR1 | notValid (ageTooYoung), notValid (intervalTooSoon)
  2025-05-20, 2026-04-22 MR, 2026-05-20 MR | MR1 | notValid (ageTooYoung), 1
  1999-06-20, 2000-07-01 M, 2000-07-01 R, 2006-03-31 MR | MR2 | notValid (outsideAnyWindow)
  1999-06-20, 2000-07-01 M, 2000-07-01 R, 2006-04-01 MR | MR2 | notValid (outsideAnyWindow ageTooOld)
  1990-04-01, 2008-04-01 MR | MR2 | notValid (ageTooOld)
  1990-04-02, 2008-04-01 MR | MR2 | 1
  2000-04-02, 2013-03-31 MR | MR2 | notValid (ageTooOld)
  1994-05-20, 2008-03-31 MR | MR2 | notValid (outsideAnyWindow ageTooOld)
  2000-05-20, 2020-05-19 MR | MR2 | notValid (ageTooOld)
  2000-05-20, 2020-05-20 MR | MR2 | nothing
  2000-05-20, 2020-05-19 MR | MR1 | nothing
  # VAR
  2013-05-20, 2014-09-30 VAR, 2014-10-01 VAR | VAR | 1 (private), notValid (intervalTooSoon)
  2013-05-20, 2014-06-30 VAR, 2014-10-01 VAR | VAR | 1 (private), 2
  2010-05-20, 2014-10-01 VAR | VAR | 1
  2010-05-20, 2014-09-30 VAR | VAR | 1 (private)
  2010-05-20, 2015-03-31 VAR | VAR | 1
  2010-05-20, 2015-04-01 VAR | VAR | notValid (ageTooOld)
  2009-12-20, 2014-12-19 VAR | VAR | 1
  2009-12-20, 2014-12-20 VAR | VAR | notValid (ageTooOld)
  2011-12-20, 2014-12-19 VAR | VAR | 1
  2011-12-20, 2014-12-20 VAR, 2015-03-25 VAR | VAR | 1, extraneous (seriesAlreadyComplete)
  2011-12-20, 2014-12-19 VAR, 2015-03-25 VAR | VAR | 1, extraneous (seriesAlreadyComplete)
  2000-05-20, 2020-05-19 VAR | VAR | notValid (ageTooOld)
  2000-05-20, 2020-05-20 VAR | VAR | nothing
  # JE1
  2010-05-20, 2013-06-01 JE, 2013-10-02 JE, 2014-04-01 JE | JE1 | 1, 2 (intervalAboveLimit private), notValid (intervalTooSoon)
  2010-05-20, 2013-06-01 JE, 2013-10-02 JE, 2014-04-02 JE | JE1 | 1, 2 (intervalAboveLimit private), 3
  2010-05-20, 2013-06-01 JE, 2013-10-01 JE, 2014-03-31 JE | JE1 | 1, 2 (intervalAboveLimit private), notValid (intervalTooSoon)
  2010-05-20, 2013-06-01 JE, 2013-06-30 JE | JE1 | 1, 2
  2010-05-20, 2013-06-01 JE, 2013-07-01 JE | JE1 | 1, 2 (intervalAboveLimit private)
  2010-05-20, 2014-03-01 JE, 2014-03-31 JE | JE1 | 1, 2 (intervalAboveLimit private)
  2010-05-20, 2014-03-02 JE, 2014-04-01 JE | JE1 | 1, 2
  2010-05-20, 2013-06-01 JE, 2013-06-08 JE, 2013-12-07 JE | JE1 | 1, 2, notValid (intervalTooSoon)
  2010-05-20, 2013-06-01 JE, 2013-06-08 JE, 2013-12-08 JE | JE1 | 1, 2, 3 (boosterBeforeOneYear)
  2010-05-20, 2012-06-01 JE, 2012-06-08 JE, 2013-06-07 JE | JE1 | 1, 2, 3 (boosterBeforeOneYear)
  2010-05-20, 2012-06-01 JE, 2012-06-08 JE, 2013-06-08 JE | JE1 | 1, 2, 3
  2010-05-20, 2013-06-01 JE, 2013-09-20 JE, 2014-03-31 JE | JE1 | 1, 2 (intervalAboveLimit private), 3 (boosterBeforeOneYear)
  2010-05-20, 2013-06-01 JE, 2013-09-20 JE, 2014-04-01 JE | JE1 | 1, 2 (intervalAboveLimit private), 3
  # special cohorts
  2007-04-02, 2010-04-01 JE, 2017-04-20 JE, 2017-04-27 JE | JE1 | 1, 2, notValid (intervalTooSoon)
  1995-04-02, 1999-01-10 JE, 2013-04-20 JE, 2013-04-27 JE | JE1 | 1, 2, 3
  1995-04-01, 2013-04-01 JE | JE1 | nothing
  2000-05-20, 2011-05-19 JE, 2011-06-20 JE, 2011-06-27 JE | JE1 | notValid (outsideAnyWindow ageTooOld), 1, 2
  2000-05-20, 2011-05-19 JE, 2011-06-20 JE, 2011-06-26 JE | JE1 | notValid (outsideAnyWindow ageTooOld), 1, notValid (intervalTooSoon)
  2000-05-20, 2011-05-20 JE, 2011-06-20 JE, 2011-06-27 JE | JE1 | 1, 2, notValid (intervalTooSoon)
  2000-05-20, 2011-05-20 JE, 2011-06-20 JE, 2011-12-19 JE | JE1 | 1, 2, notValid (intervalTooSoon)
  2000-05-20, 2011-05-20 JE, 2011-06-20 JE, 2011-12-20 JE | JE1 | 1, 2, 3
  2008-05-20, 2010-03-31 JE, 2017-06-20 JE, 2017-06-27 JE | JE1 | 1, 2, 3
  2008-05-20, 2010-04-01 JE, 2017-06-20 JE, 2017-06-27 JE | JE1 | 1, 2, notValid (intervalTooSoon)
  2008-05-20, 2010-04-01 JE, 2017-06-20 JE, 2017-12-20 JE | JE1 | 1, 2, 3
  1995-04-02, 2011-05-19 JE, 2013-04-20 JE, 2013-04-27 JE | JE1 | notValid (outsideAnyWindow ageTooOld), 1, 2
  2007-04-01, 2011-05-19 JE, 2017-04-20 JE, 2017-04-27 JE | JE1 | 1, 2, 3
  2007-04-02, 2010-03-31 JE, 2017-04-20 JE, 2017-04-27 JE | JE1 | 1, 2, 3
  2009-10-01, 2010-04-10 JE, 2019-04-20 JE, 2019-10-20 JE | JE1 | 1, 2, 3
  # JE2
  1995-05-31, 1998-06-01 JE, 1998-06-08 JE, 1999-06-08 JE, 2008-05-31 JE | JE2 | notValid (outsideAnyWindow ageTooOld)
  1995-05-31, 1998-06-01 JE, 1998-06-08 JE, 1999-06-08 JE, 2013-03-31 JE | JE2 | notValid (outsideAnyWindow ageTooOld)
  1995-05-31, 1998-06-01 JE, 1998-06-08 JE, 1999-06-08 JE, 2013-04-01 JE | JE2 | 1
  1995-04-01, 1998-06-01 JE, 1998-06-08 JE, 1999-06-08 JE, 2013-04-01 JE | JE2 | notValid (ageTooOld)
  1995-06-01, 1998-06-01 JE, 1998-06-08 JE, 1999-06-08 JE, 2011-05-19 JE | JE2 | notValid (outsideAnyWindow ageTooOld)
  1995-06-01, 1998-06-01 JE, 1998-06-08 JE, 1999-06-08 JE, 2011-05-20 JE | JE2 | 1
  # HPV
  2008-05-20 girl, 2022-05-20 HPV2, 2022-06-20 HPV2, 2022-10-19 HPV2 | HPV | 1, 2, notValid (intervalTooSoon)
  2008-05-20 girl, 2022-05-20 HPV2, 2022-06-20 HPV2, 2022-10-20 HPV2 | HPV | 1, 2, 3
  2008-05-20 girl, 2022-05-20 HPV2, 2022-08-10 HPV2, 2022-10-25 HPV2 | HPV | 1, 2, notValid (intervalTooSoon)
  2008-05-20 girl, 2022-05-20 HPV2, 2022-08-10 HPV2, 2022-10-26 HPV2 | HPV | 1, 2, 3
  2008-05-20 girl, 2022-05-20 HPV4, 2022-06-20 HPV4, 2022-09-19 HPV4 | HPV | 1, 2, notValid (intervalTooSoon)
  2008-05-20 girl, 2022-05-20 HPV4, 2022-06-20 HPV4, 2022-09-20 HPV4 | HPV | 1, 2, 3
  2008-05-20 girl, 2022-05-20 HPV4, 2022-06-20 HPV2 | HPV | 1, undetermined
  2008-05-20 girl, 2022-05-20 HPV2, 2022-06-20 HPV4 | HPV | 1, undetermined
  2008-05-20 girl, 2022-05-20 HPV2, 2023-06-20 HPV9, 2023-09-20 HPV9 | HPV | 1, 2, 3
  2008-05-20 girl, 2022-05-20 HPV9, 2022-06-20 HPV4 | HPV | 1 (productNotRoutine private), undetermined
  1998-05-20 girl, 2013-03-31 HPV4 | HPV | 1 (private)
  1998-05-20 girl, 2013-04-01 HPV4 | HPV | 1
  2011-05-20 girl, 2023-03-31 HPV9 | HPV | notValid (ageTooYoung productNotRoutine)
  2010-05-20 girl, 2023-03-31 HPV9 | HPV | 1 (productNotRoutine private)
  2010-05-20 girl, 2023-04-01 HPV9 | HPV | 1
  2012-05-20 girl, 2026-03-31 HPV4 | HPV | 1
  2012-05-20 girl, 2026-04-01 HPV4 | HPV | 1 (productNotRoutine private)
  2012-05-20 girl, 2026-03-31 HPV2 | HPV | 1
  2012-05-20 girl, 2026-04-01 HPV2 | HPV | 1 (productNotRoutine private)
  # HPV voluntary
  2015-05-20 boy, 2025-08-24 HPV9 | HPV_VOL | 1 (private)
  2015-05-20 boy, 2025-08-25 HPV9 | HPV_VOL | 1 (private)
  2016-05-20 girl, 2025-05-18 HPV9 | HPV_VOL | nothing
  2016-05-20 girl, 2025-05-19 HPV9 | HPV_VOL | 1 (private)
  # MUMPS
  2025-05-20, 2026-05-18 MUMPS | MUMPS | notValid (ageTooYoung)
  2025-05-20, 2026-05-19 MUMPS, 2026-06-15 MUMPS | MUMPS | 1 (private), notValid (intervalTooSoon)
  2025-05-20, 2026-05-19 MUMPS, 2026-06-16 MUMPS | MUMPS | 1 (private), 2 (private)
  # FLU
  2020-05-20, 2026-10-10 IIV, 2026-10-23 IIV | FLU | 1 (private), notValid (intervalTooSoon)
  2020-05-20, 2026-10-10 IIV, 2026-10-24 IIV | FLU | 1 (private), 2 (private)
  2020-05-20, 2026-10-10 IIV, 2026-10-24 LAIV | FLU | 1 (private), undetermined
  2020-05-20, 2026-10-10 LAIV, 2026-10-24 IIV | FLU | 1 (private), extraneous (seriesAlreadyComplete)
  `);
});
