// Hepatitis B (HEPB), universal routine since 2016-10-01, and the perinatal protocol (HEPB_MTCT) that health insurance
// pays for and that takes the infant out of the routine programme.
import type { ConditionSource } from '../../law/condition.ts';
import type { DoseSource, SeriesSource } from '../../law/schedule.ts';
import { ARTICLE_3, afterLongIllness, rule } from './rule.ts';

const perinatal: ConditionSource = {
  all: [{ has: 'mother:HBsAg-positive' }, { given: ['HBIG'], atLeast: 1 }],
};
export const INFECTED: ConditionSource = { any: [{ has: 'disease:hepatitis-b' }, { has: 'HBsAg-positive' }] };
const standard = [{ rule: 'HEPB-1', from: 'reach 2 months', to: 'reach 9 months' }];

export const hepB: SeriesSource = {
  key: 'HEPB',
  name: { ja: 'B型肝炎', en: 'Hepatitis B' },
  programme: 'routine',
  targetDisease: { code: '66071002', display: 'Viral hepatitis type B' },
  products: ['HepB'],
  recordsTo: 'reach 20 years',
  closures: [
    { rule: 'X9', status: 'immune', reason: 'diseaseHistory', when: INFECTED },
    { rule: 'HEPB-1', status: 'notRelevant', reason: 'birthDateBeforeProgramme', when: { born: { to: '2016-03-31' } } },
    { rule: 'HEPB-3', status: 'notRelevant', reason: 'perinatalProtocol', when: perinatal },
  ],
  windows: [
    { rule: 'HEPB-1', from: 'birth', to: 'reach 12 months', givenFrom: '2016-10-01', creditedBefore: 'X5' },
    afterLongIllness('HEPB', 'birth'),
  ],
  prefer: [{ rule: 'HEPB-1', product: 'HepB' }],
  paths: [
    {
      id: 'HEPB',
      rule: 'HEPB-1',
      doses: [
        { label: '1回目', standard },
        { label: '2回目', intervals: [{ rule: 'HEPB-2', after: 1, min: '27 clear days' }], standard },
        {
          label: '3回目',
          intervals: [
            { rule: 'HEPB-2', after: 1, min: '139 clear days' },
            // No statutory interval from dose 2; never on the same day, and a repeated dose waits as dose 2 does.
            { rule: 'HEPB-2', after: 2, min: '1 day' },
          ],
          standard,
        },
      ],
    },
  ],
  rules: {
    'HEPB-1': rule(
      'L2',
      'O',
      '平成28年4月1日以後に生まれた子が対象で、1歳に至るまで。標準は生後2月から9月まで',
      'For children born on or after 2016-04-01, from birth until the day before the first birthday; standard 2 to 9 months',
      ARTICLE_3,
    ),
    'HEPB-2': rule(
      'L4',
      'O',
      '2回目は1回目から27日以上、3回目は1回目から139日以上の間隔をおく',
      'Dose 2 at least 27 whole days after dose 1, dose 3 at least 139 whole days after dose 1',
    ),
    'HEPB-3': rule(
      'L3',
      'O',
      'HBs抗原陽性の母から生まれ、HBグロブリンと併せてワクチンを受けた子は定期接種から除かれ、母子感染予防（健康保険）で接種する',
      'An infant of an HBsAg-positive mother who had HBIG together with the vaccine leaves the routine programme and follows the perinatal protocol under health insurance',
      { ja: '第2条', en: 'article 2' },
    ),
  },
};

/** Three more doses where the antibody stayed low; left out otherwise. */
const again: readonly DoseSource[] = [1, 2, 3].map((number) => ({
  label: `再${number}回目`,
  skip: [{ rule: 'MTCT-4', when: { not: { has: 'anti-HBs-low' } } }],
  intervals: [{ rule: 'MTCT-4', after: 'previous', min: number === 3 ? '5 months' : '1 month' }],
}));

export const hepBPerinatal: SeriesSource = {
  key: 'HEPB_MTCT',
  name: { ja: 'B型肝炎（母子感染予防）', en: 'Hepatitis B, perinatal prevention' },
  programme: 'insurance',
  targetDisease: { code: '66071002', display: 'Viral hepatitis type B' },
  products: ['HepB'],
  closures: [
    { rule: 'MTCT-1', status: 'notRelevant', reason: 'noPerinatalProtocol', when: { not: perinatal }, silent: true },
  ],
  windows: [{ rule: 'MTCT-1', from: 'birth' }],
  prefer: [{ rule: 'MTCT-1', product: 'HepB' }],
  followUps: [{ rule: 'MTCT-2', code: 'testHBs', from: 'birth + 9 months', to: 'birth + 12 months' }],
  paths: [
    {
      id: 'HEPB_MTCT-low-weight',
      rule: 'MTCT-3',
      when: { has: 'birth-weight', atMost: 1999 },
      doses: [
        { label: '1回目' },
        { label: '2回目', intervals: [{ rule: 'MTCT-1', after: 1, min: '1 month' }] },
        {
          label: '3回目',
          intervals: [
            { rule: 'MTCT-3', after: 1, min: '2 months' },
            { rule: 'MTCT-3', after: 2, min: '27 clear days' },
          ],
        },
        { label: '4回目', intervals: [{ rule: 'MTCT-1', after: 1, min: '6 months' }] },
        ...again,
      ],
    },
    {
      id: 'HEPB_MTCT',
      rule: 'MTCT-1',
      doses: [
        { label: '1回目' },
        { label: '2回目', intervals: [{ rule: 'MTCT-1', after: 1, min: '1 month' }] },
        { label: '3回目', intervals: [{ rule: 'MTCT-1', after: 1, min: '6 months' }] },
        ...again,
      ],
    },
  ],
  rules: {
    'MTCT-1': rule(
      'L8',
      'S',
      '出生直後（12時間以内が望ましい）、1か月後、6か月後に接種する',
      'At birth (within 12 hours if possible), after 1 month and after 6 months, counted from the first dose',
    ),
    'MTCT-3': rule(
      'L8',
      'S',
      '出生体重2000g未満では、生後2か月にも接種して計4回とする',
      'Below 2000 g at birth a further dose at 2 months, four in all',
    ),
    'MTCT-4': rule(
      'L8',
      'U',
      '検査でHBs抗体が10mIU/mL未満なら、さらに3回接種する（間隔は0・1・6か月に準じる）',
      'Three more doses when anti-HBs is below 10 mIU/mL (spaced as 0, 1 and 6 months)',
    ),
    'MTCT-2': rule('L8', 'S', '生後9〜12か月にHBs抗原・抗体を検査する', 'Test HBsAg and anti-HBs at 9 to 12 months'),
  },
};
