// The case runner and the command: they must be able to fail, and compare only what a case asserts.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forecastCommand } from '../../server/cli/forecast.ts';
import { runCase } from '../../server/forecast/cases.ts';
import { japaneseSchedule } from '../../server/forecast/schedules/jp/index.ts';

function line(expect: unknown, more: object = {}): string {
  return JSON.stringify({
    id: 'T-1',
    title: 'two rotavirus doses',
    birthDate: '2026-05-20',
    assessmentDate: '2026-09-20',
    history: [
      { date: '2026-07-20', vaccine: 'RV1' },
      { date: '2026-08-16', vaccine: 'RV1' },
    ],
    expect,
    ...more,
  });
}

const run = (text: string) => runCase(text, japaneseSchedule());
const tooSoon = { date: '2026-08-16', vaccine: 'RV1', status: 'invalid', reason: 'intervalTooShort' };

describe('runCase', () => {
  test('passes what is asserted and true', () => {
    const expected = { ROTA: { status: 'notComplete', doseNumber: 2, evaluations: [tooSoon], review: true } };
    expect(run(line(expected))).toMatchObject({ isPassed: true, failures: [] });
  });

  test.each<[string, object]>([
    ['status', { ROTA: { status: 'complete' } }],
    ['date', { PCV: { earliestDate: '2026-07-20' } }],
    ['evaluation', { ROTA: { evaluations: [{ ...tooSoon, status: 'valid' }] } }],
    ['reason', { ROTA: { evaluations: [{ ...tooSoon, reason: 'ageTooYoung' }] } }],
    ['missing evaluation', { ROTA: { evaluations: [{ ...tooSoon, date: '2026-08-17' }] } }],
    ['warning', { ROTA: { evaluations: [{ ...tooSoon, warning: 'other' }] } }],
    ['review', { PCV: { review: true } }],
    ['unknown field', { PCV: { mood: 'good' } }],
  ])('fails on a wrong %s', (_, expected) => {
    expect(run(line(expected)).isPassed).toBe(false);
  });

  test('a soft date may be a day off, not two', () => {
    const soft = (recommendedDate: string) => line({ PCV: { recommendedDate, softFields: ['recommendedDate'] } });
    expect(run(soft('2026-07-20')).isPassed).toBe(true);
    expect(run(soft('2026-07-21')).isPassed).toBe(false);
  });

  test('a series the schedule lacks fails the case and is named', () => {
    expect(run(line({ MOON: { status: 'complete' } }))).toMatchObject({ isPassed: false, unknownSeries: ['MOON'] });
  });

  test.each([
    '{"id":"x"}',
    '{"birthDate":"2026-01-10","assessmentDate":"2026-03-10","expect":{"PCV":{"status":"notComplete"}}}',
    '{"id":"x","assessmentDate":"2026-03-10","expect":{"PCV":{"status":"notComplete"}}}',
    '{"id":"x","birthDate":"2026-01-10","assessmentDate":"2026-03-10","expect":{}}',
  ])('a line that is no case is an error: %s', (text) => {
    expect(() => run(text)).toThrow(/not a planner case/);
  });
});

describe('tsumugi forecast', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tsumugi-forecast-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function command(args: string[], content?: string) {
    const file = join(folder, 'cases.ndjson');
    if (content !== undefined) await writeFile(file, content);
    const lines: string[] = [];
    const errors: string[] = [];
    const out = { line: (text: string) => lines.push(text), error: (text: string) => errors.push(text) };
    const code = await forecastCommand.run(content === undefined ? args : [file, ...args], out);
    return { code, lines, errors };
  }

  const right = line({ ROTA: { status: 'notComplete' } });
  const wrong = line({ ROTA: { status: 'complete' } });

  test('counts, names what failed, and ends with the tally', async () => {
    const { code, lines } = await command([], `${right}\n\n${wrong}\nnonsense\n`);
    expect(code).toBe(1);
    expect(lines.at(-1)).toBe('1 passed, 2 failed');
    expect(lines.join('\n')).toContain('ROTA.status: expected complete, got notComplete');
    expect(lines.join('\n')).toContain('line 4');
  });

  test('exits 0 when all pass, and writes JSON lines on request', async () => {
    const { code, lines } = await command(['--json'], right);
    expect(code).toBe(0);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ id: 'T-1', isPassed: true });
  });

  test.each([[['--schedule', 'folder']], [['--fast']], [['--schedule']], [['second.ndjson']]])(
    'refuses %j in words',
    async (args) => {
      await expect(command(args, right)).rejects.toThrow(/folder|--fast|--schedule|one file/);
    },
  );

  test('refuses a missing or empty file in words', async () => {
    await expect(command([join(folder, 'none')])).rejects.toThrow('cannot read');
    await expect(command([], '\n')).rejects.toThrow('no case');
    await expect(command([])).rejects.toThrow('name one file');
  });
});
