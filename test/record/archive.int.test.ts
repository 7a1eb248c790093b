// Patient/[id]/$archive from the request to the ZIP. FHIR R4 asynchronous pattern, https://hl7.org/fhir/R4/async.html
import { X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemAccess } from '../../server/access/access.ts';
import { createFhir } from '../../server/app/fhir.ts';
import { archiveWork } from '../../server/record/archive.ts';
import { loadArchiveKeys } from '../../server/record/keys.ts';
import { secret } from '../../server/store/secrets.ts';
import { type Caller, observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';
import { archivePath, fetchedArchive, pathIn } from './archives.ts';
import { filesOf, verify } from './sample.ts';

let t: TestApp;
let child: string;
let clinic: string;
let other: string;
beforeAll(async () => {
  t = await startApp();
  const city = await t.system.create({ resourceType: 'Organization', name: '見本市' });
  clinic = (
    await t.system.create({
      resourceType: 'Organization',
      name: '見本医院',
      partOf: { reference: `Organization/${city.id}` },
    })
  ).id;
  const managingOrganization = { reference: `Organization/${clinic}` };
  child = (await t.system.create(patientNamed('試験', '花子', { managingOrganization }))).id;
  other = (await t.system.create(patientNamed('見本', '太郎'))).id;
  await t.system.create(observationOf(other));
});
afterAll(() => t.close());

const ask = async (caller: Caller, patient: string, body?: unknown) => {
  const { status, headers, text } = await caller.send('POST', `Patient/${patient}/$archive`, body);
  expect({ status, text }).toEqual({ status: 202, text: '' });
  return pathIn(t, headers['content-location']);
};
const downloadPath = (caller: Caller, statusPath: string) => archivePath(t, caller, statusPath);
const archiveOf = (caller: Caller, patient: string, body?: unknown) => fetchedArchive(t, caller, patient, body);
const textsIn = async (archive: Buffer, path: string) => (await filesOf(archive)).get(path)?.toString() ?? '';
const linesIn = async (archive: Buffer, type: string) =>
  (await textsIn(archive, `fhir/${type}.ndjson`)).split('\n').slice(0, -1);
const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });

