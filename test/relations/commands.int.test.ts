// `tsumugi link` and `tsumugi suspend relation`, against a server on a socket.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Command } from '../../server/cli/command.ts';
import { linkCommand } from '../../server/cli/link.ts';
import { suspendCommand } from '../../server/cli/suspend.ts';
import { type Caller, patientNamed, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
let mother: Caller;
let child: string;
let clinic: string;
beforeAll(async () => {
  // Vite sets this name for its own use.
  vi.stubEnv('BASE_URL', '');
  t = await startApp({ listens: true });
  clinic = (await t.system.create({ resourceType: 'Organization', name: '見本医院' })).id;
  mother = await t.caller('user/*.cruds', { user: 'Person/mother' });
  child = (await mother.create(patientNamed('試験', '花子', { birthDate: '2026-09-15' }))).id;
});
afterAll(() => t.close());

async function run(command: Command, ...args: string[]): Promise<string[]> {
  const lines: string[] = [];
  const at = ['--server', t.base.replace(/\/fhir$/, ''), '--token', t.system.token ?? ''];
  expect(await command.run([...args, ...at], { line: (line) => lines.push(line), error: () => undefined })).toBe(0);
  return lines;
}

test('link gives a facility what a family’s code gives', async () => {
  const facility = await t.caller('system/*.cruds', { organization: clinic });
  const wanted = ['--patient', child, '--organization', clinic];
  await expect(run(linkCommand, ...wanted, '--identifier', 'none')).rejects.toThrow('--identifier takes SYSTEM|VALUE');
  expect(await run(linkCommand, ...wanted, '--identifier', 'urn:clinic|1')).toEqual([
    'linked; 0 waiting deliveries taken in',
  ]);
  expect((await facility.get(`Patient/${child}`)).status).toBe(200);
});

test('suspend relation keeps a person away, and names what it does not know', async () => {
  const call = (person: string) => [
    'relation',
    '--patient',
    child,
    '--person',
    person,
    '--reason',
    '裁判所の命令によります。',
  ];
  await expect(run(suspendCommand, ...call('nobody'))).rejects.toThrow('A relation of this Patient with Person/nobody');
  await expect(run(suspendCommand, 'planet')).rejects.toThrow('suspend takes one of client, relation');
  expect(await run(suspendCommand, ...call('mother'))).toHaveLength(1);
  expect((await mother.get(`Patient/${child}`)).status).toBe(404);
});
