// The implementation guide as it stands in profiles/: definitions of ours, and examples of what keeps to them. Read once; the
// CapabilityStatement, the pages at /docs and the package are made from the same files.

import { readdirSync, readFileSync } from 'node:fs';
import type { JsonObject } from '../fhir/json.ts';

/** A resource of the guide; `text` is the file as it stands. */
export type GuideEntry = { type: string; id: string; resource: JsonObject; text: string };
/** `definitions` have a canonical url. Both are in the order of their folders and names. */
export type Guide = { definitions: readonly GuideEntry[]; examples: readonly GuideEntry[] };

const FOLDER = new URL('../../profiles/', import.meta.url);
const EXAMPLES = 'examples';

export function guide(): Guide {
  read ??= readGuide();
  return read;
}

let read: Guide | undefined;

/** Resource type -> the canonicals of our profiles for it, which `CapabilityStatement.rest.resource.supportedProfile` names. */
export function supportedProfiles(): ReadonlyMap<string, readonly string[]> {
  const byType = Map.groupBy(guide().definitions.filter(isProfile), ({ resource }) => String(resource.type));
  return new Map([...byType].map(([type, entries]) => [type, entries.map(({ resource }) => String(resource.url))]));
}

/** Of a resource type: an extension is a StructureDefinition too, but no profile that a resource can claim. */
export const isProfile = ({ type, resource }: GuideEntry): boolean =>
  type === 'StructureDefinition' && resource.kind === 'resource';

function readGuide(): Guide {
  const folders = readdirSync(FOLDER, { withFileTypes: true })
    .filter((one) => one.isDirectory())
    .map(({ name }) => name)
    .sort();
  const definitions = folders.filter((name) => name !== EXAMPLES).flatMap(entriesIn);
  return { definitions, examples: folders.includes(EXAMPLES) ? entriesIn(EXAMPLES) : [] };
}

function entriesIn(folder: string): GuideEntry[] {
  const place = new URL(`${folder}/`, FOLDER);
  return readdirSync(place)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => {
      const text = readFileSync(new URL(file, place), 'utf8');
      const resource = JSON.parse(text) as JsonObject;
      return { type: String(resource.resourceType), id: String(resource.id), resource, text };
    });
}
