// `tsumugi export` and `tsumugi verify`, against a server on a socket whose public address is another one.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { mapJahis } from '../../mappings/jahis/map.ts';
import type { Command } from '../../server/cli/command.ts';
import { exportCommand } from '../../server/cli/export.ts';
import { verifyCommand } from '../../server/cli/verify.ts';
import { observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';
import { notebook, notebookFile } from '../support/samples/jahis.ts';
import { archiveOf, newKey, verify } from './sample.ts';

let t: TestApp;
let server: string;
let child: string;
const folder = mkdtempSync(join(tmpdir(), 'tsumugi-export-'));
beforeAll(async () => {
  // Vite sets this name for its own use.
  vi.stubEnv('BASE_URL', '');
  t = await startApp();
  server = await t.app.listen({ port: 0, host: '127.0.0.1' });
  child = (await t.system.create(patientNamed('試験', '花子'))).id;
  await t.system.create(observationOf(child));
});
afterAll(async () => {
  await t.close();
  rmSync(folder, { recursive: true });
});

const run = async (command: Command, ...args: string[]) => {
  const lines: string[] = [];
  const errors: string[] = [];
  const code = await command.run(args, { line: (line) => lines.push(line), error: (line) => errors.push(line) });
  return { code, lines, errors };
};
const fileNamed = (name: string) => join(folder, name);
const exportTo = (file: string, format: string, ...more: string[]) =>
  run(exportCommand, '--format', format, '--out', file, '--token', t.system.token ?? '', ...more);
const ofChild = () => ['--patient', child, '--server', server];
/** What is left where a file was to be written. */
const left = (file: string) => [file, `${file}.part`].filter(existsSync);

/** A server that answers in our place. */
async function withServer<T>(answer: RequestListener, work: (url: string) => Promise<T>): Promise<T> {
  const double = createServer(answer);
  await new Promise<void>((resolve) => double.listen(0, '127.0.0.1', resolve));
  try {
    return await work(`http://127.0.0.1:${(double.address() as AddressInfo).port}`);
  } finally {
    double.closeAllConnections();
    double.close();
  }
}

describe('export', () => {
  test('--format jahis writes a medication notebook that is read as what the record holds', async () => {
    const id = (await t.system.create(patientNamed('試験', '次郎'))).id;
    const { entries } = mapJahis(notebookFile(notebook), { reference: `Patient/${id}` });
    expect((await t.system.post('', { resourceType: 'Bundle', type: 'transaction', entry: entries })).status).toBe(200);
    const file = fileNamed('notebook.csv');
    const { code, errors } = await exportTo(file, 'jahis', '--patient', id, '--server', server);
    expect({ code, errors }).toEqual({ code: 0, errors: [] });
    const again = mapJahis(readFileSync(file), { reference: `Patient/${id}` });
    expect(again.problems).toEqual([]);
    expect(again.entries.map(({ fullUrl }) => fullUrl).sort()).toEqual(entries.map(({ fullUrl }) => fullUrl).sort());
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const answers = (text: string) =>
      withServer(
        (_, response) => response.end(text),
        (url) => exportTo(fileNamed('no.csv'), 'jahis', '--patient', id, '--server', url),
      );
    for (const text of ['not JSON', '{}'])
      expect((await answers(text)).errors[0]).toContain('the server answered no record');
    expect(left(fileNamed('no.csv'))).toEqual([]);
  });

  test('--format archive writes an archive that verifies, readable by its owner only', async () => {
    const file = fileNamed('whole.zip');
    const { code, lines } = await exportTo(file, 'archive', ...ofChild());
    expect(code).toBe(0);
    const { thumbprint, manifest } = await verify(readFileSync(file));
    expect(manifest.resources).toMatchObject({ Patient: 1, Observation: 1 });
    expect(lines).toEqual([`signed by the key ${thumbprint}`, `${file}: ${statSync(file).size} bytes`]);
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);

    const verified = await run(verifyCommand, file, '--key', thumbprint);
    expect(verified.code).toBe(0);
    expect(verified.lines.at(-1)).toBe('VALID');
    expect(verified.lines.join('\n')).toContain(`Patient/${child} at ${t.base}`);
  });

  test('--format fhir writes what $everything answers', async () => {
    const file = fileNamed('whole.json');
    expect((await exportTo(file, 'fhir', ...ofChild())).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe((await t.system.get(`Patient/${child}/$everything`)).text);
  });

  test('keeps a file that is there, unless --force is given', async () => {
    const file = fileNamed('there.json');
    writeFileSync(file, 'kept');
    await expect(exportTo(file, 'fhir', ...ofChild())).rejects.toThrow(`${file} exists; --force replaces it`);
    expect(readFileSync(file, 'utf8')).toBe('kept');
    expect((await exportTo(file, 'fhir', ...ofChild(), '--force')).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toContain('"Bundle"');
    expect(left(file)).toEqual([file]);
  });

  test('of a patient who is not there leaves no file, and with --force the old one', async () => {
    const file = fileNamed('nobody.zip');
    const nobody = ['--patient', 'nobody', '--server', server];
    const { code, errors } = await exportTo(file, 'archive', ...nobody);
    expect({ code, errors }).toEqual({
      code: 1,
      errors: ['tsumugi export: the server answered 404: Patient/nobody is not known here; nothing was written'],
    });
    expect(left(file)).toEqual([]);
    writeFileSync(file, 'kept');
    expect((await exportTo(file, 'archive', ...nobody, '--force')).code).toBe(1);
    expect(readFileSync(file, 'utf8')).toBe('kept');
    expect(left(file)).toEqual([file]);
  });

  test('leaves no file when the connection breaks off in the middle', async () => {
    const file = fileNamed('broken.json');
    const answer: RequestListener = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/fhir+json' });
      response.write('{"resourceType":"Bundle","type":"searchset","entry":[', () => response.destroy());
    };
    const { code, errors } = await withServer(answer, (url) =>
      exportTo(file, 'fhir', '--patient', '1', '--server', url),
    );
    expect(code).toBe(1);
    expect(errors).toEqual(['tsumugi export: the connection to the server failed; nothing was written']);
    expect(left(file)).toEqual([]);
  });

  test('waits while the archive is being made, and sends the token to nobody else', async () => {
    const file = fileNamed('slow.zip');
    const archive = await archiveOf(await newKey());
    const seen: string[] = [];
    const elsewhere = 'https://elsewhere.test/fhir';
    const answer: RequestListener = ({ method, url }, response) => {
      seen.push(`${method} ${url}`);
      if (url === '/fhir/Patient/1/$archive')
        response.writeHead(202, { 'content-location': `${elsewhere}/$archive-status?id=a.b` }).end();
      else if (url?.startsWith('/fhir/$archive-download')) response.end(archive);
      else if (seen.length < 3) response.writeHead(202, { 'retry-after': '1' }).end();
      else response.end(JSON.stringify({ output: [{ url: `${elsewhere}/$archive-download?id=a.b` }] }));
    };
    const { code } = await withServer(answer, (url) => exportTo(file, 'archive', '--patient', '1', '--server', url));
    expect(code).toBe(0);
    const status = 'GET /fhir/$archive-status?id=a.b';
    expect(seen).toEqual(['POST /fhir/Patient/1/$archive', status, status, 'GET /fhir/$archive-download?id=a.b']);
    expect(readFileSync(file)).toEqual(archive);
  });

  test('leaves no archive that does not verify', async () => {
    const file = fileNamed('damaged.zip');
    const archive = await archiveOf(await newKey());
    archive[60] = (archive[60] ?? 0) ^ 1;
    const answer: RequestListener = ({ url }, response) => {
      if (url?.endsWith('/$archive'))
        response.writeHead(202, { 'content-location': 'http://x/fhir/$archive-status?id=a' }).end();
      else if (url?.startsWith('/fhir/$archive-download')) response.end(archive);
      else response.end(JSON.stringify({ output: [{ url: 'http://x/fhir/$archive-download?id=a' }] }));
    };
    const { code, errors } = await withServer(answer, (url) =>
      exportTo(file, 'archive', '--patient', '1', '--server', url),
    );
    expect(code).toBe(1);
    expect(errors[0]).toContain('the archive that arrived is not valid (README.txt: ');
    expect(left(file)).toEqual([]);
  });

  test('--format ips, pdf and shc write a document, a handbook and cards that say what the record holds', async () => {
    const dose = {
      ...{ resourceType: 'Immunization', status: 'completed', lotNumber: 'KH-1', occurrenceDateTime: '2026-11-20' },
      vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '140' }] },
      patient: { reference: `Patient/${child}` },
    };
    const clinic = await t.system.create({ resourceType: 'Organization', name: '見本医院' });
    await t.system.create({ ...dose, meta: { source: `${t.base}/Organization/${clinic.id}` } });
    const written = async (format: string) => {
      const file = fileNamed(`out.${format}`);
      expect(await exportTo(file, format, ...ofChild(), '--language', 'en')).toMatchObject({ code: 0, errors: [] });
      return readFileSync(file);
    };
    const ips = JSON.parse((await written('ips')).toString());
    expect([ips.type, ips.entry[0].resource.resourceType]).toEqual(['document', 'Composition']);
    expect(JSON.stringify(ips)).toContain('KH-1');
    expect((await written('pdf')).subarray(0, 5).toString()).toBe('%PDF-');
    const cards = await written('shc');
    expect(JSON.parse(cards.toString()).verifiableCredential[0]).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect((await run(verifyCommand, fileNamed('out.shc'))).lines.at(-1)).toBe('INVALID');
    const child2 = (await t.system.create(patientNamed('試験', '無子'))).id;
    const none = fileNamed('none.shc');
    expect(await exportTo(none, 'shc', '--patient', child2, '--server', server)).toMatchObject({ code: 1 });
    expect(left(none)).toEqual([]);
  });

  test('says what is missing in a call', async () => {
    await expect(run(exportCommand, '--format', 'fhir', '--out', 'x')).rejects.toThrow('--patient takes');
    await expect(run(exportCommand, '--format', 'fhir', '--patient', '1')).rejects.toThrow('--out takes');
    await expect(run(exportCommand, '--format', 'xml', '--patient', '1')).rejects.toThrow('--format takes');
    await expect(run(exportCommand, '--format', 'fhir', '--patient', '../1')).rejects.toThrow('--patient takes');
  });
});

