// The schedules of a server: the Japanese one always, that of the United States where its folder can be used.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { namesOf } from '../../server/forecast/known-schedules.ts';
import { loadScheduleFolder, loadSchedules } from '../../server/schedules/load.ts';
import { inventedSchedule, textsOf, type Written } from '../forecast/cdsi/invented.ts';

const root = mkdtempSync(join(tmpdir(), 'tsumugi-schedules-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function folder(name: string, written: Written): string {
  for (const { file, text } of textsOf(written)) {
    mkdirSync(dirname(join(root, name, file)), { recursive: true });
    writeFileSync(join(root, name, file), text);
  }
  return join(root, name);
}

describe('loadSchedules', () => {
  test('has the Japanese schedule alone where no folder is set', async () => {
    expect(namesOf(await loadSchedules(undefined))).toBe('jp');
  });

  test('has both where one is set', async () => {
    const schedules = await loadSchedules(folder('sound', inventedSchedule()));
    expect(namesOf(schedules)).toBe('jp, us');
    expect(schedules.us).toMatchObject({ id: 'us', version: 'test-1' });
  });

  test('refuses a faulty folder in one line that names the setting and says what to do', async () => {
    const written = inventedSchedule();
    Object.assign(written.schedule, { version: 1, released: 'soon' });
    await expect(loadSchedules(folder('faulty', written))).rejects.toMatchObject({
      isForPeople: true,
      message: expect.stringMatching(
        /^TSUMUGI_CDSI_DIR: the schedule in \S+ has 2 faults; "tsumugi schedule check \S+" names them$/,
      ),
    });
    await expect(loadSchedules(join(root, 'nowhere'))).rejects.toThrow(
      /^TSUMUGI_CDSI_DIR: \S+nowhere: there is nothing/,
    );
  });
});

test('a schedule is called after its folder', async () => {
  expect((await loadScheduleFolder(folder('island', inventedSchedule()))).schedule.id).toBe('island');
});

test('a folder may hold the schedule in json, beside the original it was made from', async () => {
  const parent = join(root, 'both');
  folder(join('both', 'json'), inventedSchedule());
  mkdirSync(join(parent, 'xml'));
  expect((await loadScheduleFolder(parent, 'us')).schedule.version).toBe('test-1');
});
