// Everything that a database holds, as text: each row of each table, bytes in hexadecimal.

import type pg from 'pg';

/** One text for each table; `bytea` shows as hexadecimal digits. */
export async function wholeDatabase(pool: pg.Pool): Promise<Map<string, string>> {
  const tables = await pool.query(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
  );
  const texts = new Map<string, string>();
  for (const { name } of tables.rows) {
    const { rows } = await pool.query(`select string_agg(t::text, E'\\n') as text from ${name} t`);
    texts.set(name, rows[0]?.text ?? '');
  }
  return texts;
}

/** The forms in which a text may be stored or shown: itself, in hexadecimal, in base64 at any place, percent-encoded. */
export function formsOf(text: string): string[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map((offset) => {
    // Whole groups of three bytes within the text, wherever it begins.
    const inner = bytes.subarray((3 - offset) % 3);
    return inner.subarray(0, inner.length - (inner.length % 3)).toString('base64');
  });
  const url = encodeURIComponent(text);
  return [...new Set([text, JSON.stringify(text).slice(1, -1), bytes.toString('hex'), url, ...base64])].filter(
    (form) => form.length >= 8,
  );
}
