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
