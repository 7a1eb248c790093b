// Elderly routine (B class): pneumococcal at 65 (PNEU65) and zoster (ZOSTER), with what is voluntary beside it. Left out of
// the answer for anybody too young.
import type { ConditionSource } from '../../law/condition.ts';
import type { SeriesSource, WindowSource } from '../../law/schedule.ts';
import { onlyWhenAsked } from './general.ts';
import { ARTICLE_3, rule } from './rule.ts';

/** Reopened for one year after a long illness (X7), instead of two. */
function afterIllness(key: string, from: string): WindowSource {
  return {
    rule: 'X7',
    from: ['illnessEnd', from],
    to: 'reach 12 months of illnessEnd',
    givenFrom: '2014-10-01',
    when: { has: `missed:${key}` },
    extension: 'longTermIllness',
    labelSuffix: '(長期療養特例)',
  };
}

/** Ages 70, 75 … 100 of a transition, each through its fiscal year. */
function everyFiveYears(ruleId: string, ages: readonly number[], givenFrom: string, givenTo: string): WindowSource[] {
  return ages.map((age) => ({
    rule: ruleId,
    from: `fiscal year of ${age} years start`,
    to: `fiscal year of ${age} years end`,
    givenFrom,
    givenTo,
  }));
}

const TRANSITION_AGES = [70, 75, 80, 85, 90, 95, 100];

export const pneumococcalElderly: SeriesSource = {
  key: 'PNEU65',
  name: { ja: '高齢者肺炎球菌', en: 'Pneumococcal, elderly' },
  programme: 'routine',
  category: 'B',
  targetDisease: { code: '16814004', display: 'Pneumococcal infectious disease' },
  products: ['PCV20', 'PPSV23'],
  recordsFrom: 'reach 60 years',
  productDates: [
    { rule: 'ADT-1', products: ['PPSV23'], to: '2026-03-31' },
    { rule: 'ADT-1', products: ['PCV20'], from: '2026-04-01' },
  ],
  closures: [
    {
      rule: 'ADT-1',
      status: 'notRelevant',
      reason: 'tooYoung',
      when: { on: { to: 'birth + 60 years - 2 days' } },
      silent: true,
    },
  ],
  windows: [
    { rule: 'ADT-1', from: 'reach 65 years', to: 'reach 66 years', givenFrom: '2014-10-01' },
    {
      rule: 'ADT-1',
      from: 'reach 60 years',
      to: 'reach 65 years',
      givenFrom: '2014-10-01',
      when: { has: 'severe-disability' },
    },
    ...everyFiveYears('ADT-4', [65, ...TRANSITION_AGES], '2014-10-01', '2024-03-31'),
    afterIllness('PNEU65', 'reach 65 years'),
  ],
  prefer: [
    { rule: 'ADT-1', product: 'PPSV23', when: { on: { to: '2026-03-31' } } },
    { rule: 'ADT-1', product: 'PCV20', knownFrom: '2026-04-01' },
    { rule: 'ADT-1', product: 'PPSV23' },
  ],
  paths: [{ id: 'PNEU65', rule: 'ADT-1', doses: [{ label: '1回' }] }],
  rules: {
    'ADT-1': rule(
      'L2',
      'O',
      '65歳の者（60〜64歳は障害のある人）に1回。令和8年4月1日から20価結合型ワクチンを用いる',
      'One dose at the age of 65 (60 to 64 with a severe disability); the 20-valent conjugate vaccine is used since 2026-04-01',
      ARTICLE_3,
    ),
    'ADT-4': rule(
      'L2',
      'U',
      '令和6年3月31日までは、65、70、75…100歳となる年度の人も対象だった',
      'Until 2024-03-31 also in the fiscal year of the 65th, 70th, 75th … 100th birthday',
    ),
  },
};

/** 65 for good; 70, 75 … 100 only in the five fiscal years of the transition, those over 100 only in the first. */
const zosterWindows: WindowSource[] = [
  { rule: 'ADT-2', from: 'fiscal year of 65 years start', to: 'fiscal year of 65 years end', givenFrom: '2025-04-01' },
  ...everyFiveYears('ADT-2', TRANSITION_AGES, '2025-04-01', '2030-03-31'),
  { rule: 'ADT-2', from: 'fiscal year of 101 years start', givenFrom: '2025-04-01', givenTo: '2026-03-31' },
  {
    rule: 'ADT-2',
    from: 'reach 60 years',
    to: 'reach 65 years',
    givenFrom: '2025-04-01',
    when: { has: 'severe-hiv-disability' },
  },
  { ...afterIllness('ZOSTER', 'fiscal year of 65 years start'), givenFrom: '2025-04-01' },
];

