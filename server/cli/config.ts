// tsumugi config: every setting with its meaning, and what it is now. Values that hold passwords are not shown.

import { type Config, readConfig, settings } from '../config.ts';
import { type Command, CommandError } from './command.ts';

const hidden = new Set(['DATABASE_URL', 'REDIS_URL']);

export const configCommand: Command = {
  name: 'config',
  summary: 'Print every setting, its value now, its default and its meaning.',
  usage: 'tsumugi config',
  async run(_args, out) {
    const config = await current();
    for (const [name, { fallback, meaning }] of Object.entries(settings)) {
      const value = config[name as keyof Config];
      const shown = value === undefined ? '' : hidden.has(name) ? '(set)' : String(value);
      out.line(`${name}=${shown}\n    ${meaning}${fallback === undefined ? '' : ` (default ${fallback})`}`);
    }
    return 0;
  },
};

async function current(): Promise<Config> {
  try {
    return readConfig();
  } catch (error) {
    throw new CommandError((error as Error).message);
  }
}
