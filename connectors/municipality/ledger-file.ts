// A municipal file from disk in pieces: its digest, and its mapped rows in groups. However long the file is, one piece and one group
// are held.

import { createHash } from 'node:crypto';
import type { LedgerMapper } from '../../mappings/municipality/kinds.ts';
import type { MappedRow } from '../../mappings/municipality/mapped-row.ts';

/** Opens the file from its start, each time it is called. */
export type OpenFile = () => AsyncIterable<Uint8Array>;

/** SHA-256, in hex. */
export async function digestOf(open: OpenFile): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of open()) hash.update(chunk);
  return hash.digest('hex');
}

/** Groups of rows in the order of the file, small enough for one request. Throws UnreadableInput for a header row that cannot be used. */
export async function* groupsOf(open: OpenFile, mapper: LedgerMapper): AsyncGenerator<MappedRow[]> {
  let group: MappedRow[] = [];
  let entries = 0;
  function* add(rows: readonly MappedRow[]): Generator<MappedRow[]> {
    for (const row of rows) {
      if (group.length === MOST_ROWS || (group.length > 0 && entries + row.entries.length > MOST_ENTRIES)) {
        yield group;
        [group, entries] = [[], 0];
      }
      group.push(row);
      entries += row.entries.length;
    }
  }
  for await (const chunk of open()) yield* add(mapper.push(chunk));
  yield* add(mapper.end());
  if (group.length > 0) yield group;
}

const MOST_ROWS = 200;
const MOST_ENTRIES = 1000;
