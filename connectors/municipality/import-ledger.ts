// A municipal file to the server: each row is a delivery of its own, with the row as its original, and is found again by the ledger's
// own keys, so that the same file a second time changes nothing and a later one corrects.

import type { LedgerMapper } from '../../mappings/municipality/kinds.ts';
import type { MappedRow } from '../../mappings/municipality/mapped-row.ts';
import { MyNumberFound } from '../../mappings/record.ts';
import { type DeliverAll, type Delivery, deliveryOf, unreadable } from '../deliver.ts';
import { newTally, type Tally } from '../import-original.ts';
import type { Emptied } from './emptied-cells.ts';
import { groupsOf, type OpenFile } from './ledger-file.ts';
import type { Register } from './register-births.ts';
import type { ReportLine } from './report.ts';

export type ImportLedgerOptions = {
  open: OpenFile;
  mapper: LedgerMapper;
  /** Of the originals: `rowContentType`. */
  contentType: string;
  deliverAll: DeliverAll;
  /** For a list that registers people. */
  register?: Register;
  /** For rows of many cells, of which a correction may empty some. */
  emptied?: Emptied;
  /** A line for each thing that is wrong with a row, and for each row that waits. */
  report?: (line: ReportLine) => void;
  /** Called after each group with the rows so far. */
  progress?: (rows: number) => void;
};

/**
 * Throws UnreadableInput for a file whose header row cannot be used (nothing of it is sent then), DeliveryFailed when the server did
 * not keep a group.
 */
export async function importLedger(options: ImportLedgerOptions): Promise<Tally> {
  const { open, mapper, contentType, deliverAll, register, emptied, report, progress } = options;
  const tally = newTally();
  let rows = 0;
  for await (const read of groupsOf(open, mapper)) {
    const group = (await emptied?.(read)) ?? read;
    for (const line of (await register?.people(group)) ?? []) report?.(line);
    const sent = group.filter(({ isHeldBack }) => !isHeldBack);
    const receipts = await deliverAll(sent.map((row) => deliveryOfRow(row, contentType)));
    const byRow = new Map(sent.map((row, at) => [row, receipts[at]]));
    for (const row of group) {
      const { fate: first = 'refused', reason } = byRow.get(row) ?? {};
      const fate = first === 'waiting' && (await register?.link(row)) ? 'stored' : first;
      tally[fate] += 1;
      for (const { column, ja, en } of row.faults) report?.({ row: row.row, fate, column, ja, en });
      if (row.faults.length === 0 && fate !== 'stored')
        report?.({ row: row.row, fate, column: '', ...reasonOf(fate, reason) });
    }
    rows += group.length;
    progress?.(rows);
  }
  return tally;
}

function deliveryOfRow(row: MappedRow, contentType: string): Delivery {
  const from = { original: row.original, contentType };
  const patient = row.patient && { patient: { identifier: row.patient } };
  if (row.holdsMyNumber) return unreadable(new MyNumberFound(`row ${row.row}`), { ...from, ...patient });
  return deliveryOf(row, from);
}

const reasonOf = (fate: 'waiting' | 'refused', reason: string | undefined) =>
  fate === 'waiting'
    ? { ja: '家族がまだこの番号を連携していません。', en: 'No family has linked this number yet.' }
    : { ja: 'サーバーが受け付けませんでした。', en: reason ?? 'The server refused it.' };
