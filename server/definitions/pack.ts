// A pack of definitions: one file of texts, each deflated by itself, and beside it an index that says where each stands. Opening
// one reads the index alone; a definition is inflated and parsed when it is first asked for.

import { readFileSync } from 'node:fs';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { JsonObject } from '../fhir/json.ts';
import { type Definitions, urlOf, versionOf } from './definitions.ts';

/** Resource type, url, version, place of its first byte, bytes. */
type Entry = readonly [type: string, url: string, version: string, start: number, length: number];

/** Reads `[file].json` and `[file].bin`. Throws where they are missing. */
export function openPack(file: URL): Definitions {
  const entries: Entry[] = JSON.parse(readFileSync(new URL(`${file.href}.json`), 'utf8'));
  const bytes = readFileSync(new URL(`${file.href}.bin`));
  return deflatedDefinitions(
    entries.map(([type, url, version, start, length]) => {
      return { type, url, version, bytes: bytes.subarray(start, start + length) };
    }),
  );
}

/** A definition whose text is inflated and parsed when it is first asked for. */
export type Deflated = { type: string; url: string; version: string; bytes: Buffer };

/** Of several versions of a url the newest has to come last; of the same version the last counts. */
export function deflatedDefinitions(entries: readonly Deflated[]): Definitions {
  const byType = new Map<string, Map<string, Deflated[]>>();
  for (const entry of entries) {
    const { type, url } = entry;
    const byUrl = byType.get(type) ?? new Map<string, Deflated[]>();
    byType.set(type, byUrl.set(url, [...(byUrl.get(url) ?? []), entry]));
  }
  const parsed = new Map<Buffer, JsonObject>();
  return {
    find(type, canonical) {
      const versions = byType.get(type)?.get(urlOf(canonical));
      if (versions === undefined) return undefined;
      const asked = versionOf(canonical);
      const { bytes } = versions.findLast(({ version }) => version === asked) ?? (versions.at(-1) as Deflated);
      const known = parsed.get(bytes);
      if (known) return known;
      const found = JSON.parse(inflateRawSync(bytes).toString('utf8')) as JsonObject;
      parsed.set(bytes, found);
      return found;
    },
    urls: (type) => new Set(entries.filter((one) => one.type === type).map(({ url }) => url)),
  };
}

/** The two files of a pack, always the same for the same resources. Of several versions of a url the newest has to come last. */
export function packOf(resources: readonly JsonObject[]): { index: string; bytes: Buffer } {
  const entries: Entry[] = [];
  const texts: Buffer[] = [];
  let start = 0;
  for (const resource of resources) {
    const text = deflateRawSync(JSON.stringify(resource), { level: 9 });
    entries.push([
      String(resource.resourceType),
      String(resource.url),
      String(resource.version ?? ''),
      start,
      text.length,
    ]);
    texts.push(text);
    start += text.length;
  }
  return { index: `[\n${entries.map((entry) => JSON.stringify(entry)).join(',\n')}\n]\n`, bytes: Buffer.concat(texts) };
}
