// The oracle of access: who may see and change what, computed by hand from server/decisions/0011-who-may-see-what.md and from
// nothing else, over plain data and without SQL. The page's words stand beside each rule, in the page's order. Where the page is
// silent the comment says what was chosen.
import { kindOf } from './oracle/entry.ts';
import { permits } from './oracle/permissions.ts';
import { hasLetter, type Letter, scopeCovers } from './oracle/scopes.ts';
import { type Caller, type Entry, roleOf, type World } from './oracle/world.ts';
import { addsIdentifier, mayChange, mayPlace } from './oracle/writing.ts';

export type { Caller, Entry, World } from './oracle/world.ts';

/** `r` for read, vread and the history of one entry; `s` for searches and the histories of a type and of everything. */
export type ReadLetter = Extract<Letter, 'r' | 's'>;

/**
 * "A caller with the scope for it reads 1. a directory entry, always; 2. an entry of its own organization (writer), always …;
 * 3. any other entry for which one of its permissions permits it and none denies it; 4. a closed entry only as deployment, or when
 * its organization is the writer." "A deployment token reads whatever its scopes name."
 */
export function mayRead(
  world: World,
  caller: Caller,
  entry: Entry,
  momentMs: number,
  letter: ReadLetter = 'r',
): boolean {
  return scopeCovers(caller, letter, entry.resource) && isOpen(world, caller, entry, momentMs);
}

/** The four rules of reading, the scopes aside. */
function isOpen(world: World, caller: Caller, entry: Entry, momentMs: number): boolean {
  if (roleOf(caller) === 'deployment') return true;
  const kind = kindOf(entry.resource);
  if (kind === 'directory') return true;
  // "AuditEvents of a patient are read by `self` and `guardian` and nobody else": not by whoever wrote one either.
  const isWriter = entry.writer !== undefined && entry.writer === caller.organization;
  if (isWriter && entry.resource.resourceType !== 'AuditEvent') return true;
  return kind === 'record' && permits({ world, caller, entry, momentMs });
}

/** The entries among `candidates` (all that match a search) that the caller's answer has, and its total counts. */
export function searched(world: World, caller: Caller, candidates: Entry[], momentMs: number): Entry[] {
  return candidates.filter((entry) => mayRead(world, caller, entry, momentMs, 's'));
}

/**
 * Status of read, vread, the history of one entry and of what reads one entry of `type`: "the same status … but for the id", and
 * "a token whose scopes do not name the letter and the type at all is told so: 403".
 */
export function readStatus(
  world: World,
  caller: Caller,
  type: string,
  entry: Entry | undefined,
  momentMs: number,
): 200 | 403 | 404 {
  if (!hasLetter(caller, 'r', type)) return 403;
  return entry && mayRead(world, caller, entry, momentMs) ? 200 : 404;
}

/** Status of a search of a type and of a type's history: without any scope for it 403, else what may be read of it. */
export function searchStatus(caller: Caller, type: string): 200 | 403 {
  return hasLetter(caller, 's', type) ? 200 : 403;
}

export type WriteMethod = 'create' | 'update' | 'patch' | 'delete';

/**
 * Whether the write is done. `before` is missing for a create and for an update to a free id, `after` for a delete; it carries
 * the writer and the instant that it would be stored with.
 */
export function mayWrite(
  world: World,
  caller: Caller,
  { method, before, after }: { method: WriteMethod; before?: Entry; after?: Entry },
  momentMs: number,
): boolean {
  return writeStatuses(world, caller, { method, ...(before && { before }), ...(after && { after }) }, momentMs).every(
    (status) => status < 300,
  );
}

/**
 * The statuses that a write may answer: one, but where both a forbidden content and a hidden target call for a refusal. "A write to
 * what the caller may read but not change is 403. To what it may not read: as if it were not there (404; PUT to a free id the
 * same)." Without the letter for the type nothing is looked at: 403.
 */
export function writeStatuses(
  world: World,
  caller: Caller,
  { method, before, after }: { method: WriteMethod; before?: Entry; after?: Entry },
  momentMs: number,
): number[] {
  const letter = ({ create: 'c', update: 'u', patch: 'u', delete: 'd' } as const)[method];
  if (!hasLetter(caller, letter, (before ?? after)?.resource.resourceType ?? '')) return [403];
  const mayBecome = (old: Entry | undefined): boolean =>
    after === undefined ||
    (scopeCovers(caller, letter, after.resource) && mayPlace(world, caller, after, old, momentMs));
  if (method === 'create') return mayBecome(undefined) ? [201] : [403];
  const choosesIds = roleOf(caller) === 'deployment' && caller.patient === undefined;
  if (method === 'update' && !before && choosesIds) return [201];
  if (!before || !scopeCovers(caller, letter, before.resource) || !isOpen(world, caller, before, momentMs))
    return method === 'update' && !mayBecome(undefined) ? [403, 404] : [404];
  if (!mayChange(world, caller, method, before, momentMs)) return [403];
  // The number of another record is refused as a content and not as a right.
  const isFamily = roleOf(caller) === 'family';
  if (isFamily && after && addsIdentifier(before.resource, after.resource)) return [422];
  if (!mayBecome(before)) return [403];
  return [method === 'delete' ? 204 : 200];
}
