// What a granular scope (access/granular-query.ts) lets through, in the terms of the index: a row's marks decide it, and so do
// those of a resource that is about to be written. SMART App Launch 2.2, "Finer-grained resource constraints".

import type { Grant } from '../access/access.ts';
import type { JsonObject } from '../fhir/json.ts';
import { extract } from './extract.ts';
import { parseFilter } from './filter.ts';

type GranularQuery = NonNullable<Grant['query']>;

/**
 * For each parameter the marks of which a row must have one: what a search by it looks for. `base` is the address of this
 * server, for references that are written out. Throws OperationOutcomeError 400 for a parameter that no scope may have.
 */
export function marksOfScope(type: string, query: GranularQuery, base = ''): string[][] {
  return query.map(([name, value]) => {
    const filter = parseFilter(type, name, value, { lenient: false, nowMs: 0, base });
    if (filter.kind !== 'marks' || filter.negated) throw new Error(`${name} is not decided by marks`);
    return filter.marks;
  });
}

/** Is one of every list of `asked` among the marks of an index entry? */
export function hasMarks(marks: readonly string[], asked: readonly (readonly string[])[]): boolean {
  const own = new Set(marks);
  return asked.every((some) => some.some((mark) => own.has(mark)));
}

/** Would a search on `type` with these parameters find this resource? For what is to be written, before and after. */
export function matchesScope(resource: JsonObject, type: string, query: GranularQuery, base = ''): boolean {
  return resource.resourceType === type && hasMarks(extract(resource, []).marks, marksOfScope(type, query, base));
}
