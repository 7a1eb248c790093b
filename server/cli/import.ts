// `tsumugi import FILE|FOLDER --format …`: hands files to a running server through its public API, as any client would.

import { parseArgs } from 'node:util';
import { type Command, CommandError, type Output } from './command.ts';
import { archiveFormat } from './import-archive.ts';
import type { ImportFormat } from './import-call.ts';
import { importingFiles } from './import-files.ts';
import { ccdaFiles, fhirFiles, hl7Files, jahisFiles, mynaFiles, ndjsonFiles } from './import-formats.ts';
import { municipalityFormat } from './import-municipality.ts';
import { storageFormat } from './import-storage.ts';

const formats: Record<string, ImportFormat> = {
  archive: archiveFormat,
  fhir: importingFiles(fhirFiles),
  ndjson: importingFiles(ndjsonFiles),
  hl7v2: importingFiles(hl7Files),
  ssmix2: storageFormat,
  ccda: importingFiles(ccdaFiles),
  jahis: importingFiles(jahisFiles),
  myna: importingFiles(mynaFiles),
  municipality: municipalityFormat,
};

const { municipality: _, ...ofOneCall } = formats;

export const importCommand: Command = {
  name: 'import',
  summary: 'Hand files to a running server.',
  usage: `tsumugi import FILE|FOLDER --format ${Object.keys(ofOneCall).join('|')}
  [--patient ID | --identifier SYSTEM|VALUE] [--mother ID] [--institution NUMBER] [--ledger FILE] [--server URL] [--token TOKEN]

  ${Object.values(ofOneCall)
    .map(({ usage }) => usage)
    .join('\n  ')}

  The last line is "N stored, M waiting, K refused". Exit code 0 when nothing was refused, 1 when something was or the
  server failed (what was not counted can be imported again), 2 for a wrong call.

${municipalityFormat.usage}`,
  run,
};

async function run(args: string[], out: Output): Promise<number> {
  let start: (out: Output) => Promise<number>;
  try {
    start = formatIn(args).read(args);
  } catch (error) {
    if (!isWrongCall(error)) throw error;
    out.error(error.message);
    return 2;
  }
  return start(out);
}

/** The other flags are known when the format is. */
function formatIn(args: string[]): ImportFormat {
  const { values, positionals } = parseArgs({ args, strict: false, options: { format: { type: 'string' } } });
  const name = String(values.format ?? (positionals[0]?.endsWith('.zip') ? 'archive' : ''));
  const format = Object.hasOwn(formats, name) ? formats[name] : undefined;
  if (!format) throw new CommandError(`--format must be one of ${Object.keys(formats).join(', ')}`);
  return format;
}

function isWrongCall(error: unknown): error is Error {
  if (error instanceof CommandError) return true;
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}
