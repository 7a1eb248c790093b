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

/**
 * A statement whose values come from the columns `v0`, `v1` … of rows called `asked`, and the types of these; undefined where
 * not every value has its type written behind it. So what several callers ask in the same words is asked at once.
 */
export function askedOf(strings: readonly string[]): { text: string; columns: Record<string, string> } | undefined {
  const types = strings.slice(1).map((behind) => /^::(\w+(?:\[\])?)/.exec(behind)?.[1]);
  if (types.includes(undefined)) return undefined;
  return {
    text: strings.reduce((all, text, n) => `${all}asked.v${n - 1}${text}`),
    columns: Object.fromEntries(types.map((type, n) => [`v${n}`, type as string])),
  };
}

/** An array of arrays would have to be as long in every row: they come as texts. */
export const asColumn = (value: unknown): unknown =>
  Array.isArray(value) ? `{${value.map((item) => `"${String(item).replace(/["\\]/g, '\\$&')}"`).join(',')}}` : value;
