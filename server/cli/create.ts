// tsumugi create: makes what a deployment begins with. Each subject is a row of the table.

import type { Command } from './command.ts';
import { CommandError } from './command.ts';
import { createClient } from './create-client.ts';
import { createOrganization } from './create-organization.ts';
import { createStaff } from './create-staff.ts';

const subjects: Record<string, Pick<Command, 'usage' | 'run'>> = {
  client: createClient,
  organization: createOrganization,
  staff: createStaff,
};

export const createCommand: Command = {
  name: 'create',
  summary: 'Let a client in, make an organization, or an account of its staff, on a running server.',
  usage: Object.values(subjects)
    .map(({ usage }) => usage)
    .join('\n       '),
  async run([subject = '', ...args], out) {
    const found = Object.hasOwn(subjects, subject) ? subjects[subject] : undefined;
    if (!found) throw new CommandError(`create takes one of ${Object.keys(subjects).join(', ')}`);
    return found.run(args, out);
  },
};
