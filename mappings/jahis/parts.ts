// Parts of a notebook that was split over several codes: each repeats the header and ends with record 911 (data id, number of
// parts, place). JAHIS notebook data format Ver.2.6, split control record.

import { UnreadableInput } from '../record.ts';
import { at, type JahisRecord } from './record.ts';

export type PartPlace = { dataId: string; total: number; place: number };

/**
 * The records of all parts in their order, without what the parts repeat. Parts may come in any order and twice. Throws
 * UnreadableInput when one is missing: a part alone may lack the usage of its drugs.
 */
export function joinParts(parts: readonly (readonly JahisRecord[])[]): { records: JahisRecord[]; dataId: string } {
  const placed = parts.map((records) => ({ records: records.filter(isContent), place: placeOf(records) }));
  const first = placed.find(({ place }) => place)?.place;
  if (!first) return { records: joined(placed.map(({ records }) => records)), dataId: '' };
  const byPlace = new Map<number, JahisRecord[]>();
  for (const { records, place } of placed) {
    if (!place) throw new UnreadableInput('One of the parts has no record 911 that says which part it is.');
    if (place.dataId !== first.dataId || place.total !== first.total)
      throw new UnreadableInput('The parts (records 911) belong to different notebooks.');
    const known = byPlace.get(place.place);
    if (known && contentOf(known) !== contentOf(records))
      throw new UnreadableInput(`Part ${place.place} is there twice, and the two differ.`);
    byPlace.set(place.place, records);
  }
  const missing = Array.from({ length: first.total }, (_, index) => index + 1).filter((place) => !byPlace.has(place));
  if (missing.length > 0) {
    const which = `part${missing.length > 1 ? 's' : ''} ${missing.slice(0, 10).join(', ')}`;
    throw new UnreadableInput(
      `The notebook was split into ${first.total} parts and ${which} ${missing.length > 1 ? 'are' : 'is'} missing: hand in all parts together.`,
    );
  }
  const inOrder = [...byPlace].sort(([a], [b]) => a - b).map(([, records]) => records);
  return { records: joined(inOrder), dataId: first.dataId };
}

/** Where a part belongs, undefined when it was not split. Throws UnreadableInput when its record 911 cannot be read. */
export function placeOf(records: readonly JahisRecord[]): PartPlace | undefined {
  const control = records.find(({ kind }) => kind === '911');
  if (!control) return undefined;
  const [dataId, total, place] = [at(control, 1), Number(at(control, 2)), Number(at(control, 3))];
  const isSound = /^\d{1,14}$/.test(dataId) && isCount(total) && isCount(place) && place <= total;
  if (!isSound) throw new UnreadableInput(`Line ${control.line}: record 911 (split control) cannot be read.`);
  return { dataId, total, place };
}

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= MOST_PARTS;
const MOST_PARTS = 999;

const isContent = ({ kind }: JahisRecord): boolean => kind !== '911';

const contentOf = (records: readonly JahisRecord[]): string =>
  records.map(({ kind, fields }) => [kind, ...fields].join()).join('\n');

// Whose notebook, which dispensing, which shop and prescriber: what a part may say again before it goes on.
const CONTEXT = ['1', '5', '11', '15', '51', '55'];

/**
 * One after another. A part that begins by repeating what is in force goes on with it; one that begins with another
 * dispensing begins that.
 */
function joined(parts: readonly JahisRecord[][]): JahisRecord[] {
  if (parts.length === 1) return parts[0] ?? [];
  const records: JahisRecord[] = [];
  const inForce = new Map<string, string>();
  for (const [index, part] of parts.entries()) {
    const start = index === 0 ? 0 : repeated(part, inForce);
    for (const [n, record] of part.entries()) {
      const isRepeated = n < start || (index > 0 && record.kind === '1' && inForce.has('1'));
      if (isRepeated) continue;
      if (record.kind === '5') for (const kind of ['11', '15', '51', '55']) inForce.delete(kind);
      if (CONTEXT.includes(record.kind)) inForce.set(record.kind, contentOf([record]));
      records.push(record);
    }
  }
  return records;
}

/** How many records at the start of a part only repeat: all of the leading ones, or none. */
function repeated(part: readonly JahisRecord[], inForce: ReadonlyMap<string, string>): number {
  const end = part.findIndex(({ kind }) => !CONTEXT.includes(kind));
  const leading = end < 0 ? part : part.slice(0, end);
  return leading.every((record) => inForce.get(record.kind) === contentOf([record])) ? leading.length : 0;
}
