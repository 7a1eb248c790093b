// tsumugi load, on the database that the settings name.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadCommand } from '../../server/cli/load.ts';
import { type CommandDatabase, openCommandDatabase, run } from '../support/command.ts';

let database: CommandDatabase;
let folder: string;
beforeAll(async () => {
  database = await openCommandDatabase();
  folder = mkdtempSync(join(tmpdir(), 'tsumugi-load-'));
  writeFileSync(join(folder, 'cvx.csv'), 'CVX,Short,Notes\n998,Invented vaccine,none\n999,Another,\n');
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await database.close();
});

test('a table is loaded, listed and removed', async () => {
  const columns = ['--system', 'urn:cvx', '--version', '2', '--code-column', 'CVX', '--display-column', 'Short'];
  expect(await run(loadCommand, join(folder, 'cvx.csv'), ...columns)).toEqual(['loaded urn:cvx|2: 2 codes']);
  expect(await run(loadCommand, '--list')).toEqual([
    expect.stringMatching(/^urn:cvx\|2 {2}2 codes, since \d{4}-\d\d-\d\d \d\d:\d\d UTC$/),
  ]);
  expect(await run(loadCommand, '--remove', 'urn:cvx|2')).toEqual(['removed urn:cvx|2']);
  expect(await run(loadCommand, '--list')).toEqual([]);
  await expect(run(loadCommand, '--remove', 'urn:cvx')).rejects.toThrow('nothing of that name is loaded: urn:cvx');
});

test.each([
  [[], /name a FILE or a FOLDER/],
  [['no-such-file'], /no-such-file: it cannot be read/],
  [['x', '--format', 'excel'], /--format is one of fhir, loinc, snomed, claml, table/],
  [['x', '--system', 'cvx'], /--system takes a URL/],
  [['x', '--encoding', 'klingon'], /--encoding takes/],
  [['x', '--delimiter', '||'], /--delimiter takes one character/],
])('%j is refused in a sentence', async (args, why) => {
  await expect(run(loadCommand, ...args)).rejects.toThrow(why);
});

test('a file that is of no known kind is refused, and one of another format than is said', async () => {
  writeFileSync(join(folder, 'notes.md'), 'text');
  await expect(run(loadCommand, join(folder, 'notes.md'))).rejects.toThrow(
    /it is none of fhir, loinc, snomed, claml, table/,
  );
  await expect(run(loadCommand, join(folder, 'cvx.csv'), '--format', 'loinc')).rejects.toThrow(
    /no file of the format loinc/,
  );
  await expect(run(loadCommand, join(folder, 'cvx.csv'))).rejects.toThrow(/a table needs --code-column/);
  await expect(run(loadCommand, join(folder, 'cvx.csv'), '--format', 'table')).rejects.toThrow(
    /a table needs --system URL/,
  );
});
