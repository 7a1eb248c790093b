// `tsumugi verify CARD --trust ISSUER=JWKS`: is a SMART Health Card what its issuer signed, and does it hold? Needs no server and no network:
// keys and lists of revoked cards are files, as the issuer publishes them.

import { open, readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { isPng, readPng } from '../../connectors/jahis/png.ts';
import { readQrCodes } from '../../connectors/jahis/qr-codes.ts';
import { UnreadableInput } from '../../mappings/record.ts';
import { isObject } from '../fhir/json.ts';
import { type CardFault, UnreadableCard } from '../health-cards/card-fault.ts';
import { cardsInText } from '../health-cards/card-text.ts';
import { type ReadCard, readCard } from '../health-cards/read-card.ts';
import type { TrustedIssuer } from '../health-cards/trust.ts';
import { fhirFaults } from '../health-cards/verify.ts';
import { CommandError, type Output } from './command.ts';

export type CardCheck = {
  /** A `.smart-health-card` file, a text with a JWS or with what a scanner read, or a picture (PNG) of QR codes. */
  path: string;
  /** `ISSUER=FILE`, the JWK set of each issuer that is trusted. */
  trust: readonly string[];
  /** Files with lists of revoked cards (`/.well-known/crl/[kid].json`). */
  crls: readonly string[];
  nowMs: number;
};

/**
 * `verify` for a card: the exit code, or undefined where the call is not about a card. Throws CommandError for a wrong call.
 */
export async function verifyCardCall(
  args: readonly string[],
  out: Output,
  nowMs = Date.now(),
): Promise<number | undefined> {
  const several = { type: 'string', multiple: true } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    strict: false,
    options: { trust: several, crl: several },
  });
  const { trust = [], crl: crls = [], ...others } = values;
  const [path, ...more] = positionals;
  if (path === undefined || (trust.length === 0 && !(await isCard(path)))) return undefined;
  const [other] = Object.keys(others);
  if (more.length > 0 || other !== undefined || ![...trust, ...crls].every((one) => typeof one === 'string'))
    throw new CommandError('a card is verified with: CARD [--trust ISSUER=FILE]… [--crl FILE]…');
  return verifyCard({ path, trust: trust.map(String), crls: crls.map(String), nowMs }, out);
}

async function isCard(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
      return looksLikeCard(path, buffer.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  } catch {
    // What cannot be opened is told of by whoever is asked for it then.
    return false;
  }
}

