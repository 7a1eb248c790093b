// RSV vaccine in pregnancy (RSVM): routine since 2026-04-01, once per pregnancy, by gestational week from the due date.
import type { SeriesSource } from '../../law/schedule.ts';
import { ARTICLE_2, ARTICLE_3, rule } from './rule.ts';

export const rsvMaternal: SeriesSource = {
  key: 'RSVM',
  name: { ja: 'RSウイルス（母子免疫）', en: 'RSV, maternal' },
  programme: 'routine',
  targetDisease: { code: '55735004', display: 'Respiratory syncytial virus infection' },
  products: ['RSV-MAT'],
  weeksOf: 'pregnancy',
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
    // Six weeks of grace are enough to see the pregnancy through; then there is nothing to say.
    {
      rule: 'RSV-1',
      status: 'notRelevant',
      reason: 'notPregnant',
      when: { on: { from: 'edd + 42 days' } },
      silent: true,
    },
    {
      rule: 'RSV-3',
      status: 'notRecommended',
      reason: 'vaccinatedThisPregnancy',
      when: { given: ['RSV-MAT'], atLeast: 1, band: { from: 'edd - 280 days' } },
    },
  ],
  cautions: [
    { rule: 'RSV-2', when: { has: 'planned-delivery-before-38w6d' } },
    { rule: 'RSV-4', when: { has: 'hypertensive-pregnancy-risk' } },
  ],
  windows: [{ rule: 'RSV-1', from: 'edd - 84 days', to: 'edd - 22 days', givenFrom: '2026-04-01' }],
  prefer: [{ rule: 'RSV-1', product: 'RSV-MAT' }],
  paths: [{ id: 'RSVM', rule: 'RSV-1', doses: [{ label: '妊娠1回' }] }],
  rules: {
    'RSV-2': rule(
      'L8',
      'S',
      '38週6日までに分娩の予定なら、その14日以上前に終える。接種後14日以内に生まれた子は守られていないとみなす',
      'When delivery is planned before 38w6d, at least 14 days before it; an infant born within 14 days counts as unprotected',
    ),
    'RSV-3': rule(
      'L3',
      'U',
      'この妊娠ですでに接種している（任意を含む）ので、重ねて接種しない。定めは確認できていない',
      'Already given in this pregnancy, be it voluntarily: not offered again; no text was found',
      ARTICLE_2,
    ),
    'RSV-4': rule(
      'L5',
      'O',
      '妊娠高血圧症候群のおそれがある人は、説明のうえ注意して接種する',
      'With care, after explanation, where there is a risk of hypertensive disorder of pregnancy',
    ),
    'RSV-1': rule(
      'L2',
      'O',
      '令和8年4月1日から、妊娠28週0日から36週6日までに、妊娠ごとに1回',
      'Since 2026-04-01, once per pregnancy from 28w0d to 36w6d',
      ARTICLE_3,
    ),
  },
};
