// HPV beyond the routine programme, at one's own cost or with a municipal subsidy: boys from 9 years, women after the
// routine years.
import type { SeriesSource } from '../../law/schedule.ts';
import { grownUpUnlessAsked } from './general.ts';
import { HPV_PATHS } from './hpv-paths.ts';
import { rule } from './rule.ts';

const ALL = ['HPV9', 'HPV4', 'HPV2'];

export const hpvVoluntary: SeriesSource = {
  key: 'HPV_VOL',
  name: { ja: 'HPV（任意）', en: 'Human papillomavirus, voluntary' },
  programme: 'voluntary',
  targetDisease: { code: '240532009', display: 'Human papilloma virus infection' },
  products: ALL,
  continues: 'HPV',
  closures: [
    {
      rule: 'HPV-8',
      status: 'notRelevant',
      reason: 'tooYoung',
      when: {
        any: [
          { on: { to: 'birth + 108 months - 2 days' } },
          {
            all: [
              { sex: 'female' },
              { on: { to: 'fiscal year of 15 years end' } },
              { not: { given: ALL, atLeast: 1, band: { to: 'fiscal year of 11 years end' } } },
            ],
          },
        ],
      },
      silent: true,
    },
    grownUpUnlessAsked('HPV-8', 'HPV_VOL', ALL),
  ],
  windows: [
    { rule: 'HPV-8', from: 'reach 108 months', when: { sex: 'female' } },
    {
      rule: 'HPV-8',
      from: 'reach 108 months',
      when: { not: { sex: 'female' } },
      givenFrom: '2025-08-25',
      creditedBefore: 'X5',
    },
  ],
  prefer: [{ rule: 'HPV-8', product: 'HPV9' }],
  paths: HPV_PATHS.map((path) => ({
    ...path,
    id: path.id.replace('HPV-', 'HPV_VOL-'),
    doses: path.doses.map((dose) => ({
      ...dose,
      standard: dose.standard?.filter(({ from }) => from === undefined) ?? [],
    })),
  })),
  rules: {
    'HPV-8': rule(
      'L7',
      'S',
      '9歳以上は任意で受けられる（男子の9価は令和7年8月25日から）。15歳になる前に始めれば2回、それ以後は3回。助成のある市町村もある',
      'Voluntary from 9 years (HPV9 for males since 2025-08-25): two doses when begun before 15, else three; some municipalities pay',
    ),
  },
};
