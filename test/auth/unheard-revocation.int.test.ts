// A revocation that a server never hears of still ends the token there; and the store keeps nothing that is no token of ours.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTokenStore, mintToken } from '../../server/store/tokens.ts';
import { startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

test('within a minute', async () => {
  const clock = { nowMs: Date.now() };
  const store = await createTokenStore({ pool: t.pool, nowMs: () => clock.nowMs });
  const text = await mintToken(t.pool, { client: 'unheard', scope: 'system/*.r', lifetimeMs: 3_600_000 });
  expect(await store.find(text)).toMatchObject({ client: 'unheard' });
  // As if the notification had been lost with a connection that nobody has noticed to be gone.
  await t.pool.query("update token set revoked = now() where client = 'unheard'");
  clock.nowMs += 61_000;
  expect(await store.find(text)).toBeUndefined();
  store.close();
});
