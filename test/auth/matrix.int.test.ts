// Who may do what: every role × interaction × kind of resource, by one table. What is hidden looks exactly like what is
// missing (architecture decision 19).
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemAccess } from '../../server/access/access.ts';
import { startWork } from '../../server/interaction/background.ts';
import { createWorks } from '../../server/store/works.ts';
import { type Caller, observationOf, patientNamed, type Response, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
let a: string;
let b: string;
const roles: Record<string, Caller> = {};
beforeAll(async () => {
  t = await startApp();
  a = (await t.system.create(patientNamed('試験', '花子', { birthDate: '2026-09-15' }))).id;
  b = (await t.system.create(patientNamed('他人', '秘密', { birthDate: '2026-09-15' }))).id;
  const wishes: Record<string, [string, string?]> = {
    'system/*.cruds': ['system/*.cruds'],
    'system/Patient.rs': ['system/Patient.rs'],
    'system/*.c': ['system/*.c'],
    'patient/*.cruds of A': ['patient/*.cruds', a],
    'patient/Observation.rs of A': ['patient/Observation.rs', a],
    'patient/*.cruds of nobody': ['patient/*.cruds', 'nobody'],
  };
  for (const [name, [scope, patient]] of Object.entries(wishes))
    roles[name] = await t.caller(scope, patient === undefined ? {} : { patient });
});
afterAll(() => t.close());

const rolesOfTokens = [
  ...['system/*.cruds', 'system/Patient.rs', 'system/*.c', 'patient/*.cruds of A'],
  ...['patient/Observation.rs of A', 'patient/*.cruds of nobody'],
];
const role = (name: string): Caller => roles[name] as Caller;

/** A fresh resource of each kind, because some interactions use it up. */
const kinds: Record<string, () => Promise<{ type: string; id: string }>> = {
  own: async () => await made(observationOf(a)),
  other: async () => await made(observationOf(b)),
  missing: async () => ({ type: 'Observation', id: `missing-${Math.random().toString(36).slice(2)}` }),
  directory: async () => await made({ resourceType: 'Organization', name: '見本医院' }),
  closed: async () => await made({ resourceType: 'Group', type: 'person', actual: false }),
};
const made = async (resource: { resourceType: string; [name: string]: unknown }) => ({
  type: resource.resourceType,
  id: (await t.system.create(resource)).id,
});

const bodies: Record<string, (id: string) => object> = {
  own: (id) => ({ ...observationOf(a), id }),
  other: (id) => ({ ...observationOf(b), id }),
  missing: (id) => ({ ...observationOf(a), id }),
  directory: (id) => ({ resourceType: 'Organization', name: '変更', id }),
  closed: (id) => ({ resourceType: 'Group', type: 'person', actual: false, id }),
};
const tagged = { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: { tag: [{ code: 'x' }] } }] };
const interactions: Record<
  string,
  (caller: Caller, kind: string, at: { type: string; id: string }) => Promise<Response>
> = {
  read: (caller, _, { type, id }) => caller.get(`${type}/${id}`),
  $meta: (caller, _, { type, id }) => caller.get(`${type}/${id}/$meta`),
  $findings: (caller, _, { type, id }) => caller.get(`${type}/${id}/$findings`),
  '$findings of a version': (caller, _, { type, id }) => caller.get(`${type}/${id}/$findings?version=1`),
  '$meta-add': (caller, _, { type, id }) => caller.post(`${type}/${id}/$meta-add`, tagged),
  $expunge: (caller, _, { type, id }) =>
    caller.post(`${type}/${id}/$expunge`, {
      resourceType: 'Parameters',
      parameter: [{ name: 'confirm', valueString: id }],
    }),
  vread: (caller, _, { type, id }) => caller.get(`${type}/${id}/_history/1`),
  history: (caller, _, { type, id }) => caller.get(`${type}/${id}/_history`),
  create: (caller, kind, { type }) => caller.post(type, bodies[kind]?.('x') ?? {}),
  update: (caller, kind, { type, id }) => caller.put(`${type}/${id}`, bodies[kind]?.(id) ?? {}),
  delete: (caller, _, { type, id }) => caller.delete(`${type}/${id}`),
  'search-system': (caller, _, { id }) => caller.get(`?_id=${id}`),
  patch: (caller, _, { type, id }) => patchAt(caller, `${type}/${id}`),
  'conditional patch': (caller, _, { type, id }) => patchAt(caller, `${type}?_id=${id}`),
  'conditional delete': (caller, _, { type, id }) => caller.delete(`${type}?_id=${id}`),
};
const patchAt = (caller: Caller, path: string) =>
  caller.send('PATCH', path, '[{"op":"add","path":"/language","value":"ja"}]', {
    'content-type': 'application/json-patch+json',
  });

