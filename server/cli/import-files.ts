// Formats that are imported file by file: which files of a folder are theirs, and one tally of all of them.

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createDeliver, type Deliver, DeliveryFailed } from '../../connectors/deliver.ts';
import { newTally, type Tally } from '../../connectors/import-original.ts';
import type { PatientTarget } from '../../mappings/record.ts';
import { CommandError, type Output } from './command.ts';
import { connect } from './connect.ts';
import { tallyText } from './flags.ts';
import { type ImportCall, type ImportFormat, readCall } from './import-call.ts';

/** For whom the files are, and the way to the server. */
export type FileImport = {
  patient?: PatientTarget;
  mother?: PatientTarget;
  institution?: string;
  deliver: Deliver;
  fhirBase: string;
  token: string;
  progress: (line: string) => void;
};

export type FileFormat = {
  name: string;
  usage: string;
  /** Whose the files are has to be said, because names in them are never used to choose a child; or that they are a mother's. */
  needs?: 'patient' | 'patient or mother';
  /** Those of a folder that are of the format; all of them when absent. */
  filesIn?: (paths: string[]) => string[];
  /** Hands the files over, with a tally for each or for what belongs together. Throws DeliveryFailed. */
  take(paths: readonly string[], from: FileImport): AsyncIterable<Tally>;
};

/** The format as the command takes it. */
export function importingFiles(format: FileFormat): ImportFormat {
  return {
    usage: format.usage,
    read(args) {
      const call = readCall(args);
      const patient = call.patient ?? (format.needs === 'patient or mother' ? call.mother : undefined);
      if (format.needs && !patient)
        throw new CommandError(`--format ${format.name} needs --patient ID or --identifier SYSTEM|VALUE`);
      return (out) => importFiles(format, { ...call, patient }, out);
    },
  };
}

async function importFiles(format: FileFormat, call: ImportCall, out: Output): Promise<number> {
  const { patient, mother, institution } = call;
  const paths = await filesOf(call.path, format).catch(() => undefined);
  if (!paths || paths.length === 0) {
    out.error(paths ? `${call.path}: no file for format ${format.name}` : `${call.path}: cannot be read`);
    return 2;
  }
  const access = await connect(call);
  const about = { ...(patient && { patient }), ...(mother && { mother }), ...(institution && { institution }) };
  const from = { ...access, ...about, deliver: createDeliver(access), progress: out.line };
  const sum = newTally();
  let failed = false;
  try {
    for await (const tally of format.take(paths, from))
      for (const fate of ['stored', 'waiting', 'refused'] as const) sum[fate] += tally[fate];
  } catch (error) {
    if (!(error instanceof DeliveryFailed)) throw error;
    failed = true;
    out.error(error.message);
  }
  out.line(tallyText(sum));
  return failed || sum.refused > 0 ? 1 : 0;
}

/** The file itself, or the files of a folder and the folders in it, in the order of their names. */
async function filesOf(path: string, { filesIn = (paths) => paths }: FileFormat): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const found = await readdir(path, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return filesIn(files.sort());
}
