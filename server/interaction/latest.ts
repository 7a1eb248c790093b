// What a resource is for a caller who names it: what is there now, or that it was deleted.

import type { Reach } from '../access/access.ts';
import { type JsonObject, parseJson } from '../fhir/json.ts';
import { gone, notFound } from '../fhir/outcome.ts';
import type { StoredVersion } from '../store/read.ts';
import type { Fhir } from './request.ts';

/** What is there, or the tombstone of a delete. What became another patient's is no longer told of, as in a read. */
export async function latest(
  reader: Fhir['reader'],
  type: string,
  id: string,
  reach: Reach,
): Promise<StoredVersion | undefined> {
  const found = await reader.current(type, id, reach);
  if (found) return found;
  const last = await reader.last(type, id, reach);
  return last?.method === 'D' ? last : undefined;
}

/** Throws 404 where there is nothing that the caller may see, 410 where it has been deleted. */
export function contentOf(found: StoredVersion | undefined, reference: string): JsonObject {
  if (!found) throw notFound(reference);
  if (found.content === undefined) throw gone(reference);
  return parseJson(found.content) as JsonObject;
}
