// Files of an invented city about invented children, in the layout of mappings/municipality.

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
