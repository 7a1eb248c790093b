// Later doses with diphtheria, pertussis, tetanus or polio: the voluntary fifth doses before school, DPT instead of DT at
// 11 to 12 years, DPT in pregnancy, tetanus boosters; and polio histories begun with the oral vaccine (until 2012-08).
// As phases after DTP1 they take the records it has no more use for.
import type { ClosureSource, SeriesSource } from '../../law/schedule.ts';
import { onlyWhenAsked } from './general.ts';
import { rule } from './rule.ts';

const PRESCHOOL = { from: 'reach 60 months', to: 'reach 84 months' };
/** Over, and never taken: nothing to say. */
function past(ruleId: string, product: string): ClosureSource {
  return {
    rule: ruleId,
    status: 'notRelevant',
    reason: 'tooOld',
    when: {
      all: [{ on: { from: 'after reach 84 months' } }, { not: { given: [product], atLeast: 1, band: PRESCHOOL } }],
    },
    silent: true,
  };
}

function fifthDose(key: string, number: number, product: string, name: SeriesSource['name']): SeriesSource {
  return {
    key,
    name,
    programme: 'voluntary',
    products: [product],
    phase: { of: 'DTP', number },
    requires: { rule: 'DTP5-2', series: 'DTP1', interval: '6 months' },
    closures: [past('DTP5-1', product)],
    windows: [{ rule: 'DTP5-1', ...PRESCHOOL }],
    prefer: [{ rule: 'DTP5-1', product }],
    paths: [
      {
        id: key,
        rule: 'DTP5-1',
        doses: [
          {
            label: '5回目',
            standard: [{ rule: 'DTP5-1', from: 'fiscal year of 6 years start', to: 'fiscal year of 6 years end' }],
          },
        ],
      },
    ],
    rules:
      number > 2
        ? {}
        : {
            'DTP5-1': rule(
              'L8',
              'S',
              '就学前（5〜6歳）に三種混合と不活化ポリオの5回目を任意で受けることが勧められる',
              'Voluntary fifth doses of DPT and IPV at 5 to 6 years, before school, are advised',
            ),
            'DTP5-2': rule(
              'L7',
              'S',
              '1期を終えてから、追加接種に準じて6月以上あける',
              'After phase 1, at least 6 months later, as for its booster',
            ),
          },
  };
}

export const dpt5 = fifthDose('DPT5', 2, 'DPT', { ja: '三種混合（就学前）', en: 'DPT before school' });
export const ipv5 = fifthDose('IPV5', 3, 'IPV', { ja: '不活化ポリオ（就学前）', en: 'Polio before school' });

export const dpt11: SeriesSource = {
  key: 'DPT11',
  name: { ja: '三種混合（11〜12歳）', en: 'DPT at 11 to 12 years' },
  programme: 'voluntary',
  products: ['DPT'],
  phase: { of: 'DTP', number: 4 },
  closures: [
    {
      ...onlyWhenAsked('DPT11-1', 'DPT11', []),
      when: {
        all: [
          { not: { has: 'indicated:DPT11' } },
          { not: { given: ['DPT'], atLeast: 1, band: { from: 'reach 132 months', to: 'reach 156 months' } } },
        ],
      },
    },
  ],
  windows: [{ rule: 'DPT11-1', from: 'reach 132 months', to: 'reach 156 months' }],
  prefer: [{ rule: 'DPT11-1', product: 'DPT' }],
  paths: [{ id: 'DPT11', rule: 'DPT11-1', doses: [{ label: '1回' }] }],
  rules: {
    'DPT11-1': rule(
      'L8',
      'S',
      '11〜12歳では、百日せきの予防のため二種混合に代えて三種混合0.5mLを任意で受けることができる',
      'At 11 to 12 years DPT 0.5 mL may be taken voluntarily instead of DT, against pertussis',
    ),
  },
};

export const dptMaternal: SeriesSource = {
  key: 'DPTM',
  name: { ja: '百日せき（妊娠中の三種混合）', en: 'Pertussis: DPT in pregnancy' },
  programme: 'voluntary',
  targetDisease: { code: '27836007', display: 'Pertussis' },
  products: ['DPT'],
  phase: { of: 'DTP', number: 5 },
  recordsFrom: 'edd - 280 days',
  closures: [
    {
      rule: 'DPTM-1',
      status: 'notRelevant',
      reason: 'notPregnant',
      when: { any: [{ not: { has: 'pregnancy-edd' } }, { on: { from: 'edd + 42 days' } }] },
      silent: true,
    },
  ],
  windows: [{ rule: 'DPTM-1', from: 'edd - 91 days', to: 'edd - 22 days' }],
  prefer: [{ rule: 'DPTM-1', product: 'DPT' }],
  paths: [{ id: 'DPTM', rule: 'DPTM-1', doses: [{ label: '妊娠1回' }] }],
  rules: {
    'DPTM-1': rule(
      'L8',
      'S',
      '妊娠27〜36週に三種混合0.5mLを1回、定期接種の外で任意に受けられる。RSウイルスワクチンとは別の日がよい',
      'Once at 27 to 36 weeks of pregnancy, DPT 0.5 mL, voluntary and outside the routine; better not on the day of the RSV vaccine',
    ),
  },
};

