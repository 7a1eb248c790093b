// README.html of an archive in a real browser: from a file, with the network off.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { patientNamed, startApp, type TestApp } from '../support/app.ts';
import { hasChromium, startChromium } from '../support/chromium.ts';
import { fetchedArchive } from './archives.ts';
import { filesOf } from './sample.ts';

const evil = '<img src=x onerror="document.title=\'run\'"><script>document.title="run"</script>"\'&\u202e';
/** One red point. */
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

describe.skipIf(!hasChromium)('the page of an archive', () => {
  let t: TestApp;
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    t = await startApp();
    browser = await startChromium();
    folder = await mkdtemp(join(tmpdir(), 'tsumugi-page-'));
    const { id } = await t.system.create(
      patientNamed('試験', `花子${evil}`, { birthDate: '2026-01-02', gender: 'female' }),
    );
    const patient = { reference: `Patient/${id}` };
    const vaccineCode = { text: `ＢＣＧ${evil}` };
    const given = { status: 'completed', vaccineCode, patient, occurrenceDateTime: '2026-06-01' };
    await t.system.create({ resourceType: 'Immunization', ...given, lotNumber: 'KH-299' });
    const weight = { system: 'http://loinc.org', code: '29463-7' };
    await t.system.create({
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [weight] },
      subject: patient,
      effectiveDateTime: '2026-06-01',
      valueQuantity: { value: 7.2, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
    });
    const content = [{ attachment: { contentType: 'image/png', title: evil, data: png } }];
    await t.system.create({ resourceType: 'DocumentReference', status: 'current', subject: patient, content });
    for (const [path, bytes] of await filesOf(await fetchedArchive(t, t.system, id))) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), bytes);
    }
  });
  afterAll(async () => {
    await browser?.close();
    await t?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('shows the record without a network, runs nothing of it, and speaks both languages', async () => {
    const context = await browser.newContext({ offline: true });
    const page = await context.newPage();
    const outside: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => void (request.url().startsWith('file:') || outside.push(request.url())));
    page.on('console', (message) => complaints.push(message.text()));
    await page.goto(pathToFileURL(join(folder, 'README.html')).href);
    expect(await page.locator('#vaccinations').innerText()).toContain('KH-299');
    expect(await page.locator('#vaccinations td', { hasText: 'ＢＣＧ' }).first().innerText()).toContain('<script>');
    expect(await page.title()).toContain('試験');
    expect(await page.title()).not.toBe('run');
    expect(await page.evaluate(() => document.scripts.length)).toBe(0);
    expect(await page.locator('#attachments img').evaluate((one) => (one as HTMLImageElement).naturalWidth)).toBe(1);
    expect(await page.locator('h2', { hasText: '予防接種' }).first().isVisible()).toBe(true);
    expect(await page.locator('.growth svg').textContent()).toContain('7.2');
    await page.locator('label[for=en]').click();
    expect(await page.locator('h2', { hasText: 'Vaccinations' }).first().isVisible()).toBe(true);
    expect(await page.locator('#vaccinations h2 .ja').isVisible()).toBe(false);
    expect({ outside, complaints }).toEqual({ outside: [], complaints: [] });
    await context.close();
  });
});
