// tsumugi link: links a patient number at a facility without a code, for a deployment that has seen the family's consent on paper.

import { parseArgs } from 'node:util';
import { callOperation, idIn } from './call-operation.ts';
import { type Command, CommandError } from './command.ts';

const text = { type: 'string' } as const;
const server = { server: text, token: text };

export const linkCommand: Command = {
  name: 'link',
  summary: 'Link a patient number at a facility to a Patient, and take in what waits for it.',
  usage: 'tsumugi link --patient ID --organization ID --identifier SYSTEM|VALUE [--server URL] [--token TOKEN]',
  async run(args, out) {
    const { values } = parseArgs({ args, options: { patient: text, organization: text, identifier: text, ...server } });
    const at = values.identifier?.lastIndexOf('|') ?? -1;
    const [system, value] = [values.identifier?.slice(0, at), values.identifier?.slice(at + 1)];
    if (!(at > 0) || !value) throw new CommandError('--identifier takes SYSTEM|VALUE');
    const answer = await callOperation(values, `Patient/${idIn(values, 'patient')}/$link-facility`, [
      { name: 'organization', valueReference: { reference: `Organization/${idIn(values, 'organization')}` } },
      { name: 'identifier', valueIdentifier: { system, value } },
    ]);
    const taken = answer.find(({ name }) => name === 'taken')?.valueInteger ?? 0;
    out.line(`linked; ${taken} waiting deliveries taken in`);
    return 0;
  },
};
