// How strictly a client's writes are judged, what its organization requires, and that no warning is lost.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Command } from '../../server/cli/command.ts';
import { createCommand } from '../../server/cli/create.ts';
import { findingsCommand } from '../../server/cli/findings.ts';
import { setCommand } from '../../server/cli/set.ts';
import { createClientRegistry } from '../../server/store/oauth-clients.ts';
import { requiredProfile } from '../../server/store/required-profiles.ts';
import { type Strictness, strictnesses } from '../../server/validation/strictness.ts';
import { type Caller, observationOf, patientNamed, type Response, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
let child: string;
beforeAll(async () => {
  t = await startApp();
  vi.stubEnv('DATABASE_URL', t.databaseUrl);
  // Vitest has one of its own, which is no address.
  vi.stubEnv('BASE_URL', '');
  child = (await t.system.create(patientNamed('試験', '花子', { birthDate: '2026-09-15' }))).id;
  for (const one of strictnesses)
    await run(
      createCommand,
      'client',
      '--kind',
      'family-app',
      '--name',
      '試験',
      '--id',
      one,
      ...app,
      '--strictness',
      one,
    );
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await t.close();
});

const app = ['--redirect', 'https://app.example.com/back'];

async function run(command: Command, ...args: string[]): Promise<string[]> {
  const lines: string[] = [];
  const line = (text: string) => void lines.push(text);
  expect(await command.run(args, { line, error: line })).toBe(0);
  return lines;
}

const bodyWeight = 'http://hl7.org/fhir/StructureDefinition/bodyweight';
const bodyHeight = 'http://hl7.org/fhir/StructureDefinition/bodyheight';
const callerOf = (client: string, organization?: string) =>
  t.caller('system/*.cruds', { client, ...(organization !== undefined && { organization }) });
const tells = { prefer: 'return=OperationOutcome' };
const warningsIn = ({ body }: Response) => body.issue.filter(({ severity }) => severity === 'warning');
const text = { code: { text: '試験' }, valueString: '試験' };

/** What a resource has, and how each strictness answers; `warned`: by those that store it. */
const resources: Record<string, () => { resourceType: string; [name: string]: unknown }> = {
  'nothing wrong': () => observationOf(child, text),
  'no R4: a status that there is not': () => observationOf(child, { ...text, status: 'nearly' }),
  'a declared profile that it does not fit': () => observationOf(child, { ...text, meta: { profile: [bodyWeight] } }),
  'a declared profile that is not known': () =>
    observationOf(child, { ...text, meta: { profile: ['https://unknown.example/profile'] } }),
  'a code beyond an extensible value set': () => ({
    ...patientNamed('試験', '太郎'),
    maritalStatus: { coding: [{ system: 'https://codes.example', code: 'other' }] },
  }),
};

describe('the same resources written by three clients', () => {
  test.each<[name: string, answers: Record<Strictness, string>]>([
    ['nothing wrong', { base: '201', declared: '201', strict: '201' }],
    ['no R4: a status that there is not', { base: '422', declared: '422', strict: '422' }],
    ['a declared profile that it does not fit', { base: '201 warned', declared: '422', strict: '422' }],
    ['a declared profile that is not known', { base: '201 warned', declared: '201 warned', strict: '422' }],
    ['a code beyond an extensible value set', { base: '201 warned', declared: '201 warned', strict: '422' }],
  ])('%s', async (name, answers) => {
    for (const client of strictnesses) {
      const resource = resources[name]?.() ?? { resourceType: '' };
      const answer = await (await callerOf(client)).post(resource.resourceType, resource, tells);
      const isWarned = warningsIn(answer).length > 0 && answer.status === 201;
      expect([client, `${answer.status}${isWarned ? ' warned' : ''}`, answer.text]).toEqual([
        client,
        answers[client],
        expect.any(String),
      ]);
    }
  });

  test('a change is in force from the next write on, for tokens that are in use, on every server', async () => {
    await run(createCommand, 'client', '--kind', 'family-app', '--name', '試験', '--id', 'changing', ...app);
    const other = await t.second();
    const caller = await callerOf('changing');
    const there = other.withToken(caller.token);
    const misfit = () => resources['a declared profile that it does not fit']?.();
    const statuses = async () => [
      (await caller.post('Observation', misfit())).status,
      (await there.post('Observation', misfit())).status,
    ];
    expect(await statuses()).toEqual([422, 422]);
    expect(await run(setCommand, 'client', 'changing', '--strictness', 'base')).toEqual([
      'what changing writes is judged: base',
    ]);
    await vi.waitFor(async () => expect(await statuses()).toEqual([201, 201]));
    expect((await createClientRegistry({ pool: t.pool }).find('changing'))?.strictness).toBe('base');
    await other.close();
  });

  test.each([
    [['client', 'nobody', '--strictness', 'base'], 'there is no client of that id'],
    [['client', 'base', '--strictness', 'lax'], '--strictness takes one of: base, declared, strict'],
    [['client', 'base'], '--strictness takes one of: base, declared, strict'],
    [['client'], 'usage: tsumugi set client'],
    [['nothing'], 'set takes one of client'],
  ])('tsumugi set %j is refused', async (args, why) => {
    await expect(setCommand.run(args, { line: () => undefined, error: () => undefined })).rejects.toThrow(why);
  });
});

describe('what an organization requires', () => {
  const organizationWith = async (...profiles: string[]) =>
    (
      await t.system.create({
        resourceType: 'Organization',
        name: '見本医院',
        ...(profiles.length > 0 && {
          extension: profiles.map((valueCanonical) => ({ url: requiredProfile, valueCanonical })),
        }),
      })
    ).id;
  const named = 'http://hl7.org/fhir/uv/ips/StructureDefinition/Practitioner-uv-ips';
  const nameless = { resourceType: 'Practitioner', gender: 'unknown' };

  test('is asked of every resource of the type of the profile, declared or not, and of no other', async () => {
    const [id = ''] = await run(createCommand, 'organization', '--name', '見本医院', '--require-profile', named);
    const clinic = await callerOf('clinic', id);
    const refused = await clinic.post('Practitioner', nameless);
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining(named)]);
    const fits = { ...nameless, name: [{ text: '見本 次郎', family: '見本', given: ['次郎'] }] };
    expect((await clinic.post('Practitioner', fits)).status).toBe(201);
    expect((await clinic.post('Location', { resourceType: 'Location', status: 'active' })).status).toBe(201);
    const others = await callerOf('clinic', await organizationWith());
    expect((await others.post('Practitioner', nameless)).status).toBe(201);
  });

  test('is asked of its staff, in transactions and patches too', async () => {
    const id = await organizationWith(bodyHeight);
    const staff = await t.caller('user/*.cruds', { user: 'Practitioner/jiro', organization: id });
    const entry = { resource: observationOf(child, text), request: { method: 'POST', url: 'Observation' } };
    const answer = await staff.post('', { resourceType: 'Bundle', type: 'transaction', entry: [entry] });
    expect([answer.status, answer.body.issue[0]?.expression]).toEqual([
      422,
      [expect.stringMatching(/^Bundle\.entry\[0\]\.resource/)],
    ]);
  });

  test('is only warned of where its client is judged as base, or where the profile is not known', async () => {
    const lax = await (await callerOf('base', await organizationWith(named))).post('Practitioner', nameless, tells);
    expect([lax.status, warningsIn(lax)[0]?.diagnostics]).toEqual([201, expect.stringContaining(named)]);
    const unknown = await callerOf('clinic', await organizationWith('https://unknown.example/profile'));
    const answer = await unknown.post('Practitioner', nameless, tells);
    expect([answer.status, warningsIn(answer).map(({ diagnostics }) => diagnostics)]).toEqual([
      201,
      [expect.stringContaining('https://unknown.example/profile')],
    ]);
  });

  test('is in force a minute after it is said, for tokens that are in use', async () => {
    const id = await organizationWith();
    const clinic = await callerOf('clinic', id);
    expect((await clinic.post('Practitioner', nameless)).status).toBe(201);
    const extension = [{ url: requiredProfile, valueCanonical: named }];
    await t.system.put(`Organization/${id}`, { resourceType: 'Organization', id, name: '見本医院', extension });
    t.clock.nowMs += 60_001;
    expect((await clinic.post('Practitioner', nameless)).status).toBe(422);
  });

  test('what waits for a link was judged when it arrived, by what is asked of its sender', async () => {
    const id = await organizationWith();
    const number = { system: 'urn:hospital', value: 'waits' };
    const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
    const deliver = async (client: string) => {
      const data = Buffer.from(`original of ${client}`).toString('base64');
      const resource = {
        ...resources['a declared profile that it does not fit']?.(),
        subject: { reference: `Patient?identifier=${number.system}|${number.value}` },
      };
      const entry = [{ resource, request: { method: 'POST', url: 'Observation' } }];
      return await (await callerOf(client, id)).post(
        '$deliver',
        parameters(
          { name: 'patient', valueIdentifier: number },
          { name: 'original', resource: { resourceType: 'Binary', contentType: 'text/plain', data } },
          { name: 'record', resource: { resourceType: 'Bundle', type: 'transaction', entry } },
        ),
      );
    };
    expect((await deliver('declared')).status).toBe(422);
    expect((await deliver('base')).status).toBe(202);
    const code = await t.system.post(
      `Organization/${id}/$link-code`,
      parameters({ name: 'identifier', valueIdentifier: number }),
    );
    const valueString = code.body.parameter.find(({ name }) => name === 'code')?.valueString;
    const family = await t.caller('patient/*.cruds', { patient: child });
    const linked = await family.post(`Patient/${child}/$link-facility`, parameters({ name: 'code', valueString }));
    expect(linked.body.parameter).toContainEqual({ name: 'taken', valueInteger: 1 });
  });

  test('is the deployment’s to say: the organization’s own clients do not change it', async () => {
    const id = await organizationWith(bodyHeight);
    const clinic = await callerOf('clinic', id);
    const staff = await t.caller('user/*.cruds', { user: 'Practitioner/jiro', organization: id });
    const relieved = { resourceType: 'Organization', id, name: '見本医院' };
    for (const caller of [clinic, staff]) {
      expect((await caller.put(`Organization/${id}`, relieved)).status).toBe(403);
      const patch = '[{"op":"remove","path":"/extension"}]';
      const json = { 'content-type': 'application/json-patch+json' };
      expect((await caller.send('PATCH', `Organization/${id}`, patch, json)).status).toBe(403);
      expect((await caller.post('Organization', { ...relieved, id: undefined })).status).toBe(403);
    }
  });

  test.each([
    ['not a url', '--require-profile takes the canonical of a profile'],
    ['http://hl7.org/fhir/StructureDefinition/patient-birthPlace', 'is of Extension, which is no type of resource'],
  ])('create organization --require-profile %j is refused', async (profile, why) => {
    const args = ['organization', '--name', '見本', '--require-profile', profile];
    await expect(createCommand.run(args, { line: () => undefined, error: () => undefined })).rejects.toThrow(why);
  });
});

