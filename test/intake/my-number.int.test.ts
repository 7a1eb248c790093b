// A My Number is not kept, whatever part of a delivery or a link it stands in; the fate of the delivery is. 123456789018 has a right check digit.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

let a: TestApp;
beforeAll(async () => {
  a = await startApp();
});
afterAll(() => a.close());

const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
const original = (bytes: Buffer) => ({
  name: 'original',
  resource: { resourceType: 'Binary', contentType: 'text/csv', data: bytes.toString('base64') },
});
const problem = (valueString: string) => ({ name: 'problem', valueString });
const numbered = { system: 'urn:example:my-number', value: '123456789018' };
// 個人番号 in Windows-31J, and a byte behind the number that belongs to no character.
const shiftJis = Buffer.from('8cc2906c94d48d862c3132333435363738393031382c0d0aff', 'hex');
const eucJp = Buffer.from('b8c4bfcdc8d6b9e62c313233343536373839303138', 'hex');

test.each([
  ['original in broken Shift_JIS', parameters(original(shiftJis), problem('broken'))],
  ['original in EUC-JP', parameters(original(eucJp), problem('broken'))],
  ['problem', parameters(original(Buffer.from('x')), problem('個人番号 123456789018'))],
  ['patient', parameters(original(Buffer.from('x')), problem('y'), { name: 'patient', valueIdentifier: numbered })],
])('a delivery with one in its %s', async (_where, body) => {
  const { status, body: outcome } = await a.system.post('$deliver', body);
  expect(status).toBe(422);
  const [id] = /[0-9a-f-]{36}/.exec(outcome.issue[0]?.diagnostics ?? '') ?? [];
  const { rows } = await a.pool.query('select *, original::text from held');
  expect(rows).toMatchObject([{ id, fate: 'refused', source: '', number: '', record: null }]);
  expect(JSON.stringify(rows)).not.toMatch(/123456789018|313233343536373839303138/);
  const told = await a.system.get(`$delivery?id=${id}`);
  expect(told.body.parameter).toContainEqual({ name: 'fate', valueCode: 'refused' });
});

test('a link code for one', async () => {
  const { id } = await a.system.create({ resourceType: 'Organization', name: 'テスト病院' });
  const answer = await a.system.post(
    `Organization/${id}/$link-code`,
    parameters({ name: 'identifier', valueIdentifier: numbered }),
  );
  expect(answer.status).toBe(422);
  expect((await a.pool.query('select from link_code')).rowCount).toBe(0);
});
