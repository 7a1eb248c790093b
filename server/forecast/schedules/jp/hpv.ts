// Human papillomavirus (HPV), girls: by fiscal year; two doses when begun before 15 with the interval kept, else three.
import type { ConditionSource } from '../../law/condition.ts';
import type { SeriesSource } from '../../law/schedule.ts';
import { HPV_PATHS } from './hpv-paths.ts';
import { ARTICLE_3, afterLongIllness, rule } from './rule.ts';

const ALL = ['HPV9', 'HPV4', 'HPV2'];
const caughtUp: ConditionSource = {
  all: [
    { born: { from: '1997-04-02', to: '2009-04-01' } },
    { given: ALL, atLeast: 1, band: { from: '2022-04-01', to: '2025-03-31' } },
  ],
};

export const hpv: SeriesSource = {
  key: 'HPV',
  name: { ja: 'HPV（子宮頸がん予防）', en: 'Human papillomavirus' },
  programme: 'routine',
  targetDisease: { code: '240532009', display: 'Human papilloma virus infection' },
  products: ALL,
  productDates: [
    { rule: 'HPV-9', products: ['HPV9'], from: '2023-04-01' },
    { rule: 'HPV-9', products: ['HPV4', 'HPV2'], to: '2026-03-31' },
  ],
  cautions: [{ rule: 'HPV-10', when: { on: { from: '2013-06-14', to: '2022-03-31' } }, knownFrom: '2013-06-14' }],
  closures: [
    { rule: 'X9-disease', status: 'immune', reason: 'diseaseHistory', when: { has: 'disease:hpv' } },
    { rule: 'HPV-1', status: 'notRelevant', reason: 'sex', when: { not: { sex: 'female' } } },
    { rule: 'HPV-1', status: 'notRelevant', reason: 'birthDateBeforeProgramme', when: { born: { to: '1997-04-01' } } },
  ],
  windows: [
    {
      rule: 'HPV-1',
      from: 'fiscal year of 12 years start',
      to: 'fiscal year of 16 years end',
      givenFrom: '2013-04-01',
      creditedBefore: 'X5',
    },
    {
      rule: 'HPV-5',
      from: 'fiscal year of 12 years start',
      givenFrom: '2022-04-01',
      givenTo: '2025-03-31',
      when: { born: { from: '1997-04-02', to: '2008-04-01' } },
      extension: 'hpv-catchup',
    },
    {
      rule: 'HPV-5',
      from: 'fiscal year of 12 years start',
      givenFrom: '2025-04-01',
      givenTo: '2026-03-31',
      when: caughtUp,
      extension: 'hpv-catchup-2025',
    },
    afterLongIllness('HPV', 'fiscal year of 12 years start'),
  ],
  prefer: [
    {
      rule: 'HPV-4',
      product: 'HPV9',
      when: { all: [{ on: { from: '2026-04-01' } }, { latest: ['HPV4', 'HPV2'] }] },
      knownFrom: '2026-04-01',
    },
    { rule: 'HPV-3', product: 'HPV4', when: { latest: ['HPV4'] } },
    { rule: 'HPV-3', product: 'HPV2', when: { latest: ['HPV2'] } },
    { rule: 'HPV-3', product: 'HPV9', when: { on: { from: '2023-04-01' } }, knownFrom: '2023-04-01' },
    { rule: 'HPV-3', product: 'HPV4' },
  ],
  paths: HPV_PATHS,
  rules: {
    'HPV-1': rule(
      'L2',
      'O',
      '女子で、12歳となる日の属する年度の初日から16歳となる日の属する年度の末日まで。標準は13歳となる日の属する年度',
      'Girls, from the fiscal year of the 12th to the end of that of the 16th birthday; standard: that of the 13th',
      ARTICLE_3,
    ),
    'HPV-2': rule(
      'L4',
      'O',
      '9価を15歳に至るまでに始めた場合は2回でよい。2回目は標準6月、5月以上。5月未満なら3回目を3月以上おいて行う',
      'HPV9 begun by the day before the 15th birthday: two doses, standard 6 months apart, at least 5; if earlier, a third dose 3 months later',
    ),
    'HPV-3': rule(
      'L4',
      'O',
      '3回接種は1月以上、3月以上の間隔をおく。標準は0・2・6月',
      'Three doses at least 1 and 3 months apart; standard at 0, 2 and 6 months',
    ),
    'HPV-4': rule(
      'L5',
      'U',
      '令和8年4月1日から定期接種は9価のみ。2価・4価で始めた人は9価で3回となるよう終える',
      'Only HPV9 is routine since 2026-04-01; those begun with HPV2 or HPV4 finish three doses with HPV9',
    ),
    'HPV-5': rule(
      'L6',
      'O',
      '平成9年4月2日から平成20年4月1日生まれのキャッチアップは令和7年3月31日まで、期間中に1回以上受けた人（平成21年4月1日生まれまで）は令和8年3月31日まで',
      'Catch-up for births 1997-04-02 to 2008-04-01 until 2025-03-31; until 2026-03-31 for those (births to 2009-04-01) with a dose in the period',
    ),
    'HPV-10': rule(
      'L6',
      'O',
      '平成25年6月14日から令和4年3月31日まで、定期接種のまま積極的な勧奨が差し控えられていた',
      'From 2013-06-14 to 2022-03-31 it stayed routine but was not actively recommended',
    ),
    'HPV-6': rule(
      'L4',
      'O',
      '2価の3回目は1回目から5月以上、2回目から2月半以上',
      'Third dose of HPV2 at least 5 months after the first and two and a half after the second',
    ),
    'HPV-7': rule(
      'L5',
      'U',
      '2価と4価を交ぜて受けることはできない（9価で終えることはできる）。数え方は医師に確認する',
      'HPV2 and HPV4 may not be mixed (finishing with HPV9 is allowed); ask the clinician how the doses count',
    ),
    'HPV-9': rule(
      'L4',
      'O',
      '定期接種の製品は、9価が令和5年4月1日から、2価と4価は令和8年3月31日まで',
      'Routine products: HPV9 since 2023-04-01, HPV2 and HPV4 until 2026-03-31',
    ),
  },
};
