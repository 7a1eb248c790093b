// tsumugi connector: what runs on its own beside a source, on a machine that may see nothing of the server but its public API.

import { type Command, CommandError } from './command.ts';
import { connectorKey } from './connector-key.ts';
import { connectorMllp } from './connector-mllp.ts';
import { connectorMyna } from './connector-myna.ts';
import { connectorSsmix2 } from './connector-ssmix2.ts';
import { mllpSend } from './mllp-send.ts';

const subjects: Record<string, Pick<Command, 'usage' | 'run'>> = {
  mllp: connectorMllp,
  myna: connectorMyna,
  ssmix2: connectorSsmix2,
  'mllp-send': mllpSend,
  key: connectorKey,
};

export const connectorCommand: Command = {
  name: 'connector',
  summary:
    'Run a connector alone: the HL7 line or the storage of a hospital, a visit to MyNa Portal; make its key; send HL7 messages.',
  usage: Object.values(subjects)
    .map(({ usage }) => usage)
    .join('\n       '),
  async run([subject = '', ...args], out) {
    const found = Object.hasOwn(subjects, subject) ? subjects[subject] : undefined;
    if (!found) throw new CommandError(`connector takes one of ${Object.keys(subjects).join(', ')}`);
    return found.run(args, out);
  },
};
