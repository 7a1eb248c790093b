// Our own pages in a real browser: signing up, passkeys, the keyboard, a phone, and an app's launch by SMART JS (fhirclient).

import { type TOTP, URI } from 'otpauth';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { addAuthenticator, hasChromium, startChromium } from '../support/chromium.ts';

const password = 'かえるが鳴いたら帰ろう noon';
const shots = process.env.PAGES_SHOTS;

let t: TestApp;
let browser: Browser;
let contexts: BrowserContext[] = [];
let site: string;
beforeAll(async () => {
  if (!hasChromium) return;
  t = await startApp({ listens: 'localhost' });
  t.clock.nowMs = Date.now();
  site = t.base.replace(/\/fhir$/, '');
  browser = await startChromium();
}, 60_000);
afterEach(async () => {
  for (const context of contexts) await context.close();
  contexts = [];
});
afterAll(async () => {
  await browser?.close();
  await t?.close();
});

async function open(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  const context = await browser.newContext({ locale: 'ja-JP', ...options });
  contexts.push(context);
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.on('console', (line) => {
    if (line.type() === 'error') faults.push(line.text());
  });
  return page;
}
const faults: string[] = [];

async function shot(page: Page, name: string): Promise<void> {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
}

/** Signs up with a password and an authenticator app, and gives that app back. */
async function signUp(page: Page, login: string): Promise<TOTP> {
  await page.goto(`${site}/login/sign-up`);
  await page.getByLabel('お名前').fill('試験 花子');
  await page.getByLabel('ログイン名').fill(login);
  await page.getByLabel('パスワード').fill(password);
  await shot(page, 'sign-up');
  await page.getByRole('button', { name: '登録する' }).click();
  await shot(page, 'set-up');
  await page.getByRole('button', { name: '認証アプリを登録する' }).click();
  const uri = await page.getByRole('link', { name: 'この端末の認証アプリで開く' }).getAttribute('href');
  const app = URI.parse(uri ?? '') as TOTP;
  await page.getByLabel('6けたの番号').fill(app.generate({ timestamp: t.clock.nowMs }));
  await shot(page, 'authenticator');
  await page.getByRole('button', { name: '確かめる' }).click();
  await page.getByRole('heading', { name: '登録できました' }).waitFor();
  return app;
}

const nextCode = (app: TOTP): string => {
  t.clock.nowMs += 30_000;
  return app.generate({ timestamp: t.clock.nowMs });
};

describe.skipIf(!hasChromium)('our pages', () => {
  test('sign a family up with a password and an authenticator app, and log it in by keyboard alone', async () => {
    const page = await open();
    const app = await signUp(page, 'keyboard@example.jp');
    await page.getByRole('button', { name: '予備の番号を作る' }).click();
    expect(await page.locator('.codes li').count()).toBe(10);
    await page.getByRole('link', { name: '書きとめたので次へ' }).click();
    await page.getByRole('heading', { name: 'あなたのログイン' }).waitFor();
    await shot(page, 'account');
    await page.getByRole('button', { name: 'ログアウト', exact: true }).click();
    await page.waitForURL(`${site}/login/log-in`);
    await shot(page, 'log-in');

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
    await page.keyboard.type(nextCode(app));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'あなたのログイン' }).waitFor();
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
