// Chained parameters and `_has`: FHIR R4 search, "Chained Parameters" and "Reverse Chaining", and what they must not tell.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, matchIds, startApp, type TestApp } from '../support/app.ts';

let server: TestApp;
const ids: Record<string, string> = {};

beforeAll(async () => {
  server = await startApp();
  const { system } = server;
  const create = async (name: string, resource: object) => {
    ids[name] = (await system.create(resource)).id;
  };
  await create('group', { resourceType: 'Organization', name: '見本医療法人' });
  await create('clinic', {
    resourceType: 'Organization',
    name: '試験クリニック',
    partOf: { reference: `Organization/${ids.group}` },
  });
  await create('sheet', {
    resourceType: 'Questionnaire',
    status: 'active',
    url: 'urn:test:sheet',
    title: '見本問診票',
  });
  await create('answer', {
    resourceType: 'QuestionnaireResponse',
    status: 'completed',
    questionnaire: 'urn:test:sheet|1',
  });
  for (const [name, family] of [
    ['hana', '試験'],
    ['taro', '見本'],
  ] as const) {
    await create(name, {
      resourceType: 'Patient',
      identifier: [{ system: 'urn:test', value: name }],
      name: [{ family, given: [name] }],
      managingOrganization: { reference: `Organization/${ids.clinic}` },
    });
    await create(`${name}Weight`, {
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ system: 'urn:code', code: name === 'hana' ? 'weight' : 'length' }] },
      subject: { reference: `Patient/${ids[name]}` },
      ...(name === 'hana' ? { performer: [{ reference: `Organization/${ids.clinic}` }] } : {}),
    });
    await create(`${name}Provenance`, {
      resourceType: 'Provenance',
      recorded: '2026-01-01T00:00:00Z',
      agent: [{ who: { display: 'テスト' } }],
      target: [{ reference: `Observation/${ids[`${name}Weight`]}` }],
    });
  }
  await create('look', {
    resourceType: 'AuditEvent',
    type: { code: 'rest' },
    action: 'R',
    recorded: '2026-01-01T00:00:00Z',
    agent: [{ name: 'auditor', requestor: true }],
    source: { observer: { display: 'テスト' } },
    entity: [{ what: { reference: `Observation/${ids.hanaWeight}` } }],
  });
});
afterAll(() => server.close());

const found = async (caller: Caller, search: string) => matchIds(await caller.get(search)).sort();
const named = (...names: string[]) => names.map((name) => ids[name]).sort();

describe('chained parameters', () => {
  test.each([
    ['Observation?patient.identifier=urn:test|hana', ['hanaWeight']],
    ['Observation?subject:Patient.name=みほん', []],
    ['Observation?subject:Patient.name=見本', ['taroWeight']],
    ['Observation?subject.identifier=urn:test|taro', ['taroWeight']],
    ['Observation?patient.organization.name=試験', ['hanaWeight', 'taroWeight']],
    ['Observation?patient.organization.partof.name=見本', ['hanaWeight', 'taroWeight']],
    ['Observation?patient.organization.partof.name=見本&code=urn:code|weight', ['hanaWeight']],
    ['Observation?patient.name:exact=hana', ['hanaWeight']],
    ['Observation?patient.identifier=urn:test|nobody', []],
    ['Patient?_has:Observation:patient:code=urn:code|weight', ['hana']],
    ['Patient?_has:Observation:subject:_has:Provenance:target:recorded=2026', ['hana', 'taro']],
    ['Organization?_has:Patient:organization:family=試験', ['clinic']],
    ['Patient?_has:Observation:patient:_has:AuditEvent:entity:agent-name=auditor', ['hana']],
    ['Organization?_has:Patient:organization:_has:Observation:patient:code=weight', ['clinic']],
    ['Observation?subject:Patient._has:Observation:patient:code=length', ['taroWeight']],
    ['Observation?patient._has:Observation:patient:_has:AuditEvent:entity:action=R', ['hanaWeight']],
    ['Patient?_has:Observation:patient:performer:Organization.name=試験', ['hana']],
    ['Patient?_has:Observation:patient:subject:Patient.organization.partof.name=見本', ['hana', 'taro']],
    [`Patient?${'_has:Observation:patient:subject:Patient.'.repeat(4)}family=試験`, ['hana']],
    ['Patient?organization.partof._has:Organization:partof:name=試験', ['hana', 'taro']],
    ['QuestionnaireResponse?questionnaire.title=見本', ['answer']],
    ['Questionnaire?_has:QuestionnaireResponse:questionnaire:status=completed', ['sheet']],
    ['Patient?organization.name=試験&_has:Observation:patient:code=length', ['taro']],
  ])('%s', async (search, expected) => {
    expect(await found(server.system, encodeURI(search))).toEqual(named(...expected));
  });

  test('counts and pages as any search does', async () => {
    const { body } = await server.system.get(
      'Observation?patient.organization.partof.name:contains=本医療&_total=accurate&_count=1'.replace(
        '本医療',
        encodeURIComponent('本医療'),
      ),
    );
    expect(body.total).toBe(2);
    const next = body.link.find(({ relation }) => relation === 'next')?.url ?? '';
    const second = await server.system.get(next.slice(next.indexOf('/fhir/') + 6));
    expect(matchIds(second)).toHaveLength(1);
  });

  test.each([
    ['Observation?patient.nope=1', /Patient has no search parameter "nope"/],
    ['Observation?code.name=1', /Known: .*subject/],
    ['Observation?subject:Organization.name=1', /Known here: .*Patient/],
    ['Patient?_has:Observation:code:status=final', /Known: .*subject/],
    ['Patient?_has:Observation=1', /_has:Type:reference:parameter/],
    [`Organization?${'partof.'.repeat(9)}name=a`, /8 links long/],
    [`Patient?${'_has:Observation:patient:subject:Patient.'.repeat(5)}name=a`, /8 links long/],
  ])('%s is refused with 400', async (search, message) => {
    const { status, body } = await server.system.get(search);
    expect(status).toBe(400);
    expect(body.issue[0]?.diagnostics).toMatch(message);
  });
});

