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

/** Groups of up to `size` rows, in the order of the file. Throws UnreadableInput for a header row that cannot be used. */
export async function* groupsOf(open: OpenFile, mapper: LedgerMapper, size = 200): AsyncGenerator<MappedRow[]> {
  let held: MappedRow[] = [];
  for await (const chunk of open()) {
    held.push(...mapper.push(chunk));
    for (; held.length >= size; held = held.slice(size)) yield held.slice(0, size);
  }
  held.push(...mapper.end());
  for (; held.length > 0; held = held.slice(size)) yield held.slice(0, size);
}
