// Mumps (MUMPS): voluntary, injected live, two doses as the Japan Pediatric Society advises.
import type { SeriesSource } from '../../law/schedule.ts';
import { grownUpUnlessAsked } from './general.ts';
import { rule } from './rule.ts';

export const mumps: SeriesSource = {
  key: 'MUMPS',
  name: { ja: 'おたふくかぜ', en: 'Mumps' },
  programme: 'voluntary',
  targetDisease: { code: '36989005', display: 'Mumps' },
  products: ['MUMPS', 'MMR'],
  closures: [
    grownUpUnlessAsked('MUMPS-1', 'MUMPS', ['MUMPS', 'MMR']),
    { rule: 'X9', status: 'immune', reason: 'diseaseHistory', when: { has: 'disease:mumps' } },
  ],
  windows: [{ rule: 'MUMPS-1', from: 'reach 12 months' }],
  prefer: [{ rule: 'MUMPS-1', product: 'MUMPS' }],
  paths: [
    {
      id: 'MUMPS',
      rule: 'MUMPS-1',
      doses: [
        { label: '1回目', standard: [{ rule: 'MUMPS-1', from: 'reach 12 months', to: 'reach 15 months' }] },
        {
          label: '2回目',
          intervals: [{ rule: 'MUMPS-3', after: 'previous', min: '27 clear days' }],
          standard: [{ rule: 'MUMPS-2', from: 'fiscal year of 6 years start', to: 'fiscal year of 6 years end' }],
        },
      ],
    },
  ],
  rules: {
    'MUMPS-1': rule(
      'L8',
      'S',
      '1回目は1歳から（標準は生後12〜15か月）',
      'Dose 1 from one year of age (standard 12 to 15 months)',
    ),
    'MUMPS-2': rule('L8', 'S', '2回目は小学校就学前の1年間', 'Dose 2 in the year before school entry'),
    'MUMPS-3': rule(
      'L7',
      'U',
      '2回目までの最短間隔は生ワクチンの27日以上とする',
      'The shortest interval is taken to be that of live vaccines, 27 whole days',
    ),
  },
};