/** Whether a file is a card rather than an archive. */
export const looksLikeCard = (path: string, start: Buffer): boolean =>
  path.endsWith('.smart-health-card') || isPng(start) || /^\s*(?:\{|shc:\/|eyJ)/.test(start.toString('latin1'));

/** Prints what is on each card and what is wrong with it; the exit code: 0 when all are valid, 1 when not. Throws CommandError. */
export async function verifyCard({ path, trust, crls, nowMs }: CardCheck, out: Output): Promise<number> {
  const trusted = await issuersIn(trust, crls);
  const bytes = await fileAt(path);
  let faults = 0;
  try {
    const cards = cardsInText(textOf(bytes));
    for (const [n, { jws, isFromQr, ...found }] of cards.entries()) {
      const read = readCard(jws, { trusted, atSeconds: Math.floor(nowMs / 1000), validate: fhirFaults });
      const told = [...found.faults, ...read.faults, ...(isFromQr ? read.qrFaults : [])];
      if (cards.length > 1) out.line(`card ${n + 1}`);
      show(read, told, [...found.warnings, ...read.warnings], out);
      faults += told.length;
    }
  } catch (error) {
    if (!(error instanceof UnreadableCard)) throw error;
    out.line(`INVALID: ${error.fault.code}: ${error.fault.why}`);
    return 1;
  }
  out.line(faults === 0 ? 'VALID' : 'INVALID');
  return faults === 0 ? 0 : 1;
}

const mostBytes = 16 * 1024 * 1024;

async function fileAt(path: string): Promise<Buffer> {
  try {
    const bytes = await readFile(path);
    if (bytes.length > mostBytes) throw new CommandError(`${path}: it is too large`);
    return bytes;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    throw code === undefined ? error : new CommandError(`${path}: cannot be read (${code})`);
  }
}

function textOf(bytes: Buffer): string {
  if (!isPng(bytes)) return bytes.toString('utf8');
  try {
    const codes = readQrCodes(readPng(bytes)).map((code) => Buffer.from(code.bytes).toString('latin1'));
    return codes.join('\n');
  } catch (error) {
    if (error instanceof UnreadableInput) throw new UnreadableCard('form', 'no QR code could be read in the picture');
    throw error;
  }
}

async function issuersIn(trust: readonly string[], crlFiles: readonly string[]): Promise<TrustedIssuer[]> {
  const crls = await Promise.all(crlFiles.map(jsonAt));
  return Promise.all(
    trust.map(async (one) => {
      const [, iss, file] = /^(https?:\/\/[^=]+)=(.+)$/s.exec(one) ?? [];
      if (iss === undefined || file === undefined)
        throw new CommandError('--trust takes ISSUER=FILE: the address in the cards, and the JWK set it publishes');
      const set = await jsonAt(file);
      if (!isObject(set) || !Array.isArray(set.keys)) throw new CommandError(`${file}: it is no JWK set`);
      return { iss, keys: set.keys, crls };
    }),
  );
}

async function jsonAt(path: string): Promise<unknown> {
  const bytes = await fileAt(path);
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new CommandError(`${path}: it is not JSON`);
  }
}

function show(
  { payload }: ReadCard,
  faults: readonly CardFault[],
  warnings: readonly CardFault[],
  { line }: Output,
): void {
  for (const { code, why } of faults) line(printable(`  fault    ${code}: ${why}`));
  for (const { code, why } of warnings) line(printable(`  warning  ${code}: ${why}`));
  // What nobody vouches for is not shown: it would be taken for the card's.
  if (faults.length > 0 || payload === undefined) return;
  line(printable(`  issuer   ${String(payload.iss)}`));
  line(`  since    ${new Date(Number(payload.nbf) * 1000).toISOString()}`);
  for (const text of contentOf(payload)) line(printable(`  ${text}`));
}

type Entry = { resource?: { resourceType?: string; [member: string]: unknown } };

function contentOf({ vc }: NonNullable<ReadCard['payload']>): string[] {
  const { entry = [] } = (vc as { credentialSubject: { fhirBundle: { entry?: Entry[] } } }).credentialSubject
    .fhirBundle;
  return entry.flatMap(({ resource }) => {
    if (resource === undefined) return [];
    const { resourceType, name, birthDate, vaccineCode, occurrenceDateTime, lotNumber } = resource;
    if (resourceType === 'Patient') return [`person   ${namesIn(name).join(' / ')} ${String(birthDate ?? '')}`];
    if (resourceType !== 'Immunization') return [`also     ${resourceType}`];
    const { coding = [] } = (vaccineCode ?? {}) as { coding?: { system?: string; code?: string }[] };
    const codes = coding.map(({ system, code }) => `${system}|${code}`).join(', ');
    return [
      `dose     ${String(occurrenceDateTime ?? '')} ${codes} ${lotNumber === undefined ? '' : `lot ${String(lotNumber)}`}`,
    ];
  });
}

const namesIn = (names: unknown): string[] =>
  (Array.isArray(names) ? names : [])
    .filter(isObject)
    .map(({ family, given, text }) =>
      [family, ...(Array.isArray(given) ? given : []), ...(family === undefined && given === undefined ? [text] : [])]
        .filter((one) => one !== undefined)
        .join(' '),
    );

/** What a stranger's file says must not steer the terminal. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?');
