// B class programmes of the elderly by season, influenza (FLU65) and COVID-19 (COVID65), and the closed rubella programme for
// men born 1962-04-02 to 1979-04-01 (phase 5). Left out of the answer for people they are not for.
import type { ConditionSource } from '../../law/condition.ts';
import type { ClosureSource, SeriesSource } from '../../law/schedule.ts';
import { ARTICLE_3, rule } from './rule.ts';

const DISABLED: ConditionSource = { has: 'severe-disability' };
const FLU_SEASON = 'year from 02-01';
const YEAR = 'year from 04-01';

/**
 * From 65, or from 60 with a severe disability; the answer begins half a year before, but not for a `season` (the bound it
 * begins with) that is over by then.
 */
function tooYoung(ruleId: string, season: string): ClosureSource {
  const before = (years: number): ConditionSource => ({
    any: [
      { on: { to: `birth + ${years} years - 7 months` } },
      { born: { from: `${season} + 12 months - ${years} years + 1 day` } },
    ],
  });
  return {
    rule: ruleId,
    status: 'notRelevant',
    reason: 'tooYoung',
    when: { any: [before(60), { all: [before(65), { not: DISABLED }] }] },
    silent: true,
  };
}

/** One season's windows by age: everybody of 65, and those with a disability from 60. */
function elderly(ruleId: string, from: string, to: string, programmeFrom?: string) {
  const calendar = programmeFrom === undefined ? {} : { givenFrom: programmeFrom };
  return [
    { rule: ruleId, from: ['reach 65 years', from], to, ...calendar },
    { rule: ruleId, from: ['reach 60 years', from], to, when: DISABLED, ...calendar },
  ];
}

const fluFrom = `${FLU_SEASON} + 8 months`;
const fluTo = `${FLU_SEASON} + 12 months - 1 day`;

export const influenzaElderly: SeriesSource = {
  key: 'FLU65',
  name: { ja: 'インフルエンザ（高齢者）', en: 'Influenza, elderly' },
  programme: 'routine',
  category: 'B',
  targetDisease: { code: '6142004', display: 'Influenza' },
  products: ['IIV', 'IIV-HD'],
  recordsFrom: FLU_SEASON,
  productDates: [{ rule: 'FLU65-2', products: ['IIV-HD'], from: '2026-10-01' }],
  closures: [tooYoung('FLU65-1', FLU_SEASON)],
  windows: elderly('FLU65-1', fluFrom, fluTo),
  prefer: [{ rule: 'FLU65-1', product: 'IIV' }],
  paths: [
    {
      id: 'FLU65-high-dose',
      rule: 'FLU65-2',
      when: { first: ['IIV-HD'] },
      knownFrom: '2026-10-01',
      doses: [
        {
          label: '1回',
          windows: [{ rule: 'FLU65-2', from: ['reach 75 years', fluFrom], to: fluTo, givenFrom: '2026-10-01' }],
        },
      ],
    },
    { id: 'FLU65', rule: 'FLU65-1', doses: [{ label: '1回' }] },
  ],
  rules: {
    'FLU65-1': rule(
      'L2',
      'O',
      '65歳以上（60〜64歳は心臓・腎臓・呼吸器・HIVの障害のある人）は、毎シーズン10月から1回。期間は市町村による',
      'From 65 years (60 to 64 with a severe disability) once a season from October; dates depend on the municipality',
      ARTICLE_3,
    ),
    'FLU65-2': rule(
      'L6',
      'U',
      '令和8年10月1日から、75歳以上は高用量ワクチンも選べる（市町村の通知による）',
      'Since 2026-10-01 high-dose vaccine may be chosen from 75 years (seen in municipal notices)',
    ),
  },
};

export const covidElderly: SeriesSource = {
  key: 'COVID65',
  name: { ja: '新型コロナ（高齢者）', en: 'COVID-19, elderly' },
  programme: 'routine',
  category: 'B',
  targetDisease: { code: '840539006', display: 'Disease caused by SARS-CoV-2' },
  products: ['COVID-mRNA'],
  recordsFrom: YEAR,
  closures: [tooYoung('COVID65-1', YEAR)],
  windows: elderly('COVID65-1', `${YEAR} + 6 months`, `${YEAR} + 12 months - 1 day`, '2024-10-01'),
  prefer: [{ rule: 'COVID65-1', product: 'COVID-mRNA' }],
  paths: [{ id: 'COVID65', rule: 'COVID65-1', doses: [{ label: '1回' }] }],
  rules: {
    'COVID65-1': rule(
      'L2',
      'O',
      '65歳以上（60〜64歳は障害のある人）は、秋冬に年1回。期間は市町村による',
      'From 65 years (60 to 64 with a severe disability) once every autumn and winter; dates depend on the municipality',
      ARTICLE_3,
    ),
  },
};

const RUBELLA_MEN: ConditionSource = {
  all: [{ sex: 'male' }, { born: { from: '1962-04-02', to: '1979-04-01' } }],
};

export const rubellaMen: SeriesSource = {
  key: 'RUB5',
  name: { ja: '風しん第5期', en: 'Rubella, phase 5' },
  programme: 'routine',
  products: ['MR', 'R'],
  recordsFrom: '2019-02-01',
  closures: [
    {
      rule: 'RUB5-1',
      status: 'notRelevant',
      reason: 'notInCohort',
      when: {
        any: [
          { not: RUBELLA_MEN },
          {
            all: [
              { not: { has: 'flag:rubella5TestedInTime' } },
              { not: { given: ['MR', 'R'], atLeast: 1, band: { from: '2019-02-01' } } },
              { on: { from: '2025-04-01' } },
            ],
          },
        ],
      },
      silent: true,
    },
    { rule: 'X9', status: 'immune', reason: 'diseaseHistory', when: { has: 'disease:rubella' } },
  ],
  windows: [
    { rule: 'RUB5-1', from: 'birth', givenFrom: '2019-02-01', givenTo: '2025-03-31' },
    {
      rule: 'RUB5-2',
      from: 'birth',
      givenFrom: '2025-04-01',
      givenTo: '2027-03-31',
      when: { has: 'flag:rubella5TestedInTime' },
      extension: 'rubella5-fy2024',
    },
  ],
  prefer: [{ rule: 'RUB5-1', product: 'MR' }],
  paths: [{ id: 'RUB5', rule: 'RUB5-1', doses: [{ label: '5期' }] }],
  rules: {
    'RUB5-1': rule(
      'L2',
      'O',
      '昭和37年4月2日から昭和54年4月1日生まれの男性で抗体の低い人に1回。令和7年3月31日で終了',
      'One dose for men born 1962-04-02 to 1979-04-01 with low antibody; closed on 2025-03-31',
      { ja: '附則', en: 'supplementary provisions' },
    ),
    'RUB5-2': rule(
      'L6',
      'O',
      '令和7年3月31日までに検査を受けて抗体が低かった人は、令和9年3月31日まで受けられる',
      'Those tested by 2025-03-31 with low antibody may have it until 2027-03-31',
    ),
  },
};
