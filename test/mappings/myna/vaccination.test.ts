// phr-import/1, kind vaccination-json (jp-formats 8).
import type { Immunization } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { mapMyna } from '../../../mappings/myna/map.ts';
import { LEDGER_DOSE } from '../../../mappings/myna/vaccination.ts';
import { type MappedRecord, MyNumberFound, UnreadableInput } from '../../../mappings/record.ts';
import { vaccinationJson } from '../../support/samples/myna.ts';
import { faultsOf } from '../../support/valid-entries.ts';

const child = { identifier: { system: 'urn:oid:2.999.1', value: 'A/1' } };
const map = (bytes: Uint8Array) => mapMyna(bytes, { patient: child })[0]?.record as MappedRecord;

describe('mapMyna', () => {
  it('takes a dose with everything the ledger says', () => {
    const { entries, problems } = map(vaccinationJson());
    expect(problems).toEqual([]);
    expect(faultsOf(entries)).toEqual([]);
    expect(entries[0]?.request).toMatchObject({
      method: 'PUT',
      url: expect.stringContaining('|ledger-dose.'),
    });
    expect(entries[0]?.resource).toMatchObject({
      status: 'completed',
      identifier: [{}, { system: LEDGER_DOSE, value: '131016.H-0001' }],
      patient: { reference: 'Patient?identifier=urn:oid:2.999.1|A%2F1' },
      vaccineCode: { coding: [{ code: 'DPT-IPV-Hib' }, { code: '031' }], text: '五種混合' },
      occurrenceDateTime: '2026-09-15',
      primarySource: false,
      lotNumber: 'LOT0001',
      manufacturer: { display: '試験製薬' },
      performer: [
        { actor: { display: '医師 一郎' } },
        { actor: { display: '見本病院', identifier: { value: '1310000001' } } },
      ],
      programEligibility: [{ coding: [{ code: 'routine-A' }] }],
      protocolApplied: [{ doseNumberPositiveInt: 1 }],
    });
    expect(JSON.stringify(entries[0])).toContain('"doseQuantity":{"value":0.50,"unit":"mL"');
  });

  it('replaces a dose that was deleted at the municipality', () => {
    const deleted = map(vaccinationJson()).entries[1];
    const before = map(vaccinationJson((records) => Object.assign(records[1] ?? {}, { isDeleted: false }))).entries[1];
    expect(deleted?.resource).toMatchObject({
      status: 'entered-in-error',
      occurrenceDateTime: '2026-09',
      vaccineCode: { coding: [{ code: 'RV5' }] },
    });
    expect(deleted?.request).toEqual(before?.request);
  });

  it.each([
    ['vaccineName', 'vaccineName is missing'],
    ['date', 'date is missing or no date of the form YYYY-MM-DD'],
    ['historyKey', 'historyKey is missing'],
  ])('leaves a record without %s out and says which', (name, problem) => {
    const { entries, problems } = map(vaccinationJson((records) => delete records[0]?.[name]));
    expect(entries).toHaveLength(1);
    expect(problems).toEqual([`records[0] was not taken: ${problem}.`]);
  });

  it('keeps the text of an unknown vaccine', () => {
    const { entries } = map(
      vaccinationJson((records) => Object.assign(records[0] ?? {}, { vaccineName: '試験ワクチン' })),
    );
    expect((entries[0]?.resource as Immunization | undefined)?.vaccineCode).toMatchObject({
      text: '試験ワクチン',
      coding: [{ code: '031' }],
    });
  });

  it.each(['myNumber', '個人番号'])('refuses a file with %s and does not repeat it', (name) => {
    const bytes = vaccinationJson((records) => Object.assign(records[1] ?? {}, { [name]: '123456789018' }));
    expect(() => map(bytes)).toThrow(MyNumberFound);
    expect(() => map(bytes)).toThrow(`records[1].${name}`);
    expect(() => map(bytes)).not.toThrow(/\d{4}/);
  });

  it.each<[string, string | Uint8Array, string]>([
    ['no JSON', '{"records":[', 'not valid JSON'],
    ['a list', '[]', 'not a JSON object'],
    ['another kind', '{"kind":"ssmix2","records":[]}', 'not of kind vaccination-json'],
    ['no records', '{"kind":"vaccination-json"}', 'no list "records"'],
    ['no section', '{}', 'no section of phr-import/1'],
    ['Shift_JIS', Buffer.of(0x7b, 0x8e, 0x8e, 0x7d), 'not valid UTF-8'],
  ])('refuses %s', (_, bytes, expected) => {
    expect(() => map(Buffer.from(bytes))).toThrow(UnreadableInput);
    expect(() => map(Buffer.from(bytes))).toThrow(expected);
  });
});
