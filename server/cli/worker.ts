// tsumugi worker: background jobs alone, until SIGINT or SIGTERM.

import { once } from 'node:events';
import { readConfig } from '../config.ts';
import { startWorker } from '../main.ts';
import { type Command, CommandError } from './command.ts';
import { explain } from './explain.ts';

export const workerCommand: Command = {
  name: 'worker',
  summary: 'Run background jobs alone, beside servers that share DATABASE_URL and REDIS_URL.',
  usage: 'tsumugi worker',
  async run(_args, out) {
    const worker = await begin();
    out.line('Tsumugi worker is running');
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    await worker.stop();
    return 0;
  },
};

async function begin() {
  try {
    const config = readConfig();
    if (config.DATABASE_URL === undefined)
      throw new CommandError('DATABASE_URL is not set: the embedded database serves one process only');
    return await startWorker(config);
  } catch (error) {
    return explain(error);
  }
}
