// manifest.json of an archive: what is in it, of whom, made when and by whom, with the digest of every other file. The text is
// canonical (RFC 8785), so that one content has one text. A later file (PDF, CSV) is one more entry of `files`. What is made
// over its bytes, the seals, stands beside it (seal.ts). Version 1 had one seal, manifest.jws, and knew no packed bytes.

import { isObject, type JsonObject } from '../fhir/json.ts';
import { ArchiveFault } from './archive-fault.ts';
import { canonicalJson } from './canonical-json.ts';
import { merkleRoot } from './merkle-root.ts';

/** A size in bytes and a SHA-256 in lower-case hexadecimal, as sha256sum prints it. */
export type Digest = { size: number; sha256: string };

/** A file that the manifest answers for; `packed` (from version 2) for its bytes as they stand in the ZIP. */
export type ListedFile = { path: string; packed?: Digest } & Digest;

/** What the maker of an archive says of it. */
export type Described = {
  /** `Patient/ID` at the issuer. */
  patient: string;
  /** The FHIR base of the server that made it. */
  issuer: string;
  software: { name: string; version: string };
  /** ISO 8601, UTC. */
  created: string;
  language: string;
  /** False when whoever asked may not read every type; `types` then names those that were asked for. */
  complete: boolean;
  types?: string[];
  /** How many resources of each type there are in the record's files. */
  resources: Record<string, number>;
};

/** Whose clock is in manifest.tsr. With `issuer`, `authority` is the one that was asked and did not answer. */
export type Clock = { clock: 'issuer' | 'authority'; authority?: string };

export type Manifest = Described & { format: typeof archiveFormat; files: ListedFile[] } & (
    | { version: 1 }
    | { version: 2; merkleRoot: string; timestamp: Clock }
  );

export const archiveFormat = 'tsumugi-archive';
export const manifestPath = 'manifest.json';
export const signaturePath = 'manifest.jws';
export const cmsPath = 'manifest.p7s';
export const timeStampPath = 'manifest.tsr';
export const verifyPath = 'VERIFY.txt';
export const keysPath = 'keys.jwks.json';
/** The authority of the deployment, the certificate that signed, and where the stamp of another authority leads. */
export const certificatePaths = {
  root: 'certificates/root.pem',
  signing: 'certificates/signing.pem',
  timeStamp: 'certificates/timestamp-root.pem',
} as const;

/** The seals beside manifest.jws, which names the digest of each. */
export const furtherSeals = [cmsPath, timeStampPath, verifyPath] as const;
/** The files that no manifest can list: itself and what is made over it. */
export const sealPaths: Record<Manifest['version'], ReadonlySet<string>> = {
  1: new Set([manifestPath, signaturePath]),
  2: new Set([manifestPath, signaturePath, ...furtherSeals]),
};

/**
 * Paths that mean the same on every system: ASCII, relative, no part that begins with a dot, at most 200 characters.
 */
export function isSafePath(path: string): boolean {
  return path.length <= 200 && /^[A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/.test(path);
}

/** The canonical text, whose bytes are signed. */
export const manifestText = (manifest: Manifest): string => canonicalJson(manifest);

/** Reads manifest.json. Throws ArchiveFault for anything but the canonical text of a manifest of a known version. */
export function readManifest(bytes: Uint8Array): Manifest {
  const content = parsed(bytes);
  if (content.format !== archiveFormat) throw fault(`"format" is not ${archiveFormat}`);
  const { version } = content;
  if (version !== 1 && version !== 2)
    throw fault(`it is of format version ${JSON.stringify(version)}; this program reads 1 and 2`);
  const { software, resources, files } = content;
  for (const name of ['patient', 'issuer', 'created', 'language']) {
    if (typeof content[name] !== 'string') throw fault(`"${name}" is missing`);
  }
  if (typeof content.complete !== 'boolean') throw fault('"complete" is missing');
  if (!isObject(software) || typeof software.name !== 'string' || typeof software.version !== 'string')
    throw fault('"software" is missing');
  if (content.types !== undefined && !isListOf(content.types, (one) => typeof one === 'string'))
    throw fault('"types" is not a list of names');
  if (!isObject(resources) || !Object.values(resources).every(isCount))
    throw fault('"resources" is not a list of counts');
  if (!isListOf(files, isListedFile)) throw fault('"files" is not a list of path, size and sha256');
  const manifest = content as unknown as Manifest;
  if (manifest.version === 1) return manifest;
  if (!manifest.files.every(({ packed }) => isDigest(packed))) throw fault('"packed" is missing from a file');
  if (manifest.merkleRoot !== merkleRoot(manifest.files)) throw fault('"merkleRoot" is not that of its files');
  if (!isClock(manifest.timestamp)) throw fault('"timestamp" does not say whose clock it is');
  return manifest;
}

function parsed(bytes: Uint8Array): JsonObject {
  let text: string;
  let content: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    content = JSON.parse(text);
  } catch {
    throw fault('it is not JSON in UTF-8');
  }
  if (!isObject(content)) throw fault('it is not a JSON object');
  if (canonicalJson(content) !== text) throw fault('it is not in canonical form (RFC 8785)');
  return content;
}

function isListedFile(one: unknown): boolean {
  return isObject(one) && typeof one.path === 'string' && isSafePath(one.path) && isDigest(one);
}

function isDigest(one: unknown): boolean {
  return isObject(one) && isCount(one.size) && typeof one.sha256 === 'string' && /^[0-9a-f]{64}$/.test(one.sha256);
}

function isClock(one: unknown): boolean {
  if (!isObject(one)) return false;
  const isNamed = typeof one.authority === 'string';
  return one.clock === 'authority' ? isNamed : one.clock === 'issuer' && (isNamed || one.authority === undefined);
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

const isListOf = (value: unknown, is: (one: unknown) => boolean): boolean => Array.isArray(value) && value.every(is);

const fault = (why: string): ArchiveFault => new ArchiveFault(manifestPath, why);
