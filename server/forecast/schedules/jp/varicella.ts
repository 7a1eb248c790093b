// Varicella (VAR): injected live, two doses between the first and the third birthday; routine since 2014-10-01.
import type { ConditionSource } from '../../law/condition.ts';
import type { SeriesSource } from '../../law/schedule.ts';
import { ARTICLE_3, afterLongIllness, rule } from './rule.ts';

/** From 36 to 60 months in the half year of the transition. */
const inTransition: ConditionSource = {
  all: [
    { on: { from: '2014-10-01', to: '2015-03-31' } },
    { on: { from: 'after reach 36 months', to: 'reach 60 months' } },
  ],
};

export const varicella: SeriesSource = {
  key: 'VAR',
  name: { ja: '水痘', en: 'Varicella' },
  programme: 'routine',
  targetDisease: { code: '38907003', display: 'Varicella' },
  products: ['VAR'],
  recordsTo: 'reach 20 years',
  closures: [{ rule: 'VAR-3', status: 'immune', reason: 'diseaseHistory', when: { has: 'disease:varicella' } }],
  windows: [
    { rule: 'VAR-1', from: 'reach 12 months', to: 'reach 36 months', givenFrom: '2014-10-01', creditedBefore: 'X5' },
    afterLongIllness('VAR', 'reach 12 months'),
  ],
  prefer: [{ rule: 'VAR-1', product: 'VAR' }],
  paths: [
    {
      id: 'VAR-2014',
      rule: 'VAR-5',
      start: { from: 'after reach 36 months' },
      when: { on: { to: '2015-03-31' } },
      doses: [
        {
          label: '経過措置',
          windows: [
            {
              rule: 'VAR-5',
              from: 'after reach 36 months',
              to: 'reach 60 months',
              givenFrom: '2014-10-01',
              givenTo: '2015-03-31',
              creditedBefore: 'X5',
            },
          ],
        },
      ],
    },
    {
      id: 'VAR',
      rule: 'VAR-1',
      doses: [
        { label: '1回目', standard: [{ rule: 'VAR-1', from: 'reach 12 months', to: 'reach 15 months' }] },
        {
          label: '2回目',
          skip: [{ rule: 'VAR-5', when: inTransition, dosesRequired: 0 }],
          intervals: [{ rule: 'VAR-2', after: 'previous', min: '3 months' }],
          standard: [{ rule: 'T8', fromInterval: '6 months', toInterval: '12 months' }],
        },
      ],
    },
  ],
  rules: {
    'VAR-1': rule(
      'L2',
      'O',
      '生後12月から36月に至るまでに2回。1回目の標準は生後12月から15月',
      'Two doses from 12 until 36 months of age; the first is standard at 12 to 15 months',
      ARTICLE_3,
    ),
    'VAR-2': rule(
      'L4',
      'O',
      '2回目は3月以上の間隔をおく。標準は6月から12月',
      'Dose 2 at least 3 months after dose 1; standard 6 to 12 months',
    ),
    'VAR-3': rule('L2', 'O', '水痘にかかったことがある人は対象外', 'Not for people who have had varicella', ARTICLE_3),
    'VAR-5': rule(
      'L2',
      'O',
      '平成27年3月31日までの経過措置として、生後36月から60月の子は1回。すでに1回受けた子は不要',
      'Transitional until 2015-03-31: one dose for children from 36 to 60 months, none for those who had one',
      { ja: '附則', en: 'supplementary provisions' },
    ),
  },
};