// own, other, missing, directory, closed
const table: [role: string, interaction: string, statuses: number[]][] = [
  ['system/*.cruds', 'read', [200, 200, 404, 200, 200]],
  ['system/*.cruds', 'vread', [200, 200, 404, 200, 200]],
  ['system/*.cruds', 'history', [200, 200, 404, 200, 200]],
  ['system/*.cruds', 'create', [201, 201, 201, 201, 201]],
  ['system/*.cruds', 'update', [200, 200, 201, 200, 200]],
  ['system/*.cruds', 'delete', [204, 204, 404, 204, 204]],
  ['system/*.cruds', 'patch', [200, 200, 404, 200, 200]],
  ['system/*.cruds', 'conditional patch', [200, 200, 404, 200, 200]],
  ['system/*.cruds', 'conditional delete', [204, 204, 204, 204, 204]],
  ['system/Patient.rs', 'read', [403, 403, 403, 403, 403]],
  ['system/Patient.rs', 'vread', [403, 403, 403, 403, 403]],
  ['system/Patient.rs', 'history', [403, 403, 403, 403, 403]],
  ['system/Patient.rs', 'create', [403, 403, 403, 403, 403]],
  ['system/Patient.rs', 'update', [403, 403, 403, 403, 403]],
  ['system/Patient.rs', 'delete', [403, 403, 403, 403, 403]],
  ['system/Patient.rs', 'patch', [403, 403, 403, 403, 403]],
  ['system/Patient.rs', 'conditional patch', [403, 403, 403, 403, 403]],
  ['system/Patient.rs', 'conditional delete', [403, 403, 403, 403, 403]],
  ['system/*.c', 'read', [403, 403, 403, 403, 403]],
  ['system/*.c', 'create', [201, 201, 201, 201, 201]],
  ['system/*.c', 'update', [403, 403, 403, 403, 403]],
  ['system/*.c', 'delete', [403, 403, 403, 403, 403]],
  ['system/*.c', 'patch', [403, 403, 403, 403, 403]],
  ['system/*.c', 'conditional patch', [403, 403, 403, 403, 403]],
  ['system/*.c', 'conditional delete', [403, 403, 403, 403, 403]],
  ['patient/*.cruds of A', 'read', [200, 404, 404, 200, 404]],
  ['patient/*.cruds of A', 'vread', [200, 404, 404, 200, 404]],
  ['patient/*.cruds of A', 'history', [200, 404, 404, 200, 404]],
  ['patient/*.cruds of A', 'create', [201, 403, 201, 403, 403]],
  ['patient/*.cruds of A', 'update', [200, 403, 404, 403, 403]],
  ['patient/*.cruds of A', 'delete', [204, 404, 404, 404, 404]],
  ['patient/*.cruds of A', 'patch', [200, 404, 404, 404, 404]],
  ['patient/*.cruds of A', 'conditional patch', [200, 404, 404, 404, 404]],
  ['patient/*.cruds of A', 'conditional delete', [204, 204, 204, 404, 204]],
  ['patient/Observation.rs of A', 'read', [200, 404, 404, 403, 403]],
  ['patient/Observation.rs of A', 'create', [403, 403, 403, 403, 403]],
  ['patient/Observation.rs of A', 'update', [403, 403, 403, 403, 403]],
  ['patient/Observation.rs of A', 'delete', [403, 403, 403, 403, 403]],
  ['system/*.cruds', 'search-system', [200, 200, 200, 200, 200]],
  ['system/*.c', 'search-system', [403, 403, 403, 403, 403]],
  ['patient/*.cruds of A', 'search-system', [200, 200, 200, 200, 200]],
  ['patient/Observation.rs of A', 'patch', [403, 403, 403, 403, 403]],
  ['patient/Observation.rs of A', 'conditional patch', [403, 403, 403, 403, 403]],
  ['patient/Observation.rs of A', 'conditional delete', [403, 403, 403, 403, 403]],
  ['patient/*.cruds of nobody', 'read', [404, 404, 404, 200, 404]],
  ['patient/*.cruds of nobody', 'create', [403, 403, 403, 403, 403]],
  ['patient/*.cruds of nobody', 'delete', [404, 404, 404, 404, 404]],
  ['patient/*.cruds of nobody', 'patch', [404, 404, 404, 404, 404]],
  ['patient/*.cruds of nobody', 'conditional patch', [404, 404, 404, 404, 404]],
  ['patient/*.cruds of nobody', 'conditional delete', [204, 204, 204, 404, 204]],
  ['system/*.cruds', '$meta', [200, 200, 404, 200, 200]],
  ['system/*.cruds', '$findings', [200, 200, 404, 200, 200]],
  ['system/*.cruds', '$findings of a version', [200, 200, 404, 200, 200]],
  ['system/*.cruds', '$meta-add', [200, 200, 404, 200, 200]],
  ['system/*.cruds', '$expunge', [200, 200, 404, 200, 200]],
  ['system/Patient.rs', '$meta', [403, 403, 403, 403, 403]],
  ['system/Patient.rs', '$findings', [403, 403, 403, 403, 403]],
  ['system/Patient.rs', '$meta-add', [403, 403, 403, 403, 403]],
  ['system/Patient.rs', '$expunge', [403, 403, 403, 403, 403]],
  ['system/*.c', '$meta', [403, 403, 403, 403, 403]],
  ['system/*.c', '$findings', [403, 403, 403, 403, 403]],
  ['system/*.c', '$meta-add', [403, 403, 403, 403, 403]],
  ['system/*.c', '$expunge', [403, 403, 403, 403, 403]],
  ['patient/*.cruds of A', '$meta', [200, 404, 404, 200, 404]],
  ['patient/*.cruds of A', '$findings', [200, 404, 404, 200, 404]],
  ['patient/*.cruds of A', '$findings of a version', [200, 404, 404, 200, 404]],
  ['patient/*.cruds of A', '$meta-add', [200, 404, 404, 403, 404]],
  ['patient/*.cruds of A', '$expunge', [403, 403, 403, 403, 403]],
  ['patient/Observation.rs of A', '$meta', [200, 404, 404, 403, 403]],
  ['patient/Observation.rs of A', '$findings', [200, 404, 404, 403, 403]],
  ['patient/Observation.rs of A', '$meta-add', [403, 403, 403, 403, 403]],
  ['patient/*.cruds of nobody', '$meta', [404, 404, 404, 200, 404]],
  ['patient/*.cruds of nobody', '$findings', [404, 404, 404, 200, 404]],
  ['patient/*.cruds of nobody', '$expunge', [403, 403, 403, 403, 403]],
];

test.each(table)('%s > %s', async (name, interaction, statuses) => {
  const found: number[] = [];
  for (const kind of Object.keys(kinds)) {
    const at = await kinds[kind]?.();
    const answer = at && (await interactions[interaction]?.(role(name), kind, at));
    if (answer && answer.status >= 400) expect(answer.text).not.toMatch(/秘密|他人/);
    found.push(answer?.status ?? 0);
  }
  expect(found).toEqual(statuses);
});

// What a token lacks is told in the challenge of every 403 that is about its scopes, and of no other.
test.each<[role: string, method: string, path: string, scope: string | undefined]>([
  ['system/Patient.rs', 'GET', 'Observation/x', 'system/Observation.r'],
  ['system/Patient.rs', 'GET', 'Observation/x/_history/1', 'system/Observation.r'],
  ['system/Patient.rs', 'GET', 'Observation/x/_history', 'system/Observation.r'],
  ['system/Patient.rs', 'GET', 'Observation/_history', 'system/Observation.s'],
  ['system/Patient.rs', 'GET', 'Observation', 'system/Observation.s'],
  ['system/Patient.rs', 'GET', '?_type=Observation', 'system/Observation.s'],
  ['system/Patient.rs', 'GET', '?_type=Observation,Encounter', 'system/*.s'],
  ['system/Patient.rs', 'GET', 'Patient?_has:Observation:patient:code=x', 'system/Observation.s'],
  ['system/Patient.rs', 'GET', 'Observation/x/$meta', 'system/Observation.r'],
  ['system/Patient.rs', 'GET', 'Observation/x/$findings', 'system/Observation.r'],
  ['system/Patient.rs', 'GET', 'Observation/x/$diff?from=1&to=2', 'system/Observation.r'],
  ['system/Patient.rs', 'GET', 'Observation/x/$graphql?query={id}', 'system/Observation.r'],
  ['system/Patient.rs', 'GET', '$graphql?query={Observation(id:"x"){id}}', 'system/Observation.r'],
  ['system/Patient.rs', 'GET', '$graphql?query={ObservationList{id}}', 'system/Observation.s'],
  ['system/Patient.rs', 'GET', 'Encounter/x/$everything', 'system/Encounter.r'],
  ['system/Patient.rs', 'GET', 'Patient/x/$plan', 'system/Immunization.r'],
  ['system/Patient.rs', 'GET', 'Patient/x/$growth', 'system/Observation.r'],
  ['system/Patient.rs', 'DELETE', 'Observation/x', 'system/Observation.d'],
  ['system/Patient.rs', 'DELETE', 'Observation?_id=x', 'system/Observation.d'],
  ['patient/Observation.rs of A', 'GET', 'Patient/x', 'patient/Patient.r'],
  ['patient/Observation.rs of A', 'GET', 'Patient/$everything', 'patient/Patient.r'],
  ['patient/*.cruds of A', 'GET', '$reindex-status', undefined],
])('%s > %s %s lacks %s', async (name, method, path, scope) => {
  const { status, headers, text } = await role(name).send(method, path);
  const challenge = scope && `Bearer realm="tsumugi", error="insufficient_scope", scope="${scope}"`;
  expect([status, headers['www-authenticate'], text]).toEqual([403, challenge, expect.any(String)]);
});

// What of a resource of A, of B, of the directory and of none of these shows in the histories of types and of everything.
const histories: [role: string, path: string, answer: number | string[]][] = [
  ['system/*.cruds', 'TYPE/_history', ['own', 'other', 'directory', 'closed']],
  ['system/*.cruds', '_history', ['own', 'other', 'directory', 'closed']],
  ['system/Patient.rs', 'TYPE/_history', 403],
  ['system/Patient.rs', '_history', []],
  ['system/*.c', 'TYPE/_history', 403],
  ['system/*.c', '_history', 403],
  ['patient/*.cruds of A', 'TYPE/_history', ['own', 'directory']],
  ['patient/*.cruds of A', '_history', ['own']],
  ['patient/Observation.rs of A', '_history', ['own']],
  ['patient/*.cruds of nobody', 'TYPE/_history', ['directory']],
  ['patient/*.cruds of nobody', '_history', []],
];

