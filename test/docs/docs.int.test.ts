// /docs: pages for people and an OpenAPI document for tools, both from the CapabilityStatement.
import type { CapabilityStatement } from '@medplum/fhirtypes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writtenRows } from '../../conformance/results.ts';
import { formats } from '../../mappings/formats.ts';
import { startApp, type TestApp } from '../support/app.ts';

type Document = {
  paths: Record<string, Record<string, { operationId: string; parameters?: { $ref?: string; name?: string }[] }>>;
  components: object;
};

let t: TestApp;
let document: Document;
let statement: CapabilityStatement;
beforeAll(async () => {
  t = await startApp();
  document = JSON.parse((await t.app.inject({ url: '/docs/openapi.json' })).body);
  statement = (await t.withToken(undefined).get('metadata')).body as unknown as CapabilityStatement;
});
afterAll(() => t.close());

const patient = () => statement.rest?.[0]?.resource?.find(({ type }) => type === 'Patient');

test('every interaction that the server claims for a type has a path', () => {
  const ids = Object.entries(document.paths)
    .filter(([path]) => path.startsWith('/Patient'))
    .flatMap(([, calls]) => Object.values(calls).map(({ operationId }) => operationId));
  for (const { code } of patient()?.interaction ?? []) expect(ids.join(' ')).toContain(`${code}-Patient`);
  expect(new Set(ids).size).toBe(ids.length);
});

test('a search lists the parameters of its type', () => {
  const names = document.paths['/Patient']?.get?.parameters?.map(({ name }) => name);
  for (const { name } of patient()?.searchParam ?? []) expect(names).toContain(name);
});

test('operations stand where they are mounted', () => {
  expect(Object.keys(document.paths['/Patient/{id}/$everything'] ?? {})).toEqual(['get', 'post']);
  expect(Object.keys(document.paths['/$immds-forecast'] ?? {})).toEqual(['post']);
});

test('every reference inside the document leads somewhere', () => {
  const refs = [...JSON.stringify(document.paths).matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)];
  expect(refs.length).toBeGreaterThan(100);
  const components = document.components as Record<string, Record<string, object>>;
  for (const [, kind = '', name = ''] of refs) expect(components[kind]?.[name], `${kind}/${name}`).toBeDefined();
});

