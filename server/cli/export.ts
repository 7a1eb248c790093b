// `tsumugi export --patient ID --format … --out FILE`: one patient's record from a running server, through its public API.

import { open, rename, rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { writeNotebook } from '../../mappings/jahis/write-notebook.ts';
import { encodeWindows31j } from '../../mappings/windows-31j.ts';
import { isObject, parseJson } from '../fhir/json.ts';
import { ArchiveFault } from '../record/archive-fault.ts';
import { withFile } from '../record/byte-source.ts';
import { verifyArchive } from '../record/verify-archive.ts';
import { type Command, CommandError, type Output } from './command.ts';
import { connect } from './connect.ts';

export const exportCommand: Command = {
  name: 'export',
  summary: "Write one patient's record to a file.",
  usage: `tsumugi export --patient ID --format fhir|archive|jahis --out FILE [--force] [--server URL] [--token TOKEN]

  fhir      the record as one FHIR R4 Bundle in JSON
  archive   a signed ZIP for the family to keep; check it with: tsumugi verify FILE
  jahis     a medication notebook (JAHISTC08, Windows-31J) to hand to a pharmacy

  An existing FILE is kept unless --force is given. Exit code 0 when written, 1 when the server or the disk failed,
  2 for a wrong call.`,
  run,
};

type Call = { patient: string; format: 'fhir' | 'archive' | 'jahis'; file: string; force: boolean };
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

const plannedFormats = ['ips', 'pdf', 'shc'];

function readCall(args: string[]): { call: Call; server: { server?: string; token?: string } } {
  const text = { type: 'string' } as const;
  const options = {
    patient: text,
    format: text,
    out: text,
    server: text,
    token: text,
    force: { type: 'boolean' },
  } as const;
  const { patient = '', format = '', out: file, server, token, force = false } = parseArgs({ args, options }).values;
  if (plannedFormats.includes(format)) throw new CommandError(`--format ${format} is not available yet`);
  if (format !== 'fhir' && format !== 'archive' && format !== 'jahis')
    throw new CommandError('--format takes fhir, archive or jahis');
  const id = patient.replace(/^Patient\//, '');
  if (!/^[A-Za-z0-9\-.]{1,64}$/.test(id)) throw new CommandError('--patient takes the id of a Patient');
  if (!file) throw new CommandError('--out takes the file to write');
  return {
    call: { patient: id, format, file, force },
    server: { ...(server !== undefined && { server }), ...(token !== undefined && { token }) },
  };
}

class ExportFailed extends Error {}

type Write = (chunk: Uint8Array) => Promise<void>;

/**
 * Fills the file, readable by its owner only, and returns its size in bytes. What was begun is removed on failure, and a file
 * that --force replaces stays until the new one is complete.
 */
async function writeFile(call: Call, fill: (write: Write) => Promise<void>, out: Output): Promise<number> {
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

async function fetchInto({ patient, format }: Call, server: Server, signal: AbortSignal, write: Write): Promise<void> {
  const call = (path: string, method: string) => callServer(server, path, method, signal);
  const path = format === 'archive' ? await archivePath(patient, call) : `Patient/${patient}/$everything`;
  const response = await call(path, 'GET');
  if (format === 'jahis') return write(notebookOf(await response.text()));
  for await (const chunk of response.body ?? []) await write(chunk);
}

/** The record as a medication notebook. Throws ExportFailed when the answer is no Bundle. */
function notebookOf(text: string): Uint8Array {
  const bundle = parsed(text);
  if (!isObject(bundle) || !Array.isArray(bundle.entry)) throw new ExportFailed('the server answered no record');
  return encodeWindows31j(
    writeNotebook(bundle.entry)
      .map((line) => `${line}\r\n`)
      .join(''),
  );
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Asks for the archive and polls until it can be fetched. */
async function archivePath(
  patient: string,
  call: (path: string, method: string) => Promise<Response>,
): Promise<string> {
  const asked = await call(`Patient/${patient}/$archive`, 'POST');
  const statusPath = pathOf(asked.headers.get('content-location'));
  for (;;) {
    const status = await call(statusPath, 'GET');
    if (status.status === 200) {
      const { output } = (await status.json()) as { output?: { url?: string }[] };
      return pathOf(output?.[0]?.url);
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs(status)));
  }
}

const retryMs = (response: Response): number =>
  Math.min(60, Math.max(1, Number(response.headers.get('retry-after')) || 1)) * 1000;

/** Of an address that the server gave, only what follows the base is used: the token goes to the server that was named. */
function pathOf(address: string | null | undefined): string {
  const last = /\/(\$[a-z-]+\?id=[\w.-]+)$/.exec(address ?? '')?.[1];
  if (last === undefined) throw new ExportFailed('the server gave no address for the archive');
  return last;
}

async function callServer(
  { fhirBase, token }: Server,
  path: string,
  method: string,
  signal: AbortSignal,
): Promise<Response> {
  const response = await fetch(`${fhirBase}/${path}`, {
    method,
    redirect: 'error',
    signal,
    headers: { authorization: `Bearer ${token}`, accept: '*/*' },
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
