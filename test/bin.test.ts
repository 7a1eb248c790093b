// `npx tsumugi` on machines of every kind: which Node it starts, and that arguments, exit code and signals pass through.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';

const BIN = join(dirname(fileURLToPath(import.meta.url)), '../server/bin.js');
const OLD_NODE = `data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'20.20.2'}})`;
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe.skipIf(process.platform === 'win32')('bin', () => {
  test('starts the pinned Node, passes the arguments on and ends with its exit code', async () => {
    const { output, code } = await run(
      project('pinned', 'console.log(process.argv0, process.argv.slice(2)); process.exitCode = 7'),
      {
        args: ['verify', 'a b.zip', '--json'],
        isOld: true,
      },
    );
    expect(output).toMatch(/node_modules\/node-\S+\/bin\/node \[ 'verify', 'a b\.zip', '--json' \]/);
    expect(code).toBe(7);
  });

  test('uses the running Node where no pinned one is installed, if it is new enough', async () => {
    const { output, code } = await run(project('none', 'console.log("ran", process.argv0)'), {});
    expect(output).toBe(`ran ${process.execPath}\n`);
    expect(code).toBe(0);
  });

  test('uses the running Node where the pinned one does not start', async () => {
    const { output } = await run(project('broken', 'console.log("ran")'), {});
    expect(output).toBe('ran\n');
  });

  test('refuses an old Node without the pinned one in one line', async () => {
    const { output, code } = await run(project('none', 'console.log("ran")'), { isOld: true });
    expect(output).toMatch(
      /^tsumugi needs Node 24 or later: this is Node 20\.20\.2 on \S+, and the pinned one .*npm ci.*\n$/,
    );
    expect(code).toBe(1);
  });

  test('passes a signal on and lets the child end in its own way', async () => {
    const source = "process.on('SIGTERM', () => process.exit(3)); setInterval(() => {}, 1000); console.log('up')";
    expect(await run(project('pinned', source), { kill: 'SIGTERM' })).toMatchObject({ code: 3 });
  });

  test('ends by the signal that ended the child', async () => {
    const source = "setInterval(() => {}, 1000); console.log('up')";
    expect(await run(project('pinned', source), { kill: 'SIGTERM' })).toMatchObject({ code: null, signal: 'SIGTERM' });
  });
});

function project(node: 'pinned' | 'broken' | 'none', cli: string): string {
  const root = mkdtempSync(join(tmpdir(), 'tsumugi-bin-'));
  folders.push(root);
  mkdirSync(join(root, 'server'));
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(root, 'server/cli.ts'), cli);
  copyFileSync(BIN, join(root, 'server/bin.js'));
  const home = join(root, `node_modules/node-${process.platform}-${process.arch}/bin`);
  if (node !== 'none') mkdirSync(home, { recursive: true });
  if (node === 'pinned') symlinkSync(process.execPath, join(home, 'node'));
  if (node === 'broken') writeFileSync(join(home, 'node'), '#!/no/such/interpreter\n');
  if (node === 'broken') chmodSync(join(home, 'node'), 0o755);
  return root;
}

type Options = { args?: string[]; isOld?: boolean; kill?: NodeJS.Signals };
type Ended = { output: string; code: number | null; signal: NodeJS.Signals | null };

async function run(root: string, { args = [], isOld = false, kill }: Options): Promise<Ended> {
  const preload = isOld ? ['--import', OLD_NODE] : [];
  const child = spawn(process.execPath, [...preload, join(root, 'server/bin.js'), ...args]);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (output += part));
  if (kill) child.stdout.once('data', () => child.kill(kill));
  const [code, signal] = await once(child, 'close');
  return { output, code, signal };
}
