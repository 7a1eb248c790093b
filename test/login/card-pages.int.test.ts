// A My Number Card on our own pages: bound by whoever has just logged in otherwise, and then enough by itself.

import { sign } from 'node:crypto';
import { type TOTP, URI } from 'otpauth';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCertificate } from '../../server/login/jpki/certificate.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { PageBrowser } from '../support/page-browser.ts';
import { type StatusServer, startStatusServer } from './jpki/status-server.ts';
import {
  authorityCertificate,
  authorityName,
  certificate,
  ext,
  makeKeys,
  ocspAnswer,
  policies,
} from './jpki/test-authority.ts';

const authority = makeKeys();
const card = makeKeys();
let t: TestApp;
let service: StatusServer;
beforeAll(async () => {
  service = await startStatusServer();
  service.answerWith((body) => ocspAnswer(body, { signer: authority, responder: { name: authorityName } }));
  t = await startApp({
    jpki: { anchors: [readCertificate(authorityCertificate(authority))], ocspUrl: service.ocspUrl },
  });
});
afterAll(async () => {
  await t.close();
  await service.close();
});

/** Signs what the page shows, as the card's software does. */
function signed({ page }: PageBrowser, keys = card, serial = '0a1b2c') {
  const toSign = /<textarea id="to-sign"[^>]*>([^<]*)<\/textarea>/.exec(page.text)?.[1] ?? '';
  const der = certificate({
    keys,
    serial,
    signer: authority,
    extensions: [ext.digitalSignature(), ext.policy(policies.authentication), ext.ocsp(service.ocspUrl)],
  });
  // As it is copied: in lines.
  const lines = (bytes: Buffer) => bytes.toString('base64').replace(/(.{64})/g, '$1\r\n');
  return { certificate: lines(der), signature: lines(sign('sha256', Buffer.from(toSign), keys.privateKey)) };
}

test('a card is bound to an account, logs in by itself, and is no other card', async () => {
  const browser = new PageBrowser(t);
  await browser.open('/login/sign-up');
  const login = 'card@example.jp';
  await browser.submit('/sign-up', { name: '試験 花子', login, password: 'かえるが鳴いたら帰ろう noon' });
  await browser.submit('/set-up/authenticator');
  const uri = browser.forms().find(({ action }) => action.endsWith('/set-up/code'))?.values.uri?.[0] ?? '';
  await browser.submit('/set-up/code', { code: (URI.parse(uri) as TOTP).generate({ timestamp: t.clock.nowMs }) });
  await browser.open('/login/account/card');
  const replayed = signed(browser);
  await browser.submit('/account/card', replayed);
  expect([browser.place, browser.page.status]).toEqual(['/login/account', 200]);
  await browser.submit('/log-out');

  await browser.open('/login/log-in');
  expect(browser.page.text).toContain('/login/card');
  await browser.open('/login/card');
  await browser.submit('/card', replayed);
  expect([browser.page.status, browser.page.text]).toEqual([422, expect.stringContaining('role="alert"')]);
  await browser.submit('/card', signed(browser, makeKeys(), '0d0e0f'));
  expect([browser.page.status, browser.page.text]).toEqual([401, expect.stringContaining('登録されていません')]);
  await browser.submit('/card', signed(browser));
  expect([browser.place, browser.page.status]).toEqual(['/login/account', 200]);
  const { rows } = await t.pool.query('select amr from login_session where ended is null');
  expect(rows).toEqual([{ amr: expect.arrayContaining(['sc', 'pin']) }]);
}, 30_000);

test('there is no page for cards where none are taken', async () => {
  const other = await startApp();
  const browser = new PageBrowser(other);
  await browser.open('/login/card');
  expect(browser.place).toBe('/login/log-in');
  expect(browser.page.text).not.toContain('マイナンバー');
  await other.close();
});