test('there is a page for every type, one that lists them, and none for other names', async () => {
  const page = async (path: string) => t.app.inject({ url: path });
  const overview = await page('/docs');
  expect(overview.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(overview.body).toContain('<a href="/docs/Immunization">');
  expect((await page('/docs/Immunization')).body).toContain('<code>vaccine-code</code>');
  expect((await page('/docs/%3Cscript%3E')).statusCode).toBe(404);
  expect((await page('/docs/%3Cscript%3E')).body).not.toContain('<script>');
});

test('the page on conformance says what the suites said, and nothing beside', async () => {
  const { body, headers } = await t.app.inject({ url: '/docs/conformance' });
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  for (const { suite, passed, failed, commit } of writtenRows()) {
    expect(body).toContain(`<th scope="row">${suite}</th><td>${passed}</td><td>${failed}</td>`);
    expect(body).toContain(commit);
  }
  expect(body.match(/<th scope="row">/g)).toHaveLength(writtenRows().length);
});

test('every definition of ours that the statement names, and every one of the guide, has a page and its JSON', async () => {
  const named = (statement.rest ?? []).flatMap(({ operation = [], resource = [] }) => [
    ...[...operation, ...resource.flatMap((one) => one.operation ?? [])].map(({ definition }) => definition),
    ...resource.flatMap(({ supportedProfile = [] }) => supportedProfile),
  ]);
  const { body } = await t.app.inject({ url: '/docs/guide' });
  const listed = [...body.matchAll(/href="(\/docs\/\w+\/[\w-]+)"/g)].map(([, path = '']) => path);
  const canonical = 'https://tsumugi.example/fhir/';
  const own = named.filter((url) => url.startsWith(canonical)).map((url) => url.replace(canonical, '/docs/'));
  expect(own).toContain('/docs/StructureDefinition/immunization');
  expect(listed).toEqual(expect.arrayContaining(own));
  for (const path of new Set(listed)) {
    const seen = await t.app.inject({ url: path });
    expect([path, seen.statusCode, seen.headers['content-type']]).toEqual([path, 200, 'text/html; charset=utf-8']);
    const { statusCode, headers, body: content } = await t.app.inject({ url: `${path}.json` });
    expect([path, statusCode, headers['content-type']]).toEqual([path, 200, 'application/fhir+json; charset=utf-8']);
    const { url = `${canonical}example/${JSON.parse(content).id}` } = JSON.parse(content);
    expect(url).toBe(path.replace('/docs/', canonical));
  }
  for (const path of ['StructureDefinition/moon', 'CodeSystem/..%2f..%2fpackage', 'example/moon.json', 'moon/child'])
    expect([path, (await t.app.inject({ url: `/docs/${path}` })).statusCode]).toEqual([path, 404]);
});

test('every link of the guide to a page here leads somewhere', async () => {
  const page = async (url: string) => (await t.app.inject({ url })).body;
  const links = (body: string) => [...body.matchAll(/href="(\/[^"]*)"/g)].map(([, path = '']) => path);
  const guide = links(await page('/docs/guide'));
  const all = new Set(guide);
  for (const path of guide) for (const link of links(await page(path))) all.add(link);
  for (const path of [...all].filter((one) => one.startsWith('/docs')))
    expect([path, (await t.app.inject({ url: path })).statusCode]).toEqual([path, 200]);
});

test('the page of a profile says of an element how often, what type, which codes, and what it means in two languages', async () => {
  const { body } = await t.app.inject({ url: '/docs/StructureDefinition/immunization' });
  const row = (id: string) => body.split('<tr>').find((one) => one.includes(`<code>${id}</code>`)) ?? '';
  expect(row('Immunization.vaccineCode.coding:vaccine')).toContain('<td>0..1</td><td>Coding</td>');
  expect(row('Immunization.vaccineCode.coding:vaccine')).toContain('required: <a href="/docs/ValueSet/vaccine">');
  expect(row('Immunization.lotNumber')).toContain('ロット番号');
  expect(row('Immunization.lotNumber')).toContain('<span lang="en">Lot number');
  expect(row('Immunization.status')).toContain('<td>1..1</td><td>code</td>');
  expect(body).toContain('<code>tsumugi-imm-1</code>');
  expect(body).toContain('<a href="/docs/example/dpt-ipv-hib-1">');
  const child = (await t.app.inject({ url: '/docs/StructureDefinition/child' })).body;
  expect(child).toContain('JP_Patient');
  expect(child).toContain('Patient.name:syllabic');
  expect((await t.app.inject({ url: '/docs/ValueSet/vaccine' })).body).toContain('<code>DPT-IPV-Hib</code>');
});

test('the statement names each definition of an operation once for a type', () => {
  const names = patient()?.operation?.map(({ name }) => name) ?? [];
  expect(names).toContain('everything');
  const definitions = patient()?.operation?.map(({ definition }) => definition) ?? [];
  expect(new Set(definitions).size).toBe(definitions.length);
});

test('the plan of an invented child is shown as a picture that needs nothing from elsewhere, anew each day', async () => {
  const { statusCode, body, headers } = await t.app.inject({ url: '/docs/plan' });
  expect([statusCode, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(body).toContain('実在しません');
  expect(body).toContain('2026-11-23 現在');
  expect(body).toMatch(/<svg [^>]*role="img"[^>]*>/);
  expect(body).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  expect((await t.app.inject({ url: '/docs' })).body).toContain('href="/docs/plan"');
  t.clock.nowMs += 86_400_000;
  expect((await t.app.inject({ url: '/docs/plan' })).body).toContain('2026-11-24 現在');
});

test('every format that is mapped has a page with all its fields, and the links of each page lead somewhere', async () => {
  const page = async (url: string) => (await t.app.inject({ url })).body;
  expect(await page('/docs')).toContain('href="/docs/mappings"');
  const list = await page('/docs/mappings');
  expect(new Set(formats.map(({ id }) => id)).size).toBe(formats.length);
  for (const { id, fields } of formats) {
    expect(list).toContain(`href="/docs/mappings/${id}"`);
    const body = await page(`/docs/mappings/${id}`);
    expect([id, body.match(/<th scope="row">/g)?.length]).toEqual([id, fields.length]);
    const links = new Set([...body.matchAll(/href="(\/[^"]*)"/g)].map(([, path = '']) => path));
    for (const path of links) expect([path, (await t.app.inject({ url: path })).statusCode]).toEqual([path, 200]);
  }
  expect((await t.app.inject({ url: '/docs/mappings/%3Cscript%3E' })).statusCode).toBe(404);
});

test('a field of a format has one fate, which it names a path or a reason for', () => {
  for (const { id, fields } of formats)
    for (const { at, name, to, kept, dropped } of fields) {
      const fates = [to, kept, dropped].filter((fate) => fate !== undefined && fate.length > 0);
      expect([id, at, fates.length, name !== '']).toEqual([id, at, 1, true]);
    }
});
