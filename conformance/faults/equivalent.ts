// Faults that change no answer, and so cannot be found: they are listed by hand in equivalent.md, each with its reason, and
// left out of the sample. An entry that fits no fault is an error, so that the list does not outlive the code.
import type { Fault } from './seed-faults.ts';

type Entry = { file: string; within: string; change: string };

/** - `file` `part of the source` `change`: reason */
const ENTRY = /^- `([^`]+)` `([^`]+)` `([^`]+)`: \S/;

/**
 * The faults without those listed in `list`; `placeOf` gives the line of a fault with the two before it, in one. Throws for an entry that cannot be read or fits none of `all`.
 */
export function withoutEquivalent(all: readonly Fault[], list: string, placeOf: (fault: Fault) => string): Fault[] {
  const entries = list
    .split('\n')
    .filter((line) => line.startsWith('- '))
    .map(readEntry);
  const leftOut = new Set<Fault>();
  for (const entry of entries) {
    const fits = all.filter((fault) => isMeant(fault, entry, placeOf));
    if (fits.length === 0) throw new Error(`equivalent.md: no fault is like ${Object.values(entry).join(' · ')}`);
    for (const fault of fits) leftOut.add(fault);
  }
  return all.filter((fault) => !leftOut.has(fault));
}

function readEntry(line: string): Entry {
  const [, file, within, change] = ENTRY.exec(line) ?? [];
  if (file === undefined || within === undefined || change === undefined)
    throw new Error(`equivalent.md: cannot read "${line}"`);
  return { file, within, change };
}

function isMeant(fault: Fault, { file, within, change }: Entry, placeOf: (fault: Fault) => string): boolean {
  return fault.file === file && fault.change === change && placeOf(fault).includes(within);
}
