// Elderly routine (B class) that a grandparent's record needs: pneumococcal at 65 (PNEU65) and zoster (ZOSTER). Left out
// of the answer for anybody too young. The ages 60 to 64 with severe disability are not modelled.
import type { SeriesSource, WindowSource } from '../../schedule.ts';
import { ARTICLE_3, rule } from './rule.ts';

export const pneumococcalElderly: SeriesSource = {
  key: 'PNEU65',
  name: { ja: '高齢者肺炎球菌', en: 'Pneumococcal, elderly' },
  programme: 'routine',
  targetDisease: { code: '16814004', display: 'Pneumococcal infectious disease' },
  products: ['PCV20', 'PPSV23'],
  recordsFrom: 'reach 60 years',
  closures: [
    { rule: 'ADT-1', status: 'notRelevant', reason: 'tooYoung', when: { on: { to: 'reach 60 years' } }, silent: true },
  ],
  windows: [{ rule: 'ADT-1', from: 'reach 65 years', to: 'reach 66 years', givenFrom: '2014-10-01' }],
  prefer: [
    { rule: 'ADT-1', product: 'PPSV23', when: { on: { to: '2026-03-31' } } },
    { rule: 'ADT-1', product: 'PCV20' },
  ],
  paths: [{ id: 'PNEU65', rule: 'ADT-1', doses: [{ label: '1回' }] }],
  rules: {
    'ADT-1': rule(
      'L2',
      'O',
      '65歳の者に1回。令和8年4月1日から20価結合型ワクチンを用いる',
      'One dose at the age of 65; the 20-valent conjugate vaccine is used since 2026-04-01',
      ARTICLE_3,
    ),
  },
};

/** 65 for good; 70, 75 … 100 only in the five fiscal years of the transition. */
const zosterWindows: WindowSource[] = [
  {
    rule: 'ADT-2',
    from: 'fiscal year of 65 years start',
    to: 'fiscal year of 65 years end',
    givenFrom: '2025-04-01',
  },
  ...[70, 75, 80, 85, 90, 95, 100].map((age) => ({
    rule: 'ADT-2',
    from: `fiscal year of ${age} years start`,
    to: `fiscal year of ${age} years end`,
    givenFrom: '2025-04-01',
    givenTo: '2030-03-31',
  })),
];

export const zoster: SeriesSource = {
  key: 'ZOSTER',
  name: { ja: '帯状疱疹', en: 'Zoster' },
  programme: 'routine',
  targetDisease: { code: '4740000', display: 'Herpes zoster' },
  products: ['RZV', 'ZVL'],
  recordsFrom: 'reach 50 years',
  closures: [
    { rule: 'ADT-2', status: 'notRelevant', reason: 'tooYoung', when: { on: { to: 'reach 60 years' } }, silent: true },
  ],
  windows: zosterWindows,
  paths: [
    {
      id: 'ZOSTER-RZV',
      rule: 'ADT-2',
      products: ['RZV'],
      productLock: 'ADT-3',
      doses: [
        { label: '1回目' },
        { label: '2回目', intervals: [{ rule: 'ADT-2', after: 'previous', min: '2 months' }] },
      ],
    },
    { id: 'ZOSTER-ZVL', rule: 'ADT-2', products: ['ZVL'], productLock: 'ADT-3', doses: [{ label: '1回目' }] },
  ],
  rules: {
    'ADT-2': rule(
      'L2',
      'O',
      '65歳となる年度。令和7〜11年度は70、75、80、85、90、95、100歳となる年度も対象。組換えは2月以上の間隔で2回、生は1回',
      'In the fiscal year of the 65th birthday, and in FY2025 to FY2029 of the 70th, 75th … 100th; recombinant twice, 2 months apart, or live once',
      ARTICLE_3,
    ),
    'ADT-3': rule(
      'L5',
      'U',
      '組換えと生の両方を受けた場合の数え方は医師に確認する',
      'Ask the clinician how recombinant and live doses count together',
    ),
  },
};