test.each(histories)('%s > GET %s', async (name, path, expected) => {
  const found: string[] = [];
  for (const kind of ['own', 'other', 'directory', 'closed']) {
    const at = await kinds[kind]?.();
    if (!at) continue;
    // Also what was and is no more: its versions and its tombstone are shown to the same callers.
    await t.system.put(`${at.type}/${at.id}`, { ...bodies[kind]?.(at.id), language: 'ja' });
    await t.system.delete(`${at.type}/${at.id}`);
    const { status, body, text } = await role(name).get(`${path.replace('TYPE', at.type)}?_count=1000`);
    if (typeof expected === 'number') {
      expect(status).toBe(expected);
      continue;
    }
    expect(status).toBe(200);
    const versions = (body.entry ?? []).filter(({ fullUrl }) => fullUrl.endsWith(`${at.type}/${at.id}`)).length;
    expect([0, 3]).toContain(versions);
    if (versions > 0) found.push(kind);
    else expect(text).not.toContain(at.id);
  }
  expect(found).toEqual(typeof expected === 'number' ? [] : expected);
});

// The compartment of: own, other, missing patient. A number is a status, "found" and "empty" are searchsets.
test.each<[role: string, path: string, answers: (number | string)[]]>([
  ['system/*.cruds', 'Observation', ['found', 'found', 'empty']],
  ['system/*.cruds', 'Patient', ['found', 'found', 'empty']],
  ['system/*.cruds', 'Organization', [400, 400, 400]],
  ['system/*.cruds', '*', ['found', 'found', 'empty']],
  ['system/Patient.rs', '*', ['found', 'found', 'empty']],
  ['system/*.c', '*', [403, 403, 403]],
  ['patient/*.cruds of A', '*', ['found', 'empty', 'empty']],
  ['patient/Observation.rs of A', '*', ['found', 'empty', 'empty']],
  ['patient/*.cruds of nobody', '*', ['empty', 'empty', 'empty']],
  ['system/Patient.rs', 'Observation', [403, 403, 403]],
  ['system/Patient.rs', 'Patient', ['found', 'found', 'empty']],
  ['system/*.c', 'Observation', [403, 403, 403]],
  ['patient/*.cruds of A', 'Observation', ['found', 'empty', 'empty']],
  ['patient/*.cruds of A', 'Patient', ['found', 'empty', 'empty']],
  ['patient/Observation.rs of A', 'Observation', ['found', 'empty', 'empty']],
  ['patient/Observation.rs of A', 'Patient', [403, 403, 403]],
  ['patient/*.cruds of nobody', 'Observation', ['empty', 'empty', 'empty']],
])('%s > search of %s in a compartment', async (name, path, answers) => {
  await t.system.create(observationOf(a));
  await t.system.create(observationOf(b));
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const seen = ({ status, body }: Response) => (status === 200 ? (body.entry ? 'found' : 'empty') : status);
  for (const [n, id] of [a, b, 'missing-patient'].entries()) {
    expect(seen(await role(name).get(`Patient/${id}/${path}`))).toBe(answers[n]);
    expect(seen(await role(name).send('POST', `Patient/${id}/${path}/_search`, '_count=1', form))).toBe(answers[n]);
  }
});

test.each([
  ['system/*.cruds', 200],
  ['system/Patient.rs', 403],
  ['system/*.c', 403],
  ['patient/*.cruds of A', 403],
  ['patient/Observation.rs of A', 403],
])('%s > $reindex-status', async (name, status) => {
  expect((await role(name).get('$reindex-status')).status).toBe(status);
  expect((await t.withToken(undefined).get('$reindex-status')).status).toBe(401);
});

// Questions about codes: of a stored value set, code system and map (directory types), by their urls, and of a missing one.
test.each<[role: string, statuses: number[]]>([
  ['system/*.cruds', [200, 200, 200, 200, 200, 200, 404]],
  ['system/Patient.rs', [403, 403, 403, 403, 403, 403, 403]],
  ['system/*.c', [403, 403, 403, 403, 403, 403, 403]],
  ['patient/*.cruds of A', [200, 200, 200, 200, 200, 200, 404]],
  ['patient/Observation.rs of A', [403, 403, 403, 403, 403, 403, 403]],
  ['patient/*.cruds of nobody', [200, 200, 200, 200, 200, 200, 404]],
])('%s > questions about codes', async (name, statuses) => {
  const system = 'http://example.org/cs/matrix';
  const url = 'http://example.org/vs/matrix';
  const cm = 'http://example.org/cm/matrix';
  const about = { id: 'matrix', status: 'active' };
  const concept = [{ code: 'x' }];
  await t.system.put('CodeSystem/matrix', {
    resourceType: 'CodeSystem',
    ...about,
    url: system,
    content: 'complete',
    concept,
  });
  await t.system.put('ValueSet/matrix', {
    resourceType: 'ValueSet',
    ...about,
    url,
    compose: { include: [{ system }] },
  });
  await t.system.put('ConceptMap/matrix', { resourceType: 'ConceptMap', ...about, url: cm });
  const paths = [
    `ValueSet/$expand?url=${url}`,
    `ValueSet/matrix/$validate-code?system=${system}&code=x`,
    `CodeSystem/$validate-code?url=${system}&code=x`,
    `CodeSystem/$lookup?system=${system}&code=x`,
    `CodeSystem/matrix/$subsumes?codeA=x&codeB=x`,
    `ConceptMap/$translate?url=${cm}&system=${system}&code=x`,
    'ValueSet/missing/$expand',
  ];
  const found: number[] = [];
  for (const path of paths) {
    found.push((await role(name).get(path)).status);
    expect((await t.withToken(undefined).get(path)).status).toBe(401);
  }
  expect(found).toEqual(statuses);
});

// The access log of a patient A, of B, and of a missing one, and one event of each by its id.
test.each<[role: string, answers: (number | string)[], read: number[]]>([
  ['system/*.cruds', ['found', 'found', 'empty'], [200, 200, 404]],
  ['system/Patient.rs', [403, 403, 403], [403, 403, 403]],
  ['system/*.c', [403, 403, 403], [403, 403, 403]],
  ['patient/*.cruds of A', ['found', 'empty', 'empty'], [200, 404, 404]],
  ['patient/Observation.rs of A', [403, 403, 403], [403, 403, 403]],
  ['patient/*.cruds of nobody', ['empty', 'empty', 'empty'], [404, 404, 404]],
])('%s > the access log', async (name, answers, read) => {
  const eventOf = async (id: string) => {
    const { body } = await t.system.get(`AuditEvent?patient=${id}&_count=1`);
    return body.entry?.[0]?.resource.id ?? 'audit-1-999999999';
  };
  const found: (number | string)[] = [];
  const events: number[] = [];
  for (const id of [a, b, 'missing-patient']) {
    const { status, body } = await role(name).get(`AuditEvent?patient=${id}`);
    found.push(status === 200 ? (body.entry ? 'found' : 'empty') : status);
    events.push((await role(name).get(`AuditEvent/${await eventOf(id)}`)).status);
  }
  expect([found, events]).toEqual([answers, read]);
});

// What is printed of a patient A, of B, and of a missing one. Types that the token does not cover are left out and named.
test.each<[role: string, statuses: number[]]>([
  ['system/*.cruds', [200, 200, 404]],
  ['system/Patient.rs', [200, 200, 404]],
  ['system/*.c', [403, 403, 403]],
  ['patient/*.cruds of A', [200, 404, 404]],
  ['patient/Observation.rs of A', [403, 403, 403]],
  ['patient/*.cruds of nobody', [404, 404, 404]],
])('%s > $handbook, $vaccination-certificate and $school-form', async (name, statuses) => {
  for (const operation of ['$handbook', '$vaccination-certificate', '$school-form']) {
    const found: number[] = [];
    for (const id of [a, b, 'missing-patient']) found.push((await role(name).get(`Patient/${id}/${operation}`)).status);
    expect(found).toEqual(statuses);
    expect((await t.withToken(undefined).get(`Patient/${a}/${operation}`)).status).toBe(401);
  }
});

