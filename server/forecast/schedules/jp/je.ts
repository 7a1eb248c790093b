// Japanese encephalitis: phase 1 (JE1, 2 + 1) and phase 2 (JE2), with the two cohorts that missed doses while the
// recommendation was suspended (2005 to 2009).
import type { ConditionSource } from '../../law/condition.ts';
import type { SeriesSource } from '../../law/schedule.ts';
import { ARTICLE_3, afterLongIllness, rule } from './rule.ts';

const TARGET = { code: '52947006', display: 'Japanese encephalitis virus disease' };
const PRODUCTS = ['JE', 'JE-MB'];
/** Most of the cohort from 2011-05-20, the first two months of births from 2013-04-01. */
const SPECIAL_FROM = [
  { when: { born: { from: '1995-06-01', to: '2007-04-01' } }, givenFrom: '2011-05-20' },
  { when: { born: { from: '1995-04-02', to: '1995-05-31' } }, givenFrom: '2013-04-01' },
];
const special: ConditionSource = { born: { from: '1995-04-02', to: '2007-04-01' } };
const later: ConditionSource = { born: { from: '2007-04-02', to: '2009-10-01' } };
/** Had a dose by the cut-off of the cohort: the remaining doses need only 6 whole days. */
const hadDose: ConditionSource = {
  any: [
    { all: [special, { given: PRODUCTS, atLeast: 1, band: { to: '2011-05-19' } }] },
    { all: [later, { given: PRODUCTS, atLeast: 1, band: { to: '2010-03-31' } }] },
  ],
};
/** The measure of the cohort holds; before it each dose was under the rules of everybody. */
const measure: ConditionSource = {
  any: [
    ...SPECIAL_FROM.map(({ when, givenFrom }) => ({ all: [when, { on: { from: givenFrom } }] })),
    { all: [later, { on: { from: '2010-04-01' } }] },
  ],
};
export const je1: SeriesSource = {
  key: 'JE1',
  name: { ja: '日本脳炎（1期）', en: 'Japanese encephalitis, phase 1' },
  programme: 'routine',
  targetDisease: TARGET,
  products: PRODUCTS,
  cautions: [{ rule: 'JE-9', when: { on: { from: '2005-05-30', to: '2010-03-31' } }, knownFrom: '2005-05-30' }],
  phase: { of: 'JE', number: 1 },
  closures: [
    { rule: 'X9', status: 'immune', reason: 'diseaseHistory', when: { has: 'disease:japanese-encephalitis' } },
  ],
  windows: [
    { rule: 'JE-1', from: 'reach 6 months', to: 'reach 90 months' },
    ...SPECIAL_FROM.map((row) => ({
      rule: 'JE-5',
      from: 'reach 6 months',
      to: 'reach 240 months',
      ...row,
      extension: 'je-special',
      labelSuffix: '(特例)',
    })),
    {
      rule: 'JE-6',
      from: 'reach 108 months',
      to: 'reach 156 months',
      when: later,
      extension: 'je-2007-2009',
      labelSuffix: '(特例)',
    },
    afterLongIllness('JE1', 'reach 6 months'),
  ],
  prefer: [{ rule: 'JE-1', product: 'JE' }],
  paths: [
    {
      id: 'JE1',
      rule: 'JE-1',
      doses: [
        {
          label: '1期初回1回目',
          standard: [
            { rule: 'JE-10', from: 'reach 6 months', to: 'reach 48 months', when: { has: 'indicated:JE1' } },
            { rule: 'JE-1', from: 'reach 36 months', to: 'reach 48 months' },
          ],
        },
        {
          label: '1期初回2回目',
          intervals: [
            { rule: 'JE-2', after: 'previous', min: '6 clear days' },
            {
              rule: 'V-2014',
              after: 'previous',
              min: '6 clear days',
              max: '28 clear days',
              use: 'evaluation',
              when: { all: [{ on: { to: '2014-03-31' } }, { not: measure }] },
            },
          ],
          standard: [{ rule: 'T8', fromInterval: '6 clear days', toInterval: '28 clear days' }],
        },
        {
          label: '1期追加',
          intervals: [
            {
              rule: 'JE-3',
              after: 'previous',
              min: '6 months',
              when: { all: [{ not: { all: [hadDose, measure] } }, { any: [{ on: { from: '2014-04-01' } }, measure] }] },
            },
            {
              // Before 2014-04-01 the text said "about one year".
              rule: 'JE-8',
              after: 'previous',
              min: '12 months',
              exception: { min: '6 months', warning: 'boosterBeforeOneYear' },
              when: { all: [{ on: { to: '2014-03-31' } }, { not: measure }] },
            },
            { rule: 'JE-5', after: 'previous', min: '6 clear days', when: { all: [hadDose, measure] } },
          ],
          standard: [{ rule: 'T8', fromInterval: '12 months', when: { not: hadDose } }],
        },
      ],
    },
  ],
  rules: {
    'JE-1': rule(
      'L2',
      'O',
      '1期は生後6月から90月に至るまで。1・2回目の標準は3歳から4歳に達するまで',
      'Phase 1 from 6 until 90 months of age; doses 1 and 2 are standard at 3 years',
      ARTICLE_3,
    ),
    'JE-2': rule(
      'L4',
      'O',
      '1回目と2回目は6日以上、標準は28日まで',
      'Doses 1 and 2 at least 6 whole days apart, standard up to 28',
    ),
    'JE-3': rule(
      'L4',
      'O',
      '追加は2回目から6月以上、標準はおおむね1年',
      'Booster at least 6 months after dose 2, standard about one year',
    ),
    'JE-10': rule(
      'L8',
      'S',
      '流行地への渡航や豚の飼育など感染のおそれがあれば、生後6月からが勧められる',
      'Advised from 6 months where there is a risk: endemic area, pigs nearby, travel',
    ),
    'JE-9': rule(
      'L6',
      'O',
      '平成17年5月30日から平成21年度まで、積極的な勧奨が差し控えられていた',
      'From 2005-05-30 to FY2009 it was not actively recommended',
    ),
    'JE-8': rule(
      'L4',
      'U',
      '平成26年3月31日までは、追加は2回目からおおむね1年',
      'Until 2014-03-31 the booster came about one year after dose 2',
    ),
    'JE-5': rule(
      'L2',
      'O',
      '平成7年4月2日から平成19年4月1日までに生まれた人は、20歳未満まで不足分を受けられる（特例）',
      'Births from 1995-04-02 to 2007-04-01 may have their missing doses until the day before age 20',
      { ja: '附則', en: 'supplementary provisions' },
    ),
    'JE-6': rule(
      'L2',
      'O',
      '平成19年4月2日から平成21年10月1日までに生まれた人は、9歳以上13歳未満でも1期の不足分を受けられる（特例）',
      'Births from 2007-04-02 to 2009-10-01 may also have missing phase 1 doses from 9 until 13 years',
      { ja: '附則', en: 'supplementary provisions' },
    ),
  },
};

