// One JAHIS medication notebook -> FHIR. The notebook's patient record is never used to choose a child (names are not
// identity): the caller says whose notebook it is. Records as in JAHIS technical document 24-104, Ver.2.6.

import type { BundleEntry } from '@medplum/fhirtypes';
import { japaneseDate } from '../japanese-date.ts';
import { type MappedRecord, type PatientTarget, uniqueEntries } from '../record.ts';
import { type NotebookContext, notebookContext } from './context.ts';
import { type Block, mapBlock, type Prescriber, type RpGroup } from './dispense.ts';
import { mapFamilyPharmacist, mapMemo, mapMessage, mapOtc, mapSpecialNote } from './notes.ts';
import { at, type JahisRecord } from './record.ts';
import type { JahisFile } from './records.ts';

/**
 * The entries of a notebook that was read whole. All are created unless they are there; whether a later notebook replaces what an
 * earlier one said is for the intake to decide, by the rights of who hands it in.
 */
export function mapNotebook(file: JahisFile, target: PatientTarget): MappedRecord {
  const { records, problems, dataId } = file;
  const context = notebookContext(target, problems);
  if (!records.some(({ kind }) => kind === '1')) problems.push('Record 1 (patient) is missing.');
  const entries: BundleEntry[] = [];
  for (const record of records) {
    if (record.kind === '2') entries.push(...mapSpecialNote(context, record));
    if (record.kind === '4') entries.push(...mapMemo(context, record));
    if (record.kind === '701') entries.push(...mapFamilyPharmacist(context, record));
  }
  entries.push(...mapOtc(context, records));
  const { blocks, loose } = readBlocks(context, records);
  for (const record of loose) entries.push(...mapMessage(context, record, undefined, []));
  for (const block of withoutRepeated(context, blocks)) entries.push(...mapDispensing(context, block));
  const time = madeAt(dataId, newestDay(records));
  const patient = 'identifier' in target ? target.identifier : undefined;
  return { patient, entries: uniqueEntries(entries), problems, message: { id: dataId, time } };
}

/**
 * Apps put together what was scanned twice. A dispensing with the same drugs in the same words is one; what was said about it
 * the second time is said about the first.
 */
function withoutRepeated({ problems }: NotebookContext, blocks: readonly Block[]): Block[] {
  const known = new Map<string, Block>();
  for (const block of blocks) {
    const content = contentOf(block);
    const earlier = known.get(content);
    if (!earlier) known.set(content, block);
    else {
      problems.push(`Line ${block.record.line}: the dispensing was there before; it is taken once.`);
      for (const message of block.messages) addText(earlier.messages, message, 1);
    }
  }
  return [...known.values()];
}

/** Day, shop, drugs with prescribers, and usages, as they were sent. */
function contentOf({ date, pharmacy, groups }: Block): string {
  const texts = [...groups.values()].flatMap(({ rp, drugs, usage }) => [
    rp,
    usage,
    ...drugs.flatMap(({ record, prescriber }) => [prescriber.institution, prescriber.doctor, record]),
  ]);
  return [date, pharmacy, ...texts]
    .map((one) => (typeof one === 'object' ? one.fields.join() : (one ?? '')))
    .join('\n');
}

function mapDispensing(context: NotebookContext, block: Block): BundleEntry[] {
  const entries = mapBlock(context, block);
  const drugs = entries
    .filter(({ resource }) => resource?.resourceType === 'MedicationDispense')
    .slice(0, MOST_REMARKS);
  return [...entries, ...block.messages.flatMap((record) => mapMessage(context, record, block, drugs))];
}

/** The id of a split notebook is the moment of its writing in most shops; it is taken for one when it can be one. */
function madeAt(dataId: string, newest: string): string {
  const [, day = '', hour, minute, second] = /^(\d{8})([01]\d|2[0-3])([0-5]\d)([0-5]\d)$/.exec(dataId) ?? [];
  const date = japaneseDate(day);
  return date && date >= newest ? `${date}T${hour}:${minute}:${second}+09:00` : newest;
}

/**
 * A notebook does not say when it was written: the newest day in it is the earliest that this can have been, and puts a longer
 * notebook behind a shorter one. '' when there is none.
 */