// The plan and the growth chart of a patient A, of B, and of a missing one.
test.each<[role: string, statuses: number[]]>([
  ['system/*.cruds', [200, 200, 404]],
  ['system/Patient.rs', [403, 403, 403]],
  ['system/*.c', [403, 403, 403]],
  ['patient/*.cruds of A', [200, 404, 404]],
  ['patient/Observation.rs of A', [403, 403, 403]],
  ['patient/*.cruds of nobody', [404, 404, 404]],
])('%s > $plan and $growth', async (name, statuses) => {
  for (const operation of ['$plan', '$growth']) {
    const found: number[] = [];
    for (const id of [a, b, 'missing-patient']) {
      const path = `Patient/${id}/${operation}`;
      const answer = await role(name).get(path);
      found.push(answer.status);
      if (answer.status >= 400) expect(answer.text).not.toMatch(/秘密|他人/);
      expect((await role(name).post(path, { resourceType: 'Parameters' })).status).toBe(answer.status);
    }
    expect(found).toEqual(statuses);
    expect((await t.withToken(undefined).get(`Patient/${a}/${operation}`)).status).toBe(401);
  }
});

// What happened to a patient A, to B, and to a missing one; and who may say which records tell of one event.
test.each<[role: string, events: number[], said: number[]]>([
  ['system/*.cruds', [200, 200, 404], [200, 200, 404]],
  ['system/Patient.rs', [403, 403, 403], [403, 403, 403]],
  ['system/*.c', [403, 403, 403], [403, 403, 403]],
  ['patient/*.cruds of A', [200, 404, 404], [200, 404, 404]],
  ['patient/Observation.rs of A', [403, 403, 403], [403, 403, 403]],
  ['patient/*.cruds of nobody', [404, 404, 404], [404, 404, 404]],
])('%s > $events and $same-event', async (name, events, said) => {
  const doseOf = (patient: string) => ({
    resourceType: 'Immunization',
    status: 'completed',
    vaccineCode: { text: 'BCG' },
    patient: { reference: `Patient/${patient}` },
    occurrenceDateTime: '2026-11-23',
  });
  const found: number[][] = [[], []];
  for (const id of [a, b, 'missing-patient']) {
    const owner = id === 'missing-patient' ? b : id;
    const doses = [await t.system.create(doseOf(owner)), await t.system.create(doseOf(owner))];
    const body = {
      resourceType: 'Parameters',
      parameter: [
        ...doses.map((dose) => ({ name: 'record', valueReference: { reference: `Immunization/${dose.id}` } })),
        { name: 'verdict', valueCode: 'same' },
      ],
    };
    const answers = [
      await role(name).get(`Patient/${id}/$events`),
      await role(name).post(`Patient/${id}/$same-event`, body),
    ];
    for (const [n, answer] of answers.entries()) {
      found[n]?.push(answer.status);
      if (answer.status >= 400) expect(answer.text).not.toMatch(/秘密|他人/);
    }
    expect((await t.withToken(undefined).get(`Patient/${id}/$events`)).status).toBe(401);
    expect((await t.withToken(undefined).post(`Patient/${id}/$same-event`, body)).status).toBe(401);
  }
  expect(found).toEqual([events, said]);
});

// A summary of a patient A, of B, and of a missing one, by id and by identifier; GET and POST alike.
test.each<[role: string, byId: number[], byIdentifier: number[]]>([
  ['system/*.cruds', [200, 200, 404], [200, 200, 404]],
  ['system/Patient.rs', [200, 200, 404], [200, 200, 404]],
  ['system/*.c', [403, 403, 403], [403, 403, 403]],
  ['patient/*.cruds of A', [200, 404, 404], [200, 404, 404]],
  ['patient/Observation.rs of A', [403, 403, 403], [403, 403, 403]],
  ['patient/*.cruds of nobody', [404, 404, 404], [404, 404, 404]],
])('%s > $summary', async (name, byId, byIdentifier) => {
  const found: number[][] = [[], []];
  for (const id of [a, b, 'missing-patient']) {
    const value = `summary-${id}-${Math.random().toString(36).slice(2)}`;
    if (id !== 'missing-patient') {
      const { body } = await t.system.get(`Patient/${id}`);
      await t.system.put(`Patient/${id}`, { ...body, identifier: [{ system: 'urn:test', value }] });
    }
    const paths = [`Patient/${id}/$summary`, `Patient/$summary?identifier=urn:test%7C${value}`];
    for (const [n, path] of paths.entries()) {
      const answer = await role(name).get(path);
      found[n]?.push(answer.status);
      if (answer.status >= 400) expect(answer.text).not.toMatch(/秘密|他人/);
      expect((await t.withToken(undefined).get(path)).status).toBe(401);
    }
    const posted = await role(name).post(`Patient/${id}/$summary`, { resourceType: 'Parameters' });
    expect(posted.status).toBe(found[0]?.at(-1));
  }
  expect(found).toEqual([byId, byIdentifier]);
});

// The cards of a patient A, of B, and of a missing one: issued, listed, revoked.
test.each<[role: string, read: number[], revoked: number[]]>([
  ['system/*.cruds', [200, 200, 404], [200, 200, 404]],
  ['system/Patient.rs', [403, 403, 403], [403, 403, 403]],
  ['system/*.c', [403, 403, 403], [403, 403, 403]],
  ['patient/*.cruds of A', [200, 404, 404], [200, 404, 404]],
  ['patient/Observation.rs of A', [403, 403, 403], [403, 403, 403]],
  ['patient/*.cruds of nobody', [404, 404, 404], [404, 404, 404]],
])('%s > health cards', async (name, read, revoked) => {
  const body = (parameter: object) => ({ resourceType: 'Parameters', parameter: [parameter] });
  const issued = body({ name: 'credentialType', valueUri: 'https://smarthealth.cards#immunization' });
  const found: number[][] = [[], [], []];
  for (const id of [a, b, 'missing-patient']) {
    const calls: ((caller: Caller) => Promise<Response>)[] = [
      (caller) => caller.post(`Patient/${id}/$health-cards-issue`, issued),
      (caller) => caller.get(`Patient/${id}/$health-cards`),
      (caller) => caller.post(`Patient/${id}/$revoke-health-card`, body({ name: 'all', valueBoolean: true })),
    ];
    for (const [n, call] of calls.entries()) {
      const answer = await call(role(name));
      found[n]?.push(answer.status);
      if (answer.status >= 400) expect(answer.text).not.toMatch(/秘密|他人/);
      expect((await call(t.withToken(undefined))).status).toBe(401);
    }
  }
  expect(found).toEqual([read, read, revoked]);
});

// What is made of a card alone is for every caller with a token, and tells nothing of a record.
test.each(rolesOfTokens)('%s > a card that somebody shows', async (name) => {
  const card = (of: string) => ({ resourceType: 'Parameters', parameter: [{ name: of, valueString: 'no card' }] });
  for (const [path, body, status] of [
    ['$health-card-verify', card('card'), 200],
    ['$health-card-picture', card('verifiableCredential'), 400],
  ] as const) {
    expect((await role(name).post(path, body)).status).toBe(status);
    expect((await t.withToken(undefined).post(path, body)).status).toBe(401);
  }
});

// Opening a record in an emergency, of a patient A, of B, and of a missing one: only a clinician may, see break-glass.int.test.ts.
test.each([...rolesOfTokens, 'organization'])('%s > $break-glass is refused alike', async (name) => {
  const reason = { name: 'reason', valueString: '意識がなく、既往歴を確かめるため' };
  const caller = name === 'organization' ? await t.caller('system/*.cruds', { organization: 'clinic' }) : role(name);
  for (const id of [a, b, 'missing-patient']) {
    const path = `Patient/${id}/$break-glass`;
    const body = { resourceType: 'Parameters', parameter: [reason] };
    expect((await caller.post(path, body)).status).toBe(403);
    expect((await t.withToken(undefined).post(path, body)).status).toBe(401);
  }
});

