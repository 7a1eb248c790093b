// What a text finds in a loaded code system is what reading every word finds, whatever the text.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shippedDefinitions } from '../../server/definitions/shipped.ts';
import { normalise } from '../../server/fhir/normalise.ts';
import { loadFile } from '../../server/loading/load-file.ts';
import { createLargeCodeSystems } from '../../server/store/large-code-systems.ts';
import { followLoaded } from '../../server/store/loaded-definitions.ts';
import { migrate } from '../../server/store/migrate.ts';
import { openPool } from '../../server/store/pool.ts';
import { freshDatabase } from '../support/database.ts';

const pieces = [
  'glucose',
  'Lu',
  'COS',
  'é',
  ' ',
  '-',
  '・',
  '1',
  '23',
  '肺炎',
  '性',
  'ウイルス',
  'ｱﾚﾙｷﾞｰ',
  'ー',
  '喘息',
  '𠮷',
  'ab',
  'x',
];
const text = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 8 }).map((some) => some.join(''));
const inhabited = text.filter((one) => normalise(one) !== '');

test('a text finds the concepts in whose code or words each of its words stands', async () => {
  const database = await freshDatabase();
  const pool = openPool(database.connection, 4, 30_000);
  const folder = mkdtempSync(join(tmpdir(), 'tsumugi-text-'));
  await migrate(pool);
  const displays = fc.sample(inhabited, { numRuns: 9_000, seed: 6 });
  const codes = displays.map((_, n) => `C${n}`);
  writeFileSync(
    join(folder, 't.tsv'),
    ['code\tdisplay', ...displays.map((one, n) => `${codes[n]}\t${one}`)].join('\n'),
  );
  const wishes = { system: 'urn:text', codeColumn: 'code', displayColumn: 'display', encoding: 'utf-8', languages: [] };
  await loadFile(pool, join(folder, 't.tsv'), wishes, () => undefined);
  const loaded = await followLoaded({ pool, shipped: shippedDefinitions });
  const large = createLargeCodeSystems({ pool, systems: loaded.systems });
  const lines = displays.map((one, n) => [normalise(one.trim()), normalise(`C${n}`)]);
  await fc.assert(
    fc.asyncProperty(inhabited, async (asked) => {
      const words = asked
        .split(/\s+/)
        .map(normalise)
        .filter((word) => word !== '');
      const expected = codes.filter((_, n) => words.every((word) => lines[n]?.some((line) => line.includes(word))));
      const everything = { include: [{}], exclude: [] };
      const found = await large.expand({ system: 'urn:text' }, everything, { text: asked, offset: 0, count: 9_000 });
      expect(found.total).toBe(expected.length);
      expect(found.concepts.map(({ code }) => code).sort()).toEqual(expected.sort());
    }),
    { numRuns: 150 },
  );
  loaded.close();
  await pool.end();
  await database.drop();
  rmSync(folder, { recursive: true });
}, 60_000);
