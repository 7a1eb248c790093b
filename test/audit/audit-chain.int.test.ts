// The audit is only added to; whoever owns the database can bend it all the same, and is found out.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { signDay } from '../../server/audit/roots.ts';
import { startSealer } from '../../server/audit/sealer.ts';
import { auditCommand, verifyAudit } from '../../server/cli/audit.ts';
import { type ArchiveKeys, loadArchiveKeys, newPrivateJwk, signingKey } from '../../server/record/keys.ts';
import { signBytes } from '../../server/record/signature.ts';
import { sealedThrough, sealNext, waitingBehind } from '../../server/store/audit-chain.ts';
import type { ClientBase } from '../../server/store/pool.ts';
import { secret } from '../../server/store/secrets.ts';
import { observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
let keys: ArchiveKeys;
const sign = (payload: Uint8Array) => signBytes(payload, keys.signing);
/** Other tests' transactions in the same PostgreSQL keep rows waiting as well. */
const sealAll = async () => {
  do {
    while ((await sealNext(t.pool, 7)) > 0);
    await delay(20);
  } while ((await waitingBehind(t.pool, (await sealedThrough(t.pool)) ?? { xid: '0', id: '0' })) > 0);
};
const day = (text: string) => Date.parse(`${text}T03:00:00+09:00`);

beforeAll(async () => {
  t = await startApp();
  keys = await loadArchiveKeys((name, make) => secret(t.pool, name, make));
  for (let n = 0; n < 12; n++) {
    const { id } = await t.system.create(patientNamed('試験', `${n}`));
    const observation = await t.system.create(observationOf(id));
    await t.system.get(`Observation/${observation.id}`);
    await t.system.get('Patient/nothing');
  }
  await sealAll();
  await signDay(t.pool, { nowMs: day('2026-11-24'), sign });
  for (let n = 0; n < 12; n++) await t.system.create(patientNamed('試験', `${n}`));
  await sealAll();
  await signDay(t.pool, { nowMs: day('2026-11-25'), sign });
});
afterAll(() => t.close());

/** What the owner of the database can do, undone afterwards; a verdict reads what the same transaction sees. */
async function verdictAfter(damage: (client: ClientBase) => Promise<unknown>) {
  const client = await t.pool.connect();
  try {
    await client.query('begin');
    await client.query('set local session_replication_role = replica');
    await damage(client);
    return await verifyAudit(client as unknown as typeof t.pool);
  } finally {
    await client.query('rollback');
    client.release();
  }
}
const bent = (text: string, values: unknown[] = []) => verdictAfter((client) => client.query(text, values));

/** A row in the middle of the chain of what is nobody's, which always has some, with the next of that chain. */
async function middle(): Promise<[id: string, next: string]> {
  const { rows } = await t.pool.query(
    'select array_agg(u.id::text order by s.first, u.n) as ids from audit_seal s cross join lateral unnest(s.ids) with ordinality u(id, n) where s.part = 0',
  );
  const { ids } = rows[0];
  return [ids[6], ids[7]];
}

test('a sound audit is valid, and says how much of it is sealed', async () => {
  const { rows } = await t.pool.query('select count(*)::int as n from audit');
  expect(await verifyAudit(t.pool)).toEqual({ rows: rows[0].n, waiting: 0, roots: 2 });
  await t.system.get('Patient/nothing');
  expect(await verifyAudit(t.pool)).toEqual({ rows: rows[0].n, waiting: 1, roots: 2 });
  await sealAll();
  expect(await verifyAudit(t.pool)).toEqual({ rows: rows[0].n + 1, waiting: 0, roots: 2 });
});

test.each(['audit', 'audit_seal', 'audit_root'])('rows of %s are neither changed nor taken away', async (table) => {
  for (const change of [`delete from ${table}`, `truncate ${table}`, `update ${table} set id = id`])
    await expect(
      t.pool.query(change.replace('set id = id', table === 'audit_root' ? 'set jws = jws' : 'set xid = xid')),
    ).rejects.toThrow(`rows of ${table} are only added`);
});

describe('finds and names', () => {
  test.each([
    ['bucket', '(bucket + 300) % 4096'],
    ['bucket', 'bucket # 1'],
    ['at', "at + interval '1 microsecond'"],
    ['client', "client || ' Person/x'"],
    ['interaction', "'read' || interaction"],
    ['type', 'coalesce(type, 0) + 1'],
    ['key', "coalesce(nullif(key, key), 'ffffffff-0000-8000-8000-000000000000')"],
    ['version', 'coalesce(version, 0) + 1'],
    ['owner', "'ffffffff-0000-8000-8000-000000000000'"],
    ['request', "'ffffffff-0000-8000-8000-000000000000'"],
    ['outcome', '12 - outcome'],
    ['xid', "'1'"],
    ['xid', "'999999999'"],
    ['xid', '(select max(xid::text::bigint)::text::xid8 from audit)'],
  ])('a changed %s (%s)', async (column, value) => {
    const [id] = await middle();
    const { fault } = await bent(`update audit set ${column} = ${value} where id = $1`, [id]);
    expect(fault).toEqual({ row: id, message: `row ${id} was changed after it had been sealed` });
  });

  test('a changed number', async () => {
    const [id] = await middle();
    const { fault } = await verdictAfter(async (client) => {
      await client.query('create table copy as select * from audit where id = $1', [id]);
      await client.query('delete from audit where id = $1', [id]);
      await client.query('update copy set id = 987654');
      await client.query('insert into audit overriding system value select * from copy');
    });
    expect(fault?.row).toBe('987654');
  });

  test('a row that was taken out, the last one too', async () => {
    const [id] = await middle();
    expect((await bent('delete from audit where id = $1', [id])).fault).toEqual({
      row: id,
      message: `row ${id} is missing`,
    });
    const { rows } = await t.pool.query('select id from audit order by xid desc, id desc limit 1');
    const { fault } = await bent('delete from audit where id = $1', [rows[0].id]);
    expect(fault).toEqual({ row: rows[0].id, message: `row ${rows[0].id} is missing` });
  });

  test('two rows that were swapped', async () => {
    const [one, two] = await middle();
    const all = 'bucket, at, client, interaction, type, key, version, owner, request, outcome';
    const { fault } = await bent(
      `update audit a set (${all}) = (select ${all} from audit b where b.id = case a.id when $1 then $2::bigint else $1 end)
       where a.id in ($1::bigint, $2)`,
      [one, two],
    );
    expect(fault?.row).toBe(one);
  });

  test('a row that was put in', async () => {
    const [id] = await middle();
    const columns = 'xid, bucket, at, client, interaction, type, key, version, owner, request, outcome';
    const { fault } = await bent(
      `insert into audit (id, ${columns}) overriding system value select 987654, ${columns} from audit where id = $1`,
      [id],
    );
    expect(fault).toEqual({ row: '987654', message: 'row 987654 was put in among rows that had been sealed' });
  });

  test('a seal that was taken out or changed', async () => {
    const { rows } = await t.pool.query('select part, first from audit_seal order by part, first limit 1');
    const values = [rows[0].part, rows[0].first];
    const where = 'where part = $1 and first = $2';
    expect((await bent(`delete from audit_seal ${where}`, values)).fault?.message).toMatch(
      /seal of chain .* is missing/,
    );
    expect(
      (await bent(`update audit_seal set hashes = set_byte(hashes, 5, 255 - get_byte(hashes, 5)) ${where}`, values))
        .fault?.row,
    ).toBeDefined();
    expect((await bent(`update audit_seal set ids = array_append(ids, 5) ${where}`, values)).fault?.message).toMatch(
      /seal of chain/,
    );
  });

  test('a root that was changed, forged, taken out or moved', async () => {
    const forged = await signBytes(Buffer.from('{}'), await signingKey(await newPrivateJwk()));
    const { rows } = await t.pool.query('select jws from audit_root order by number');
    const [first, second] = rows.map(({ jws }) => jws);
    const cases: [string, unknown[], string][] = [
      ['update audit_root set jws = $1 where number = 1', [`${first.slice(0, -3)}AAA`], 'is not signed by a key'],
      ['update audit_root set jws = $1 where number = 1', [forged], 'is not signed by a key'],
      [
        'update audit_root set jws = $1 where number = 1',
        [await sign(Buffer.from('{}'))],
        'does not belong where it stands',
      ],
      ['update audit_root set jws = $1 where number = 1', [second], 'does not belong where it stands'],
      ["update audit_root set day = '2026-11-20' where number = 1", [], 'does not belong where it stands'],
      ['delete from audit_root where number = 1', [], 'does not belong where it stands'],
    ];
    for (const [text, values, message] of cases) expect((await bent(text, values)).fault?.message).toContain(message);
  });

  test('a chain that was laid anew over what was changed, by the root of the day', async () => {
    const [id] = await middle();
    const verdict = await verdictAfter(async (client) => {
      await client.query("update audit set client = 'somebody else' where id = $1", [id]);
      await client.query('delete from audit_seal');
      await client.query("update consumer set xid = '0', id = 0 where name = 'seal'");
      const inside = Object.assign(Object.create(client), { connect: async () => inside, release: () => undefined });
      const query = client.query.bind(client);
      inside.query = (text: unknown, ...more: unknown[]) =>
        // The transaction that lays it anew is still open.
        /^(?:begin|commit|rollback)$/.test(String(text))
          ? undefined
          : (query as (...all: unknown[]) => unknown)(text, ...more);
      while ((await sealNext(inside, 50)) > 0);
    });
    expect(verdict.fault?.message).toMatch(/is not the one that the root of 2026-11-2[34] was signed for$/);
    expect(verdict.fault?.day).toMatch(/^2026-11-2[34]$/);
  });

  test('chains that were cut short, by the root of the day', async () => {
    const { fault } = await verdictAfter(async (client) => {
      // Where the first pass of the sealer ended.
      const { rows } = await client.query('select xid::text, id from audit order by xid, id offset 6 limit 1');
      const values = [rows[0].xid, rows[0].id];
      await client.query('delete from audit where (xid, id) > ($1::xid8, $2::bigint)', values);
      await client.query('delete from audit_seal where (xid, id) > ($1::xid8, $2::bigint)', values);
      await client.query("update consumer set xid = $1::xid8, id = $2 where name = 'seal'", values);
    });
    expect(fault?.message).toMatch(/^chain \d+ has \d+ rows, and had \d+ when the root of 2026-11-2[34] was signed$/);
  });
});

describe('the sealer', () => {
  test('does not pass over a transaction that is still open', async () => {
    await sealAll();
    const slow = await t.pool.connect();
    await slow.query('begin');
    const insert =
      "insert into audit (bucket, at, client, interaction, owner, request) values (0, now(), $1, 'read', '00000000-0000-0000-0000-000000000000', gen_random_uuid())";
    await slow.query(insert, ['slow']);
    await t.pool.query(insert, ['fast']);
    expect(await sealNext(t.pool, 100)).toBe(0);
    await slow.query('commit');
    slow.release();
    await sealAll();
    expect((await verifyAudit(t.pool)).fault).toBeUndefined();
  });

  test('of many that seal at once, every row is sealed once', async () => {
    const before = await verifyAudit(t.pool);
    await Promise.all(Array.from({ length: 40 }, () => t.system.get('Patient/nothing')));
    // How many find something to seal depends on who else writes: rows wait for every transaction of the whole database server.
    await Promise.all(Array.from({ length: 6 }, () => sealNext(t.pool, 10)));
    await sealAll();
    const after = await verifyAudit(t.pool);
    expect([after.fault, after.rows]).toEqual([undefined, before.rows + before.waiting + 40]);
  });

  test('seals while it runs and signs a day when it is over, once', async () => {
    const clock = { nowMs: day('2026-11-26') };
    const other = await t.second();
    const errors: unknown[] = [];
    const options = { sign, nowMs: () => clock.nowMs, onError: (error: unknown) => errors.push(error) };
    const sealers = [startSealer({ pool: t.pool, ...options }), startSealer({ pool: other.pool, ...options })];
    await t.system.get('Patient/nothing');
    await expect.poll(async () => (await verifyAudit(t.pool)).waiting, { timeout: 10_000 }).toBe(0);
    await expect.poll(async () => (await verifyAudit(t.pool)).roots, { timeout: 10_000 }).toBe(3);
    await Promise.all(sealers.map((one) => one.stop()));
    await other.close();
    expect([errors, (await verifyAudit(t.pool)).fault]).toEqual([[], undefined]);
    const { rows } = await t.pool.query('select day::text from audit_root order by number');
    expect(rows.map((one) => one.day)).toEqual(['2026-11-23', '2026-11-24', '2026-11-25']);
  });
});

test('tsumugi audit verify says so, as words and as JSON, with its exit code', async () => {
  const { host, port, user, password, database } = t.pool.options;
  const login = `${encodeURIComponent(user ?? '')}:${encodeURIComponent(String(password))}`;
  vi.stubEnv('BASE_URL', '');
  vi.stubEnv('DATABASE_URL', `postgresql://${login}@/${database}?host=${encodeURIComponent(host ?? '')}&port=${port}`);
  const run = async (...args: string[]) => {
    const lines: string[] = [];
    const out = { line: (line: string) => lines.push(line), error: () => undefined };
    return { code: await auditCommand.run(args, out), lines };
  };
  await sealAll();
  const { rows } = await verifyAudit(t.pool);
  expect(await run('verify')).toEqual({
    code: 0,
    lines: [`rows      ${rows} as they were sealed`, 'roots     3 signed', 'VALID'],
  });
  await expect(run('check')).rejects.toThrow('say what to do');
  const [id] = await middle();
  await t.pool.query('alter table audit disable trigger only_added');
  await t.pool.query('update audit set version = 99 where id = $1', [id]);
  const bad = await run('verify', '--json');
  expect(bad.code).toBe(1);
  const message = `row ${id} was changed after it had been sealed`;
  expect(JSON.parse(bad.lines[0] ?? '')).toMatchObject({ valid: false, fault: { row: id, message } });
  expect((await run('verify')).lines.at(-1)).toBe(`INVALID: ${message}`);
  vi.unstubAllEnvs();
});