// The check before the needle, and the hooks made of it and of $forecast, for a patient A, for B, and for a missing one.
test.each<[role: string, statuses: number[]]>([
  ['system/*.cruds', [200, 200, 404]],
  ['system/Patient.rs', [403, 403, 403]],
  ['system/*.c', [403, 403, 403]],
  ['patient/*.cruds of A', [200, 404, 404]],
  ['patient/Observation.rs of A', [403, 403, 403]],
  ['patient/*.cruds of nobody', [404, 404, 404]],
])('%s > Immunization/$check and CDS Hooks', async (name, statuses) => {
  const dose = {
    resourceType: 'Immunization',
    status: 'completed',
    vaccineCode: { text: 'BCG' },
    patient: { display: '試験 花子' },
    occurrenceDateTime: '2026-11-23',
  };
  const bundle = { resourceType: 'Bundle', type: 'collection', entry: [{ resource: dose }] };
  const asked = (id: string): [path: string, body: object][] => {
    const hook = {
      hookInstance: '0a1b2c3d-0000-4000-8000-000000000000',
      context: { patientId: id, draftOrders: bundle },
    };
    const patient = { name: 'patient', valueReference: { reference: `Patient/${id}` } };
    const body = { resourceType: 'Parameters', parameter: [patient, { name: 'immunization', resource: dose }] };
    return [
      ['/fhir/Immunization/$check', body],
      ['/cds-services/patient-view', { ...hook, hook: 'patient-view' }],
      ['/cds-services/immunization-check', { ...hook, hook: 'order-sign' }],
    ];
  };
  const post = async (url: string, body: object, token: string | undefined) => {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const headers = { 'content-type': 'application/json', ...authorization };
    const answer = await t.app.inject({ method: 'POST', url, payload: JSON.stringify(body), headers });
    if (answer.statusCode >= 400) expect(answer.body).not.toMatch(/秘密|他人/);
    return answer.statusCode;
  };
  for (const [n, id] of [a, b, 'missing-patient'].entries()) {
    for (const [url, body] of asked(id)) {
      expect([url, await post(url, body, role(name).token)]).toEqual([url, statuses[n]]);
      expect([url, await post(url, body, undefined)]).toEqual([url, 401]);
    }
  }
});

