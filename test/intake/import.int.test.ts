// Patient/[id]/$import: files that a family downloaded, with the family's own rights.
import { zipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Caller, patientNamed, startApp, type TestApp } from '../support/app.ts';
import { checkupCda } from '../support/samples/checkup-cda.ts';
import { mchJson, vaccinationJson } from '../support/samples/myna.ts';

let t: TestApp;
let mother: Caller;
let [child, own] = ['', ''];
beforeAll(async () => {
  t = await startApp();
  child = (await t.system.create(patientNamed('試験', 'ひかり', { birthDate: '2026-07-10' }))).id;
  own = (await t.system.create(patientNamed('試験', '花子', { birthDate: '1990-01-01' }))).id;
  mother = await t.caller('patient/*.cruds', { patient: child });
});
afterAll(() => t.close());

const file = (bytes: Uint8Array) => ({
  name: 'file',
  resource: {
    resourceType: 'Binary',
    contentType: 'application/octet-stream',
    data: Buffer.from(bytes).toString('base64'),
  },
});
const give = (caller: Caller, id: string, ...parameter: object[]) =>
  caller.post(`Patient/${id}/$import`, { resourceType: 'Parameters', parameter });
const fates = ({ body }: Awaited<ReturnType<typeof give>>) =>
  body.parameter.map(
    ({ part }) => (part as { name: string; valueCode?: string }[]).find(({ name }) => name === 'fate')?.valueCode,
  );

test('takes a vaccination history into the record of the child, once', async () => {
  for (let n = 0; n < 2; n++) {
    const answer = await give(mother, child, file(vaccinationJson()));
    expect([answer.status, fates(answer)]).toEqual([200, ['stored']]);
  }
  expect((await mother.get(`Immunization?patient=${child}`)).body.total).toBe(2);
  const { rows } = await t.pool.query("select count(*)::int as n from held where fate = 'stored'");
  expect(rows).toEqual([{ n: 1 }]);
});

test('takes what is the mother’s into hers only with the right to both, and nothing else of it either', async () => {
  const named = { name: 'mother', valueReference: { reference: `Patient/${own}` } };
  expect((await give(mother, child, file(mchJson()), named)).status).toBe(403);
  expect((await t.system.get(`DiagnosticReport?patient=${child}`)).body.total).toBe(0);
  expect(fates(await give(t.system, child, file(mchJson()), named))).toEqual(['stored', 'stored']);
  expect((await t.system.get(`DiagnosticReport?patient=${own}`)).body.total).toBe(1);
});

test('keeps what it cannot read, and says why', async () => {
  const answer = await give(mother, child, file(Buffer.from('nothing known')));
  expect([answer.status, fates(answer)]).toEqual([200, ['refused']]);
  expect(answer.text).toContain('not a header row of phr-import/1');
  const bomb = await give(mother, child, file(zipSync({ a: new Uint8Array(9 << 20) })));
  expect(bomb.text).toContain('The archive is too large.');
});

test('keeps no My Number that an archive hides', async () => {
  const xml = checkupCda((text) => text.replace('試験の所見', '個人番号 123456789018'));
  const answer = await give(mother, child, file(zipSync({ 'h.xml': xml })));
  expect(fates(answer)).toEqual(['refused']);
  const { rows } = await t.pool.query(
    "select count(*)::int as n from held where position('123456789018'::bytea in original) > 0",
  );
  expect(rows).toEqual([{ n: 0 }]);
});

test.each<[string, object[]]>([
  ['no file', []],
  ['an empty file', [file(Buffer.of())]],
  [
    'a mother who is none',
    [file(vaccinationJson()), { name: 'mother', valueReference: { reference: 'Organization/x' } }],
  ],
  ['another parameter', [file(vaccinationJson()), { name: 'father', valueString: 'x' }]],
])('refuses %s', async (_, parameter) => {
  expect((await give(mother, child, ...parameter)).status).toBe(400);
});

test('a reader may not', async () => {
  const reader = await t.caller('patient/*.rs', { patient: child });
  expect((await give(reader, child, file(vaccinationJson()))).status).toBe(403);
});

test('takes it from a parent who has logged in, into the record of an own child and no other', async () => {
  const parent = await t.caller('user/*.cruds', { user: 'Person/import-mother', client: 'app' });
  const { id } = await parent.create(patientNamed('試験', 'ひかり', { birthDate: '2026-07-10' }));
  const answer = await give(parent, id, file(vaccinationJson()));
  expect([answer.status, fates(answer)]).toEqual([200, ['stored']]);
  expect((await parent.get(`Immunization?patient=${id}`)).body.total).toBe(2);
  expect((await parent.get(`Provenance?patient=${id}`)).body.total).toBe(1);
  const made = { resourceType: 'Provenance', target: [{ reference: `Patient/${id}` }] };
  const own = { ...made, recorded: '2026-09-15T00:00:00Z', agent: [{ who: { display: '母' } }] };
  expect((await parent.post('Provenance', own)).status).toBe(403);
  const stranger = await t.caller('user/*.cruds', { user: 'Person/import-stranger', client: 'app' });
  for (const bytes of [vaccinationJson(), Buffer.from('another file')])
    expect((await give(stranger, id, file(bytes))).status).toBe(403);
  expect((await parent.get(`Immunization?patient=${id}`)).body.total).toBe(2);
});
