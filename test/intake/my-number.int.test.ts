// A My Number is not kept, whatever part of a delivery or a link it stands in. 123456789018 has a right check digit.

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
  expect((await a.system.post('$deliver', body)).status).toBe(422);
  expect((await a.pool.query('select from held')).rowCount).toBe(0);
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
