// The JSON path of every search parameter finds in PostgreSQL what its compiled expression finds here, in the official examples.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resourceTypes, searchParametersOf } from '../../server/fhir/definitions.ts';
import { jsonPathsOf } from '../../server/fhir/json-paths.ts';
import { compileExpression } from '../../server/fhir/paths.ts';
import { startApp, type TestApp } from '../support/app.ts';

type Resource = { resourceType: string; contained?: unknown };
const folder = dirname(createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json'));
const mostOfType = 8;
const mostBytes = 60_000;

let t: TestApp;
const examples = new Map<string, Resource[]>();
beforeAll(async () => {
  t = await startApp();
  for (const name of readdirSync(folder).sort()) {
    const [type = ''] = name.split('-');
    if (!resourceTypes.has(type) || statSync(join(folder, name)).size > mostBytes) continue;
    const found = examples.get(type) ?? [];
    if (found.length < mostOfType) found.push(JSON.parse(readFileSync(join(folder, name), 'utf8')));
    examples.set(type, found);
  }
});
afterAll(() => t.close());

const foundText = `
select o.n::int as n, p.path, v from unnest($1::jsonb[]) with ordinality o(resource, n)
cross join unnest($2::jsonpath[]) p(path) cross join lateral jsonb_path_query(o.resource, p.path, '{}', true) v`;

/** Of every example, in the order of the examples, what stands at the paths. */
async function inPostgres(resources: Resource[], paths: string[]): Promise<unknown[][]> {
  const { rows } = await t.pool.query<{ n: number; v: unknown }>(foundText, [
    resources.map((one) => JSON.stringify(one)),
    paths,
  ]);
  return resources.map((_, n) => rows.filter((row) => row.n === n + 1).map(({ v }) => v));
}

/** Without order, also among the members of objects: jsonb has its own. */
const sorted = (values: unknown[]) => values.map((value) => JSON.stringify(ordered(value))).sort();
const ordered = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(ordered)
    : typeof value === 'object' && value !== null
      ? Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, member]) => [name, ordered(member)])
      : value;
// Which type a `#id` points to is written somewhere else in the resource; a path cannot look there.
const isLocal = (value: unknown) => /^\{[^}]*"reference":"#/.test(JSON.stringify(value));

test('there are examples of most types', () => {
  expect(examples.size).toBeGreaterThan(120);
});

describe.each([...resourceTypes])('%s', (type) => {
  const parameters = searchParametersOf(type).filter(
    ({ expression, type: kind }) => expression !== undefined && kind !== 'composite' && kind !== 'special',
  );
  test.each(parameters.map((one) => one.code))('%s', async (code) => {
    const expression = parameters.find((one) => one.code === code)?.expression ?? '';
    const paths = jsonPathsOf(expression, type)?.map(({ path }) => path);
    if (!paths) return expect.unreachable(`no path for ${expression}`);
    const resources = examples.get(type) ?? [];
    const values = compileExpression(expression, type);
    const found = await inPostgres(resources, paths);
    resources.forEach((resource, n) => {
      const here = values(resource).map(({ value }) => value);
      const there = found[n] ?? [];
      expect(sorted(there.filter((one) => !isLocal(one)))).toEqual(sorted(here.filter((one) => !isLocal(one))));
    });
  });
});
