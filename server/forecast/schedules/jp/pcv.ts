// Pneumococcal conjugate vaccine for children (PCV): the number of doses follows the age at the first dose.
import type { DoseSource, SeriesSource } from '../../law/schedule.ts';
import { ARTICLE_3, afterLongIllness, rule } from './rule.ts';

/** Routine since 2013-04-01; doses before it were voluntary and count. */
const PROGRAMME = { givenFrom: '2013-04-01', creditedBefore: 'X5' };
const WHOLE = { rule: 'PCV-1', from: 'reach 2 months', to: 'reach 60 months', ...PROGRAMME };
const UNTIL_24_MONTHS = [{ rule: 'PCV-3', from: 'reach 2 months', to: 'reach 24 months', ...PROGRAMME }];
const START = [{ rule: 'PCV-1', from: 'reach 2 months', to: 'reach 7 months' }];

const first = (label: string): DoseSource => ({ label, standard: START });

/** Primary doses 2 and 3: dropped, not fatal, once 24 months are over. */
const primary = (label: string): DoseSource => ({
  label,
  windows: UNTIL_24_MONTHS,
  lapses: 'PCV-3',
  intervals: [{ rule: 'PCV-3', after: 'previous', min: '27 clear days' }],
  standard: [{ rule: 'PCV-3', to: 'reach 12 months' }],
});

const booster: DoseSource = {
  label: '追加',
  from: [{ rule: 'PCV-4', bound: 'reach 12 months' }],
  intervals: [{ rule: 'PCV-4', after: 'previous', min: '60 clear days' }],
  standard: [{ rule: 'PCV-4', from: 'reach 12 months', to: 'reach 15 months' }],
};

export const pcv: SeriesSource = {
  key: 'PCV',
  name: { ja: '小児用肺炎球菌', en: 'Pneumococcal conjugate (child)' },
  programme: 'routine',
  targetDisease: { code: '16814004', display: 'Pneumococcal infectious disease' },
  products: ['PCV20', 'PCV15', 'PCV13', 'PCV7'],
  recordsTo: 'reach 20 years',
  productDates: [
    { rule: 'PCV-7', products: ['PCV7'], to: '2013-10-31' },
    { rule: 'PCV-7', products: ['PCV13'], from: '2013-11-01', to: '2024-09-30' },
    { rule: 'PCV-7', products: ['PCV15'], from: '2024-04-01' },
    { rule: 'PCV-7', products: ['PCV20'], from: '2024-10-01' },
  ],
  closures: [{ rule: 'X9-disease', status: 'immune', reason: 'diseaseHistory', when: { has: 'disease:pneumococcus' } }],
  windows: [WHOLE, afterLongIllness('PCV', 'reach 2 months', 'reach 72 months')],
  prefer: [
    { rule: 'PCV-6', product: 'PCV15', when: { latest: ['PCV15'] }, knownFrom: '2024-04-01' },
    { rule: 'PCV-6', product: 'PCV20', when: { on: { from: '2024-10-01' } }, knownFrom: '2024-10-01' },
    { rule: 'PCV-6', product: 'PCV13', when: { on: { from: '2013-11-01' } }, knownFrom: '2013-11-01' },
    { rule: 'PCV-6', product: 'PCV7' },
  ],
  paths: [
    {
      id: 'PCV-A',
      band: 'A',
      rule: 'PCV-2',
      start: { to: 'reach 7 months' },
      doses: [
        first('初回1回目'),
        primary('初回2回目'),
        {
          ...primary('初回3回目'),
          skip: [{ rule: 'PCV-3', when: { dose: 2, on: { from: 'after reach 12 months' } } }],
        },
        booster,
      ],
    },
    {
      id: 'PCV-B',
      band: 'B',
      rule: 'PCV-2',
      start: { to: 'reach 12 months' },
      doses: [first('初回1回目'), primary('初回2回目'), booster],
    },
    {
      id: 'PCV-C',
      band: 'C',
      rule: 'PCV-2',
      start: { to: 'reach 24 months' },
      doses: [
        first('1回目'),
        { label: '2回目', intervals: [{ rule: 'PCV-2', after: 'previous', min: '60 clear days' }] },
      ],
    },
    {
      id: 'PCV-D',
      band: 'D',
      rule: 'PCV-2',
      doses: [first('1回目')],
    },
  ],
  rules: {
    'PCV-1': rule(
      'L2',
      'O',
      '生後2月から60月に至るまで。1回目の標準は生後2月から7月に至るまで',
      'From 2 months until 60 months of age; the first dose is standard until 7 months',
      ARTICLE_3,
    ),
    'PCV-2': rule(
      'L4',
      'O',
      '開始が生後7月までなら初回3回と追加1回、12月までなら初回2回と追加1回、24月までなら60日以上の間隔で2回、それ以後は1回',
      'Started by 7 months: 3 primary doses and a booster; by 12 months: 2 and a booster; by 24 months: two doses 60 whole days apart; later: one',
    ),
    'PCV-3': rule(
      'L4',
      'O',
      '初回は27日以上の間隔で、2回目・3回目は生後24月まで。2回目が生後12月を超えたら3回目は行わない',
      'Primary doses 27 whole days apart; doses 2 and 3 only until 24 months, and no dose 3 when dose 2 came after 12 months',
    ),
    'PCV-4': rule(
      'L4',
      'O',
      '追加は初回終了後60日以上おいて生後12月に至った日以降。標準は生後12月から15月',
      'Booster 60 whole days after the last primary dose and not before 12 months; standard 12 to 15 months',
    ),
    'PCV-7': rule(
      'L4',
      'O',
      '定期接種の製品は、7価（平成25年10月31日まで）、13価（平成25年11月1日から令和6年9月30日まで）、15価（令和6年4月1日から）、20価（令和6年10月1日から）',
      'Routine products: PCV7 to 2013-10-31, PCV13 from 2013-11-01 to 2024-09-30, PCV15 since 2024-04-01, PCV20 since 2024-10-01',
    ),
    'PCV-6': rule(
      'L5',
      'O',
      '13価で始めた子は15価・20価で続け、15価で始めた子は原則15価で終え、新たに始める子は20価を使う',
      'PCV13 starters go on with PCV15 or PCV20, PCV15 starters stay on PCV15 in principle, new starters use PCV20',
    ),
  },
};
