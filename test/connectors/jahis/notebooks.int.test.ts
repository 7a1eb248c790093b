// Notebooks and prescriptions in a family's record: shorter and longer ones, in parts, by shop and by family, in any order.
import type { MedicationDispense } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDeliver, type Deliver } from '../../../connectors/deliver.ts';
import { importJahisFiles } from '../../../connectors/jahis/import-jahis.ts';
import { type Caller, patientNamed, startApp, type TestApp } from '../../support/app.ts';
import { notebook, notebookFile, yearNotebook } from '../../support/samples/jahis.ts';
import { prescription } from '../../support/samples/jahis-prescription.ts';
import { qrPicture } from '../../support/samples/qr-picture.ts';

let t: TestApp;
let family: Caller;
let deliver: Deliver;
beforeAll(async () => {
  t = await startApp();
  family = await t.caller('system/*.cruds', { client: 'family app' });
  deliver = createDeliver({ fhirBase: `${await t.app.listen({ port: 0 })}/fhir`, token: family.token ?? '' });
});
afterAll(() => t.close());

const newChild = async () => (await t.system.create(patientNamed('試験', '花子'))).id;

async function hand(id: string, ...files: Uint8Array[]) {
  const inputs = files.map((bytes, index) => ({ name: `${index}`, bytes }));
  const lines: string[] = [];
  const progress = (line: string) => lines.push(line);
  const tally = await importJahisFiles({ files: inputs, patient: { reference: `Patient/${id}` }, deliver, progress });
  return { ...tally, lines };
}

async function recordOf(id: string, type = 'MedicationDispense'): Promise<string[]> {
  const { body } = await t.system.get(`${type}?patient=${id}&_count=1000`);
  return (body.entry ?? [])
    .map(({ resource }) => {
      const drug = resource as unknown as MedicationDispense;
      const text = drug.medicationCodeableConcept?.text ?? '';
      return [drug.whenHandedOver, text, drug.quantity?.value, drug.daysSupply?.value].filter(Boolean).join(' ');
    })
    .sort();
}

const next = ['5,R081001,1', '11,テスト薬局,13,4,0000002', '201,1,試験錠,3,錠,1,,1', '301,1,朝食後,7,日分,1,1,,1'];
const longer = [...notebook, ...next];
const corrected = longer.map((line) => line.replace('【分３ 毎食後服用】,5,日分', '【分３ 毎食後服用】,4,日分'));

describe('notebooks of one child', () => {
  test('the longer one adds, and neither doubles, in any order', async () => {
    const files = [notebook, longer, notebook, longer].map(notebookFile);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(files, { minLength: 4, maxLength: 4 }), async (order) => {
        const id = await newChild();
        for (const file of order) expect(await hand(id, file)).toMatchObject({ stored: 1 });
        expect(await recordOf(id)).toEqual([
          '2026-09-20 試験細粒 3.5 5',
          '2026-09-20 試験軟膏0.1% 25',
          '2026-09-20 ｼｹﾝｼﾛｯﾌﾟ5% 52.5 5',
          '2026-10-01 試験錠 21 7',
        ]);
        expect(await recordOf(id, 'AllergyIntolerance')).toHaveLength(2);
        expect(await recordOf(id, 'MedicationStatement')).toHaveLength(1);
        expect(await recordOf(id, 'Communication')).toHaveLength(1);
      }),
      { numRuns: 6 },
    );
  });

  test('what a later one corrects stands, whichever comes last', async () => {
    for (const order of [
      [notebook, corrected],
      [corrected, notebook],
    ]) {
      const id = await newChild();
      for (const lines of order) await hand(id, notebookFile(lines));
      expect(await recordOf(id)).toContain('2026-09-20 ｼｹﾝｼﾛｯﾌﾟ5% 42 4');
      expect(await recordOf(id)).toHaveLength(4);
    }
  });

  test('pictures, parts and the file itself are the same notebook', async () => {
    const id = await newChild();
    await hand(id, notebookFile(notebook));
    const before = await recordOf(id);
    const parts = [notebook.slice(0, 12), [...notebook.slice(0, 2), ...notebook.slice(12)]].map((lines, n) =>
      notebookFile([...lines, `911,20260920101500,2,${n + 1}`]),
    );
    expect(await hand(id, qrPicture([notebookFile(notebook)]))).toMatchObject({ stored: 1 });
    expect(await hand(id, ...parts.toReversed())).toMatchObject({ stored: 1 });
    expect(await recordOf(id)).toEqual(before);
  });

  test('a part alone is kept, refused, and named; with the others it flows in', async () => {
    const id = await newChild();
    const parts = [notebook.slice(0, 12), [...notebook.slice(0, 2), ...notebook.slice(12)]].map((lines, n) =>
      notebookFile([...lines, `911,20260920101500,2,${n + 1}`]),
    );
    const alone = await hand(id, ...parts.slice(0, 1));
    expect(alone).toMatchObject({ stored: 0, refused: 1 });
    expect(alone.lines[0]).toContain('part 2 is missing');
    expect(await hand(id, ...parts)).toMatchObject({ stored: 1 });
    expect(await recordOf(id)).toHaveLength(3);
  });

  test('a year of 600 drugs is one delivery, and again it is the same', async () => {
    const id = await newChild();
    const file = notebookFile(yearNotebook());
    expect(await hand(id, file)).toMatchObject({ stored: 1, refused: 0 });
    expect(await hand(id, file)).toMatchObject({ stored: 1 });
    const { body } = await t.system.get(`MedicationDispense?patient=${id}&_summary=count`);
    expect(body.total).toBe(600);
  }, 120_000);
});

test('a prescription is stored with its insurances, and its code read again changes nothing', async () => {
  const id = await newChild();
  const file = notebookFile(prescription);
  expect(await hand(id, file)).toMatchObject({ stored: 1, refused: 0 });
  const other = prescription.map((line) => line.replace('ｼｹﾝ細粒', 'シケン細粒'));
  expect(await hand(id, notebookFile(other))).toMatchObject({ stored: 1 });
  expect(await recordOf(id, 'MedicationRequest')).toHaveLength(4);
  const { body } = await t.system.get(`Coverage?beneficiary=Patient/${id}`);
  expect(body.entry).toHaveLength(3);
});
