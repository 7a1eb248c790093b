// Where a login comes from when proxies stand in front: X-Forwarded-For is believed of those that the settings name.
import type { FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';
import { startApp } from '../support/app.ts';

const proxy = '10.0.0.7';

/** Six wrong passwords for one name, and what each is answered. */
async function guesses(app: FastifyInstance, login: string, forwarded: (n: number) => string, remoteAddress = proxy) {
  const statuses: number[] = [];
  for (let n = 0; n < 6; n++) {
    const headers = { origin: 'https://tsumugi.test', 'x-forwarded-for': forwarded(n) };
    const payload = { login, password: 'wrong wrong wrong' };
    const { statusCode } = await app.inject({
      ...{ method: 'POST', url: '/login/api/password', headers, payload, remoteAddress },
    });
    statuses.push(statusCode);
  }
  return statuses;
}

const paused = [401, 401, 401, 401, 401, 429];
const free = [401, 401, 401, 401, 401, 401];

test('a proxy that is named tells one browser from another, and browsers tell nothing', async () => {
  const { app, close } = await startApp({ trustedProxies: ['10.0.0.0/24'] });
  expect(await guesses(app, 'one@example.jp', (n) => `192.0.2.${n}`)).toEqual(free);
  expect(await guesses(app, 'two@example.jp', () => '192.0.2.1')).toEqual(paused);
  expect(await guesses(app, 'three@example.jp', (n) => `198.51.100.${n}, 192.0.2.1`)).toEqual(paused);
  expect(await guesses(app, 'four@example.jp', (n) => `198.51.100.${n}`, '192.0.2.9')).toEqual(paused);
  await close();
});

test('without the setting the header is nothing', async () => {
  const { app, close } = await startApp();
  expect(await guesses(app, 'one@example.jp', (n) => `192.0.2.${n}`)).toEqual(paused);
  await close();
});
