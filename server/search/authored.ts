// When a resource says that it was recorded, which for what is restricted decides whose it is (decision 11). Pure.

import type { JsonObject } from '../fhir/json.ts';
import { rangeOf, timestamp } from './date.ts';

const recordings = [
  'recordedDate',
  'recorded',
  'dateAsserted',
  'issued',
  'authoredOn',
  'authored',
  'date',
  'sent',
  'created',
];

/** Their main date is a birthday, which says nothing of when they were recorded. */
const undated: ReadonlySet<unknown> = new Set(['Patient', 'Person', 'RelatedPerson']);

/**
 * The latest of its dates of recording, an incomplete one by its last moment, as PostgreSQL reads timestamps; else when it is
 * stored (`updated`), of what has no clinical date; else undefined.
 */
export function authored(resource: JsonObject, updated: string): string | undefined {
  let latest: number | undefined;
  for (const name of recordings) {
    const value = resource[name];
    const range = typeof value === 'string' ? rangeOf(value) : undefined;
    if (range) latest = Math.max(latest ?? range.hi, range.hi);
  }
  if (latest !== undefined) return timestamp(latest);
  return undated.has(resource.resourceType) ? updated : undefined;
}
