// Flags that several commands take, and the last line of all that hand something in.

import { readFile } from 'node:fs/promises';
import type { Tally } from '../../connectors/import-original.ts';
import type { PatientTarget } from '../../mappings/record.ts';
import { CommandError } from './command.ts';

/** `--key X` -> `--key=X`: one thumbprint in 64 begins with a dash, which parseArgs takes for an option. */
export function joined(args: readonly string[], option: string): string[] {
  const at = args.indexOf(option);
  return at === -1 || at + 1 === args.length
    ? [...args]
    : [...args.slice(0, at), `${option}=${args[at + 1]}`, ...args.slice(at + 2)];
}

/** The ten-digit number of an institution, undefined when none was given. Throws CommandError. */
export function institutionIn(given: string | undefined): string | undefined {
  if (given !== undefined && !/^\d{10}$/.test(given))
    throw new CommandError('--institution must be the 10-digit institution number');
  return given;
}

/** The record that `ID` or `Patient/ID` names, undefined when none was given. Throws CommandError. */
export function patientIn(option: string, given: string | undefined): PatientTarget | undefined {
  if (given === undefined) return undefined;
  const id = given.replace(/^Patient\//, '');
  if (!/^[A-Za-z0-9\-.]{1,64}$/.test(id)) throw new CommandError(`${option} must be the id of a Patient`);
  return { reference: `Patient/${id}` };
}

/** The record that has the number `SYSTEM|VALUE`, undefined when none was given. Throws CommandError. */
export function identifierIn(given: string | undefined): PatientTarget | undefined {
  if (given === undefined) return undefined;
  const at = given.lastIndexOf('|');
  const [system, value] = [given.slice(0, at), given.slice(at + 1)];
  if (at <= 0 || value === '') throw new CommandError('--identifier must be SYSTEM|VALUE');
  return { identifier: { system, value } };
}

/** What a file holds. Throws CommandError when it cannot be read. */
export async function bytesOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new CommandError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
}

/** The same of a file in UTF-8. */
export const textOf = async (file: string): Promise<string> => (await bytesOf(file)).toString('utf8');

/** `1 stored, 1 waiting, 0 refused` */
export const tallyText = ({ stored, waiting, refused }: Tally): string =>
  `${stored} stored, ${waiting} waiting, ${refused} refused`;
