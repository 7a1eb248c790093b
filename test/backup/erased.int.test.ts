// What was erased is in no backup any more, once the key ring is written anew (server/decisions/0026-backups.md).
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { keyOf } from '../../server/search/keys.ts';
import { createPatientKeys, dropPatientKey } from '../../server/store/patient-keys.ts';
import { openPool } from '../../server/store/pool.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { freshDatabase } from '../support/database.ts';
import { formsOf, wholeDatabase } from '../support/whole-database.ts';
import { backupFolder, familyIn } from './folder.ts';

async function started() {
  const t = await startApp();
  const folder = await backupFolder();
  onTestFinished(async () => {
    await t.close();
    await folder.remove();
  });
  return { t, folder };
}

async function emptyDatabase() {
  const database = await freshDatabase();
  const pool = openPool(database.connection, 3, 30_000);
  onTestFinished(async () => {
    await pool.end();
    await database.drop();
  });
  return { ...database, pool };
}

const erase = async (t: TestApp, id: string) => {
  const parameter = [{ name: 'confirm', valueString: id }];
  expect((await t.system.post(`Patient/${id}/$expunge`, { resourceType: 'Parameters', parameter })).status).toBe(200);
};

const tablesWith = async (pool: Awaited<ReturnType<typeof emptyDatabase>>['pool'], text: string) =>
  [...(await wholeDatabase(pool))]
    .filter(([, content]) => formsOf(text).some((form) => content.includes(form)))
    .map(([table]) => table);

test('an old backup restored with the new ring holds nothing of who was erased, and everything of the others', async () => {
  const { t, folder } = await started();
  for (const id of [undefined, 'to-be-erased-for-ever']) {
    const [goes, stays] = [
      await familyIn(t, '消去される家の人びとの名', id),
      await familyIn(t, '残りつづける家の人びとの名'),
    ];
    const everything = (await t.system.get(`Patient/${stays}/$everything`)).body.entry;
    const file = await folder.backUp(t.databaseUrl);
    const oldRing = join(folder.path, 'old-ring');
    await copyFile(folder.ring, oldRing);
    await erase(t, goes);
    expect((await folder.renew(t.databaseUrl)).lines).toEqual([expect.stringMatching(/ [1-9]\d* erased$/)]);

    const into = await emptyDatabase();
    const { code, lines } = await folder.restore(file, into.url);
    expect([code, lines.join('\n')]).toEqual([0, expect.stringMatching(/\d+ rows of patients who were erased since/)]);
    expect(await tablesWith(into.pool, '消去される家の人びとの名')).toEqual([]);
    if (id) expect(await tablesWith(into.pool, id)).toEqual([]);
    expect((await tablesWith(into.pool, '残りつづける家の人びとの名')).length).toBeGreaterThan(3);
    const r = await startApp({ database: into });
    expect((await r.system.get(`Patient/${goes}`)).status).toBe(404);
    expect((await r.system.get(`Patient/${stays}/$everything`)).body.entry).toEqual(everything);
    await r.close();
    // The proof that the ring is what does it: a stolen copy of the old one still opens everything.
    const withOld = await emptyDatabase();
    expect(await folder.restore(file, withOld.url, '--keys', oldRing)).toMatchObject({ code: 0 });
    expect((await tablesWith(withOld.pool, '消去される家の人びとの名')).length).toBeGreaterThan(3);
  }
});

test('who comes back after an erasure under the same id is backed up and restored, without the record of before', async () => {
  const { t, folder } = await started();
  await familyIn(t, '以前の記録の人びとの名', 'comes-back');
  const old = await folder.backUp(t.databaseUrl);
  await erase(t, 'comes-back');
  await familyIn(t, '今後の記録の人びとの名', 'comes-back');
  const file = await folder.backUp(t.databaseUrl);
  const [now, before] = [await emptyDatabase(), await emptyDatabase()];
  expect(await folder.restore(file, now.url)).toMatchObject({ code: 0 });
  expect((await tablesWith(now.pool, '今後の記録の人びとの名')).length).toBeGreaterThan(3);
  expect(await folder.restore(old, before.url)).toMatchObject({ code: 0 });
  expect(await tablesWith(before.pool, '以前の記録の人びとの名')).toEqual([]);
});