function newestDay(records: readonly JahisRecord[]): string {
  const days = records.flatMap((record) => {
    const place = dayPlace[record.kind];
    return (place && japaneseDate(at(record, place))) || [];
  });
  return days.reduce((newest, day) => (day > newest ? day : newest), '');
}

const dayPlace: Record<string, number> = { '4': 2, '5': 1, '601': 2 };
const readElsewhere = new Set(['1', '2', '3', '31', '4', '701', '911']);

/** The dispensings of a notebook: record 5 starts one, and what follows belongs to it. `loose` are entries (601) before any. */
function readBlocks(
  { problems }: NotebookContext,
  records: readonly JahisRecord[],
): { blocks: Block[]; loose: JahisRecord[] } {
  const [blocks, loose]: [Block[], JahisRecord[]] = [[], []];
  let block: Block | undefined;
  let prescriber: Prescriber = { institution: undefined, doctor: undefined };
  for (const record of records) {
    if (readElsewhere.has(record.kind)) continue;
    if (record.kind === '5') {
      const date = japaneseDate(at(record, 1));
      if (!date)
        problems.push(`Line ${record.line}: the dispensing date (record 5) is no date; its drugs were not taken.`);
      block = newBlock(date, record);
      prescriber = { institution: undefined, doctor: undefined };
      if (date) blocks.push(block);
    } else if (!block && record.kind === '601') {
      loose.push(record);
    } else if (!block) {
      problems.push(`Line ${record.line}: record ${record.kind} stands before any dispensing date (record 5).`);
    } else if (record.kind === '51') {
      prescriber = { institution: record, doctor: undefined };
    } else if (record.kind === '55') {
      prescriber = { ...prescriber, doctor: record };
    } else if (!addToBlock(block, record, prescriber)) {
      problems.push(
        KNOWN.has(record.kind)
          ? `Line ${record.line}: more than ${MOST_REMARKS} remarks of one kind; it is kept only in the original.`
          : `Line ${record.line}: record ${record.kind} is not known and is kept only in the original.`,
      );
    }
  }
  return { blocks, loose };
}

// Remarks are repeated beside each drug: a file made of remarks must not grow with their square.
const MOST_REMARKS = 50;
const KNOWN = new Set(['401', '411', '421', '501', '601', '281', '291', '311', '391']);

const newBlock = (date: string | undefined, record: JahisRecord): Block => ({
  date: date ?? '',
  record,
  pharmacy: undefined,
  pharmacist: undefined,
  groups: new Map(),
  remarks: [],
  messages: [],
});

/** False when the record is of no known kind, or one too many. */
function addToBlock(block: Block, record: JahisRecord, prescriber: Prescriber): boolean {
  if (record.kind === '11') block.pharmacy = record;
  else if (record.kind === '15') block.pharmacist = record;
  else if (record.kind === '401' || record.kind === '501') return addText(block.remarks, record, 1);
  else if (['411', '421', '601'].includes(record.kind)) return addText(block.messages, record, 1);
  else if (record.kind === '201') group(block, record).drugs.push({ record, prescriber, remarks: [] });
  else if (record.kind === '301') group(block, record).usage = record;
  else if (record.kind === '311' || record.kind === '391') return addText(group(block, record).remarks, record, 2);
  else if (record.kind === '281' || record.kind === '291') return addText(drugRemarks(block, record), record, 2);
  else return false;
  return true;
}

function addText(records: JahisRecord[], record: JahisRecord, place: number): boolean {
  if (!at(record, place)) return true;
  if (records.length >= MOST_REMARKS) return false;
  records.push(record);
  return true;
}

function group(block: Block, record: JahisRecord): RpGroup {
  const rp = String(Number(at(record, 1)) || at(record, 1) || '1');
  const found = block.groups.get(rp) ?? { rp, drugs: [], usage: undefined, remarks: [] };
  block.groups.set(rp, found);
  return found;
}

// 281 and 291 speak of the drug just before them.
function drugRemarks(block: Block, record: JahisRecord): JahisRecord[] {
  const found = group(block, record);
  return found.drugs.at(-1)?.remarks ?? found.remarks;
}
