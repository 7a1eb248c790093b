// Downloads of MyNa Portal years apart, in a real server: kept for life although the source shows a few years, never doubled.
import { createHash } from 'node:crypto';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDeliver, type Deliver } from '../../../connectors/deliver.ts';
import { importMyna } from '../../../connectors/myna-portal/import-myna.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { checkupCda } from '../../support/samples/checkup-cda.ts';
import { drugCsv, mchJson, vaccinationJson } from '../../support/samples/myna.ts';

let t: TestApp;
let deliver: Deliver;
beforeAll(async () => {
  t = await startApp({ listens: true });
  const token = (await t.caller('system/*.cruds')).token ?? '';
  deliver = createDeliver({ fhirBase: t.base, token });
});
afterAll(() => t.close());

const newPatient = async (gender: string) => {
  const { id } = await t.system.create({ resourceType: 'Patient', gender, birthDate: '2026-07-10' });
  return { reference: `Patient/${id}` };
};

type Files = Record<string, { kind: string; bytes: Uint8Array }>;

function exportOf(exportedAt: string, files: Files): Uint8Array {
  const listed = Object.entries(files).map(([path, { kind, bytes }]) => ({
    path,
    kind,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }));
  const manifest = Buffer.from(
    JSON.stringify({ format: 'phr-import/1', exportedAt, source: 'mynaportal', files: listed }),
  );
  return zipSync({
    'manifest.json': manifest,
    ...Object.fromEntries(Object.entries(files).map(([path, { bytes }]) => [path, bytes])),
  });
}

const found = async (type: string, patient: { reference: string }) =>
  (await t.system.get(`${type}?patient=${patient.reference}&_count=200`)).body.entry?.map(({ resource }) => resource) ??
  [];

const doses = (change: Parameters<typeof vaccinationJson>[0]) => ({
  kind: 'vaccination-json',
  bytes: vaccinationJson(change),
});

describe('two exports years apart', () => {
  it('keeps what the source no longer shows, takes what it corrected, and doubles nothing, in whatever order they come', async () => {
    const early = exportOf('2026-09-20T10:00:00+09:00', {
      'v.json': doses((records) => {
        records.push({
          ...records[0],
          historyKey: 'H-0003',
          vaccineName: 'BCG',
          dose: 1,
          date: '2026-12-20',
          lotNumber: 'OLD',
        });
      }),
      'd.csv': { kind: 'drug-csv', bytes: Buffer.from(`\ufeff${drugCsv()}`) },
    });
    const late = exportOf('2031-10-01T10:00:00+09:00', {
      'v.json': doses((records) => {
        const [first] = records;
        // Of the first export only the corrected BCG is still shown; the dose withdrawn then is not.
        records.splice(0, 2, {
          ...first,
          historyKey: 'H-0003',
          vaccineName: 'BCG',
          dose: 1,
          date: '2026-12-20',
          lotNumber: 'NEW',
        });
        records.push({
          ...first,
          historyKey: 'H-0009',
          vaccineName: 'MR',
          dose: 2,
          date: '2031-05-02',
          lotNumber: 'LOT9',
        });
      }),
      'd.csv': {
        kind: 'drug-csv',
        bytes: Buffer.from(`\ufeff${drugCsv([',2031-09,,,テスト薬局,YJ,2649735M1013,試験湿布,7,枚,,,,'])}`),
      },
    });
    for (const order of [
      [early, late, early, late],
      [late, early],
    ]) {
      const patient = await newPatient('female');
      for (const bytes of order) expect(await importMyna({ bytes, patient, deliver })).toMatchObject({ refused: 0 });
      const shown = (await found('Immunization', patient)).map(({ status, lotNumber, occurrenceDateTime }) => [
        occurrenceDateTime,
        status,
        lotNumber,
      ]);
      expect(shown.sort()).toEqual([
        ['2026-09', 'entered-in-error', undefined],
        ['2026-09-15', 'completed', 'LOT0001'],
        ['2026-12-20', 'completed', 'NEW'],
        ['2031-05-02', 'completed', 'LOT9'],
      ]);
      expect(await found('MedicationDispense', patient)).toHaveLength(4);
    }
  });

  it('gives mother and child what is theirs, once', async () => {
    const [child, mother] = [await newPatient('male'), await newPatient('female')];
    for (const bytes of [
      mchJson(),
      mchJson(),
      mchJson((content) => Object.assign(content, { exportedAt: '2027-01-01' })),
    ])
      expect(await importMyna({ bytes, patient: child, mother, deliver })).toMatchObject({ stored: 2, refused: 0 });
    expect(await found('DiagnosticReport', child)).toHaveLength(2);
    expect(await found('DiagnosticReport', mother)).toHaveLength(1);
    expect(await found('QuestionnaireResponse', child)).toHaveLength(1);
    const observations = await found('Observation', child);
    expect(new Set(observations.map(({ identifier }) => JSON.stringify(identifier))).size).toBe(observations.length);
    // Its tests are the mother's, and no more hers than they were.
    expect(JSON.stringify(observations)).not.toContain('HBs抗原');
  });

  it('takes a check-up report with its file', async () => {
    const mother = await newPatient('female');
    expect(await importMyna({ bytes: checkupCda(), patient: mother, deliver })).toEqual({
      stored: 1,
      waiting: 0,
      refused: 0,
    });
    expect(await found('DocumentReference', mother)).toHaveLength(1);
    expect(await found('Observation', mother)).toHaveLength(11);
    expect((await t.system.get(`Observation?patient=${mother.reference}&code=8302-2`)).text).toContain(
      '"value":158.20',
    );
  });
});
