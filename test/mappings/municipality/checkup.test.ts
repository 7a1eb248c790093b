// Check-ups of municipal files: every item of the national form, to the code systems of profiles/.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkupColumns } from '../../../mappings/municipality/checkup-columns.ts';
import { ledgerKinds } from '../../../mappings/municipality/kinds.ts';
import type { MappedRow } from '../../../mappings/municipality/mapped-row.ts';
import { UnreadableInput } from '../../../mappings/record.ts';
import { checkups, ledgerFile, type SampleRow, settings } from '../../support/samples/municipality.ts';
import { faultsOf } from '../../support/valid-entries.ts';

const mapFile = (file: Uint8Array): MappedRow[] => {
  const mapper = ledgerKinds.checkups?.(settings);
  return mapper ? [...mapper.push(file), ...mapper.end()] : [];
};
const map = (...rows: SampleRow[]) => mapFile(ledgerFile(rows, {}, checkupColumns));
const one = (at: number, change: SampleRow = {}) => map({ ...checkups[at], ...change })[0] as MappedRow;
const observation = ({ entries }: MappedRow, code: string) =>
  entries
    .map(({ resource }) => resource)
    .find((each) => each?.resourceType === 'Observation' && JSON.stringify(each.code).includes(`"${code}"`));

describe('a row of the check-up file', () => {
  it('becomes a report and its observations, which are all valid', () => {
    for (const at of checkups.keys()) {
      const { faults, entries } = one(at);
      expect([at, faults, faultsOf(entries)]).toEqual([at, [], []]);
      const report = entries.at(-1)?.resource;
      const results = report?.resourceType === 'DiagnosticReport' ? report.result : undefined;
      expect(results?.map(({ reference }) => reference)).toEqual(entries.slice(0, -1).map(({ fullUrl }) => fullUrl));
    }
  });

  it('says what an infant is like, and how it was judged', () => {
    const row = one(0);
    expect(row.entries.at(-1)?.resource).toMatchObject({
      status: 'final',
      code: { coding: [{ code: '3-4m' }] },
      effectiveDateTime: '2026-11-12',
      performer: [{ display: '見本市保健センター', identifier: { value: '1310000001' } }],
      conclusion: '皮膚のみ経過をみます。',
      conclusionCode: [{ coding: [{ code: 'observe' }] }],
    });
    expect(JSON.stringify(observation(row, '8302-2'))).toContain('"value":62.50,"unit":"cm"');
    expect(observation(row, 'head-control')).toMatchObject({ valueCodeableConcept: { coding: [{ code: 'can' }] } });
    expect(observation(row, 'skin')).toMatchObject({
      valueCodeableConcept: { coding: [{ code: 'none' }] },
      note: [{ text: '記録あり' }],
    });
    expect(observation(row, 'weaned')).toMatchObject({ valueBoolean: false });
  });

  it('says how many teeth there are, and how they are', () => {
    const row = one(1, { dentalPresentTeeth: '14', dentalCariesType: 'Ｏ１型', dentalDirt: 'あり' });
    expect(observation(row, 'present-teeth')).toMatchObject({ valueInteger: 14 });
    expect(observation(row, 'caries-type')).toMatchObject({ valueCodeableConcept: { coding: [{ code: 'O1' }] } });
    expect(observation(row, 'dirt')).toMatchObject({ valueCodeableConcept: { coding: [{ code: 'present' }] } });
  });

  it('says how a pregnancy goes, and nothing of what is left out', () => {
    const row = one(2);
    expect(row.patient?.value).toBe('M-0001');
    expect(observation(row, '18185-9')).toMatchObject({ valueQuantity: { value: 224, code: 'd' } });
    expect(observation(row, '85354-9')).toMatchObject({ component: [{}, {}] });
    expect(observation(row, '20454-5')).toMatchObject({ valueCodeableConcept: { coding: [{ code: 'trace' }] } });
    expect(observation(row, '25428-4')).toMatchObject({ valueCodeableConcept: { coding: [{ code: 'negative' }] } });
    const blanked = Buffer.from(one(2, { hiv: '陽性', smoking: '毎日' }).original).toString();
    expect(blanked).not.toMatch(/陽性|毎日/);
  });

  it.each([
    [0, 'stage', '7か月', '健診種別'],
    [0, 'date', 'きのう', '実施日'],
    [0, 'deleted', '2', '削除フラグ'],
  ])('is refused where %i %s is "%s"', (at, key, value, column) => {
    expect(one(at, { [key]: value })).toMatchObject({ entries: [], faults: [{ column }] });
  });

  it.each([
    [0, 'weightKg', '軽い', '体重'],
    [0, 'skin', '？', '皮膚'],
    [0, 'judgement', '7', '総合判定'],
    [1, 'dentalPresentTeeth', '-1', '現在歯数'],
    [2, 'gestationalWeeks', '77', '妊娠週数'],
    [2, 'urineProtein', '5', '尿蛋白'],
  ])('is taken without what cannot be understood where %i %s is "%s"', (at, key, value, column) => {
    const row = one(at, { [key]: value });
    expect(row.faults).toMatchObject([{ column }]);
    expect(faultsOf(row.entries)).toEqual([]);
    expect(row.entries.length).toBeGreaterThan(1);
  });

  it('is withdrawn with all that hangs on it', () => {
    const { entries } = one(0, { deleted: '1' });
    expect(new Set(entries.map(({ resource }) => (resource as { status?: string }).status))).toEqual(
      new Set(['entered-in-error']),
    );
    expect(entries.map(({ request }) => request)).toEqual(one(0).entries.map(({ request }) => request));
    expect(faultsOf(entries)).toEqual([]);
  });

  it('has a sample of every field of the table', () => {
    const filled = new Set(checkups.flatMap((row) => Object.keys(row)));
    expect(checkupColumns.map(({ key }) => key).filter((key) => !filled.has(key))).toEqual([]);
    expect(new Set(checkupColumns.map(({ key }) => key)).size).toBe(checkupColumns.length);
    expect(new Set(checkupColumns.map(({ ja }) => ja.normalize('NFKC'))).size).toBe(checkupColumns.length);
  });

  it('never ends in another error than UnreadableInput, whatever its bytes', () => {
    const sound = Buffer.from(ledgerFile(checkups, { charset: 'shift_jis' }, checkupColumns));
    const change = fc.record({ at: fc.nat(sound.length - 1), with: fc.uint8Array({ maxLength: 4 }), drop: fc.nat(6) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), (changes) => {
        let bytes = sound;
        for (const each of changes)
          bytes = Buffer.concat([bytes.subarray(0, each.at), each.with, bytes.subarray(each.at + each.drop)]);
        try {
          for (const { entries } of mapFile(bytes)) expect(faultsOf(entries)).toEqual([]);
        } catch (error) {
          if (!(error instanceof UnreadableInput)) throw error;
        }
      }),
      { numRuns: 150 },
    );
  });
});
