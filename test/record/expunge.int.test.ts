// $expunge: after it, no table of the database holds anything of the patient but keys in the audit, and the receipt says so.
import { createHash } from 'node:crypto';
import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, observationOf, patientNamed, type Response, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

const expunge = (path: string, confirm: string | undefined, caller: Caller = t.system) =>
  caller.post(`${path}/$expunge`, {
    resourceType: 'Parameters',
    parameter: confirm === undefined ? [] : [{ name: 'confirm', valueString: confirm }],
  });
type Part = { name: string; valueString?: string; valueInteger?: number; part?: Part[]; valueCode?: string };
const partsOf = ({ body }: Response) => (body as unknown as { parameter: Part[] }).parameter;
const counts = (answer: Response, name: string) =>
  Object.fromEntries(
    partsOf(answer)
      .filter((one) => one.name === name)
      .map(({ part }) => [part?.[0]?.valueCode, part?.[1]?.valueInteger]),
  );

/** The tables with a row that shows one of these texts, as it is or as the bytes of an original. */
async function tablesWith(...texts: string[]): Promise<string[]> {
  const { rows } = await t.pool.query("select table_name from information_schema.tables where table_schema = 'public'");
  const found: string[] = [];
  for (const { table_name: table } of rows) {
    const wanted = texts.flatMap((text) => [text, Buffer.from(text).toString('hex')]);
    const { rows: hits } = await t.pool.query(
      `select 1 from ${table} x where exists (select from unnest($1::text[]) w where strpos(x::text, w) > 0) limit 1`,
      [wanted],
    );
    if (hits.length > 0) found.push(table);
  }
  return found.sort();
}

/** A patient with something in every table that can hold anything of a patient. */
async function lifeOf(id: string, family: string) {
  const identifier = [{ system: 'urn:clinic', value: `number-of-${family}` }];
  await t.system.put(`Patient/${id}`, { ...patientNamed(family, '花子', { identifier }), id });
  await t.system.put(`Patient/${id}`, { ...patientNamed(`${family}旧`, '花子', { identifier }), id });
  const own = await t.caller('patient/*.cruds', { patient: id });
  const note = (text: string) => ({ note: [{ text: `${family}の${text}` }] });
  const observation = (await own.create(observationOf(id, note('一')))).id;
  await own.put(`Observation/${observation}`, { ...observationOf(id, note('二')), id: observation });
  const gone = (await own.create(observationOf(id, note('三')))).id;
  await own.delete(`Observation/${gone}`);
  const organization = (await t.system.create({ resourceType: 'Organization', name: '見本医院' })).id;
  const number = { system: 'urn:hospital', value: `hospital-number-of-${family}` };
  const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
  const original = (text: string) => ({
    name: 'original',
    resource: { resourceType: 'Binary', contentType: 'text/plain', data: Buffer.from(text).toString('base64') },
  });
  const record = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [{ resource: observationOf(id, note('四')), request: { method: 'POST', url: 'Observation' } }],
  };
  const to = (patient: object, text: string) =>
    t.system.post(
      '$deliver',
      parameters({ name: 'patient', ...patient }, original(text), { name: 'record', resource: record }),
    );
  expect((await to({ valueReference: { reference: `Patient/${id}` } }, `${family}の原本`)).status).toBe(200);
  expect((await to({ valueIdentifier: number }, `${family}の封書`)).status).toBe(202);
  const code = await t.system.post(
    `Organization/${organization}/$link-code`,
    parameters({ name: 'identifier', valueIdentifier: number }),
  );
  const given = partsOf(code).find(({ name }) => name === 'code')?.valueString;
  const linked = await own.post(`Patient/${id}/$link-facility`, parameters({ name: 'code', valueString: given }));
  expect(linked.status).toBe(200);
  return { id, own, observation, gone };
}

