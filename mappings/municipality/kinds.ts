// The kinds of municipal files, and a file of one in pieces -> its mapped rows.

import type { Column } from './column.ts';
import { createLedgerReader, type LedgerRow } from './ledger-reader.ts';
import type { LedgerSettings, MappedRow } from './mapped-row.ts';
import { mapVaccination } from './vaccination.ts';
import { vaccinationColumns } from './vaccination-columns.ts';

export type LedgerMapper = {
  /** The rows that the piece completes. Throws UnreadableInput for a header row that cannot be used. */
  push(chunk: Uint8Array): MappedRow[];
  end(): MappedRow[];
  unknownHeadings(): readonly string[];
};

/** By the word that `--kind` takes. */
export const ledgerKinds: Readonly<Record<string, (settings: LedgerSettings) => LedgerMapper>> = {
  vaccinations: kind(vaccinationColumns, ['childId', 'historyKey', 'voucherNumber'], mapVaccination),
};

function kind<Key extends string>(
  columns: readonly Column<Key>[],
  numbers: readonly Key[],
  map: (row: LedgerRow<Key>, settings: LedgerSettings) => MappedRow,
): (settings: LedgerSettings) => LedgerMapper {
  return (settings) => {
    const reader = createLedgerReader(columns, new Set(numbers));
    const mapped = (rows: LedgerRow<Key>[]) => rows.map((row) => map(row, settings));
    return {
      push: (chunk) => mapped(reader.push(chunk)),
      end: () => mapped(reader.end()),
      unknownHeadings: reader.unknownHeadings,
    };
  };
}
