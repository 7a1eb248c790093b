// CDS Hooks over the whole server: discovery, and cards from the record, from what is sent along, and for nobody else.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { patientNamed, startApp, type TestApp } from '../support/app.ts';

type Card = { summary: string; indicator: string; detail?: string; source: { label: string }; uuid: string };

let t: TestApp;
let child: string;
let other: string;
beforeAll(async () => {
  // The clock of the tests stands at 2026-11-23.
  t = await startApp();
  child = (await t.system.create(patientNamed('試験', '花子', { birthDate: '2026-08-10' }))).id;
  other = (await t.system.create(patientNamed('他人', '秘密', { birthDate: '2026-08-10' }))).id;
});
afterAll(() => t.close());

const VACCINE = 'https://tsumugi.example/fhir/CodeSystem/vaccine';
const drafted = (code: string, more: object = {}) => ({
  resourceType: 'Immunization',
  status: 'completed',
  vaccineCode: { coding: [{ system: VACCINE, code }] },
  patient: { reference: `Patient/${child}` },
  occurrenceDateTime: '2026-11-23',
  ...more,
});
const prescription = (text: string) => ({
  resourceType: 'MedicationRequest',
  status: 'draft',
  intent: 'order',
  medicationCodeableConcept: { text },
  subject: { reference: `Patient/${child}` },
});
const orders = (...resources: object[]) => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: resources.map((resource) => ({ resource })),
});
const view = (patientId: string, more: object = {}) => ({
  hook: 'patient-view',
  hookInstance: '0a1b2c3d-0000-4000-8000-000000000000',
  context: { userId: 'Practitioner/x', patientId },
  ...more,
});
const sign = (patientId: string, draftOrders: object, more: object = {}) => ({
  ...view(patientId, more),
  hook: 'order-sign',
  context: { userId: 'Practitioner/x', patientId, draftOrders },
});

async function post(service: string, payload: object, token = t.system.token, headers: Record<string, string> = {}) {
  const { statusCode, body } = await t.app.inject({
    method: 'POST',
    url: `/cds-services/${service}`,
    payload: JSON.stringify(payload),
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }), ...headers },
  });
  const answer = JSON.parse(body) as { cards?: Card[]; resourceType?: string };
  return { status: statusCode, text: body, cards: answer.cards ?? [], answer };
}

test('discovery is open and names hooks and prefetch', async () => {
  const { statusCode, body } = await t.app.inject({ method: 'GET', url: '/cds-services' });
  expect(statusCode).toBe(200);
  expect(JSON.parse(body).services).toMatchObject([
    { id: 'patient-view', hook: 'patient-view', prefetch: { patient: 'Patient/{{context.patientId}}' } },
    { id: 'immunization-check', hook: 'order-sign' },
  ]);
});

describe('patient-view', () => {
  test('tells a clinic what is due from the record, in Japanese or English', async () => {
    const { status, cards } = await post('patient-view', view(child));
    expect(status).toBe(200);
    expect(cards.map(({ indicator }) => indicator)).toContain('info');
    expect(cards.map(({ summary }) => summary).join()).toMatch(/接種の時期になった予防接種が\d+件/);
    expect(cards.map(({ detail }) => detail).join()).toMatch(/肺炎球菌.*初回1回目: 2026-10-09/);
    const english = await post('patient-view', view(child), t.system.token, { 'accept-language': 'en' });
    expect(english.cards.map(({ summary }) => summary).join()).toMatch(/\d+ vaccinations are due/);
    const details = english.cards.map(({ detail }) => detail).join();
    expect(details).toContain('Pneumococcal conjugate (child), dose 1: 2026-10-09');
    expect(details).not.toMatch(/[ぁ-ん]/);
  });

  test('works on what is sent along, for a patient this server does not know', async () => {
    const prefetch = {
      patient: { resourceType: 'Patient', birthDate: '2026-11-01' },
      immunizations: { resourceType: 'Bundle', type: 'searchset' },
    };
    const { status, cards } = await post('patient-view', view('elsewhere', { prefetch }));
    expect([status, cards.length > 0]).toEqual([200, true]);
  });
});

describe('immunization-check', () => {
  test('one card for each vaccine: stop is critical, go is info; other orders pass without a word', async () => {
    const orderBundle = orders(
      drafted('PCV20', { lotNumber: 'L-1', expirationDate: '2027-03-31' }),
      drafted('MR'),
      prescription('五種混合'),
      prescription('アセトアミノフェン'),
    );
    const { status, cards } = await post('immunization-check', sign(child, orderBundle));
    expect(status).toBe(200);
    expect(cards.map(({ indicator }) => indicator)).toEqual(['info', 'critical', 'info']);
    expect(cards[1]?.summary).toMatch(/^接種しないでください: .*\(2026-11-23\)$/);
    expect(cards[1]?.detail).toContain('2027-08-09');
  });

  test('judges against doses that are sent along', async () => {
    const prefetch = {
      patient: { resourceType: 'Patient', birthDate: '2026-08-10' },
      immunizations: orders(drafted('PCV20', { occurrenceDateTime: '2026-11-20' })),
    };
    const { cards } = await post('immunization-check', sign('elsewhere', orders(drafted('PCV20')), { prefetch }));
    expect(cards).toMatchObject([{ indicator: 'critical' }]);
  });
});