test('a value at fault is not passed over with leniency, whatever other targets do not know', async () => {
  const search = 'Observation?subject.birthdate=notadate';
  const { status, body } = await server.system.get(search, { prefer: 'handling=lenient' });
  expect(status).toBe(400);
  expect(body.issue[0]?.diagnostics).toMatch(/not a date/);
});

test('chains that multiply into too many searches are refused', async () => {
  const chain = 'investigation.based-on.activity-reference.requester._id=1';
  const { status } = await server.system.get(`ClinicalImpression?${Array(10).fill(chain).join('&')}`);
  expect(status).toBe(422);
});

test('chains through many types are refused before they are all tried', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const chain = `${'based-on.'.repeat(7)}_id=1`;
  const before = performance.now();
  const { status } = await server.system.send('POST', 'ServiceRequest/_search', Array(20).fill(chain).join('&'), form);
  expect([400, 422]).toContain(status);
  expect(performance.now() - before).toBeLessThan(5000);
});

describe('what a chain must not tell', () => {
  test('a family finds nothing about others, whichever way the chain runs', async () => {
    const family = await server.caller('patient/*.rs', { patient: ids.hana ?? '' });
    expect(await found(family, 'Observation?patient.identifier=urn:test|taro')).toEqual([]);
    expect(await found(family, 'Observation?patient.identifier=urn:test|hana')).toEqual(named('hanaWeight'));
    expect(await found(family, 'Organization?_has:Patient:organization:identifier=urn:test|taro')).toEqual([]);
    expect(await found(family, 'Organization?_has:Patient:organization:identifier=urn:test|hana')).toEqual(
      named('clinic'),
    );
  });

  test('a type outside the scopes cannot be asked about through a chain', async () => {
    const narrow = await server.caller('system/Organization.rs');
    const { status } = await narrow.get('Organization?_has:Patient:organization:family=a');
    expect(status).toBe(403);
  });
});

test('a conditional reference may use a chain', async () => {
  const entry = [
    {
      request: { method: 'POST', url: 'Observation' },
      resource: {
        resourceType: 'Observation',
        status: 'final',
        code: { text: '身長' },
        subject: { reference: 'Patient?_has:Observation:patient:code=urn:code|length' },
      },
    },
  ];
  const { status, body } = await server.system.post('', { resourceType: 'Bundle', type: 'transaction', entry });
  expect(status).toBe(200);
  const made = await server.system.get(
    body.entry[0]?.response.location.replace(/^.*\/fhir\//, '').replace(/\/_history.*/, '') ?? '',
  );
  expect(made.body.subject).toEqual({ reference: `Patient/${ids.taro}` });
});

test('pages keep their order when the chain leads to more patients meanwhile', async () => {
  const { system } = server;
  const patient = { resourceType: 'Patient', name: [{ text: 'page' }] };
  const subject = { reference: `Patient/${(await system.create(patient)).id}` };
  for (const effectiveDateTime of ['2021', '2022'])
    await system.create({
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'テスト' },
      subject,
      effectiveDateTime,
    });
  const first = await system.get('Observation?patient.name=page&_lastUpdated=ge2020&_count=1');
  await system.create(patient);
  const next = first.body.link.find(({ relation }) => relation === 'next')?.url ?? '';
  expect(matchIds(await system.get(next.slice(next.indexOf('/fhir/') + 6)))).toHaveLength(1);
});
