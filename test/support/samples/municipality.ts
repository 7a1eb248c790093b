// Files of an invented city about invented children, in the layout of mappings/municipality.

import { checkupItems, type ItemValue } from '../../../mappings/municipality/checkup-columns.ts';
import { vaccinationColumns } from '../../../mappings/municipality/vaccination-columns.ts';

export const settings = {
  system: 'https://mihon-city.example/sid/child',
  madeAt: '2026-10-05T00:00:00+09:00',
  fileDigest: 'ab'.repeat(32),
};

export type SampleRow = Readonly<Record<string, string>>;

export const doses: readonly SampleRow[] = [
  {
    childId: 'K-0001',
    historyKey: 'H-0001',
    municipalityCode: '139999',
    vaccineKindCode: '031',
    vaccineNameCode: 'V12',
    vaccineName: '五種混合',
    manufacturerCode: 'M7',
    manufacturerName: '試験製薬',
    dose: '1',
    branch: '1',
    date: '2026-09-15',
    implementationClass: '実施',
    vaccinationClass: '個別',
    legalClass: '定期Ａ類',
    lotNumber: 'LOT0001',
    doseQuantity: '0.50',
    institutionCode: '1310000001',
    institutionName: '見本病院',
    venue: '見本市保健センター',
    physician: '医師 一郎',
    specialReason: '長期療養',
    voucherNumber: '0000000012',
    addressNumber: '12345',
    deleted: '0',
    updatedAt: '2026-10-01 09:05',
  },
  {
    childId: 'K-0001',
    historyKey: 'H-0002',
    municipalityCode: '139999',
    vaccineName: 'ＢＣＧ',
    date: '2026/11/1',
    legalClass: '定期A類',
    updatedAt: '2026-11-05 09:05',
  },
];

const checkup = {
  childId: 'K-0001',
  municipalityCode: '139999',
  institutionName: '見本市保健センター',
  updatedAt: '2026-11-20 09:00',
};

/** An infant's, a three-year-old's with teeth, and a mother's. Every column has a value in one of them. */
export const checkups: readonly SampleRow[] = [
  {
    ...checkup,
    historyKey: 'C-0001',
    stage: '３～４か月児健診',
    date: '2026-11-12',
    institutionCode: '1310000001',
    judgement: '要経過観察',
    judgementText: '皮膚のみ経過をみます。',
    heightCm: '62.50',
    weightKg: '6.6',
    headCm: '41.2',
    chestCm: '41.5',
    ageMonths: '4',
    fiscalYear: '2026',
    addressNumber: '12345',
    insuredNumber: '00012345',
    detailedExamDate: '2026-12-01',
    questionnaire: 'はい',
    harshParenting: 'いいえ',
    householdEconomy: '普通',
    deleted: '0',
    ...valuesOf('infant-checkup-item'),
  },
  {
    ...checkup,
    historyKey: 'C-0002',
    stage: '36m',
    date: '2029-08-01',
    judgement: 'normal',
    ...valuesOf('dental-item'),
  },
  {
    ...checkup,
    childId: 'M-0001',
    historyKey: 'C-0003',
    stage: '妊婦健診',
    date: '2026-05-15',
    gestationalWeeks: '32',
    gestationalDays: '0',
    weightKg: '58.0',
    systolic: '112',
    diastolic: '68',
    fundalHeightCm: '28.5',
    abdominalGirthCm: '88',
    fetalHeartRate: '144',
    oedema: 'なし',
    urineProtein: '±',
    urineSugar: '（－）',
    haemoglobin: '11.4',
    haematocrit: '34',
    platelets: '21.5',
    bloodGroup: 'A',
    rhesus: '+',
    hbsAntigen: '陰性',
    ...Object.fromEntries(
      `prePregnancyWeightKg irregularAntibody hcvAntibody rubellaAntibody htlv1 cervicalScreening gestationalDiabetes
hypertensiveDisorder smoking alcohol syphilis hiv pregnancyLoss`
        .split(/\s+/)
        .map((key) => [key, '1']),
    ),
  },
];

export const births: readonly SampleRow[] = [
  {
    childId: 'K-0001',
    familyName: '試験',
    givenName: 'ひかり',
    familyKana: 'ｼｹﾝ',
    givenKana: 'ひかり',
    sex: '女',
    birthDate: '2026/7/10',
    birthOrder: '1',
    postalCode: '1000000',
    prefecture: '東京都',
    city: '見本市',
    street: '試験町1-2-3',
    isProtected: '0',
    motherId: 'M-0001',
    motherFamilyName: '試験',
    motherGivenName: '花子',
    motherBirthDate: 'H070505',
    birthWeightG: '2980',
    birthLengthCm: '49.0',
    gestationalWeeks: '40',
    gestationalDays: '0',
    addressNumber: '12345',
    householdNumber: '67890',
    deleted: '0',
    updatedAt: '2026-07-20 10:00',
  },
];

/** A sound value for each item of a code system. */
function valuesOf(system: string): SampleRow {
  const cells = checkupItems
    .filter(({ coding }) => coding[0]?.system?.endsWith(`/${system}`))
    .map(({ key, value }) => [key, soundValue(value)]);
  return Object.fromEntries(cells);
}

function soundValue(value: ItemValue): string {
  if (value.kind === 'code') return Object.keys(value.words)[0] ?? '';
  if (value.kind === 'quantity' || value.kind === 'integer') return '1';
  return value.kind === 'yes-no' ? 'いいえ' : '記録あり';
}

export type FileOptions = {
  charset?: 'utf-8' | 'shift_jis';
  mark?: boolean;
  lineEnd?: string;
  machineNames?: boolean;
  quoted?: boolean;
};

type NamedColumn = { readonly key: string; readonly ja: string };

export function ledgerFile(
  rows: readonly SampleRow[],
  { charset = 'utf-8', mark, lineEnd = '\r\n', machineNames, quoted }: FileOptions = {},
  columns: readonly NamedColumn[] = vaccinationColumns,
): Uint8Array {
  const cell = (text: string) => (quoted || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = [
    columns.map(({ key, ja }) => cell(machineNames ? key : ja)),
    ...rows.map((row) => columns.map(({ key }) => cell(row[key] ?? ''))),
  ];
  const text = `${mark ? '\ufeff' : ''}${lines.map((line) => line.join(',') + lineEnd).join('')}`;
  return charset === 'utf-8' ? Buffer.from(text) : shiftJis(text);
}

/** Windows-31J of what the samples hold: the decoder read backwards. */
function shiftJis(text: string): Uint8Array {
  return Buffer.concat([...text].map((sign) => bytesOf.get(sign) ?? Buffer.from(sign)));
}

const bytesOf = new Map<string, Buffer>();
const decoder = new TextDecoder('shift_jis', { fatal: true });
for (let lead = 0x81; lead <= 0xfc; lead++)
  for (let trail = 0x40; trail <= 0xfc; trail++)
    try {
      const sign = decoder.decode(Uint8Array.of(lead, trail));
      if ([...sign].length === 1 && !bytesOf.has(sign)) bytesOf.set(sign, Buffer.of(lead, trail));
    } catch {}
