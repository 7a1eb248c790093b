// Rows and cells of comma-separated values, looked at as bytes: quotes, commas and line ends are no part of any other character in
// UTF-8 or Windows-31J. RFC 4180; a line ends with CRLF, LF or CR. Takes a file in pieces and holds no more than one row.

/** One row without its line end. `unclosed`: a quotation mark was opened and never closed, and only the line is here. */
export type RawRow = { bytes: Uint8Array; fault?: 'unclosed' | 'too long' };

const MAX_ROW_BYTES = 64 * 1024;
const [QUOTE, COMMA, LF, CR] = [0x22, 0x2c, 0x0a, 0x0d];

/**
 * Cuts a file into rows. A row whose quotation mark is never closed would swallow the rows behind it: where it grows past the limit, or
 * the file ends, its first line is given up alone and the next line is a row again.
 */
export function createRowSplitter(maxRowBytes = MAX_ROW_BYTES): {
  push(chunk: Uint8Array): RawRow[];
  end(): RawRow[];
} {
  let held: Uint8Array = new Uint8Array(0);
  let isPastCr = false;
  let isSkipping = false;

  return {
    push(chunk) {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      return take(false);
    },
    end: () => take(true),
  };

  function take(isLast: boolean): RawRow[] {
    const rows: RawRow[] = [];
    let from = 0;
    for (;;) {
      if (isPastCr && from < held.length) {
        if (held[from] === LF) from += 1;
        isPastCr = false;
      }
      if (from === held.length) break;
      const end = isSkipping ? lineEnd(held, from) : rowEnd(held, from, Math.min(held.length, from + maxRowBytes));
      if (end !== undefined) {
        if (isSkipping) {
          isSkipping = false;
          from = after(end.at);
          continue;
        }
        // A mark that a later line spoils was left open by the first.
        const line = end.isSpoilt ? (lineEnd(held, from)?.at ?? end.at) : end.at;
        rows.push({ bytes: held.subarray(from, line), ...(line < end.at && { fault: 'unclosed' as const }) });
        from = after(line);
        continue;
      }
      if (isSkipping) {
        from = held.length;
        break;
      }
      const isFull = held.length - from >= maxRowBytes;
      if (!isFull && !isLast) break;
      const line = lineEnd(held, from);
      if (line === undefined) {
        // The end of the file needs no line end; a line that is too long is left out up to its end.
        const isWhole = !isFull && !endsInQuotes(held.subarray(from));
        rows.push({
          bytes: held.subarray(from, Math.min(held.length, from + maxRowBytes)),
          ...(!isWhole && { fault: isFull ? 'too long' : 'unclosed' }),
        });
        isSkipping = isFull;
        from = held.length;
        break;
      }
      rows.push({ bytes: held.subarray(from, line.at), fault: 'unclosed' });
      from = after(line.at);
    }
    held = held.slice(from);
    return rows;
  }

  function after(end: number): number {
    isPastCr = held[end] === CR;
    return end + 1;
  }
}

type End = { at: number; isSpoilt: boolean };

/**
 * Where the row that begins at `from` ends, outside quotation marks; undefined when not before `until`. A mark where none may stand
 * spoils its line alone. So a line that leaves a mark open cannot also stand inside one without closing it, and no line is looked at
 * again and again.
 */
function rowEnd(bytes: Uint8Array, from: number, until: number): End | undefined {
  let state: 'cell start' | 'plain' | 'quoted' | 'closed' | 'spoilt' = 'cell start';
  for (let at = from; at < until; at++) {
    const byte = bytes[at];
    if (state === 'quoted') {
      if (byte === QUOTE) state = 'closed';
    } else if (byte === LF || byte === CR) return { at, isSpoilt: state === 'spoilt' };
    else if (state === 'spoilt') continue;
    else if (byte === COMMA) state = 'cell start';
    // A doubled mark inside closes and opens again at once, which comes to the same.
    else if (byte === QUOTE) state = state === 'plain' ? 'spoilt' : 'quoted';
    else state = state === 'closed' ? 'spoilt' : 'plain';
  }
  return undefined;
}

const endsInQuotes = (bytes: Uint8Array): boolean =>
  rowEnd(Buffer.concat([bytes, Buffer.of(LF)]), 0, bytes.length + 1) === undefined;

function lineEnd(bytes: Uint8Array, from: number): End | undefined {
  const lf = bytes.indexOf(LF, from);
  const cr = bytes.subarray(from, lf < 0 ? undefined : lf).indexOf(CR);
  const at = cr >= 0 ? from + cr : lf;
  return at < 0 ? undefined : { at, isSpoilt: false };
}

/** `start` and `end` are where the cell stands in the row, quotation marks included. */
export type Cell = { text: string; start: number; end: number };

/** The cells of one row; undefined when a quotation mark stands where none may. */
export function splitCells(row: string): Cell[] | undefined {
  const cells: Cell[] = [];
  let at = 0;
  for (;;) {
    const cell = row[at] === '"' ? quotedCell(row, at) : plainCell(row, at);
    if (cell === undefined) return undefined;
    cells.push(cell);
    if (cell.end === row.length) return cells;
    if (row[cell.end] !== ',') return undefined;
    at = cell.end + 1;
  }
}

function plainCell(row: string, start: number): Cell | undefined {
  const comma = row.indexOf(',', start);
  const end = comma < 0 ? row.length : comma;
  const text = row.slice(start, end);
  return text.includes('"') ? undefined : { text, start, end };
}

function quotedCell(row: string, start: number): Cell | undefined {
  for (let at = start + 1; ; at += 2) {
    at = row.indexOf('"', at);
    if (at < 0) return undefined;
    if (row[at + 1] !== '"') return { text: row.slice(start + 1, at).replaceAll('""', '"'), start, end: at + 1 };
  }
}
