// The columns of a municipal check-up file: the items of the national "standard electronic record form" for pregnancy visits, check-ups of
// infants and young children, and their teeth (expert panel of the Ministry of Health, 2023-02-02). They are Japanese item names and no
// codes; what they mean is said by our code systems in profiles/. The layout of the file is ours.

import type { CodeSystem, Coding } from '@medplum/fhirtypes';
import cariesTypes from '../../profiles/code-systems/caries-type.json' with { type: 'json' };
import findings from '../../profiles/code-systems/checkup-finding.json' with { type: 'json' };
import dentalItems from '../../profiles/code-systems/dental-item.json' with { type: 'json' };
import answers from '../../profiles/code-systems/development-answer.json' with { type: 'json' };
import feedingMethods from '../../profiles/code-systems/feeding-method.json' with { type: 'json' };
import infantItems from '../../profiles/code-systems/infant-checkup-item.json' with { type: 'json' };
import { CANONICAL } from '../../server/fhir/canonical.ts';
import { BODY_MEASUREMENT, LOINC } from '../code-systems.ts';
import { type CodeWords, codeWords, grades } from './checkup-words.ts';
import type { Column } from './column.ts';

/** How the cell is read. `note` belongs to the item of `of`. */
export type ItemValue =
  | { kind: 'quantity'; unit: string; ucum: string }
  | { kind: 'integer' | 'text' | 'yes-no' }
  | { kind: 'code'; words: CodeWords }
  | { kind: 'note'; of: string };

/** A column that becomes an Observation of its own. */
export type ItemColumn = Column & {
  coding: readonly Coding[];
  category: 'exam' | 'body' | 'laboratory';
  value: ItemValue;
};

const OWN = ['Observation.value[x]'];

const body = (key: string, ja: string, en: string, coding: Coding[], unit = 'cm'): ItemColumn => ({
  ...{ key, ja, en, to: ['Observation.valueQuantity'], coding, category: 'body' as const },
  value: { kind: 'quantity', unit, ucum: unit },
});
const loinc = (code: string, display: string): Coding => ({ system: LOINC, code, display });
const jp = (code: string, display: string): Coding => ({ system: BODY_MEASUREMENT, code, display });

const measurements: readonly ItemColumn[] = [
  body('heightCm', '身長', 'Height or length in cm', [loinc('8302-2', 'Body height'), jp('31000298', '身長')]),
  body('weightKg', '体重', 'Weight in kg', [loinc('29463-7', 'Body weight'), jp('31000296', '体重')], 'kg'),
  body('headCm', '頭囲', 'Head circumference in cm', [
    loinc('9843-4', 'Head Occipital-frontal circumference'),
    jp('31006116', '頭囲'),
  ]),
  body('chestCm', '胸囲', 'Chest circumference in cm', [jp('31000299', '胸囲')]),
];

const exam = (key: string, ja: string, en: string, coding: Coding[], value: ItemValue): ItemColumn => ({
  ...{ key, ja, en, to: OWN, coding, category: 'exam' as const, value },
});
const laboratory = (key: string, ja: string, en: string, coding: Coding, value: ItemValue): ItemColumn => ({
  ...{ key, ja, en, to: OWN, coding: [coding], category: 'laboratory' as const, value },
});
const quantity = (unit: string, ucum = unit): ItemValue => ({ kind: 'quantity', unit, ucum });
const finding: ItemValue = {
  kind: 'code',
  words: codeWords(findings, { なし: 'none', あり: 'present', 未実施: 'not-examined' }),
};
const strip: ItemValue = { kind: 'code', words: grades };
const proteinCode = loinc('20454-5', 'Protein [Presence] in Urine by Test strip');
const sugarCode = loinc('25428-4', 'Glucose [Presence] in Urine by Test strip');
const pregnancyItem = (code: string, display: string): Coding => ({
  ...{ system: `${CANONICAL}/CodeSystem/pregnancy-checkup-item`, code, display },
});

