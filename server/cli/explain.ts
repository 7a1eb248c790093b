// Faults of the surroundings, told in one line; everything else is a bug and keeps its stack.

import { ConfigError } from '../config.ts';
import { CommandError } from './command.ts';

const forPeople = ['DataFolderInUse', 'DataFolderUnwritable', 'EmbeddedStartFailed'];

/** Throws a CommandError for what a person can mend, and everything else as it came. */
export function explain(error: unknown): never {
  if (!(error instanceof Error)) throw error;
  const code = 'code' in error ? String(error.code) : '';
  if (error instanceof ConfigError || forPeople.includes(error.name)) throw new CommandError(error.message);
  if (code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL')
    throw new CommandError(`cannot listen: ${error.message}`);
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'ENOENT' || code === '28P01' || code === '3D000') {
    throw new CommandError(`cannot reach the database or Redis (${code})`);
  }
  throw error;
}