const IMMUNOSUPPRESSED: ConditionSource = {
  any: [{ has: 'immunodeficiency' }, { has: 'immunosuppressive-therapy' }, { has: 'severe-hiv-disability' }],
};

const ZOSTER_PATHS: SeriesSource['paths'] = [
  {
    id: 'ZOSTER-RZV',
    rule: 'ADT-2',
    products: ['RZV'],
    productLock: 'ADT-3',
    doses: [
      { label: '1回目' },
      {
        label: '2回目',
        intervals: [
          { rule: 'ADT-2', after: 'previous', min: '2 months', when: { not: IMMUNOSUPPRESSED } },
          { rule: 'ADT-2', after: 'previous', min: '1 month', when: IMMUNOSUPPRESSED },
        ],
        standard: [{ rule: 'ADT-2', toInterval: '6 months' }],
      },
    ],
  },
  { id: 'ZOSTER-ZVL', rule: 'ADT-2', products: ['ZVL'], productLock: 'ADT-3', doses: [{ label: '1回目' }] },
];

export const zoster: SeriesSource = {
  key: 'ZOSTER',
  name: { ja: '帯状疱疹', en: 'Zoster' },
  programme: 'routine',
  category: 'B',
  targetDisease: { code: '4740000', display: 'Herpes zoster' },
  products: ['RZV', 'ZVL'],
  recordsFrom: 'reach 50 years',
  closures: [
    {
      rule: 'ADT-2',
      status: 'notRelevant',
      reason: 'tooYoung',
      when: { on: { to: 'birth + 60 years - 2 days' } },
      silent: true,
    },
    {
      rule: 'ADT-5',
      status: 'notRecommended',
      reason: 'adequatelyVaccinated',
      when: {
        all: [
          // One begun in the programme goes on there.
          { not: { latest: ['RZV', 'ZVL'] } },
          {
            any: [
              { given: ['RZV'], atLeast: 2 },
              { given: ['ZVL'], atLeast: 1 },
            ],
          },
        ],
      },
    },
  ],
  windows: zosterWindows,
  paths: ZOSTER_PATHS,
  rules: {
    'ADT-2': rule(
      'L2',
      'O',
      '65歳となる年度（60〜64歳はHIVによる障害のある人）。令和7〜11年度は70、75…100歳となる年度、令和7年度は101歳以上も対象。組換えは2月以上（免疫抑制では1月以上）の間隔で2回、生は1回',
      'In the fiscal year of the 65th birthday (60 to 64 with HIV disability), in FY2025 to FY2029 of the 70th, 75th … 100th, in FY2025 over 100; recombinant twice, 2 months apart (1 if immunosuppressed), or live once',
      ARTICLE_3,
    ),
    'ADT-3': rule(
      'L5',
      'U',
      '組換えと生の両方を受けた場合の数え方は医師に確認する',
      'Ask the clinician how recombinant and live doses count together',
    ),
    'ADT-5': rule(
      'L3',
      'U',
      'すでに任意で十分に受けた人は対象外とされる。市町村に確認する',
      'Already adequately vaccinated at own cost: in principle not a target, ask the municipality',
    ),
  },
};

/** From 50 at one's own cost: the second dose of somebody whose programme year is over, doses before it. */
export const zosterVoluntary: SeriesSource = {
  key: 'ZOSTER_VOL',
  name: { ja: '帯状疱疹（任意）', en: 'Zoster, voluntary' },
  programme: 'voluntary',
  targetDisease: { code: '4740000', display: 'Herpes zoster' },
  products: ['RZV', 'ZVL'],
  continues: 'ZOSTER',
  closures: [onlyWhenAsked('ADT-6', 'ZOSTER_VOL', ['RZV', 'ZVL'])],
  windows: [
    { rule: 'ADT-6', from: 'reach 50 years' },
    { rule: 'ADT-6', from: 'reach 18 years', when: IMMUNOSUPPRESSED },
  ],
  paths: ZOSTER_PATHS.map((path) => ({ ...path, id: path.id.replace('ZOSTER', 'ZOSTER_VOL') })),
  rules: {
    'ADT-6': rule(
      'L7',
      'U',
      '50歳以上（組換えは、免疫が低下した18歳以上も）は任意で受けられる',
      'Voluntary from 50 years (recombinant also from 18 in weakened immunity)',
    ),
  },
};
