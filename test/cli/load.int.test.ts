// tsumugi load, on the database that the settings name.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { loadCommand } from '../../server/cli/load.ts';
import { migrate } from '../../server/store/migrate.ts';
import { openPool, type Pool } from '../../server/store/pool.ts';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';

let database: FreshDatabase;
let pool: Pool;
let folder: string;
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.connection, 2, 30_000);
  await migrate(pool);
  vi.stubEnv('DATABASE_URL', database.url);
  // The runner has one of its own, which is no address.
  vi.stubEnv('BASE_URL', '');
  folder = mkdtempSync(join(tmpdir(), 'tsumugi-load-'));
  writeFileSync(join(folder, 'cvx.csv'), 'CVX,Short,Notes\n998,Invented vaccine,none\n999,Another,\n');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
  await pool.end();
  await database.drop();
});

async function run(...args: string[]): Promise<string[]> {
  const lines: string[] = [];
  const line = (text: string) => void lines.push(text);
  expect(await loadCommand.run(args, { line, error: line })).toBe(0);
  return lines;
}

test('a table is loaded, listed and removed', async () => {
  const columns = ['--system', 'urn:cvx', '--version', '2', '--code-column', 'CVX', '--display-column', 'Short'];
  expect(await run(join(folder, 'cvx.csv'), ...columns)).toEqual(['loaded urn:cvx|2: 2 codes']);
  expect(await run('--list')).toEqual([
    expect.stringMatching(/^urn:cvx\|2 {2}2 codes, since \d{4}-\d\d-\d\d \d\d:\d\d UTC$/),
  ]);
  expect(await run('--remove', 'urn:cvx|2')).toEqual(['removed urn:cvx|2']);
  expect(await run('--list')).toEqual([]);
  await expect(run('--remove', 'urn:cvx')).rejects.toThrow('nothing of that name is loaded: urn:cvx');
});

test.each([
  [[], /name a FILE or a FOLDER/],
  [['no-such-file'], /no-such-file: it cannot be read/],
  [['x', '--format', 'excel'], /--format is one of fhir, loinc, snomed, claml, table/],
  [['x', '--system', 'cvx'], /--system takes a URL/],
  [['x', '--encoding', 'klingon'], /--encoding takes/],
  [['x', '--delimiter', '||'], /--delimiter takes one character/],
])('%j is refused in a sentence', async (args, why) => {
  await expect(run(...args)).rejects.toThrow(why);
});

test('a file that is of no known kind is refused, and one of another format than is said', async () => {
  writeFileSync(join(folder, 'notes.md'), 'text');
  await expect(run(join(folder, 'notes.md'))).rejects.toThrow(/it is none of fhir, loinc, snomed, claml, table/);
  await expect(run(join(folder, 'cvx.csv'), '--format', 'loinc')).rejects.toThrow(/no file of the format loinc/);
  await expect(run(join(folder, 'cvx.csv'))).rejects.toThrow(/a table needs --code-column/);
  await expect(run(join(folder, 'cvx.csv'), '--format', 'table')).rejects.toThrow(/a table needs --system URL/);
});
