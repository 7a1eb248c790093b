// `tsumugi connector mllp` as a process of its own, with credentials and a local store, beside a real server: whatever is killed or
// away, what was acknowledged is in the record once.
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { acknowledgedBy, createMllpSender, sendMllp } from '../../../connectors/mllp/send.ts';
import { connectorCommand } from '../../../server/cli/connector.ts';
import { createClient } from '../../../server/cli/create-client.ts';
import { freePort } from '../../../server/store/embedded/free-port.ts';
import { run } from '../../support/command.ts';
import { type CommandProcess, startProcess } from '../../support/command-process.ts';
import { INSTITUTION } from '../../support/samples/hl7v2.ts';
import { type Hospital, lotOf, messageOf, openHospital, upTo } from './hospital.ts';

const host = '127.0.0.1';
let hospital: Hospital;
let server: CommandProcess;
let folder: string;
let port: number;
const connectors: CommandProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tsumugi-connector-'));
  port = await freePort(host);
  hospital = await openHospital();
  server = await hospital.start();
  const organization = await hospital.link('見本医院');
  const [keys = ''] = await run(connectorCommand, 'key', join(folder, 'credentials'), '--client', 'mllp-clinic');
  await writeFile(join(folder, 'jwks'), keys);
  vi.stubEnv('DATABASE_URL', hospital.databaseUrl);
  // The runner has one of its own, which is no address.
  vi.stubEnv('BASE_URL', '');
  const client = [
    '--kind',
    'backend',
    '--name',
    '見本医院の連携',
    '--id',
    'mllp-clinic',
    '--organization',
    organization,
  ];
  const letIn = { name: 'create', summary: '', ...createClient };
  await run(letIn, ...client, '--jwks', join(folder, 'jwks'), '--scope', 'system/*.crus');
  vi.unstubAllEnvs();
});
afterAll(async () => {
  for (const one of connectors) await one.end('SIGKILL');
  await hospital.close();
  await rm(folder, { recursive: true });
});

const store = () => join(folder, 'store');

async function startConnector(): Promise<CommandProcess> {
  const how = ['--server', hospital.base, '--credentials', join(folder, 'credentials'), '--store', store()];
  const args = ['connector', 'mllp', '--port', String(port), '--institution', INSTITUTION, ...how];
  const connector = await startProcess(args, {}, /MLLP\) on port (\d+)/);
  connectors.push(connector);
  return connector;
}

const codeOf = (answer: string) => acknowledgedBy(answer).code;
const lots = (...numbers: number[]) => numbers.map(lotOf).sort();
const untilStored = (count: number) =>
  vi.waitFor(async () => expect(await hospital.lots()).toHaveLength(count), { timeout: 60_000, interval: 200 });

test('the key of a connector is for its owner alone, and is never written over', async () => {
  expect((await stat(join(folder, 'credentials'))).mode & 0o077).toBe(0);
  await expect(run(connectorCommand, 'key', join(folder, 'credentials'), '--client', 'x')).rejects.toThrow('EEXIST');
});

test('what comes while the server answers is stored at once, and nothing is left in the store', async () => {
  const connector = await startConnector();
  expect(codeOf(await sendMllp({ host, port, message: messageOf(1) }))).toBe('AA');
  expect(await hospital.lots()).toEqual(lots(1));
  await connector.end('SIGTERM');
  expect(connector.child.exitCode).toBe(0);
  expect(await readdir(store())).toEqual(['0000000001.log']);
});

test('with the server away and the connector killed while it receives, everything is there once when both are back', async () => {
  await server.end('SIGKILL');
  let connector = await startConnector();
  const sender = createMllpSender({ host, port, attempts: 20, retryMs: 50, timeoutMs: 20_000 });
  const answers = upTo(60).map((n) => sender.send(messageOf(n)));
  expect(codeOf((await answers[20]) ?? '')).toBe('AA');
  await connector.end('SIGKILL');
  connector = await startConnector();
  // Those under way are sent again by the sender, as a hospital's would be.
  for (const answer of await Promise.all(answers)) expect(answer).toMatch(/\rMSA\|AA\|HIS\d+\|Kept here/);
  await sender.close();
  const kept = (await readdir(store())).filter((name) => name.endsWith('.log'));
  expect((await readFile(join(store(), kept[0] ?? ''), 'utf8')).split('\n').length).toBeGreaterThan(60);

  server = await hospital.start();
  await untilStored(60);
  expect(await hospital.lots()).toEqual(lots(...upTo(60)));
  await vi.waitFor(() => expect(connector.lines).toContain('everything in the local store was delivered'), 20_000);
  // Behind the store, messages go to the server again.
  expect(await sendMllp({ host, port, message: messageOf(61) })).toMatch(/\rMSA\|AA\|HIS61\r/);
  await connector.end('SIGTERM');
  const left = await Promise.all((await readdir(store())).map((name) => stat(join(store(), name))));
  expect(left.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(50);
});

test('two connectors do not share a store', async () => {
  const connector = await startConnector();
  await expect(startConnector()).rejects.toThrow(`is used by process ${connector.child.pid}`);
  await connector.end('SIGTERM');
});
