// Haemophilus influenzae type b, stand-alone (HIB). Since 2024-04-01 most children get it inside the five-in-one
// vaccine (DTP1); this series judges stand-alone doses and what is left for children who began with them.
import type { ConditionSource } from '../../law/condition.ts';
import type { DoseSource, SeriesSource } from '../../law/schedule.ts';
import { ARTICLE_3, afterLongIllness, rule } from './rule.ts';

const HIB_PRODUCTS = ['Hib'];
const COMBINED = ['DPT-IPV-Hib'];
/** Routine since 2013-04-01; doses before it were voluntary and count. */
const PROGRAMME = { givenFrom: '2013-04-01', creditedBefore: 'X5' };
const UNTIL_12_MONTHS = [{ rule: 'HIB-3', from: 'reach 2 months', to: 'reach 12 months', ...PROGRAMME }];
const BEFORE_2014: ConditionSource = { on: { to: '2014-03-31' } };
const START = [{ rule: 'HIB-1', from: 'reach 2 months', to: 'reach 7 months' }];
const PHYSICIAN_EXCEPTION = { min: '20 clear days', warning: 'requiresPhysicianException' };

const binding = (min: string, max: string) => ({
  rule: 'V-2014',
  after: 'previous' as const,
  min,
  max,
  use: 'evaluation' as const,
  products: HIB_PRODUCTS,
});

const first = (label: string): DoseSource => ({ label, standard: START });

const primary = (label: string): DoseSource => ({
  label,
  windows: UNTIL_12_MONTHS,
  lapses: 'HIB-3',
  intervals: [
    { rule: 'HIB-3', after: 'previous', min: '27 clear days', exception: PHYSICIAN_EXCEPTION, products: HIB_PRODUCTS },
    { rule: 'DTP1-3', after: 'previous', min: '20 clear days', products: COMBINED },
    { ...binding('20 clear days', '56 clear days'), when: BEFORE_2014 },
  ],
  standard: [{ rule: 'T8', fromInterval: '27 clear days', toInterval: '56 clear days' }],
});

const booster = (primaries: readonly number[]): DoseSource => ({
  label: '追加',
  intervals: [
    {
      rule: 'HIB-4',
      after: 'previous',
      min: '7 months',
      products: HIB_PRODUCTS,
      when: { not: { lapsed: primaries } },
    },
    { rule: 'DTP1-4', after: 'previous', min: '6 months', products: COMBINED, when: { not: { lapsed: primaries } } },
    {
      rule: 'HIB-4',
      after: 'previous',
      min: '27 clear days',
      exception: PHYSICIAN_EXCEPTION,
      when: { lapsed: primaries },
    },
    { ...binding('27 clear days', '13 months'), when: { all: [BEFORE_2014, { not: { lapsed: primaries } }] } },
  ],
  standard: [
    {
      rule: 'T8',
      fromInterval: '7 months',
      toInterval: '13 months',
      when: { not: { lapsed: primaries } },
    },
  ],
});

export const hib: SeriesSource = {
  key: 'HIB',
  name: { ja: 'ヒブ', en: 'Hib (stand-alone)' },
  programme: 'routine',
  targetDisease: { code: '709410003', display: 'Haemophilus influenzae type b infection' },
  products: ['Hib', 'DPT-IPV-Hib'],
  recordsTo: 'reach 20 years',
  toleratedExtra: { rule: 'DTP1-5', products: COMBINED },
  closures: [
    {
      rule: 'HIB-5',
      status: 'notRecommended',
      reason: 'coveredByCombination',
      when: {
        all: [
          { on: { from: '2024-04-01' } },
          // One missed through long illness is asked for.
          { not: { has: 'missed:HIB' } },
          { not: { given: HIB_PRODUCTS, atLeast: 1 } },
          {
            any: [
              { given: COMBINED, atLeast: 1 },
              // Begun with four-in-one and behind with Hib: that is given first (DTP1-8). Past 60 months nothing is left.
              { all: [{ on: { to: 'reach 60 months' } }, { not: { given: ['DPT-IPV', 'DPT'], atLeast: 1 } }] },
            ],
          },
        ],
      },
      knownFrom: '2024-04-01',
    },
    { rule: 'X9-disease', status: 'immune', reason: 'diseaseHistory', when: { has: 'disease:hib' } },
  ],
  windows: [
    { rule: 'HIB-1', from: 'reach 2 months', to: 'reach 60 months', ...PROGRAMME },
    afterLongIllness('HIB', 'reach 2 months', 'reach 120 months'),
  ],
  prefer: [{ rule: 'HIB-1', product: 'Hib' }],
  paths: [
    {
      // Begun with the five-in-one vaccine: its own doses and intervals, at any start age.
      id: 'HIB-combined',
      rule: 'HIB-5',
      when: { first: COMBINED },
      doses: [
        { label: '初回1回目', windows: [{ rule: 'DTP1-1', from: 'reach 2 months', to: 'reach 90 months' }] },
        ...['初回2回目', '初回3回目'].map((label) => ({
          label,
          windows: [{ rule: 'DTP1-1', from: 'reach 2 months', to: 'reach 90 months' }],
          intervals: [{ rule: 'DTP1-3', after: 'previous' as const, min: '20 clear days' }],
        })),
        {
          label: '追加',
          windows: [{ rule: 'DTP1-1', from: 'reach 2 months', to: 'reach 90 months' }],
          intervals: [{ rule: 'DTP1-4', after: 'previous', min: '6 months' }],
        },
      ],
    },
    {
      id: 'HIB-A',
      band: 'A',
      rule: 'HIB-2',
      start: { to: 'reach 7 months' },
      doses: [first('初回1回目'), primary('初回2回目'), primary('初回3回目'), booster([2, 3])],
    },
    {
      id: 'HIB-B',
      band: 'B',
      rule: 'HIB-2',
      start: { to: 'reach 12 months' },
      doses: [first('初回1回目'), primary('初回2回目'), booster([2])],
    },
    {
      id: 'HIB-C',
      band: 'C',
      rule: 'HIB-2',
      doses: [first('1回目')],
    },
  ],
  rules: {
    'HIB-1': rule(
      'L2',
      'O',
      '生後2月から60月に至るまで。開始の標準は生後7月に至るまで',
      'From 2 months until 60 months of age; standard start until 7 months',
      ARTICLE_3,
    ),
    'HIB-2': rule(
      'L4',
      'O',
      '開始が生後7月までなら初回3回と追加1回、12月までなら初回2回と追加1回、それ以後は1回',
      'Started by 7 months: 3 primary doses and a booster; by 12 months: 2 and a booster; later: one',
    ),
    'HIB-3': rule(
      'L4',
      'O',
      '初回は27日（医師が必要と認めた場合は20日）以上の間隔で生後12月まで。超えた場合は行わない',
      'Primary doses 27 whole days apart (20 if the physician finds it necessary), only until 12 months, then left out',
    ),
    'HIB-4': rule(
      'L4',
      'O',
      '追加は初回終了後7月以上。初回を生後12月までに終えていない場合は最後の初回から27日（20日）以上おいて1回',
      'Booster 7 months after the primary doses; when those were cut off at 12 months, one dose 27 (20) whole days after the last',
    ),
    'HIB-5': rule(
      'L5',
      'O',
      '令和6年4月からは五種混合を用いるので、新たに始める子にヒブ単独は勧めない',
      'Since April 2024 the five-in-one vaccine is used; stand-alone Hib is not advised for new starters',
    ),
  },
};