describe('warnings are kept', () => {
  const unknown = (more: object = {}) =>
    observationOf(child, { ...text, meta: { profile: ['https://unknown.example/profile'] }, ...more });
  const told = async (path: string, caller: Caller = t.system) => {
    const { status, body } = await caller.get(path);
    return status === 200
      ? body.issue.map(({ severity, code, expression }) => [severity, code, ...(expression ?? [])])
      : status;
  };
  const warned = [['warning', 'not-found', 'Observation']];
  const nothing = [['information', 'informational']];

  test('of a plain create, over update and delete, each with its version', async () => {
    const { id } = await t.system.create(unknown());
    expect(await told(`Observation/${id}/$findings`)).toEqual(warned);
    await t.system.put(`Observation/${id}`, { ...observationOf(child, text), id });
    expect(await told(`Observation/${id}/$findings`)).toEqual(nothing);
    expect(await told(`Observation/${id}/$findings?version=1`)).toEqual(warned);
    await t.system.put(`Observation/${id}`, { ...unknown(), id });
    await t.system.delete(`Observation/${id}`);
    expect(await told(`Observation/${id}/$findings`)).toBe(410);
    expect(await told(`Observation/${id}/$findings?version=2`)).toEqual(nothing);
    expect(await told(`Observation/${id}/$findings?version=3`)).toEqual(warned);
    expect(await told(`Observation/${id}/$findings?version=5`)).toBe(404);
  });

  test('of a transaction, a conditional create and a patch, in expressions of the resource', async () => {
    const entry = (n: number) => ({
      resource: unknown({ note: [{ text: `${n}` }] }),
      request: { method: 'POST', url: 'Observation' },
    });
    const answer = await t.system.post(
      '',
      { resourceType: 'Bundle', type: 'transaction', entry: [entry(1), entry(2)] },
      tells,
    );
    for (const { response } of answer.body.entry)
      expect(await told(`${response.location.replace(/^.*?(Observation\/[^/]+).*$/, '$1')}/$findings`)).toEqual(warned);
    const conditional = await t.system.send('POST', 'Observation', unknown(), {
      'if-none-exist': 'identifier=urn:x|none',
    });
    expect(await told(`Observation/${conditional.body.id}/$findings`)).toEqual(warned);
    const patch = '[{"op":"add","path":"/language","value":"ja"}]';
    const path = `Observation/${conditional.body.id}`;
    await t.system.send('PATCH', path, patch, { 'content-type': 'application/json-patch+json' });
    expect(await told(`${path}/$findings?version=2`)).toEqual(warned);
  });

  test('a write without warnings leaves no row, and an update that changes nothing none of its own', async () => {
    const { id } = await t.system.create(observationOf(child, text));
    const { id: other } = await t.system.create(unknown());
    const { body } = await t.system.get(`Observation/${other}`);
    expect((await t.system.put(`Observation/${other}`, body)).status).toBe(200);
    const { rows } = await t.pool.query('select key, version, client from finding where key = any($1::uuid[])', [
      [id, other],
    ]);
    expect(rows).toEqual([{ key: other, version: 1, client: 'test-system' }]);
  });

  test.each([
    ['version=0', 400],
    ['version=x', 400],
    ['versions=1', 400],
  ])('$findings?%s is refused with %i', async (query, status) => {
    const { id } = await t.system.create(unknown());
    expect(await told(`Observation/${id}/$findings?${query}`)).toBe(status);
  });

  test('the operator sees how often, by client, code and element, and no values', async () => {
    const caller = await callerOf('counted');
    for (const code of ['秘密の一', '秘密の二']) {
      const coding = [
        { system: 'http://loinc.org', code: '8302-2' },
        { system: 'http://loinc.org', code: '29463-7' },
      ];
      await caller.create({ ...unknown({ note: [{ text: code }] }), code: { coding } });
    }
    const lines = await run(findingsCommand, '--client', 'counted', '--since', '2026-11-23');
    expect(lines).toContain('       2  not-found  Observation  counted');
    const counts = JSON.parse((await run(findingsCommand, '--client', 'counted', '--json')).join()) as object[];
    expect(JSON.stringify(counts)).not.toMatch(/秘密|29463|\[\d|[0-9a-f]{8}-/);
    expect(await run(findingsCommand, '--client', 'counted', '--since', '2099-01-01')).toEqual([
      'nothing was warned of',
    ]);
    const bad = findingsCommand.run(['--since', 'yesterday'], { line: () => undefined, error: () => undefined });
    await expect(bad).rejects.toThrow('--since takes');
  });

  test('go with the version that is erased', async () => {
    const { id } = await t.system.create(unknown());
    const parameter = [{ name: 'confirm', valueString: id }];
    const answer = await t.system.post(`Observation/${id}/$expunge`, { resourceType: 'Parameters', parameter });
    expect(answer.status).toBe(200);
    expect((await t.pool.query('select 1 from finding where key = $1', [id])).rowCount).toBe(0);
  });
});
