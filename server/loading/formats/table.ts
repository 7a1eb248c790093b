// A table of codes with a header, CSV or tab-separated: the Japanese standard disease names, CVX, whatever has a code and a name.
// Every column beside code, display and parent becomes a property.

import { LoadFault } from '../../store/load-fault.ts';
import type { CodeFact } from '../../store/write-code-system.ts';
import type { InputFile } from '../input-file.ts';
import { type Cells, tableOf } from '../table.ts';
import type { CodeFormat, Wishes } from './format.ts';

export const table: CodeFormat = {
  name: 'table',
  filesOf: (files) => files.filter(({ path }) => /\.(?:csv|tsv|txt)$/i.test(path)),
  async read(files, wishes) {
    const { system, codeColumn, displayColumn } = wishes;
    if (!system || !codeColumn || !displayColumn)
      throw new LoadFault('a table needs --system URL, --code-column NAME and --display-column NAME');
    const [file, ...more] = files;
    if (!file || more.length > 0) throw new LoadFault('a table is one file');
    const { version = '', title, language } = wishes;
    const head = { name: system, version, ...(title && { title }), ...(language && { language }) };
    return { head, facts: factsOf(file, wishes, codeColumn, displayColumn) };
  },
};

async function* factsOf(file: InputFile, wishes: Wishes, code: string, display: string): AsyncGenerator<CodeFact[]> {
  const { encoding, delimiter = /\.csv$/i.test(file.path) ? ',' : '\t', parentColumn } = wishes;
  const needed = [code, display, ...(parentColumn === undefined ? [] : [parentColumn])];
  for await (const { columns, rows } of tableOf(file, { delimiter, quotes: true, encoding }, needed)) {
    const properties = columns.filter((column) => column !== '' && !needed.includes(column));
    yield rows.map((row) => factOf(row, { code, display, parentColumn, properties }));
  }
}

function factOf(
  row: Cells,
  names: { code: string; display: string; parentColumn: string | undefined; properties: readonly string[] },
): CodeFact {
  const { file, line } = row;
  const parent = names.parentColumn === undefined ? '' : row.of(names.parentColumn).trim();
  const properties = names.properties.flatMap((code) => {
    const value = row.of(code).trim();
    return value === '' ? [] : [{ code: code.replace(/\s+/g, '-'), type: 'string' as const, value }];
  });
  return {
    ...{
      code: row.of(names.code).trim(),
      isThere: true,
      display: row.of(names.display).trim(),
      properties,
      file,
      line,
    },
    ...(parent !== '' && { parents: [parent] }),
  };
}
