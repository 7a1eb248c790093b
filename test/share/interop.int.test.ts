// Links as others open them: by a second implementation, by a reader of QR codes, and by a person with a browser.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SHLViewer } from 'kill-the-clipboard';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openFile } from '../../server/share/reading/file.ts';
import { type Caller, patientNamed, startApp, type TestApp } from '../support/app.ts';
import { hasChromium, startChromium } from '../support/chromium.ts';
import { leftOut } from '../support/left-out.ts';
import { code, doseOf, fetchFile, linkOf, listed, makeLink, open, parameters, text, valueNamed } from './support.ts';

const hasZbar = existsSync('/usr/bin/zbarimg');
if (!hasZbar) leftOut('zbarimg: no /usr/bin/zbarimg found');

describe('kill-the-clipboard', () => {
  let t: TestApp;
  let child: string;
  beforeAll(async () => {
    t = await startApp();
    // The library goes by the clock of the machine.
    t.clock.nowMs = Date.now();
    child = (await t.system.create(patientNamed('試験', '花子', { birthDate: '2026-09-15' }))).id;
    await t.system.create(doseOf(child));
  });
  afterAll(() => t.close());

  /** Calls of the library, at the server that is here. */
  const fetchHere = async (url: string, { method = 'GET', headers = {}, body }: RequestInit = {}) => {
    const { pathname, search } = new URL(url);
    const sent = {
      url: `${pathname}${search}`,
      headers: headers as Record<string, string>,
      payload: String(body ?? ''),
    };
    const answer = await t.app.inject({ method: method as 'GET', ...sent });
    return new Response(answer.payload, {
      status: answer.statusCode,
      headers: answer.headers as Record<string, string>,
    });
  };

  test.each<[string, object[], { passcode?: string; embeddedLengthMax?: number }]>([
    ['a plain link', [], {}],
    ['a file with an address of its own', [], { embeddedLengthMax: 10 }],
    ['a passcode', [text('passcode', '合言葉1234')], { passcode: '合言葉1234' }],
    ['one file by GET', [code('flag', 'U')], {}],
    ['a long-term link with a passcode', [code('flag', 'L'), text('passcode', '4649')], { passcode: '4649' }],
  ])('opens %s', async (_, wishes, asked) => {
    const { link } = await makeLink(t.system, child, text('label', '見本'), ...wishes);
    const viewer = new SHLViewer({ shlinkURI: link, fetch: fetchHere });
    const { fhirResources } = await viewer.resolveSHL({ recipient: '見本医院', ...asked });
    expect(JSON.stringify(fhirResources)).toContain('LOT-試験-1');
  });

  test('is told of a wrong passcode and of a link that is over', async () => {
    const { link, id } = await makeLink(t.system, child, text('passcode', '4649'));
    const resolve = (passcode: string) =>
      new SHLViewer({ shlinkURI: link, fetch: fetchHere }).resolveSHL({ recipient: 'x', passcode });
    await expect(resolve('0000')).rejects.toThrow(/passcode/i);
    await t.system.post(`Patient/${child}/$revoke-share`, parameters(text('id', id)));
    await expect(resolve('4649')).rejects.toThrow(/not found/i);
  });

  test.skipIf(!hasZbar || !hasChromium)(
    'the QR code says the address of the link',
    async () => {
      const answer = await t.system.post(
        `Patient/${child}/$share`,
        parameters(
          code('what', 'everything'),
          text('label', 'あ'.repeat(80)),
          text('passcode', '4649'),
          code('flag', 'L'),
        ),
      );
      const qr = answer.body.parameter.find(({ name }) => name === 'qr')?.valueAttachment as { data: string };
      const folder = mkdtempSync(join(tmpdir(), 'share-qr-'));
      const browser = await startChromium();
      try {
        const page = await browser.newPage({ viewport: { width: 800, height: 800 } });
        await page.setContent(`<body style="margin:0"><img width="800" src="data:image/svg+xml;base64,${qr.data}">`);
        writeFileSync(join(folder, 'qr.png'), await page.screenshot());
        const read = execFileSync('zbarimg', ['--raw', '-q', join(folder, 'qr.png')], { encoding: 'utf8' });
        expect(read.trim()).toBe(valueNamed(answer, 'address'));
      } finally {
        await browser.close();
        rmSync(folder, { recursive: true });
      }
    },
    30_000,
  );
});

