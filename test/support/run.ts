// `npm test`: runs vitest once with the arguments given, then says what was left out and why, and closes with the plain line
// `N passed, N failed`. With CI=true anything left out counts as failed.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LEFT_OUT_FILE } from './left-out.ts';
import { type Report, summary } from './summary.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const folder = mkdtempSync(join(tmpdir(), 'tsumugi-test-'));
const reportFile = join(folder, 'report.json');
const leftOutFile = join(folder, 'left-out.txt');

const exitCode = await vitest(process.argv.slice(2));
const { lines, failed } = summary({
  report: contents<Report>(reportFile, JSON.parse),
  leftOut: contents(leftOutFile, (text) => text.split('\n').filter(Boolean)) ?? [],
  exitCode,
  isCi: process.env.CI === 'true',
});
rmSync(folder, { recursive: true });
console.log(lines.join('\n'));
process.exitCode = failed > 0 ? 1 : 0;

function vitest(args: string[]): Promise<number> {
  const options = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const child = spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), ...options, ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, [LEFT_OUT_FILE]: leftOutFile },
  });
  // An interrupt reaches vitest too; this process stays to clean up and to print what is known.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

function contents<T>(path: string, parse: (text: string) => T): T | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  return parse(text);
}
