// Files that a person hands in (texts, pictures of codes, parts of either) -> whole JAHIS texts, each with the files it came from.

import { UnreadableInput } from '../../mappings/record.ts';
import { filesOf, firstFile, joinSymbols, type Piece } from './join-symbols.ts';
import { isPng, readPng } from './png.ts';
import { readQrCodes } from './qr-codes.ts';

export type JahisInput = { name: string; bytes: Uint8Array };

/** Files that belong together, and the whole texts in them, or why there are none. */
export type JahisSet = { files: JahisInput[]; texts: Uint8Array[]; fault: UnreadableInput | undefined };

/** Sets in the order of their first file by name (2 before 10). Nothing is dropped: each file is in one set. */
export function readJahisFiles(inputs: readonly JahisInput[]): JahisSet[] {
  const files = [...inputs].sort((a, b) => byName.compare(a.name, b.name));
  const pieces = continued(joinSymbols(files.flatMap((file, index) => piecesOf(file, index))));
  return setsOf(files, pieces);
}

const byName = new Intl.Collator('ja', { numeric: true });

function piecesOf({ bytes }: JahisInput, index: number): Piece[] {
  const files = [index];
  try {
    if (isPng(bytes)) return readQrCodes(readPng(bytes)).map((symbol) => ({ files, ...symbol }));
    if (isOtherPicture(bytes))
      throw new UnreadableInput('Of pictures only PNG can be read: save the picture of the code as PNG.');
    return [{ files, bytes }];
  } catch (error) {
    if (!(error instanceof UnreadableInput)) throw error;
    return [{ files, bytes: new Uint8Array(), fault: error }];
  }
}

// JPEG, GIF, TIFF, PDF, WebP; HEIC names itself behind four bytes.
const PICTURES = ['\xff\xd8\xff', 'GIF8', 'II*\0', 'MM\0*', '%PDF', 'RIFF'];

function isOtherPicture(bytes: Uint8Array): boolean {
  const start = latin1(bytes.subarray(0, 8));
  return PICTURES.some((mark) => start.startsWith(mark)) || start.slice(4) === 'ftyp';
}

/**
 * A file without a header goes on with the one before it, where that stops inside a line or it begins with a record itself: so
 * scanners save the pieces of one text.
 */
function continued(pieces: readonly Piece[]): Piece[] {
  const whole: Piece[] = [];
  for (const piece of pieces) {
    const last = whole.at(-1);
    const goesOn = last && !last.fault && !piece.fault && !hasHeader(piece.bytes) && hasHeader(last.bytes);
    if (goesOn && (!LINE_ENDS.has(last.bytes.at(-1) ?? 0) || isRecord(piece.bytes)))
      whole[whole.length - 1] = { files: filesOf([last, piece]), bytes: Buffer.concat([last.bytes, piece.bytes]) };
    else whole.push(piece);
  }
  return whole;
}

const LINE_ENDS: ReadonlySet<number> = new Set([0x0d, 0x0a, 0x1a]);
const hasHeader = (bytes: Uint8Array): boolean => /^(?:\xef\xbb\xbf)?JAHIS/.test(latin1(bytes.subarray(0, 8)));
const isRecord = (bytes: Uint8Array): boolean => /^\d{1,3},/.test(latin1(bytes.subarray(0, 4)));

/** Parts of one notebook (record 911) become one text; texts that share a file become one set, because an original is kept once. */
function setsOf(files: readonly JahisInput[], pieces: readonly Piece[]): JahisSet[] {
  const split = Map.groupBy(pieces, (piece) => dataIdOf(piece));
  const texts = [...(split.get('') ?? []), ...[...split].flatMap(([id, parts]) => (id ? [joinParts(parts)] : []))];
  const setOf = files.map((_, index) => index);
  const root = (index: number): number => {
    let at = index;
    while (setOf[at] !== at) at = setOf[at] ?? at;
    setOf[index] = at;
    return at;
  };
  for (const { files: own } of texts)
    for (const index of own) {
      const [a, b] = [root(index), root(own[0] ?? index)];
      setOf[Math.max(a, b)] = Math.min(a, b);
    }
  const byRoot = Map.groupBy(texts, (text) => root(firstFile(text)));
  return [...byRoot]
    .sort(([a], [b]) => a - b)
    .map(([, own]) => {
      const readable = own.filter(({ fault }) => !fault).sort((a, b) => firstFile(a) - firstFile(b));
      return {
        files: filesOf(own).flatMap((index) => files[index] ?? []),
        texts: readable.map(({ bytes }) => bytes),
        fault: own.find(({ fault }) => fault)?.fault,
      };
    });
}

const joinParts = (parts: readonly Piece[]): Piece => ({
  files: filesOf(parts),
  bytes: Buffer.concat(parts.flatMap(({ bytes }) => [bytes, LINE_END])),
});
const LINE_END = Buffer.from('\r\n');

/** What record 911 calls the whole; '' for a text that was not split. */
const dataIdOf = ({ bytes }: Piece): string => /(?:^|[\r\n])911,(\d{1,14}),/.exec(latin1(bytes))?.[1] ?? '';

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
