// Notebook, portal download and message files to a server on loopback.
import { createHash } from 'node:crypto';
import { zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDeliver, type Deliver, DeliveryFailed } from '../../connectors/deliver.ts';
import { importHl7File, splitMessages } from '../../connectors/hl7v2-file.ts';
import { importJahisFiles } from '../../connectors/jahis/import-jahis.ts';
import { importMyna } from '../../connectors/myna-portal/import-myna.ts';
import { type DeliveryServer, outcome, partsOf, receipt, startDeliveryServer } from '../support/delivery-server.ts';
import { birth, INSTITUTION, jis, sjis, vaccination } from '../support/samples/hl7v2.ts';
import { notebook, notebookFile } from '../support/samples/jahis.ts';
import { vaccinationJson } from '../support/samples/myna.ts';

let server: DeliveryServer;
let deliver: Deliver;
beforeEach(async () => {
  server = await startDeliveryServer();
  deliver = createDeliver({ fhirBase: server.fhirBase, token: 'T' });
  // As the real one: without a record there is nothing to store.
  server.answerWith((request) =>
    partsOf(request).record ? receipt('stored') : outcome(422, partsOf(request).problem),
  );
});
afterEach(() => server.close());

const patient = { reference: 'Patient/hana' };

describe('importJahisFiles', () => {
  it('delivers a notebook whole', async () => {
    expect(await importJahisFiles({ files: [{ name: '', bytes: notebookFile(notebook) }], patient, deliver })).toEqual({
      stored: 1,
      waiting: 0,
      refused: 0,
    });
    const { record, original } = partsOf(server.received[0]);
    expect(record.entry).toHaveLength(10);
    expect(original.equals(notebookFile(notebook))).toBe(true);
  });

  it('keeps a broken one and counts it as refused', async () => {
    const progress: string[] = [];
    const bytes = Buffer.concat([notebookFile(notebook), Buffer.of(0x81)]);
    expect(
      await importJahisFiles({
        files: [{ name: '', bytes }],
        patient,
        deliver,
        progress: (line) => progress.push(line),
      }),
    ).toEqual({
      stored: 0,
      waiting: 0,
      refused: 1,
    });
    expect(partsOf(server.received[0]).original.equals(bytes)).toBe(true);
    expect(progress[0]).toMatch(/^notebook: refused: The bytes are not valid Shift_JIS/);
  });

  it('stops when the server keeps nothing', async () => {
    server.answerWith(() => outcome(503, 'x'));
    await expect(
      importJahisFiles({ files: [{ name: '', bytes: notebookFile(notebook) }], patient, deliver }),
    ).rejects.toThrow(DeliveryFailed);
  });
});

describe('importMyna', () => {
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const manifest = (files: object[]) =>
    Buffer.from(JSON.stringify({ format: 'phr-import/1', source: 'mynaportal', files }));
  const file = vaccinationJson();

  it('takes a vaccination-json file', async () => {
    expect(await importMyna({ bytes: file, patient, deliver })).toEqual({ stored: 1, waiting: 0, refused: 0 });
    expect(partsOf(server.received[0]).record.entry).toHaveLength(2);
  });

  it('takes the files of a ZIP by its manifest, and refuses kinds it does not map', async () => {
    const mch = Buffer.from('{"pregnancyVisits":[]}');
    const zip = zipSync({
      'manifest.json': manifest([
        { path: 'v.json', kind: 'vaccination-json', sha256: sha256(file) },
        { path: 'notebook.csv', kind: 'jahis-tc', sha256: '' },
        { path: 'mch.json', kind: 'nsips', sha256: sha256(mch) },
        { path: 'gone.json', kind: 'vaccination-json', sha256: '' },
      ]),
      'v.json': file,
      'notebook.csv': notebookFile(notebook),
      'mch.json': mch,
    });
    expect(await importMyna({ bytes: zip, patient, deliver })).toEqual({ stored: 2, waiting: 0, refused: 2 });
    expect(server.received.map((one) => partsOf(one).problem)).toEqual([
      undefined,
      undefined,
      'Files of kind "nsips" are not mapped.',
      'The manifest names a file that is missing.',
    ]);
    expect(partsOf(server.received[2]).original.equals(mch)).toBe(true);
  });

  it('takes the files beside a manifest and checks that they are the ones it describes', async () => {
    const bytes = manifest([
      { path: 'v.json', kind: 'vaccination-json', sha256: sha256(file) },
      { path: 'w.json', kind: 'vaccination-json', sha256: sha256(Buffer.from('other')) },
    ]);
    expect(await importMyna({ bytes, patient, deliver, readFile: async () => file })).toEqual({
      stored: 1,
      waiting: 0,
      refused: 1,
    });
    expect(partsOf(server.received[1]).problem).toContain('sha256 differs');
  });

  it.each([
    ['damaged', Buffer.from('PK\x03\x04 no archive'), 'The archive is damaged.'],
    [
      'without a manifest',
      zipSync({ 'v.json': file }),
      'The archive has no manifest.json of format phr-import/1 and no check-up report.',
    ],
  ])('keeps an archive that is %s', async (_, bytes, problem) => {
    expect(await importMyna({ bytes, patient, deliver })).toEqual({ stored: 0, waiting: 0, refused: 1 });
    expect(partsOf(server.received[0]).problem).toBe(problem);
  });

  it('never sends a My Number on', async () => {
    const progress: string[] = [];
    const bytes = vaccinationJson((records) => Object.assign(records[0] ?? {}, { 個人番号: '123456789018' }));
    expect(await importMyna({ bytes, patient, deliver, progress: (line) => progress.push(line) })).toMatchObject({
      refused: 1,
    });
    const { original, record } = partsOf(server.received[0]);
    expect(record).toBeUndefined();
    expect(original.toString('utf8')).toContain('"個人番号":"************"');
    expect(progress.join() + server.received[0]?.text).not.toContain('123456789018');
  });
});

describe('importHl7File', () => {
  it('takes each message of a batch in its own character set', async () => {
    const bytes = Buffer.concat([
      Buffer.from('FHS|^~\\&|HIS\rBHS|^~\\&|HIS\r'),
      jis(birth()),
      sjis(vaccination({ charset: 'Shift_JIS' })),
      Buffer.from('BTS|2\rFTS|1\r'),
    ]);
    expect(await importHl7File({ bytes, deliver, institution: INSTITUTION })).toEqual({
      stored: 2,
      waiting: 0,
      refused: 0,
    });
    expect(partsOf(server.received[0]).original.equals(jis(birth()))).toBe(true);
    expect(partsOf(server.received[1]).original.equals(sjis(vaccination({ charset: 'Shift_JIS' })))).toBe(true);
  });

  it('refers to the Patient the caller named', async () => {
    await importHl7File({ bytes: jis(vaccination()), deliver, patient });
    expect(partsOf(server.received[0])).toMatchObject({
      patient: { valueReference: patient },
      record: { entry: [{ resource: { patient } }] },
    });
  });

  it('does not split at a stray MSH line', () => {
    expect(splitMessages(Buffer.from('MSH|^~\\&|A\rMSH\rPID|1\r'))).toHaveLength(1);
    expect(splitMessages(Buffer.from('no message'))).toHaveLength(1);
  });
});
