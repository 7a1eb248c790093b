// Many rows as the parameters of one statement.

/** Rows -> columns, the form in which unnest() takes many rows as parameters. undefined becomes null. */
export function columnsOf(rows: readonly (readonly unknown[])[], width: number): unknown[][] {
  const columns: unknown[][] = Array.from({ length: width }, () => new Array(rows.length));
  for (let n = 0; n < rows.length; n++) {
    for (let m = 0; m < width; m++) (columns[m] as unknown[])[n] = rows[n]?.[m] ?? null;
  }
  return columns;
}
