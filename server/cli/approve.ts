// tsumugi approve client ID: lets in a client that registered itself, or one that was suspended.

import { createClientRegistry } from '../store/oauth-clients.ts';
import { type Command, CommandError } from './command.ts';
import { settingsOf, withDatabase } from './connect.ts';

export const approveCommand: Command = {
  name: 'approve',
  summary: 'Let a client in that registered itself or was suspended.',
  usage: 'tsumugi approve client ID',
  async run([subject, id, ...more], out) {
    if (subject !== 'client' || id === undefined || more.length > 0) throw new CommandError(`usage: ${this.usage}`);
    if (!(await withDatabase(settingsOf(), (pool) => createClientRegistry({ pool }).approve(id))))
      throw new CommandError('there is no client of that id');
    out.line(`${id} is active`);
    return 0;
  },
};
