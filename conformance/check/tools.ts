// The two outside tools of the check, run with the Node that runs this: the TypeScript compiler and Biome.
import { spawn } from 'node:child_process';
import { join, relative, resolve as resolved } from 'node:path';
import type { Violation } from './source.ts';

/** Type errors of the whole project. */
export async function typeViolations(root: string): Promise<Violation[]> {
  const { code, output } = await run(root, 'node_modules/typescript/bin/tsc', ['-p', '.', '--pretty', 'false']);
  const found = output.split('\n').flatMap((line) => {
    const match = /^(.+?)\((\d+),(\d+)\): error (TS\d+: .*)$/.exec(line);
    return match ? [{ file: `${match[1]}:${match[2]}:${match[3]}`, message: match[4] ?? '' }] : [];
  });
  return found.length > 0 || code === 0
    ? found
    : [{ file: 'tsconfig.json', message: output.trim() || `tsc ended with ${code}` }];
}

/** Lint and format faults of the whole project, warnings included; nothing is written. */
export async function styleViolations(root: string): Promise<Violation[]> {
  const options = ['ci', '--error-on-warnings', '--max-diagnostics=none', '--colors=off', '--reporter=github', '.'];
  const { code, output } = await run(root, 'node_modules/@biomejs/biome/bin/biome', options);
  const found = output.split('\n').flatMap((line) => {
    const match = /^::(?:error|warning) title=([^,]*),file=([^,]*),line=(\d+).*?::(.*)$/.exec(line);
    return match
      ? [{ file: `${relative(root, resolved(root, match[2] ?? ''))}:${match[3]}`, message: `${match[1]} ${match[4]}` }]
      : [];
  });
  return found.length > 0 || code === 0
    ? found
    : [{ file: 'biome.json', message: output.trim() || `biome ended with ${code}` }];
}

function run(root: string, script: string, args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, script), ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (part) => {
      output += part;
    });
    child.stderr.on('data', (part) => {
      output += part;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