describe.skipIf(!hasChromium)('the viewer page', () => {
  let t: TestApp;
  let mother: Caller;
  let child: string;
  let browser: Browser;
  const complaints: string[] = [];
  beforeAll(async () => {
    t = await startApp({ listens: true });
    t.clock.nowMs = Date.now();
    mother = await t.caller('user/*.cruds', { user: 'Person/mother' });
    child = (await mother.create(patientNamed('試験', '花子', { birthDate: '2026-09-15', gender: 'female' }))).id;
    await t.system.create(doseOf(child, { lotNumber: '<img src=x onerror=alert(1)>' }));
    browser = await startChromium();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await t?.close();
    expect(complaints).toEqual([]);
  });

  async function opened(address: string, locale = 'ja-JP'): Promise<Page> {
    const page = await browser.newPage({ locale });
    page.setDefaultTimeout(10_000);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (line) => {
      if (/Content Security Policy|Refused/.test(line.text())) complaints.push(line.text());
    });
    page.on('dialog', (dialog) => complaints.push(`a dialog: ${dialog.message()}`));
    await page.goto(address);
    return page;
  }
  const addressOf = ({ link, url }: { link: string; url: string }) => `${new URL('.', url)}#${link}`;

  test('asks for a name and the passcode, decrypts in the browser and shows doses with lots', async () => {
    const link = await makeLink(mother, child, text('passcode', '4649'), text('label', '保育園へ'));
    const page = await opened(addressOf(link));
    expect(await page.title()).toContain('共有された記録');
    expect(await page.locator('main').innerText()).toContain('保育園へ');
    await page.getByLabel('あなたの名前または施設名').fill('見本保育園');
    await page.getByLabel(/パスコード/).fill('0000');
    await page.getByRole('button', { name: '記録を開く' }).click();
    await page.getByText('パスコードが違います。残りの回数: 9').waitFor();
    await page.getByLabel(/パスコード/).fill('4649');
    const sent: string[] = [];
    page.on('request', (request) => sent.push(`${request.url()} ${request.postData() ?? ''}`));
    await page.getByRole('button', { name: '記録を開く' }).click();
    await page.getByRole('heading', { name: '試験 花子' }).waitFor();
    const row = page.locator('tr', { hasText: '五種混合' });
    expect(await row.innerText()).toContain('<img src=x onerror=alert(1)>');
    expect(await page.locator('main').innerText()).toContain('生年月日 2026-09-15');
    expect(sent.join()).not.toContain(link.key);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'ファイルを保存' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('record-1.json');
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('columnheader', { name: 'Lot' }).waitFor();
    expect((await listed(mother, child))[0]?.openings).toContainEqual(
      expect.objectContaining({ recipient: '見本保育園' }),
    );
    await page.close();
  }, 30_000);

  test.each<[string, () => Promise<string>, RegExp]>([
    ['no link', async () => '', /no link here/],
    ['a link that is none', async () => '#shlink:/e30', /not valid/],
    ['a link that has ended', async () => `#${await ended()}`, /no longer works/],
    ['a link of another service', async () => `#${elsewhere}`, /another service/],
    ['a link of a newer kind', async () => `#shlink:/${Buffer.from('{"v":2}').toString('base64url')}`, /newer kind/],
  ])(
    'says so of %s',
    async (_, hash, words) => {
      const page = await opened(`${new URL('/share/', t.base)}${await hash()}`, 'en-US');
      const name = page.getByLabel('Your name or organization');
      if (await name.isVisible()) {
        await name.fill('Dr. Test');
        await page.getByRole('button', { name: 'Open the record' }).click();
      }
      await page.getByText(words).waitFor();
      await page.close();
    },
    20_000,
  );
  const ended = async () => {
    const { link, id } = await makeLink(mother, child);
    await mother.post(`Patient/${child}/$revoke-share`, parameters(text('id', id)));
    return link;
  };
  const elsewhere = `shlink:/${Buffer.from(JSON.stringify({ url: 'https://shl.example.jp/m/x', key: 'A'.repeat(43) })).toString('base64url')}`;

  test('comes with a policy that lets nothing in from elsewhere', async () => {
    const { headers, text: html } = await fetchFile(t, '/share/');
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; connect-src 'self'; form-action 'none'/,
    );
    expect(html).not.toMatch(/src=|href="http/);
    expect(headers['referrer-policy']).toBe('no-referrer');
  });
});

test('what a link leads to is made with the language of the call', async () => {
  const t = await startApp();
  const child = (await t.system.create(patientNamed('試験', '花子'))).id;
  const answer = await t.system.post(`Patient/${child}/$share`, parameters(code('what', 'summary')), {
    'accept-language': 'en',
  });
  const { path, key } = linkOf(answer);
  const [file] = (await open(t, path)).body.files as { embedded: string }[];
  const read = await openFile(file?.embedded ?? '', key);
  expect(read.outcome === 'accept' && JSON.parse(read.text).resourceType).toBe('Bundle');
  await t.close();
}, 20_000);
