// BCG: injected (percutaneous) live, one dose before the first birthday.
import type { SeriesSource } from '../../law/schedule.ts';
import { ARTICLE_3, afterLongIllness, rule } from './rule.ts';

const standard = [
  {
    rule: 'BCG-1',
    from: 'reach 3 months',
    to: 'reach 6 months',
    when: { on: { to: '2013-03-31' } },
  },
  { rule: 'BCG-1', from: 'reach 5 months', to: 'reach 8 months', knownFrom: '2013-04-01' },
];

export const bcg: SeriesSource = {
  key: 'BCG',
  name: { ja: 'BCG', en: 'BCG' },
  programme: 'routine',
  targetDisease: { code: '56717001', display: 'Tuberculosis' },
  products: ['BCG'],
  closures: [
    { rule: 'BCG-2', status: 'contraindicated', reason: 'keloid', when: { has: 'keloid' } },
    { rule: 'X9', status: 'immune', reason: 'diseaseHistory', when: { has: 'disease:tuberculosis' } },
  ],
  cautions: [
    { rule: 'BCG-4', when: { has: 'tuberculosis-contact' } },
    { rule: 'X9-biologics', when: { has: 'mother:biologics-in-pregnancy' } },
  ],
  windows: [
    {
      rule: 'BCG-1',
      from: 'birth',
      to: 'reach 6 months',
      givenTo: '2013-03-31',
      endKnownFrom: '2013-04-01',
    },
    {
      rule: 'BCG-3',
      from: 'after reach 6 months',
      to: 'reach 48 months',
      givenTo: '2005-03-31',
      endKnownFrom: '2005-04-01',
    },
    { rule: 'BCG-1', from: 'birth', to: 'reach 12 months', givenFrom: '2013-04-01' },
    afterLongIllness('BCG', 'birth', 'reach 48 months'),
  ],
  prefer: [{ rule: 'BCG-1', product: 'BCG' }],
  paths: [
    {
      id: 'BCG',
      rule: 'BCG-1',
      doses: [{ label: '1回', standard }],
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
    'BCG-3': rule(
      'L2',
      'U',
      '平成17年3月31日までは4歳に至るまでが対象だった',
      'Until 2005-03-31 until the day before the fourth birthday',
    ),
    'BCG-4': rule(
      'L5',
      'O',
      '結核患者と長く接触した疑いがあるときは、感染の有無を先に調べる',
      'After likely contact with tuberculosis, infection is looked for first',
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
