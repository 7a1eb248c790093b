// `npm run demo` as whoever tries the product first runs it: a real process, real files, nothing left behind.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { columnsOf } from '../../server/demo/print.ts';

test('the demo plays the family, exports a record that verifies, and leaves only what --keep asked for', {
  timeout: 120_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'demo-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const keep = join(folder, 'kept');
  const child = spawn(process.execPath, ['server/demo/main.ts', '--keep', keep], {
    env: { ...process.env, TMPDIR: folder, BASE_URL: '', TSUMUGI_CDSI_DIR: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  const [code] = await once(child, 'close');
  expect(code, printed).toBe(0);

  expect(printed).toMatch(/the newborn is admitted → AA {2}Kept; waiting/);
  expect(printed).toMatch(/2 waiting messages flow in/);
  expect(printed).toMatch(/a frame with broken characters → AR/);
  expect(printed).toMatch(/JAHIS, Shift_JIS\) → 1 stored, 0 waiting, 0 refused/);
  expect(printed).toMatch(/municipality → 1 stored, 0 waiting, 0 refused/);
  expect(printed).toMatch(/15 doses valid, 2 reported twice and counted once/);
  expect(printed).toMatch(/水痘 +to give +2回目 +2027-01-02/);
  expect(printed).toMatch(/verifies it offline → VALID/);
  expect(printed).toMatch(/changes one byte and verifies again → INVALID/);
  expect(await readdir(keep)).toContain('tsumugi-archive.zip');
  expect((await readdir(folder)).filter((name) => name !== 'kept' && !name.startsWith('tsumugi-postgres-'))).toEqual(
    [],
  );
});

test('tables line up although Japanese letters are two columns wide', () => {
  expect(columnsOf('BCG')).toBe(3);
  expect(columnsOf('水痘')).toBe(4);
  expect(columnsOf('ｱA１')).toBe(4);
});
