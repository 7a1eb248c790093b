// Many rows as the parameters of one statement.

/** Rows -> columns, the form in which unnest() takes many rows as parameters. undefined becomes null. */
export function columnsOf(rows: readonly (readonly unknown[])[], width: number): unknown[][] {
  const columns: unknown[][] = Array.from({ length: width }, () => new Array(rows.length));
  for (let n = 0; n < rows.length; n++) {
    for (let m = 0; m < width; m++) (columns[m] as unknown[])[n] = rows[n]?.[m] ?? null;
  }
  return columns;
}

/**
 * The rows of `columnsOf` in a from clause, with their number `n` from 1. `types` by column, in the order of the parameters
 * `$1`, `$2`…; arrays come as their texts. Sets in a select list are walked side by side; of an unnest() with several arrays PostgreSQL stores every
 * column by itself first, which costs a group of three reads more than the reads.
 */
export function rowsOf(types: Record<string, string>): string {
  const columns = Object.entries(types).map(([name, type], n) => `${columnOf(type, n + 1)} as ${name}`);
  return `(select generate_series(1, cardinality($1::${Object.values(types)[0]}[])) as n, ${columns.join(', ')})`;
}

const columnOf = (type: string, parameter: number): string =>
  type.endsWith('[]') ? `unnest($${parameter}::text[])::${type}` : `unnest($${parameter}::${type}[])`;
