// All resource types of R4 go the same way: the smallest official example of each (or, where none is valid, a resource of
// required elements only) is created, read, found and deleted.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { choiceKey, type ElementDefinition, elementsOf, resourceTypes } from '../../server/fhir/definitions.ts';
import { parseJson } from '../../server/fhir/json.ts';
import { matchIds, startApp, type TestApp } from '../support/app.ts';
import { refusalsOf } from '../support/valid.ts';

const folder = dirname(createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json'));
let t: TestApp;
const smallest = new Map<string, string>();

beforeAll(async () => {
  t = await startApp();
  const files = readdirSync(folder)
    .filter((name) => /^[A-Z].*-.*\.json$/.test(name))
    .map((name) => ({ name, bytes: statSync(join(folder, name)).size }))
    .sort((a, b) => a.bytes - b.bytes);
  for (const { name } of files) {
    const type = name.slice(0, name.indexOf('-'));
    if (!resourceTypes.has(type) || smallest.has(type)) continue;
    const text = readFileSync(join(folder, name), 'utf8');
    if (refusalsOf(parseJson(text)).length === 0) smallest.set(type, text);
  }
}, 60_000);
afterAll(() => t.close());

test.each([...resourceTypes])('%s', async (type) => {
  const text = smallest.get(type) ?? JSON.stringify({ resourceType: type, ...requiredOf(type) });
  const created = await t.system.post(type, text);
  expect({ status: created.status, text: created.text.slice(0, 300) }).toMatchObject({ status: 201 });
  const { id, meta, ...stored } = created.body;
  const { id: _id, meta: sentMeta, ...sent } = JSON.parse(text);
  expect(stored).toEqual(sent);
  expect(meta).toEqual({ ...sentMeta, versionId: '1', lastUpdated: meta.lastUpdated });
  // Whoever names no FHIR format is answered the content of a Binary.
  const accept = 'application/fhir+json';
  expect((await t.system.get(`${type}/${id}`, { accept })).text).toBe(created.text);
  expect(matchIds(await t.system.get(`${type}?_id=${id}`))).toEqual([id]);
  expect(matchIds(await t.system.get(`${type}?_lastUpdated=gt2026-01-01`))).toEqual([id]);
  const unchanged = await t.system.put(`${type}/${id}`, created.text);
  expect({ status: unchanged.status, text: unchanged.text }).toEqual({ status: 200, text: created.text });
  const updated = await t.system.put(`${type}/${id}`, { ...created.body, implicitRules: 'urn:changed' });
  expect({ status: updated.status, etag: updated.headers.etag }).toEqual({ status: 200, etag: 'W/"2"' });
  expect((await t.system.delete(`${type}/${id}`)).status).toBe(204);
  expect((await t.system.get(`${type}/${id}`)).status).toBe(410);
  expect(matchIds(await t.system.get(`${type}?_id=${id}`))).toEqual([]);
  expect((await t.system.get(`${type}/${id}/_history`)).body.entry).toHaveLength(3);
});

function requiredOf(type: string): object {
  const required = [...elementsOf(type).values()].filter(({ min }) => min > 0);
  return Object.fromEntries(
    required.map((element) => {
      const [first = ''] = element.types;
      const value = element.codes ? [...element.codes][0] : sampleOf(first, element);
      return [element.isChoice ? choiceKey(element.name, first) : element.name, element.max > 1 ? [value] : value];
    }),
  );
}

const primitives: Record<string, unknown> = {
  boolean: true,
  code: 'x',
  date: '2026-04-01',
  dateTime: '2026-04-01',
  decimal: 1,
  instant: '2026-04-01T00:00:00Z',
  integer: 1,
  positiveInt: 1,
  string: 'テスト',
  uri: 'urn:x',
};

function sampleOf(type: string, { targets }: ElementDefinition): unknown {
  if (type in primitives) return primitives[type];
  if (type === 'Reference') return { reference: `${targets[0] ?? 'Basic'}/x` };
  if (type === 'CodeableConcept') return { text: 'テスト' };
  return requiredOf(type);
}
