// What a card is about: one vaccine topic each, so that who shows a card shows no more than was asked for (SMART Health Cards 1.4,
// "Health Cards are Small"; one topic per card). Vaccines against several diseases stand with the others of their series.

import type { Coding } from '@medplum/fhirtypes';
import { codedVaccine } from '../../profiles/vaccine.ts';

export type Topic = { code: string; ja: string; en: string };

// biome-ignore format: a table
const rows: readonly (readonly [code: string, ja: string, en: string, vaccines: readonly string[]])[] = [
  ['rotavirus', 'ロタウイルス', 'Rotavirus', ['RV1', 'RV5']],
  ['hepb', 'B型肝炎', 'Hepatitis B', ['HepB', 'HBIG']],
  ['pneumococcal', '肺炎球菌', 'Pneumococcal', ['PCV7', 'PCV13', 'PCV15', 'PCV20', 'PPSV23']],
  ['dtp', '百日せき・ジフテリア・破傷風・ポリオ・Hib', 'Diphtheria, tetanus, pertussis, polio, Hib', ['DPT-IPV-Hib', 'DPT-IPV', 'DPT', 'IPV', 'OPV', 'DT', 'TT', 'Hib']],
  ['bcg', '結核', 'Tuberculosis', ['BCG']],
  ['mmr', '麻しん・風しん・おたふくかぜ', 'Measles, mumps, rubella', ['MR', 'M', 'R', 'MMR', 'MUMPS']],
  ['varicella', '水痘', 'Varicella', ['VAR']],
  ['je', '日本脳炎', 'Japanese encephalitis', ['JE', 'JE-MB']],
  ['hpv', 'ヒトパピローマウイルス', 'Human papillomavirus', ['HPV2', 'HPV4', 'HPV9']],
  ['rsv', 'RSウイルス', 'Respiratory syncytial virus', ['RSV-MAT', 'NIRSEVIMAB', 'PALIVIZUMAB']],
  ['flu', 'インフルエンザ', 'Influenza', ['IIV', 'IIV-HD', 'LAIV']],
  ['covid', '新型コロナウイルス', 'COVID-19', ['COVID-mRNA']],
  ['zoster', '帯状疱疹', 'Zoster', ['ZVL', 'RZV']],
  ['mening', '髄膜炎菌', 'Meningococcal', ['MenACWY']],
  ['hepa', 'A型肝炎', 'Hepatitis A', ['HepA']],
  ['rabies', '狂犬病', 'Rabies', ['RABIES']],
  ['typhoid', '腸チフス', 'Typhoid', ['TYPHOID-Vi']],
  ['tbe', 'ダニ媒介脳炎', 'Tick-borne encephalitis', ['TBE']],
  ['yellow-fever', '黄熱', 'Yellow fever', ['YF']],
];

export const covid = 'covid';

const byVaccine = new Map(rows.flatMap(([code, ja, en, vaccines]) => vaccines.map((one) => [one, { code, ja, en }])));
const byCode = new Map(rows.map(([code, ja, en]) => [code, { code, ja, en }]));

/** What the vaccines of this table do not hold is about itself. */
const other: Topic = { code: 'other', ja: 'その他', en: 'Other' };

/** The topic of a dose with these codings. CVX names of COVID-19 vaccines are many, and none of them is ours. */
export function topicOf(codings: readonly Coding[]): Topic {
  const vaccine = codedVaccine(codings);
  const isCovid = codings.some(({ system, code }) => system === CVX && covidCvx.has(Number(code)));
  return (isCovid ? byCode.get(covid) : byVaccine.get(vaccine?.code ?? '')) ?? other;
}

/** The topic of this code, for people. */
export const topicNamed = (code: string): Topic => byCode.get(code) ?? other;

const CVX = 'http://hl7.org/fhir/sid/cvx';
/** CDC's CVX codes for COVID-19 vaccines, as of 2025-09; HL7 SHC Vaccination and Testing, ValueSet immunization-covid-cvx. */
const covidCvx: ReadonlySet<number> = new Set([
  ...[207, 208, 210, 211, 212, 213, 217, 218, 219, 221, 225, 226, 227, 228, 229, 230, 300, 301, 302],
  ...[
    308, 309, 310, 311, 312, 313, 500, 501, 502, 503, 504, 505, 506, 507, 508, 509, 510, 511, 512, 513, 514, 515, 516,
  ],
  ...[517, 518, 519, 520, 521],
]);
