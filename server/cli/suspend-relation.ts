// tsumugi suspend relation: from the next request on a person gets of a patient what a stranger gets.

import { parseArgs } from 'node:util';
import { callOperation, idIn } from './call-operation.ts';
import { type Command, CommandError } from './command.ts';

const text = { type: 'string' } as const;
const server = { server: text, token: text };

export const suspendRelation: Pick<Command, 'usage' | 'run'> = {
  usage: 'tsumugi suspend relation --patient ID --person ID --reason TEXT [--server URL] [--token TOKEN]',
  async run(args, out) {
    const { values } = parseArgs({ args, options: { patient: text, person: text, reason: text, ...server } });
    const person = `Person/${idIn(values, 'person')}`;
    if (!values.reason) throw new CommandError('--reason is required');
    await callOperation(values, `Patient/${idIn(values, 'patient')}/$suspend-relation`, [
      { name: 'relation', valueReference: { reference: person } },
      { name: 'reason', valueString: values.reason },
    ]);
    out.line(`${person} is suspended; two people lift it, one of them of the municipality`);
    return 0;
  },
};
