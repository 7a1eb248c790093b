// `tsumugi import ARCHIVE.zip`: the record of an archive into a server, after everything in it has been verified, by a key that
// the server publishes itself or that is named.

import { parseArgs } from 'node:util';
import { ArchiveFault } from '../record/archive-fault.ts';
import { withFile } from '../record/byte-source.ts';
import { archivedResources } from '../record/read-archive.ts';
import { verifyArchive } from '../record/verify-archive.ts';
import type { ByteSource } from '../record/zip-reader.ts';
import { CommandError, type Output } from './command.ts';
import { connect } from './connect.ts';
import { joined } from './flags.ts';
import type { ImportFormat } from './import-call.ts';
import { RestoreFailed, restoreRecord, type Server } from './restore-record.ts';

export const archiveFormat: ImportFormat = {
  usage: `archive   a family's archive (what --format is without a word about it where the file ends with .zip): resources keep their
            ids, and their history where it came along; [--key THUMBPRINT | --trust] for one that another server signed`,
  read(args) {
    const call = readCall(args);
    return (out) => importArchive(call, out);
  },
};

type Call = { path: string; key: string | undefined; trust: boolean; server?: string; token?: string };

function readCall(args: string[]): Call {
  const text = { type: 'string' } as const;
  const options = {
    format: text,
    server: text,
    token: text,
    key: text,
    trust: { type: 'boolean', default: false },
  } as const;
  const { values, positionals } = parseArgs({ args: joined(args, '--key'), allowPositionals: true, options });
  const { key, trust, server, token } = values;
  const [path, ...more] = positionals;
  if (!path || more.length > 0) throw new CommandError('name one ARCHIVE');
  if (key !== undefined && !/^[A-Za-z0-9_-]{43}$/.test(key))
    throw new CommandError('--key takes a thumbprint of 43 characters');
  if (key !== undefined && trust) throw new CommandError('give --key or --trust, not both');
  return { path, key, trust, ...(server !== undefined && { server }), ...(token !== undefined && { token }) };
}

async function importArchive(call: Call, out: Output): Promise<number> {
  try {
    return await withFile(call.path, async (source) => {
      await checkSigner(call, source);
      return restore(await connect(call), source, out);
    });
  } catch (error) {
    if (error instanceof ArchiveFault) out.error(`${call.path}: INVALID: ${error.message}; nothing was imported`);
    else if (error instanceof RestoreFailed) out.error(`${error.message}; import again to go on`);
    else if (error instanceof Error && 'syscall' in error && 'code' in error) {
      out.error(`${call.path}: cannot be read (${error.code})`);
      return 2;
    } else throw error;
    return 1;
  }
}

/** Throws ArchiveFault for an archive that is not valid, CommandError for a key that nobody has vouched for. */
async function checkSigner(call: Call, source: ByteSource): Promise<void> {
  const { thumbprint } = await verifyArchive(source, call.key);
  if (call.key !== undefined || call.trust) return;
  const { fhirBase } = await connect(call);
  if ((await publishedBy(fhirBase)).includes(thumbprint)) return;
  throw new CommandError(
    `it was signed by the key ${thumbprint}, which this server does not publish; compare it with what the issuer publishes and name it: --key ${thumbprint}`,
  );
}

/** The thumbprints that the server publishes. */
async function publishedBy(fhirBase: string): Promise<string[]> {
  const response = await fetch(`${fhirBase.replace(/\/fhir$/, '')}/.well-known/jwks.json`).catch(() => undefined);
  const { keys = [] } = ((await response?.json().catch(() => undefined)) ?? {}) as { keys?: { kid?: unknown }[] };
  return keys.map(({ kid }) => String(kid));
}

const mostTold = 20;

async function restore(server: Server, source: ByteSource, out: Output): Promise<number> {
  let told = 0;
  const restored = await restoreRecord(server, archivedResources(source), (name, why) => {
    if (++told <= mostTold) out.error(`${name}: ${why}`);
  });
  if (told > mostTold) out.error(`… and ${told - mostTold} more`);
  const { stored, unchanged, refused } = restored;
  out.line(`${stored} stored, ${unchanged} unchanged, ${refused} refused`);
  return refused > 0 ? 1 : 0;
}
