// tsumugi set client ID: changes what a client that is let in is held to, from its next write on and on every server.

import { parseArgs } from 'node:util';
import { createClientRegistry } from '../store/oauth-clients.ts';
import { type Strictness, strictnesses } from '../validation/strictness.ts';
import { type Command, CommandError } from './command.ts';
import { settingsOf, withDatabase } from './connect.ts';

export const setClient: Pick<Command, 'usage' | 'run'> = {
  usage: 'tsumugi set client ID --strictness base|declared|strict',
  async run(args, out) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { strictness: { type: 'string' } },
    });
    const [id, ...more] = positionals;
    if (id === undefined || more.length > 0) throw new CommandError(`usage: ${this.usage}`);
    const strictness = strictnessOf(values.strictness);
    if (!(await withDatabase(settingsOf(), (pool) => createClientRegistry({ pool }).judge(id, strictness))))
      throw new CommandError('there is no client of that id');
    out.line(`what ${id} writes is judged: ${strictness}`);
    return 0;
  },
};

/** Throws CommandError for what is none. */
export function strictnessOf(text: string | undefined): Strictness {
  const strictness = strictnesses.find((one) => one === text);
  if (strictness === undefined) throw new CommandError(`--strictness takes one of: ${strictnesses.join(', ')}`);
  return strictness;
}
