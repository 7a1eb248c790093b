// What a call of `tsumugi import` says, whatever the format is, and what each format has to be.

import { parseArgs } from 'node:util';
import type { PatientTarget } from '../../mappings/record.ts';
import { CommandError, type Output } from './command.ts';
import { identifierIn, institutionIn, patientIn } from './flags.ts';

/** A format of `tsumugi import`, with flags of its own. */
export type ImportFormat = {
  /** Lines of `tsumugi import --help`. */
  usage: string;
  /** What the call asks for, not yet begun; it ends with the exit code. Throws CommandError for a wrong call. */
  read(args: string[]): (out: Output) => Promise<number>;
};

export type ImportCall = {
  /** A file or a folder. */
  path: string;
  patient: PatientTarget | undefined;
  mother: PatientTarget | undefined;
  institution: string | undefined;
  ledger: string | undefined;
  server: string | undefined;
  token: string | undefined;
};

/** Throws CommandError, and what parseArgs throws, for a wrong call. */
export function readCall(args: string[]): ImportCall {
  const text = { type: 'string' } as const;
  const options = {
    ...{ format: text, server: text, token: text },
    ...{ patient: text, identifier: text, mother: text, institution: text, ledger: text },
  };
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
  const { patient, identifier, server, token, ledger } = values;
  const [path, ...more] = positionals;
  if (!path || more.length > 0) throw new CommandError('name one FILE or FOLDER');
  if (patient && identifier) throw new CommandError('give --patient or --identifier, not both');
  return {
    path,
    patient: patientIn('--patient', patient) ?? identifierIn(identifier),
    mother: patientIn('--mother', values.mother),
    institution: institutionIn(values.institution),
    ledger,
    server,
    token,
  };
}
