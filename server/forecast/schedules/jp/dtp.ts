// Diphtheria, pertussis, tetanus, polio (and Hib): phase 1 (DTP1, four- or five-in-one, 3 + 1) and DT phase 2 (DT2).
import type { ConditionSource } from '../../law/condition.ts';
import type { DoseSource, SeriesSource } from '../../law/schedule.ts';
import { ARTICLE_3, afterLongIllness, rule } from './rule.ts';

/** Four-in-one until 2024-03, for its starters until sales ended; five-in-one otherwise. */
const usesFourInOne: ConditionSource = {
  any: [
    { on: { to: '2024-03-31' } },
    { all: [{ on: { to: '2025-02-26' } }, { latest: ['DPT-IPV', 'DPT'] }] },
    { all: [{ on: { to: '2025-07-24' } }, { latest: ['DPT-IPV', 'DPT'] }, { not: sameAsHib() }] },
  ],
};
const FOUR_IN_ONE = ['DPT-IPV', 'DPT-IPV-Hib'];
const HIB = ['Hib', 'DPT-IPV-Hib'];

/** As many doses with Hib as of phase 1. */
function sameAsHib(): ConditionSource {
  return {
    all: [
      { not: { fewer: ['Hib', 'DPT-IPV-Hib'], than: ['DPT-IPV', 'DPT', 'DPT-IPV-Hib'] } },
      { not: { fewer: ['DPT-IPV', 'DPT', 'DPT-IPV-Hib'], than: ['Hib', 'DPT-IPV-Hib'] } },
    ],
  };
}

const primary = (label: string): DoseSource => ({
  label,
  intervals: [
    { rule: 'DTP1-3', after: 'previous', min: '20 clear days' },
    {
      rule: 'V-2014',
      after: 'previous',
      min: '20 clear days',
      max: '56 clear days',
      use: 'evaluation',
      when: { on: { to: '2014-03-31' } },
    },
  ],
  standard: [{ rule: 'T8', fromInterval: '20 clear days', toInterval: '56 clear days' }],
});

