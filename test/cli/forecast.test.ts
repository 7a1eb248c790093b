// `tsumugi forecast`: both forms of cases, each against its schedule, with words and exit codes that a script can go by.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { forecastCommand } from '../../server/cli/forecast.ts';
import { inventedSchedule, textsOf } from '../forecast/cdsi/invented.ts';

const cli = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'tsumugi-forecast-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

for (const { file, text } of textsOf(inventedSchedule())) {
  mkdirSync(dirname(join(root, 'invented', file)), { recursive: true });
  writeFileSync(join(root, 'invented', file), text);
}
const invented = ['--schedule', join(root, 'invented')];

const blueGreen = {
  id: 'bg-1',
  name: 'one dose given',
  vaccineGroup: 'BlueGreen',
  patient: { birthDate: '2025-01-10', gender: 'female' },
  assessmentDate: '2025-06-01',
  doses: [{ date: '2025-03-10', cvx: '910', expected: { status: 'valid', reason: null } }],
  expected: {
    seriesStatus: 'notComplete',
    doseNumber: 2,
    earliest: '2025-07-10',
    recommended: '2025-07-10',
    pastDue: '2025-09-03',
  },
};

async function run(cases: readonly unknown[], ...args: string[]) {
  const file = join(root, 'cases.ndjson');
  writeFileSync(file, cases.map((one) => `${typeof one === 'string' ? one : JSON.stringify(one)}\n`).join(''));
  const lines: string[] = [];
  const errors: string[] = [];
  const out = { line: (text: string) => void lines.push(text), error: (text: string) => void errors.push(text) };
  return { code: await forecastCommand.run([file, ...args], out), lines, errors };
}

describe('tsumugi forecast', () => {
  test('counts a case that is right, by vaccine group', async () => {
    const { code, lines } = await run([blueGreen], ...invented);
    expect(lines).toEqual([
      'vaccine group  cases  with dose number  doses  reasons',
      'BlueGreen        1/1               1/1    1/1      0/0',
      'all              1/1               1/1    1/1      0/0',
      '1 passed, 0 failed',
    ]);
    expect(code).toBe(0);
  });

  test('tells every mismatch as expected and got, with the rules behind it', async () => {
    const expected = { ...blueGreen.expected, earliest: '2025-07-11', doseNumber: 3 };
    const { code, lines } = await run([{ ...blueGreen, expected }], ...invented);
    expect(lines.slice(0, 3)).toEqual([
      'FAILED bg-1 one dose given',
      '  earliest: expected 2025-07-11, got 2025-07-10',
      '  doseNumber: expected 3, got 2',
    ]);
    expect(lines[3]).toMatch(/^ {4}by (Blue|Green) fever series: .*2025-07-10/);
    expect(lines.at(-1)).toBe('0 passed, 1 failed');
    expect(code).toBe(1);
  });

  test('a wrong status of a dose fails the run, though the forecast is right', async () => {
    const doses = [{ date: '2025-03-10', cvx: '910', expected: { status: 'notValid', reason: 'ageTooYoung' } }];
    const { code, lines } = await run([{ ...blueGreen, doses }], ...invented);
    expect(lines[0]).toBe('passed, but bg-1 one dose given');
    expect(lines).toContain('  dose 1 (2025-03-10, CVX 910) status: expected notValid, got valid');
    expect(lines.at(-1)).toBe('1 passed, 0 failed');
    expect(code).toBe(1);
  });

  test('a dose of another group is context, whatever is expected of it', async () => {
    const other = { date: '2026-01-10', cvx: '901', expected: { status: 'extraneous' } };
    const { code, lines } = await run([{ ...blueGreen, doses: [...blueGreen.doses, other] }], ...invented);
    expect(lines[1]).toContain('1/1               1/1    1/1');
    expect(code).toBe(0);
  });

  test('cases with conditions are counted without and with the dose number', async () => {
    const one = { ...blueGreen, suite: 'conditions-1', expected: { ...blueGreen.expected, doseNumber: 5 } };
    const { code, lines } = await run([one], ...invented);
    expect(lines[1]).toBe('BlueGreen        1/1               0/1    1/1      0/0');
    expect(code).toBe(0);
  });

  test('--json gives one object a case', async () => {
    const { lines } = await run([blueGreen], ...invented, '--json');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ id: 'bg-1', isPassed: true, doses: { passed: 1, of: 1 } });
    expect(lines).toHaveLength(2);
  });

  test('a line that is no case, or one of the other form, fails with a reason', async () => {
    expect((await run(['{'], ...invented)).lines[0]).toMatch(/^FAILED line 1/);
    const { doses: _, ...withoutDoses } = blueGreen;
    expect((await run([withoutDoses], ...invented)).lines[1]).toBe("  is none of CDC's cases");
    expect((await run([blueGreen])).lines.join()).toContain('need --schedule us or a folder');
    expect((await run([{ id: 'x', birthDate: '2025-01-01', expect: {} }], ...invented)).code).toBe(1);
    const misdated = { ...blueGreen, observations: [{ code: '001', date: 5 }] };
    expect((await run([misdated], ...invented)).lines[1]).toBe("  is none of CDC's cases");
  });

  test('empty lines and a byte order mark at the beginning are no part of a case', async () => {
    const text = JSON.stringify(blueGreen);
    const { lines } = await run([`\uFEFF${text}`, '', `${text}\r`, '  ', '{}'], ...invented);
    expect(lines.at(-1)).toBe('2 passed, 1 failed');
    expect(lines[0]).toBe('FAILED line 5');
  });

  test('a vaccine group that the schedule lacks fails', async () => {
    const { lines } = await run([{ ...blueGreen, vaccineGroup: 'Grey' }], ...invented);
    expect(lines.at(-1)).toBe('0 passed, 1 failed');
  });

  test('refuses a folder that is none in one line', async () => {
    await expect(run([blueGreen], '--schedule', join(root, 'nowhere'))).rejects.toMatchObject({ isForPeople: true });
  });

  test('us is the folder that is set, and without it a sentence says where to get one', () => {
    const cases = join(root, 'us.ndjson');
    writeFileSync(cases, JSON.stringify(blueGreen));
    const asked = (folder: string) => {
      const environment = { PATH: '/usr/bin:/bin', TSUMUGI_CDSI_DIR: folder };
      const command = [cli, 'forecast', cases, '--schedule', 'us'];
      return spawnSync(process.execPath, command, { cwd: root, env: environment, encoding: 'utf8' });
    };
    expect(asked(join(root, 'invented')).stdout).toMatch(/^1 passed, 0 failed$/m);
    const { status, stderr } = asked('');
    expect(status).toBe(2);
    expect(stderr).toMatch(/^tsumugi forecast: TSUMUGI_CDSI_DIR is not set.*tsumugi schedule convert.*\n$/);
  });
});
