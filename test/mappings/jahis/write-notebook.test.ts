// A record as a notebook for a pharmacy: what came from a notebook is the same when it is read again.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BundleEntry, MedicationDispense, Patient } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { decodeJapaneseFile } from '../../../mappings/charset.ts';
import { mapJahis } from '../../../mappings/jahis/map.ts';
import { writeNotebook } from '../../../mappings/jahis/write-notebook.ts';
import { encodeWindows31j } from '../../../mappings/windows-31j.ts';
import { fullNotebook, notebook, notebookFile, yearNotebook } from '../../support/samples/jahis.ts';

const child = { reference: 'Patient/hana' };
const folder = fileURLToPath(new URL('../../../../shared/data/jahis', import.meta.url));

function sharedNotebooks(): [string, Uint8Array][] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /tc-(minimal|output).*\.txt$|\.csv$/.test(path))
    .map((name): [string, Uint8Array] => {
      const bytes = readFileSync(join(folder, name));
      return [name, name.endsWith('.csv') ? bytes : encodeWindows31j(bytes.toString('utf8').replace(/\r?\n/g, '\r\n'))];
    });
}

const written = (entries: readonly BundleEntry[]): Uint8Array =>
  encodeWindows31j(
    writeNotebook(entries)
      .map((line) => `${line}\r\n`)
      .join(''),
  );

/** By address, because the newest block stands first in what is written. */
const byAddress = (entries: readonly BundleEntry[]) =>
  JSON.parse(JSON.stringify(Object.fromEntries(entries.map(({ fullUrl, resource }) => [fullUrl, resource]))));

describe('a notebook that was taken into a record', () => {
  it.each([
    ['two RPs, allergies, OTC', notebookFile(notebook)],
    ['every record and field', notebookFile(fullNotebook)],
    ['a year', notebookFile(yearNotebook(40))],
    ['amounts of every kind', notebookFile([...notebook, ...kinds()])],
    ['two prescribers who count RPs alike', notebookFile(twoPrescribers())],
    ...sharedNotebooks(),
  ])('is written and read as the same: %s', (_, bytes) => {
    const { entries } = mapJahis(bytes, child);
    expect(entries.length).toBeGreaterThan(0);
    const again = mapJahis(written(entries), child);
    expect(byAddress(again.entries)).toEqual(byAddress(entries));
  });
});

/** A drug of each form, with amounts that are no numbers among them. */
function kinds(): string[] {
  const of = (form: string, unit: string, amount = '3') => [
    `5,202605${form.padStart(2, '0')},1`,
    '11,テスト薬局,13,4,0000002',
    `201,1,試験薬${form},${amount},錠,6,103297001,1`,
    `301,1,用法${form},4,${unit},${form},3,0X0XXXXXXXXX0000,1`,
  ];
  return ['1', '2', '3', '4', '5', '6', '7', '9', '10']
    .flatMap((form) => of(form, form === '3' ? '回分' : form === '1' || form === '7' ? '日分' : '調剤'))
    .concat(of('11', '調剤', '適量'));
}

function twoPrescribers(): string[] {
  const of = (clinic: string) => [
    '5,20260920,1',
    '11,テスト薬局,13,4,0000002',
    `51,${clinic},13,1,0000001,1`,
    '201,1,試験錠,1,錠,1,,1',
    '301,1,朝食後,3,日分,1,1,,1',
  ];
  return [...notebook.slice(0, 2), ...of('見本小児科'), ...of('見本皮膚科')];
}

describe('a record from elsewhere', () => {
  const patient: Patient = {
    resourceType: 'Patient',
    id: 'hana',
    name: [
      {
        text: '試験 花子',
        extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation', valueCode: 'IDE' }],
      },
      {
        text: 'シケン ハナコ',
        extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation', valueCode: 'SYL' }],
      },
    ],
    gender: 'female',
    birthDate: '2026-07-10',
    telecom: [{ system: 'phone', value: '03-0000-0009' }],
  };
  const dispense: MedicationDispense = {
    resourceType: 'MedicationDispense',
    id: 'd1',
    status: 'completed',
    subject: child,
    whenHandedOver: '2026-10-01T10:00:00+09:00',
    medicationCodeableConcept: {
      coding: [{ system: 'http://medis.or.jp/CodeSystem/master-HOT9', code: '103297001', display: '試験錠,5mg' }],
    },
    quantity: { value: 21, unit: '錠' },
    daysSupply: { value: 7 },
    dosageInstruction: [
      {
        text: '１日３回\n毎食後',
        doseAndRate: [{ rateRatio: { numerator: { value: 3, unit: '錠' }, denominator: { value: 1 } } }],
      },
    ],
  };

  it('says who shows it, without telephone or address, and drugs with what they are known by', () => {
    expect(writeNotebook([{ resource: patient }, { resource: dispense }])).toEqual([
      'JAHISTC08,2',
      '1,試験 花子,2,20260710,,,,,,,シケン ハナコ',
      '5,20261001,1',
      '201,1,試験錠，5mg,3,錠,6,103297001,1',
      '301,1,１日３回 毎食後,7,日分,1,1,,1',
    ]);
  });

  it('leaves out what was withdrawn or ruled out', () => {
    const entries: BundleEntry[] = [
      { resource: { ...dispense, status: 'entered-in-error' } },
      {
        resource: {
          resourceType: 'AllergyIntolerance',
          patient: child,
          code: { text: '卵' },
          verificationStatus: { coding: [{ code: 'refuted' }] },
        },
      },
      {
        resource: {
          resourceType: 'Condition',
          subject: child,
          code: { text: '喘息' },
          verificationStatus: { coding: [{ code: 'entered-in-error' }] },
        },
      },
      {
        resource: {
          resourceType: 'MedicationStatement',
          status: 'not-taken',
          subject: child,
          medicationCodeableConcept: { text: '薬' },
        },
      },
    ];
    expect(writeNotebook(entries)).toEqual(['JAHISTC08,2', '1,,,,,,,,,,']);
  });
});

describe('encodeWindows31j', () => {
  it('is the inverse of what reads it, and puts ■ for what it cannot write', () => {
    const text = 'ABCｶﾅ漢字～－①髙﨑Ⅲ㈱🐈é，\r\n';
    expect(decodeJapaneseFile(encodeWindows31j(text), 'x').text).toBe('ABCｶﾅ漢字～－①髙﨑Ⅲ㈱■■，\r\n');
  });
});
