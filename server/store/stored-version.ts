// A version as it stands in the tables, and how far a caller sees, as the statements take it.

import { directoryTypes, type Reach } from '../access/access.ts';
import { membership } from '../search/extract.ts';
import { mark } from '../search/hash.ts';
import { keyOf } from '../search/keys.ts';
import { instant } from './pool.ts';

/** A version as it is stored; `content` is missing in the tombstone of a delete. */
export type StoredVersion = {
  key: string;
  owner: string;
  bucket: number;
  version: number;
  /** ISO 8601, milliseconds, UTC. */
  updated: string;
  method: 'C' | 'U' | 'D';
  content: string | undefined;
};

/** A version as a statement gives it. `method` is absent where only current versions are read. */
export type VersionRow = {
  key: string;
  owner: string;
  bucket: number;
  version: number;
  updated: string;
  method?: string;
  content: string | null;
};

export function storedVersion({ key, owner, bucket, version, updated, method, content }: VersionRow): StoredVersion {
  const kind = method ?? (version === 1 ? 'C' : 'U');
  return {
    key,
    owner,
    bucket,
    version,
    updated: instant(updated),
    method: kind as StoredVersion['method'],
    content: content ?? undefined,
  };
}

/** The owner whose versions may be seen (null: everyone's), the mark of what is shared with them, and whether nobody's may. */
export function limits(type: string, reach: Reach): [string | null, string, boolean] {
  if (reach.kind === 'none') return ['ffffffff-ffff-ffff-ffff-ffffffffffff', '0', false];
  // What narrows it further is a condition of its own (search/narrow.ts).
  if (reach.kind !== 'patient') return [null, '0', false];
  return [keyOf('Patient', reach.patient), mark(membership(reach.patient)), directoryTypes.has(type)];
}