export const je2: SeriesSource = {
  key: 'JE2',
  name: { ja: '日本脳炎（2期）', en: 'Japanese encephalitis, phase 2' },
  programme: 'routine',
  targetDisease: TARGET,
  products: PRODUCTS,
  phase: { of: 'JE', number: 2 },
  closures: [
    { rule: 'X9', status: 'immune', reason: 'diseaseHistory', when: { has: 'disease:japanese-encephalitis' } },
  ],
  cautions: [
    {
      rule: 'JE-7',
      when: { all: [{ on: { from: 'reach 108 months' } }, { not: { given: PRODUCTS, atLeast: 3 } }] },
    },
  ],
  requires: { rule: 'JE-5', series: 'JE1', interval: '6 clear days', when: { any: [special, later] } },
  windows: [
    { rule: 'JE-4', from: 'reach 108 months', to: 'reach 156 months' },
    ...SPECIAL_FROM.map((row) => ({
      rule: 'JE-5',
      from: 'reach 108 months',
      to: 'reach 240 months',
      ...row,
      extension: 'je-special',
      labelSuffix: '(特例)',
    })),
    afterLongIllness('JE2', 'reach 108 months'),
  ],
  prefer: [{ rule: 'JE-4', product: 'JE' }],
  paths: [
    {
      id: 'JE2',
      rule: 'JE-4',
      doses: [{ label: '2期', standard: [{ rule: 'JE-4', from: 'reach 108 months', to: 'reach 120 months' }] }],
    },
  ],
  rules: {
    'JE-7': rule(
      'L5',
      'U',
      '1期を終えていない人の2期は受けられるが、順序と効果は医師に確認する',
      'Phase 2 with phase 1 incomplete is legal; its order and value are for the clinician',
    ),
    'JE-4': rule(
      'L2',
      'O',
      '2期は9歳以上13歳未満に1回。標準は9歳の1年間',
      'Phase 2: one dose from 9 until 13 years; standard while 9',
      ARTICLE_3,
    ),
  },
};
