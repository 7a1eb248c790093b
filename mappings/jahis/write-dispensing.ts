// Dispensings of a record -> the blocks of a notebook (records 5 to 501). The counterpart of dispense.ts and dosage.ts: what was mapped
// from a notebook is mapped to the same again. JAHIS notebook Ver.2.6.

import type {
  CodeableConcept,
  Coding,
  Dosage,
  MedicationDispense,
  MedicationRequest,
  Organization,
  Practitioner,
  PractitionerRole,
  Reference,
} from '@medplum/fhirtypes';
import {
  GENERIC_ORDER_CODE,
  HOT9,
  INSTITUTION,
  MEDICATION_USAGE,
  PRICE_STANDARD_DRUG,
  RECEIPT_DRUG,
  RP_NUMBER,
  systemOf,
  YJ,
} from '../code-systems.ts';
import { decimalText, multiply } from '../decimal.ts';
import { amountText, creatorOf, dayText, jahisCodeOf, kindOf, notebookLine, wordsOf } from './notebook-line.ts';

/** A drug that was handed out, with its prescription where the record has it. */
export type Dispensed = { dispense: MedicationDispense; request: MedicationRequest | undefined };

/** Drugs of one day and one shop, of as many prescribers as their RPs can be told apart. */
export type WrittenBlock = { day: string; drugs: Dispensed[] };

/** The newest day first, as the format asks. Drugs without a day are in none. */
export function blocksOf(drugs: readonly Dispensed[]): WrittenBlock[] {
  const blocks = new Map<string, WrittenBlock[]>();
  const days = drugs.filter(({ dispense }) => dayText(dispense.whenHandedOver));
  for (const [key, together] of Map.groupBy(days, ({ dispense }) => keyOf(dispense))) {
    const day = dayText(together[0]?.dispense.whenHandedOver) ?? '';
    const own: WrittenBlock[] = [];
    for (const [, same] of Map.groupBy(together, ({ request }) => JSON.stringify(prescriberLines(request)))) {
      const rps = new Set(same.map(({ dispense }) => rpOf(dispense)));
      const free = own.find((block) => block.drugs.every(({ dispense }) => !rps.has(rpOf(dispense))));
      if (free) free.drugs.push(...same);
      else own.push({ day, drugs: [...same] });
    }
    blocks.set(key, own);
  }
  return [...blocks.values()].flat().sort((a, b) => b.day.localeCompare(a.day));
}

const keyOf = (dispense: MedicationDispense): string =>
  JSON.stringify([dispense.whenHandedOver, shopLines(dispense), dispense.note?.map(({ text }) => text)]);

const rpOf = ({ identifier }: MedicationDispense): string =>
  identifier?.find(({ system }) => system === RP_NUMBER)?.value ?? '1';

/** The lines of a block, but for what was said about it (411, 421, 601). */
export function blockLines({ day, drugs }: WrittenBlock): string[] {
  const first = drugs[0];
  if (!first) return [];
  const lines = [notebookLine('5', day, creatorOf(first.dispense)), ...shopLines(first.dispense)];
  for (const [, same] of Map.groupBy(drugs, ({ request }) => JSON.stringify(prescriberLines(request)))) {
    lines.push(...prescriberLines(same[0]?.request));
    for (const [rp, group] of Map.groupBy(same, ({ dispense }) => rpOf(dispense))) lines.push(...rpLines(rp, group));
  }
  for (const { text, authorString } of first.dispense.note ?? [])
    lines.push(notebookLine('501', text, authorString ? creatorOf(first.dispense) : ''));
  return lines;
}

/** Records 11 and 15. */
function shopLines({ performer = [], contained = [] }: MedicationDispense): string[] {
  const of = (type: string) => performer.map(({ actor }) => actor).find((actor) => typeOf(actor) === type);
  const shop = of('Organization');
  const more = contained.find(
    (one): one is Organization => one.resourceType === 'Organization' && `#${one.id}` === shop?.reference,
  );
  const pharmacist = of('Practitioner');
  const known = contained.find(
    (one): one is Practitioner => one.resourceType === 'Practitioner' && `#${one.id}` === pharmacist?.reference,
  );
  const phone = more?.telecom?.find(({ system }) => system === 'phone')?.value;
  const address = more?.address?.[0];
  return [
    ...(shop
      ? [notebookLine('11', shop.display, ...numberOf(shop), address?.postalCode, address?.text, phone, '1')]
      : []),
    ...(pharmacist ? [notebookLine('15', pharmacist.display, known?.telecom?.[0]?.value, '1')] : []),
  ];
}

const typeOf = ({ type, reference = '' }: Reference): string | undefined => type ?? /^(\w+)\//.exec(reference)?.[1];

/** Prefecture, fee table and number, of ten digits. */
function numberOf({ identifier }: Reference): (string | undefined)[] {
  const digits = identifier?.system === INSTITUTION ? (identifier.value ?? '') : '';
  return /^\d{10}$/.test(digits) ? [digits.slice(0, 2), digits.slice(2, 3), digits.slice(3)] : ['', '', ''];
}

/** Records 51 and 55; none where the prescription is not in the record. */
function prescriberLines(request: MedicationRequest | undefined): string[] {
  const requester = request?.requester;
  if (!requester) return [];
  if (typeOf(requester) === 'Organization') return [notebookLine('51', requester.display, ...numberOf(requester), '1')];
  const role = request.contained?.find(
    (one): one is PractitionerRole => one.resourceType === 'PractitionerRole' && `#${one.id}` === requester.reference,
  );
  if (!role) return [notebookLine('55', requester.display, '', '1')];
  const place = role.organization;
  const doctor = doctorOf(request, role);
  const department = wordsOf(role.specialty?.[0]);
  return [
    ...(place ? [notebookLine('51', place.display, ...numberOf(place), '1')] : []),
    ...(doctor || department ? [notebookLine('55', doctor, department, '1')] : []),
  ];
}