describe('verify', () => {
  const kept = async (name: string, archive: Buffer) => {
    writeFileSync(fileNamed(name), archive);
    return fileNamed(name);
  };

  test('says INVALID with the file at fault, and ends with 1', async () => {
    const archive = await archiveOf(await newKey());
    archive[60] = (archive[60] ?? 0) ^ 1;
    const { code, lines } = await run(verifyCommand, await kept('changed.zip', archive));
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^INVALID: README\.txt: its /);
  });

  test('says INVALID when another key signed than the one named', async () => {
    const [key, other] = [await newKey(), await newKey()];
    const file = await kept('other.zip', await archiveOf(key));
    // A thumbprint may begin with a dash.
    for (const named of [other.thumbprint, `-${other.thumbprint.slice(1)}`]) {
      const { code, lines } = await run(verifyCommand, '--key', named, file);
      const last = `INVALID: manifest.jws: it was signed by the key ${key.thumbprint}, not by ${named}`;
      expect({ code, lines }).toEqual({ code: 1, lines: [last] });
    }
  });

  test('tells who signed, and that the key itself must be compared', async () => {
    const key = await newKey();
    const { code, lines } = await run(verifyCommand, await kept('good.zip', await archiveOf(key)));
    expect(code).toBe(0);
    expect(lines.join('\n')).toContain(`key ${key.thumbprint}`);
    expect(lines.join('\n')).toContain('compare it with the thumbprint');
    expect(lines).toContain('certified CMS, Tsumugi archive signature 2026, issued by Tsumugi archive root');
    expect(lines).toContain('stamped   2026-11-23T00:00:00.000Z');
    expect(lines).toContain('          by the clock of the issuer itself: no other party vouches for this time.');
    expect(lines.at(-1)).toBe('VALID');
  });

  test('tells of an archive of version 1 that it has no more than its signature', async () => {
    const old = fileURLToPath(new URL('./samples/version-1.zip', import.meta.url));
    const { code, lines } = await run(verifyCommand, old);
    expect(code).toBe(0);
    expect(lines).toContain('          Format version 1: no CMS signature and no time stamp.');
    expect(lines.at(-1)).toBe('VALID');
  });

  test('shows nothing that would steer the terminal or fake a line', async () => {
    const archive = await archiveOf(await newKey(), undefined, {
      patient: 'Patient/1\u001b[2J\nVALID',
      complete: false,
    });
    const { lines } = await run(verifyCommand, await kept('steering.zip', archive));
    expect(lines[0]).toBe('record    Patient/1?[2J?VALID at https://tsumugi.test/fhir');
  });

  test('says which file cannot be read, and what is wrong with a call', async () => {
    await expect(run(verifyCommand, fileNamed('missing.zip'))).rejects.toThrow('missing.zip: cannot be read (ENOENT)');
    await expect(run(verifyCommand, folder)).rejects.toThrow('cannot be read (EISDIR)');
    await expect(run(verifyCommand)).rejects.toThrow('name one ARCHIVE');
    await expect(run(verifyCommand, 'a.zip', '--key', 'short')).rejects.toThrow('--key takes a thumbprint');
  });
});
