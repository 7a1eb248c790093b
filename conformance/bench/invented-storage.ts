// A standardized storage of a hospital that does not exist: paths, file names and ISO-2022-JP as SS-MIX2 has them, about people
// of invented.ts. The same seed gives the same bytes.
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Encoding from 'encoding-japanese';
import { nameOf, roll } from './invented.ts';

export type StorageSize = {
  patients: number;
  /** The first patient is this one: other seeds are other people. */
  first?: number;
};

export const benchInstitution = '1390000009';
export const patientSystem = `urn:oid:1.2.392.100495.20.3.51.1${benchInstitution}`;

/** The number of an invented patient at the hospital. */
export const patientNumber = (n: number): string => String(1_000_000 + n).padStart(10, '0');

const visitsOf = 6;

/** Writes the storage and says how much it is. */
export function writeInventedStorage(
  root: string,
  { patients, first = 0 }: StorageSize,
): { files: number; bytes: number } {
  const sum = { files: 0, bytes: 0 };
  for (let n = first; n < first + patients; n++) {
    for (const file of filesOf(n)) {
      const bytes = jis(file.text);
      const number = patientNumber(n);
      const folder = join(root, number.slice(0, 3), number.slice(3, 6), number, file.date, file.type);
      mkdirSync(folder, { recursive: true });
      const path = join(folder, [number, file.date, file.type, file.key, file.time, file.department, '1'].join('_'));
      writeFileSync(path, bytes);
      utimesSync(path, writtenAt, writtenAt);
      sum.files += 1;
      sum.bytes += bytes.length;
    }
  }
  return sum;
}

const writtenAt = new Date('2026-10-01T00:00:00Z');

type File = { date: string; type: string; key: string; time: string; department: string; text: string };

function filesOf(n: number): File[] {
  const files: File[] = [];
  const noKey = '9'.repeat(15);
  const add = (date: string, type: string, key: string, time: string, message: string, segments: string[]): void => {
    const head = `MSH|^~\\&|HIS9|BENCH|GW|RCV|${time.slice(0, 14)}.${time.slice(14)}||${message}|${n}.${files.length}|P|2.5||||||~ISO IR87||ISO 2022-1994|SS-MIX2_1.20^SS-MIX2^1.2.392.200250.2.1.100.1.2.120^ISO`;
    const text = `${[head, pidOf(n), ...segments].join('\r')}\r\u001c`;
    files.push({ date, type, key, time, department: '09', text });
  };
  add('-', 'ADT-00', noKey, '20260102090000000', 'ADT^A08^ADT_A01', [
    'PV1|0001|O',
    `OBX|1|NM|9N001000000000001^身長^JC10||${100 + (n % 40)}.5|cm^cm^ISO+|||||F|||20260102`,
    `OBX|2|NM|9N006000000000001^体重^JC10||${15 + (n % 20)}.25|kg^kg^ISO+|||||F|||20260102`,
  ]);
  for (let visit = 0; visit < visitsOf; visit++) {
    const day = `2026${String(1 + visit).padStart(2, '0')}${String(10 + Math.floor(roll(n, visit) * 18)).padStart(2, '0')}`;
    const order = String(n * 100 + visit * 10).padStart(15, '0');
    const at = (minute: string): string => `${day}10${minute}00000`;
    add(day, 'ADT-12', noKey, at('05'), 'ADT^A04^ADT_A01', [
      `EVN||${day}1005|||||${day}100500`,
      `PV1|0001|O|09^^^^^C||||${doctor}|||09|||||||||V${order}|||||||||||||||||||||||||${day}100500`,
    ]);
    add(day, 'OML-11', order, at('40'), 'OUL^R22^OUL_R22', [
      `SPM|1|${order}||023^血清^JC10|||||||||||||${day}1010`,
      `OBR|1|${order}|${order}|E001^血液検査^99O03|||${day}|||||||||||||||${day}103059`,
      ...analytes.map(([code, name, unit, low], index) => {
        const value = (low * (0.8 + roll(n * visitsOf + visit, index))).toFixed(1);
        return `OBX|${index + 1}|NM|${code}^${name}^JC10||${value}|${unit}^${unit}^ISO+|${low}-${low * 1.5}||||F|||${day}1010`;
      }),
    ]);
    add(day, 'OMP-01', order.replace(/0$/, '1'), at('30'), 'RDE^O11^RDE_O11', [
      'PV1|0001|O|09^^^^^C',
      ...drugs.flatMap(([code, name]) => [
        `ORC|NW|${order.replace(/0$/, '1')}||1|||||${day}103045|||${doctor}`,
        `RXE||${code}^${name}^HOT9|3.5||ML^ミリリットル^MR9P|||||52.5|ML^ミリリットル^MR9P||||${order}||||10.5^ML&ミリリットル&MR9P`,
        `TQ1|1||1013044400000000&内服・経口・１日３回朝昼夕食後&JAMISDP01|||5^d|${day}00`,
        'RXR|PO^口^HL70162',
      ]),
    ]);
    if (visit % 2 === 1) continue;
    add(day, 'OMP-12', order.replace(/0$/, '2'), at('45'), 'RAS^O17^RAS_O17', [
      'PV1|0001|O|09^^^^^C',
      `ORC|NW|${order.replace(/0$/, '2')}||1|||||${day}104000|||${doctor}|||||09^小児科^99XY1`,
      'RXE||06^予防接種^JHSI0002|0.5||ML^ミリリットル^MR9P',
      `TQ1|1||||||${day}104500`,
      'RXR|SC^皮下^HL70162|LA^左上腕^HL70163',
      `RXA|0|1|${day}104500|${day}104500|T0001^五種混合（試験用コード）^99XYZ|0.5|ML^ミリリットル^MR9P||1回目|110^医師^一郎|||||LOT${n % 100}|20270331|試験製薬^^99XYZ|||CP`,
    ]);
  }
  return files;
}

const doctor = '110^医師^一郎^^^^^^^L^^^^^I';
const drugs = [
  ['100000001', '試験シロップ'],
  ['100000002', '試験細粒'],
] as const;
const analytes = [
  ['3A010000002327101', '総蛋白', 'g/dL', 6.7],
  ['3A015000002327101', 'アルブミン', 'g/dL', 3.9],
  ['3B035000002327201', 'ＡＳＴ', 'U/L', 20],
  ['3B045000002327201', 'ＡＬＴ', 'U/L', 15],
  ['3C015000002327101', '尿酸', 'mg/dL', 4],
  ['3C025000002327101', '尿素窒素', 'mg/dL', 12],
  ['5C070000002302301', 'ＣＲＰ', 'mg/dL', 0.3],
  ['2A020000001930101', '赤血球数', '10*4/uL', 450],
] as const;

function pidOf(n: number): string {
  const { kanji, kana } = nameOf(n);
  const name = `${kanji.family}^${kanji.given}^^^^^L^I~${kana.family}^${kana.given}^^^^^L^P`;
  const birth = `20${20 + (n % 6)}0${1 + (n % 9)}15`;
  return `PID|0001||${patientNumber(n)}^^^^PI||${name}||${birth}|${n % 2 === 0 ? 'F' : 'M'}|||^^^^100-0001^JPN^H^東京都千代田区見本町１−１`;
}

const jis = (text: string): Uint8Array =>
  Uint8Array.from(Encoding.convert(Encoding.stringToCode(text), { to: 'JIS', from: 'UNICODE' }));
