// What a column of a municipal file is: its two names, and what becomes of it. One table serves the reader of the header row, the
// mapping and the page of the format.

import type { SourceField, SourceFormat } from '../fields.ts';

export type Column<Key extends string = string> = {
  /** Its machine name, and its name in the code. */
  key: Key;
  /** Its Japanese heading, as the files of municipal systems have it. */
  ja: string;
  en: string;
  /** A file without the column is refused, and so is a row without a value in it. */
  required?: true;
  /** A row with anything but 0 in it must not leave the municipality. */
  holdsBack?: true;
} & Pick<SourceField, 'to' | 'kept' | 'dropped'>;

/** The table of the format's page. */
export function fieldsOf(columns: readonly Column[]): SourceFormat['fields'] {
  return columns.map(({ key, ja, en, to, kept, dropped }) => ({
    at: `${ja} (${key})`,
    name: `${ja} ${en}`,
    ...(to && { to }),
    ...(kept !== undefined && { kept }),
    ...(dropped !== undefined && { dropped }),
  }));
}
