// tsumugi start: the server, until SIGINT or SIGTERM.

import { once } from 'node:events';
import { readConfig } from '../config.ts';
import { start } from '../main.ts';
import { type Command, CommandError } from './command.ts';
import { explain } from './explain.ts';

export const startCommand: Command = {
  name: 'start',
  summary: 'Start the server. Settings come from the environment; see tsumugi config.',
  usage: 'tsumugi start',
  async run(_args, out) {
    const { url, mllpPort, ended, stop } = await begin();
    out.line(`Tsumugi answers at ${url}`);
    if (mllpPort !== undefined) out.line(`HL7 v2 listener (MLLP) on port ${mllpPort}`);
    const signal = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]).then(() => undefined);
    const fault = await Promise.race([signal, ended]);
    await stop();
    if (fault !== undefined) throw new CommandError(`the embedded database ended: ${fault}`);
    return 0;
  },
};

async function begin() {
  try {
    return await start(readConfig());
  } catch (error) {
    return explain(error);
  }
}
