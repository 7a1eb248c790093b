// The table of SMART's SHALLs: whole, without doubles, and of tests that there are. `npm run conformance -- smart-shalls` runs them.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readShalls, requirementsFile } from '../../conformance/smart/requirements.ts';
import { notShown, shown } from '../../conformance/smart/shalls.ts';
import { leftOut } from '../support/left-out.ts';

const shownIds = shown.flatMap(({ ids }) => ids);
const ids = [...shownIds, ...notShown.flatMap((one) => one.ids)];

test('no SHALL is told twice, and at least 120 are shown', () => {
  expect(ids.filter((id, n) => ids.indexOf(id) !== n)).toEqual([]);
  expect(shownIds.length).toBeGreaterThanOrEqual(120);
});

test('every SHALL for servers is shown or has its reason, and nothing else is in the table', () => {
  const shalls = readShalls();
  if (!shalls) return leftOut(`${requirementsFile}: not here`);
  const wanted = shalls.map(({ id }) => id);
  expect(wanted).toHaveLength(172);
  expect(wanted.filter((id) => !ids.includes(id))).toEqual([]);
  expect(ids.filter((id) => !wanted.includes(id))).toEqual([]);
});

test('every test that is named is there', () => {
  const missing = [...new Set(shown.flatMap(({ tests }) => tests))].filter((name) => {
    const [file = '', ...names] = name.split(' > ');
    const source = readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8');
    return !names.every((one) => source.includes(`'${one}'`)) && !source.includes(`'${names.join(' > ')}'`);
  });
  expect(missing).toEqual([]);
});
