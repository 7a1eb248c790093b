// `tsumugi create` and `tsumugi recover` on a real database: what they print, and the words in which they refuse.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCommand } from '../../server/cli/create.ts';
import { recoverCommand } from '../../server/cli/recover.ts';
import { isMunicipality } from '../../server/store/permissions.ts';
import type { Pool } from '../../server/store/pool.ts';
import { type CommandDatabase, openCommandDatabase, run } from '../support/command.ts';

let database: CommandDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await openCommandDatabase();
  pool = database.pool;
});
afterAll(async () => {
  await database.close();
});

describe('tsumugi create', () => {
  test('makes an organization, then its staff, and prints an id and a code', async () => {
    const [organization = ''] = await run(
      createCommand,
      'organization',
      '--name',
      '見本医院',
      '--identifier',
      'urn:x|7',
    );
    expect(organization).toMatch(/^[0-9a-f-]{36}$/);
    const staff = ['--organization', organization, '--name', '見本 次郎', '--login', `jiro-${randomUUID()}`];
    const [code, ...more] = await run(createCommand, 'staff', ...staff);
    expect(code).toMatch(/^([2-9A-HJKMNP-Z]{4}-){3}[2-9A-HJKMNP-Z]{4}$/);
    expect(more).toEqual([]);
    await expect(run(createCommand, 'staff', ...staff)).rejects.toThrow('somebody has this login name');
    const { rows } = await pool.query('select subject, organization from account');
    expect(rows).toEqual([{ subject: expect.stringMatching(/^Practitioner\//), organization }]);
    const audited = await pool.query("select client, interaction from audit where interaction like 'account%'");
    expect(audited.rows).toEqual([{ client: 'tsumugi-cli', interaction: 'account-created' }]);
  });

  test.each<[args: string[], types: string[] | undefined, isGovernmental: boolean]>([
    [[], undefined, false],
    [['--municipality'], ['govt'], true],
    [['--type', 'govt', '--municipality', '--type', 'edu'], ['govt', 'edu'], true],
    [['--type', 'prov'], ['prov'], false],
  ])('an organization with %j is of the types %j', async (args, types, isGovernmental) => {
    const [id = ''] = await run(createCommand, 'organization', '--name', '見本市', ...args);
    const { rows } = await pool.query<{ content: string }>('select content from resource where key = $1', [id]);
    const { type } = JSON.parse(rows[0]?.content ?? '{}');
    const codes = type?.map(({ coding }: { coding: { code: string }[] }) => coding[0]?.code);
    expect(codes).toEqual(types);
    const caller = { organization: `Organization/${id}`, purpose: 'TREAT', nowMs: 0 };
    expect(await isMunicipality(pool, caller)).toBe(isGovernmental);
  });

  test.each([
    [[], 'create takes one of client, organization, staff'],
    [['nonsense'], 'create takes one of client, organization, staff'],
    [['organization'], '--name is required'],
    [['organization', '--name', 'x', '--identifier', 'x'], '--identifier takes SYSTEM|VALUE'],
    [['organization', '--name', 'x', '--type', 'hosp'], 'prov, dept, team, govt'],
    [['organization', '--name', '個人番号 123456789018'], 'My Number'],
    [['staff', '--name', 'x', '--login', 'xyz'], '--organization, --name and --login are required'],
    [['staff', '--organization', 'no', '--name', 'x', '--login', 'xyz'], 'Organization/no is not known here'],
  ])('%j > %s', async (args, words) => {
    await expect(run(createCommand, ...args)).rejects.toThrow(words);
  });
});

describe('tsumugi recover', () => {
  test('prints a code, and leaves an audit row and a notice', async () => {
    const [organization = ''] = await run(createCommand, 'organization', '--name', '見本薬局');
    const login = `hanako-${randomUUID()}`;
    await run(createCommand, 'staff', '--organization', organization, '--name', '見本 花子', '--login', login);
    const [code] = await run(recoverCommand, '--account', login.toUpperCase());
    expect(code).toMatch(/^([2-9A-HJKMNP-Z]{4}-){3}/);
    const audited = await pool.query("select from audit where interaction = 'recovery-code-issued'");
    const noticed = await pool.query("select from account_notice where kind = 'recovery-code-issued'");
    expect([audited.rowCount, noticed.rowCount]).toEqual([1, 1]);
  });

  test('says when there is no such account', async () => {
    await expect(run(recoverCommand, '--account', 'nobody')).rejects.toThrow('no account of this login name');
    await expect(run(recoverCommand)).rejects.toThrow('--account is required');
  });
});
