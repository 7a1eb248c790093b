// Municipal vaccination ledger rows: every column, both character sets, faults by column, what never leaves.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ledgerKinds } from '../../../mappings/municipality/kinds.ts';
import type { MappedRow } from '../../../mappings/municipality/mapped-row.ts';
import { vaccinationColumns } from '../../../mappings/municipality/vaccination-columns.ts';
import { LEDGER_DOSE } from '../../../mappings/myna/vaccination.ts';
import { MyNumberFound, UnreadableInput } from '../../../mappings/record.ts';
import { doses, ledgerFile, settings } from '../../support/samples/municipality.ts';
import { faultsOf } from '../../support/valid-entries.ts';

const map = (file: Uint8Array): MappedRow[] => {
  const mapper = ledgerKinds.vaccinations?.(settings);
  return mapper ? [...mapper.push(file), ...mapper.end()] : [];
};
const mapOne = (change: Record<string, string>) => map(ledgerFile([{ ...doses[0], ...change }]))[0] as MappedRow;
const resource = (row: MappedRow | undefined) => row?.entries[0]?.resource;

describe('a row of the vaccination ledger', () => {
  it('becomes the dose with everything the ledger says', () => {
    const [row] = map(ledgerFile(doses));
    expect(row?.faults).toEqual([]);
    expect(faultsOf(row?.entries ?? [])).toEqual([]);
    expect(row?.message).toEqual({ id: expect.stringMatching(/\.2$/), time: '2026-10-01T09:05:00+09:00' });
    expect(row?.patient).toEqual({ system: settings.system, value: 'K-0001' });
    expect(resource(row)).toMatchObject({
      resourceType: 'Immunization',
      identifier: [{}, { system: LEDGER_DOSE, value: '139999.H-0001' }],
      status: 'completed',
      patient: { reference: `Patient?identifier=${settings.system}|K-0001` },
      vaccineCode: { coding: [{ code: 'DPT-IPV-Hib' }, { code: '031' }, { code: 'V12' }], text: '五種混合' },
      occurrenceDateTime: '2026-09-15',
      primarySource: false,
      lotNumber: 'LOT0001',
      location: { display: '見本市保健センター' },
      manufacturer: { display: '試験製薬', identifier: { value: 'M7' } },
      performer: [
        { actor: { display: '医師 一郎' } },
        { actor: { display: '見本病院', identifier: { value: '1310000001' } } },
      ],
      programEligibility: [{ coding: [{ code: 'routine-A' }] }],
      protocolApplied: [{ doseNumberPositiveInt: 1 }],
      note: [{ text: '長期療養' }],
    });
    expect(JSON.stringify(row?.entries)).toContain('"doseQuantity":{"value":0.50,"unit":"mL"');
  });

  it('is the same from every sound way to write the file', () => {
    const wanted = map(ledgerFile(doses)).map(({ entries }) => entries);
    for (const options of [
      { charset: 'shift_jis' },
      { mark: true },
      { lineEnd: '\n' },
      { machineNames: true },
      { quoted: true },
    ] as const)
      expect([options, map(ledgerFile(doses, options)).map(({ entries }) => entries)]).toEqual([options, wanted]);
  });

  it('keeps its identifier when it is corrected, and is withdrawn by its flag', () => {
    const first = mapOne({});
    const corrected = mapOne({ lotNumber: 'LOT9', updatedAt: '2026-11-01 10:00' });
    expect(corrected.entries[0]?.request).toEqual(first.entries[0]?.request);
    expect(corrected.message?.time).toBe('2026-11-01T10:00:00+09:00');
    expect(resource(mapOne({ deleted: '1' }))).toMatchObject({ status: 'entered-in-error' });
    expect(faultsOf(mapOne({ deleted: '1' }).entries)).toEqual([]);
  });

  it('says what was not given, and why', () => {
    const row = mapOne({ implementationClass: '見合わせ' });
    expect(resource(row)).toMatchObject({ status: 'not-done', statusReason: { text: '見合わせ' } });
    expect(faultsOf(row.entries)).toEqual([]);
  });

  it.each([
    ['vaccineName', '', 'ワクチン名'],
    ['date', '', '実施日'],
    ['date', '2026-02-30', '実施日'],
    ['date', '20261', '実施日'],
    ['historyKey', '', '履歴番号'],
    ['childId', '', '対象者番号'],
    ['municipalityCode', '13', '市区町村コード'],
    ['implementationClass', '7', '実施区分'],
    ['deleted', 'はい', '削除フラグ'],
  ])('is refused with its column when %s is "%s"', (key, value, column) => {
    const row = mapOne({ [key]: value });
    expect(row.entries).toEqual([]);
    expect(row.faults).toMatchObject([
      { column, ja: expect.stringMatching(/。$|: /), en: expect.stringMatching(/^[ -~]|: /) },
    ]);
  });

  it.each([
    ['doseQuantity', 'すこし', '接種量'],
    ['dose', '0', '回数'],
    ['legalClass', '9', '法定区分'],
    ['institutionCode', '123', '実施機関コード'],
    ['updatedAt', 'きのう', '更新日時'],
  ])('is taken without %s when that is "%s", and says so', (key, value, column) => {
    const row = mapOne({ [key]: value });
    expect(row.entries).toHaveLength(1);
    expect(faultsOf(row.entries)).toEqual([]);
    expect(row.faults).toMatchObject([{ column }]);
  });

  it.each([
    ['2026/9/5', '2026-09-05'],
    ['2026年9月5日', '2026-09-05'],
    ['20260905', '2026-09-05'],
    ['R080905', '2026-09-05'],
    ['２０２６－０９－０５', '2026-09-05'],
  ])('reads the day %s', (date, expected) =>
    expect(resource(mapOne({ date }))).toMatchObject({ occurrenceDateTime: expected }),
  );
});

