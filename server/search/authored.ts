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

/** The latest of its dates of recording, an incomplete one by its last moment, as PostgreSQL reads timestamps. */
export function authored(resource: JsonObject): string | undefined {
  let latest: number | undefined;
  for (const name of recordings) {
    const value = resource[name];
    const range = typeof value === 'string' ? rangeOf(value) : undefined;
    if (range) latest = Math.max(latest ?? range.hi, range.hi);
  }
  return latest === undefined ? undefined : timestamp(latest);
}
