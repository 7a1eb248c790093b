// What is clinically still possible once a routine period is over, at one's own cost: hepatitis B, varicella, measles-rubella.
// Each continues a routine series and answers only where that one is over or never was.
import type { SeriesSource } from '../../law/schedule.ts';
import { grownUpUnlessAsked } from './general.ts';
import { INFECTED } from './hepb.ts';
import { rule } from './rule.ts';

export const hepBCatchUp: SeriesSource = {
  key: 'HEPB_VOL',
  name: { ja: 'B型肝炎（任意）', en: 'Hepatitis B, voluntary' },
  programme: 'voluntary',
  targetDisease: { code: '66071002', display: 'Viral hepatitis type B' },
  products: ['HepB'],
  continues: 'HEPB',
  closures: [
    {
      rule: 'HEPB-3',
      status: 'notRelevant',
      reason: 'perinatalProtocol',
      when: { all: [{ has: 'mother:HBsAg-positive' }, { given: ['HBIG'], atLeast: 1 }] },
      silent: true,
    },
    {
      rule: 'HEPB-4',
      status: 'notRelevant',
      reason: 'coveredByProgramme',
      when: { all: [{ on: { to: 'birth + 5 months' } }, { born: { from: '2016-04-01' } }] },
      silent: true,
    },
    grownUpUnlessAsked('HEPB-4', 'HEPB_VOL', ['HepB']),
    { rule: 'X9', status: 'immune', reason: 'diseaseHistory', when: INFECTED },
  ],
  windows: [{ rule: 'HEPB-4', from: 'birth' }],
  prefer: [{ rule: 'HEPB-4', product: 'HepB' }],
  paths: [
    {
      id: 'HEPB_VOL',
      rule: 'HEPB-4',
      doses: [
        { label: '1回目' },
        {
          label: '2回目',
          intervals: [{ rule: 'HEPB-2', after: 1, min: '27 clear days' }],
          standard: [{ rule: 'HEPB-4', after: 1, fromInterval: '1 month' }],
        },
        {
          label: '3回目',
          intervals: [
            { rule: 'HEPB-2', after: 1, min: '139 clear days' },
            { rule: 'HEPB-2', after: 2, min: '1 day' },
          ],
          standard: [{ rule: 'HEPB-4', after: 1, fromInterval: '6 months' }],
        },
      ],
    },
  ],
  rules: {
    'HEPB-4': rule(
      'L8',
      'S',
      '定期接種の期間を過ぎた子どもや大人は、0・1・6か月の3回を任意で受けられる',
      'Past the routine period, three doses at 0, 1 and 6 months may be taken voluntarily',
    ),
  },
};

export const varicellaCatchUp: SeriesSource = {
  key: 'VAR_VOL',
  name: { ja: '水痘（任意）', en: 'Varicella, voluntary' },
  programme: 'voluntary',
  targetDisease: { code: '38907003', display: 'Varicella' },
  products: ['VAR'],
  continues: 'VAR',
  closures: [
    {
      rule: 'VAR-6',
      status: 'notRelevant',
      reason: 'coveredByProgramme',
      when: { on: { to: 'reach 30 months' } },
      silent: true,
    },
    grownUpUnlessAsked('VAR-6', 'VAR_VOL', ['VAR']),
    { rule: 'VAR-3', status: 'immune', reason: 'diseaseHistory', when: { has: 'disease:varicella' } },
  ],
  windows: [{ rule: 'VAR-6', from: 'reach 12 months' }],
  prefer: [{ rule: 'VAR-6', product: 'VAR' }],
  paths: [
    {
      id: 'VAR_VOL',
      rule: 'VAR-6',
      doses: [
        { label: '1回目' },
        { label: '2回目', intervals: [{ rule: 'VAR-2', after: 'previous', min: '3 months' }] },
      ],
    },
  ],
  rules: {
    'VAR-6': rule(
      'L8',
      'S',
      '3歳を過ぎても、任意で計2回となるよう受けることが勧められる',
      'After the third birthday too, voluntary doses up to two in all are advised',
    ),
  },
};

const MEASLES_RUBELLA = ['MR', 'MMR', 'M', 'R'];
const COMBINATIONS = [{ rule: 'MR-5', parts: ['M', 'R'] }];
const IMMUNE = {
  rule: 'X9',
  status: 'immune' as const,
  reason: 'diseaseHistory',
  when: { all: [{ has: 'disease:measles' }, { has: 'disease:rubella' }] },
};

/** The first dose between phase 1 and phase 2. */
export const mrLateFirst: SeriesSource = {
  key: 'MR1_VOL',
  name: { ja: '麻しん風しん（1期を過ぎた人、任意）', en: 'Measles-rubella, late first dose, voluntary' },
  programme: 'voluntary',
  products: MEASLES_RUBELLA,
  recordsTo: 'fiscal year of 5 years end',
  combinations: COMBINATIONS,
  continues: 'MR1',
  closures: [
    {
      rule: 'MR-8',
      status: 'notRelevant',
      reason: 'coveredByProgramme',
      when: { any: [{ on: { to: 'reach 23 months' } }, { on: { from: 'fiscal year of 6 years start' } }] },
      silent: true,
    },
    IMMUNE,
  ],
  windows: [{ rule: 'MR-8', from: 'reach 12 months', to: 'fiscal year of 5 years end' }],
  prefer: [{ rule: 'MR-8', product: 'MR' }],
  paths: [
    {
      id: 'MR1_VOL',
      rule: 'MR-8',
      doses: [{ label: '1回目', intervals: [{ rule: 'MR-4', after: 'last', min: '27 clear days' }] }],
    },
  ],
  rules: {
    'MR-8': rule(
      'L8',
      'U',
      '1期を逃した子は、2期を待たずに任意で1回受けることを医師と相談する',
      'After a missed phase 1, ask the clinician about a voluntary dose before phase 2',
    ),
  },
};

/** Up to two doses in all, once school has begun. */
export const mrCatchUp: SeriesSource = {
  key: 'MR_VOL',
  name: { ja: '麻しん風しん（任意）', en: 'Measles-rubella, voluntary' },
  programme: 'voluntary',
  products: MEASLES_RUBELLA,
  combinations: COMBINATIONS,
  continues: 'MR2',
  closures: [
    {
      rule: 'MR-9',
      status: 'notRelevant',
      reason: 'coveredByProgramme',
      when: { on: { to: 'fiscal year of 6 years end' } },
      silent: true,
    },
    grownUpUnlessAsked('MR-9', 'MR_VOL', MEASLES_RUBELLA),
    // A low antibody has a series of its own.
    {
      rule: 'MR-10',
      status: 'notRelevant',
      reason: 'coveredByOtherSeries',
      when: { has: 'rubella-titre', atMost: 16 },
      silent: true,
    },
    IMMUNE,
  ],
  windows: [{ rule: 'MR-9', from: 'reach 12 months' }],
  prefer: [{ rule: 'MR-9', product: 'MR' }],
  paths: [
    {
      id: 'MR_VOL',
      rule: 'MR-9',
      doses: [
        { label: '1回目', intervals: [{ rule: 'MR-4', after: 'last', min: '27 clear days' }] },
        { label: '2回目', intervals: [{ rule: 'MR-4', after: 'last', min: '27 clear days' }] },
      ],
    },
  ],
  rules: {
    'MR-9': rule(
      'L8',
      'S',
      '記録のある接種が計2回となるよう、任意で受けることが勧められる',
      'Voluntary doses are advised until two are on record',
    ),
  },
};
