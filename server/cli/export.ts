// `tsumugi export --patient ID --format … --out FILE`: one patient's record from a running server, through its public API.

import { open, rename, rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { ArchiveFault } from '../record/archive-fault.ts';
import { withFile } from '../record/byte-source.ts';
import { verifyArchive } from '../record/verify-archive.ts';
import { type Command, CommandError, type Output } from './command.ts';
import { connect } from './connect.ts';
import { type Call, ExportFailed, exportFormats } from './export-formats.ts';

export const exportCommand: Command = {
  name: 'export',
  summary: "Write one patient's record to a file.",
  usage: `tsumugi export --patient ID --format ${Object.keys(exportFormats).join('|')} --out FILE
                 [--language ja|en] [--force] [--server URL] [--token TOKEN]

${Object.entries(exportFormats)
  .map(([name, { meaning }]) => `  ${name.padEnd(9)} ${meaning}`)
  .join('\n')}

  An existing FILE is kept unless --force is given. Exit code 0 when written, 1 when the server or the disk failed,
  2 for a wrong call.`,
  run,
};

type Asked = { patient: string; format: string; language: string; file: string; force: boolean };
type Server = { fhirBase: string; token: string };

async function run(args: string[], out: Output): Promise<number> {
  const { call, server } = readCall(args);
  const access = await connect(server);
  const stopped = new AbortController();
  const stop = () => stopped.abort(new ExportFailed('stopped'));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const bytes = await writeFile(call, (write) => fetchInto(call, access, stopped.signal, write), out);
    out.line(`${call.file}: ${bytes} bytes`);
    return 0;
  } catch (error) {
    const fault = explained(error);
    if (!fault) throw error;
    out.error(`tsumugi export: ${fault}; nothing was written`);
    return 1;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

function readCall(args: string[]): { call: Asked; server: { server?: string; token?: string } } {
  const text = { type: 'string' } as const;
  const options = {
    patient: text,
    format: text,
    out: text,
    language: text,
    server: text,
    token: text,
    force: { type: 'boolean' },
  } as const;
  const {
    patient = '',
    format = '',
    language = 'ja',
    out: file,
    server,
    token,
    force = false,
  } = parseArgs({ args, options }).values;
  if (!Object.hasOwn(exportFormats, format))
    throw new CommandError(`--format takes ${Object.keys(exportFormats).join(', ')}`);
  if (language !== 'ja' && language !== 'en') throw new CommandError('--language takes ja or en');
  const id = patient.replace(/^Patient\//, '');
  if (!/^[A-Za-z0-9\-.]{1,64}$/.test(id)) throw new CommandError('--patient takes the id of a Patient');
  if (!file) throw new CommandError('--out takes the file to write');
  return {
    call: { patient: id, format, language, file, force },
    server: { ...(server !== undefined && { server }), ...(token !== undefined && { token }) },
  };
}

type Write = (chunk: Uint8Array) => Promise<void>;

/**
 * Fills the file, readable by its owner only, and returns its size in bytes. What was begun is removed on failure, and a file
 * that --force replaces stays until the new one is complete.
 */
async function writeFile(call: Asked, fill: (write: Write) => Promise<void>, out: Output): Promise<number> {
  const { file, force, format } = call;
  const target = force ? `${file}.part` : file;
  const handle = await open(target, force ? 'w' : 'wx', 0o600).catch((error) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new CommandError(`${file} exists; --force replaces it`);
  });
  let size = 0;
  try {
    await fill(async (chunk) => {
      await handle.write(chunk);
      size += chunk.length;
    });
    await handle.sync();
    await handle.close();
    if (format === 'archive') {
      const { thumbprint } = await withFile(target, (source) => verifyArchive(source));
      out.line(`signed by the key ${thumbprint}`);
    }
    if (force) await rename(target, file);
    return size;
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(target, { force: true });
    throw error;
  }
}

async function fetchInto(asked: Asked, server: Server, signal: AbortSignal, write: Write): Promise<void> {
  const { patient, format, language } = asked;
  const call: Call = (path, method, body) => callServer(server, { path, method, body, language }, signal);
  for await (const chunk of (await exportFormats[format]?.fetch(call, patient, language)) ?? []) await write(chunk);
}

async function callServer(
  { fhirBase, token }: Server,
  { path, method, body, language }: { path: string; method: string; body: object | undefined; language: string },
  signal: AbortSignal,
): Promise<Response> {
  const response = await fetch(`${fhirBase}/${path}`, {
    ...{ method, redirect: 'error', signal },
    headers: {
      authorization: `Bearer ${token}`,
      accept: '*/*',
      'accept-language': language,
      ...(body && { 'content-type': 'application/fhir+json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (response.ok) return response;
  const outcome = (await response.json().catch(() => undefined)) as { issue?: { diagnostics?: string }[] } | undefined;
  throw new ExportFailed(
    `the server answered ${response.status}${outcome?.issue?.[0]?.diagnostics ? `: ${outcome.issue[0].diagnostics}` : ''}`,
  );
}

/** One sentence for what may go wrong outside; undefined for a bug. */
function explained(error: unknown): string | undefined {
  if (error instanceof ExportFailed) return error.message;
  if (error instanceof ArchiveFault) return `the archive that arrived is not valid (${error.message})`;
  if (!(error instanceof Error)) return undefined;
  if ('syscall' in error && 'code' in error) return `the file cannot be written (${error.code})`;
  // What fetch throws for a connection that failed or broke off.
  return error instanceof TypeError && error.cause instanceof Error ? 'the connection to the server failed' : undefined;
}