export const tetanus: SeriesSource = {
  key: 'TETANUS',
  name: { ja: '破傷風（追加）', en: 'Tetanus booster' },
  programme: 'voluntary',
  targetDisease: { code: '76902006', display: 'Tetanus' },
  products: ['TT', 'DPT'],
  phase: { of: 'DTP', number: 6 },
  closures: [
    {
      ...onlyWhenAsked('TETANUS-1', 'TETANUS', []),
      when: {
        all: [
          { not: { has: 'indicated:TETANUS' } },
          { not: { given: ['TT'], atLeast: 1 } },
          { not: { given: ['DPT'], atLeast: 1, band: { from: 'after reach 156 months' } } },
        ],
      },
    },
  ],
  windows: [{ rule: 'TETANUS-1', from: 'reach 132 months' }],
  prefer: [{ rule: 'TETANUS-1', product: 'TT' }],
  paths: [
    {
      id: 'TETANUS',
      rule: 'TETANUS-1',
      // One every ten years, as far as a life goes.
      doses: Array.from({ length: 10 }, () => ({
        label: '追加',
        intervals: [{ rule: 'TETANUS-1', after: 'last' as const, min: '10 years', use: 'forecast' as const }],
      })),
    },
  ],
  rules: {
    'TETANUS-1': rule('L8', 'S', 'およそ10年ごとに追加する', 'A booster about every ten years'),
  },
};

const INACTIVATED = ['IPV', 'DPT-IPV', 'DPT-IPV-Hib'];
/** Two oral doses are the whole series; in their time nothing else was. */
const oralOnly = [{ rule: 'POLIO-1', when: { any: [{ given: ['OPV'], atLeast: 2 }, { on: { to: '2012-08-31' } }] } }];

export const polio: SeriesSource = {
  key: 'POLIO',
  name: { ja: 'ポリオ（生ワクチンで始めた人）', en: 'Polio, begun with the oral vaccine' },
  programme: 'routine',
  targetDisease: { code: '398102009', display: 'Acute poliomyelitis' },
  products: ['OPV', ...INACTIVATED],
  recordsTo: 'reach 20 years',
  productDates: [
    { rule: 'POLIO-1', products: ['OPV'], to: '2012-08-31' },
    { rule: 'POLIO-1', products: INACTIVATED, from: '2012-09-01' },
  ],
  closures: [onlyWhenAsked('POLIO-1', 'POLIO', ['OPV'])],
  windows: [
    {
      rule: 'POLIO-1',
      from: 'reach 3 months',
      to: 'reach 90 months',
      givenTo: '2023-03-31',
      endKnownFrom: '2023-04-01',
    },
    { rule: 'POLIO-1', from: 'reach 2 months', to: 'reach 90 months', givenFrom: '2023-04-01' },
  ],
  prefer: [
    { rule: 'POLIO-1', product: 'IPV', when: { on: { from: '2012-09-01' } }, knownFrom: '2012-09-01' },
    { rule: 'POLIO-1', product: 'OPV' },
  ],
  paths: [
    {
      id: 'POLIO',
      rule: 'POLIO-1',
      doses: [
        { label: '1回目' },
        {
          label: '2回目',
          intervals: [
            { rule: 'POLIO-1', after: 'previous', min: '41 clear days', products: ['OPV'] },
            { rule: 'POLIO-2', after: 'previous', min: '20 clear days', products: INACTIVATED },
          ],
        },
        {
          label: '3回目',
          skip: oralOnly,
          intervals: [{ rule: 'POLIO-2', after: 'previous', min: '20 clear days' }],
        },
        { label: '4回目', skip: oralOnly, intervals: [{ rule: 'POLIO-2', after: 'previous', min: '6 months' }] },
      ],
    },
  ],
  rules: {
    'POLIO-1': rule(
      'L4',
      'O',
      '平成24年8月31日までは経口生ポリオワクチンを41日以上の間隔で2回。同年9月1日から不活化ワクチン',
      'Until 2012-08-31 oral live polio vaccine twice, 41 whole days apart; inactivated vaccine since 2012-09-01',
    ),
    'POLIO-2': rule(
      'L6',
      'U',
      '生ワクチンを1回受けた子は、不活化ワクチンを3回受けて計4回とする',
      'After one oral dose three doses of inactivated vaccine make four',
    ),
  },
};
