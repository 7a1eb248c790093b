// A table with a header: its rows by the names of their columns.

import { LoadFault } from '../store/load-fault.ts';
import type { InputFile } from './input-file.ts';
import { type Row, rowsOf, type TableForm } from './lines.ts';

/** The cell of a column; empty for one that the table has not. */
export type Cells = { line: number; file: string; of(column: string): string };

/** Throws LoadFault where one of the columns is missing, or a row has another number of cells than the header. */
export async function* tableOf(
  file: InputFile,
  form: TableForm,
  needed: readonly string[],
): AsyncGenerator<{ columns: readonly string[]; rows: Cells[] }> {
  let columns: readonly string[] | undefined;
  let places = new Map<string, number>();
  for await (const rows of rowsOf(file, form)) {
    const some = rows.slice();
    if (!columns && some.length > 0) {
      columns = headerOf(file, some.shift(), needed);
      places = new Map(columns.map((column, place) => [column, place]));
    }
    const width = columns?.length ?? 0;
    const cells = some.map(({ line, cells }) => {
      if (cells.length !== width)
        throw new LoadFault(`there are ${cells.length} cells under ${width} columns`, { file: file.path, line });
      return { line, file: file.path, of: (column: string) => cells[places.get(column) ?? -1] ?? '' };
    });
    if (columns) yield { columns, rows: cells };
  }
  if (!columns) throw new LoadFault('it is empty', { file: file.path });
}

function headerOf(file: InputFile, header: Row | undefined, needed: readonly string[]): string[] {
  const columns = (header?.cells ?? []).map((cell) => cell.trim());
  const missing = needed.filter((column) => !columns.includes(column));
  if (missing.length > 0)
    throw new LoadFault(`there is no column ${missing.join(', ')}; the columns are ${columns.join(', ')}`, {
      file: file.path,
      line: header?.line ?? 1,
    });
  return columns;
}
