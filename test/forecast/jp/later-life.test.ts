// Pregnancy and the programmes of the elderly against the fact sheet (sections 7 and 10): weeks before the due date, ages,
// fiscal years of a transition, seasons, the closed rubella programme.
import { describe } from 'vitest';
import { testDoses, testForecasts, testPeriods } from './ask.ts';

describe('legal days', () => {
  testPeriods(`
  # RSVM edd 2026-11-22: -84=08-30 -22=10-31
  1995-05-20 woman, pregnancy-edd@2026-11-22 | RSVM | RSV-MAT | 2026-08-30 | 2026-10-31
  1995-05-20 woman, pregnancy-edd@2026-04-30 | RSVM | RSV-MAT | 2026-04-01 | 2026-04-08
  # DPTM
  1995-05-20 woman, pregnancy-edd@2026-11-22 | DPTM | DPT | 2026-08-23 | 2026-10-31 | none
  # PNEU65
  1958-05-20 | PNEU65 | PPSV23 | 2023-04-01 | 2024-05-19
  1949-09-30 | PNEU65 | PPSV23 | 2014-10-01 | 2015-09-29
  1953-05-20, severe-disability | PNEU65 | PPSV23 | 2014-10-01 | 2019-05-19
  1955-05-20, severe-disability | PNEU65 | PPSV23 | 2015-05-19 | 2021-05-19
  1944-09-30 | PNEU65 | PPSV23 | 2014-10-01 | 2015-03-31
  1953-05-20 | PNEU65 | PPSV23 | 2023-04-01 | 2024-03-31
  1948-05-20 | PNEU65 | PPSV23 | 2023-04-01 | 2024-03-31
  1943-05-20 | PNEU65 | PPSV23 | 2023-04-01 | 2024-03-31
  1938-05-20 | PNEU65 | PPSV23 | 2023-04-01 | 2024-03-31
  1933-05-20 | PNEU65 | PPSV23 | 2023-04-01 | 2024-03-31
  1928-05-20 | PNEU65 | PPSV23 | 2023-04-01 | 2024-03-31
  1923-05-20 | PNEU65 | PPSV23 | 2023-04-01 | 2024-03-31
  # ZOSTER
  1960-05-20 | ZOSTER | RZV | 2025-04-01 | 2026-03-31
  1955-05-20 | ZOSTER | RZV | 2025-04-01 | 2026-03-31
  1959-05-20 | ZOSTER | RZV | 2029-04-01 | 2030-03-31
  1954-05-20 | ZOSTER | ZVL | 2029-04-01 | 2030-03-31
  1949-05-20 | ZOSTER | ZVL | 2029-04-01 | 2030-03-31
  1944-05-20 | ZOSTER | ZVL | 2029-04-01 | 2030-03-31
  1939-05-20 | ZOSTER | ZVL | 2029-04-01 | 2030-03-31
  1934-05-20 | ZOSTER | ZVL | 2029-04-01 | 2030-03-31
  1929-05-20 | ZOSTER | ZVL | 2029-04-01 | 2030-03-31
  1960-09-20 | ZOSTER | ZVL | 2025-04-01 | 2026-03-31
  1924-05-20 | ZOSTER | RZV | 2025-04-01 | 2026-03-31
  1920-05-20 | ZOSTER | RZV | 2025-04-01 | 2026-03-31
  1964-05-20, severe-hiv-disability | ZOSTER | RZV | 2025-04-01 | 2030-03-31
  1967-05-20, severe-hiv-disability | ZOSTER | RZV | 2027-05-19 | 2033-03-31
  # FLU65, COVID65
  1951-10-20 | FLU65 | IIV-HD | 2026-10-19 | 2027-01-31
  1950-10-10 | FLU65 | IIV-HD | 2026-10-01 | 2027-01-31
  1961-11-20 | FLU65 | IIV | 2026-11-19 | 2027-01-31
  1966-11-20, severe-disability | FLU65 | IIV | 2026-11-19 | 2027-01-31
  1961-11-20 | COVID65 | COVID-mRNA | 2026-11-19 | 2027-03-31
  1950-11-20 | COVID65 | COVID-mRNA | 2024-10-01 | 2025-03-31
  1966-11-20, severe-disability | COVID65 | COVID-mRNA | 2026-11-19 | 2027-03-31
  1960-05-20, severe-disability | COVID65 | COVID-mRNA | 2024-10-01 | 2025-03-31
  # RUB5
  1962-04-02 man | RUB5 | MR | 2019-02-01 | 2025-03-31
  1979-04-01 man, flag:rubella5TestedInTime | RUB5 | R | 2019-02-01 | 2027-03-31
  `);
});