const pregnancy: readonly ItemColumn[] = [
  exam(
    'fundalHeightCm',
    '子宮底長',
    'Fundal height in cm',
    [loinc('11881-0', 'Uterus Fundal height Tape measure')],
    quantity('cm'),
  ),
  exam('abdominalGirthCm', '腹囲', 'Abdominal girth in cm', [jp('31000301', '腹囲')], quantity('cm')),
  exam(
    'fetalHeartRate',
    '胎児心拍数',
    'Heart rate of the fetus',
    [loinc('55283-6', 'Fetal Heart rate')],
    quantity('/min'),
  ),
  exam('oedema', '浮腫', 'Oedema', [pregnancyItem('oedema', 'Oedema')], finding),
  exam('urineProtein', '尿蛋白', 'Protein in urine by test strip', [proteinCode], strip),
  exam('urineSugar', '尿糖', 'Sugar in urine by test strip', [sugarCode], strip),
  laboratory(
    'haemoglobin',
    'ヘモグロビン',
    'Haemoglobin in g/dL',
    loinc('718-7', 'Hemoglobin [Mass/volume] in Blood'),
    quantity('g/dL'),
  ),
  laboratory(
    'haematocrit',
    'ヘマトクリット',
    'Haematocrit in %',
    loinc('20570-8', 'Hematocrit [Volume Fraction] of Blood'),
    quantity('%'),
  ),
  laboratory(
    'platelets',
    '血小板数',
    'Platelets in 10,000 a microlitre',
    loinc('26515-7', 'Platelets [#/volume] in Blood'),
    quantity('万/μL', '10*4/uL'),
  ),
  laboratory('bloodGroup', '血液型ABO', 'Blood group', loinc('883-9', 'ABO group [Type] in Blood'), { kind: 'text' }),
  laboratory('rhesus', '血液型Rh', 'Rhesus factor', loinc('10331-7', 'Rh [Type] in Blood'), { kind: 'text' }),
  laboratory(
    'hbsAntigen',
    'HBs抗原',
    'HBs antigen',
    loinc('5195-3', 'Hepatitis B virus surface Ag [Presence] in Serum'),
    { kind: 'text' },
  ),
];

// What of an item is not a finding (none, present, not examined).
const answered: ItemValue = { kind: 'code', words: codeWords(answers, { はい: 'can', いいえ: 'not-yet' }) };
const otherValues: Readonly<Record<string, ItemValue>> = {
  'stool-colour': { kind: 'integer' },
  'vision-right': quantity('小数視力', '1'),
  'vision-left': quantity('小数視力', '1'),
  'feeding-method': { kind: 'code', words: codeWords(feedingMethods) },
  'complementary-feeding': { kind: 'text' },
  'vitamin-k2': { kind: 'text' },
  weaned: { kind: 'yes-no' },
  'parenting-support': { kind: 'yes-no' },
  'urine-blood': strip,
  'present-teeth': { kind: 'integer' },
  'untreated-caries': { kind: 'integer' },
  'treated-caries': { kind: 'integer' },
  'missing-teeth': { kind: 'integer' },
  'caries-type': { kind: 'code', words: codeWords(cariesTypes) },
  other: { kind: 'text' },
};
const development = new Set(
  `head-control visual-tracking social-smile rolling-over sitting reaching crawling pulling-to-stand parachute-reaction pincer-grasp
walking-alone meaningful-words pointing understands-requests stacks-blocks climbs-stairs draws-circle says-name-and-age stands-on-one-leg
hops conversation group-play`.split(/\s+/),
);

/** A column for each code, and one for what was written of it where it is a finding. */
function itemsOf({ url = '', concept = [] }: CodeSystem, prefix: string): ItemColumn[] {
  return concept.flatMap(({ code = '', display = code, designation = [] }) => {
    const key = camel(`${prefix}${code}`);
    const ja = designation.find(({ language }) => language === 'ja')?.value ?? display;
    const value = otherValues[code] ?? (development.has(code) ? answered : finding);
    const coding = [{ system: url, code, display }];
    const item = exam(key, ja, display, coding, value);
    if (value !== finding) return [item];
    const note = exam(`${key}Note`, `${ja}の所見`, `${display}: what was found`, coding, { kind: 'note', of: key });
    return [item, { ...note, to: ['Observation.note.text'] }];
  });
}

const camel = (code: string): string => code.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** All columns that become Observations, but for blood pressure and gestational age, which are of two columns each. */
export const checkupItems: readonly ItemColumn[] = [
  ...measurements,
  ...pregnancy,
  ...itemsOf(infantItems as CodeSystem, ''),
  ...itemsOf(dentalItems as CodeSystem, 'dental-'),
];

const inOriginal = (key: string, ja: string, en: string, kept: string): Column => ({ key, ja, en, kept });
const NO_CODE =
  'The national form has the item and no code for it or its values; it stays in the original until there is one.';
const left = (key: string, ja: string, en: string): Column => ({
  ...{ key, ja, en },
  dropped:
    'The national form leaves it out, or it is taken only with explicit consent, which a file cannot carry; it is blanked in the kept row.',
});

