// One dispensing of a JAHIS notebook -> a MedicationDispense per drug (record 201), with a stub MedicationRequest when the
// prescribing institution (51) or doctor (55) is given. JP Core 1.2.0 JP_MedicationDispense; JAHIS notebook Ver.2.6.

import type {
  Annotation,
  BundleEntry,
  CodeableConcept,
  Dosage,
  MedicationDispense,
  MedicationDispensePerformer,
  MedicationRequest,
  Organization,
  Reference,
  Resource,
} from '@medplum/fhirtypes';
import { ORDER_IN_RP, RP_NUMBER } from '../code-systems.ts';
import { businessIdentifier, createEntry } from '../record.ts';
import { type Agent, institution, person } from './agents.ts';
import { type Amounts, amountsOf } from './amount.ts';
import { creatorName, creatorTag, drugCoding, institutionNumber, keyText, sayUnreadableCode } from './codes.ts';
import type { NotebookContext } from './context.ts';
import { amountKind, usageCount, usageDosage, usageTimes } from './dosage.ts';
import { at, type JahisRecord } from './record.ts';

export type Prescriber = { institution: JahisRecord | undefined; doctor: JahisRecord | undefined };
export type Drug = { record: JahisRecord; prescriber: Prescriber; remarks: JahisRecord[] };
export type RpGroup = { rp: string; drugs: Drug[]; usage: JahisRecord | undefined; remarks: JahisRecord[] };

export type Block = {
  /** The day of dispensing, `YYYY-MM-DD`. */
  date: string;
  record: JahisRecord;
  pharmacy: JahisRecord | undefined;
  pharmacist: JahisRecord | undefined;
  groups: Map<string, RpGroup>;
  /** What the shop wrote about all of its drugs (401 cautions, 501 remarks). */
  remarks: JahisRecord[];
  /** What was written about the dispensing, not about a drug (411, 421, 601). */
  messages: JahisRecord[];
};

/** Entries for one dispensing; a drug without a name is left out and told by its line. */
export function mapBlock(context: NotebookContext, block: Block): BundleEntry[] {
  const entries: BundleEntry[] = [];
  const shared = sharedOf(block);
  for (const group of block.groups.values()) {
    if (group.drugs.length === 0)
      context.problems.push(`Line ${block.record.line}: RP ${group.rp} has a usage or note but no drug.`);
    for (const [index, drug] of group.drugs.entries())
      entries.push(...mapDrug(context, shared, group, drug, index + 1));
  }
  return entries;
}

/** What all drugs of a dispensing have in common, made once. */
type Shared = {
  block: Block;
  performer: MedicationDispensePerformer[];
  contained: Resource[];
  note: Annotation[];
  /** Who prescribed, and the keys that every drug of theirs has. */
  of(prescriber: Prescriber): { requester: Agent | undefined; keys: string[] };
};

function sharedOf(block: Block): Shared {
  const { pharmacy, pharmacist } = block;
  const who = at(pharmacist, 1) ? person('pharmacist', at(pharmacist, 1), at(pharmacist, 2)) : undefined;
  const agents = [who, pharmacy && pharmacyOf(pharmacy)].filter((agent) => agent !== undefined);
  const prescribers = new Map<Prescriber, ReturnType<Shared['of']>>();
  return {
    block,
    performer: agents.map(({ reference }) => ({ actor: reference as MedicationDispensePerformer['actor'] })),
    contained: agents.flatMap(({ contained }) => contained),
    note: block.remarks.map(annotation),
    of(prescriber) {
      const found = prescribers.get(prescriber) ?? {
        requester: requesterOf(prescriber),
        keys: keysOf(block, prescriber),
      };
      prescribers.set(prescriber, found);
      return found;
    },
  };
}

/**
 * What makes a dispensed drug the same in another file: day, shop, prescriber and drug, by their names, because the numbers of
 * institutions and the numbering of RPs are what apps leave out or make anew. The same drug twice is told apart by its place.
 */
function keysOf({ date, pharmacy }: Block, { institution: from, doctor }: Prescriber): string[] {
  const names = [at(pharmacy, 1) || at(pharmacy, 4), at(from, 1) || at(from, 4), at(doctor, 1)];
  return [date, ...names.map(keyText)];
}

// Record 11: name, prefecture, fee table, number, postal code, address, telephone.
const pharmacyOf = (record: JahisRecord): Agent<Organization> =>
  institution('pharmacy', {
    name: at(record, 1),
    number: institutionNumber(at(record, 2), at(record, 3), at(record, 4)),
    zip: at(record, 5),
    address: at(record, 6),
    phone: at(record, 7),
  });

