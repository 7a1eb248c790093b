// Influenza (FLU): voluntary, a new round every season. Injected: two doses under 13 years, then one; nasal live: one.
// A season runs from October to January; from 1 February the next one is forecast.
import type { DoseSource, SeriesSource } from '../../law/schedule.ts';
import { rule } from './rule.ts';

const SEASON = 'year from 02-01';
const season = { rule: 'FLU-1', to: `${SEASON} + 12 months - 1 day` };
const injected = [
  { ...season, from: ['reach 6 months', `${SEASON} + 8 months`] },
  // Too young for all of this season: the next one is theirs (an unborn child may still be too young when it begins).
  {
    rule: 'FLU-1',
    from: ['reach 6 months', `${SEASON} + 20 months`],
    to: `${SEASON} + 24 months - 1 day`,
    when: { born: { from: `${SEASON} + 6 months + 1 day` } },
  },
];
const nasal = [
  {
    rule: 'FLU-2',
    from: ['reach 24 months', `${SEASON} + 8 months`],
    to: ['reach 228 months', `${SEASON} + 12 months - 1 day`],
  },
];
const first: DoseSource = { label: '1回目' };

export const influenza: SeriesSource = {
  key: 'FLU',
  name: { ja: 'インフルエンザ', en: 'Influenza' },
  programme: 'voluntary',
  targetDisease: { code: '6142004', display: 'Influenza' },
  products: ['IIV', 'LAIV'],
  recordsFrom: SEASON,
  closures: [
    {
      rule: 'FLU-1',
      status: 'notRelevant',
      reason: 'coveredByProgramme',
      when: {
        any: [
          { on: { from: 'reach 65 years' } },
          // 65 before the season begins
          { born: { to: `${SEASON} + 8 months - 65 years + 1 day` } },
          {
            all: [
              {
                any: [{ on: { from: 'reach 60 years' } }, { born: { to: `${SEASON} + 8 months - 60 years + 1 day` } }],
              },
              { has: 'severe-disability' },
            ],
          },
        ],
      },
      silent: true,
    },
    {
      rule: 'FLU-4',
      status: 'contraindicated',
      reason: 'anaphylaxis',
      when: { has: 'anaphylaxis:egg' },
      review: true,
    },
  ],
  windows: injected,
  prefer: [
    { rule: 'FLU-2', product: 'LAIV', when: { first: ['LAIV'] } },
    { rule: 'FLU-1', product: 'IIV' },
  ],
  paths: [
    {
      id: 'FLU-child',
      rule: 'FLU-1',
      start: { to: 'reach 156 months' },
      products: ['IIV'],
      productLock: 'FLU-3',
      doses: [
        first,
        {
          label: '2回目',
          intervals: [{ rule: 'FLU-1', after: 'previous', min: '2 weeks' }],
          standard: [{ rule: 'FLU-1', fromInterval: '4 weeks' }],
        },
      ],
    },
    { id: 'FLU-adult', rule: 'FLU-1', products: ['IIV'], productLock: 'FLU-3', doses: [first] },
    {
      id: 'FLU-nasal',
      rule: 'FLU-2',
      products: ['LAIV'],
      productLock: 'FLU-3',
      doses: [{ ...first, windows: nasal }],
    },
  ],
  rules: {
    'FLU-1': rule(
      'L7',
      'S',
      '注射は生後6か月から。13歳未満は2〜4週（4週が望ましい）の間隔で2回、13歳以上は1回',
      'Injected from 6 months: under 13 years two doses 2 to 4 weeks apart (4 preferred), from 13 years one',
    ),
    'FLU-2': rule(
      'L7',
      'S',
      '経鼻生ワクチンは2歳以上19歳未満に1回',
      'Nasal live vaccine: one dose from 2 until 19 years',
    ),
    'FLU-4': rule(
      'L7',
      'S',
      '鶏卵アレルギーでも受けられるが、鶏卵でアナフィラキシーを起こした人は専門医に相談する',
      'Egg allergy is no obstacle; after anaphylaxis to egg a specialist decides',
    ),
    'FLU-5': rule(
      'L7',
      'S',
      '経鼻生ワクチンは、アスピリンを服用している人や鶏卵でアナフィラキシーを起こした人には使わない',
      'No nasal live vaccine under aspirin or after anaphylaxis to egg',
    ),
    'FLU-3': rule(
      'L7',
      'U',
      '同じ季節に注射と経鼻を受けた場合の数え方の定めは確認できていない',
      'No text was found on counting injected and nasal doses of one season together',
    ),
  },
};
