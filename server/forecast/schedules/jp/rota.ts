// Rotavirus (ROTA): oral live, RV1 in two or RV5 in three doses, by weeks from birth. A class routine since 2020-10-01.
import type { SeriesSource } from '../../law/schedule.ts';
import { ARTICLE_3, rule } from './rule.ts';

const firstDose = {
  label: '1回目',
  standard: [{ rule: 'ROTA-3', from: 'reach 2 months', to: 'birth + 104 days' }],
  advisedAgainst: {
    rule: 'ROTA-3',
    from: 'birth + 105 days',
    reason: 'firstDoseAfter14w6d',
    warning: 'firstDoseAfter14w6d',
  },
};

const programme = { givenFrom: '2020-10-01', creditedBefore: 'ROTA-1', creditedAsRoutine: true };
const rv1Windows = [{ rule: 'ROTA-2', from: 'birth + 6 weeks', to: 'birth + 24 weeks', ...programme }];
const rv5Windows = [{ rule: 'ROTA-2', from: 'birth + 6 weeks', to: 'birth + 32 weeks', ...programme }];
const interval = [{ rule: 'ROTA-2', after: 'previous' as const, min: '27 clear days' }];

export const rota: SeriesSource = {
  key: 'ROTA',
  name: { ja: 'ロタウイルス', en: 'Rotavirus' },
  programme: 'routine',
  targetDisease: { code: '18624000', display: 'Disease caused by Rotavirus' },
  products: ['RV1', 'RV5'],
  closures: [
    {
      rule: 'ROTA-1',
      status: 'notRelevant',
      reason: 'birthDateBeforeProgramme',
      when: { born: { to: '2020-07-31' } },
    },
    {
      rule: 'ROTA-5',
      status: 'contraindicated',
      reason: 'intussusceptionHistory',
      when: { has: 'intussusception-history' },
    },
    {
      rule: 'ROTA-5',
      status: 'contraindicated',
      reason: 'gastrointestinalMalformation',
      when: { has: 'gastrointestinal-malformation' },
    },
    { rule: 'ROTA-5', status: 'contraindicated', reason: 'scid', when: { has: 'scid' } },
    { rule: 'X9-disease', status: 'immune', reason: 'diseaseHistory', when: { has: 'disease:rotavirus' } },
  ],
  cautions: [
    { rule: 'ROTA-6', when: { has: 'gastrointestinal-disorder' } },
    { rule: 'X9-biologics', when: { has: 'mother:biologics-in-pregnancy' } },
  ],
  windows: rv5Windows,
  prefer: [
    { rule: 'X4', product: 'RV1', when: { first: ['RV1'] } },
    { rule: 'X4', product: 'RV5', when: { first: ['RV5'] } },
  ],
  paths: [
    {
      // Also the path of a child without a dose: its window is the longer one.
      id: 'RV5',
      rule: 'ROTA-2',
      products: ['RV5'],
      productLock: 'ROTA-4',
      doses: [firstDose, { label: '2回目', intervals: interval }, { label: '3回目', intervals: interval }],
    },
    {
      id: 'RV1',
      rule: 'ROTA-2',
      products: ['RV1'],
      productLock: 'ROTA-4',
      doses: [
        { ...firstDose, windows: rv1Windows },
        { label: '2回目', windows: rv1Windows, intervals: interval },
      ],
    },
  ],
  rules: {
    'ROTA-1': rule(
      'L2',
      'O',
      '令和2年8月1日以後に生まれた子が対象で、定期接種は令和2年10月1日から。それより前に受けた分も定期接種とみなす',
      'For children born on or after 2020-08-01, routine from 2020-10-01; doses they had before that day are treated as routine',
      ARTICLE_3,
    ),
    'ROTA-2': rule(
      'L4',
      'O',
      '1価は生後6週0日から24週0日まで2回、5価は32週0日まで3回、いずれも27日以上の間隔をおく',
      'RV1 twice from 6w0d to 24w0d, RV5 three times to 32w0d, at least 27 whole days between doses',
    ),
    'ROTA-3': rule(
      'L5',
      'O',
      '1回目は生後2月から14週6日までが標準で、生後15週0日以降に始めることは勧められない',
      'The first dose is standard from 2 months to 14w6d; starting from 15w0d is advised against',
    ),
    'ROTA-4': rule(
      'L5',
      'U',
      '原則として同じ製品で終える。やむを得ず替える場合の回数と期間の定めは確認できていない',
      'Finish with the product the series began with; no text was found on count and window after an unavoidable switch',
    ),
    'ROTA-6': rule(
      'L5',
      'O',
      '活動性の胃腸疾患や下痢などの胃腸障害がある子は注意して接種する',
      'With care in active gastrointestinal disease or diarrhoea',
    ),
    'ROTA-5': rule(
      'L3',
      'O',
      '腸重積症の既往、未治療の先天性消化管障害、重症複合免疫不全症の所見がある子は受けられない',
      'Not for children with past intussusception, uncorrected congenital gut malformation, or findings of SCID',
      { ja: '第2条', en: 'article 2' },
    ),
  },
};
