// Voluntary vaccines that a risk or a wish calls for: COVID-19 below 65, pneumococcal and Hib vaccine beyond the child's
// programme, meningococcal. Silent unless a dose is on record or an observation asks for them.
import type { SeriesSource } from '../../law/schedule.ts';
import { onlyWhenAsked } from './general.ts';
import { rule } from './rule.ts';

const YEAR = 'year from 04-01';
/** Asplenia, complement deficiency, immunodeficiency: guidance of the societies (fact sheet section 11). */
const HIGH_RISK = ['asplenia', 'complement-deficiency', 'immunodeficiency', 'immunosuppressive-therapy'];

export const covid: SeriesSource = {
  key: 'COVID',
  name: { ja: '新型コロナ', en: 'COVID-19' },
  programme: 'voluntary',
  targetDisease: { code: '840539006', display: 'Disease caused by SARS-CoV-2' },
  products: ['COVID-mRNA'],
  recordsFrom: YEAR,
  closures: [
    onlyWhenAsked('COVID-1', 'COVID', ['COVID-mRNA'], ['high-risk', 'pregnancy-edd', ...HIGH_RISK]),
    {
      rule: 'COVID-1',
      status: 'notRelevant',
      reason: 'tooOld',
      when: { on: { from: 'reach 65 years' } },
      silent: true,
    },
  ],
  windows: [{ rule: 'COVID-1', from: ['reach 6 months', YEAR] }],
  paths: [{ id: 'COVID', rule: 'COVID-2', doses: [{ label: '1回目' }] }],
  rules: {
    'COVID-1': rule(
      'L8',
      'S',
      '生後6か月から。重症化しやすい子どもと妊婦に勧められ、健康な子は希望により任意で受ける',
      'From 6 months: advised for children at high risk and in pregnancy, on the wish of the parents for healthy children',
    ),
    'COVID-2': rule(
      'L7',
      'U',
      '回数と間隔は製品と年齢により異なるので、添付文書で確認する',
      'Number and spacing depend on product and age: check the label',
    ),
  },
};

export const pcvRisk: SeriesSource = {
  key: 'PCV_RISK',
  name: { ja: '肺炎球菌（ハイリスク）', en: 'Pneumococcal conjugate, high risk' },
  programme: 'voluntary',
  targetDisease: { code: '16814004', display: 'Pneumococcal infectious disease' },
  products: ['PCV20', 'PCV15', 'PCV13'],
  recordsFrom: 'after reach 60 months',
  closures: [
    {
      rule: 'PCV-5',
      status: 'notRelevant',
      reason: 'coveredByProgramme',
      when: { any: [{ on: { to: 'reach 60 months' } }, { on: { from: 'reach 65 years' } }] },
      silent: true,
    },
    onlyWhenAsked('PCV-5', 'PCV_RISK', [], ['high-risk', ...HIGH_RISK]),
  ],
  windows: [{ rule: 'PCV-5', from: 'after reach 60 months', to: 'reach 65 years' }],
  prefer: [{ rule: 'PCV-5', product: 'PCV20' }],
  paths: [{ id: 'PCV_RISK', rule: 'PCV-5', doses: [{ label: '1回' }] }],
  rules: {
    'PCV-5': rule(
      'L8',
      'U',
      '5歳以上で無脾症・補体欠損・免疫不全などのある人に任意で行う（脾摘の予定があれば2週前まで）。回数は医師に確認する',
      'From 5 years, voluntary in asplenia, complement deficiency or immunodeficiency (2 weeks before a planned splenectomy); the clinician says how often',
    ),
  },
};

export const hibRisk: SeriesSource = {
  key: 'HIB_RISK',
  name: { ja: 'ヒブ（ハイリスク）', en: 'Hib, high risk' },
  programme: 'voluntary',
  targetDisease: { code: '709410003', display: 'Haemophilus influenzae type b infection' },
  products: ['Hib'],
  recordsFrom: 'after reach 60 months',
  closures: [
    {
      rule: 'HIB-6',
      status: 'notRelevant',
      reason: 'coveredByProgramme',
      when: { on: { to: 'reach 60 months' } },
      silent: true,
    },
    onlyWhenAsked('HIB-6', 'HIB_RISK', [], ['asplenia', 'complement-deficiency']),
  ],
  windows: [{ rule: 'HIB-6', from: 'after reach 60 months' }],
  paths: [{ id: 'HIB_RISK', rule: 'HIB-6', doses: [{ label: '1回' }] }],
  rules: {
    'HIB-6': rule(
      'L8',
      'U',
      '5歳以上の無脾症・補体欠損の人に任意で行う（脾摘の予定があれば2週前まで）。回数は医師に確認する',
      'From 5 years, voluntary in asplenia or complement deficiency (2 weeks before a planned splenectomy); the clinician says how often',
    ),
  },
};

export const menACWY: SeriesSource = {
  key: 'MENACWY',
  name: { ja: '髄膜炎菌', en: 'Meningococcal ACWY' },
  programme: 'voluntary',
  targetDisease: { code: '23511006', display: 'Meningococcal infectious disease' },
  products: ['MenACWY'],
  closures: [onlyWhenAsked('MENACWY-1', 'MENACWY', ['MenACWY'], ['asplenia', 'complement-deficiency', 'c5-inhibitor'])],
  windows: [{ rule: 'MENACWY-1', from: 'reach 24 months' }],
  paths: [{ id: 'MENACWY', rule: 'MENACWY-1', doses: [{ label: '1回' }] }],
  rules: {
    'MENACWY-1': rule(
      'L7',
      'S',
      '2歳以上に1回。補体C5阻害薬、無脾症、寮生活、流行地への渡航などのとき',
      'One dose from 2 years: C5 inhibitor, asplenia, dormitory, travel',
    ),
  },
};
