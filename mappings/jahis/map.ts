// One JAHIS medication notebook -> FHIR. The notebook's patient record is never used to choose a child (names are not
// identity): the caller says whose notebook it is. Records as in JAHIS technical document 24-104, Ver.2.6.

import type { BundleEntry } from '@medplum/fhirtypes';
import { holdsLabelledNumber } from '../../server/fhir/my-number.ts';
import { japaneseDate } from '../japanese-date.ts';
import {
  type MappedRecord,
  MyNumberFound,
  type PatientTarget,
  patientReference,
  targetKey,
  uniqueEntries,
} from '../record.ts';
import { type Block, mapBlock, newBlock, type Prescriber, type RpGroup } from './dispense.ts';
import { mapMemo, mapOtc, mapSpecialNote } from './notes.ts';
import { at, type Notebook, type NotebookRecord, readNotebook } from './records.ts';

/** Throws UnreadableInput when the bytes are no notebook or broken, MyNumberFound when they hold a My Number. */
export function mapJahis(bytes: Uint8Array, target: PatientTarget): MappedRecord {
  const notebook = readNotebook(bytes);
  if (holdsLabelledNumber(notebook.text)) {
    throw new MyNumberFound('labelled in the text');
  }
  const { problems } = notebook;
  const context = { subject: patientReference(target), owner: targetKey(target), problems };
  if (!notebook.records.some(({ kind }) => kind === '1')) problems.push('Record 1 (patient) is missing.');
  const entries: BundleEntry[] = [];
  for (const record of notebook.records) {
    if (record.kind === '2') entries.push(...mapSpecialNote(context, record));
    if (record.kind === '4' || record.kind === '601') entries.push(...mapMemo(context, record));
  }
  entries.push(...mapOtc(context, notebook.records));
  for (const block of readBlocks(notebook)) entries.push(...mapBlock(context, block));
  return { patient: 'identifier' in target ? target.identifier : undefined, entries: uniqueEntries(entries), problems };
}

const readElsewhere = new Set(['1', '2', '3', '31', '4', '601', '911']);

/** The dispensings of a notebook: record 5 starts one, and what follows belongs to it. */
function readBlocks({ records, problems }: Notebook): Block[] {
  const blocks: Block[] = [];
  let block: Block | undefined;
  let prescriber: Prescriber = { institution: undefined, doctor: undefined };
  for (const record of records) {
    if (readElsewhere.has(record.kind)) continue;
    if (record.kind === '5') {
      const date = japaneseDate(at(record, 1));
      if (!date)
        problems.push(`Line ${record.line}: the dispensing date (record 5) is no date; its drugs were not taken.`);
      block = newBlock(date, record.line);
      prescriber = { institution: undefined, doctor: undefined };
      if (date) blocks.push(block);
    } else if (record.kind === '701') {
      problems.push(`Line ${record.line}: record 701 (family pharmacist) is kept only in the original.`);
    } else if (!block) {
      problems.push(`Line ${record.line}: record ${record.kind} stands before any dispensing date (record 5).`);
    } else if (record.kind === '51') {
      prescriber = { institution: record, doctor: undefined };
    } else if (record.kind === '55') {
      prescriber = { ...prescriber, doctor: record };
    } else if (!addToBlock(block, record, prescriber)) {
      problems.push(`Line ${record.line}: record ${record.kind} is not known and is kept only in the original.`);
    }
  }
  return blocks;
}

/** False when the record is of no known kind. */
function addToBlock(block: Block, record: NotebookRecord, prescriber: Prescriber): boolean {
  if (record.kind === '11') block.pharmacy = record;
  else if (record.kind === '15') block.pharmacist = record;
  else if (['401', '411', '421', '501'].includes(record.kind)) block.notes.push(at(record, 1));
  else if (record.kind === '201') group(block, record).drugs.push({ record, prescriber, notes: [] });
  else if (record.kind === '301') group(block, record).usage = record;
  else if (record.kind === '311' || record.kind === '391') group(block, record).notes.push(at(record, 2));
  else if (record.kind === '281' || record.kind === '291') drugNotes(block, record).push(at(record, 2));
  else return false;
  return true;
}

function group(block: Block, record: NotebookRecord): RpGroup {
  const rp = String(Number(at(record, 1)) || at(record, 1));
  const found = block.groups.get(rp) ?? { rp, drugs: [], usage: undefined, notes: [] };
  block.groups.set(rp, found);
  return found;
}

// 281 and 291 speak of the drug just before them.
function drugNotes(block: Block, record: NotebookRecord): string[] {
  const found = group(block, record);
  return found.drugs.at(-1)?.notes ?? found.notes;
}