function doctorOf({ contained }: MedicationRequest, { practitioner }: PractitionerRole): string | undefined {
  const known = contained?.find((one) => `#${one.id}` === practitioner?.reference);
  return practitioner?.display ?? (known?.resourceType === 'Practitioner' ? known.name?.[0]?.text : undefined);
}

/** Records 201 with 281 and 291, then 301, 311 and 391 of the RP. */
function rpLines(rp: string, drugs: readonly Dispensed[]): string[] {
  const dosage = drugs[0]?.dispense.dosageInstruction?.[0];
  const creator = drugs[0] ? creatorOf(drugs[0].dispense) : '1';
  return [
    ...drugs.flatMap(({ dispense }) => [drugLine(rp, dispense), ...remarkLines(rp, dispense, ['281', '291'])]),
    ...(drugs[0] ? [usageLine(rp, drugs[0].dispense, dosage, creator)] : []),
    ...(drugs[0] ? remarkLines(rp, drugs[0].dispense, ['311', '391']) : []),
  ];
}

function drugLine(rp: string, dispense: MedicationDispense): string {
  const concept = dispense.medicationCodeableConcept;
  const { dose, perDay } = ratesOf(dispense);
  const amount = formOf(dispense) === AS_NEEDED ? dose : (perDay ?? dispense.quantity);
  const [kind, code] = codeOf(concept?.coding?.find((one) => !isGeneric(one)));
  const generic = concept?.coding?.find(isGeneric);
  const genericKind = generic?.code
    ? generic.system === GENERIC_ORDER_CODE
      ? '2'
      : kindOf(generic, 'drug-code-generic')
    : '';
  return notebookLine(
    '201',
    rp,
    wordsOf(concept),
    amountText(amount?.value),
    amount?.unit,
    kind,
    code,
    creatorOf(dispense),
    ...(generic ? [generic.display, genericKind, generic.code] : []),
  );
}

const isGeneric = (coding: Coding): boolean =>
  coding.system === GENERIC_ORDER_CODE || coding.system === undefined || kindOf(coding, 'drug-code-generic') !== '';

const drugKinds: Record<string, string> = {
  [RECEIPT_DRUG]: '2',
  [PRICE_STANDARD_DRUG]: '3',
  [YJ]: '4',
  [HOT9]: '6',
  [systemOf('HOT7', '') ?? '']: '6',
  [systemOf('HOT13', '') ?? '']: '6',
};

/** Kind and code; a code of a table that the format does not know is left out. */
function codeOf(coding: Coding | undefined): [string, string] {
  const kind = coding && (drugKinds[coding.system ?? ''] ?? kindOf(coding, 'drug-code'));
  return kind && coding.code ? [kind, coding.code] : ['1', ''];
}

const AS_NEEDED = '3';

/** The form in the notebook's table; for a drug that comes from elsewhere, what its amounts say. */
function formOf(dispense: MedicationDispense): string {
  const dosage = dispense.dosageInstruction?.[0];
  const own = jahisCodeOf(dosage?.method, 'notebook-form');
  if (own !== undefined) return own;
  const { dose, perDay } = ratesOf(dispense);
  if (dosage?.asNeededBoolean && dose) return AS_NEEDED;
  return perDay ? '1' : '';
}

function ratesOf({ dosageInstruction }: MedicationDispense) {
  const rate = dosageInstruction?.[0]?.doseAndRate?.[0];
  return { dose: rate?.doseQuantity, perDay: rate?.rateRatio?.numerator };
}

/** Record 301. The unit of the quantity is what its meaning is: days, times, or handed out as it is. */
function usageLine(rp: string, dispense: MedicationDispense, dosage: Dosage | undefined, creator: string): string {
  const form = formOf(dispense);
  const { dose, perDay } = ratesOf(dispense);
  const days = amountText(dispense.daysSupply?.value);
  const times = timesOf(amountText(dispense.quantity?.value), amountText(dose?.value));
  const [quantity, unit] = perDay
    ? [days, days && '日分']
    : form === AS_NEEDED || (form === '' && dose)
      ? [times, '回分']
      : [dispense.quantity ? '1' : '', dispense.quantity ? '調剤' : ''];
  const [kind, code] = usageCodeOf(dosage?.timing?.code);
  return notebookLine('301', rp, dosage?.text, quantity, unit, form, kind, code, creator);
}

/** How many doses make the whole; '' when none do. */
function timesOf(total: string, dose: string): string {
  const whole = decimalText(total);
  for (let times = 1; whole !== undefined && times <= 999; times++)
    if (multiply(dose, String(times)) === multiply(whole, '1')) return String(times);
  return '';
}

function usageCodeOf(concept: CodeableConcept | undefined): [string, string] {
  const coding = concept?.coding?.[0];
  if (!coding?.code) return ['1', ''];
  const kind = coding.system === MEDICATION_USAGE ? '2' : kindOf(coding, 'usage-code');
  return kind ? [kind === 'unknown' ? '' : kind, coding.code] : ['1', ''];
}

/** Supplements and cautions, under the numbers they came with; what came from elsewhere is a supplement of its drug. */
function remarkLines(rp: string, dispense: MedicationDispense, kinds: readonly string[]): string[] {
  const remarks = dispense.dosageInstruction?.[0]?.additionalInstruction ?? [];
  return remarks.flatMap((remark) => {
    const kind = jahisCodeOf(remark, 'record') ?? '281';
    return kinds.includes(kind) && wordsOf(remark)
      ? [notebookLine(kind, rp, wordsOf(remark), creatorOf(dispense))]
      : [];
  });
}
