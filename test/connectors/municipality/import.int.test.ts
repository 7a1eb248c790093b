// Municipal files by the command, into a real server: previewed, imported, imported again, corrected, withdrawn, waiting.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { birthColumns } from '../../../mappings/municipality/birth-columns.ts';
import { checkupColumns } from '../../../mappings/municipality/checkup-columns.ts';
import { importCommand } from '../../../server/cli/import.ts';
import { replayCommand } from '../../../server/cli/replay.ts';
import { type Caller, patientNamed, startApp, type TestApp } from '../../support/app.ts';
import { births, checkups, doses, ledgerFile, type SampleRow, settings } from '../../support/samples/municipality.ts';

let t: TestApp;
let city: Caller;
let cityId: string;
let folder: string;
beforeAll(async () => {
  vi.stubEnv('BASE_URL', undefined);
  t = await startApp({ listens: true });
  const type = [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/organization-type', code: 'govt' }] }];
  cityId = (await t.system.create({ resourceType: 'Organization', name: '見本市', type })).id;
  city = await t.caller('system/*.cruds', { organization: cityId, client: 'city' });
  folder = await mkdtemp(join(tmpdir(), 'tsumugi-ledger-'));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await t.close();
  await rm(folder, { recursive: true });
});

async function run(rows: readonly SampleRow[] | Uint8Array, ...args: string[]) {
  const path = join(folder, 'ledger.csv');
  await writeFile(path, rows instanceof Uint8Array ? rows : ledgerFile(rows));
  const lines: string[] = [];
  const errors: string[] = [];
  const out = { line: (text: string) => lines.push(text), error: (text: string) => errors.push(text) };
  const server = t.base.replace(/\/fhir$/, '');
  const given = ['--format', 'municipality', '--kind', 'vaccinations', '--system', settings.system];
  const code = await importCommand.run([path, ...given, '--server', server, '--token', city.token ?? '', ...args], out);
  return { code, last: lines.at(-1), lines, errors };
}

/** A child of the city whose number is linked, and rows about them. */
let number = '';
const about = (rows: readonly SampleRow[]): SampleRow[] =>
  rows.map((row) => ({ ...row, childId: number, historyKey: `${number}.${row.historyKey}` }));
async function linked(): Promise<string> {
  const { id } = await city.create(patientNamed('試験', 'ひかり', { birthDate: '2026-07-10' }));
  const answer = await city.post(`Patient/${id}/$link-facility`, {
    resourceType: 'Parameters',
    parameter: [
      { name: 'organization', valueReference: { reference: `Organization/${cityId}` } },
      { name: 'identifier', valueIdentifier: { system: settings.system, value: number } },
    ],
  });
  expect(answer.status).toBe(200);
  return id;
}
const dosesOf = async (patient: string) =>
  (await t.system.get(`Immunization?patient=${patient}&_sort=date`)).body.entry?.map(({ resource }) => resource) ?? [];
let count = 0;
beforeEach(() => {
  count += 1;
  number = `K-${count}`;
});

describe('a vaccination ledger', () => {
  it('is previewed without a change, then imported, and the same file again changes nothing', async () => {
    const id = await linked();
    const file = about(doses);
    expect(await run(file, '--preview')).toMatchObject({
      code: 0,
      last: '2 new, 0 changed, 0 unchanged, 0 waiting, 0 refused',
    });
    expect(await dosesOf(id)).toEqual([]);
    expect(await run(file)).toMatchObject({ code: 0, last: '2 stored, 0 waiting, 0 refused', errors: [] });
    const stored = await dosesOf(id);
    expect(stored).toMatchObject([
      { vaccineCode: { text: '五種混合' }, lotNumber: 'LOT0001', patient: { reference: `Patient/${id}` } },
      { vaccineCode: { text: 'ＢＣＧ' } },
    ]);
    expect(await run(file, '--preview')).toMatchObject({ last: '0 new, 0 changed, 2 unchanged, 0 waiting, 0 refused' });
    expect(await run(file)).toMatchObject({ code: 0 });
    expect(await dosesOf(id)).toEqual(stored);
  });

  it('is corrected by a later row, and a withdrawn row marks the dose', async () => {
    const id = await linked();
    await run(about(doses));
    const later = about([
      { ...doses[0], lotNumber: 'LOT9', updatedAt: '2026-11-20 10:00' },
      { ...doses[1], deleted: '1', updatedAt: '2026-11-20 10:00' },
    ]);
    expect(await run(later, '--preview')).toMatchObject({
      last: '0 new, 2 changed, 0 unchanged, 0 waiting, 0 refused',
    });
    await run(later);
    expect(await dosesOf(id)).toMatchObject([
      { status: 'completed', lotNumber: 'LOT9' },
      { status: 'entered-in-error' },
    ]);
  });

  it('waits for whom nobody has linked, and flows in with the link', async () => {
    expect(await run(about(doses), '--preview')).toMatchObject({
      last: '0 new, 0 changed, 0 unchanged, 2 waiting, 0 refused',
    });
    expect(await run(about(doses))).toMatchObject({ code: 0, last: '0 stored, 2 waiting, 0 refused' });
    expect(await dosesOf(await linked())).toHaveLength(2);
  });

  it('takes the sound rows, and reports the others by row and column in both languages', async () => {
    const id = await linked();
    const [first = {}, second = {}] = about(doses);
    const report = join(folder, 'report.csv');
    const file = [first, { ...second, date: '2026-13-01' }, { ...second, historyKey: '', deleted: '9' }];
    expect(await run(file, '--report', report)).toMatchObject({ code: 1, last: '1 stored, 0 waiting, 2 refused' });
    const [head, ...lines] = (await readFile(report, 'utf8')).split('\r\n');
    expect(head).toBe('\ufeff行,結果,列,内容,Row,Fate,What is wrong');
    expect(lines).toEqual([
      '3,拒否,実施日,日付として読めません。,3,refused,It is no date.',
      '4,拒否,履歴番号,値がありません。,4,refused,The value is missing.',
      '',
    ]);
    expect(await dosesOf(id)).toHaveLength(1);
  });

  it('keeps each row with its header row as an original that a Provenance leads to', async () => {
    const id = await linked();
    await run(about(doses).slice(0, 1));
    const [dose] = await dosesOf(id);
    const provenances = (await t.system.get(`Provenance?target=Immunization/${dose?.id}`)).text;
    const [, key] = /sid\/delivery","value":"([0-9a-f-]{36})"/.exec(provenances) ?? [];
    const kept = await city.get(`$delivery?id=${key}`);
    const original = kept.body.parameter.find(({ name }) => name === 'original')?.resource as unknown as {
      data: string;
    };
    const text = Buffer.from(original.data, 'base64').toString();
    expect(text).toMatch(/^対象者番号,.*\r\n.*LOT0001.*\r\n$/);
    expect(text).not.toContain('12345');
  });

  it('is mapped anew from its originals, with what was said of the whole file', async () => {
    const id = await linked();
    const file = about(doses).map(({ municipalityCode: _, updatedAt: __, ...row }) => row);
    await run(file, '--municipality', '139999', '--made', '2026-11-06');
    const before = await dosesOf(id);
    const lines: string[] = [];
    const out = { line: (text: string) => lines.push(text), error: (text: string) => lines.push(text) };
    const server = ['--server', t.base.replace(/\/fhir$/, ''), '--token', city.token ?? ''];
    expect(await replayCommand.run(['--fate', 'stored', ...server], out)).toBe(0);
    expect(lines.at(-1)).toMatch(/^[1-9]\d* stored, 0 waiting, 0 refused$/);
    expect(lines.join()).not.toContain('left');
    const after = await dosesOf(id);
    expect(after).toEqual(before.map((dose) => ({ ...dose, meta: after.find((one) => one.id === dose.id)?.meta })));
  });

  it('with a My Number column is refused before anything is sent', async () => {
    const file = Buffer.from(ledgerFile(about(doses)))
      .toString()
      .replace('医師', '個人番号');
    const before = await t.pool.query('select count(*) from held');
    for (const args of [[], ['--preview']]) {
      const { code, errors } = await run(Buffer.from(file), ...args);
      expect([code, errors]).toEqual([1, [expect.stringMatching(/My Number.*column 20/)]]);
    }
    expect((await t.pool.query('select count(*) from held')).rows).toEqual(before.rows);
  });

  it('never lets a row with a My Number leave as it is', async () => {
    await linked();
    const file = about([{ ...doses[0], specialReason: '123456789018' }]);
    expect(await run(file)).toMatchObject({ code: 1, last: '0 stored, 0 waiting, 1 refused' });
    const { rows } = await t.pool.query(
      "select original from held where position('123456789018'::bytea in original) > 0",
    );
    expect(rows).toEqual([]);
  });

  it.each([
    [['--kind', 'taxes'], '--kind must be one of'],
    [['--system', 'K'], '--system must be the URI'],
    [['--municipality', '1'], '--municipality must be'],
    [['--made', 'soon'], '--made must be'],
    [['--report', '/no/such/folder/report.csv'], 'cannot be written'],
    [['--moon'], 'moon'],
  ])('is not touched by a wrong call %s', async (args, message) => {
    const { code, errors } = await run(doses, ...args);
    expect([code, errors]).toEqual([2, [expect.stringContaining(message)]]);
  });

  it('needs to know when the file was made, where its rows do not say when they were changed', async () => {
    await linked();
    const file = about(doses.map(({ updatedAt: _, ...dose }) => dose));
    expect((await run(file, '--preview')).last).toContain('2 refused');
    expect(await run(file, '--made', '2026-10-05', '--preview')).toMatchObject({ code: 0 });
  });
});

describe('a birth list', () => {
  const list = (change: SampleRow = {}) => ledgerFile([{ ...births[0], childId: number, ...change }], {}, birthColumns);
  const runBirths = (file: Uint8Array, ...args: string[]) =>
    run(file, '--kind', 'births', '--organization', cityId, ...args);
  const childrenOf = async () =>
    (await t.system.get(`Patient?identifier=${settings.system}|${number}`)).body.entry?.map(
      ({ resource }) => resource,
    ) ?? [];

  it('registers a child once, links the number, and joins the child to the mother', async () => {
    expect(await runBirths(list(), '--preview')).toMatchObject({
      code: 0,
      last: '1 new, 0 changed, 0 unchanged, 0 waiting, 0 refused',
    });
    expect(await childrenOf()).toEqual([]);
    expect(await runBirths(list())).toMatchObject({ code: 0, last: '1 stored, 0 waiting, 0 refused', errors: [] });
    const [child] = await childrenOf();
    expect(child).toMatchObject({ birthDate: '2026-07-10', gender: 'female' });
    const related = await t.system.get(`RelatedPerson?patient=${child?.id}&identifier=${settings.system}|M-0001`);
    expect(related.body.entry).toHaveLength(1);
    expect((await t.system.get(`Observation?patient=${child?.id}`)).body.entry).toHaveLength(3);
    expect(await runBirths(list())).toMatchObject({ code: 0, last: '1 stored, 0 waiting, 0 refused' });
    expect(await childrenOf()).toEqual([child]);
    expect(await runBirths(list(), '--preview')).toMatchObject({
      last: '0 new, 0 changed, 1 unchanged, 0 waiting, 0 refused',
    });
    expect((await t.system.get(`Consent?patient=${child?.id}`)).body.entry).toHaveLength(1);
    expect(await run(about(doses))).toMatchObject({ code: 0, last: '2 stored, 0 waiting, 0 refused' });
    expect(await dosesOf(child?.id ?? '')).toHaveLength(2);
  });

  it('lets in what had been waiting for the child', async () => {
    expect(await run(about(doses))).toMatchObject({ last: '0 stored, 2 waiting, 0 refused' });
    await runBirths(list());
    const [child] = await childrenOf();
    expect(await dosesOf(child?.id ?? '')).toHaveLength(2);
  });

  it('corrects who the child is where the list is newer, and keeps what others added', async () => {
    await runBirths(list());
    const [child] = await childrenOf();
    await t.system.put(`Patient/${child?.id}`, { ...child, telecom: [{ system: 'phone', value: '03-0000-0000' }] });
    const older = await runBirths(list({ givenName: '光', updatedAt: '2026-07-21 10:00' }));
    expect(older.lines[0]).toMatch(/^row 2: look: .*changed later than the row/);
    expect(await childrenOf()).toMatchObject([{ name: [{ text: '試験 ひかり' }, {}] }]);
    await runBirths(list({ givenName: '光', updatedAt: '2026-11-23 09:30' }));
    expect(await childrenOf()).toMatchObject([
      { name: [{ text: '試験 光' }, {}], telecom: [{ value: '03-0000-0000' }], identifier: [{ value: number }] },
    ]);
  });

  it('sends nothing of a protected family, and makes nobody of a withdrawn birth', async () => {
    const before = await t.pool.query('select count(*) from held');
    const { code, lines } = await runBirths(list({ isProtected: '1' }));
    expect([code, lines[0]]).toEqual([1, expect.stringMatching(/^row 2: refused: 支援措置: .*not sent/)]);
    expect((await t.pool.query('select count(*) from held')).rows).toEqual(before.rows);
    await runBirths(list({ deleted: '1' }));
    expect(await childrenOf()).toEqual([]);
    await runBirths(list());
    const withdrawn = await runBirths(list({ deleted: '1', updatedAt: '2026-11-23 09:30' }));
    expect(withdrawn.lines[0]).toMatch(/^row 2: look: .*not removed by a file/);
    expect(await childrenOf()).toHaveLength(1);
  });

  it('needs the municipality that registers', async () => {
    expect(await run(list(), '--kind', 'births')).toMatchObject({
      code: 2,
      errors: [expect.stringContaining('--organization')],
    });
  });
});

describe('a check-up file', () => {
  it('becomes a report with its observations', async () => {
    const id = await linked();
    const file = ledgerFile([{ ...checkups[0], childId: number, historyKey: `${number}.C` }], {}, checkupColumns);
    const args = ['--kind', 'checkups'];
    expect(await run(file, ...args)).toMatchObject({ code: 0, last: '1 stored, 0 waiting, 0 refused', errors: [] });
    const [report] = (await t.system.get(`DiagnosticReport?patient=${id}`)).body.entry;
    const results = report?.resource.result as { reference: string }[];
    expect(results.length).toBeGreaterThan(40);
    expect((await t.system.get(results[0]?.reference ?? '')).body).toMatchObject({ valueQuantity: { value: 62.5 } });
    expect(await run(file, ...args, '--preview')).toMatchObject({
      last: '0 new, 0 changed, 1 unchanged, 0 waiting, 0 refused',
    });
  });

  it('takes back what a corrected row says no more', async () => {
    const id = await linked();
    const row = {
      childId: number,
      municipalityCode: '139999',
      historyKey: `${number}.D`,
      stage: '36m',
      date: '2026-11-12',
    };
    const file = (cells: SampleRow) => ledgerFile([{ ...row, ...cells }], {}, checkupColumns);
    const args = ['--kind', 'checkups'];
    await run(file({ weightKg: '14.1', heightCm: '95', updatedAt: '2026-11-20' }), ...args);
    await run(file({ heightCm: '95.5', updatedAt: '2026-11-21' }), ...args);
    const { body } = await t.system.get(`Observation?patient=${id}`);
    const said = body.entry.map(({ resource }) => [
      resource.status,
      (resource.valueQuantity as { value: number }).value,
    ]);
    expect(said.sort()).toEqual([
      ['entered-in-error', 14.1],
      ['final', 95.5],
    ]);
  });
});
