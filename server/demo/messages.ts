// What the institutions' systems emit, byte for byte: HL7 v2.5 in ISO-2022-JP, a medication notebook in Windows-31J, a
// vaccination history as the MyNa Portal import takes it.

import Encoding from 'encoding-japanese';

const bytesIn = (to: 'JIS' | 'SJIS', text: string): Uint8Array =>
  Uint8Array.from(Encoding.convert(Encoding.stringToCode(text), { to, from: 'UNICODE' }));

export type Person = { number: string; ideographic: string; phonetic: string; birthDate: string };

const msh = (type: string, id: string, time: string) =>
  `MSH|^~\\&|HIS001|MIHON|TSUMUGI|PHR|${time}||${type}|${id}|P|2.5||||||~ISO IR87||ISO 2022-1994|SS-MIX2_1.20^SS-MIX2^1.2.392.200250.2.1.100.1.2.120^ISO`;
const pid = ({ number, ideographic, phonetic, birthDate }: Person) =>
  `PID|0001||${number}^^^^PI||${ideographic}^^^^^L^I~${phonetic}^^^^^L^P||${birthDate.replaceAll('-', '')}|F`;
const hl7 = (...segments: string[]): Uint8Array => bytesIn('JIS', segments.map((segment) => `${segment}\r`).join(''));

/** ORU^R01: measurements, each `[MEDIS key, name, value as text, unit]`. */
export function measurements(
  id: string,
  person: Person,
  time: string,
  order: string,
  values: readonly (readonly [string, string, string, string])[],
): Uint8Array {
  const results = values.map(
    ([key, name, value, unit], n) =>
      `OBX|${n + 1}|NM|${key}^${name}^MDC||${value}|${unit}^${unit}^ISO+|||||F|||${time}`,
  );
  return hl7(
    msh('ORU^R01^ORU_R01', id, time),
    pid(person),
    'PV1|0001|O|24^^^^^C',
    `OBR|1|${order}||^計測^99MIHON|||${time}`,
    ...results,
  );
}

/** ADT^A01: admission of the newborn. */
export const admission = (id: string, person: Person, time: string): Uint8Array =>
  hl7(
    msh('ADT^A01^ADT_A01', id, time),
    `EVN||${time}`,
    pid(person),
    `PV1|0001|I|24^201^1^^^N||||110^医師^一郎|||24|||||||||V0001|||||||||||||||||||||||||${time}`,
  );

/** RAS^O17 with the injection class for vaccinations: one dose, lot and expiry. */
export const vaccination = (
  id: string,
  person: Person,
  time: string,
  [name, lot, expiry]: readonly [string, string, string],
): Uint8Array =>
  hl7(
    msh('RAS^O17^RAS_O17', id, time),
    pid(person),
    'PV1|0001|O|09^^^^^C',
    `ORC|NW|${id.padStart(15, '0')}||1|||||${time}|||110^医師^一郎^^^^^^^L^^^^^I|||||09^小児科^99MIHON`,
    'RXE||06^予防接種^JHSI0002|0.5||ML^ミリリットル^MR9P',
    `TQ1|1||||||${time}`,
    'RXR|SC^皮下^HL70162|LA^左上腕^HL70163',
    `RXA|0|1|${time}|${time}|^${name}^99MIHON|0.5|ML^ミリリットル^MR9P|||110^医師^一郎|||||${lot}|${expiry}|試験製薬^^99MIHON|||CP`,
  );

/** A message that no system should send: bytes that are not ISO-2022-JP. */
export const brokenMessage = (): Uint8Array => {
  const bytes = measurements(
    '20260000000099',
    { number: '0000055501', ideographic: '見本^つむぎ', phonetic: 'ミホン^ツムギ', birthDate: '2025-09-20' },
    '20260115100000',
    '99',
    [],
  );
  const at = Buffer.from(bytes).indexOf(Buffer.from([0x1b, 0x24, 0x42]));
  return Uint8Array.from([...bytes.slice(0, at + 3), 0xff, 0xfe, ...bytes.slice(at + 3)]);
};

/** JAHIS medication notebook, header JAHISTC08 (Ver. 2.5/2.6). */
export function notebook(): Uint8Array {
  const lines = [
    'JAHISTC08,1',
    '1,見本 つむぎ,2,R070920,100-0000,東京都見本市試験町１−２−３,,,,,ﾐﾎﾝ ﾂﾑｷﾞ',
    '5,R080212,1',
    '11,テスト薬局 見本店,13,4,9999992,,,03-0000-0000,1',
    '15,薬剤 次郎,,1',
    '51,ひなた試験こどもクリニック,13,1,9999993,1',
    '55,医師 三郎,小児科,1',
    '201,1,試験去痰シロップ5%,4.5,mL,4,9999999Q1010,1,,,',
    '201,1,試験整腸細粒,0.75,g,4,9999999C1020,1,,,',
    '301,1,【分３ 毎食後服用】,5,日分,1,2,1013044400000000,1',
    '201,2,試験保湿クリーム0.3%,25,g,4,9999999N1030,1,,,',
    '301,2,【１日２回 塗布】,1,調剤,5,1,,1',
  ];
  return bytesIn('SJIS', lines.map((line) => `${line}\r\n`).join(''));
}

/** What the family downloaded: the municipality's ledger, which reports two doses the clinic has reported as well. */
export function vaccinationHistory(): Uint8Array {
  const record = (vaccineName: string, dose: number, date: string, historyKey: string) => ({
    vaccineName,
    dose,
    date,
    category: 'routine-A',
    institutionName: 'ひなた試験こどもクリニック',
    municipalityCode: '139999',
    historyKey,
    isDeleted: false,
  });
  const records = [
    record('B型肝炎', 1, '2025-11-21', 'M-0001'),
    record('B型肝炎', 2, '2025-12-19', 'M-0002'),
    record('B型肝炎', 3, '2026-05-08', 'M-0003'),
    record('五種混合', 1, '2025-11-21', 'M-0004'),
    record('五種混合', 2, '2025-12-19', 'M-0005'),
  ];
  return Buffer.from(JSON.stringify({ format: 'phr-import/1', kind: 'vaccination-json', records }));
}