describe('the original of a row', () => {
  const text = (row: MappedRow) => Buffer.from(row.original).toString();

  it('is a file of two lines that is the same in every file, when the row says when it was changed', () => {
    const alone = mapOne({});
    const later = map(ledgerFile([{ ...doses[1] }, { ...doses[0] }]))[1];
    expect(text(later as MappedRow)).toBe(text(alone));
    expect(map(alone.original)[0]?.entries).toEqual(alone.entries);
  });

  it('names its file, when the row does not', () => {
    const row = mapOne({ updatedAt: '' });
    expect(row.message?.time).toBe(settings.madeAt);
    expect(text(row)).toContain(`sha256 ${settings.fileDigest}`);
  });

  it('does not hold the address number, in either character set', () => {
    for (const charset of ['utf-8', 'shift_jis'] as const)
      for (const quoted of [true, false]) {
        const [row] = map(ledgerFile([{ ...doses[0], addressNumber: '999888777' }], { charset, quoted }));
        expect(row?.entries).toHaveLength(1);
        expect(Buffer.from(row?.original ?? []).toString('latin1')).not.toContain('999888777');
      }
  });
});

describe('a file', () => {
  it('with a My Number column is refused whole, and the column named without digits', () => {
    for (const heading of ['個人番号', 'マイナンバー', 'My Number', '世帯主個人番号', 'ﾏｲﾅﾝﾊﾞｰ']) {
      const file = Buffer.from(`対象者番号,履歴番号,ワクチン名,実施日,${heading}\nK,H,BCG,2026-09-15,123456789018\n`);
      expect(() => map(file)).toThrow(MyNumberFound);
      expect(() => map(file)).toThrow(/column 5/);
    }
  });

  it('says where a My Number stands in another column, and marks the row', () => {
    const row = mapOne({ specialReason: '番号は1234 5678 9018' });
    expect(row).toMatchObject({ holdsMyNumber: true, entries: [], faults: [{ column: '特別の事情' }] });
    expect(JSON.stringify(row.faults)).not.toMatch(/\d{4}/);
  });

  it('says which rows are in another character set, or broken, and takes the others', () => {
    const lines = Buffer.from(ledgerFile(doses)).toString().split('\r\n');
    const shiftJis = Buffer.from(ledgerFile(doses, { charset: 'shift_jis' }));
    const ofShiftJis = shiftJis.subarray(shiftJis.indexOf('\r\n') + 2);
    const utf8 = [lines[0], lines[1], '"never closed', `${lines[1]},x`, 'a"b', ''].join('\r\n');
    const rows = map(
      Buffer.concat([
        Buffer.from(utf8),
        ofShiftJis.subarray(0, ofShiftJis.indexOf('\r\n') + 2),
        Buffer.from(`${lines[2]}\r\n`),
      ]),
    );
    expect(rows.map(({ row, entries }) => [row, entries.length])).toEqual([
      [2, 1],
      [3, 0],
      [4, 0],
      [5, 0],
      [6, 0],
      [7, 1],
    ]);
    expect(rows.map(({ faults }) => faults[0]?.en)).toEqual([
      undefined,
      'A quotation mark is opened and never closed.',
      expect.stringContaining('The row has'),
      'A quotation mark stands where none may.',
      'The row is in another character set than the rows before it, or damaged.',
      undefined,
    ]);
    const inShiftJis = map(Buffer.concat([shiftJis, Buffer.from(`${lines[1]}\r\n`)])).at(-1);
    expect(inShiftJis?.faults[0]?.en).toMatch(/another character set/);
  });

  it('holds back a row that cannot be read where it might hold an address number, and no other', () => {
    const withIt = map(Buffer.concat([ledgerFile(doses), Buffer.from('K,H,139999\r\n')])).at(-1);
    const without = map(Buffer.from('対象者番号,履歴番号,市区町村コード,ワクチン名,実施日,更新日時\r\nK,H\r\n')).at(-1);
    expect([withIt?.isHeldBack, without?.isHeldBack]).toEqual([true, false]);
    expect(Buffer.from(without?.original ?? []).toString()).toMatch(/\r\nK,H\r\n/);
  });

  it('lets a damaged row decide nothing for the rows behind it, where the header row is plain', () => {
    for (const charset of ['utf-8', 'shift_jis'] as const) {
      const bytes = Buffer.from(ledgerFile(doses, { charset, machineNames: true }));
      const header = bytes.subarray(0, bytes.indexOf('\r\n') + 2);
      const damaged = Buffer.concat([header, Buffer.of(0x83, 0xff, 0x0d, 0x0a), bytes.subarray(header.length)]);
      expect(map(damaged).map(({ entries }) => entries.length)).toEqual([0, 1, 1]);
    }
  });

  it.each([
    ['nothing', '', /empty/],
    ['no header', 'K-1,H-1,BCG\n', /対象者番号.*Required columns are missing.*childId/],
    ['a column twice', '実施日,date,対象者番号\n', /twice/],
    ['UTF-16', Buffer.from('\ufeff対象者番号\n', 'utf16le'), /no CSV|missing/],
    ['binary', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0x10]), /no CSV/],
  ])('of %s is refused whole', (_, file, message) => {
    expect(() => map(Buffer.from(file as string))).toThrow(UnreadableInput);
    expect(() => map(Buffer.from(file as string))).toThrow(message);
  });

  it('shows by its samples every field of the table', () => {
    const filled = new Set(
      doses.flatMap((dose) => Object.entries(dose).flatMap(([key, value]) => (value ? [key] : []))),
    );
    expect(vaccinationColumns.map(({ key }) => key).filter((key) => !filled.has(key))).toEqual([]);
  });

  it('never ends in another error than UnreadableInput, whatever its bytes', () => {
    const sound = Buffer.from(ledgerFile(doses, { charset: 'shift_jis' }));
    const change = fc.record({ at: fc.nat(sound.length - 1), with: fc.uint8Array({ maxLength: 4 }), drop: fc.nat(6) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), (changes) => {
        let bytes = sound;
        for (const one of changes)
          bytes = Buffer.concat([bytes.subarray(0, one.at), one.with, bytes.subarray(one.at + one.drop)]);
        try {
          for (const row of map(bytes)) {
            expect(faultsOf(row.entries)).toEqual([]);
            expect(row.entries.length === 0 && row.faults.length === 0).toBe(false);
          }
        } catch (error) {
          if (!(error instanceof UnreadableInput)) throw error;
        }
      }),
      { numRuns: 1500 },
    );
  });
});