describe('what is due', () => {
  testForecasts(`
  # RSVM edd 2026-11-22: -84=08-30 -22=10-31
  1995-05-20 woman, pregnancy-edd@2026-11-22 | 2026-05-01 | RSVM | 妊娠1回 2026-08-30..2026-10-31 best 2026-08-30.. RSV-MAT of 1
  1995-05-20 woman, pregnancy-edd@2026-11-22 | 2026-11-01 | RSVM | agedOut 妊娠1回 until 2026-10-31 RSV-MAT
  1995-05-20 woman, pregnancy-edd@2026-11-22 | 2027-01-02 | RSVM | agedOut 妊娠1回 until 2026-10-31 RSV-MAT
  1995-05-20 woman, pregnancy-edd@2026-11-22 | 2027-01-03 | RSVM | silent
  1995-05-20 woman | 2026-11-01 | RSVM | silent
  1995-05-20 woman, pregnancy-edd@2026-11-22, 2026-02-14 RSV-MAT | 2026-08-01 | RSVM | 妊娠1回 2026-08-30..2026-10-31 best 2026-08-30.. RSV-MAT of 1
  1995-05-20 woman, pregnancy-edd@2026-11-22, 2026-02-15 RSV-MAT | 2026-08-01 | RSVM | notRecommended (vaccinatedThisPregnancy) 妊娠1回 ask
  1995-05-20 woman, pregnancy-edd@2026-11-22, planned-delivery-before-38w6d | 2026-09-01 | RSVM | 妊娠1回 2026-08-30..2026-10-31 best 2026-08-30.. RSV-MAT of 1 ask
  1995-05-20 woman, pregnancy-edd@2026-11-22, hypertensive-pregnancy-risk | 2026-09-01 | RSVM | 妊娠1回 2026-08-30..2026-10-31 best 2026-08-30.. RSV-MAT of 1 ask
  1995-05-20 woman, pregnancy-edd@2026-04-22 | 2026-03-20 | RSVM | agedOut 妊娠1回 until 2026-03-31 RSV-MAT
  1995-05-20 woman, pregnancy-edd@2026-04-23 | 2026-03-20 | RSVM | 妊娠1回 2026-04-01..2026-04-01 best 2026-04-01.. RSV-MAT of 1
  # DPTM
  1995-05-20 woman, pregnancy-edd@2026-11-22 | 2026-05-01 | DPTM | 妊娠1回 2026-08-23..2026-10-31 best 2026-08-23.. DPT of 1
  1995-05-20 woman, pregnancy-edd@2026-11-22 | 2027-01-02 | DPTM | agedOut 妊娠1回 until 2026-10-31 DPT
  1995-05-20 woman, pregnancy-edd@2026-11-22 | 2027-01-03 | DPTM | silent
  # PNEU65
  1961-05-20 | 2021-05-18 | PNEU65 | silent
  1961-05-20, severe-disability | 2021-05-18 | PNEU65 | silent
  1961-05-20, severe-disability | 2021-05-19 | PNEU65 | 1回 2021-05-19..2027-05-19 best 2021-05-19.. PPSV23 of 1
  1961-05-20 | 2026-03-31 | PNEU65 | 1回 2026-05-19..2027-05-19 best 2026-05-19.. PPSV23 of 1
  1961-05-20 | 2026-04-01 | PNEU65 | 1回 2026-05-19..2027-05-19 best 2026-05-19.. PCV20 of 1
  1961-05-20 | 2026-03-31 | PNEU65 | 1回 2026-05-19..2027-05-19 best 2026-05-19.. PPSV23 of 1 | 2026-03-31
  1961-05-20 | 2027-05-20 | PNEU65 | agedOut 1回 until 2027-05-19 PCV20
  # ZOSTER
  1961-05-20 | 2021-05-19 | ZOSTER | 1回目 2026-04-01..2027-03-31 best 2026-04-01.. of 2
  1961-05-20 | 2021-05-18 | ZOSTER | silent
  1961-05-20 | 2027-04-01 | ZOSTER | agedOut 1回目 until 2027-03-31
  1961-05-20, 2026-05-20 RZV | 2026-05-21 | ZOSTER | 2回目 2026-07-20..2027-03-31 best 2026-07-20..2026-11-20 of 2
  1961-05-20, immunodeficiency, 2026-05-20 RZV | 2026-05-21 | ZOSTER | 2回目 2026-06-20..2027-03-31 best 2026-06-20..2026-11-20 of 2
  1961-05-20, 2020-05-20 RZV, 2021-05-20 RZV | 2026-05-21 | ZOSTER | notRecommended (adequatelyVaccinated) 1回目 ask
  1961-05-20, 2020-05-20 ZVL | 2026-05-21 | ZOSTER | notRecommended (adequatelyVaccinated) 1回目 ask
  1961-05-20, 2011-05-18 ZVL | 2026-05-21 | ZOSTER | notRecommended (adequatelyVaccinated) 1回目 ask
  1970-05-20, indicated:ZOSTER_VOL | 2020-05-18 | ZOSTER_VOL | 1回目 2020-05-19.. best 2020-05-19.. of 2 ask
  1990-05-20, indicated:ZOSTER_VOL, immunodeficiency | 2020-05-18 | ZOSTER_VOL | 1回目 2008-05-19.. best 2008-05-19.. of 2 ask
  1970-05-20 | 2020-05-19 | ZOSTER_VOL | silent
  # FLU65, COVID65
  1966-11-20, severe-disability | 2026-04-20 | COVID65 | silent
  1961-11-20 | 2026-04-20 | FLU65 | silent
  1961-11-20 | 2026-04-21 | FLU65 | 1回 2026-11-19..2027-01-31 best 2026-11-19.. IIV of 1
  1966-11-20, severe-disability | 2026-04-20 | FLU65 | silent
  1966-11-20, severe-disability | 2026-04-21 | FLU65 | 1回 2026-11-19..2027-01-31 best 2026-11-19.. IIV of 1
  1966-11-20 | 2026-04-21 | FLU65 | silent
  1961-11-20 | 2027-01-31 | FLU65 | 1回 2026-11-19..2027-01-31 best 2026-11-19.. IIV of 1
  1961-11-20 | 2027-02-01 | FLU65 | 1回 2027-10-01..2028-01-31 best 2027-10-01.. IIV of 1
  1951-10-10, 2026-10-09 IIV-HD | 2026-10-10 | FLU65 | complete of 1 ask
  1950-10-10, 2026-01-31 IIV | 2026-02-01 | FLU65 | 1回 2026-10-01..2027-01-31 best 2026-10-01.. IIV of 1
  1961-11-20 | 2026-04-20 | COVID65 | silent
  1961-11-20 | 2026-04-21 | COVID65 | 1回 2026-11-19..2027-03-31 best 2026-11-19.. COVID-mRNA of 1
  1966-11-20, severe-disability | 2026-04-21 | COVID65 | 1回 2026-11-19..2027-03-31 best 2026-11-19.. COVID-mRNA of 1
  1950-10-10, 2026-03-31 COVID-mRNA | 2026-04-01 | COVID65 | 1回 2026-10-01..2027-03-31 best 2026-10-01.. COVID-mRNA of 1
  # RUB5
  1979-04-01 woman, flag:rubella5TestedInTime | 2025-04-01 | RUB5 | silent
  1962-04-01 man | 2025-03-31 | RUB5 | silent
  1979-04-01 man | 2025-03-31 | RUB5 | 5期 2019-02-01..2025-03-31 best 2019-02-01.. MR of 1
  1979-04-02 man | 2025-03-31 | RUB5 | silent
  1979-04-01 woman | 2025-03-31 | RUB5 | silent
  1979-04-01 man | 2025-04-01 | RUB5 | silent
  1979-04-01 man, 2019-01-31 MR | 2025-04-01 | RUB5 | silent
  1979-04-01 man, 2019-02-01 MR | 2025-04-01 | RUB5 | complete of 1
  1979-04-01 man, flag:rubella5TestedInTime | 2025-04-01 | RUB5 | 5期 2019-02-01..2027-03-31 best 2019-02-01.. MR of 1 rubella5-fy2024
  1979-04-01 man, flag:rubella5TestedInTime | 2027-03-31 | RUB5 | 5期 2019-02-01..2027-03-31 best 2019-02-01.. MR of 1 rubella5-fy2024
  1979-04-01 man, flag:rubella5TestedInTime | 2027-04-01 | RUB5 | agedOut 5期 until 2027-03-31 MR
  1979-04-01 man, disease:rubella | 2025-03-31 | RUB5 | immune (diseaseHistory) 5期
  `);
});