test('a vaccine that nobody knows is asked about, and what was not done is not', async () => {
  const unknown = drafted('PCV20', { vaccineCode: { text: '月面熱ワクチン' } });
  const { cards } = await post(
    'immunization-check',
    sign(child, orders(unknown, drafted('MR', { status: 'not-done' }))),
  );
  expect(cards).toMatchObject([{ indicator: 'warning', summary: '医師の確認がいります: 月面熱ワクチン (2026-11-23)' }]);
});

test('the day of an order is its day in Japan', async () => {
  const late = drafted('PCV20', { occurrenceDateTime: '2026-11-22T15:30:00Z' });
  const { cards } = await post('immunization-check', sign(child, orders(late)));
  expect(cards[0]?.summary).toContain('(2026-11-23)');
});

test('for a person who has died nothing is due', async () => {
  const prefetch = {
    patient: { resourceType: 'Patient', birthDate: '2026-01-15', deceasedDateTime: '2026-11-01' },
    immunizations: orders(),
  };
  expect((await post('patient-view', view('elsewhere', { prefetch }))).cards).toEqual([]);
  const { cards } = await post('immunization-check', sign('elsewhere', orders(drafted('PCV20')), { prefetch }));
  expect(cards).toMatchObject([{ indicator: 'critical' }]);
});

test.each<[string, object, object, string[]]>([
  ['one vaccine ordered twice', drafted('PCV20'), prescription('プレベナー20'), ['info', 'critical']],
  ['two live vaccines of one day', drafted('MR'), drafted('VAR'), ['info', 'info']],
  [
    'two live vaccines of nine days',
    drafted('VAR', { occurrenceDateTime: '2026-12-02' }),
    drafted('MR'),
    ['critical', 'info'],
  ],
])('orders are judged together: %s', async (_, first, second, indicators) => {
  const patient = { resourceType: 'Patient', birthDate: '2025-10-15' };
  const prefetch = { patient, immunizations: orders() };
  const { cards } = await post('immunization-check', sign('elsewhere', orders(first, second), { prefetch }));
  expect(cards.map(({ indicator }) => indicator)).toEqual(indicators);
});

test('orders are judged together for a patient of this server too', async () => {
  const { cards } = await post('immunization-check', sign(child, orders(drafted('PCV20'), drafted('PCV20'))));
  expect(cards.map(({ indicator }) => indicator)).toEqual(['info', 'critical']);
});

describe('who may ask', () => {
  test('nobody without a token', async () => {
    expect((await post('patient-view', view(child), '')).status).toBe(401);
    expect((await post('immunization-check', sign(child, orders()), '')).status).toBe(401);
  });

  test("a family's app about its own child only; another's looks like one that is not there", async () => {
    const { token } = await t.caller('patient/*.rs', { patient: child });
    expect((await post('patient-view', view(child), token)).status).toBe(200);
    const hidden = await post('patient-view', view(other), token);
    const missing = await post('patient-view', view('nobody'), token);
    expect([hidden.status, hidden.text.replaceAll(other, 'ID')]).toEqual([
      404,
      missing.text.replaceAll('nobody', 'ID'),
    ]);
    const drafts = orders(drafted('PCV20'));
    expect((await post('immunization-check', sign(other, drafts), token)).status).toBe(404);
    const { token: writer } = await t.caller('system/*.c');
    expect((await post('patient-view', view(child), writer)).status).not.toBe(200);
  });
});

test.each<[string, string, object, number]>([
  ['an unknown service', 'moon', view('x'), 404],
  ['another hook', 'patient-view', { ...view('x'), hook: 'order-sign' }, 400],
  ['no hookInstance', 'patient-view', { ...view('x'), hookInstance: undefined }, 400],
  ['no context', 'patient-view', { ...view('x'), context: undefined }, 400],
  ['no patient', 'patient-view', { ...view('x'), context: {} }, 400],
  ['a list', 'patient-view', [], 400],
  ['no draft orders', 'immunization-check', { ...sign('x', {}), context: { patientId: 'x' } }, 400],
  [
    'draft orders without sense',
    'immunization-check',
    sign('x', { resourceType: 'Bundle', entry: [1, { resource: 2 }] }),
    200,
  ],
  [
    'a coding that is no list',
    'immunization-check',
    sign('x', orders(drafted('PCV20', { vaccineCode: { coding: 'x' } }))),
    422,
  ],
  [
    'codings without sense',
    'immunization-check',
    sign('x', orders({ ...prescription('水'), medicationCodeableConcept: { coding: [null, 5, {}] } })),
    200,
  ],
  [
    'a prefetched patient without birth date',
    'patient-view',
    view('x', { prefetch: { patient: { resourceType: 'Patient' }, immunizations: orders() } }),
    422,
  ],
])('answers %s in words', async (_, service, payload, status) => {
  const found = await post(service, payload);
  expect(found.status).toBe(status);
  if (status >= 400) expect(found.answer.resourceType).toBe('OperationOutcome');
});
