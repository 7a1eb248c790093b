// Specific health check-up reports (jp-formats 7.7), against a report made by hand: no real one is public.
import type { DiagnosticReport, DocumentReference, Observation } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { isClinicalDocument, mapCheckup, personOf } from '../../mappings/checkup-cda/map.ts';
import { MyNumberFound, UnreadableInput } from '../../mappings/record.ts';
import { checkupCda, checkupIndex } from '../support/samples/checkup-cda.ts';
import { faultsOf } from '../support/valid-entries.ts';

const mother = { reference: 'Patient/hanako' };
const map = (bytes: Uint8Array) => mapCheckup(bytes, mother);
const observed = (bytes: Uint8Array, text: string): Observation => {
  const found = map(bytes).entries.find(({ resource }) => (resource as Observation).code?.text === text);
  return JSON.parse(JSON.stringify(found?.resource ?? {}));
};

describe('mapCheckup', () => {
  it('takes every item, the report and the file', () => {
    const { entries, problems, message } = map(checkupCda());
    expect(problems).toEqual([]);
    expect(faultsOf(entries)).toEqual([]);
    expect(message).toEqual({ id: '1.2.392.200119.6.105.1310000001|2026000001', time: '2026-09-20' });
    const report = entries.find(({ resource }) => resource?.resourceType === 'DiagnosticReport')
      ?.resource as DiagnosticReport;
    expect(report).toMatchObject({
      effectiveDateTime: '2026-09-01',
      performer: [{ display: '見本健診センター', identifier: { value: '1310000001' } }],
      conclusion: '試験の所見',
    });
    expect(report.result).toHaveLength(9);
    const file = entries.find(({ resource }) => resource?.resourceType === 'DocumentReference')
      ?.resource as DocumentReference;
    expect(Buffer.from(file.content?.[0]?.attachment?.data ?? '', 'base64').equals(checkupCda())).toBe(true);
  });

  it('keeps digits, units, ranges, interpretation and method', () => {
    expect(JSON.stringify(map(checkupCda()).entries)).toContain('"value":158.20,"unit":"cm"');
    expect(observed(checkupCda(), '身長').code?.coding).toMatchObject([
      { system: 'urn:oid:1.2.392.200119.6.1005' },
      { code: '8302-2' },
    ]);
    expect(observed(checkupCda(), '中性脂肪')).toMatchObject({
      category: [{ coding: [{ code: 'laboratory' }] }, {}],
      interpretation: [
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', code: 'N' }] },
      ],
      referenceRange: [{ low: { value: 30 }, high: { value: 149, code: 'mg/dL' } }],
      method: { coding: [{ code: '3F015000002327101' }] },
    });
    expect(observed(checkupCda(), '尿糖').valueCodeableConcept).toMatchObject({
      coding: [{ system: 'urn:oid:1.2.392.200119.6.2112', code: '1' }],
    });
    expect(observed(checkupCda(), '医師の診断').valueString).toBe('異常なし');
  });

  it('says what was not done and what has no value', () => {
    expect(observed(checkupCda(), '心電図')).toMatchObject({
      status: 'cancelled',
      dataAbsentReason: { coding: [{ code: 'not-performed' }] },
    });
    expect(observed(checkupCda(), '赤血球数').dataAbsentReason).toMatchObject({ text: 'NI' });
  });

  it('holds the parts of a panel together, and takes the reason as an item of its own', () => {
    const { entries } = map(checkupCda());
    const part = entries.find(({ resource }) => (resource as Observation).code?.text === '血色素量');
    expect(observed(checkupCda(), '貧血検査').hasMember).toEqual([{ reference: part?.fullUrl }]);
    expect(observed(checkupCda(), '貧血検査の実施理由').valueString).toBe('既往歴');
  });

  it('finds the items of a corrected report again, and keeps both files', () => {
    const corrected = checkupCda((xml) => xml.replace('2026000001', '2026000002').replace('"158.20"', '"159.0"'));
    const urls = (bytes: Uint8Array) => map(bytes).entries.map(({ request }) => request?.url);
    expect(urls(corrected).slice(0, -1)).toEqual(urls(checkupCda()).slice(0, -1));
    expect(map(corrected).entries.at(-1)?.request?.ifNoneExist).not.toBe(
      map(checkupCda()).entries.at(-1)?.request?.ifNoneExist,
    );
  });

  it('tells people apart without saying who they are', () => {
    expect(personOf(checkupCda())).toBe(personOf(checkupCda((xml) => xml.replace('2026000001', '9'))));
    expect(personOf(checkupCda())).not.toBe(personOf(checkupCda((xml) => xml.replace('19850401', '19850402'))));
    expect(personOf(Buffer.from('<x'))).toBe('');
  });

  it('knows a report by its beginning', () => {
    expect(isClinicalDocument(checkupCda())).toBe(true);
    expect(isClinicalDocument(checkupIndex())).toBe(false);
    expect(isClinicalDocument(Buffer.from('{"ClinicalDocument":1}'))).toBe(false);
  });

  it.each<[string, Uint8Array, string]>([
    ['no XML', Buffer.from('<ClinicalDocument'), 'well-formed'],
    ['another root', checkupIndex(), 'no ClinicalDocument'],
    [
      'a document type',
      checkupCda((xml) =>
        xml.replace('<ClinicalDocument', '<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><ClinicalDocument'),
      ),
      'DOCTYPE',
    ],
    ['no day', checkupCda((xml) => xml.replace('<effectiveTime value="20260901"/>', '')), 'of which day'],
    [
      'nesting without end',
      checkupCda((xml) => xml.replace('</title>', `</title>${'<a>'.repeat(200)}${'</a>'.repeat(200)}`)),
      'nested deeper',
    ],
  ])('refuses %s', (_, bytes, expected) => {
    expect(() => map(bytes)).toThrow(UnreadableInput);
    expect(() => map(bytes)).toThrow(expected);
  });

  it('refuses a labelled My Number', () => {
    expect(() => map(checkupCda((xml) => xml.replace('試験の所見', '個人番号 123456789018')))).toThrow(MyNumberFound);
  });
});
