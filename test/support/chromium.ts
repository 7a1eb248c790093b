// A real browser for tests: the Chromium of the machine. Where there is none the tests that need it are left out, and say so.

import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { leftOut } from './left-out.ts';

const executablePath = '/usr/bin/chromium';
export const hasChromium = existsSync(executablePath);
if (!hasChromium) leftOut(`chromium: no ${executablePath} found`);

export const startChromium = (): Promise<Browser> => chromium.launch({ executablePath, args: ['--no-sandbox'] });

/**
 * Gives the page an authenticator that has a platform's ways: it keeps passkeys and knows its holder. It agrees to everything at
 * once, so that nothing may be asked of it but by a button.
 */
export async function addAuthenticator(page: Page): Promise<void> {
  await page.addInitScript('PublicKeyCredential.isConditionalMediationAvailable = async () => false');
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const options = {
    protocol: 'ctap2',
    transport: 'internal',
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  } as const;
  await session.send('WebAuthn.addVirtualAuthenticator', { options });
}
