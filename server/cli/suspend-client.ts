// tsumugi suspend client ID: ends everything that a client holds, on every server at once, and gives it nothing more.

import { createClientRegistry } from '../store/oauth-clients.ts';
import { type Command, CommandError } from './command.ts';
import { settingsOf, withDatabase } from './connect.ts';

export const suspendClient: Pick<Command, 'usage' | 'run'> = {
  usage: 'tsumugi suspend client ID',
  async run([id, ...more], out) {
    if (id === undefined || more.length > 0) throw new CommandError(`usage: ${this.usage}`);
    if (!(await withDatabase(settingsOf(), (pool) => createClientRegistry({ pool }).suspend(id))))
      throw new CommandError('there is no client of that id');
    out.line(`${id} is suspended`);
    return 0;
  },
};
