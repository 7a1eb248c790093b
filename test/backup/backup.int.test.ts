// A backup, taken while a server runs and restored into an empty database, is the same record; what is wrong with a file is found before
// anything is written (server/decisions/0026-backups.md).
import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { verifyAudit } from '../../server/cli/audit.ts';
import { sealNext } from '../../server/store/audit-chain.ts';
import { openPool } from '../../server/store/pool.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { freshDatabase } from '../support/database.ts';
import { wholeDatabase } from '../support/whole-database.ts';
import { type BackupFolder, backupFolder, familyIn } from './folder.ts';

let t: TestApp;
let folder: BackupFolder;
let patients: string[];
let file: string;
beforeAll(async () => {
  t = await startApp();
  folder = await backupFolder();
  patients = [await familyIn(t, '試験控え'), await familyIn(t, '見本控え', 'chosen')];
  await sealNext(t.pool, 1000);
  file = await folder.backUp(t.databaseUrl);
});
afterAll(async () => {
  await t.close();
  await folder.remove();
});

async function emptyDatabase() {
  const database = await freshDatabase();
  const pool = openPool(database.connection, 3, 30_000);
  onTestFinished(async () => {
    await pool.end();
    await database.drop();
  });
  return { ...database, pool };
}

test('a restored server answers the same for every patient, and its audit goes on', async () => {
  const into = await emptyDatabase();
  const before = await Promise.all(patients.map((id) => t.system.get(`Patient/${id}/$everything`)));
  expect(await folder.restore(file, into.url)).toMatchObject({ code: 0 });
  const r = await startApp({ database: into });
  onTestFinished(() => r.close());
  for (const [n, id] of patients.entries()) {
    const after = await r.system.get(`Patient/${id}/$everything`);
    expect(after.body.entry).toEqual(before[n]?.body.entry);
    expect(after.body.entry.length).toBeGreaterThan(2);
  }
  await familyIn(r, '新規', 'made-later');
  expect((await r.system.get('Patient?name=新規')).body.entry).toHaveLength(1);
  // Other tests' transactions are in the same cluster, and a row is sealed behind the oldest of them.
  const verdict = async () => {
    await sealNext(r.pool, 1000);
    return verifyAudit(r.pool);
  };
  await expect.poll(verdict, { timeout: 10_000 }).toMatchObject({ waiting: 0, roots: 0 });
  expect((await verdict()).fault).toBeUndefined();

  const own = await backupFolder();
  onTestFinished(() => own.remove());
  const third = await emptyDatabase();
  expect(await own.restore(await own.backUp(into.url), third.url)).toMatchObject({ code: 0 });
  const last = await verifyAudit(third.pool);
  expect([last.fault, last.rows]).toEqual([undefined, (await verdict()).rows]);
});

test('a database with anything in it is refused, and stays as it is', async () => {
  const into = await emptyDatabase();
  await into.pool.query('create table something (x int)');
  const { code, lines } = await folder.restore(file, into.url);
  expect([code, lines.at(-1)]).toEqual([
    1,
    expect.stringContaining('the database is not empty (it has a table something)'),
  ]);
  expect([...(await wholeDatabase(into.pool)).keys()]).toEqual(['public.something']);
});