const common: readonly Column[] = [
  {
    ...{ key: 'childId', ja: '対象者番号', required: true },
    en: 'Number of the child, or of the mother in pregnancy, in the municipality’s system of numbers for this record',
    to: ['DiagnosticReport.subject', 'Observation.subject'],
  },
  {
    ...{ key: 'historyKey', ja: '履歴番号', required: true },
    en: 'Key of this check-up in the ledger; the same when it is corrected or withdrawn',
    to: ['DiagnosticReport.identifier', 'Observation.identifier'],
  },
  {
    key: 'municipalityCode',
    ja: '市区町村コード',
    en: 'Municipality code, 6 digits',
    to: ['DiagnosticReport.identifier'],
  },
  { key: 'stage', ja: '健診種別', en: 'Which check-up', required: true, to: ['DiagnosticReport.code'] },
  {
    key: 'date',
    ja: '実施日',
    en: 'Day of the check-up',
    required: true,
    to: ['DiagnosticReport.effective[x]', 'Observation.effective[x]'],
  },
  {
    key: 'institutionCode',
    ja: '実施機関コード',
    en: 'Institution, 10 digits',
    to: ['DiagnosticReport.performer.identifier'],
  },
  { key: 'institutionName', ja: '実施機関名', en: 'Institution', to: ['DiagnosticReport.performer.display'] },
  { key: 'judgement', ja: '総合判定', en: 'Judgement', to: ['DiagnosticReport.conclusionCode'] },
  {
    key: 'judgementText',
    ja: '判定所見',
    en: 'What was written of the judgement',
    to: ['DiagnosticReport.conclusion'],
  },
  { key: 'systolic', ja: '収縮期血圧', en: 'Systolic blood pressure', to: ['Observation.component.valueQuantity'] },
  { key: 'diastolic', ja: '拡張期血圧', en: 'Diastolic blood pressure', to: ['Observation.component.valueQuantity'] },
  { key: 'gestationalWeeks', ja: '妊娠週数', en: 'Whole weeks of pregnancy', to: ['Observation.valueQuantity'] },
  { key: 'gestationalDays', ja: '妊娠日数', en: 'Days beyond the weeks', to: ['Observation.valueQuantity'] },
];

const rest: readonly Column[] = [
  inOriginal('ageMonths', '月齢', 'Age in months', 'It follows from the birth date and the day.'),
  inOriginal('fiscalYear', '年度', 'Fiscal year', 'It follows from the day.'),
  inOriginal(
    'detailedExamDate',
    '精密検査日',
    'Day of the detailed examination',
    'The examination reports for itself.',
  ),
  inOriginal('insuredNumber', '被保険者番号', 'Insured person', 'Coverage comes from the insurer.'),
  inOriginal(
    'prePregnancyWeightKg',
    '妊娠前体重',
    'Weight before pregnancy',
    'It has no day on which it was measured.',
  ),
  inOriginal('irregularAntibody', '不規則抗体', 'Irregular antibodies', NO_CODE),
  inOriginal('hcvAntibody', 'HCV抗体', 'HCV antibody', NO_CODE),
  inOriginal('rubellaAntibody', '風疹抗体', 'Rubella antibody', NO_CODE),
  inOriginal('htlv1', 'HTLV-1抗体', 'HTLV-1 antibody', NO_CODE),
  inOriginal('cervicalScreening', '子宮頸がん検診', 'Cervical screening', NO_CODE),
  inOriginal('gestationalDiabetes', '妊娠糖尿病', 'Gestational diabetes', NO_CODE),
  inOriginal('hypertensiveDisorder', '妊娠高血圧症候群', 'Hypertensive disorder of pregnancy', NO_CODE),
  inOriginal('questionnaire', '問診', 'Answers of the questionnaire', NO_CODE),
  left('smoking', '喫煙', 'Smoking'),
  left('alcohol', '飲酒', 'Alcohol'),
  left('syphilis', '梅毒', 'Syphilis test'),
  left('hiv', 'HIV', 'HIV test'),
  left('pregnancyLoss', '流産死産歴', 'Pregnancies lost'),
  left('harshParenting', '不適切な養育', 'Harsh parenting in recent months'),
  left('householdEconomy', '家庭の経済状況', 'Economy of the household'),
  left('addressNumber', '宛名番号', 'Address number'),
  { key: 'deleted', ja: '削除フラグ', en: 'Withdrawn: 1', to: ['DiagnosticReport.status', 'Observation.status'] },
  {
    key: 'updatedAt',
    ja: '更新日時',
    en: 'When the row was last changed in the ledger',
    to: ['Provenance.occurred[x]'],
  },
];

export const checkupColumns: readonly Column[] = [...common, ...checkupItems, ...rest];
