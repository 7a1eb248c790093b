// The RPs of a prescription: groups of drugs that are taken alike, with the records that speak of group or drug.
// JAHIS prescription Ver.1.10, records 101 to 281.

import { at, type JahisRecord } from './record.ts';

/** Records of one RP: what it is (101, 102), how it is taken (111, 181), and its drugs in their order. */
export type OrderedRp = {
  rp: string;
  form: JahisRecord | undefined;
  part: JahisRecord | undefined;
  usage: JahisRecord | undefined;
  supplements: JahisRecord[];
  drugs: OrderedDrug[];
};

/** Record 201 with what is added to it: 211, 221, 231, 241 once, 281 often. */
export type OrderedDrug = { record: JahisRecord; added: Map<string, JahisRecord>; supplements: JahisRecord[] };

/** Records of a prescription that belong to one of its RPs. */
export const RECORDS_OF_RP = new Set('101 102 111 181 201 211 221 231 241 281'.split(' '));

/** Remarks are repeated beside each drug: a file made of remarks must not grow with their square. */
export const MOST_REMARKS = 50;

/** In the order of the file; what belongs to no drug is told. */
export function readRps(records: readonly JahisRecord[], problems: string[]): OrderedRp[] {
  const rps = new Map<string, OrderedRp>();
  const drugs = new Map<string, OrderedDrug>();
  for (const record of records) {
    if (!RECORDS_OF_RP.has(record.kind)) continue;
    const rp = rpOf(rps, record);
    const key = `${rp.rp} ${numberText(at(record, 2))}`;
    if (record.kind === '101') rp.form ??= record;
    else if (record.kind === '102') rp.part ??= record;
    else if (record.kind === '111') rp.usage ??= record;
    else if (record.kind === '181') addOne(rp.supplements, record);
    else if (record.kind === '201') {
      const drug = { record, added: new Map(), supplements: [] };
      rp.drugs.push(drug);
      drugs.set(key, drug);
    } else addToDrug(drugs.get(key), record, problems);
  }
  return [...rps.values()];
}

function rpOf(rps: Map<string, OrderedRp>, record: JahisRecord): OrderedRp {
  const rp = numberText(at(record, 1)) || '1';
  const found = rps.get(rp) ?? { rp, form: undefined, part: undefined, usage: undefined, supplements: [], drugs: [] };
  rps.set(rp, found);
  return found;
}

function addToDrug(drug: OrderedDrug | undefined, record: JahisRecord, problems: string[]): void {
  if (!drug) problems.push(`Line ${record.line}: record ${record.kind} belongs to no drug (record 201).`);
  else if (record.kind === '281') addOne(drug.supplements, record);
  else if (!drug.added.has(record.kind)) drug.added.set(record.kind, record);
}

function addOne(records: JahisRecord[], record: JahisRecord): void {
  if (records.length < MOST_REMARKS) records.push(record);
}

const numberText = (text: string): string => String(Number(text) || text);
