// The table of SMART's SHALLs: without doubles, and of tests that there are. `npm run conformance -- smart-shalls` runs them, and
// holds the table to the list of SHALLs.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { notShown, shown } from '../../conformance/smart/shalls.ts';

const shownIds = shown.flatMap(({ ids }) => ids);
const ids = [...shownIds, ...notShown.flatMap((one) => one.ids)];

test('no SHALL is told twice, and at least 120 are shown', () => {
  expect(ids.filter((id, n) => ids.indexOf(id) !== n)).toEqual([]);
  expect(shownIds.length).toBeGreaterThanOrEqual(120);
});

test('every test that is named is there', () => {
  const missing = [...new Set(shown.flatMap(({ tests }) => tests))].filter((name) => {
    const [file = '', ...names] = name.split(' > ');
    const source = readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8');
    return !names.every((one) => source.includes(`'${one}'`)) && !source.includes(`'${names.join(' > ')}'`);
  });
  expect(missing).toEqual([]);
});