export const dtp1: SeriesSource = {
  key: 'DTP1',
  name: { ja: '五種混合・四種混合（1期）', en: 'DPT-IPV(-Hib), phase 1' },
  programme: 'routine',
  products: ['DPT-IPV-Hib', 'DPT-IPV', 'DPT', 'IPV'],
  // Before four-in-one came, DPT alone was the phase 1 vaccine and polio a series of its own.
  combinations: [{ rule: 'DTP1-7', parts: ['DPT', 'IPV'], givenFrom: '2012-11-01' }],
  phase: { of: 'DTP', number: 1 },
  productDates: [
    { rule: 'DTP1-9', products: ['DPT-IPV-Hib'], from: '2024-04-01' },
    { rule: 'DTP1-9', products: ['DPT-IPV'], from: '2012-11-01' },
    { rule: 'DTP1-9', products: ['IPV'], from: '2012-09-01' },
  ],
  cautions: [
    {
      rule: 'DTP1-8',
      when: {
        all: [
          { on: { from: '2024-04-01', to: 'reach 60 months' } },
          { given: ['DPT-IPV'], atLeast: 1 },
          { fewer: HIB, than: FOUR_IN_ONE },
        ],
      },
      knownFrom: '2024-04-01',
    },
  ],
  windows: [
    {
      rule: 'DTP1-1',
      from: 'reach 3 months',
      to: 'reach 90 months',
      givenTo: '2023-03-31',
      endKnownFrom: '2023-04-01',
    },
    { rule: 'DTP1-1', from: 'reach 2 months', to: 'reach 90 months', givenFrom: '2023-04-01' },
    afterLongIllness('DTP1', 'reach 2 months', 'reach 180 months'),
  ],
  prefer: [
    { rule: 'DTP1-9', product: 'DPT', when: { on: { to: '2012-10-31' } } },
    { rule: 'DTP1-5', product: 'DPT-IPV', when: usesFourInOne, knownFrom: '2012-11-01' },
    { rule: 'DTP1-5', product: 'DPT-IPV-Hib', knownFrom: '2024-04-01' },
    { rule: 'DTP1-9', product: 'DPT-IPV', knownFrom: '2012-11-01' },
    { rule: 'DTP1-9', product: 'DPT' },
  ],
  paths: [
    {
      id: 'DTP1',
      rule: 'DTP1-1',
      doses: [
        {
          label: '1期初回1回目',
          standard: [
            { rule: 'DTP1-2', from: 'reach 2 months', to: 'reach 12 months', when: usesFourInOne },
            { rule: 'DTP1-2', from: 'reach 2 months', to: 'reach 7 months', knownFrom: '2024-04-01' },
          ],
        },
        primary('1期初回2回目'),
        primary('1期初回3回目'),
        {
          label: '1期追加',
          intervals: [{ rule: 'DTP1-4', after: 'previous', min: '6 months' }],
          standard: [
            { rule: 'T8', fromInterval: '12 months', toInterval: '18 months', when: usesFourInOne },
            { rule: 'T8', fromInterval: '6 months', toInterval: '18 months', knownFrom: '2024-04-01' },
          ],
        },
      ],
    },
  ],
  rules: {
    'DTP1-1': rule(
      'L2',
      'O',
      '生後2月（令和5年3月31日までは3月）から90月に至るまで',
      'From 2 months (3 months until 2023-03-31) until 90 months of age',
      ARTICLE_3,
    ),
    'DTP1-2': rule(
      'L5',
      'O',
      '開始の標準は、五種混合が生後2月から7月、四種混合が生後2月から12月に至るまで',
      'Standard start: five-in-one 2 to 7 months, four-in-one 2 to 12 months',
    ),
    'DTP1-3': rule(
      'L4',
      'O',
      '初回は20日以上の間隔で3回、標準は56日まで',
      'Three primary doses at least 20 whole days apart, standard up to 56 days',
    ),
    'DTP1-4': rule(
      'L4',
      'O',
      '追加は初回終了後6月以上。標準は五種混合が6月から18月、四種混合が12月から18月',
      'Booster at least 6 months after dose 3; standard 6 to 18 months (five-in-one), 12 to 18 months (four-in-one)',
    ),
    'DTP1-5': rule(
      'L6',
      'O',
      '四種混合の販売終了に伴い、ヒブの回数にかかわらず五種混合で1期を終えてよい（令和7年7月25日）',
      'Since four-in-one sales ended, phase 1 may be finished with five-in-one whatever the number of Hib doses (2025-07-25)',
    ),
    'DTP1-8': rule(
      'L6',
      'O',
      '四種混合よりヒブの回数が少ない子は、同じ回数になるまでヒブを先に受け、その後は五種混合で続ける',
      'A child with fewer Hib than four-in-one doses gets Hib until they are equal, then five-in-one',
    ),
    'DTP1-9': rule(
      'L4',
      'O',
      '定期接種の製品は、不活化ポリオ（平成24年9月1日から）、四種混合（平成24年11月1日から）、五種混合（令和6年4月1日から）',
      'Routine products: IPV since 2012-09-01, four-in-one since 2012-11-01, five-in-one since 2024-04-01',
    ),
    'DTP1-7': rule(
      'L5',
      'O',
      '三種混合と不活化ポリオは、同日の接種で四種混合1回に相当する。別の日なら成分ごとに確認がいる',
      'DPT and IPV on one day equal one four-in-one dose; on different days each part needs a clinician',
    ),
  },
};

export const dt2: SeriesSource = {
  key: 'DT2',
  name: { ja: '二種混合（2期）', en: 'DT, phase 2' },
  programme: 'routine',
  products: ['DT'],
  closures: [
    {
      rule: 'DT2-2',
      status: 'notRecommended',
      reason: 'coveredByVoluntaryDPT',
      when: { given: ['DPT'], atLeast: 1, band: { from: 'reach 132 months' } },
    },
  ],
  windows: [
    { rule: 'DT2-1', from: 'reach 132 months', to: 'reach 156 months' },
    afterLongIllness('DT2', 'reach 132 months'),
  ],
  prefer: [{ rule: 'DT2-1', product: 'DT' }],
  paths: [
    {
      id: 'DT2',
      rule: 'DT2-1',
      doses: [{ label: '2期', standard: [{ rule: 'DT2-1', from: 'reach 132 months', to: 'reach 144 months' }] }],
    },
  ],
  rules: {
    'DT2-2': rule(
      'L8',
      'U',
      '11〜12歳に三種混合を任意で受けた人は、二種混合が不要とされることがある。市町村と医師に確認する',
      'DPT taken voluntarily at 11 to 12 years can make DT unnecessary: ask municipality and clinician',
    ),
    'DT2-1': rule(
      'L2',
      'O',
      '11歳以上13歳未満に1回。標準は11歳の1年間',
      'One dose from 11 until 13 years of age; standard while 11',
      ARTICLE_3,
    ),
  },
};
