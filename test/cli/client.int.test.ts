// tsumugi create client, approve client, suspend client: on the database that the settings name.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { approveCommand } from '../../server/cli/approve.ts';
import { createCommand } from '../../server/cli/create.ts';
import { suspendCommand } from '../../server/cli/suspend.ts';
import { createClientRegistry } from '../../server/store/oauth-clients.ts';
import type { Pool } from '../../server/store/pool.ts';
import { type CommandDatabase, openCommandDatabase, run } from '../support/command.ts';
import { newKeys } from '../support/oauth.ts';

let database: CommandDatabase;
let pool: Pool;
let folder: string;
beforeAll(async () => {
  database = await openCommandDatabase();
  pool = database.pool;
  folder = mkdtempSync(join(tmpdir(), 'tsumugi-client-'));
  writeFileSync(join(folder, 'jwks.json'), JSON.stringify({ keys: [(await newKeys()).publicJwk] }));
  writeFileSync(join(folder, 'private.json'), JSON.stringify({ keys: [{ kty: 'EC', kid: 'k', d: 'x' }] }));
  writeFileSync(join(folder, 'broken.json'), '{');
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await database.close();
});

const find = (id: string) => createClientRegistry({ pool }).find(id);
const jwks = (name = 'jwks.json') => ['--jwks', join(folder, name)];

test('a service is let in, suspended and let in again', async () => {
  const more = ['--organization', 'clinic', '--scope', 'system/*.rs', '--binding', 'dpop'];
  const [id = ''] = await run(createCommand, 'client', '--kind', 'backend', '--name', '見本医院', ...jwks(), ...more);
  expect(await find(id)).toMatchObject({
    ...{ name: { ja: '見本医院', en: '見本医院' }, kind: 'backend', status: 'active', organization: 'clinic' },
    ...{ scopes: 'system/*.rs', binding: 'dpop', fapi: false },
  });
  await run(suspendCommand, 'client', id);
  expect(await find(id)).toMatchObject({ status: 'suspended' });
  await run(approveCommand, 'client', id);
  expect(await find(id)).toMatchObject({ status: 'active' });
});

test('an app of families has the usual scopes', async () => {
  const web = ['--redirect', 'https://app.example.com/back', '--origin', 'https://app.example.com'];
  await run(
    createCommand,
    'client',
    '--kind',
    'family-app',
    '--name',
    '試験',
    '--name-en',
    'Test',
    '--id',
    'app',
    ...web,
  );
  const { scopes, origins } = (await find('app')) ?? {};
  expect(scopes).toContain('launch/patient');
  expect(origins).toEqual(['https://app.example.com']);
});

test('a service that registered itself is let in as that of an organization only', async () => {
  const keys = { keys: [(await newKeys()).publicJwk] };
  const client = { id: 'self', name: { ja: 'x', en: 'x' }, kind: 'backend', status: 'pending', jwks: keys } as const;
  const more = { redirectUris: [], origins: [], scopes: 'system/*.rs', fapi: false };
  await createClientRegistry({ pool }).add({ ...client, ...more });
  await expect(run(approveCommand, 'client', 'self')).rejects.toThrow('a service needs --organization');
  expect(await find('self')).toMatchObject({ status: 'pending' });
  await run(approveCommand, 'client', 'self', '--organization', 'clinic');
  expect(await find('self')).toMatchObject({ status: 'active', organization: 'clinic' });
});

describe('is refused', () => {
  const service = ['--kind', 'backend', '--name', 'x', '--organization', 'clinic'];
  test.each<[string, () => string[], string]>([
    ['without a kind', () => ['--name', 'x'], '--kind takes one of'],
    ['without a name', () => ['--kind', 'backend'], '--name is required'],
    ['without an organization', () => ['--kind', 'backend', '--name', 'x'], 'acts for an organization'],
    ['without a key', () => service, 'jwks or jwks_uri'],
    ['with a private key', () => [...service, ...jwks('private.json')], 'public keys'],
    ['with a file that is no key set', () => [...service, ...jwks('broken.json')], 'JWK set in JSON'],
    ['with a scope that is not known', () => [...service, ...jwks(), '--scope', 'system/Nonsense.rs'], 'not a scope'],
    ['with scopes of a person', () => [...service, ...jwks(), '--scope', 'patient/*.rs'], 'system/ scopes'],
    ['with keys inside', () => [...service, '--jwks-uri', 'https://localhost/jwks'], 'out in the world'],
    ['with another binding', () => [...service, ...jwks(), '--binding', 'trust'], 'dpop or mtls'],
    ['with an id that is taken', () => [...service, ...jwks(), '--id', 'app'], 'already'],
  ])('%s', async (_what, args, why) => {
    const asked = createCommand.run(['client', ...args()], { line: () => undefined, error: () => undefined });
    await expect(asked).rejects.toThrow(why);
  });

  test.each([approveCommand, suspendCommand])('for a client that is not there', async (command) => {
    await expect(command.run(['client', 'nobody'], { line: () => undefined, error: () => undefined })).rejects.toThrow(
      'no client',
    );
  });
});