test('a ring that is older than the backup is refused, not taken for erasures', async () => {
  const { t, folder } = await started();
  await familyIn(t, '先の家');
  await folder.backUp(t.databaseUrl);
  const oldRing = join(folder.path, 'old-ring');
  await copyFile(folder.ring, oldRing);
  await familyIn(t, '後の家');
  const file = await folder.backUp(t.databaseUrl);
  const into = await emptyDatabase();
  const { code, lines } = await folder.restore(file, into.url, '--keys', oldRing);
  expect([code, lines.at(-1)]).toEqual([1, expect.stringMatching(/it is older than the backup; nothing was restored/)]);
  expect((await wholeDatabase(into.pool)).size).toBe(0);
});

test('of a patient who is erased while a backup is made, no key is kept', async () => {
  const { t } = await started();
  const [before, during, never] = ['before', 'during', 'never'].map((id) => keyOf('Patient', id)) as [
    string,
    string,
    string,
  ];
  const dropped = async (patient: string) => {
    const client = await t.pool.connect();
    await dropPatientKey(client, patient);
    client.release();
  };
  await dropped(before);
  const { rows } = await t.pool.query('select pg_current_snapshot()::text as sees');
  const keys = createPatientKeys(t.pool, rows[0]?.sees);
  const made = [];
  for (const patient of [before, during, never]) made.push(await keys.keyOf(patient));
  await dropped(during);
  await keys.store();
  const stored = await t.pool.query('select patient from patient_key order by patient');
  expect(stored.rows.map(({ patient }) => patient)).toEqual([before, never].toSorted());
  const erased = await t.pool.query('select id from erased_key where patient = $1', [during]);
  expect(erased.rows.map(({ id }) => id)).toContain(made[1]?.id);
  expect((await keys.keyOf(never)).id).toBe(made[2]?.id);
});

test('the certificate says what went, at whose request, what remains and what backups hold, in both languages', async () => {
  const { t, folder } = await started();
  const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
  const mother = await t.caller('user/*.cruds', { user: 'Person/mother' });
  const { id } = await mother.create({
    resourceType: 'Patient',
    name: [{ text: '試験 花子' }],
    birthDate: '2026-09-15',
  });
  await folder.backUp(t.databaseUrl);
  expect((await mother.post(`Patient/${id}/$request-erasure`, parameters())).status).toBe(202);
  const answer = await t.system.post(`Patient/${id}/$expunge`, parameters({ name: 'confirm', valueString: id }));
  const named = (name: string) => answer.body.parameter.filter((one) => one.name === name);
  const payload = String(named('receipt')[0]?.valueString).split('.')[1] ?? '';
  expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
    format: 'tsumugi-erasure-certificate',
    asked: { at: new Date(t.clock.nowMs).toISOString(), agreed: 1 },
    versions: { Patient: 1, Task: 2 },
    remains: ['audit', 'own-persons', 'binaries'],
    backups: { key: 'destroyed', last: expect.stringMatching(/Z$/) },
  });
  const texts = named('certificate').map(({ part }) => (part as { valueString: string }[])[1]?.valueString ?? '');
  expect(texts).toHaveLength(2);
  expect(texts[0]).toMatch(/^消去証明書\n消去した日時: 2026年11月23日 09:00\nご家族の求め: .*同意した人 1人/);
  expect(texts[1]).toMatch(/^Certificate of erasure\n.*2026-11-23 09:00 \(Japan\).*key was destroyed/s);
  expect(texts.join()).not.toContain(id);
});
