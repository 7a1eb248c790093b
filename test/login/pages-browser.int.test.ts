// Our own pages in a real browser: signing up, passkeys, the keyboard, a phone, and an app's launch by SMART JS (fhirclient).

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TOTP, URI } from 'otpauth';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { setRelation } from '../../server/store/relations.ts';
import { patientNamed, startApp, type TestApp } from '../support/app.ts';
import { addAuthenticator, hasChromium, startChromium } from '../support/chromium.ts';
import { addClient } from '../support/oauth.ts';

const password = 'かえるが鳴いたら帰ろう noon';
const phone = { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true };

let t: TestApp;
let browser: Browser;
let contexts: BrowserContext[] = [];
let site: string;
let app: Server;
let appUrl: string;
beforeAll(async () => {
  if (!hasChromium) return;
  t = await startApp({ listens: 'localhost' });
  t.clock.nowMs = Date.now();
  site = t.base.replace(/\/fhir$/, '');
  browser = await startChromium();
  app = createServer((request, response) => {
    const isScript = request.url === '/fhir-client.js';
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html; charset=utf-8' });
    response.end(isScript ? smartJs : appPage);
  });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  appUrl = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
}, 60_000);
afterEach(async () => {
  for (const context of contexts) await context.close();
  contexts = [];
  expect(violations).toEqual([]);
});
afterAll(async () => {
  app?.close();
  await browser?.close();
  await t?.close();
});

async function open(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  const context = await browser.newContext({ locale: 'ja-JP', ...options });
  contexts.push(context);
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.on('console', (line) => {
    if (line.text().includes('Content Security Policy')) violations.push(line.text());
  });
  return page;
}
const violations: string[] = [];

/** Signs up with a password and an authenticator app, and gives that app back. */
async function signUp(page: Page, login: string): Promise<TOTP> {
  await page.goto(`${site}/login/sign-up`);
  await page.getByLabel('お名前').fill('試験 花子');
  await page.getByLabel('ログイン名').fill(login);
  await page.getByLabel('パスワード').fill(password);
  await page.getByRole('button', { name: '登録する' }).click();
  await page.getByRole('button', { name: '認証アプリを登録する' }).click();
  const uri = await page.getByRole('link', { name: 'この端末の認証アプリで開く' }).getAttribute('href');
  const authenticator = URI.parse(uri ?? '') as TOTP;
  await page.getByLabel('6けたの番号').fill(authenticator.generate({ timestamp: t.clock.nowMs }));
  await page.getByRole('button', { name: '確かめる' }).click();
  await page.getByRole('heading', { name: '登録できました' }).waitFor();
  return authenticator;
}

// What an app of a family is made of: SMART JS as it comes in its package, and a page that launches and comes back.
const smartJs = readFileSync(new URL('../../node_modules/fhirclient/build/fhir-client.min.js', import.meta.url));
const appPage = `<!doctype html><title>app</title><script src="/fhir-client.js"></script>`;

const nextCode = (authenticator: TOTP): string => {
  t.clock.nowMs += 30_000;
  return authenticator.generate({ timestamp: t.clock.nowMs });
};

describe.skipIf(!hasChromium)('our pages', () => {
  test('sign a family up with a password and an authenticator app, and log it in by keyboard alone', async () => {
    const page = await open();
    const authenticator = await signUp(page, 'keyboard@example.jp');
    await page.getByRole('button', { name: '予備の番号を作る' }).click();
    expect(await page.locator('.codes li').count()).toBe(10);
    await page.getByRole('link', { name: '書きとめたので次へ' }).click();
    await page.getByRole('heading', { name: 'あなたのログイン' }).waitFor();
    await page.getByRole('button', { name: 'ログアウト', exact: true }).click();
    await page.waitForURL(`${site}/login/log-in`);

    // The wrong password first: the fault is announced, the name stays.
    await tabTo(page, 'login');
    await page.keyboard.type('keyboard@example.jp');
    await page.keyboard.press('Tab');
    await page.keyboard.type('not the password');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'ログイン名かパスワードが違います' }).waitFor();
    expect(await page.title()).toContain('エラー');
    expect(await page.getByLabel('ログイン名').inputValue()).toBe('keyboard@example.jp');
    await tabTo(page, 'password');
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '本人の確認' }).waitFor();
    await tabTo(page, 'code');
    await page.keyboard.type(nextCode(authenticator));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'あなたのログイン' }).waitFor();
  });

  test('shows the devices one is logged in on in words', async () => {
    const page = await open();
    await signUp(page, 'devices@example.jp');
    await page.getByRole('link', { name: 'あとで作る' }).click();
    await page.getByText('Chrome, Linux').waitFor();
  });

  test('make a passkey and log in with it', async () => {
    const page = await open();
    await addAuthenticator(page);
    await page.goto(`${site}/login/sign-up`);
    await page.getByLabel('お名前').fill('試験 花子');
    await page.getByLabel('ログイン名').fill('passkey@example.jp');
    await page.getByRole('button', { name: '登録する' }).click();
    await page.getByRole('button', { name: 'パスキーを作る' }).click();
    await page.getByRole('heading', { name: '登録できました' }).waitFor();
    await page.getByRole('link', { name: 'あとで作る' }).click();
    await page.getByText('わたしの端末').first().waitFor();
    await page.getByRole('button', { name: 'ログアウト', exact: true }).click();
    await page.waitForURL(`${site}/login/log-in`);
    await page.getByRole('button', { name: 'パスキーでログイン' }).click();
    await page.getByRole('heading', { name: 'あなたのログイン' }).waitFor();
  });
});