function mapDrug(
  context: NotebookContext,
  { block, performer, contained, note, of }: Shared,
  group: RpGroup,
  drug: Drug,
  orderInRp: number,
): BundleEntry[] {
  const { record } = drug;
  const medication = medicationOf(record);
  if (!medication) {
    context.problems.push(`Line ${record.line}: a drug (record 201) was not taken: its name is empty.`);
    return [];
  }
  sayUnreadableCode(context, record, 6);
  const kind = amountKind(group.usage);
  const amounts = amountsOf(at(record, 3), at(record, 4), {
    kind,
    times: usageTimes(group.usage, kind),
    count: usageCount(group.usage),
  });
  if (!amounts) sayAmount(context, record, kind === 'unknown');
  const creator = at(record, 7) || at(block.record, 2);
  const { requester, keys } = of(drug.prescriber);
  const own = [...keys, keyText(at(record, 2))];
  const all = [context.owner, ...own, String(context.occurrence(own))];
  const identifier = (type: string) => [
    businessIdentifier(type, all),
    { system: RP_NUMBER, value: group.rp },
    { system: ORDER_IN_RP, value: String(orderInRp) },
  ];
  const dosage = dosageOf(group, drug, amounts);
  const dispense: MedicationDispense = {
    resourceType: 'MedicationDispense',
    ...creatorTag(creator),
    ...(contained.length > 0 && { contained }),
    identifier: identifier('medication-dispense'),
    status: 'completed',
    medicationCodeableConcept: medication,
    subject: context.subject,
    ...(performer.length > 0 && { performer }),
    ...(amounts?.total && { quantity: amounts.total }),
    ...(amounts?.days && { daysSupply: amounts.days }),
    whenHandedOver: block.date,
    ...(note.length > 0 && { note }),
    ...(dosage && { dosageInstruction: [dosage] }),
  };
  const request = stubRequest(context, identifier('medication-request'), medication, requester, dosage);
  if (!request) return [createEntry(dispense)];
  const requestEntry = createEntry(request);
  return [requestEntry, createEntry({ ...dispense, authorizingPrescription: [{ reference: requestEntry.fullUrl }] })];
}

function sayAmount({ problems }: NotebookContext, record: JahisRecord, isUnknown: boolean): void {
  if (!at(record, 3)) problems.push(`Line ${record.line}: a drug (record 201) has no amount.`);
  else if (isUnknown)
    problems.push(`Line ${record.line}: without the kind of drug (record 301) its amount is kept in words only.`);
  else problems.push(`Line ${record.line}: the amount of a drug (record 201) is no number and is kept in words.`);
}

function medicationOf(drug: JahisRecord): CodeableConcept | undefined {
  // The name as sent stays in `text`; what is shown beside a code is full-width (files come with half-width kana).
  const name = at(drug, 2);
  const coding = drugCoding(at(drug, 5), at(drug, 6), name);
  const generic = at(drug, 8);
  if (at(drug, 10))
    coding.push(...drugCoding(at(drug, 9) === '2' ? '7' : `generic-${at(drug, 9)}`, at(drug, 10), generic));
  else if (generic) coding.push({ display: generic.normalize('NFKC') });
  return name ? { ...(coding.length > 0 && { coding }), text: name } : undefined;
}

/** The usage of the RP (301), and what was added to drug (281, 291) and RP (311, 391), each under its record number. */
function dosageOf({ usage, remarks }: RpGroup, drug: Drug, amounts: Amounts | undefined): Dosage | undefined {
  const words = amounts ? '' : [at(drug.record, 3), at(drug.record, 4)].filter(Boolean).join('');
  return usageDosage(usage, [...drug.remarks, ...remarks], amounts, words);
}

/** Records 401 and 501, which speak of the whole dispensing. */
function annotation(record: JahisRecord): Annotation {
  const author = creatorName(at(record, 2));
  return { ...(author && { authorString: author }), text: at(record, 1) };
}

// The prescription itself is not in a notebook: the stub says who prescribed, for the dispense to point at.
function stubRequest(
  context: NotebookContext,
  identifier: MedicationRequest['identifier'],
  medicationCodeableConcept: CodeableConcept,
  requester: Agent | undefined,
  dosage: Dosage | undefined,
): MedicationRequest | undefined {
  if (!requester) return undefined;
  return {
    resourceType: 'MedicationRequest',
    ...(requester.contained.length > 0 && { contained: requester.contained }),
    identifier,
    status: 'completed',
    intent: 'order',
    medicationCodeableConcept,
    subject: context.subject,
    requester: requester.reference as Reference<Organization>,
    ...(dosage && { dosageInstruction: [dosage] }),
  };
}

/** Records 51 and 55. A doctor without a number of their own is shown with where they work. */
function requesterOf({ institution: record, doctor }: Prescriber): Agent | undefined {
  const number = record && institutionNumber(at(record, 2), at(record, 3), at(record, 4));
  const place = record && institution('institution', { name: at(record, 1), number }).reference;
  const [name, department] = [at(doctor, 1), at(doctor, 2)];
  if (!name && !department) return place && { reference: place, contained: [] };
  const display = [at(record, 1), department, name].filter(Boolean).join(' ');
  return {
    reference: { reference: '#prescriber', type: 'PractitionerRole', display },
    contained: [
      {
        resourceType: 'PractitionerRole',
        id: 'prescriber',
        ...(name && { practitioner: { display: name } }),
        ...(place && { organization: place }),
        ...(department && { specialty: [{ text: department }] }),
      },
    ],
  };
}