describe('hidden and missing look the same', () => {
  /** Status and body with the id taken out. */
  const seen = ({ status, text }: Response, id: string) => ({ status, text: text.replaceAll(id, 'ID') });
  const missing = '01a205b3-d000-8b1c-adbd-6177fe7d10f4';
  const own = () => role('patient/*.cruds of A');
  // The first call of a caller looks its token up.
  beforeAll(() => own().get(`Observation/${missing}`));

  /**
   * The answer, and how many statements it took: the time they take tells as well. The least of three, for now and then the
   * server asks something of its own in between (search parameters, tokens).
   */
  async function told(ask: (id: string) => Promise<Response>, id: string) {
    const counts: number[] = [];
    for (let n = 0; n < 2; n++) counts.push((await counted(ask, id)).statements);
    const { answer, statements } = await counted(ask, id);
    return { ...answer, statements: Math.min(...counts, statements) };
  }

  async function counted(ask: (id: string) => Promise<Response>, id: string) {
    const query = vi.spyOn(pg.Client.prototype, 'query');
    const answer = seen(await ask(id), id);
    const statements = query.mock.calls.length;
    query.mockRestore();
    return { answer, statements };
  }

  test.each<[string, (id: string) => Promise<Response>]>([
    ['read', (id) => own().get(`Observation/${id}`)],
    ['vread', (id) => own().get(`Observation/${id}/_history/1`)],
    ['history', (id) => own().get(`Observation/${id}/_history`)],
    ['history of a time', (id) => own().get(`Observation/${id}/_history?_since=2000&_at=2026`)],
    ['$meta', (id) => own().get(`Observation/${id}/$meta`)],
    ['$validate', (id) => own().get(`Observation/${id}/$validate`)],
    ['$validate of another', (id) => own().post(`Observation/${id}/$validate`, { resourceType: 'Parameters' })],
    ['$meta of a version', (id) => own().get(`Observation/${id}/_history/1/$meta`)],
    ['$meta-add', (id) => own().post(`Observation/${id}/$meta-add`, tagged)],
    ['$meta-delete', (id) => own().post(`Observation/${id}/$meta-delete`, tagged)],
    ['$expunge', (id) => own().post(`Observation/${id}/$expunge`, { resourceType: 'Parameters' })],
    ['update with an own body', (id) => own().put(`Observation/${id}`, { ...observationOf(a), id })],
    ['update with a body that names the other', (id) => own().put(`Observation/${id}`, { ...observationOf(b), id })],
    [
      'update with If-Match',
      (id) => own().put(`Observation/${id}`, { ...observationOf(a), id }, { 'if-match': 'W/"1"' }),
    ],
    [
      'update with a stale If-Match',
      (id) => own().put(`Observation/${id}`, { ...observationOf(a), id }, { 'if-match': 'W/"7"' }),
    ],
    ['delete', (id) => own().delete(`Observation/${id}`)],
    ['delete with If-Match', (id) => own().delete(`Observation/${id}`, { 'if-match': 'W/"1"' })],
    ['search of every type by _id', (id) => own().get(`?_id=${id}&_total=accurate`)],
    ['patch', (id) => patchAt(own(), `Observation/${id}`)],
    [
      'patch that nothing fits',
      (id) =>
        own().send('PATCH', `Observation/${id}`, '[{"op":"test","path":"/status","value":"x"}]', {
          'content-type': 'application/json-patch+json',
        }),
    ],
    ['conditional patch', (id) => patchAt(own(), `Observation?_id=${id}`)],
    ['conditional delete', (id) => own().delete(`Observation?_id=${id}`)],
    ['conditional delete with If-Match', (id) => own().delete(`Observation?_id=${id}`, { 'if-match': 'W/"1"' })],
    [
      'update only if new',
      (id) => own().put(`Observation/${id}`, { ...observationOf(a), id }, { 'if-none-match': '*' }),
    ],
    [
      'read in a transaction',
      (id) =>
        own().post('', {
          resourceType: 'Bundle',
          type: 'transaction',
          entry: [{ request: { method: 'GET', url: `Observation/${id}` } }],
        }),
    ],
    ['search by _filter', (id) => own().get(`Observation?_filter=_id%20eq%20${id}&_total=accurate`)],
    ['search by what is not its _id', (id) => own().get(`Observation?_filter=_id%20ne%20${id}&_summary=count`)],
    ['search by _id', (id) => own().get(`Observation?_id=${id}&_total=accurate`)],
    [
      'in a transaction',
      (id) =>
        own().post('', {
          resourceType: 'Bundle',
          type: 'transaction',
          entry: [{ request: { method: 'DELETE', url: `Observation/${id}` } }],
        }),
    ],
    [
      'in a batch',
      (id) =>
        own().post('', {
          resourceType: 'Bundle',
          type: 'batch',
          entry: [{ request: { method: 'GET', url: `Observation/${id}` } }],
        }),
    ],
  ])('%s', async (_, ask) => {
    const { id } = await t.system.create(observationOf(b));
    expect(await told(ask, id)).toEqual(await told(ask, missing));
    // Also once it has more versions, and when it is gone.
    await t.system.put(`Observation/${id}`, { ...observationOf(b, { language: 'ja' }), id });
    expect(await told(ask, id)).toEqual(await told(ask, missing));
    await t.system.delete(`Observation/${id}`);
    expect(await told(ask, id)).toEqual(await told(ask, missing));
  });

  test.each([
    ['read', 'Patient/ID'],
    ['$everything', 'Patient/ID/$everything'],
    ['$everything in pages', 'Patient/ID/$everything?_count=1&_type=Patient'],
    ['$summary', 'Patient/ID/$summary'],
    ['$forecast', 'Patient/ID/$forecast'],
    ['$plan', 'Patient/ID/$plan'],
    ['$growth', 'Patient/ID/$growth'],
    ['$events', 'Patient/ID/$events'],
    ['$handbook', 'Patient/ID/$handbook'],
    ['$vaccination-certificate', 'Patient/ID/$vaccination-certificate'],
    ['$school-form', 'Patient/ID/$school-form'],
    ['$diff', 'Patient/ID/$diff?from=1&to=1'],
    ['$lastn', 'Observation/$lastn?patient=ID&code=29463-7'],
    ['$graphql', 'Patient/ID/$graphql?query={id,name{family}}'],
    ['$graphql on the server', '$graphql?query={Patient(id:"ID"){name{family}}}'],
    ['a search in $graphql', '$graphql?query={PatientList(_id:"ID"){name{family}}}'],
    ['search by patient', 'Observation?patient=ID&_total=accurate'],
    ['search in the compartment', 'Patient/ID/Observation?_total=accurate'],
    ['search of everything in the compartment', 'Patient/ID/*?_total=accurate'],
    ['search for Patient in the compartment', 'Patient/ID/Patient?_total=accurate&_revinclude=*'],
    ['search in the compartment with includes', 'Patient/ID/Observation?_include=*&_revinclude:iterate=*'],
    ['search of Patient', 'Patient?_id=ID&_total=accurate'],
    ['a filter', 'Observation?_filter=patient%20eq%20Patient/ID&_total=accurate'],
    ['a filter that denies', 'Observation?_filter=not(subject._id%20eq%20ID)&_summary=count'],
    ['a filter with a chain', 'Observation?_filter=code%20pr%20false%20or%20patient._id%20eq%20ID&_total=accurate'],
    ['a chain of _has', 'Patient?_has:Observation:patient:subject:Patient._id=ID&_total=accurate'],
  ])('%s of another patient', async (_, path) => {
    const ask = (id: string) => own().get(path.replace('ID', id));
    expect(seen(await ask(b), b)).toEqual(seen(await ask(missing), missing));
  });

  // A List of each kind that names an Observation of A: what a search of Observation by it finds.
  const lists: [role: string, answers: (number | string)[]][] = [
    ['system/*.cruds', ['found', 'found', 'empty', 'found']],
    ['system/Patient.rs', [403, 403, 403, 403]],
    ['system/*.c', [403, 403, 403, 403]],
    ['patient/*.cruds of A', ['found', 'empty', 'empty', 'empty']],
    ['patient/Observation.rs of A', [403, 403, 403, 403]],
    ['patient/*.cruds of nobody', ['empty', 'empty', 'empty', 'empty']],
  ];
  test.each(lists)('%s > search by a List of A, of B, missing and of nobody', async (name, answers) => {
    const { id: one } = await t.system.create(observationOf(a));
    const found: (number | string)[] = [];
    for (const subject of [`Patient/${a}`, `Patient/${b}`, undefined, 'nobody']) {
      const list = {
        resourceType: 'List',
        status: 'current',
        mode: 'working',
        entry: [{ item: { reference: `Observation/${one}` } }],
        ...(subject?.startsWith('Patient') ? { subject: { reference: subject } } : {}),
      };
      const id = subject === undefined ? missing : (await t.system.create(list)).id;
      const { status, body } = await role(name).get(`Observation?_list=${id}`);
      found.push(status !== 200 ? status : body.entry ? 'found' : 'empty');
    }
    expect(found).toEqual(answers);
  });

  // A ValueSet of the directory, and one that is missing: what a search of Observation by its codes answers.
  test.each<[role: string, answers: number[]]>([
    ['system/*.cruds', [200, 422]],
    ['system/Patient.rs', [403, 403]],
    ['system/*.c', [403, 403]],
    ['patient/*.cruds of A', [200, 422]],
    ['patient/Observation.rs of A', [403, 403]],
    ['patient/*.cruds of nobody', [200, 422]],
  ])('%s > search by a ValueSet, stored and missing', async (name, answers) => {
    const include = [{ system: 'http://loinc.org', concept: [{ code: '29463-7' }] }];
    const { id } = await t.system.create({ resourceType: 'ValueSet', status: 'active', compose: { include } });
    const found: number[] = [];
    for (const one of [id, missing]) {
      const { status, text } = await role(name).get(`Observation?code:in=ValueSet/${one}&_count=1000`);
      expect(text.includes(`Patient/${b}`)).toBe(name === 'system/*.cruds' && status === 200);
      found.push(status);
    }
    expect(found).toEqual(answers);
  });

  test('$everything of an encounter of another patient', async () => {
    const about = { subject: { reference: `Patient/${b}` }, status: 'finished', class: { code: 'AMB' } };
    const { id } = await t.system.create({ resourceType: 'Encounter', ...about });
    const ask = (at: string) => own().get(`Encounter/${at}/$everything`);
    expect(seen(await ask(id), id)).toEqual(seen(await ask(missing), missing));
    expect((await t.system.get(`Encounter/${id}/$everything`)).status).toBe(200);
  });

  const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
  const original = { name: 'original', resource: { resourceType: 'Binary', contentType: 'text/plain', data: 'aGk=' } };
  test.each<[string, string, (id: string) => object]>([
    ['$archive', 'Patient/ID/$archive', () => parameters()],
    [
      '$break-glass',
      'Patient/ID/$break-glass',
      () => parameters({ name: 'reason', valueString: '既往歴を確かめるため' }),
    ],
    [
      '$propose-consent',
      'Patient/ID/$propose-consent',
      () => parameters({ name: 'consent', resource: { resourceType: 'Consent', status: 'active' } }),
    ],
    ['$link-facility', 'Patient/ID/$link-facility', () => parameters({ name: 'code', valueString: 'ABCDEFGHJK' })],
    ...[
      ...['unlink-facility', 'move', 'protect', 'claim-code', 'share-with-guardians', 'invite'],
      ...['verify-relation', 'end-relation', 'suspend-relation', 'lift-suspension'],
      ...['request-erasure', 'refuse-erasure'],
    ].map((code): [string, string, () => object] => [`$${code}`, `Patient/ID/$${code}`, () => parameters()]),
    [
      '$paper',
      'Patient/ID/$paper',
      () =>
        parameters({
          name: 'picture',
          resource: { resourceType: 'Binary', contentType: 'image/jpeg', data: '/9j/4AAQ' },
        }),
    ],
    [
      '$deliver',
      '$deliver',
      (id) =>
        parameters({ name: 'patient', valueReference: { reference: `Patient/${id}` } }, original, {
          name: 'problem',
          valueString: 'unreadable',
        }),
    ],
    ['$share', 'Patient/ID/$share', () => parameters({ name: 'what', valueCode: 'everything' })],
    ['$shares', 'Patient/ID/$shares', () => parameters()],
    ['$revoke-share', 'Patient/ID/$revoke-share', () => parameters({ name: 'id', valueString: missing })],
    ['$hand-over', 'Patient/ID/$hand-over', () => parameters({ name: 'claim', valueString: 'NONE' })],
    ['$import', 'Patient/ID/$import', () => parameters({ ...original, name: 'file' })],
    [
      '$import of a file that is said to be the mother’s as well',
      'Patient/OWN/$import',
      (id) =>
        parameters({ ...original, name: 'file' }, { name: 'mother', valueReference: { reference: `Patient/${id}` } }),
    ],
  ])('%s of another patient is refused like one for nobody', async (_, path, body) => {
    const ask = (id: string) => own().post(path.replace('OWN', a).replace('ID', id), body(id));
    const answer = await ask(b);
    expect([403, 404]).toContain(answer.status);
    expect(seen(answer, b)).toEqual(seen(await ask(missing), missing));
  });

  test('$work-status and $work-file of another member of the family by the same app', async () => {
    const request = { access: systemAccess('test'), language: 'ja' as const };
    const works = createWorks({ pool: t.pool });
    const { contentLocation } = await startWork({ works, base: t.base }, request, { kind: 'none', request: {} });
    const id = String(contentLocation).split('=')[1] ?? '';
    for (const path of ['$work-status?id=ID', '$work-file?id=ID&name=x'])
      for (const method of ['GET', 'DELETE']) {
        const ask = (one: string) => own().send(method, path.replace('ID', one));
        expect(seen(await ask(id), id)).toEqual(seen(await ask(missing), missing));
        expect((await t.withToken(undefined).send(method, path.replace('ID', id))).status).toBe(401);
      }
  });

  test('$export of the system, of all patients and of a group is for system/ scopes; of a patient, for whom they are not hidden', async () => {
    const async = { prefer: 'respond-async' };
    const member = [{ entity: { reference: `Patient/${b}` } }];
    const { id } = await t.system.create({ resourceType: 'Group', type: 'person', actual: true, member });
    for (const path of ['$export', 'Patient/$export', `Group/${id}/$export`, `Group/${missing}/$export`]) {
      expect((await own().get(path, async)).status).toBe(403);
      expect((await role('system/*.c').get(path, async)).status).toBe(403);
      expect((await t.withToken(undefined).get(path, async)).status).toBe(401);
    }
    const lines = { ...async, 'content-type': 'application/fhir+ndjson' };
    for (const one of [own(), role('system/Patient.rs'), role('system/*.c')])
      expect((await one.send('POST', '$import', '', lines)).status).toBe(403);
    expect((await role('system/Patient.rs').get('$export', async)).status).toBe(202);
    expect((await role('system/Patient.rs').get('$export?_type=Observation', async)).status).toBe(403);
    expect((await own().get(`Patient/${a}/$export`, async)).status).toBe(202);
    const ask = (one: string) => own().get(`Patient/${one}/$export`, async);
    expect((await ask(b)).status).toBe(404);
    expect(seen(await ask(b), b)).toEqual(seen(await ask(missing), missing));
  });

  test('every operation that is mounted stands in this file', async () => {
    const { rest } = (await t.withToken(undefined).get('metadata')).body as unknown as {
      rest: { operation: { name: string }[]; resource: { operation?: { name: string }[] }[] }[];
    };
    const mounted = rest.flatMap(({ operation, resource }) => [
      ...operation,
      ...resource.flatMap((one) => one.operation ?? []),
    ]);
    const text = readFileSync(import.meta.filename, 'utf8');
    const names = new Set(mounted.map(({ name }) => name));
    expect(names.size).toBeGreaterThan(30);
    expect([...names].filter((name) => !new RegExp(`[$']${name}\\b`).test(text))).toEqual([]);
  });

  test('$agree to a Consent of another patient', async () => {
    const coded = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] });
    const about = { scope: coded('x'), category: [coded('59284-0')], patient: { reference: `Patient/${b}` } };
    const policy = [{ uri: 'urn:test:study' }];
    const { id } = await t.system.create({ resourceType: 'Consent', status: 'proposed', ...about, policy });
    const ask = (at: string) => own().post(`Consent/${at}/$agree`, parameters());
    expect(seen(await ask(id), id)).toEqual(seen(await ask(missing), missing));
    expect((await ask(id)).status).toBe(404);
  });

  test('$link-code and $delivery are not for families, and none of these for callers without a token', async () => {
    const code = parameters({ name: 'identifier', valueIdentifier: { system: 'urn:n', value: '1' } });
    expect((await own().post('Organization/x/$link-code', code)).status).toBe(403);
    expect((await own().get('$delivery?id=00000000-0000-8000-8000-000000000000')).status).toBe(404);
    expect((await own().get('$deliveries')).status).toBe(403);
    const header = { resourceType: 'MessageHeader', id: 'm', eventUri: 'urn:e', source: { endpoint: 'urn:s' } };
    const person = { resourceType: 'Patient', identifier: [{ system: 'urn:n', value: '1' }] };
    const entry = [{ resource: header }, { resource: person }];
    const message = { resourceType: 'Bundle', type: 'message', entry };
    expect((await own().post('$process-message', message)).status).toBe(403);
    expect((await role('system/Patient.rs').post('$process-message', message)).status).toBe(403);
    const unknown = parameters({ name: 'delivery', valueString: '00000000-0000-8000-8000-000000000000' });
    expect((await own().post('$reviewed', unknown)).status).toBe(404);
    const stranger = t.withToken(undefined);
    for (const code of ['$claim', '$accept-invitation'])
      expect((await own().post(code, parameters({ name: 'code', valueString: 'ABCDEFGHJK' }))).status).toBe(403);
    const ofPatient = [
      '$archive',
      '$import',
      '$link-facility',
      '$unlink-facility',
      '$move',
      '$protect',
      '$propose-consent',
      '$paper',
      '$invite',
      '$end-relation',
      '$request-erasure',
      '$refuse-erasure',
      '$share',
      '$shares',
      '$revoke-share',
    ];
    const paths = ofPatient.map((code) => `Patient/${a}/${code}`);
    for (const path of [
      '$deliver',
      '$process-message',
      '$immds-forecast',
      '$claim',
      '$accept-invitation',
      'Consent/x/$agree',
      ...paths,
    ]) {
      expect((await stranger.post(path, parameters())).status).toBe(401);
    }
  });

  test('conditional update: a hidden match is not changed', async () => {
    const identifier = [{ system: 'urn:hidden-put', value: '1' }];
    const { id } = await t.system.create(observationOf(b, { identifier }));
    await own().put('Observation?identifier=urn:hidden-put|1', observationOf(a, { identifier }));
    const { body } = await t.system.get(`Observation/${id}`);
    expect([body.meta.versionId, body.subject]).toEqual(['1', { reference: `Patient/${b}` }]);
  });

  test('conditional create: a hidden match neither stops it nor shows', async () => {
    const identifier = [{ system: 'urn:hidden', value: '1' }];
    await t.system.create(observationOf(b, { identifier }));
    const answer = await own().post('Observation', observationOf(a, { identifier }), {
      'if-none-exist': 'identifier=urn:hidden|1',
    });
    expect(answer.status).toBe(201);
  });

  test('conditional references: a hidden match is no match', async () => {
    await t.system.put(`Patient/${b}`, {
      ...patientNamed('他人', '秘密', { identifier: [{ system: 'urn:h', value: '2' }] }),
      id: b,
    });
    const ask = (value: string) =>
      own().post('', {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [
          {
            resource: { ...observationOf(a), subject: { reference: `Patient?identifier=urn:h|${value}` } },
            request: { method: 'POST', url: 'Observation' },
          },
        ],
      });
    expect(seen(await ask('2'), '2')).toEqual(seen(await ask('3'), '3'));
  });
});