describe('$archive', () => {
  test('gives the whole record of one patient, with texts as they are stored, signed by the published key', async () => {
    const weight = observationOf(child, { valueQuantity: { value: 0, unit: 'kg' } });
    const text = JSON.stringify(weight).replace('"value":0', '"value":3.50');
    expect((await t.system.post('Observation', text)).status).toBe(201);

    const archive = await archiveOf(t.system, child);
    const { keys } = (await t.app.inject({ url: '/.well-known/jwks.json' })).json();
    const { manifest } = await verify(archive, keys[0].kid);
    expect(manifest).toMatchObject({ patient: `Patient/${child}`, issuer: t.base, complete: true, language: 'ja' });
    expect(manifest.created).toBe('2026-11-23T00:00:00.000Z');
    expect(manifest.resources).toEqual({ Patient: 1, Observation: 1, Organization: 2, AuditEvent: expect.any(Number) });

    const stored = (await t.system.get(`Patient/${child}`)).text;
    expect(await linesIn(archive, 'Patient')).toEqual([stored]);
    expect(await textsIn(archive, 'fhir/Observation.ndjson')).toContain('"value":3.50');
    for (const [path, content] of await filesOf(archive))
      expect({ path, has: content.includes(other) }).toEqual({ path, has: false });
  });

  test('of a record of several pages is complete', async () => {
    const { id } = await t.system.create(patientNamed('試験', '多子'));
    const entry = Array.from({ length: 1203 }, () => ({
      resource: observationOf(id),
      request: { method: 'POST', url: 'Observation' },
    }));
    expect((await t.system.post('', { resourceType: 'Bundle', type: 'transaction', entry })).status).toBe(200);
    const archive = await archiveOf(t.system, id);
    expect((await verify(archive)).manifest.resources).toMatchObject({ Patient: 1, Observation: 1203 });
    const ids = (await linesIn(archive, 'Observation')).map((line) => JSON.parse(line).id);
    expect(new Set(ids).size).toBe(1203);
  });

  test('speaks the language that was asked for, and holds the other', async () => {
    const archive = await archiveOf(t.system, child, parameters({ name: 'language', valueCode: 'en' }));
    const page = await textsIn(archive, 'README.html');
    expect(page).toContain('<html lang="en">');
    expect(page).toMatch(/id="en" checked/);
    expect(page).toContain('予防接種');
    expect(await textsIn(archive, 'csv/vaccinations.csv')).toMatch(/^\uFEFFDate,Vaccine,/);
  });

  test('holds only the parts that were asked for', async () => {
    const archive = await archiveOf(t.system, child, parameters({ name: 'include', valueCode: 'fhir' }));
    const paths = [...(await filesOf(archive)).keys()];
    expect(paths.filter((path) => path.startsWith('csv/') || path.startsWith('attachments/'))).toEqual([]);
    expect(paths).toContain('fhir/Patient.ndjson');
    expect(paths).not.toContain('fhir/AuditEvent.ndjson');
  });

  test('has tables for spreadsheets, in which nothing is a formula', async () => {
    const { id } = await t.system.create(patientNamed('試験', '表子'));
    await t.system.create({
      resourceType: 'Immunization',
      status: 'completed',
      vaccineCode: { text: '=HYPERLINK("http://x")' },
      patient: { reference: `Patient/${id}` },
      occurrenceDateTime: '2026-10-01',
      lotNumber: 'A-1,"B"',
      performer: [{ actor: { reference: `Organization/${clinic}` } }],
    });
    const archive = await archiveOf(t.system, id);
    const [head, keys, row] = (await textsIn(archive, 'csv/vaccinations.csv')).split('\r\n');
    expect(head).toMatch(/^\uFEFF日付,ワクチン,/);
    expect(keys).toMatch(/^date,vaccine,dose,lot,/);
    expect(row).toContain(`2026-10-01,"'=HYPERLINK(""http://x"")",,"A-1,""B""",`);
    expect(row).toContain('見本医院');
    expect(await textsIn(archive, 'csv/everything.csv')).toContain('fhir/Immunization.ndjson,1');
  });

  test('has photos as files of their own, with endings that cannot run', async () => {
    const { id } = await t.system.create(patientNamed('試験', '写子'));
    const photo = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);
    const attached = (contentType: string) => ({
      attachment: { contentType, title: '手帳', data: photo.toString('base64') },
    });
    const document = await t.system.create({
      resourceType: 'DocumentReference',
      status: 'current',
      subject: { reference: `Patient/${id}` },
      content: [attached('image/jpeg'), attached('text/html')],
    });
    const files = await filesOf(await archiveOf(t.system, id));
    const paths = [...files.keys()].filter((path) => path.startsWith('attachments/'));
    expect(paths).toEqual([
      `attachments/0001-DocumentReference-${document.id}.jpg`,
      `attachments/0002-DocumentReference-${document.id}.bin`,
    ]);
    expect(files.get(paths[0] ?? '')).toEqual(photo);
    expect(files.get('fhir/DocumentReference.ndjson')?.toString()).toContain(photo.toString('base64'));
  });

  test('has older versions and deletes as entries of a history, and who looked at the record', async () => {
    const { id } = await t.system.create(patientNamed('試験', '史子'));
    const { id: weight } = await t.system.create(observationOf(id));
    const changed = { ...observationOf(id, { note: [{ text: '訂正' }] }), id: weight };
    expect((await t.system.put(`Observation/${weight}`, changed)).status).toBe(200);
    const gone = await t.system.create(observationOf(id));
    expect((await t.system.delete(`Observation/${gone.id}`)).status).toBeLessThan(300);
    const archive = await archiveOf(t.system, id);
    const told = (await linesIn(archive, 'history')).map((line) => {
      const { request, response, fullUrl } = JSON.parse(line);
      return `${request.method} ${fullUrl.split('/').at(-1)} ${response.etag}`;
    });
    expect(told.sort()).toEqual([`DELETE ${gone.id} W/"2"`, `POST ${gone.id} W/"1"`, `POST ${weight} W/"1"`].sort());
    const log = (await linesIn(archive, 'AuditEvent')).map((line) => JSON.parse(line));
    expect(log.length).toBeGreaterThan(3);
    expect(log.every(({ resourceType }) => resourceType === 'AuditEvent')).toBe(true);
    expect((await verify(archive)).manifest.resources).toMatchObject({ Observation: 1, AuditEvent: log.length });
  });

  test.each([
    [{ name: 'language', valueCode: 'fr' }],
    [{ name: 'language', valueString: 'ja' }],
    [{ name: 'include', valueCode: 'xml' }],
    [{ name: 'format', valueCode: 'zip' }],
  ])('refuses what it cannot make: %j', async (parameter) => {
    const { status, body } = await t.system.post(`Patient/${child}/$archive`, parameters(parameter));
    expect(status).toBe(400);
    expect(body.issue[0]?.code).toBe('not-supported');
  });

  test('begins anew where one that was cut off has left its parts', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tsumugi-archive-'));
    await mkdir(join(folder, 'parts', 'fhir'), { recursive: true });
    await writeFile(join(folder, 'parts', 'fhir', 'Patient.ndjson'), 'half a li');
    await writeFile(join(folder, 'archive.zip.part'), 'half a ZIP');
    const fhir = createFhir({ pool: t.pool, baseUrl: () => 'https://tsumugi.test', cursorKey: new Uint8Array(32) });
    const { run } = archiveWork({
      keys: await loadArchiveKeys((name, make) => secret(t.pool, name, make)),
      version: 'test',
    });
    const said: string[] = [];
    await run({
      ...{ fhir, id: 'x', client: 'test', access: systemAccess('test'), language: 'ja', folder, state: {} },
      request: { patient: child, language: 'ja', include: ['csv'] },
      save: async (_, words) => void said.push(words),
      fileUrl: (name) => name,
      signal: new AbortController().signal,
    });
    expect(await readdir(folder)).toEqual(['archive.zip']);
    const archive = await readFile(join(folder, 'archive.zip'));
    expect((await verify(archive)).manifest.resources).toMatchObject({ Patient: 1 });
    expect(await linesIn(archive, 'Patient')).toHaveLength(1);
    expect(said[0]).toMatch(/^reading: \d+ resources$/);
    await rm(folder, { recursive: true });
  });

  test('is made by one server and fetched from another', async () => {
    const second = await t.second();
    const path = await downloadPath(t.system, await ask(t.system, child));
    const response = await second.app.inject({
      url: `/fhir/${path}`,
      headers: { authorization: `Bearer ${t.system.token}` },
    });
    const here = (await t.app.inject({ url: '/.well-known/jwks.json' })).json();
    expect((await verify(response.rawPayload, here.keys[0].kid)).manifest.patient).toBe(`Patient/${child}`);
    await second.close();
  });

  test('leaves its audit rows: asked for, and fetched', async () => {
    const caller = await t.caller('patient/*.rs', { patient: child, client: 'audited-app' });
    await archiveOf(caller, child);
    const { rows } = await t.pool.query("select interaction from audit where client = 'audited-app' order by id");
    expect(rows.map(({ interaction }) => interaction)).toEqual(['archive', 'archive-download']);
  });
});

