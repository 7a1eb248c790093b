// A vaccination history as phr-import/1 (our own form of what MyNa Portal shows), about an invented child.

type Doses = { [name: string]: unknown }[];

const doses: Doses = [
  {
    vaccineKindCode: '031',
    vaccineName: '五種混合',
    dose: 1,
    date: '2026-09-15',
    category: 'routine-A',
    lotNumber: 'LOT0001',
    doseUnit: 'mL',
    manufacturer: '試験製薬',
    institutionCode: '1310000001',
    institutionName: '見本病院',
    physician: '医師 一郎',
    municipalityCode: '131016',
    historyKey: 'H-0001',
    isDeleted: false,
  },
  {
    vaccineName: 'ロタウイルス5価',
    dose: 1,
    date: '2026-09',
    municipalityCode: '131016',
    historyKey: 'H-0002',
    isDeleted: true,
  },
];

/** The file; the first dose carries `doseQuantity` 0.50, whose last digit JSON.stringify of a number would lose. */
export function vaccinationJson(change: (records: Doses) => void = () => undefined): Uint8Array {
  const records = structuredClone(doses);
  change(records);
  const text = JSON.stringify({ format: 'phr-import/1', kind: 'vaccination-json', records });
  return Buffer.from(text.replace('"doseUnit"', '"doseQuantity":0.50,"doseUnit"'));
}

type Row = { [name: string]: unknown };
export type Mch = { pregnancyVisits: Row[]; delivery: Row; newborn: Row; infantCheckups: Row[] } & Row;

const mch: Mch = {
  format: 'phr-import/1',
  kind: 'mch-json',
  exportedAt: '2026-12-01T09:00:00+09:00',
  pregnancyVisits: [
    {
      visitDate: '2026-05-15',
      gestationalWeek: 32,
      gestationalDay: 0,
      weightKg: '58.40',
      prePregnancyWeightKg: 50.1,
      heightCm: 158.2,
      fundalHeightCm: 28.5,
      abdominalGirthCm: 88,
      systolic: 112,
      diastolic: 68,
      edema: 'none',
      urineProtein: '±',
      urineSugar: '-',
      tests: {
        haemoglobin: { value: '11.4', unit: 'g/dL' },
        abo: 'A',
        rh: '+',
        hbsAntigen: '陰性',
        rubellaAntibody: '32倍',
        htlv1: '陰性',
        cervicalScreening: '異常なし',
      },
      hypertensiveDisorder: 'none',
      dental: { gestationalWeek: 30, untreatedCaries: 2, calculus: 'present', gumInflammation: 'none' },
      judgement: 'normal',
      institutionCode: '1310000001',
      institutionName: '見本産婦人科',
      municipalityCode: '131016',
      historyKey: 'P-0001',
      isDeleted: false,
    },
  ],
  delivery: {
    deliveredAt: '2026-07-10T03:15',
    gestationWeeks: 40,
    gestationDays: 0,
    course: '良好',
    method: '経腟分娩',
    durationHours: 9.5,
    bloodLossMl: 320,
    transfusion: false,
  },
  newborn: {
    sex: '2',
    plurality: 1,
    birthWeightG: 2980,
    birthLengthCm: 49.0,
    headCm: 33.5,
    chestCm: 32,
    apgar1: 8,
    apgar5: 9,
    hearing: { method: 'AABR', right: 'pass', left: 'refer' },
    massScreening: { collectedOn: '2026-07-15', result: '正常' },
  },
  infantCheckups: [
    {
      type: '3-4m',
      date: '2026-11-12',
      ageMonths: 4,
      heightCm: 62.3,
      weightKg: 6.4,
      headCm: 40.5,
      chestCm: 41.5,
      findings: [
        { system: '皮膚', result: 'present', text: '乳児湿疹' },
        { system: 'hip-joint', result: 'none' },
        { system: '栄養法', result: '混合' },
        { system: '試験項目', result: '試験' },
      ],
      judgement: 'observe',
      detailedExamDate: '2026-11-30',
      questionnaire: [
        { itemId: 'q1', text: 'あやすと笑いますか', answer: 'はい' },
        { itemId: 'q2', answer: 'ときどき' },
        { itemId: 'q3', text: '家で喫煙する人がいますか', answer: 'いいえ' },
      ],
      institutionName: '試験市保健センター',
    },
    {
      type: '36m',
      date: '2029-08-01',
      urineProtein: '-',
      urineSugar: '-',
      urineBlood: '+',
      judgement: 'normal',
      findings: [
        { system: 'vision-right', result: '0.8' },
        { system: 'caries-type', result: 'O' },
        { system: '歯の汚れ', result: 'あり' },
        { system: 'untreated-caries', result: '0' },
      ],
    },
  ],
};

/** Pregnancy, birth and check-ups of an invented mother and child, with a sensitive question among them. */
export function mchJson(change: (content: Mch) => void = () => undefined): Uint8Array {
  const content = structuredClone(mch);
  change(content);
  return Buffer.from(JSON.stringify(content));
}

const drugColumns =
  'prescribedOn,dispensedOn,institutionCode,institutionName,pharmacyName,drugCodeKind,drugCode,drugName,amount,unit,days,usageText,usageCode,genericName';
const drugLines = [
  '2026-11-08,2026-11-09,1310000001,見本こどもクリニック,"テスト薬局, 本店",YJ,1141007Q1000,試験シロップ５％,22.50,mL,5,１日３回毎食後,1013044400000000,試験成分',
  ',2026-10,,,テスト薬局,receipt,620000001,試験軟膏０．１％,25,g,,１日２回塗布,,',
  ',2026-10,,,テスト薬局,receipt,620000001,試験軟膏０．１％,25,g,,１日２回塗布,,',
];

/** Drugs of an invented child as drug-csv; claims know the month alone of two of them. */
export const drugCsv = (lines: readonly string[] = drugLines): string => `${[drugColumns, ...lines].join('\r\n')}\r\n`;

/** The same in XML, of the first drug. */
export const drugXml = (more = ''): string => `<?xml version="1.0" encoding="UTF-8"?>${more}
<PhrImport xmlns="urn:phr:import:1"><kind>drug-xml</kind><exportedAt>2026-12-01T09:00:00+09:00</exportedAt>
<items><prescribedOn>2026-11-08</prescribedOn><dispensedOn>2026-11-09</dispensedOn><institutionCode>1310000001</institutionCode>
<institutionName>見本こどもクリニック</institutionName><pharmacyName>テスト薬局, 本店</pharmacyName><drugCodeKind>YJ</drugCodeKind>
<drugCode>1141007Q1000</drugCode><drugName>試験シロップ５％</drugName><amount>22.50</amount><unit>mL</unit><days>5</days>
<usageText>１日３回毎食後</usageText><usageCode>1013044400000000</usageCode><genericName>試験成分</genericName></items></PhrImport>`;
