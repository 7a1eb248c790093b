// tsumugi approve client ID: lets in a client that registered itself, or one that was suspended. A service that registered itself
// says nothing of whose it is: who lets it in does.

import { parseArgs } from 'node:util';
import { createClientRegistry } from '../store/oauth-clients.ts';
import { type Command, CommandError } from './command.ts';
import { settingsOf, withDatabase } from './connect.ts';

export const approveCommand: Command = {
  name: 'approve',
  summary: 'Let a client in that registered itself or was suspended.',
  usage: 'tsumugi approve client ID [--organization ID]',
  async run(args, out) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { organization: { type: 'string' } },
    });
    const [subject, id, ...more] = positionals;
    if (subject !== 'client' || id === undefined || more.length > 0) throw new CommandError(`usage: ${this.usage}`);
    await withDatabase(settingsOf(), async (pool) => {
      const clients = createClientRegistry({ pool });
      if (await clients.approve(id, values.organization)) return;
      const isThere = (await clients.find(id)) !== undefined;
      throw new CommandError(isThere ? 'a service needs --organization' : 'there is no client of that id');
    });
    out.line(`${id} is active`);
    return 0;
  },
};
