// tsumugi config: every setting with its meaning, and what it is now. Values that hold passwords are not shown.

import { type Config, settings } from '../config.ts';
import type { Command } from './command.ts';
import { settingsOf } from './connect.ts';

const hidden = new Set(['DATABASE_URL', 'REDIS_URL']);

export const configCommand: Command = {
  name: 'config',
  summary: 'Print every setting, its value now, its default and its meaning.',
  usage: 'tsumugi config',
  async run(_args, out) {
    const config = settingsOf();
    for (const [name, { fallback, meaning }] of Object.entries(settings)) {
      const value = config[name as keyof Config];
      const shown = value === undefined ? '' : hidden.has(name) ? '(set)' : String(value);
      out.line(`${name}=${shown}\n    ${meaning}${fallback === undefined ? '' : ` (default ${fallback})`}`);
    }
    return 0;
  },
};
