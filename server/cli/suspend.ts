// tsumugi suspend: keeps a client, or a person of a family, away at once. Each subject is a row of the table.

import { type Command, CommandError } from './command.ts';
import { suspendClient } from './suspend-client.ts';
import { suspendRelation } from './suspend-relation.ts';

const subjects: Record<string, Pick<Command, 'usage' | 'run'>> = {
  client: suspendClient,
  relation: suspendRelation,
};

export const suspendCommand: Command = {
  name: 'suspend',
  summary: 'End all tokens of a client, or what a person may see of a patient, at once.',
  usage: Object.values(subjects)
    .map(({ usage }) => usage)
    .join('\n       '),
  async run([subject = '', ...args], out) {
    const found = Object.hasOwn(subjects, subject) ? subjects[subject] : undefined;
    if (!found) throw new CommandError(`suspend takes one of ${Object.keys(subjects).join(', ')}`);
    return found.run(args, out);
  },
};
