// FHIR packages as they are published: JP Core and its neighbours, where the shared data is at hand, and small ones made here.

import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { shippedDefinitions } from '../../server/definitions/shipped.ts';
import { loadFile } from '../../server/loading/load-file.ts';
import { followLoaded } from '../../server/store/loaded-definitions.ts';
import { listLoaded, pruneLoaded, removeLoaded } from '../../server/store/loading.ts';
import { migrate } from '../../server/store/migrate.ts';
import { openPool, type Pool } from '../../server/store/pool.ts';
import { createTerminology } from '../../server/terminology/create-terminology.ts';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';
import { leftOut } from '../support/left-out.ts';
import { tarOf } from './archives.ts';

let database: FreshDatabase;
let pool: Pool;
let folder: string;
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.connection, 6, 30_000);
  await migrate(pool);
  folder = mkdtempSync(join(tmpdir(), 'tsumugi-load-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await pool.end();
  await database.drop();
});

const wishes = { languages: ['ja'], encoding: 'utf-8' };
const load = (path: string, more: object = {}) => loadFile(pool, path, { ...wishes, ...more }, () => undefined);
const follow = () => followLoaded({ pool, shipped: shippedDefinitions });

const profile = (name: string, more: object = {}) => ({
  ...{ resourceType: 'StructureDefinition', url: `https://example.com/${name}`, version: '1', name, status: 'active' },
  ...{ kind: 'resource', abstract: false, type: 'Patient', derivation: 'constraint' },
  ...{ baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient', differential: { element: [] }, ...more },
});

function packageFile(name: string, files: Record<string, unknown>, info: object = {}): string {
  const manifest = { name, version: '1.0.0', fhirVersions: ['4.0.1'], ...info };
  const path = join(folder, `${name}.tgz`);
  const entries = Object.entries({ 'package/package.json': manifest, ...files });
  writeFileSync(path, gzipSync(tarOf(entries.map(([file, content]) => [file, textOf(content)]))));
  return path;
}
const textOf = (content: unknown): string => (typeof content === 'string' ? content : JSON.stringify(content));

test('what a package has of LOINC is never the whole of it, however much it is', async () => {
  const codes = Array.from({ length: 100_001 }, (_, n) => ({ code: `${n}-0` }));
  const loinc = { resourceType: 'CodeSystem', url: 'http://loinc.org', status: 'active', content: 'complete' };
  const [outcome, ...others] = await load(packageFile('loinc', { 'package/a.json': { ...loinc, concept: codes } }));
  expect(others).toEqual([]);
  expect(outcome?.notes).toEqual([expect.stringContaining('of http://loinc.org only its own release')]);
  await load(packageFile('small', { 'package/a.json': { ...loinc, version: '1', concept: [{ code: '8302-2' }] } }));
  const loaded = await follow();
  expect(loaded.systems()).toEqual([]);
  const check = (code: string) =>
    createTerminology(loaded.current()).inCodeSystem({ system: loinc.url, code }).result ?? 'cannot tell';
  expect(['8302-2', '29463-7', '29463-6'].map(check)).toEqual([true, 'cannot tell', false]);
  loaded.close();
  for (const name of ['loinc', 'small']) await removeLoaded(pool, name);
});

test('every package of JP Core loads whole', async () => {
  const packages = join(import.meta.dirname, '../../../shared/data/jp-core/packages');
  if (!existsSync(packages)) return leftOut('jp-core: ../shared is not here');
  for (const file of readdirSync(packages)) await load(join(packages, file));
  const counts = Object.fromEntries((await listLoaded(pool)).map(({ name, count }) => [name, count]));
  expect(counts).toEqual({
    ePrescriptionDara: 88,
    'jp-core.r4': 181,
    'jp-eCSCLINS.r4': 318,
    'jp-eCheckupReport.r4': 107,
  });
  const loaded = await follow();
  const url = 'http://jpfhir.jp/fhir/core/StructureDefinition/JP_Patient';
  expect(loaded.current().find('StructureDefinition', `${url}|1.1.2`)).toMatchObject({ url, type: 'Patient' });
  const system = 'urn:oid:1.2.392.200250.2.2.2';
  expect(loaded.current().find('NamingSystem', system)?.name).toBe('JP_Department_SsMix_NamingSystem');
  for (const { name } of await listLoaded(pool)) await removeLoaded(pool, name);
  await vi.waitFor(() => expect(loaded.current().find('StructureDefinition', url)).toBeUndefined());
  loaded.close();
});

describe('a package', () => {
  test('is noticed by servers when it comes and when it goes, and lies over what is shipped', async () => {
    const loaded = await follow();
    const before = loaded.current();
    await load(packageFile('one', { 'package/a.json': profile('a') }));
    await vi.waitFor(() => expect(loaded.current()).not.toBe(before));
    const current = loaded.current();
    expect(current.find('StructureDefinition', 'https://example.com/a')?.name).toBe('a');
    expect(current.find('StructureDefinition', 'https://example.com/a')).toBe(
      current.find('StructureDefinition', 'https://example.com/a|1'),
    );
    expect(current.find('StructureDefinition', 'http://hl7.org/fhir/StructureDefinition/Patient')?.type).toBe(
      'Patient',
    );
    await removeLoaded(pool, 'one');
    await vi.waitFor(() =>
      expect(loaded.current().find('StructureDefinition', 'https://example.com/a')).toBeUndefined(),
    );
    loaded.close();
  });

  test('takes the place of the same version, and another version stays beside it', async () => {
    await load(packageFile('two', { 'package/a.json': profile('two', { title: 'first' }) }));
    await load(packageFile('two', { 'package/a.json': profile('two', { title: 'second' }) }));
    const newer = profile('two', { title: 'third', version: '2' });
    await load(packageFile('two', { 'package/a.json': newer }, { version: '2.0.0' }));
    expect((await listLoaded(pool)).map(({ name, version }) => `${name}|${version}`)).toEqual([
      'two|1.0.0',
      'two|2.0.0',
    ]);
    const loaded = await follow();
    const title = (canonical: string) => loaded.current().find('StructureDefinition', canonical)?.title;
    expect(title('https://example.com/two|1')).toBe('second');
    expect(title('https://example.com/two')).toBe('third');
    loaded.close();
    expect(await removeLoaded(pool, 'two', '2.0.0')).toHaveLength(1);
    expect(await removeLoaded(pool, 'two')).toHaveLength(1);
    expect(await removeLoaded(pool, 'two')).toHaveLength(0);
  });

  test('leaves examples where they are, and says so', async () => {
    const files = { 'package/a.json': profile('a'), 'package/p.json': { resourceType: 'Patient', id: 'p' } };
    const [outcome] = await load(packageFile('examples', { ...files, 'package/example/b.json': profile('b') }));
    expect(outcome?.counts).toEqual({ StructureDefinition: 1 });
    expect(outcome?.notes).toEqual(['1 resources are examples, or no definitions, and were left out']);
    await removeLoaded(pool, 'examples');
  });
});

describe('refused, and nothing is loaded:', () => {
  const patient = 'http://hl7.org/fhir/StructureDefinition/Patient';
  const tar = (...files: [string, string][]) => gzipSync(tarOf(files));
  test.each<[string, Buffer, RegExp]>([
    ['a package that is cut off', tar(['package/a.json', textOf(profile('a'))]).subarray(0, 150), /cut off/],
    ['a tar without an end', gzipSync(tarOf([['package/a.json', '{}']]).subarray(0, 1024)), /cut off/],
    ['a name that leads out', tar(['package/../../a.json', '{}']), /leads out of it/],
    ['an absolute name', tar(['/etc/a.json', '{}']), /leads out of it/],
    ['a link', gzipSync(tarOf([['package/a.json', '']], '2')), /neither a file nor a folder/],
    ['a bomb', tar(['package/a.json', ' '.repeat(40_000_000)]), /more than 200 times/],
    ['what is no tar', gzipSync('nothing'.repeat(200)), /no tar archive/],
    ['what is no JSON', tar(['package/a.json', '{"resourceType":"Val']), /package\/a\.json: it is not JSON/],
    ['a definition that is no UTF-8', tar(['package/a.json', '\ud800']), /not JSON|not UTF-8/],
    [
      'another FHIR',
      tar(['package/package.json', '{"name":"x","version":"1","fhirVersions":["5.0.0"]}']),
      /for FHIR 5\.0\.0/,
    ],
    ['a type of FHIR', tar(['package/a.json', textOf(profile('x', { url: patient }))]), /a type of FHIR itself/],
    ['no definition', tar(['package/a.json', '{"resourceType":"Patient"}']), /no definition in it/],
    ['a NUL', tar(['package/a.json', '{"resourceType":"ValueSet","url":"urn:a","name":"\\u0000"}']), /NUL/],
  ])('%s', async (_, content, why) => {
    const path = join(folder, 'bad.tgz');
    writeFileSync(path, content);
    await expect(load(path)).rejects.toThrow(why);
    expect(await listLoaded(pool)).toEqual([]);
  });

  test('a package behind whose good definitions comes a bad one', async () => {
    const many = Array.from(
      { length: 450 },
      (_, n) => [`package/${n}.json`, textOf(profile(`p${n}`))] as [string, string],
    );
    const path = join(folder, 'late.tgz');
    writeFileSync(path, tar(...many, ['package/z.json', '{']));
    await expect(load(path)).rejects.toThrow(/package\/z\.json/);
    while ((await pruneLoaded(pool)) > 0);
    const { rows } = await pool.query(
      'select count(*)::int as count from loaded_definition d join loaded l on l.number = d.loaded where l.until is null',
    );
    expect(rows).toEqual([{ count: 0 }]);
  });
});

test('a folder, one resource, a Bundle and NDJSON are loaded under a name that is given', async () => {
  const path = join(folder, 'lines.ndjson');
  writeFileSync(path, `${textOf(profile('l1'))}\n\n${textOf(profile('l2'))}\n`);
  expect((await load(path, { name: 'lines', version: '3' }))[0]).toMatchObject({ name: 'lines', version: '3' });
  const bundle = join(folder, 'bundle.json');
  const entry = [{ resource: profile('b1') }, { resource: { resourceType: 'Patient' } }];
  writeFileSync(bundle, textOf({ resourceType: 'Bundle', type: 'collection', entry }));
  expect((await load(bundle))[0]).toMatchObject({ name: 'bundle.json', counts: { StructureDefinition: 1 } });
  expect((await listLoaded(pool)).map(({ name, count }) => [name, count])).toEqual([
    ['bundle.json', 1],
    ['lines', 2],
  ]);
});
