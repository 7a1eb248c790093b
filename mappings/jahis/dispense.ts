// One dispensing of a JAHIS notebook -> a MedicationDispense per drug (record 201), with a stub MedicationRequest when the
// prescribing institution (51) or doctor (55) is given. JP Core 1.2.0 JP_MedicationDispense; JAHIS notebook Ver.2.6.

import type {
  BundleEntry,
  CodeableConcept,
  Dosage,
  MedicationDispense,
  MedicationRequest,
  Organization,
  Patient,
  Quantity,
  Reference,
} from '@medplum/fhirtypes';
import {
  GENERIC_ORDER_CODE,
  HOT9,
  INSTITUTION,
  MEDICATION_USAGE,
  ORDER_IN_RP,
  PRICE_STANDARD_DRUG,
  RECEIPT_DRUG,
  RP_NUMBER,
  UCUM,
  YJ,
} from '../code-systems.ts';
import { decimal, divideExactly, multiply } from '../decimal.ts';
import { businessIdentifier, createEntry } from '../record.ts';
import { at, type NotebookRecord } from './records.ts';

export type Prescriber = { institution: NotebookRecord | undefined; doctor: NotebookRecord | undefined };
export type Drug = { record: NotebookRecord; prescriber: Prescriber; notes: string[] };
export type RpGroup = { rp: string; drugs: Drug[]; usage: NotebookRecord | undefined; notes: string[] };

export type Block = {
  date: string;
  line: number;
  pharmacy: NotebookRecord | undefined;
  pharmacist: NotebookRecord | undefined;
  groups: Map<string, RpGroup>;
  /** What the shop wrote about the whole dispensing (401, 411, 421, 501). */
  notes: string[];
};

export type NotebookContext = {
  subject: Reference<Patient>;
  /** Tells the notebooks of two people apart inside identifiers. */
  owner: string;
  problems: string[];
};

/** A dispensing of which only the date (`YYYY-MM-DD`, if it could be read) and the line in the file are known. */
export const newBlock = (date: string | undefined, line: number): Block => ({
  date: date ?? '',
  line,
  pharmacy: undefined,
  pharmacist: undefined,
  groups: new Map(),
  notes: [],
});

/** Entries for one dispensing; a drug without name or amount is left out and named by its line. */
export function mapBlock(context: NotebookContext, block: Block): BundleEntry[] {
  const entries: BundleEntry[] = [];
  for (const group of block.groups.values()) {
    if (group.drugs.length === 0)
      context.problems.push(`Line ${block.line}: RP ${group.rp} has a usage or note but no drug.`);
    for (const [index, drug] of group.drugs.entries()) entries.push(...mapDrug(context, block, group, drug, index + 1));
  }
  return entries;
}

function mapDrug(context: NotebookContext, block: Block, group: RpGroup, drug: Drug, orderInRp: number): BundleEntry[] {
  const { record } = drug;
  const medication = medicationOf(record);
  const amounts = amountsOf(record, group.usage);
  if (!medication || !amounts) {
    context.problems.push(
      `Line ${record.line}: a drug (record 201) was not taken: its ${medication ? 'amount is no number' : 'name is empty'}.`,
    );
    return [];
  }
  const shop = at(block.pharmacy, 4) || at(block.pharmacy, 1);
  const keys = [context.owner, block.date, shop, group.rp, String(orderInRp), at(record, 2), at(record, 6)];
  const identifier = (kind: string) => [
    businessIdentifier(kind, keys),
    { system: RP_NUMBER, value: group.rp },
    { system: ORDER_IN_RP, value: String(orderInRp) },
  ];
  const performer = [
    at(block.pharmacist, 1) && { actor: { display: at(block.pharmacist, 1) } },
    block.pharmacy && { actor: organizationReference(block.pharmacy) },
  ].filter((item) => item !== '' && item !== undefined);
  const notes = [...drug.notes, ...group.notes, ...block.notes].filter(Boolean);
  const dosage = dosageOf(group.usage, amounts);
  const dispense: MedicationDispense = {
    resourceType: 'MedicationDispense',
    identifier: identifier('medication-dispense'),
    status: 'completed',
    medicationCodeableConcept: medication,
    subject: context.subject,
    ...(performer.length > 0 && { performer }),
    ...(amounts.total && { quantity: amounts.total }),
    ...(amounts.days && { daysSupply: amounts.days }),
    whenHandedOver: block.date,
    ...(notes.length > 0 && { note: notes.map((text) => ({ text })) }),
    ...(dosage && { dosageInstruction: [dosage] }),
  };
  const request = stubRequest(context, identifier('medication-request'), medication, drug.prescriber, dosage);
  if (!request) return [createEntry(dispense)];
  const requestEntry = createEntry(request);
  return [requestEntry, createEntry({ ...dispense, authorizingPrescription: [{ reference: requestEntry.fullUrl }] })];
}

