// Municipal birth lists: who the child is, whose child, and what never leaves the municipality.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { birthColumns } from '../../../mappings/municipality/birth-columns.ts';
import { ledgerKinds } from '../../../mappings/municipality/kinds.ts';
import type { MappedRow } from '../../../mappings/municipality/mapped-row.ts';
import { UnreadableInput } from '../../../mappings/record.ts';
import { births, ledgerFile, type SampleRow, settings } from '../../support/samples/municipality.ts';
import { refusalsOf } from '../../support/valid.ts';
import { faultsOf } from '../../support/valid-entries.ts';

const mapFile = (file: Uint8Array): MappedRow[] => {
  const mapper = ledgerKinds.births?.(settings);
  return mapper ? [...mapper.push(file), ...mapper.end()] : [];
};
const one = (change: SampleRow = {}) =>
  mapFile(ledgerFile([{ ...births[0], ...change }], {}, birthColumns))[0] as MappedRow;
const isSound = ({ person, entries }: MappedRow) =>
  (person ? refusalsOf(person).length : 0) + faultsOf(entries).length === 0;

describe('a row of the birth list', () => {
  it('says who the child is', () => {
    const row = one();
    expect([row.faults, isSound(row)]).toEqual([[], true]);
    expect(row.person).toMatchObject({
      identifier: [{ system: settings.system, value: 'K-0001' }],
      name: [
        { text: '試験 ひかり', family: '試験', given: ['ひかり'] },
        { text: 'シケン ヒカリ', family: 'シケン', given: ['ヒカリ'] },
      ],
      gender: 'female',
      birthDate: '2026-07-10',
      multipleBirthInteger: 1,
      address: [{ postalCode: '100-0000', state: '東京都', city: '見本市', line: ['試験町1-2-3'] }],
    });
    expect(row.person).not.toHaveProperty('link');
  });

  it('joins the child to the mother by her number, and says how the child was born', () => {
    expect(one().entries.map(({ resource }) => resource)).toMatchObject([
      {
        resourceType: 'RelatedPerson',
        identifier: [{}, { system: settings.system, value: 'M-0001' }],
        active: true,
        relationship: [{ coding: [{ code: 'MTH' }] }],
        name: [{ text: '試験 花子' }],
        birthDate: '1995-05-05',
      },
      { code: { coding: [{ code: '8339-4' }, {}] }, valueQuantity: { code: 'g' } },
      { code: { coding: [{ code: '89269-5' }] }, valueQuantity: { code: 'cm' } },
      { code: { coding: [{ code: '76516-4' }] }, valueQuantity: { value: 280, code: 'd' } },
    ]);
  });

  it('of a protected family is held back', () => {
    expect(one({ isProtected: '1' })).toMatchObject({
      isHeldBack: true,
      entries: [],
      faults: [{ column: '支援措置' }],
    });
    expect(one({ isProtected: '1' }).person).toBeUndefined();
    const changes: SampleRow[] = [
      { birthDate: '' },
      { sex: '?' },
      { isProtected: 'はい' },
      { childId: '', familyName: '' },
    ];
    for (const change of changes)
      expect([change, one({ isProtected: '１', ...change }).isHeldBack]).toEqual([change, true]);
    expect(one().isHeldBack).toBe(false);
  });

  it('that cannot be read is held back, for it might be of one', () => {
    const file = Buffer.concat([ledgerFile(births, {}, birthColumns), Buffer.from('K-2,試験,"東京都\r\nK-3,試験\r\n')]);
    expect(mapFile(file).map(({ isHeldBack }) => isHeldBack)).toEqual([false, true, true]);
  });

  it('that is withdrawn says no person, and takes back what it said', () => {
    const row = one({ deleted: '1' });
    expect(row.person).toBeUndefined();
    expect(row.entries.map(({ resource }) => resource)).toMatchObject([
      { active: false },
      ...Array(3).fill({ status: 'entered-in-error' }),
    ]);
    expect(isSound(row)).toBe(true);
  });

  it.each([
    ['sex', '9', '性別'],
    ['birthDate', '2026-02-30', '生年月日'],
    ['familyName', '', '氏'],
    ['childId', '', '対象者番号'],
  ])('is refused where %s is "%s"', (key, value, column) => {
    const row = one({ [key]: value });
    expect(row).toMatchObject({ entries: [], faults: [{ column }] });
    expect(row.person).toBeUndefined();
  });

  it('has a sample of every field of the table', () => {
    const filled = new Set(births.flatMap((row) => Object.keys(row)));
    expect(birthColumns.map(({ key }) => key).filter((key) => !filled.has(key))).toEqual([]);
  });

  it('never ends in another error than UnreadableInput, whatever its bytes', () => {
    const sound = Buffer.from(ledgerFile(births, { charset: 'shift_jis' }, birthColumns));
    const change = fc.record({ at: fc.nat(sound.length - 1), with: fc.uint8Array({ maxLength: 4 }), drop: fc.nat(6) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), (changes) => {
        let bytes = sound;
        for (const each of changes)
          bytes = Buffer.concat([bytes.subarray(0, each.at), each.with, bytes.subarray(each.at + each.drop)]);
        try {
          for (const row of mapFile(bytes)) expect(isSound(row)).toBe(true);
        } catch (error) {
          if (!(error instanceof UnreadableInput)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });
});
