// tsumugi set: changes what a deployment has let in. Each subject is a row of the table.

import { type Command, CommandError } from './command.ts';
import { setClient } from './set-client.ts';

const subjects: Record<string, Pick<Command, 'usage' | 'run'>> = { client: setClient };

export const setCommand: Command = {
  name: 'set',
  summary: 'Say how strictly what a client writes is judged.',
  usage: Object.values(subjects)
    .map(({ usage }) => usage)
    .join('\n       '),
  async run([subject = '', ...args], out) {
    const found = Object.hasOwn(subjects, subject) ? subjects[subject] : undefined;
    if (!found) throw new CommandError(`set takes one of ${Object.keys(subjects).join(', ')}`);
    return found.run(args, out);
  },
};