describe('$expunge of a patient', () => {
  test.each(['chosen', 'made'])('leaves nothing of a record with a %s id, in any table', async (kind) => {
    const family = `消去${kind}`;
    const id = kind === 'chosen' ? 'chosen-to-go' : (await t.system.create(patientNamed(family, '花子'))).id;
    const { own, observation, gone } = await lifeOf(id, family);
    const other = await lifeOf(`stays-${kind}`, `存続${kind}`);
    const before = await tablesWith(family);
    expect(before).toEqual(
      expect.arrayContaining(['held', 'history', 'link', 'link_code', 'past', 'resource', 'words']),
    );
    const everything = (await t.system.get(`Patient/${other.id}/$everything`)).text;

    const answer = await expunge(`Patient/${id}`, id);
    expect({ status: answer.status, text: answer.status === 200 ? '' : answer.text }).toEqual({
      status: 200,
      text: '',
    });
    expect(await tablesWith(family)).toEqual([]);
    // Ids that the server made are the keys that the audit keeps.
    expect(await tablesWith(id)).toEqual(kind === 'chosen' ? [] : ['audit', 'erased_key']);
    expect(await tablesWith(observation, gone)).toEqual(['audit']);

    for (const path of [`Patient/${id}`, `Observation/${observation}`, `Observation/${gone}`]) {
      for (const more of ['', '/_history', '/_history/1', '/$meta'])
        expect({ path: path + more, status: (await t.system.get(path + more)).status }).toEqual({
          path: path + more,
          status: 404,
        });
    }
    expect((await t.system.get(`Patient/${id}/$everything`)).status).toBe(404);
    expect((await t.system.get(`Observation?patient=${id}&_summary=count`)).body.total).toBe(0);
    for (const path of ['_history?_count=1000', 'Observation/_history?_count=1000', 'Observation?_count=1000'])
      expect((await t.system.get(path)).text).not.toContain(id);
    // The tokens of its apps have ended, and nobody else's record has changed.
    expect((await own.get('Observation')).status).toBe(401);
    expect((await t.system.get(`Patient/${other.id}/$everything`)).text).toBe(everything);
    expect((await other.own.get(`Patient/${other.id}`)).status).toBe(200);
    // A second time there is nothing.
    expect((await expunge(`Patient/${id}`, id)).status).toBe(404);
  });

  test('answers with counts and a receipt that anybody can check and only who knows the id can read', async () => {
    const { id } = await lifeOf('receipt', '受領');
    const answer = await expunge(`Patient/${id}`, id);
    const rows = counts(answer, 'rows');
    expect(rows).toMatchObject({ resource: expect.any(Number), held: 2, link: 1, link_code: 1, alias: 1, token: 1 });
    expect(counts(answer, 'versions')).toMatchObject({ Patient: 3, Observation: 6, Consent: 1 });
    const jwks = (await t.app.inject({ url: '/.well-known/jwks.json' })).json() as JSONWebKeySet;
    const jws = partsOf(answer).find(({ name }) => name === 'receipt')?.valueString ?? '';
    const { payload } = await compactVerify(jws, createLocalJWKSet(jwks));
    const receipt = JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>;
    expect(receipt).toMatchObject({
      issuer: t.base,
      erased: createHash('sha256').update(`${t.base}/Patient/${id}`).digest('hex'),
      at: new Date(t.clock.nowMs).toISOString(),
      rows,
      versions: counts(answer, 'versions'),
    });
    expect(JSON.stringify(receipt)).not.toContain('Patient/');
    const { rows: audit } = await t.pool.query(
      "select client, request from audit where interaction = 'expunge' order by id desc limit 1",
    );
    expect(audit).toEqual([{ client: 'test-system', request: receipt.request }]);
  });

  test('leaves what another patient shares to that patient, without a word of the erased one', async () => {
    const goes = (await t.system.create(patientNamed('共有消去', '花子'))).id;
    const stays = (await t.system.create(patientNamed('共有存続', '太郎'))).id;
    const named = (id: string, display: string) => ({ reference: `Patient/${id}`, display });
    const appointment = (...ids: [string, string][]) => ({
      resourceType: 'Appointment',
      status: 'booked',
      start: '2026-12-01T10:00:00+09:00',
      end: '2026-12-01T10:30:00+09:00',
      participant: ids.map(([id, name]) => ({ actor: named(id, name), status: 'accepted' })),
    });
    const both: [string, string][] = [
      [goes, '共有消去 花子'],
      [stays, '共有存続 太郎'],
    ];
    const made = [];
    for (const order of [both, both.toReversed()]) {
      const { id } = await t.system.create(appointment(...order));
      await t.system.put(`Appointment/${id}`, { ...appointment(...order), status: 'arrived', id });
      made.push(id);
    }
    const deleted = (await t.system.create(appointment(...both.toReversed()))).id;
    await t.system.delete(`Appointment/${deleted}`);
    const own = await t.caller('patient/*.rs', { patient: stays });

    const answer = await expunge(`Patient/${goes}`, goes);
    expect(partsOf(answer).find(({ name }) => name === 'rewritten')?.valueInteger).toBe(2);
    expect(await tablesWith('共有消去')).toEqual([]);
    expect(await tablesWith(goes)).toEqual(['audit', 'erased_key']);
    for (const id of made) {
      const { status, body, text } = await own.get(`Appointment/${id}`);
      expect(status).toBe(200);
      expect(text).toContain('共有存続');
      expect(body.meta.versionId).toBe('3');
      const history = (await own.get(`Appointment/${id}/_history`)).body.entry;
      expect(history.map(({ response }) => response.etag)).toEqual(['W/"3"']);
    }
    expect((await own.get(`Appointment?patient=${stays}&_summary=count`)).body.total).toBe(2);
    expect((await own.get(`Appointment/${deleted}`)).status).toBe(404);
  });
});

