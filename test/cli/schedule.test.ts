// `tsumugi schedule`: a folder is checked with words and exit codes that a script can go by.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { scheduleCommand } from '../../server/cli/schedule.ts';
import type { SourceText } from '../../server/forecast/cdsi/read-source.ts';
import { inventedSchedule, textsOf } from '../forecast/cdsi/invented.ts';

const root = mkdtempSync(join(tmpdir(), 'tsumugi-schedule-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function run(...args: string[]): Promise<{ code: number; out: string[]; errors: string[] }> {
  const out: string[] = [];
  const errors: string[] = [];
  const output = { line: (text: string) => void out.push(text), error: (text: string) => void errors.push(text) };
  return { code: await scheduleCommand.run(args, output), out, errors };
}

function folder(name: string, texts: readonly SourceText[]): string {
  for (const { file, text } of texts) {
    mkdirSync(dirname(join(root, name, file)), { recursive: true });
    writeFileSync(join(root, name, file), text);
  }
  return join(root, name);
}

describe('tsumugi schedule', () => {
  test('check says what a sound folder holds', async () => {
    const { code, out } = await run('check', folder('sound', textsOf(inventedSchedule())));
    expect(code).toBe(0);
    expect(out).toEqual(['version test-1: 4 antigens, 5 series, 9 doses; it can be used']);
  });

  test('check names the places of faults', async () => {
    const written = inventedSchedule();
    Object.assign(written.schedule, { version: 7 });
    const { code, errors } = await run('check', folder('faulty', textsOf(written)));
    expect(code).toBe(1);
    expect(errors.join('\n')).toContain('schedule.json > version: must be a text, is 7');
  });

  test.each([
    ['a folder that is not there', ['check', join(root, 'nowhere')], 'there is nothing at this path'],
    [
      'a folder without a schedule',
      ['check', folder('other', [{ file: 'a/b.txt', text: '' }])],
      'has no schedule.json',
    ],
    ['a folder of XML files', ['check', folder('xml', [{ file: 'ScheduleSupportingData.xml', text: '' }])], 'convert'],
    ['a conversion without a version', ['convert', root, root], '--version'],
    ['a conversion of nothing', ['convert', root, root, '--version', '1'], 'no XML files'],
    ['no sub-command', [], 'say check FOLDER'],
  ])('refuses %s in one line', async (_, args, words) => {
    await expect(run(...args)).rejects.toMatchObject({ isForPeople: true, message: expect.stringContaining(words) });
  });
});
