// The command as a person calls it, against a server on loopback.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { importCommand } from '../../server/cli/import.ts';
import { type DeliveryServer, outcome, partsOf, receipt, startDeliveryServer } from '../support/delivery-server.ts';
import { ccda, everySection } from '../support/samples/ccda.ts';
import { birth, INSTITUTION, jis, vaccination } from '../support/samples/hl7v2.ts';
import { notebook, notebookFile } from '../support/samples/jahis.ts';
import { vaccinationJson } from '../support/samples/myna.ts';

let server: DeliveryServer;
let folder: string;
beforeEach(async () => {
  // Vitest sets BASE_URL to "/" for web pages; the settings of our server take that for a mistake.
  vi.stubEnv('BASE_URL', undefined);
  server = await startDeliveryServer();
  folder = await mkdtemp(join(tmpdir(), 'tsumugi-import-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
  await rm(folder, { recursive: true });
});

async function run(...args: string[]): Promise<{ code: number; lines: string[]; errors: string[] }> {
  const [lines, errors]: [string[], string[]] = [[], []];
  const out = { line: (text: string) => lines.push(text), error: (text: string) => errors.push(text) };
  const code = await importCommand.run(
    [...args, '--server', server.fhirBase.replace(/\/fhir$/, ''), '--token', 'T'],
    out,
  );
  return { code, lines, errors };
}

async function save(name: string, bytes: Uint8Array | string): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, bytes);
  return path;
}

describe('tsumugi import', () => {
  it('imports a folder of messages and ends with the tally', async () => {
    await save('a/1.hl7', jis(birth()));
    await save('b/2.hl7', jis(vaccination()));
    server.answerWith((request) => receipt(request.text.includes('Immunization') ? 'waiting' : 'stored'));
    const { code, lines } = await run(folder, '--format', 'hl7v2', '--institution', INSTITUTION);
    expect(lines.at(-1)).toBe('1 stored, 1 waiting, 0 refused');
    expect(code).toBe(0);
    expect(server.received.map(({ authorization }) => authorization)).toEqual(['Bearer T', 'Bearer T']);
  });

  it('imports a notebook for the named child, and exits 1 when it is refused', async () => {
    const file = await save('n.csv', notebookFile(notebook));
    expect(await run(file, '--format', 'jahis', '--patient', 'hana')).toMatchObject({ code: 0, errors: [] });
    expect(partsOf(server.received[0]).patient).toEqual({
      name: 'patient',
      valueReference: { reference: 'Patient/hana' },
    });
    server.answerWith(() => outcome(422, 'why'));
    const { code, lines } = await run(file, '--format', 'jahis', '--patient', 'hana');
    expect([code, lines.at(-1)]).toEqual([1, '0 stored, 0 waiting, 1 refused']);
    expect(lines[0]).toBe(`${file}: notebook: refused: why`);
  });

  it('imports the parts of a notebook in a folder as one', async () => {
    const [header = '', person = '', ...rest] = notebook;
    for (const part of [1, 2])
      await save(
        `parts/${part}.txt`,
        notebookFile([
          header,
          person,
          ...(part === 1 ? rest.slice(0, 10) : rest.slice(10)),
          `911,20260920101500,2,${part}`,
        ]),
      );
    const { code, lines } = await run(join(folder, 'parts'), '--format', 'jahis', '--patient', 'hana');
    expect([code, lines.at(-1)]).toEqual([0, '1 stored, 0 waiting, 0 refused']);
    expect(partsOf(server.received[0]).record.entry).toHaveLength(10);
  });

  it('imports a portal download by identifier, and a manifest only with files of its own folder', async () => {
    await save('secret.json', vaccinationJson());
    await save('d/v.json', vaccinationJson());
    const files = ['v.json', '../secret.json'].map((path) => ({ path, kind: 'vaccination-json' }));
    await save('d/manifest.json', JSON.stringify({ format: 'phr-import/1', files }));
    await run(join(folder, 'd'), '--format', 'myna', '--identifier', 'urn:oid:2.999.1|42');
    expect(partsOf(server.received[0]).patient).toEqual({
      name: 'patient',
      valueIdentifier: { system: 'urn:oid:2.999.1', value: '42' },
    });
    expect(server.received.map((one) => partsOf(one).problem)).toEqual([
      undefined,
      'The manifest names a file that is missing.',
    ]);
  });

  it('stops with exit code 1 when the server keeps nothing', async () => {
    server.answerWith(() => outcome(503, 'x'));
    const { code, lines, errors } = await run(
      await save('1.hl7', jis(birth())),
      '--format',
      'hl7v2',
      '--institution',
      INSTITUTION,
    );
    expect([code, lines]).toEqual([1, ['0 stored, 0 waiting, 0 refused']]);
    expect(errors).toEqual(['The server did not keep the delivery (HTTP 503).']);
  });

  it.each([
    [['--format', 'hl7v2'], 'name one FILE or FOLDER'],
    [
      ['f', '--format', 'ssmix2', '--patient', 'a'],
      'a storage names its own patients: --format ssmix2 takes neither --patient nor --identifier',
    ],
    [
      ['f', '--format', 'xlsx'],
      '--format must be one of archive, fhir, ndjson, hl7v2, ssmix2, ccda, jahis, myna, municipality',
    ],
    [['f', '--format', 'jahis'], '--format jahis needs --patient ID or --identifier SYSTEM|VALUE'],
    [['f', '--format', 'myna', '--patient', 'a', '--identifier', 'b|c'], 'give --patient or --identifier, not both'],
    [['f', '--format', 'myna', '--identifier', 'b'], '--identifier must be SYSTEM|VALUE'],
    [['f', '--format', 'hl7v2', '--institution', '12'], '--institution must be the 10-digit institution number'],
    [['no-such-file', '--format', 'fhir'], 'no-such-file: cannot be read'],
  ])('%j is a wrong call: exit code 2', async (args, error) => {
    expect(await run(...args)).toEqual({ code: 2, lines: [], errors: [error] });
    expect(server.received).toEqual([]);
  });
});

