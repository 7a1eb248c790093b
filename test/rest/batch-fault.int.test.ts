// A batch whose later entry fails by a fault of ours still answers for what its earlier entries stored.

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

let a: TestApp;
beforeAll(async () => {
  a = await startApp();
});
afterAll(() => a.close());

const carePlan = (subject: string) => ({
  resourceType: 'CarePlan',
  status: 'active',
  intent: 'plan',
  subject: { reference: subject },
  instantiatesCanonical: ['Foo/1'],
});

test('_include of a canonical that looks like a reference to no type', async () => {
  const { id } = await a.system.create(carePlan('Patient/x'));
  const { status, body } = await a.system.get('CarePlan?_include=CarePlan:instantiates-canonical');
  expect(status).toBe(200);
  expect(body.entry.map(({ resource }) => resource.id)).toEqual([id]);
});

test('the entries before the fault are answered', async () => {
  const real = a.pool.query.bind(a.pool);
  const broken = vi
    .spyOn(a.pool, 'query')
    .mockImplementation(((config: { text?: string }, ...more: never[]) =>
      config.text?.includes('r.type = $1')
        ? Promise.reject(new TypeError('a fault'))
        : real(config as never, ...more)) as never);
  const entry = [
    { request: { method: 'POST', url: 'Basic' }, resource: { resourceType: 'Basic', code: { text: '見本' } } },
    { request: { method: 'GET', url: 'CarePlan' } },
  ];
  const { status, body } = await a.system.post('', { resourceType: 'Bundle', type: 'batch', entry });
  broken.mockRestore();
  expect(status).toBe(200);
  expect(body.entry.map(({ response }) => response.status)).toEqual(['201', '500']);
});