describe.skipIf(!hasChromium)('SMART JS', () => {
  test('launches on a phone: log-in, child, consent, token, the vaccinations of the child, and a refresh', async () => {
    const scope =
      'openid fhirUser launch/patient offline_access patient/Patient.rs patient/Immunization.rs patient/*.rs';
    await addClient(t, {
      id: 'smart-js',
      name: { ja: '予防接種ノート', en: 'Vaccination notes' },
      kind: 'family-app',
      redirectUris: [`${appUrl}/`],
      scopes: scope,
      origins: [appUrl],
    });
    const page = await open(phone);
    const authenticator = await signUp(page, 'phone@example.jp');
    const { rows } = await t.pool.query("select subject from account where login = 'phone@example.jp'");
    const [first, second] = [await makeChild('ひかり', rows[0].subject), await makeChild('みらい', rows[0].subject)];
    await page.context().clearCookies();

    await page.goto(`${appUrl}/`);
    const authorize = { iss: t.base, client_id: 'smart-js', scope, redirect_uri: `${appUrl}/`, pkceMode: 'required' };
    await page.evaluate(`FHIR.oauth2.authorize(${JSON.stringify(authorize)})`);
    await page.getByText('「予防接種ノート」につなぐための画面です').waitFor();
    await fitsThePhone(page);
    await page.getByLabel('ログイン名').fill('phone@example.jp');
    await page.getByLabel('パスワード').fill(password);
    await page.getByRole('button', { name: '次へ' }).click();
    await page.getByLabel('6けたの番号').fill(nextCode(authenticator));
    await fitsThePhone(page);
    await page.getByRole('button', { name: 'ログイン', exact: true }).click();
    await page.getByRole('heading', { name: 'だれの記録ですか' }).waitFor();
    await fitsThePhone(page);
    await page.getByLabel('試験 ひかり').check();
    await page.getByRole('button', { name: '次へ' }).click();
    await page.getByText('試験 ひかり').waitFor();
    expect(await page.getByLabel('今後追加されるものも含めて').isChecked()).toBe(true);
    await page.getByLabel('今後追加されるものも含めて').uncheck();
    await fitsThePhone(page);
    await page.getByRole('button', { name: '許可する' }).click();
    await page.waitForURL(`${appUrl}/?**`);
    const told = (await page.evaluate(`(async () => {
      const client = await FHIR.oauth2.ready();
      const before = client.state.tokenResponse.access_token;
      const found = await client.request('Immunization?patient=' + client.patient.id);
      await client.refresh();
      const again = await client.request('Immunization?patient=' + client.patient.id);
      const other = await client.request('Immunization?patient=${second}');
      const { scope, access_token } = client.state.tokenResponse;
      return { patient: client.patient.id, total: [found.total, again.total, other.total], scope, isNew: before !== access_token,
        user: client.getFhirUser() };
    })()`)) as Record<string, unknown>;
    expect(told).toEqual({
      patient: first,
      total: [1, 1, 0],
      scope: expect.not.stringContaining('*'),
      isNew: true,
      user: `RelatedPerson/of-${first}`,
    });

    await page.goto(`${site}/login/connections`);
    await page.getByRole('heading', { name: '予防接種ノート' }).waitFor();
    await page.getByText('試験 ひかり').waitFor();
    await fitsThePhone(page);
    await page.getByRole('button', { name: '「予防接種ノート」を取り消す' }).click();
    await page.getByText('つながっているアプリはありません').waitFor();
  });
});

async function makeChild(given: string, person: string): Promise<string> {
  const { id: patient } = await t.system.create(patientNamed('試験', given, { birthDate: '2026-04-01' }));
  await t.system.create({
    resourceType: 'Immunization',
    status: 'completed',
    vaccineCode: { text: 'BCG' },
    patient: { reference: `Patient/${patient}` },
    occurrenceDateTime: '2026-09-01',
  });
  const client = await t.pool.connect();
  const lasting = { status: 'active', starts: '2020-01-01T00:00:00Z', ends: 'infinity' } as const;
  const relatedPerson = `RelatedPerson/of-${patient}`;
  await setRelation(client, { id: randomUUID(), basis: 'guardian', person, patient, relatedPerson, ...lasting });
  client.release();
  return patient;
}

/** Nothing has to be scrolled sideways, and what is touched is 44 pixels high. */
async function fitsThePhone(page: Page): Promise<void> {
  const found = (await page.evaluate(`({
    width: document.documentElement.scrollWidth,
    small: [...document.querySelectorAll('button, a, input:not([type=hidden], [type=checkbox], [type=radio]), .choices label, summary')]
      .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44).map((one) => one.outerHTML),
  })`)) as { width: number; small: string[] };
  expect(found).toEqual({ width: phone.viewport.width, small: [] });
}

/** Presses Tab until the element of that id has the focus, which must be visible. */
async function tabTo(page: Page, id: string): Promise<void> {
  for (let presses = 0; presses < 30; presses++) {
    await page.keyboard.press('Tab');
    const focus = await page.evaluate(
      `({ id: document.activeElement.id, outline: getComputedStyle(document.activeElement).outlineStyle })`,
    );
    const { id: at, outline } = focus as { id: string; outline: string };
    if (at !== id) continue;
    expect(outline).not.toBe('none');
    return;
  }
  throw new Error(`Tab never comes to ${id}`);
}