describe('no way around', () => {
  const own = () => role('patient/*.cruds of A');

  test('search, totals and pages hold what is the caller’s only', async () => {
    for (let n = 0; n < 5; n++) {
      await t.system.create(observationOf(a));
      await t.system.create(observationOf(b));
    }
    const { body } = await own().get('Observation?_count=1000&_total=accurate');
    const subjects = new Set(body.entry.map(({ resource }) => (resource.subject as { reference: string }).reference));
    expect([...subjects]).toEqual([`Patient/${a}`]);
    expect(body.total).toBe(body.entry.length);
    expect((await own().get('Observation?_summary=count')).body.total).toBe(body.total);
    expect((await own().get(`Observation?patient=${a},${b}&_summary=count`)).body.total).toBe(body.total);
    expect((await own().get('Patient?_summary=count')).body.total).toBe(1);
    expect((await own().get(`Patient?name=${encodeURIComponent('他人')}&_total=accurate`)).body.total).toBe(0);
  });

  test('_include stops at what the caller may read', async () => {
    const { id: group } = await t.system.create({ resourceType: 'Group', type: 'person', actual: false });
    const { id: organization } = await t.system.create({ resourceType: 'Organization', name: '見本医院' });
    const { id } = await t.system.create(
      observationOf(a, {
        performer: [{ reference: `Organization/${organization}` }],
        focus: [{ reference: `Patient/${b}` }, { reference: `Group/${group}` }],
      }),
    );
    const includes = '_include=Observation:performer&_include=Observation:focus&_include=Observation:subject';
    const ids = (response: Response) => response.body.entry.map(({ resource }) => resource.id).sort();
    expect(ids(await own().get(`Observation?_id=${id}&${includes}`))).toEqual([id, organization, a].sort());
    expect(ids(await role('patient/Observation.rs of A').get(`Observation?_id=${id}&${includes}`))).toEqual([id]);
    expect(ids(await t.system.get(`Observation?_id=${id}&${includes}`))).toEqual(
      [id, organization, a, b, group].sort(),
    );
  });

  test('_revinclude stops at what the caller may search', async () => {
    const { id: visit } = await t.system.create({
      resourceType: 'Encounter',
      status: 'finished',
      class: { code: 'AMB' },
      subject: { reference: `Patient/${a}` },
    });
    const encounter = { reference: `Encounter/${visit}` };
    const { id: mine } = await t.system.create(observationOf(a, { encounter }));
    const { id: others } = await t.system.create(observationOf(b, { encounter }));
    const { id: source } = await t.system.create({
      resourceType: 'Provenance',
      recorded: '2026-01-01T00:00:00Z',
      target: [encounter],
      agent: [{ who: { reference: `Patient/${b}` } }],
    });
    const included = ({ body }: Response) =>
      body.entry
        .filter(({ search }) => search.mode === 'include')
        .map(({ resource }) => resource.id)
        .sort();
    const search = `Encounter?_id=${visit}&_revinclude=Observation:encounter&_revinclude=Provenance:target`;
    expect(included(await t.system.get(search))).toEqual([mine, others, source].sort());
    expect(included(await own().get(search))).toEqual([mine]);
    expect(included(await own().get(`Encounter?_id=${visit}&_revinclude=*`))).toEqual([mine]);
    const limited = await t.caller('patient/Encounter.rs', { patient: a });
    expect(included(await limited.get(search))).toEqual([]);
  });

  test('$everything gives one patient’s record, by the types of the scopes', async () => {
    const { body } = await own().get(`Patient/${a}/$everything`);
    expect(body.entry.length).toBeGreaterThan(3);
    expect(JSON.stringify(body)).not.toContain('秘密');
    const limited = await t.caller('patient/Patient.r patient/Observation.r', { patient: a });
    const types = (await limited.get(`Patient/${a}/$everything`)).body.entry.map(
      ({ resource }) => resource.resourceType,
    );
    expect([...new Set(types)].sort()).toEqual(['Observation', 'Patient']);
    expect((await role('patient/Observation.rs of A').get(`Patient/${a}/$everything`)).status).toBe(403);
    const whole = await own().get('Patient/$everything?_count=1000');
    expect(whole.body.entry.length).toBe(body.entry.length);
    expect(whole.text).not.toContain('秘密');
    expect((await role('patient/*.cruds of nobody').get('Patient/$everything')).status).toBe(404);
  });

  test('a transaction with one entry too many is refused whole', async () => {
    const before = (await own().get('Observation?_summary=count')).body.total;
    const entry = [observationOf(a), observationOf(b)].map((resource) => ({
      resource,
      request: { method: 'POST', url: 'Observation' },
    }));
    expect((await own().post('', { resourceType: 'Bundle', type: 'transaction', entry })).status).toBe(403);
    expect((await own().get('Observation?_summary=count')).body.total).toBe(before);
  });

  test('a record is not moved: neither away to another patient, nor from one', async () => {
    const { id } = await t.system.create(observationOf(a));
    expect((await own().put(`Observation/${id}`, { ...observationOf(b), id })).status).toBe(403);
    const { id: others } = await t.system.create(observationOf(b));
    expect((await own().put(`Observation/${others}`, { ...observationOf(a), id: others })).status).toBe(404);
    expect((await t.system.get(`Observation/${others}`)).body.meta.versionId).toBe('1');
  });

  test('what staff moved to another patient is not gone but unknown, with the versions from before', async () => {
    const { id } = await t.system.create(observationOf(a));
    await t.system.put(`Observation/${id}`, { ...observationOf(b, { note: [{ text: '秘密' }] }), id });
    expect((await own().get(`Observation/${id}`)).status).toBe(404);
    expect((await own().get(`Observation/${id}/_history/2`)).status).toBe(404);
    expect((await own().get(`Observation/${id}/$meta`)).status).toBe(404);
    expect((await own().get(`Observation/${id}/$validate`)).status).toBe(404);
    expect((await own().get(`Observation/${id}/$findings`)).status).toBe(404);
    expect((await own().post(`Observation/${id}/$meta-add`, tagged)).status).toBe(404);
    const history = await own().get(`Observation/${id}/_history`);
    expect(history.body.entry.map(({ response }) => response.etag)).toEqual(['W/"1"']);
    expect(history.text).not.toContain('秘密');
    await t.system.delete(`Observation/${id}`);
    expect((await own().get(`Observation/${id}`)).status).toBe(404);
  });

  test('conditional update: a hidden match is no match', async () => {
    const identifier = [{ system: 'urn:hidden-update', value: '1' }];
    const { id } = await t.system.create(observationOf(b, { identifier }));
    const answer = await own().put('Observation?identifier=urn:hidden-update|1', observationOf(a, { identifier }));
    expect(answer.status).toBe(201);
    expect(answer.body.id).not.toBe(id);
    expect((await t.system.get(`Observation/${id}`)).body.meta.versionId).toBe('1');
  });

  test('what two patients share is read by each and changed by neither alone', async () => {
    const shared = observationOf(a, { performer: [{ reference: `Patient/${b}` }] });
    const { id } = await t.system.create(shared);
    expect((await own().get(`Observation/${id}`)).status).toBe(200);
    expect((await own().delete(`Observation/${id}`)).status).toBe(403);
    expect((await own().put(`Observation/${id}`, { ...observationOf(a), id })).status).toBe(403);
    expect((await t.system.get(`Observation/${id}`)).body.meta.versionId).toBe('1');
  });

  test('a family neither creates patients nor chooses ids', async () => {
    expect((await own().post('Patient', patientNamed('偽', '者'))).status).toBe(403);
    expect((await own().put('Observation/chosen', { ...observationOf(a), id: 'chosen' })).status).toBe(404);
  });

  test('a family changes its own Patient, but gives it no patient number', async () => {
    const { body } = await own().get(`Patient/${a}`);
    expect((await own().put(`Patient/${a}`, { ...body, gender: 'female' })).status).toBe(200);
    const identifier = [{ system: 'urn:hospital', value: 'someone-else' }];
    const answer = await own().put(`Patient/${a}`, { ...body, identifier });
    expect(answer.status).toBe(422);
    expect(answer.body.issue[0]).toMatchObject({ code: 'business-rule', expression: ['Patient.identifier[0]'] });
    expect((await t.system.get(`Patient/${a}`)).text).not.toContain('someone-else');
  });

  test('every look is in the audit, with whose record it was', async () => {
    const { id } = await t.system.create(observationOf(a));
    const interactionsOf = async () =>
      (
        await t.pool.query('select interaction, client from audit where key = $1 and owner = $2 order by id', [id, a])
      ).rows.map(({ interaction, client }) => `${interaction} by ${client}`);
    await own().get(`Observation/${id}`);
    await own().get(`Observation/${id}/_history`);
    expect(await interactionsOf()).toEqual(['create by test-system', 'read by test', 'history by test']);
    const { rows } = await t.pool.query(
      "select owner from audit where interaction = 'search' order by id desc limit 1",
    );
    await own().get('Observation?_count=1');
    const after = await t.pool.query("select owner from audit where interaction = 'search' order by id desc limit 1");
    expect(after.rows[0].owner).toBe(a);
    expect(rows).toHaveLength(1);
  });
});
