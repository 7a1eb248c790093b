// The product as its users meet it: a server process, the command line, HTTP. The demo reaches nothing behind these.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { environmentWith } from '../config.ts';

const cli = fileURLToPath(new URL('../cli.ts', import.meta.url));

export type Product = {
  /** `http://127.0.0.1:PORT` */
  url: string;
  mllpPort: number;
  /** Runs `tsumugi COMMAND FILE --NAME VALUE …` and returns what it printed. Throws CommandFailed when it fails. */
  tsumugi(command: string, options: Readonly<Record<string, string>>, file?: string): Promise<string>;
  stop(): Promise<void>;
};

/** The command ended with another code than 0; the message is what it printed. */
export class CommandFailed extends Error {}

/** Starts a server on an embedded database in `dataDir`; the settings of whoever runs the demo do not reach it. */
export async function startProduct({
  dataDir,
  institution,
}: {
  dataDir: string;
  institution: string;
}): Promise<Product> {
  const environment = environmentWith({
    DATA_DIR: dataDir,
    PORT: '0',
    HOST: '127.0.0.1',
    BASE_URL: '',
    DATABASE_URL: '',
    REDIS_URL: '',
    LOG_LEVEL: 'warn',
    MLLP_PORT: '0',
    TSUMUGI_MLLP_INSTITUTION: institution,
    TZ: 'Asia/Tokyo',
  });
  const server = spawn(process.execPath, [cli, 'start'], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  const { url, mllpPort } = await addressesOf(server);
  return {
    url,
    mllpPort,
    tsumugi: (command, options, file) => {
      const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
      return runCli([command, ...(file === undefined ? [] : [file]), ...words], { ...environment, BASE_URL: url });
    },
    stop: async () => {
      if (server.exitCode !== null) return;
      server.kill('SIGTERM');
      await once(server, 'exit');
    },
  };
}

async function addressesOf(server: ChildProcess): Promise<{ url: string; mllpPort: number }> {
  let url = '';
  if (!server.stdout) throw new Error('the server has no output');
  for await (const line of createInterface({ input: server.stdout })) {
    url = /answers at (\S+)/.exec(line)?.[1] ?? url;
    const port = /MLLP\) on port (\d+)/.exec(line)?.[1];
    if (port !== undefined) return { url, mllpPort: Number(port) };
  }
  throw new Error('the server did not start');
}

async function runCli(args: string[], env: Record<string, string | undefined>): Promise<string> {
  const child = spawn(process.execPath, [cli, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  child.stdout.on('data', (chunk) => (printed += chunk));
  child.stderr.on('data', (chunk) => (printed += chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new CommandFailed(printed.trim());
  return printed.trim();
}
