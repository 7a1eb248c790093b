// RSV vaccine in pregnancy (RSVM): routine since 2026-04-01, once per pregnancy, by gestational week from the due date.
import type { SeriesSource } from '../../schedule.ts';
import { ARTICLE_3, rule } from './rule.ts';

export const rsvMaternal: SeriesSource = {
  key: 'RSVM',
  name: { ja: 'RSウイルス（母子免疫）', en: 'RSV, maternal' },
  programme: 'routine',
  targetDisease: { code: '55735004', display: 'Respiratory syncytial virus infection' },
  products: ['RSV-MAT'],
  // Doses of an earlier pregnancy do not count.
  recordsFrom: 'edd - 280 days',
  closures: [
    {
      rule: 'RSV-1',
      status: 'notRelevant',
      reason: 'notPregnant',
      when: { not: { has: 'pregnancy-edd' } },
      silent: true,
    },
  ],
  windows: [{ rule: 'RSV-1', from: 'edd - 84 days', to: 'edd - 22 days', givenFrom: '2026-04-01' }],
  prefer: [{ rule: 'RSV-1', product: 'RSV-MAT' }],
  paths: [{ id: 'RSVM', rule: 'RSV-1', doses: [{ label: '妊娠1回' }] }],
  rules: {
    'RSV-1': rule(
      'L2',
      'O',
      '令和8年4月1日から、妊娠28週0日から36週6日までに、妊娠ごとに1回',
      'Since 2026-04-01, once per pregnancy from 28w0d to 36w6d',
      ARTICLE_3,
    ),
  },
};
