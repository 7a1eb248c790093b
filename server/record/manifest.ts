// manifest.json of an archive: what is in it, of whom, made when and by whom, with the digest of every other file. The text is
// canonical (RFC 8785), so that one content has one text. A later file (PDF, CSV) is one more entry of `files`; a further
// seal over the same bytes (CMS, RFC 3161 time stamp) would be a file beside manifest.jws and raises `version`.

import { isObject, type JsonObject } from '../fhir/json.ts';
import { ArchiveFault } from './archive-fault.ts';
import { canonicalJson } from './canonical-json.ts';

/**
 * A file that the manifest answers for. `size` in bytes; `sha256` in lower-case hexadecimal, as sha256sum prints it. `packed`: the
 * same of its bytes as they stand in the ZIP, of which several may unpack to one content.
 */
export type ListedFile = { path: string; size: number; sha256: string; packed?: { size: number; sha256: string } };

export type Manifest = {
  format: typeof archiveFormat;
  version: typeof archiveVersion;
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
  /** How many resources of each type there are in fhir/bundle.json. */
  resources: Record<string, number>;
  files: ListedFile[];
};

export const archiveFormat = 'tsumugi-archive';
export const archiveVersion = 1;
export const manifestPath = 'manifest.json';
export const signaturePath = 'manifest.jws';
export const keysPath = 'keys.jwks.json';
/** The files that no manifest can list: itself and what is made over it. */
export const sealPaths: ReadonlySet<string> = new Set([manifestPath, signaturePath]);

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
  if (content.version !== archiveVersion)
    throw fault(`it is of format version ${JSON.stringify(content.version)}; this program reads ${archiveVersion}`);
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
  return content as unknown as Manifest;
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
  return (
    isObject(one) &&
    typeof one.path === 'string' &&
    isSafePath(one.path) &&
    isCount(one.size) &&
    typeof one.sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(one.sha256)
  );
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

const isListOf = (value: unknown, is: (one: unknown) => boolean): boolean => Array.isArray(value) && value.every(is);

const fault = (why: string): ArchiveFault => new ArchiveFault(manifestPath, why);
