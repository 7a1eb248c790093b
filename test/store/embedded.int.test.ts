// The embedded PostgreSQL as a server meets it: start, stop, what it keeps and how closed it is.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import type { Connection } from '../../server/store/embedded/connection.ts';
import { type Embedded, type EmbeddedOptions, startEmbedded } from '../../server/store/embedded/launcher.ts';
import { freshDatabase } from '../support/database.ts';
import { isRoot, processesOn, startChild, temporaryFolder, until } from './embedded-process.ts';

async function start(options: EmbeddedOptions): Promise<Embedded> {
  const embedded = await startEmbedded(options);
  onTestFinished(() => embedded.stop());
  return embedded;
}

async function query({ connection }: { connection: Connection }, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

describe('start and stop', () => {
  test('a stopped server leaves no process, socket or lock, and a restart has the data', async () => {
    const dataDir = join(await temporaryFolder(), 'data');
    const first = await start({ dataDir });
    await query(first, "create table kept as select 'テスト' as word");
    await first.stop();
    await first.stop(); // may be repeated
    expect(processesOn(dataDir)).toEqual([]);
    await expect(stat(first.connection.host)).rejects.toThrow(/ENOENT/);

    const second = await start({ dataDir });
    expect(await query(second, 'select word from kept')).toEqual([{ word: 'テスト' }]);
  });

  test('it is durable, checked, UTF-8, sorted by code point, in UTC, and not on the network', async () => {
    const names = ['fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums', 'server_encoding'];
    const more = ['TimeZone', 'listen_addresses', 'wal_compression', 'max_connections', 'unix_socket_permissions'];
    const rows = await query(
      { connection: inject('testServer') },
      `select ${[...names, ...more].map((name) => `current_setting('${name}') as "${name}"`).join(', ')},
         datlocprovider::text || ' ' || datlocale as locale, lower('ÀÉ') as lower
       from pg_database where datname = current_database()`,
    );
    expect(rows).toEqual([
      {
        fsync: 'on',
        synchronous_commit: 'on',
        full_page_writes: 'on',
        data_checksums: 'on',
        server_encoding: 'UTF8',
        TimeZone: 'UTC',
        listen_addresses: '',
        wal_compression: 'pglz',
        max_connections: '50',
        unix_socket_permissions: '0700',
        locale: 'b C.UTF-8',
        lower: 'àé',
      },
    ]);
  });

  test('a long data path with spaces and Japanese is no trouble', async () => {
    const dataDir = join(await temporaryFolder(), '母子の 記録'.repeat(5), 'd'.repeat(120), 'data');
    const embedded = await start({ dataDir });
    expect(Buffer.byteLength(dataDir)).toBeGreaterThan(180);
    expect(await query(embedded, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('a long temporary folder is passed over for the socket', async () => {
    const folder = await temporaryFolder();
    const long = join(folder, 't'.repeat(100));
    await mkdir(long);
    await chmod(folder, 0o755); // so that its length alone is against it, for every account
    await chmod(long, 0o777);
    const { answer } = await startChild({ options: { dataDir: join(folder, 'data') } }, { TMPDIR: long });
    expect(answer.error).toBeUndefined();
    expect(answer.connection?.host).not.toContain(long);
  });

  test.skipIf(!isRoot)('a temporary folder private to root is passed over for the socket (needs root)', async () => {
    const folder = await temporaryFolder(); // mode 0700
    const { answer } = await startChild({ options: { dataDir: join(folder, 'data') } }, { TMPDIR: folder });
    expect(answer.error).toBeUndefined();
    expect(answer.connection?.host).not.toContain(folder);
  });

  test('it ends with a Node that exits without stopping it', async () => {
    const dataDir = join(await temporaryFolder(), 'data');
    const { child, answer } = await startChild({ options: { dataDir } });
    expect(answer.error).toBeUndefined();
    if (child.exitCode === null) await once(child, 'exit');
    expect(await until(() => processesOn(dataDir).length === 0)).toBe(true);
    await expect(stat(join(dataDir, 'postgres', 'postmaster.pid'))).rejects.toThrow(/ENOENT/);
    await expect(stat(answer.connection?.host ?? '')).rejects.toThrow(/ENOENT/);
  });

  test('a Ctrl+C in the terminal of Node does not reach it', async () => {
    // proc(5): field 5 is the process group, which is what a terminal interrupts.
    const groupOf = async (pid: number | 'self') =>
      (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ')[2];
    const group = await groupOf(await postmasterOf(inject('testDataDir')));
    expect(group).toBeDefined();
    expect(group).not.toBe(await groupOf('self'));
  });

  test('its own unexpected end is told, and stop still frees the folder', async () => {
    const dataDir = join(await temporaryFolder(), 'data');
    const lines: string[] = [];
    const embedded = await start({ dataDir, log: (line) => lines.push(line) });
    process.kill(await postmasterOf(dataDir), 'SIGQUIT');
    expect(await until(() => lines.length > 0)).toBe(true);
    expect(lines[0]).toMatch(/ended by itself/);
    await embedded.stop();
    await start({ dataDir });
  });
});

describe('closed to others', () => {
  const [server, dataDir] = [inject('testServer'), inject('testDataDir')];

  test('password, log, database and socket folder are for their owner only', async () => {
    expect(await readFile(join(dataDir, 'postgres.password'), 'utf8')).toBe(server.password);
    expect(server.password.length).toBeGreaterThanOrEqual(32);
    expect(await modeOf(join(dataDir, 'postgres.password'))).toBe('600');
    expect(await modeOf(join(dataDir, 'postgres.log'))).toBe('600');
    expect(await modeOf(join(dataDir, 'postgres'))).toBe('700');
    expect(await modeOf(server.host)).toBe('700');
  });

  test('a wrong password is refused', async () => {
    const client = new pg.Client({ ...server, password: 'wrong' });
    await expect(client.connect()).rejects.toMatchObject({ code: '28P01' });
    const noPassword = new pg.Client({ ...server, password: '' });
    await expect(noPassword.connect()).rejects.toThrow();
    await noPassword.end(); // pg leaves it open, and a half-open one holds up `drop database`
  });

  test.skipIf(!isRoot)('another local user does not reach the socket (needs root to play that user)', async () => {
    const knock = (uid: number) => {
      const script = `process.setgroups([]);process.setgid(${uid});process.setuid(${uid});
        require('net').connect(process.argv[1]).on('connect',()=>{console.log('in');process.exit()}).on('error',e=>console.log(e.code))`;
      const address = join(server.host, `.s.PGSQL.${server.port}`);
      return spawnSync(process.execPath, ['-e', script, address], { encoding: 'utf8' }).stdout.trim();
    };
    expect(knock(65533)).toBe('EACCES');
    expect(knock(0)).toBe('in');
  });

  test('the log quotes no values', async () => {
    const database = await freshDatabase();
    onTestFinished(database.drop);
    await query(database, 'create table child (name text primary key)');
    await query(database, "insert into child values ('試験 花子')");
    await expect(query(database, "insert into child values ('試験 花子')")).rejects.toThrow(/duplicate key/);
    const log = await readFile(join(dataDir, 'postgres.log'), 'utf8');
    expect(log).toContain('duplicate key');
    expect(log).not.toContain('花子');
  });
});

describe('a start that fails', () => {
  test('tells the last lines of PostgreSQL, and works again once the cause is gone', async () => {
    const dataDir = join(await temporaryFolder(), 'data');
    await (await start({ dataDir })).stop();
    const file = join(dataDir, 'postgres', 'postgresql.conf');
    const good = await readFile(file);
    await appendFile(file, '\nno_such_setting = 1\n');
    await expect(startEmbedded({ dataDir })).rejects.toMatchObject({
      name: 'EmbeddedStartFailed',
      message: expect.stringContaining('no_such_setting'),
    });
    await expect(stat(await readFile(join(dataDir, 'postgres.socket'), 'utf8'))).rejects.toThrow(/ENOENT/);
    await writeFile(file, good);
    await start({ dataDir });
  });

  test('names the versions when the database is of another PostgreSQL', async () => {
    const dataDir = join(await temporaryFolder(), 'data');
    await (await start({ dataDir })).stop();
    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '17\n');
    await expect(startEmbedded({ dataDir })).rejects.toThrow(/PostgreSQL version 17 and the embedded one is 18$/);
  });

  test('names the password file when that is lost', async () => {
    const dataDir = join(await temporaryFolder(), 'data');
    await (await start({ dataDir })).stop();
    await rm(join(dataDir, 'postgres.password'));
    await expect(startEmbedded({ dataDir })).rejects.toThrow(/postgres\.password, .* cannot be read$/);
  });

  test('a half-made database of a crashed first start is thrown away', async () => {
    const dataDir = join(await temporaryFolder(), 'data');
    await mkdir(join(dataDir, 'postgres.draft', 'base'), { recursive: true });
    const embedded = await start({ dataDir });
    expect(await query(embedded, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('a file in place of the data folder is refused in one line', async () => {
    const dataDir = join(await temporaryFolder(), 'data');
    await writeFile(dataDir, '');
    await expect(startEmbedded({ dataDir })).rejects.toMatchObject({
      name: 'DataFolderUnwritable',
      message: expect.stringMatching(new RegExp(`^data folder ${dataDir} cannot be used: .*$`)),
    });
  });
});

async function postmasterOf(dataDir: string): Promise<number> {
  return Number.parseInt(await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8'), 10);
}
