// tsumugi start: the server, until SIGINT or SIGTERM.

import { once } from 'node:events';
import { ConfigError, readConfig } from '../config.ts';
import { start } from '../main.ts';
import { type Command, CommandError } from './command.ts';

export const startCommand: Command = {
  name: 'start',
  summary: 'Start the server. Settings come from the environment; see tsumugi config.',
  usage: 'tsumugi start',
  async run(_args, out) {
    const running = await start(readConfig()).catch(explain);
    out.line(`Tsumugi answers at ${running.url}`);
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    await running.stop();
    return 0;
  },
};

const forPeople = ['DataFolderInUse', 'DataFolderUnwritable', 'EmbeddedStartFailed'];

/** Faults of the surroundings are told in one line; everything else is a bug and keeps its stack. */
export function explain(error: unknown): never {
  if (!(error instanceof Error)) throw error;
  const code = 'code' in error ? String(error.code) : '';
  if (error instanceof ConfigError || forPeople.includes(error.name)) throw new CommandError(error.message);
  if (code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL')
    throw new CommandError(`cannot listen: ${error.message}`);
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === '28P01' || code === '3D000') {
    throw new CommandError(`cannot reach the database of DATABASE_URL (${code})`);
  }
  throw error;
}
