// `tsumugi deliveries`: what a connector handed in and what became of it; with --review, what a person should look at.

import { parseArgs } from 'node:util';
import type { Fate } from '../../connectors/deliver.ts';
import { deliveredTo } from '../../connectors/delivered.ts';
import { type Command, CommandError } from './command.ts';
import { connect } from './connect.ts';

export const deliveriesCommand: Command = {
  name: 'deliveries',
  summary: 'List what a connector handed in and what became of it, or what a person should look at.',
  usage: `tsumugi deliveries [--client NAME] [--fate stored|waiting|refused] [--review] [--server URL] [--token TOKEN]

  --client is the connector whose deliveries they are (mllp: the HL7 listener of the server). A line is the id, the fate, what the
  sender calls the message, and the reason. --review leaves out what has no reason, and what somebody has looked at ($reviewed).`,
  async run(args, out) {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({
      args,
      options: { client: text, fate: text, review: { type: 'boolean', default: false }, server: text, token: text },
    });
    const server = await connect(values);
    let count = 0;
    for await (const one of deliveredTo(server, { fate: fateOf(values.fate), review: values.review })) {
      count += 1;
      out.line([one.id, one.fate.padEnd(7), one.message || '-', one.reason].join('  ').trimEnd());
    }
    out.line(`${count} deliveries`);
    return 0;
  },
};

/** Throws CommandError for what is none. */
export function fateOf(text: string | undefined): Fate | undefined {
  if (text === undefined || text === 'stored' || text === 'waiting' || text === 'refused') return text;
  throw new CommandError('--fate takes stored, waiting or refused');
}