describe('the access to an archive', () => {
  test('is the caller’s: one patient’s app gets that patient, and no other', async () => {
    const family = await t.caller('patient/*.rs', { patient: child });
    const { manifest } = await verify(await archiveOf(family, child));
    expect(manifest.complete).toBe(true);
    expect(manifest.resources).toMatchObject({ Patient: 1, Organization: 2 });
    for (const id of [other, 'nobody']) {
      const { status, text } = await family.send('POST', `Patient/${id}/$archive`);
      expect(status).toBe(404);
      expect(text.replace(id, 'ID')).toBe(
        (await family.send('POST', 'Patient/none/$archive')).text.replace('none', 'ID'),
      );
    }
  });

  test('shows in the archive when it is not everything', async () => {
    const partial = await t.caller('patient/Patient.rs', { patient: child });
    const archive = await archiveOf(partial, child);
    const { manifest } = await verify(archive);
    expect(manifest).toMatchObject({ complete: false, types: ['Patient'], resources: { Patient: 1 } });
    expect(await textsIn(archive, 'README.html')).toContain('which need not be all of the record');
  });

  test('needs a token at every step', async () => {
    const statusPath = await ask(t.system, child);
    const nobody = t.withToken(undefined);
    expect((await nobody.send('POST', `Patient/${child}/$archive`)).status).toBe(401);
    expect((await nobody.get(statusPath)).status).toBe(401);
    expect((await nobody.get(await downloadPath(t.system, statusPath))).status).toBe(401);
  });

  test('is not lent with the address: another client, even one with every right, gets 404', async () => {
    const family = await t.caller('patient/*.rs', { patient: child, client: 'family' });
    const statusPath = await ask(family, child);
    const path = await downloadPath(family, statusPath);
    expect((await t.system.get(statusPath)).status).toBe(404);
    expect((await t.system.get(path)).status).toBe(404);
    const sibling = await t.caller('patient/*.rs', { patient: other, client: 'family' });
    expect((await sibling.get(statusPath)).status).toBe(404);
    expect((await sibling.get(path)).status).toBe(404);
  });

  test('is decided again at the download: a patient deleted meanwhile is not handed out', async () => {
    const { id } = await t.system.create(patientNamed('試験', '消子'));
    const path = await downloadPath(t.system, await ask(t.system, id));
    expect((await t.system.delete(`Patient/${id}`)).status).toBeLessThan(300);
    expect((await t.system.get(path)).status).toBe(404);
  });

  test('is not given inside a batch', async () => {
    const path = await downloadPath(t.system, await ask(t.system, child));
    const entry = [{ request: { method: 'GET', url: path } }];
    const { body } = await t.system.post('', { resourceType: 'Bundle', type: 'batch', entry });
    expect(body.entry[0]?.response.status).toBe('422');
  });
});

test('the published keys show nothing private, and are the same on every server', async () => {
  const second = await t.second();
  const response = await t.app.inject({ url: '/.well-known/jwks.json' });
  expect(response.headers['content-type']).toMatch(/^application\/jwk-set\+json/);
  const { keys } = response.json();
  expect(keys).toHaveLength(1);
  expect(Object.keys(keys[0]).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  expect((await second.app.inject({ url: '/.well-known/jwks.json' })).json()).toEqual({ keys });
  const root = await t.app.inject({ url: '/.well-known/archive-root.pem' });
  expect(root.headers['content-type']).toBe('application/pem-certificate-chain');
  expect(new X509Certificate(root.body).subject).toBe('CN=Tsumugi archive root');
  expect(root.body).not.toContain('PRIVATE');
  expect((await second.app.inject({ url: '/.well-known/archive-root.pem' })).body).toBe(root.body);
  await second.close();
});
