// Ways through an HPV series, by product and age of the first dose: two doses of HPV9 begun before 15 with the interval
// kept, else three. Shared by the routine series for girls and the voluntary one.
import type { DoseSource, PathSource } from '../../law/schedule.ts';

const ALL = ['HPV9', 'HPV4', 'HPV2'];

const first: DoseSource = {
  label: '1回目',
  standard: [{ rule: 'HPV-1', from: 'fiscal year of 13 years start', to: 'fiscal year of 13 years end' }],
};

const threeDoses: readonly DoseSource[] = [
  first,
  {
    label: '2回目',
    intervals: [{ rule: 'HPV-3', after: 1, min: '1 month' }],
    standard: [{ rule: 'HPV-3', after: 1, fromInterval: '2 months' }],
  },
  {
    label: '3回目',
    intervals: [
      { rule: 'HPV-3', after: 2, min: '3 months', products: ['HPV9', 'HPV4'] },
      { rule: 'HPV-6', after: 1, min: '5 months', products: ['HPV2'] },
      { rule: 'HPV-6', after: 2, min: '2 months + 1 half month', products: ['HPV2'] },
    ],
    standard: [{ rule: 'HPV-3', after: 1, fromInterval: '6 months' }],
  },
];

export const HPV_PATHS: readonly PathSource[] = [
  {
    id: 'HPV-two-dose',
    rule: 'HPV-2',
    start: { to: 'reach 180 months' },
    products: ['HPV9'],
    productLock: 'HPV-7',
    when: {
      any: [{ first: ['HPV9'] }, { all: [{ on: { from: '2023-04-01' } }, { not: { given: ALL, atLeast: 1 } }] }],
    },
    knownFrom: '2023-04-01',
    doses: [
      first,
      {
        label: '2回目',
        intervals: [
          { rule: 'HPV-3', after: 1, min: '1 month', use: 'evaluation' },
          { rule: 'HPV-2', after: 1, min: '5 months', use: 'forecast' },
        ],
        standard: [{ rule: 'HPV-2', after: 1, fromInterval: '6 months' }],
      },
      {
        label: '3回目',
        skip: [{ rule: 'HPV-2', when: { gap: { from: 1, to: 2, atLeast: '5 months' } } }],
        intervals: [{ rule: 'HPV-2', after: 2, min: '3 months' }],
        standard: [{ rule: 'HPV-3', after: 1, fromInterval: '6 months' }],
      },
    ],
  },
  // HPV2 and HPV4 may be finished with HPV9, not with each other.
  ...['HPV2', 'HPV4', 'HPV9'].map((product) => ({
    id: `HPV-three-dose-${product}`,
    rule: 'HPV-3',
    products: product === 'HPV9' ? [product] : [product, 'HPV9'],
    productLock: 'HPV-7',
    when: { first: [product] },
    doses: threeDoses,
  })),
  { id: 'HPV-three-dose', rule: 'HPV-3', doses: threeDoses },
];
