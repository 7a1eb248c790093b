// The record in an archive, to be stored again: each resource with the versions it had. The archive has been verified.

import { isObject, type JsonObject, parseJson } from '../fhir/json.ts';
import { linesOf } from './file-lines.ts';
import { type ByteSource, contentOf, readEntries, type ZipEntry } from './zip-reader.ts';

export type ArchivedVersion = {
  version: number;
  /** As it was stored; undefined for a delete. */
  resource: JsonObject | undefined;
};

export type ArchivedResource = {
  type: string;
  id: string;
  /** Oldest first. From the first one on without a gap, or else the last one alone. */
  versions: ArchivedVersion[];
};

const historyPath = 'fhir/history.ndjson';
const typePath = /^fhir\/([A-Z][A-Za-z]+)\.ndjson$/;

/**
 * What is deleted comes last. AuditEvents that a server noted itself are left out: they are what that server says. Throws
 * ArchiveFault, and SyntaxError for a line that is no JSON.
 */
export async function* archivedResources(source: ByteSource): AsyncGenerator<ArchivedResource> {
  const entries = await readEntries(source);
  const history = entries.find(({ path }) => path === historyPath);
  const older = history ? await olderVersions(source, history) : new Map<string, ArchivedVersion[]>();
  for (const entry of entries) {
    const type = typePath.exec(entry.path)?.[1];
    if (type === undefined) continue;
    for await (const resource of objectsIn(source, entry)) {
      const id = String(resource.id);
      if (type === 'AuditEvent' && id.startsWith('audit-')) continue;
      const before = older.get(`${type}/${id}`) ?? [];
      older.delete(`${type}/${id}`);
      const last = { version: versionOf(resource), resource };
      yield { type, id, versions: isWhole([...before, last]) ? [...before, last] : [last] };
    }
  }
  for (const [name, versions] of older) {
    const [type = '', id = ''] = name.split('/');
    if (isWhole(versions) && versions.at(-1)?.resource === undefined) yield { type, id, versions };
  }
}

/** By `Type/id`, oldest first. All of them are in memory: there are few of them, beside what is current. */
async function olderVersions(source: ByteSource, entry: ZipEntry): Promise<Map<string, ArchivedVersion[]>> {
  const found = new Map<string, ArchivedVersion[]>();
  for await (const { fullUrl, resource, response } of objectsIn(source, entry)) {
    const name = String(fullUrl).split('/').slice(-2).join('/');
    const etag = isObject(response) ? String(response.etag) : '';
    const version = Number(/^W\/"(\d+)"$/.exec(etag)?.[1]);
    const versions = found.get(name) ?? [];
    versions.push({ version, resource: isObject(resource) ? resource : undefined });
    found.set(name, versions);
  }
  for (const versions of found.values()) versions.sort((one, other) => one.version - other.version);
  return found;
}

async function* objectsIn(source: ByteSource, entry: ZipEntry): AsyncGenerator<JsonObject> {
  for await (const lines of linesOf(contentOf(source, entry))) {
    for (const line of lines) {
      const one = parseJson(line);
      if (isObject(one)) yield one;
    }
  }
}

const versionOf = ({ meta }: JsonObject): number => Number(isObject(meta) ? meta.versionId : Number.NaN);
const isWhole = (versions: readonly ArchivedVersion[]): boolean =>
  versions.every(({ version }, n) => version === n + 1);