describe('what a dose was worth', () => {
  testDoses(`
  # RSVM edd 2026-11-22: -84=08-30 -22=10-31
  1995-05-20 woman, pregnancy-edd@2026-11-22, 2026-02-14 RSV-MAT | RSVM | nothing
  1995-05-20 woman, pregnancy-edd@2026-11-22, 2026-02-15 RSV-MAT | RSVM | notValid (gestationalAgeTooEarly)
  1995-05-20 woman, pregnancy-edd@2026-06-01, 2026-03-08 RSV-MAT | RSVM | notValid (gestationalAgeTooEarly)
  1995-05-20 woman, pregnancy-edd@2026-06-01, 2026-03-09 RSV-MAT | RSVM | notValid (outsideAnyWindow)
  1995-05-20 woman, pregnancy-edd@2026-04-15, 2026-03-24 RSV-MAT | RSVM | notValid (outsideAnyWindow)
  1995-05-20 woman, pregnancy-edd@2026-04-15, 2026-03-25 RSV-MAT | RSVM | notValid (gestationalAgeTooLate)
  # DPTM
  1995-05-20 woman, pregnancy-edd@2026-11-22, 2026-02-14 DPT | DPTM | nothing
  1995-05-20 woman, pregnancy-edd@2026-11-22, 2026-02-15 DPT | DPTM | notValid (outsideAnyWindow)
  # PNEU65
  1961-05-20, 2026-05-18 PCV20 | PNEU65 | notValid (outsideAnyWindow)
  1960-05-20, 2025-05-19 PPSV23 | PNEU65 | 1
  1960-05-20, 2026-03-31 PPSV23 | PNEU65 | 1
  1960-05-20, 2026-04-01 PPSV23 | PNEU65 | 1 (productNotRoutine private)
  1960-05-20, 2026-03-31 PCV20 | PNEU65 | 1 (productNotRoutine private)
  1960-05-20, 2026-04-01 PCV20 | PNEU65 | 1
  1960-05-20, 2020-05-18 PCV20 | PNEU65 | nothing | 2026-05-01
  1960-05-20, 2020-05-19 PPSV23 | PNEU65 | notValid (ageTooYoung) | 2026-05-01
  1954-05-20, 2024-04-01 PPSV23 | PNEU65 | notValid (ageTooOld)
  # ZOSTER
  1961-05-20, 2011-05-19 ZVL | ZOSTER | notValid (ageTooYoung) | 2026-05-01
  1961-05-20, 2011-05-18 ZVL | ZOSTER | nothing | 2026-05-01
  1961-05-20, 2026-05-20 RZV, 2026-07-19 RZV | ZOSTER | 1, notValid (intervalTooSoon)
  1961-05-20, 2026-05-20 RZV, 2026-07-20 RZV | ZOSTER | 1, 2
  1961-05-20, immunosuppressive-therapy, 2026-05-20 RZV, 2026-06-19 RZV | ZOSTER | 1, notValid (intervalTooSoon)
  1961-05-20, severe-hiv-disability, 2026-05-20 RZV, 2026-06-20 RZV | ZOSTER | 1, 2
  1961-05-20, 2026-05-20 RZV, 2026-07-20 ZVL | ZOSTER | 1, undetermined
  1960-09-20, 2030-05-01 ZVL | ZOSTER | notValid (ageTooOld)
  1970-05-20, 2020-05-18 RZV | ZOSTER_VOL | notValid (ageTooYoung)
  1970-05-20, 2020-05-19 RZV | ZOSTER_VOL | 1 (private)
  2000-05-20, immunodeficiency, 2018-05-18 RZV | ZOSTER_VOL | notValid (ageTooYoung)
  2000-05-20, immunodeficiency, 2018-05-19 RZV | ZOSTER_VOL | 1 (private)
  # FLU65, COVID65
  1950-11-20, 2024-09-30 COVID-mRNA | COVID65 | notValid (ageTooYoung)
  1950-10-10, 2025-10-10 IIV-HD | FLU65 | notValid (ageTooYoung productNotRoutine)
  # RUB5
  1979-03-20 man, flag:rubella5TestedInTime, 2025-04-01 MR | RUB5 | 1
  1950-10-10, 2026-09-30 IIV-HD | FLU65 | notValid (ageTooYoung productNotRoutine)
  1950-10-10, 2026-10-01 IIV-HD | FLU65 | 1
  `);
});
