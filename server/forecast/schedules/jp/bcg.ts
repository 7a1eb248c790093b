// BCG: injected (percutaneous) live, one dose before the first birthday.
import type { SeriesSource } from '../../schedule.ts';
import { ARTICLE_3, afterLongIllness, rule } from './rule.ts';

export const bcg: SeriesSource = {
  key: 'BCG',
  name: { ja: 'BCG', en: 'BCG' },
  programme: 'routine',
  targetDisease: { code: '56717001', display: 'Tuberculosis' },
  products: ['BCG'],
  closures: [{ rule: 'BCG-2', status: 'contraindicated', reason: 'keloid', when: { has: 'keloid' } }],
  windows: [
    { rule: 'BCG-1', from: 'birth', to: 'reach 6 months', givenTo: '2013-03-31' },
    { rule: 'BCG-1', from: 'birth', to: 'reach 12 months', givenFrom: '2013-04-01' },
    afterLongIllness('BCG', 'birth', 'reach 48 months'),
  ],
  prefer: [{ rule: 'BCG-1', product: 'BCG' }],
  paths: [
    {
      id: 'BCG',
      rule: 'BCG-1',
      doses: [{ label: '1回', standard: [{ rule: 'BCG-1', from: 'reach 5 months', to: 'reach 8 months' }] }],
    },
  ],
  rules: {
    'BCG-1': rule(
      'L2',
      'O',
      '1歳に至るまで（平成25年3月31日までは生後6月）に1回。標準は生後5月から8月',
      'One dose until the day before the first birthday (until 2013-03-31: 6 months); standard 5 to 8 months',
      ARTICLE_3,
    ),
    'BCG-2': rule(
      'L3',
      'O',
      '予防接種や外傷などによるケロイドがある人は受けられない',
      'Not for people with keloid from vaccination or injury',
      { ja: '第2条', en: 'article 2' },
    ),
  },
};