// Code kinds of record 201; 1 means "no code".
const drugSystems: Record<string, string> = { '2': RECEIPT_DRUG, '3': PRICE_STANDARD_DRUG, '4': YJ, '6': HOT9 };

function medicationOf(drug: NotebookRecord): CodeableConcept | undefined {
  const name = at(drug, 2);
  if (!name) return undefined;
  // The name as sent stays in `text`; what is shown beside a code is full-width (files come with half-width kana).
  const system = drugSystems[at(drug, 5)];
  const coding = system && at(drug, 6) ? [{ system, code: at(drug, 6), display: name.normalize('NFKC') }] : [];
  if (at(drug, 10))
    coding.push({ system: GENERIC_ORDER_CODE, code: at(drug, 10), display: at(drug, 8).normalize('NFKC') });
  return { ...(coding.length > 0 && { coding }), text: name };
}

type Amounts = { total?: Quantity; days?: Quantity; dose?: Quantity; perDay?: Quantity };

/**
 * What the amount of a drug means depends on the form in record 301: per day for oral drugs (1) and decoctions (7), per
 * dose for drugs taken as needed (3), the total for everything else. Undefined when the amount is no number.
 */
function amountsOf(drug: NotebookRecord, usage: NotebookRecord | undefined): Amounts | undefined {
  const amount = at(drug, 3);
  const unit = at(drug, 4);
  const of = (text: string | undefined): Quantity | undefined => {
    const value = text === undefined ? undefined : decimal(text);
    return value === undefined ? undefined : { value, ...(unit && { unit }) };
  };
  const sent = of(amount);
  if (!sent) return undefined;
  const form = at(usage, 5);
  const times = at(usage, 3);
  if (form === '1' || form === '7') {
    const count = timesPerDay(usage);
    const dose = count === undefined ? undefined : of(divideExactly(amount, count));
    const days = at(usage, 4).includes('日') ? decimal(times) : undefined;
    return {
      perDay: sent,
      ...(dose && { dose }),
      ...(days !== undefined && { total: of(multiply(amount, times)), days: { value: days, ...day } }),
    };
  }
  const total = form === '3' ? of(multiply(amount, times)) : sent;
  return { ...(form === '3' && { dose: sent }), ...(total && { total }) };
}

const day = { unit: '日', system: UCUM, code: 'd' };

// JAMI usage code: third digit 1 = so many times a day, fourth digit how many.
function timesPerDay(usage: NotebookRecord | undefined): number | undefined {
  const count = /^\d\d1([1-9])\d{12}$/.exec(at(usage, 6) === '1' ? '' : at(usage, 7))?.[1];
  return count === undefined ? undefined : Number(count);
}

function dosageOf(usage: NotebookRecord | undefined, { dose, perDay }: Amounts): Dosage | undefined {
  const text = at(usage, 2);
  const code = /^\d{16}$/.test(at(usage, 7)) ? at(usage, 7) : '';
  const rate = perDay && { numerator: perDay, denominator: { value: 1, ...day } };
  if (!text && !code && !dose && !rate) return undefined;
  return {
    ...(text && { text }),
    ...(code && { timing: { code: { coding: [{ system: MEDICATION_USAGE, code }], ...(text && { text }) } } }),
    ...(at(usage, 5) === '3' && { asNeededBoolean: true }),
    ...((dose || rate) && { doseAndRate: [{ ...(dose && { doseQuantity: dose }), ...(rate && { rateRatio: rate }) }] }),
  };
}

// The prescription itself is not in a notebook: the stub says who prescribed, for the dispense to point at.
function stubRequest(
  context: NotebookContext,
  identifier: MedicationRequest['identifier'],
  medicationCodeableConcept: CodeableConcept,
  { institution, doctor }: Prescriber,
  dosage: Dosage | undefined,
): MedicationRequest | undefined {
  if (!institution && !doctor) return undefined;
  const place = institution && organizationReference(institution);
  // A doctor without a number of their own can only be shown, with where they work.
  const doctorName = at(doctor, 1) && [at(institution, 1), at(doctor, 2), at(doctor, 1)].filter(Boolean).join(' ');
  return {
    resourceType: 'MedicationRequest',
    identifier,
    status: 'completed',
    intent: 'order',
    medicationCodeableConcept,
    subject: context.subject,
    ...(doctorName ? { requester: { display: doctorName } } : place && { requester: place }),
    ...(dosage && { dosageInstruction: [dosage] }),
  };
}

/** Records 11 and 51: name, prefecture, fee table, seven-digit code. */
function organizationReference(record: NotebookRecord): Reference<Organization> {
  const number = `${at(record, 2)}${at(record, 3)}${at(record, 4)}`;
  const identifier = /^\d{10}$/.test(number) ? { system: INSTITUTION, value: number } : undefined;
  return { type: 'Organization', ...(identifier && { identifier }), ...(at(record, 1) && { display: at(record, 1) }) };
}
