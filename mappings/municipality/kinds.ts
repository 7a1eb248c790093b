// The kinds of municipal files, and a file of one in pieces -> its mapped rows.

import { mapBirth } from './birth.ts';
import { birthColumns } from './birth-columns.ts';
import { mapCheckup } from './checkup.ts';
import { checkupColumns } from './checkup-columns.ts';
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
  births: kind(birthColumns, ['childId', 'motherId'], mapBirth),
  vaccinations: kind(vaccinationColumns, ['childId', 'historyKey', 'voucherNumber'], mapVaccination),
  checkups: kind(checkupColumns, ['childId', 'historyKey', 'insuredNumber'], mapCheckup),
};

function kind<Key extends string>(
  columns: readonly Column<Key>[],
  numbers: readonly Key[],
  map: (row: LedgerRow<Key>, settings: LedgerSettings) => MappedRow,
): (settings: LedgerSettings) => LedgerMapper {
  return (settings) => {
    const reader = createLedgerReader(needed(columns, settings), new Set(numbers));
    const mapped = (rows: LedgerRow<Key>[]) => rows.map((row) => map(row, settings));
    return {
      push: (chunk) => mapped(reader.push(chunk)),
      end: () => mapped(reader.end()),
      unknownHeadings: reader.unknownHeadings,
    };
  };
}

/** What the settings do not say of the whole file, each row has to. */
function needed<Key extends string>(columns: readonly Column<Key>[], settings: LedgerSettings): Column<Key>[] {
  const unsaid = new Set<string>([
    ...(settings.madeAt === undefined ? ['updatedAt'] : []),
    ...(settings.municipalityCode === undefined ? ['municipalityCode'] : []),
  ]);
  return columns.map((column) => (unsaid.has(column.key) ? { ...column, required: true } : column));
}
