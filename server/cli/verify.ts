// `tsumugi verify ARCHIVE`: is it unchanged since it was signed, and by which key? Needs no server and no network.

import { parseArgs } from 'node:util';
import { ArchiveFault } from '../record/archive-fault.ts';
import { withFile } from '../record/byte-source.ts';
import { nameOf } from '../record/certificates.ts';
import type { Proof } from '../record/check-seals.ts';
import type { Manifest } from '../record/manifest.ts';
import { type Verified, verifyArchive } from '../record/verify-archive.ts';
import { type Command, CommandError, type Output } from './command.ts';
import { joined } from './flags.ts';
import { verifyCardCall } from './verify-card.ts';

export const verifyCommand: Command = {
  name: 'verify',
  summary: 'Check an exported archive or a SMART Health Card, offline.',
  usage: `tsumugi verify ARCHIVE [--key THUMBPRINT]
       tsumugi verify CARD [--trust ISSUER=JWKS-FILE]… [--crl FILE]…

  --key    the thumbprint (RFC 7638) of the key that must have signed, as the issuer publishes it
  --trust  an issuer of cards and the file with its keys; CARD is a .smart-health-card file, a text (JWS, shc:/) or a PNG
  --crl    a list of revoked cards

  The last line is VALID, or INVALID with the file at fault. Exit code 0 when valid, 1 when not, 2 for a wrong call.`,
  async run(args, out) {
    const asCard = await verifyCardCall(args, out);
    if (asCard !== undefined) return asCard;
    const { values, positionals } = parseArgs({
      args: joined(args, '--key'),
      allowPositionals: true,
      options: { key: { type: 'string' } },
    });
    const [path, ...more] = positionals;
    if (path === undefined || more.length > 0) throw new CommandError('name one ARCHIVE');
    if (values.key !== undefined && !/^[A-Za-z0-9_-]{43}$/.test(values.key))
      throw new CommandError('--key takes a thumbprint of 43 characters');
    try {
      show(await withFile(path, (source) => verifyArchive(source, values.key)), values.key !== undefined, out);
      out.line('VALID');
      return 0;
    } catch (error) {
      if (error instanceof ArchiveFault) {
        out.line(`INVALID: ${printable(error.message)}`);
        return 1;
      }
      throw unreadable(path, error);
    }
  },
};

function show({ thumbprint, manifest, proof }: Verified, isKeyExpected: boolean, out: Output): void {
  const { software, resources, files, types } = manifest;
  const lines = [
    `record    ${manifest.patient} at ${manifest.issuer}`,
    `made      ${manifest.created} by ${software.name} ${software.version}`,
    `signed    ES256, key ${thumbprint}`,
    isKeyExpected
      ? '          This is the key you named.'
      : '          Whose key this is, only its issuer can tell: compare it with the thumbprint ("kid") that the',
    ...(isKeyExpected ? [] : ['          issuer publishes at /.well-known/jwks.json, or give that one with --key.']),
    ...(proof ? proofLines(manifest, proof) : ['          Format version 1: no CMS signature and no time stamp.']),
    `contents  ${countsOf(resources)}`,
    ...(types
      ? [`          Not the whole record: whoever exported it could read these types only: ${types.join(', ')}`]
      : []),
    'files',
    ...files.map(({ path, size, sha256 }) => `  ${path.padEnd(20)} ${size} bytes, SHA-256 ${sha256}`),
  ];
  for (const line of lines) out.line(printable(line));
}

function proofLines(manifest: Manifest, { stamp, signer, root }: Proof): string[] {
  const { clock, authority } = manifest.version === 1 ? { clock: 'issuer' } : manifest.timestamp;
  const isForeign = clock === 'authority';
  const whose = isForeign
    ? `          by the time stamp authority ${authority}, certificate ${nameOf(stamp.certificate)},`
    : '          by the clock of the issuer itself: no other party vouches for this time.';
  return [
    `certified CMS, ${nameOf(signer)}, issued by ${nameOf(root)}`,
    `          SHA-256 of that root ${root.fingerprint256}`,
    '          The issuer publishes it at /.well-known/archive-root.pem.',
    `stamped   ${new Date(stamp.atMs).toISOString()}`,
    whose,
    ...(isForeign ? [`          which leads to ${nameOf(stamp.anchor)}, SHA-256 ${stamp.anchor.fingerprint256}`] : []),
    ...(!isForeign && authority !== undefined
      ? [`          The authority ${authority} was asked and did not answer.`]
      : []),
  ];
}

function countsOf(resources: Record<string, number>): string {
  const counts = Object.entries(resources).map(([type, count]) => `${type} ${count}`);
  return counts.length === 0 ? 'nothing' : counts.join(', ');
}

/** What a stranger's file says must not steer the terminal. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?');

function unreadable(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^E[A-Z]+$/.test(code) ? new CommandError(`${path}: cannot be read (${code})`) : error;
}
