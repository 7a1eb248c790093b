// A command as a process of its own, so that it can be killed: `node server/cli.ts …` with settings of the test alone.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export type CommandProcess = {
  child: ChildProcess;
  /** What the expected line held, by the expression's first group. */
  said: string;
  /** Everything it has printed. */
  lines: string[];
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
};

const cli = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));

/** Resolves when it prints a line that `expected` matches; rejects when it ends before. */
export async function startProcess(
  args: readonly string[],
  settings: Record<string, string>,
  expected: RegExp,
): Promise<CommandProcess> {
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const ended = once(child, 'exit');
  const said = await new Promise<string>((resolve, reject) => {
    for (const input of [child.stdout, child.stderr])
      createInterface({ input }).on('line', (line) => {
        lines.push(line);
        const found = expected.exec(line);
        if (found) resolve(found[1] ?? '');
      });
    child.on('exit', (code) => reject(new Error(`${args[0]} ended with ${code}: ${lines.join('\n')}`)));
  });
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  return { child, said, lines, end };
}
