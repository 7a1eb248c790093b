// Patient/[id]/$archive from the request to the ZIP. FHIR R4 asynchronous pattern, https://hl7.org/fhir/R4/async.html
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';
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

const pathOf = (address: unknown): string => {
  expect(address).toMatch(/^https:\/\/tsumugi\.test\/fhir\/\$archive-/);
  return String(address).slice(`${t.base}/`.length);
};
const ask = async (caller: Caller, patient: string, body?: unknown) => {
  const { status, headers, text } = await caller.send('POST', `Patient/${patient}/$archive`, body);
  expect({ status, text }).toEqual({ status: 202, text: '' });
  return pathOf(headers['content-location']);
};
const downloadPath = async (caller: Caller, statusPath: string) => {
  const { status, body } = await caller.get(statusPath);
  expect(status).toBe(200);
  return pathOf((body.output as { url: string }[])[0]?.url);
};
const download = (caller: Caller, path: string) =>
  t.app.inject({
    url: `/fhir/${path}`,
    headers: { authorization: `Bearer ${caller.token}`, accept: 'application/zip' },
  });
const archiveOf = async (caller: Caller, patient: string, body?: unknown) => {
  const response = await download(caller, await downloadPath(caller, await ask(caller, patient, body)));
  expect(response.statusCode).toBe(200);
  expect(response.headers['content-type']).toBe('application/zip');
  return response.rawPayload;
};
const bundleIn = async (archive: Buffer) => (await filesOf(archive)).get('fhir/bundle.json')?.toString() ?? '';
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
    expect(manifest.resources).toEqual({ Patient: 1, Observation: 1, Organization: 2 });

    const bundle = await bundleIn(archive);
    expect(bundle).toContain('"value":3.50');
    const stored = (await t.system.get(`Patient/${child}`)).text;
    expect(bundle).toContain(`{"fullUrl":"${t.base}/Patient/${child}","resource":${stored}}`);
    expect(bundle).not.toContain(other);
    const { type, entry } = JSON.parse(bundle);
    expect(type).toBe('collection');
    expect(entry).toHaveLength(4);
  });

  test('of a record of several pages is complete', async () => {
    const { id } = await t.system.create(patientNamed('試験', '多子'));
    const entry = Array.from({ length: 1203 }, () => ({
      resource: observationOf(id),
      request: { method: 'POST', url: 'Observation' },
    }));
    expect((await t.system.post('', { resourceType: 'Bundle', type: 'transaction', entry })).status).toBe(200);
    const archive = await archiveOf(t.system, id);
    expect((await verify(archive)).manifest.resources).toEqual({ Patient: 1, Observation: 1203 });
    const ids = JSON.parse(await bundleIn(archive)).entry.map((one: { fullUrl: string }) => one.fullUrl);
    expect(new Set(ids).size).toBe(1204);
  });

  test('puts the language that was asked for first', async () => {
    const readme = async (body?: unknown) =>
      (await filesOf(await archiveOf(t.system, child, body))).get('README.txt')?.toString() ?? '';
    expect(await readme()).toMatch(/^つむぎ[\s\S]+\nTsumugi archive/);
    const english = parameters({ name: 'language', valueCode: 'en' }, { name: 'include', valueCode: 'fhir' });
    expect(await readme(english)).toMatch(/^Tsumugi archive[\s\S]+\nつむぎ/);
  });

  test.each([
    [{ name: 'language', valueCode: 'fr' }],
    [{ name: 'language', valueString: 'ja' }],
    [{ name: 'include', valueCode: 'pdf' }],
    [{ name: 'format', valueCode: 'zip' }],
  ])('refuses what it cannot make: %j', async (parameter) => {
    const { status, body } = await t.system.post(`Patient/${child}/$archive`, parameters(parameter));
    expect(status).toBe(400);
    expect(body.issue[0]?.code).toBe('not-supported');
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
    expect((await filesOf(archive)).get('README.txt')?.toString()).toContain('part of the record');
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

  test('ends after an hour, and a made-up ticket opens nothing', async () => {
    const statusPath = await ask(t.system, child);
    const changed = statusPath.slice(0, -3) + (statusPath.endsWith('AAA') ? 'BBB' : 'AAA');
    for (const path of [changed, '$archive-status?id=x', '$archive-download?id=x', '$archive-status'])
      expect((await t.system.get(path)).status).toBe(404);
    t.clock.nowMs += 3_599_000;
    expect((await t.system.get(statusPath)).status).toBe(200);
    t.clock.nowMs += 1_000;
    expect((await t.system.get(statusPath)).status).toBe(404);
    t.clock.nowMs -= 3_600_000;
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
  await second.close();
});
