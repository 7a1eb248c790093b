// The manifest of a SMART Health Link, as it comes from a server that may be anybody's. HL7 SMART Health Cards and Links STU 1,
// "SMART Health Link Manifest". Runs in this server and in the viewer page.

import { isRecord } from './base64url.ts';
import { fileTypes } from './file.ts';
import { faultOfUrl } from './link.ts';

export type ManifestFile = {
  contentType: string;
  /** The JWE itself, or where it is to be fetched. */
  embedded?: string;
  location?: string;
  lastUpdated?: string;
};

export type ReadManifest =
  | { outcome: 'accept'; files: ManifestFile[]; status: string | undefined }
  | { outcome: 'reject'; why: string };

const statuses = ['finalized', 'can-change', 'no-longer-valid'];
const mostFiles = 1_000;

/** Files of types that are not known are left out. */
export function readManifest(value: unknown, ownOrigin?: string): ReadManifest {
  if (!isRecord(value) || !Array.isArray(value.files) || value.files.length > mostFiles)
    return { outcome: 'reject', why: 'It has no list of files' };
  const { status } = value;
  if (status !== undefined && !statuses.includes(String(status)))
    return { outcome: 'reject', why: `Its status is none of ${statuses.join(', ')}` };
  const files: ManifestFile[] = [];
  for (const one of value.files) {
    const file = readManifestFile(one, ownOrigin);
    if (typeof file === 'string') return { outcome: 'reject', why: file };
    if (fileTypes.includes(file.contentType)) files.push(file);
  }
  return { outcome: 'accept', files, status: status === undefined ? undefined : String(status) };
}

/** One file of a manifest; a sentence where it is none. */
export function readManifestFile(value: unknown, ownOrigin?: string): ManifestFile | string {
  if (!isRecord(value) || typeof value.contentType !== 'string') return 'A file does not say what it is (contentType)';
  const { contentType, embedded, location, lastUpdated } = value;
  const isEmbedded = typeof embedded === 'string';
  if (isEmbedded === (typeof location === 'string')) return 'A file is either embedded or has a location';
  const fault = isEmbedded ? undefined : faultOfUrl(String(location), ownOrigin);
  if (fault !== undefined) return `The location of a file ${fault}`;
  return {
    contentType,
    ...(isEmbedded ? { embedded } : { location: String(location) }),
    ...(typeof lastUpdated === 'string' && { lastUpdated }),
  };
}