test('of a file that was changed anywhere, cut off anywhere or put together, nothing is restored', async () => {
  const bytes = await readFile(file);
  const changed = join(folder.path, 'changed.backup');
  const judge = async (content: Buffer) => {
    await writeFile(changed, content);
    const { code, lines } = await folder.verify(changed);
    return `${code} ${lines.at(-1)}`;
  };
  for (let n = 0; n < 40; n++) {
    const at = n < 10 ? n * 17 : Math.floor(Math.random() * bytes.length);
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (n % 8));
    expect(await judge(flipped), `byte ${at}`).toMatch(/^1 INVALID: /);
  }
  for (const length of [0, 1, 100, 200, Math.floor(bytes.length / 2), bytes.length - 1])
    expect(await judge(bytes.subarray(0, length)), `${length} bytes`).toMatch(/^1 INVALID: .*(cut off|neither)/);
  expect(await judge(Buffer.concat([bytes, Buffer.from('x')]))).toMatch(/goes on behind its last frame/);
  const [first, second] = framesOf(bytes);
  if (!first || !second) throw new Error('the backup has fewer than two frames');
  const swapped = Buffer.concat([
    bytes.subarray(0, first.from),
    bytes.subarray(second.from, second.to),
    bytes.subarray(first.from, first.to),
    bytes.subarray(second.to),
  ]);
  expect(await judge(swapped)).toMatch(/frame 1 was changed/);
  expect(await judge(Buffer.concat([bytes.subarray(0, first.from), bytes.subarray(first.to)]))).toMatch(/frame 1 was/);
  const into = await emptyDatabase();
  await writeFile(changed, swapped);
  expect(await folder.restore(changed, into.url)).toMatchObject({ code: 1 });
  expect((await wholeDatabase(into.pool)).size).toBe(0);
});

/** Where the frames of a file lie. */
function framesOf(bytes: Buffer): { from: number; to: number }[] {
  const frames = [];
  for (let at = bytes.indexOf(10) + 1; at < bytes.length; ) {
    const to = at + 5 + bytes.readUInt32BE(at);
    frames.push({ from: at, to });
    at = to;
  }
  return frames;
}

test('another key, another ring and another deployment are told by name', async () => {
  const other = await backupFolder();
  const o = await startApp();
  onTestFinished(async () => {
    await o.close();
    await other.remove();
  });
  await familyIn(o, '他所');
  const foreign = await other.backUp(o.databaseUrl);
  const into = await emptyDatabase();
  const last = async (answer: Promise<{ code: number; lines: string[] }>) => (await answer).lines.at(-1);
  expect(await last(folder.restore(foreign, into.url))).toMatch(/made with another key/);
  const withOtherKey = ['--key-file', other.key];
  expect(await last(folder.restore(foreign, into.url, ...withOtherKey))).toMatch(/ring was made with another key/);
  await writeFile(other.key, await readFile(folder.key));
  await rm(other.ring);
  const sameKey = await other.backUp(o.databaseUrl);
  expect(await last(folder.restore(sameKey, into.url))).toMatch(/is of the deployment .*, and the key ring is of/);
  expect(await last(folder.restore(file, into.url, '--signed-by', `-${'A'.repeat(42)}`))).toMatch(
    /was made by the deployment/,
  );
  expect(await last(folder.restore(folder.ring, into.url))).toMatch(/is a key ring, not a backup/);
  expect(await last(folder.restore(folder.key, into.url))).toMatch(/neither a backup nor a key ring/);
  await expect(other.backUp(t.databaseUrl)).rejects.toThrow(/key ring of another deployment/);
  expect((await wholeDatabase(into.pool)).size).toBe(0);
});

test('a passphrase serves as well, and a short one is refused', async () => {
  const own = await backupFolder();
  onTestFinished(() => own.remove());
  await writeFile(own.key, '短い\n');
  await expect(own.backUp(t.databaseUrl)).rejects.toThrow(/fewer than 16 characters/);
  await writeFile(own.key, 'いろはにほへと ちりぬるを わかよたれそ\n');
  const made = await own.backUp(t.databaseUrl);
  expect(await own.verify(made)).toMatchObject({ code: 0 });
  await writeFile(own.key, 'いろはにほへと ちりぬるを わかよたれぞ\n');
  expect((await own.verify(made)).code).not.toBe(0);
});

test('a text of several frames, and bytes of every kind, come back as they were', async () => {
  const own = await backupFolder();
  onTestFinished(() => own.remove());
  const long = randomBytes(1_700_000).toString('hex');
  const { id } = await t.system.create({ resourceType: 'Binary', contentType: 'text/plain', data: long });
  const into = await emptyDatabase();
  const made = await own.backUp(t.databaseUrl);
  expect(await own.restore(made, into.url)).toMatchObject({ code: 0 });
  const { rows } = await into.pool.query('select content from resource where key = $1', [id]);
  expect(JSON.parse(rows[0]?.content).data).toBe(long);
});
