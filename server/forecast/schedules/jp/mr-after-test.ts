// Measles-rubella for people planning a pregnancy, and after delivery, whose rubella antibody is low (HI 16 or less). The
// wait through a running pregnancy comes from the general rules.
import type { SeriesSource } from '../../law/schedule.ts';
import { rule } from './rule.ts';

export const mrAfterTest: SeriesSource = {
  key: 'MR_LOW',
  name: { ja: '麻しん風しん（風しん抗体が低い人）', en: 'Measles-rubella, low rubella antibody' },
  programme: 'voluntary',
  products: ['MR', 'R', 'MMR'],
  recordsFrom: 'rubellaTest',
  closures: [
    {
      rule: 'MR-10',
      status: 'notRelevant',
      reason: 'notAskedFor',
      when: { all: [{ not: { has: 'rubella-titre', atMost: 16 } }, { not: { has: 'indicated:MR_LOW' } }] },
      silent: true,
    },
  ],
  windows: [{ rule: 'MR-10', from: 'reach 12 months' }],
  prefer: [{ rule: 'MR-10', product: 'MR' }],
  paths: [{ id: 'MR_LOW', rule: 'MR-10', doses: [{ label: '1回' }] }],
  rules: {
    'MR-10': rule(
      'L8',
      'S',
      '風しんHI抗体16倍以下の人は、出産後（妊娠していなければ今）MRを1回。接種後2か月は妊娠を避ける。授乳中でもよい',
      'Rubella HI of 16 or less: one MR dose after delivery, or now when not pregnant; avoid pregnancy for 2 months; breastfeeding is fine',
      { ja: '（先天性風しん対策）', en: 'against congenital rubella' },
    ),
  },
};
