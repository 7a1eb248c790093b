// tsumugi suspend client ID: ends everything that a client holds, on every server at once, and gives it nothing more.

import { createClientRegistry } from '../store/oauth-clients.ts';
import { type Command, CommandError } from './command.ts';
import { settingsOf, withDatabase } from './connect.ts';

export const suspendCommand: Command = {
  name: 'suspend',
  summary: 'End all tokens of a client at once, and give it no more.',
  usage: 'tsumugi suspend client ID',
  async run([subject, id, ...more], out) {
    if (subject !== 'client' || id === undefined || more.length > 0) throw new CommandError(`usage: ${this.usage}`);
    if (!(await withDatabase(settingsOf(), (pool) => createClientRegistry({ pool }).suspend(id))))
      throw new CommandError('there is no client of that id');
    out.line(`${id} is suspended`);
    return 0;
  },
};
