// The command as a person calls it: the double of the portal on one side, a real server on the other.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { connectorCommand } from '../../server/cli/connector.ts';
import { freePort } from '../../server/store/embedded/free-port.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { newCertificates } from '../support/myna-portal/certificates.ts';
import { type Portal, startPortal } from '../support/myna-portal/portal.ts';
import { vaccinationJson } from '../support/samples/myna.ts';

const clientId = 'SP12345678_AB1234';
const template = 'TM00000000000101';
let t: TestApp;
beforeAll(async () => {
  t = await startApp({ listens: true });
});
afterAll(() => t.close());

let [portal, folder] = [] as unknown as [Portal, string];
beforeEach(async () => {
  const certificates = newCertificates(clientId);
  const redirectUri = `http://127.0.0.1:${await freePort('127.0.0.1')}/back`;
  portal = await startPortal({ clientId, redirectUri, certificates, nowMs: Date.now() });
  portal.blocks.set(template, JSON.parse(Buffer.from(vaccinationJson()).toString()));
  folder = await mkdtemp(join(tmpdir(), 'tsumugi-connector-'));
  const { partner, ca } = certificates;
  for (const [name, text] of Object.entries({
    'c.pem': partner.cert,
    'k.pem': partner.key,
    'ca.pem': ca,
    token: `${(await t.caller('system/*.crus')).token}\n`,
  }))
    await writeFile(join(folder, name), text);
  const settings = {
    base: portal.base,
    clientId,
    redirectUri,
    templates: { [template]: 'vaccination-json' },
    certificate: join(folder, 'c.pem'),
    key: join(folder, 'k.pem'),
    ca: join(folder, 'ca.pem'),
    pollMs: 10,
  };
  await writeFile(join(folder, 'settings.json'), JSON.stringify(settings));
});
afterEach(async () => {
  await portal.close();
  await rm(folder, { recursive: true });
});

const call = (args: string[], line: (text: string) => void) =>
  connectorCommand.run(['myna', '--settings', join(folder, 'settings.json'), ...args], { line, error: line });

/** The lines of a call whose person opens the address. */
async function visit(...args: string[]): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = [];
  const line = (text: string) => {
    lines.push(text);
    const url = /https:\S+/.exec(text)?.[0];
    if (url) void portal.visit(url);
  };
  return { code: await call(['--token-file', join(folder, 'token'), ...args], line), lines };
}

it('prints the address, waits for the person, and hands over what they agreed to', async () => {
  const { id } = await t.system.create({ resourceType: 'Patient' });
  const { code, lines } = await visit('--patient', id, '--server', t.base.replace(/\/fhir$/, ''));
  expect([code, lines.at(-1)]).toEqual([0, '1 stored, 0 waiting, 0 refused']);
  expect((await t.system.get(`Immunization?patient=${id}`)).body.total).toBe(2);
});

it('keeps in its local store what the portal gives out once, when the server is away', async () => {
  const store = join(folder, 'store');
  const away = `http://127.0.0.1:${await freePort('127.0.0.1')}`;
  const { code, lines } = await visit('--patient', 'hikari', '--server', away, '--store', store);
  expect(code).toBe(0);
  expect(lines).toContain('0 stored, 1 waiting, 0 refused');
  expect((await readdir(store)).length).toBeGreaterThan(0);
});

it.each<[string[], string]>([
  [['--patient', 'x', '--token', 'T'], '--server takes'],
  [['--server', 'http://127.0.0.1:1', '--token', 'T'], '--patient names'],
  [['--server', 'http://127.0.0.1:1', '--patient', 'a/b', '--token', 'T'], '--patient must be the id'],
  [['--server', 'http://127.0.0.1:1', '--patient', 'x'], 'give one of --credentials, --token-file and --token'],
])('refuses the call %j', async (args, expected) => {
  await expect(call(args, () => undefined)).rejects.toThrow(expected);
});