describe('tsumugi import of documents', () => {
  it('delivers C-CDA of a folder, packed or not, by the patient number in them', async () => {
    await save('a.xml', ccda(everySection));
    await save('b.xml.gz', gzipSync(ccda(everySection, { id: 'doc-2' })));
    await save('readme.txt', 'x');
    const { code, lines } = await run(folder, '--format', 'ccda');
    expect([code, lines.at(-1)]).toEqual([0, '2 stored, 0 waiting, 0 refused']);
    const { patient, contentType, original, record } = partsOf(server.received[1]);
    expect(patient).toEqual({
      name: 'patient',
      valueIdentifier: { system: 'urn:oid:2.999.1', value: '000123' },
    });
    expect([contentType, original.equals(Buffer.from(ccda(everySection, { id: 'doc-2' })))]).toEqual([
      'text/xml',
      true,
    ]);
    expect(record.entry).toHaveLength(12);
  });

  it('delivers a FHIR document as one, and pushes a mere list of resources', async () => {
    const document = { resourceType: 'Bundle', type: 'document', entry: [] };
    const file = await save('d.json', JSON.stringify(document));
    server.answerWith(() => outcome(422, 'why'));
    expect((await run(file, '--format', 'fhir', '--patient', 'hana')).lines.at(-1)).toBe(
      '0 stored, 0 waiting, 1 refused',
    );
    expect(server.received[0]?.url).toBe('/fhir/$deliver');
    expect(partsOf(server.received[0]).problem).toBe('The first entry of a document must be a Composition.');
    await run(await save('c.json', JSON.stringify({ ...document, type: 'collection' })), '--format', 'fhir');
    expect(server.received[1]?.url).toBe('/fhir');
  });
});

describe('tsumugi import --format fhir and ndjson', () => {
  const observation =
    '{"resourceType":"Observation","id":"o1","status":"final","code":{"text":"w"},"valueQuantity":{"value":3.050}}';
  const answer = (...statuses: string[]) => ({
    status: 200,
    body: {
      resourceType: 'Bundle',
      type: 'transaction-response',
      entry: statuses.map((status) => ({ response: { status } })),
    },
  });

  it('sends a resource under its id, digits kept', async () => {
    server.answerWith(() => ({ status: 201, body: JSON.parse(observation) }));
    const { code, lines } = await run(await save('o.json', observation), '--format', 'fhir');
    expect([code, lines.at(-1)]).toEqual([0, '1 stored, 0 waiting, 0 refused']);
    expect(server.received[0]).toMatchObject({ method: 'PUT', url: '/fhir/Observation/o1', text: observation });
  });

  it('sends a transaction as it is and counts its entries', async () => {
    const bundle = `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":${observation},"request":{"method":"PUT","url":"Observation/o1"}}]}`;
    server.answerWith(() => answer('201', '200 OK', '404'));
    const { lines } = await run(await save('b.json', bundle), '--format', 'fhir');
    expect(lines.at(-1)).toBe('2 stored, 0 waiting, 1 refused');
    expect(server.received[0]).toMatchObject({ method: 'POST', url: '/fhir', text: bundle });
  });

  it('makes a transaction of a collection, digits kept', async () => {
    const bundle = `{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:1","resource":${observation}},{"resource":{"resourceType":"Basic","code":{}}}]}`;
    server.answerWith(() => answer('201', '201'));
    await run(await save('c.json', bundle), '--format', 'fhir');
    expect(server.received[0]?.text).toContain('"value":3.050');
    expect(JSON.parse(server.received[0]?.text ?? '')).toMatchObject({
      type: 'transaction',
      entry: [
        { fullUrl: 'urn:uuid:1', request: { method: 'PUT', url: 'Observation/o1' } },
        { request: { method: 'POST', url: 'Basic' } },
      ],
    });
  });

  it('counts every entry of a refused transaction', async () => {
    server.answerWith(() => outcome(422, 'bad'));
    const bundle = '{"resourceType":"Bundle","type":"transaction","entry":[{},{}]}';
    const { code, lines } = await run(await save('b.json', bundle), '--format', 'fhir');
    expect([code, lines.at(-1)]).toEqual([1, '0 stored, 0 waiting, 2 refused']);
  });

  it('goes on behind a line that is refused', async () => {
    server.answerWith(({ text }) =>
      text.includes('"bad"') ? outcome(422, 'why') : { status: 201, body: { resourceType: 'Basic' } },
    );
    const lines = [
      observation,
      'no json',
      '{"resourceType":"Basic","code":{"text":"bad"}}',
      '',
      '{"resourceType":"Basic","code":{}}',
    ];
    const result = await run(await save('x.ndjson', lines.join('\n')), '--format', 'ndjson');
    expect(result.lines.at(-1)).toBe('2 stored, 0 waiting, 2 refused');
    expect(result.lines.join('\n')).toContain('Line 2 is not valid JSON.');
    expect(server.received.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'PUT /fhir/Observation/o1',
      'POST /fhir/Basic',
      'POST /fhir/Basic',
    ]);
  });
});