describe('$expunge of one resource', () => {
  test('erases it with its versions, and nothing else', async () => {
    const { id: patient } = await t.system.create(patientNamed('単独', '花子'));
    const { id } = await t.system.create(observationOf(patient, { note: [{ text: '一件消去' }] }));
    await t.system.put(`Observation/${id}`, { ...observationOf(patient, { note: [{ text: '一件消去、二' }] }), id });
    const { id: other } = await t.system.create(observationOf(patient));
    expect((await expunge(`Patient/${id}`, id)).status).toBe(404);
    const answer = await expunge(`Observation/${id}`, id);
    expect(counts(answer, 'versions')).toEqual({ Observation: 2 });
    expect(await tablesWith('一件消去')).toEqual([]);
    expect(await tablesWith(id)).toEqual(['audit']);
    expect((await t.system.get(`Observation/${id}`)).status).toBe(404);
    expect((await t.system.get(`Observation/${other}`)).status).toBe(200);
  });
});

describe('who may', () => {
  test.each([
    ['system/*.cruds', 200],
    ['system/*.d', 200],
    ['system/*.crus', 403],
    ['system/Patient.cruds system/Observation.cruds', 403],
    ['patient/*.cruds', 403],
  ])('%s: %i', async (scope, status) => {
    const { id } = await t.system.create(patientNamed('権利', '花子'));
    const caller = await t.caller(scope, scope.startsWith('patient') ? { patient: id } : {});
    expect((await expunge(`Patient/${id}`, id, caller)).status).toBe(status);
    expect((await t.system.get(`Patient/${id}`)).status).toBe(status === 200 ? 404 : 200);
    // Whoever may not is told the same of what is not there.
    expect((await expunge('Patient/never-was', 'never-was', caller)).status).toBe(status === 200 ? 404 : 403);
  });

  test('not without naming the id once more', async () => {
    const { id } = await t.system.create(patientNamed('確認', '花子'));
    for (const confirm of [undefined, '', 'another'])
      expect((await expunge(`Patient/${id}`, confirm)).status).toBe(400);
    expect((await t.system.post(`Patient/${id}/$expunge`, undefined)).status).toBe(400);
    expect((await t.system.get(`Patient/${id}`)).status).toBe(200);
  });
});
