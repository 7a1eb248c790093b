// The database's normalised() (migration 0005) against normalise() of search/string.ts, on random text.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { normalise } from '../../server/fhir/normalise.ts';
import { startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

const ranges = [
  [0x20, 0x7e],
  [0xa0, 0x17f],
  [0x391, 0x3c9],
  [0x2000, 0x2064],
  [0x2200, 0x2215],
  [0x3000, 0x30ff],
  [0x4e00, 0x4e40],
  [0xff00, 0xffee],
  [0x1f600, 0x1f610],
] as const;
const character = fc.oneof(
  ...ranges.map(([lo, hi]) => fc.integer({ min: lo, max: hi }).map((code) => String.fromCodePoint(code))),
  fc.constantFrom('ー', '-', '1', 'カ', 'か', '゛', '\u3099', '\t', 'Σ', 'ς'),
);

test('both make the same of any text, and of what they made', async () => {
  const texts = fc.sample(fc.string({ unit: character, maxLength: 12 }), { numRuns: 3000, seed: 5 });
  const { rows } = await t.pool.query<{ norm: string }>(
    'select normalised(v) as norm from unnest($1::text[]) with ordinality u(v, n) order by n',
    [texts],
  );
  const differing = texts.map((text, n) => ({ text, sql: rows[n]?.norm, js: normalise(text) }));
  expect(differing.filter(({ sql, js }) => sql !== js)).toEqual([]);
});
