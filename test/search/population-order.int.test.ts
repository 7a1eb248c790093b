// Searches over everyone read the population index in its order, and as much of it as the page needs: a name or a lot by the
// string that was found, several codes by date, a count from the index alone.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { extract } from '../../server/search/extract.ts';
import { parameterNumber } from '../../server/search/hash.ts';
import { parseQuery } from '../../server/search/parse-query.ts';
import { countStatement, searchStatement } from '../../server/search/plan.ts';
import { statement } from '../../server/store/pool.ts';
import { allPages, startApp, type TestApp } from '../support/app.ts';

let a: TestApp;
const ids = new Map<string, string>();
const kana = ['シケン', 'シケンダイ', 'ミホン', 'カリ', 'カリナ', 'シカ'];

beforeAll(async () => {
  a = await startApp();
  for (let n = 0; n < 24; n++) {
    const family = kana[n % kana.length] ?? '';
    // The kanji and the text begin as other entries do: a row has several ways to be found, and comes once.
    const name = [{ text: `${family} ハナコ`, family, given: ['ハナコ', `シケ${n}`] }, { family: '試験' }];
    const { id } = await a.system.create({ resourceType: 'Patient', name, birthDate: `20${10 + n}-01-01` });
    ids.set(`${n}`, id);
    const code = ['MR', 'BCG', 'JE'][n % 3] ?? '';
    await a.system.create({
      resourceType: 'Immunization',
      status: 'completed',
      patient: { reference: `Patient/${id}` },
      vaccineCode: { coding: [{ system: 'urn:x', code }, ...(n % 6 === 0 ? [{ system: 'urn:y', code: 'JE' }] : [])] },
      occurrenceDateTime: `2025-01-${String(1 + ((n * 7) % 24)).padStart(2, '0')}`,
    });
  }
});
afterAll(() => a.close());

const numbersOf = (pages: string[][]): number[] =>
  pages.flat().map((id) => Number([...ids].find(([, known]) => known === id)?.[0]));
const found = async (search: string): Promise<number[]> => numbersOf(await allPages(a.system, search));
const family = (n: number): string => kana[n % kana.length] ?? '';

test.each([
  ['Patient?family=か', (n: number) => family(n).startsWith('カ')],
  ['Patient?family=シケン', (n: number) => family(n).startsWith('シケン')],
  ['Patient?family=かり,し,ミホ', () => true],
  ['Patient?family=シケン,シ,シケン', (n: number) => family(n).startsWith('シ')],
])('%s: all of them once, by family name, in pages of any size', async (search, isMatch) => {
  const expected = Array.from({ length: 24 }, (_, n) => n).filter(isMatch);
  for (const count of [1, 5, 50]) {
    const matches = await found(`${search}&_count=${count}`);
    expect([...matches].sort((x, y) => x - y)).toEqual(expected);
    const families = matches.map(family);
    expect(families).toEqual([...families].sort());
  }
});

test('a row that begins as asked in several ways comes once, at the first of them', async () => {
  expect((await found('Patient?name=し&_count=3')).sort((x, y) => x - y)).toEqual(
    Array.from({ length: 24 }, (_, n) => n),
  );
});

test.each([
  [
    'Patient',
    [{ text: '試験 花子', family: '試験', given: ['花子', 'ハナコ'], prefix: ['Dr.'] }, { family: 'シケン' }],
  ],
  ['Practitioner', [{ family: '見本', given: ['太郎'] }]],
  ['RelatedPerson', [{ text: 'ミホン タロウ' }]],
  ['Person', [{ family: 'von Example', given: ['Ana', 'María'] }]],
  ['Organization', '見本クリニック'],
])('whatever family, given and phonetic of a %s find is among the entries of its name', (resourceType, name) => {
  const { facts, words } = extract({ resourceType, name }, []);
  const entries = new Set(words.map(({ parameter, norm }) => `${parameter} ${norm}`));
  for (const code of ['name', 'family', 'given', 'phonetic']) {
    for (const norm of facts[code] ?? []) expect(entries).toContain(`${parameterNumber(resourceType, 'name')} ${norm}`);
  }
  expect(words.length).toBe(facts.name?.length);
});

test('a given name is not found as a family name, nor the other way round', async () => {
  expect(await found('Patient?family=ハナ')).toEqual([]);
  expect(await found('Patient?given=シケン')).toEqual([]);
  expect(await found('Patient?given=シケ1&_count=4')).toHaveLength(11);
  expect(await found('Patient?phonetic=ハナ')).toHaveLength(24);
});

test('who is renamed between two pages stays where the first page had them', async () => {
  const search = '/fhir/Patient?family=シ&_count=4';
  const before = await found(search.slice(6));
  const first = await a.system.get(search.slice(6));
  const last = before.at(-1) ?? 0;
  const { body } = await a.system.get(`Patient/${ids.get(`${last}`)}`);
  await a.system.put(`Patient/${body.id}`, { ...body, name: [{ family: 'アイ' }] });
  const seen = first.body.entry.map(({ resource }) => resource.id);
  for (let next = linkOf(first.body.link); next !== undefined; ) {
    const page = await a.system.get(next);
    seen.push(...(page.body.entry ?? []).map(({ resource }) => resource.id));
    next = linkOf(page.body.link);
  }
  expect(numbersOf([seen])).toEqual(before);
});

const linkOf = (links: { relation: string; url: string }[]): string | undefined =>
  links.find(({ relation }) => relation === 'next')?.url.replace(/^.*\/fhir\//, '');

test.each([['vaccine-code=MR,JE'], ['vaccine-code=JE,MR&_sort=-date'], ['vaccine-code=urn:x|JE,urn:y|JE,MR,MR']])(
  '%s: each dose once, newest first',
  async (search) => {
    for (const count of [2, 50]) {
      const pages = await allPages(a.system, `Immunization?${search}&_count=${count}`);
      const all = await Promise.all(pages.flat().map(async (id) => (await a.system.get(`Immunization/${id}`)).body));
      const dates = all.map(({ occurrenceDateTime }) => String(occurrenceDateTime));
      expect(new Set(pages.flat()).size).toBe(16);
      expect(dates).toEqual([...dates].sort().reverse());
    }
  },
);

test.each([
  ['vaccine-code=JE', 12],
  ['vaccine-code=urn:y|JE', 4],
  ['vaccine-code=JE&date=ge2030', 0],
])('%s: %i in all', async (search, total) => {
  expect((await a.system.get(`Immunization?${search}&_summary=count`)).body.total).toBe(total);
});

test.each([
  ['Patient', 'name=し', /order by t\.norm asc, t\.key asc\nlimit/],
  ['Patient', 'name=し&_sort=birthdate', /order by r\.at asc/],
  ['Immunization', 'vaccine-code=a,b', /order by t\.at desc, t\.key desc\nlimit/],
])('%s?%s is read in the order of an index', (type, search, order) => {
  const query = parseQuery(type, new URLSearchParams(search), { lenient: false, nowMs: 0, base: '' });
  expect(statement(searchStatement(query, { kind: 'all' }, 51)).text).toMatch(order);
  expect(statement(countStatement(query, { kind: 'patient', patient: 'p' })).text).toContain('r.owner');
});
