// `tsumugi import ARCHIVE.zip`: a record out of one server and into another, which is empty.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { importCommand } from '../../server/cli/import.ts';
import { observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';
import { fetchedArchive } from './archives.ts';
import { archiveOf, filesOf, newKey, verify } from './sample.ts';

let old: TestApp;
let fresh: TestApp;
let child: string;
let weight: string;
let gone: string;
let key: string;
const folder = mkdtempSync(join(tmpdir(), 'tsumugi-import-archive-'));
const file = join(folder, 'record.zip');

beforeAll(async () => {
  // Vite sets this name for its own use.
  vi.stubEnv('BASE_URL', '');
  old = await startApp();
  fresh = await startApp({ listens: true });
  const clinic = await old.system.create({ resourceType: 'Organization', name: '見本医院' });
  child = (
    await old.system.create(
      patientNamed('試験', '花子', {
        birthDate: '2026-01-02',
        managingOrganization: { reference: `Organization/${clinic.id}` },
      }),
    )
  ).id;
  const text = JSON.stringify(observationOf(child, { valueQuantity: { value: 0, unit: 'kg' } })).replace(
    '"value":0',
    '"value":3.50',
  );
  const first = await old.system.post('Observation', text);
  weight = first.body.id;
  const second = first.text.replace('3.50', '3.450');
  expect((await old.system.put(`Observation/${weight}`, second)).status).toBe(200);
  gone = (await old.system.create(observationOf(child))).id;
  await old.system.delete(`Observation/${gone}`);
  await old.system.create({
    resourceType: 'DocumentReference',
    status: 'current',
    subject: { reference: `Patient/${child}` },
    contained: [{ resourceType: 'Practitioner', id: 'writer', name: [{ text: '見本 医師' }] }],
    author: [{ reference: '#writer' }],
    extension: [{ url: 'urn:test:note', valueString: 'x' }],
    content: [{ attachment: { contentType: 'image/png', data: Buffer.from('picture').toString('base64') } }],
  });
  const chosen = { ...observationOf(child), id: 'chosen-by-client' };
  expect((await old.system.put('Observation/chosen-by-client', chosen)).status).toBe(201);
  const archive = await fetchedArchive(old, old.system, child);
  key = (await verify(archive)).thumbprint;
  writeFileSync(file, archive);
});
afterAll(async () => {
  await old.close();
  await fresh.close();
  rmSync(folder, { recursive: true });
});

async function run(path: string, ...args: string[]) {
  const [lines, errors]: [string[], string[]] = [[], []];
  const out = { line: (text: string) => lines.push(text), error: (text: string) => errors.push(text) };
  const server = fresh.base.replace(/\/fhir$/, '');
  const code = await importCommand.run([path, '--server', server, '--token', fresh.system.token ?? '', ...args], out);
  return { code, lines, errors };
}

/** The texts of the record, but for when a version was stored, which every server says of itself. */
async function recordOf(t: TestApp): Promise<Map<string, string>> {
  const files = await filesOf(await fetchedArchive(t, t.system, child));
  const record = [...files].filter(([path]) => path.startsWith('fhir/') && path !== 'fhir/AuditEvent.ndjson');
  const timeless = (content: Buffer) =>
    content
      .toString()
      .replaceAll(/"(lastUpdated|lastModified)":"[^"]*"/g, '"$1":""')
      .replaceAll('"method":"POST","url":"Observation"', `"method":"PUT","url":"Observation/${weight}"`)
      .replaceAll(t.base, 'BASE')
      .split('\n')
      .sort()
      .join('\n');
  return new Map(record.map(([path, content]) => [path, timeless(content)]));
}

describe('import of an archive', () => {
  test('is refused, with nothing stored, when it is not valid or nobody vouches for its key', async () => {
    const damaged = join(folder, 'damaged.zip');
    const bytes = Buffer.from(await archiveOf(await newKey()));
    bytes[60] = (bytes[60] ?? 0) ^ 1;
    writeFileSync(damaged, bytes);
    expect(await run(damaged, '--trust')).toMatchObject({
      code: 1,
      errors: [expect.stringMatching(/damaged\.zip: INVALID: README\.txt: its .*; nothing was imported$/)],
    });
    // As one in 64 does, it begins with a dash.
    const other = `-${'A'.repeat(42)}`;
    expect((await run(file, '--key', other)).errors[0]).toContain(`it was signed by the key ${key}, not by ${other}`);
    await expect(run(file)).rejects.toThrow(`it was signed by the key ${key}, which this server does not publish`);
    expect((await fresh.system.get(`Patient/${child}`)).status).toBe(404);
  });

  test('gives the same record: ids, content, digits, versions and deletes', async () => {
    expect(await run(file, '--key', key)).toEqual({ code: 0, lines: ['6 stored, 0 unchanged, 0 refused'], errors: [] });
    expect(await recordOf(fresh)).toEqual(await recordOf(old));
    expect((await fresh.system.get(`Observation/${weight}/_history/1`)).text).toContain('3.50,');
    expect((await fresh.system.get(`Observation/${weight}`)).text).toContain('3.450,');
    expect((await fresh.system.get(`Observation/${gone}`)).status).toBe(410);
  });

  test('changes nothing when it is done again', async () => {
    const { rows } = await fresh.pool.query('select count(*) from history');
    expect(await run(file, '--key', key)).toMatchObject({ code: 0, lines: ['0 stored, 6 unchanged, 0 refused'] });
    expect((await fresh.pool.query('select count(*) from history')).rows).toEqual(rows);
  });

  test('keeps what the server has and names what differs', async () => {
    const { text } = await fresh.system.get('Observation/chosen-by-client');
    const changed = text.replace('"status":"final"', '"status":"amended"');
    expect((await fresh.system.put('Observation/chosen-by-client', changed)).status).toBe(200);
    expect(await run(file, '--trust')).toEqual({
      code: 1,
      lines: ['0 stored, 5 unchanged, 1 refused'],
      errors: ['Observation/chosen-by-client: it is another one on this server, which stays as it is'],
    });
  });

  test('says what is wrong with a call', async () => {
    await expect(importCommand.run([file, '--key', 'short'], { line: () => {}, error: () => {} })).resolves.toBe(2);
  });
});
