// tsumugi create staff: an account of somebody who works for an organization. Prints a code for one use, with which they set
// up a passkey, or a password and an authenticator app.

import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createStaff as makeStaff } from '../login/sign-up.ts';
import { createReader } from '../store/read.ts';
import { type Command, CommandError } from './command.ts';
import { onDoor } from './create-organization.ts';

export const createStaff: Pick<Command, 'usage' | 'run'> = {
  usage: 'tsumugi create staff --organization ID --name NAME --login LOGIN',
  async run(args, out) {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({ args, options: { organization: text, name: text, login: text } });
    const { organization, name, login } = values;
    if (!organization || !name || !login) throw new CommandError('--organization, --name and --login are required');
    const answer = await onDoor(async (write, pool) => {
      const found = await createReader({ pool }).current('Organization', organization, { kind: 'all' });
      if (found?.content === undefined) throw new CommandError(`Organization/${organization} is not known here`);
      return makeStaff({ write, nowMs: Date.now }, { login, name, organization, request: randomUUID() });
    });
    if (answer.kind === 'refused')
      throw new CommandError(answer.why === 'taken' ? taken : `${answer.why}: ${wordsOf(answer)}`);
    out.line(answer.code);
    return 0;
  },
};

const taken = 'somebody has this login name; choose another one';

const wordsOf = (answer: object): string =>
  ({
    length: 'between 3 and 254 characters',
    characters: 'no spaces or control characters',
    'my-number': 'never a My Number',
    name: '--name takes a name of up to 200 characters',
  })['fault' in answer ? String(answer.fault) : ''] ?? 'it cannot be taken';
