// Measles and rubella: phase 1 (MR1, in the second year of life) and phase 2 (MR2, the year before school). A missed
// phase is lost and does not touch the other.
import type { SeriesSource, WindowSource } from '../../law/schedule.ts';
import { ARTICLE_3, afterLongIllness, rule } from './rule.ts';

const PRODUCTS = ['MR', 'MMR', 'M', 'R'];
/** Parts of one dose: only together do they stand for a combined dose. */
const COMBINATIONS = [{ rule: 'MR-5', parts: ['M', 'R'] }];
const IMMUNE = {
  rule: 'X9',
  status: 'immune' as const,
  reason: 'diseaseHistory',
  when: { all: [{ has: 'disease:measles' }, { has: 'disease:rubella' }] },
};
/** Egg allergy is no obstacle, anaphylaxis to it is. */
const EGG = {
  rule: 'MR-11',
  status: 'contraindicated' as const,
  reason: 'anaphylaxis',
  when: { has: 'anaphylaxis:egg' },
  review: true,
};
/** Also from a dose that does not count: a repeated live dose waits as long as another live vaccine would. */
const AFTER_ANY = [{ rule: 'MR-4', after: 'last' as const, min: '27 clear days' }];

/** Second doses of the school years that had only one: phase 3 (first year of junior high), phase 4 (last of high school). */
const OLDER_PHASES: readonly WindowSource[] = [
  { age: 13, suffix: '(3期)', born: { from: '1995-04-02', to: '2000-04-01' } },
  { age: 18, suffix: '(4期)', born: { from: '1990-04-02', to: '1995-04-01' } },
].map(({ age, suffix, born }) => ({
  rule: 'MR-6',
  from: `fiscal year of ${age} years start`,
  to: `fiscal year of ${age} years end`,
  givenFrom: '2008-04-01',
  givenTo: '2013-03-31',
  when: { born },
  labelSuffix: suffix,
}));

export const mr1: SeriesSource = {
  key: 'MR1',
  name: { ja: '麻しん風しん（1期）', en: 'Measles-rubella, phase 1' },
  programme: 'routine',
  products: PRODUCTS,
  combinations: COMBINATIONS,
  recordsTo: 'reach 20 years',
  phase: { of: 'MR', number: 1 },
  closures: [IMMUNE, EGG],
  windows: [
    {
      rule: 'MR-1',
      from: 'reach 12 months',
      to: 'reach 24 months',
      givenFrom: '2006-04-01',
      creditedBefore: 'MR-7',
    },
    {
      rule: 'MR-3',
      from: 'reach 12 months',
      givenFrom: '2025-04-01',
      givenTo: '2027-03-31',
      when: { all: [{ has: 'flag:mrShortageRecognised' }, { born: { from: '2022-04-02', to: '2023-04-01' } }] },
      extension: 'mr-fy2024',
    },
    afterLongIllness('MR1', 'reach 12 months'),
  ],
  prefer: [{ rule: 'MR-1', product: 'MR' }],
  paths: [{ id: 'MR1', rule: 'MR-1', doses: [{ label: '1期', intervals: AFTER_ANY }] }],
  rules: {
    'MR-1': rule(
      'L2',
      'O',
      '1期は生後12月から24月に至るまでに1回',
      'Phase 1: one dose from 12 until 24 months of age',
      ARTICLE_3,
    ),
    'MR-3': rule(
      'L6',
      'O',
      '令和6年度の供給不足で受けられなかったと市町村が認めた人は、令和9年3月31日まで受けられる',
      'Those whom the municipality recognises as having missed the dose in the FY2024 shortage may have it until 2027-03-31',
    ),
    'MR-4': rule(
      'L8',
      'S',
      '生後12月より前の接種は1期に数えず、27日以上あけて1期を受ける',
      'A dose before 12 months does not count as phase 1, which follows at least 27 whole days later',
    ),
    'MR-7': rule(
      'L2',
      'U',
      '平成18年3月31日までの麻しん・風しんワクチンは、生後12月以後の接種なら1期に数える',
      'Measles and rubella vaccines before 2006-04-01 count as phase 1 when given from 12 months of age',
    ),
    'MR-11': rule(
      'L8',
      'S',
      '鶏卵アレルギーでも受けられるが、鶏卵でアナフィラキシーを起こした人は専門医に相談する',
      'Egg allergy is no obstacle; after anaphylaxis to egg a specialist decides',
    ),
    'MR-5': rule(
      'L5',
      'O',
      '麻しんと風しんの単独ワクチンは、両方を受けて混合ワクチン1回に相当する',
      'Single measles and rubella vaccines equal one combined dose only when both are given',
    ),
  },
};

export const mr2: SeriesSource = {
  key: 'MR2',
  name: { ja: '麻しん風しん（2期）', en: 'Measles-rubella, phase 2' },
  programme: 'routine',
  products: PRODUCTS,
  combinations: COMBINATIONS,
  recordsTo: 'reach 20 years',
  phase: { of: 'MR', number: 2 },
  closures: [IMMUNE, EGG],
  windows: [
    {
      rule: 'MR-2',
      from: 'fiscal year of 6 years start',
      to: 'fiscal year of 6 years end',
      givenFrom: '2006-04-01',
    },
    ...OLDER_PHASES,
    {
      rule: 'MR-3',
      from: 'fiscal year of 6 years start',
      givenFrom: '2025-04-01',
      givenTo: '2027-03-31',
      when: { all: [{ has: 'flag:mrShortageRecognised' }, { born: { from: '2018-04-02', to: '2019-04-01' } }] },
      extension: 'mr-fy2024',
    },
    afterLongIllness('MR2', 'fiscal year of 6 years start'),
  ],
  prefer: [{ rule: 'MR-2', product: 'MR' }],
  paths: [{ id: 'MR2', rule: 'MR-2', doses: [{ label: '2期', intervals: AFTER_ANY }] }],
  rules: {
    'MR-6': rule(
      'L2',
      'O',
      '平成20年度から24年度まで、中学1年生（3期）と高校3年生（4期）に相当する年度に1回',
      'From FY2008 to FY2012 one dose in the fiscal year of the 13th (phase 3) or 18th birthday (phase 4)',
      { ja: '附則', en: 'supplementary provisions' },
    ),
    'MR-2': rule(
      'L2',
      'O',
      '2期は小学校就学前の1年間（4月1日から3月31日）に1回',
      'Phase 2: one dose in the year before school entry (1 April to 31 March)',
      ARTICLE_3,
    ),
  },
};
