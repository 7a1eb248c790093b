// One server per data folder: who is refused, and whose lock no longer counts.
import { randomUUID } from 'node:crypto';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DataFolderInUse } from '../../server/store/embedded/errors.ts';
import { lockFolder } from '../../server/store/embedded/folder-lock.ts';
import { startEmbedded } from '../../server/store/embedded/launcher.ts';
import { killChild, startChild, temporaryFolder } from './embedded-process.ts';

const locksIn = async (folder: string) => (await readdir(folder)).filter((name) => name.startsWith('lock-'));

/** The claim that this very process would make, changed as the test needs. */
async function claimFile(folder: string, change: Record<string, unknown>): Promise<string> {
  const lock = await lockFolder(folder);
  const [name = ''] = await locksIn(folder);
  const claim = JSON.parse(await readFile(join(folder, name), 'utf8'));
  lock.release();
  const file = join(folder, `lock-${randomUUID()}`);
  await writeFile(file, JSON.stringify({ ...claim, ...change }));
  return file;
}

describe('two servers on one data folder', () => {
  test('the second is refused with one line that names the folder and the pid, and the first lives on', async () => {
    const dataDir = join(await temporaryFolder(), 'data');
    const { child, answer } = await startChild({ options: { dataDir }, wait: true });
    expect(answer.error).toBeUndefined();

    const refusal = await startEmbedded({ dataDir }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DataFolderInUse);
    expect(refusal).toMatchObject({
      message: `data folder ${dataDir} is in use by another Tsumugi server (pid ${child.pid})`,
      dataDir,
      pid: child.pid,
    });
    expect(await locksIn(dataDir)).toHaveLength(1);

    await killChild(child);
    const third = await startEmbedded({ dataDir });
    await third.stop();
  });

  test('the same process is refused as well, until it stops', async () => {
    const dataDir = join(await temporaryFolder(), 'data');
    const first = await startEmbedded({ dataDir });
    onTestFinished(() => first.stop());
    await expect(startEmbedded({ dataDir })).rejects.toMatchObject({ name: 'DataFolderInUse', pid: process.pid });
    await first.stop();
    expect(await locksIn(dataDir)).toEqual([]);
  });

  test('of several that come at the same moment one gets in, five times over', async () => {
    for (let round = 0; round < 5; round++) {
      const folder = await temporaryFolder();
      await claimFile(folder, { pid: 2 ** 22 + 1 }); // a dead holder, which all of them find
      const results = await Promise.allSettled([1, 2, 3].map(() => lockFolder(folder)));
      const winners = results.filter((result) => result.status === 'fulfilled');
      const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
      expect(winners).toHaveLength(1);
      for (const reason of reasons) expect(reason).toBeInstanceOf(DataFolderInUse);
      expect(await locksIn(folder)).toHaveLength(1);
      for (const winner of winners) winner.value.release();
    }
  });
});

describe('a lock that no longer counts', () => {
  test('its process is dead', async () => {
    const folder = await temporaryFolder();
    await claimFile(folder, { pid: 2 ** 22 + 1 }); // above the highest number that Linux gives
    const lock = await lockFolder(folder);
    expect(await locksIn(folder)).toHaveLength(1);
    lock.release();
  });

  test('its number now belongs to another process', async () => {
    const folder = await temporaryFolder();
    await claimFile(folder, { pid: process.pid, startMark: 'before' });
    (await lockFolder(folder)).release();
  });

  test('the same number and start time do count', async () => {
    const folder = await temporaryFolder();
    await claimFile(folder, {});
    await expect(lockFolder(folder)).rejects.toBeInstanceOf(DataFolderInUse);
  });

  test('a power cut left it empty', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'lock-empty'), '');
    (await lockFolder(folder)).release();
  });

  test('it was made in another container that has been silent for long', async () => {
    const folder = await temporaryFolder();
    const file = await claimFile(folder, { place: 'other-container x y' });
    const hourAgo = new Date(Date.now() - 3_600_000);
    await utimes(file, hourAgo, hourAgo);
    (await lockFolder(folder)).release();
  });

  test('made in another container that shows signs of life, it counts', async () => {
    const folder = await temporaryFolder();
    const file = await claimFile(folder, { place: 'other-container x y', pid: 77, claimedAtMs: 0 });
    const beat = setInterval(() => void utimes(file, new Date(), new Date()), 300);
    onTestFinished(() => clearInterval(beat));
    await expect(lockFolder(folder)).rejects.toThrow(
      `data folder ${folder} is in use by another Tsumugi server (pid 77 on other-container)`,
    );
  });
});
