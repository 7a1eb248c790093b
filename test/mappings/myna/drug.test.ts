// phr-import/1, kinds drug-csv and drug-xml (jp-formats 8).
import type { MedicationDispense } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { mapMyna } from '../../../mappings/myna/map.ts';
import { type MappedRecord, UnreadableInput } from '../../../mappings/record.ts';
import { sjis } from '../../support/samples/hl7v2.ts';
import { drugCsv, drugXml } from '../../support/samples/myna.ts';
import { faultsOf } from '../../support/valid-entries.ts';

const patient = { reference: 'Patient/hikari' };
const map = (bytes: Uint8Array) => mapMyna(bytes, { patient })[0]?.record as MappedRecord;
const utf8 = (text: string) => Buffer.from(`\ufeff${text}`);
const dispenses = ({ entries }: MappedRecord): MedicationDispense[] =>
  (JSON.parse(JSON.stringify(entries)) as MappedRecord['entries']).flatMap(({ resource }) =>
    resource?.resourceType === 'MedicationDispense' ? [resource as MedicationDispense] : [],
  );

describe('drugs', () => {
  it.each([
    ['UTF-8 with a byte order mark', utf8(drugCsv())],
    ['Windows-31J', sjis(drugCsv())],
  ])('reads CSV in %s', (_, bytes) => {
    const record = map(bytes);
    expect(record.problems).toEqual([]);
    expect(faultsOf(record.entries)).toEqual([]);
    const [syrup, ointment, again] = dispenses(record);
    expect(syrup).toMatchObject({
      whenHandedOver: '2026-11-09',
      medicationCodeableConcept: { coding: [{ code: '1141007Q1000' }], text: '試験シロップ５％' },
      performer: [{ actor: { display: 'テスト薬局, 本店' } }],
      daysSupply: { value: 5 },
      dosageInstruction: [{ text: '１日３回毎食後', timing: { code: { coding: [{ code: '1013044400000000' }] } } }],
    });
    expect(JSON.stringify(record.entries)).toContain('"value":22.50');
    // Claims know the month; two rows that say the same are two dispensings.
    expect(ointment?.whenHandedOver).toBe('2026-10');
    expect(again?.identifier).not.toEqual(ointment?.identifier);
    expect(record.entries.filter(({ resource }) => resource?.resourceType === 'MedicationRequest')).toHaveLength(1);
  });

  it('reads the XML form to the same entries as the CSV', () => {
    const [first] = dispenses(map(utf8(drugCsv())));
    const record = map(Buffer.from(drugXml()));
    expect(JSON.stringify(dispenses(record))).toBe(JSON.stringify([first]));
    expect(record.message).toEqual({ id: '', time: '2026-12-01T09:00:00+09:00' });
  });

  it.each<[string, string, string]>([
    ['a document type', drugXml('<!DOCTYPE PhrImport [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), 'DOCTYPE'],
    ['another namespace', drugXml().replace('urn:phr:import:1', 'urn:other'), 'no PhrImport'],
    ['no header row', 'a,b\r\n1,2\r\n', 'not a header row'],
    ['a quote that is not closed', `${drugCsv()}"x`, 'a quote that is not closed'],
    ['a column twice', 'drugName,drugName\r\n1,2\r\n', 'names a column twice'],
    ['more rows than a person has', drugCsv(Array(5001).fill(',2026-09,,,,,,x,,,,,,')), 'more than 5000 rows'],
    ['deep nesting', `{"items":${'['.repeat(60)}${']'.repeat(60)}}`, 'nested deeper'],
  ])('refuses %s', (_, text, expected) => {
    expect(() => map(utf8(text))).toThrow(UnreadableInput);
    expect(() => map(utf8(text))).toThrow(expected);
  });

  it('says which row was not taken, and keeps a code of an unknown kind without a system', () => {
    const record = map(utf8(drugCsv([',2026-13,,,,,,試験薬,1,錠,,,,', ',2026-11-09,,,,house,X1,試験薬,約,錠,,,,'])));
    expect(record.problems).toEqual([
      'items[0] was not taken: dispensedOn is missing or neither YYYY-MM-DD nor YYYY-MM.',
      'items[1].amount was not taken: it is no number.',
    ]);
    expect(dispenses(record)[0]?.medicationCodeableConcept).toEqual({
      coding: [{ code: 'X1', display: '試験薬' }],
      text: '試験薬',
    });
  });
});
