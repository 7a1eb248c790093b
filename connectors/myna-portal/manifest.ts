// manifest.json of a phr-import/1 export: which files it has, of which kind, and when it was made.

import { tryDecode } from '../../mappings/charset.ts';
import { isoTime } from '../../mappings/myna/form.ts';
import { isObject, type JsonObject } from '../../server/fhir/json.ts';

export type ManifestFile = { path: string; kind: string; sha256: string };

export type Manifest = {
  files: ManifestFile[];
  /** FHIR dateTime; undefined when the manifest does not say. */
  exportedAt: string | undefined;
  /** The person agreed expressly to sensitive items, and still does when the export was made. */
  takesSensitive: boolean;
};

const MAX_FILES = 200;

/** The manifest; undefined when the bytes are something else, such as a payload. */
export function readManifest(bytes: Uint8Array | undefined): Manifest | undefined {
  const content = bytes && parsed(tryDecode(bytes, 'utf-8') ?? '');
  if (!isObject(content) || !Array.isArray(content.files) || content.format !== 'phr-import/1') return undefined;
  const files = content.files
    .filter(isObject)
    .slice(0, MAX_FILES)
    .map((file) => ({ path: text(file, 'path'), kind: text(file, 'kind'), sha256: text(file, 'sha256') }));
  const exportedAt = isoTime(text(content, 'exportedAt'));
  return { files, exportedAt, takesSensitive: takesSensitive(content.consent, exportedAt) };
}

function takesSensitive(consent: unknown, exportedAt: string | undefined): boolean {
  if (!isObject(consent) || !Array.isArray(consent.scope) || !consent.scope.includes('sensitive')) return false;
  const until = isoTime(text(consent, 'expiresAt'));
  return until === undefined || exportedAt === undefined || Date.parse(exportedAt) <= Date.parse(until);
}

const text = (object: JsonObject, name: string): string => (typeof object[name] === 'string' ? object[name] : '');

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
