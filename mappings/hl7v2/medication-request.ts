// RDE^O11 (RXE) and OMP^O09 (RXO) -> MedicationRequest, one per drug; injections list their drugs in RXC. JP Core 1.2.0 JP_MedicationRequest:
// identifiers for RP (group) number and order in RP; SS-MIX2: RXE-3 is per dose, RXE-10 total, RXE-19 per day.

import type {
  Annotation,
  CodeableConcept,
  Dosage,
  Identifier,
  Medication,
  MedicationRequest,
} from '@medplum/fhirtypes';
import { CANONICAL } from '../../server/fhir/canonical.ts';
import { MEDICATION_USAGE, ORDER_IN_RP, RP_NUMBER, UCUM } from '../code-systems.ts';
import { decimal } from '../decimal.ts';
import {
  codeableConcept,
  codeableConcepts,
  type Hl7Context,
  lookUp,
  orderIdentifier,
  ownIdentifier,
  period,
  personReference,
  quantity,
  quantityIn,
  take,
} from './context.ts';
import { type Segment, value } from './message.ts';
import { isCancelled, type OrderGroup, orderGroups } from './order.ts';
import { hl7DateTime } from './time.ts';

/** One entry per ordered drug or injection; a cancelled order (ORC-1 CA, DC) replaces what was ordered. */
export function mapPrescription(context: Hl7Context): void {
  const countInRp = new Map<string, number>();
  let found = 0;
  for (const group of orderGroups(context.segments)) {
    if (!group.rxe) continue;
    const rp = `${value(group.orc, 2)} ${value(group.orc, 4)}`;
    const orderInRp = (countInRp.get(rp) ?? 0) + 1;
    countInRp.set(rp, orderInRp);
    const request = medicationRequest(context, group, group.rxe, orderInRp);
    if (!request) continue;
    take(context, request, request.status === 'cancelled');
    found += 1;
  }
  if (found === 0) context.problems.push('The message holds no drug order (RXE) that could be taken.');
}

/** Where the two segments of a drug order have the same things. */
type Layout = {
  drug: number;
  dose: number;
  doseUnit: number;
  note: number;
  total: number;
  totalUnit: number;
  refills: number;
};

const layouts: Record<string, Layout> = {
  RXE: { drug: 2, dose: 3, doseUnit: 5, note: 7, total: 10, totalUnit: 11, refills: 12 },
  RXO: { drug: 1, dose: 2, doseUnit: 4, note: 6, total: 11, totalUnit: 12, refills: 13 },
};

// ORC-1 and ORC-5 (HL7 tables 0119 and 0038) beyond cancellation.
const statusOf = (orc: Segment | undefined): MedicationRequest['status'] => {
  if (isCancelled(orc)) return 'cancelled';
  if (['HD', 'OH'].includes(value(orc, 1)) || value(orc, 5) === 'HD') return 'on-hold';
  return value(orc, 5) === 'CM' ? 'completed' : 'active';
};

function medicationRequest(
  context: Hl7Context,
  group: OrderGroup,
  rxe: Segment,
  orderInRp: number,
): MedicationRequest | undefined {
  const { orc, tq1 } = group;
  const layout = lookUp(layouts, rxe.name);
  const medication = group.rxc.length > 0 ? mixture(context, group.rxc) : undefined;
  const drug = layout && drugCode(context, rxe, layout);
  if (!layout || !(medication?.ingredient?.length || drug)) {
    context.problems.push(`An ${rxe.name} segment was not taken: ${rxe.name}-${layout?.drug ?? 2} (drug) is empty.`);
    return undefined;
  }
  const order = value(orc, 2) || value(orc, 3);
  const rp = value(orc, 4).split('_')[1] ?? value(orc, 4);
  const authoredOn = hl7DateTime(value(orc, 9)) ?? hl7DateTime(value(rxe, 32));
  const requester = personReference(orc, 12);
  const recorder = personReference(orc, 10);
  const prescription = prescriptionIdentifier(context, rxe);
  const total = quantity(value(rxe, layout.total), rxe, layout.totalUnit);
  const refills = value(rxe, layout.refills);
  // The first category of an injection is its class (RXE-2); RXE-21 tells in-hospital, discharge, outpatient and the like.
  const category = [
    ...(medication && drug ? [drug] : []),
    ...(rxe.name === 'RXE' ? codeableConcepts(context, rxe, 21) : []),
  ];
  const note: Annotation[] = [...(group.notes.length > 0 ? [{ text: group.notes.join('\n') }] : [])];
  // The place in the order is the key, so that another drug in the same place replaces the first. Without an order number
  // there is no such place, and the drug with its time is.
  const keys = order
    ? [order, value(orc, 4), String(orderInRp)]
    : [value(orc, 9), value(tq1, 7), value(rxe, layout.drug) || value(rxe, layout.drug, 2), String(orderInRp)];
  const instruction = dosage(context, group, rxe, layout);
  const dispense = {
    ...(total && { quantity: total }),
    ...(total && duration(tq1, 'expectedSupplyDuration')),
    ...(/^\d{1,3}$/.test(refills) && { numberOfRepeatsAllowed: Number(refills) }),
  };
  return {
    resourceType: 'MedicationRequest',
    ...(medication && { contained: [medication] }),
    identifier: [
      ownIdentifier(context, 'medication-request', keys),
      { system: RP_NUMBER, value: /^\d{1,9}$/.test(rp) ? String(Number(rp)) : '1' },
      { system: ORDER_IN_RP, value: String(orderInRp) },
      ...orderIdentifier(context, order),
    ],
    status: statusOf(orc),
    intent: 'order',
    ...(prescription && { groupIdentifier: prescription }),
    ...(category.length > 0 && { category }),
    ...(medication ? { medicationReference: { reference: '#mixture' } } : { medicationCodeableConcept: drug }),
    subject: context.subject,
    ...(authoredOn && { authoredOn }),
    ...(requester && { requester }),
    ...(recorder && { recorder }),
    ...(note.length > 0 && { note }),
    ...(Object.keys(instruction).length > 0 && { dosageInstruction: [instruction] }),
    ...(Object.keys(dispense).length > 0 && { dispenseRequest: dispense }),
  };
}

/** RXE-2 or RXO-1, with the other codes that RXE-31 gives of the same drug. */
function drugCode(context: Hl7Context, rxe: Segment, layout: Layout): CodeableConcept | undefined {
  const drug = codeableConcept(context, rxe, layout.drug);
  const more = rxe.name === 'RXE' ? codeableConcepts(context, rxe, 31).flatMap(({ coding = [] }) => coding) : [];
  return drug && more.length > 0 ? { ...drug, coding: [...(drug.coding ?? []), ...more] } : drug;
}

/** RXE-15: the number of the prescription that the drugs stand on together. */
function prescriptionIdentifier({ house }: Hl7Context, rxe: Segment): Identifier | undefined {
  const number = rxe.name === 'RXE' ? value(rxe, 15) : '';
  return number ? { system: `${CANONICAL}/sid/prescription/${encodeURIComponent(house)}`, value: number } : undefined;
}

const PERIOD_OF_USE = 'http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_MedicationDosage_PeriodOfUse';

function dosage(context: Hl7Context, { tq1, rxr, rxc }: OrderGroup, rxe: Segment, layout: Layout): Dosage {
  const usageCode = value(tq1, 3);
  const usage = value(tq1, 3, 1, 2);
  const start = hl7DateTime(value(tq1, 7));
  const end = hl7DateTime(value(tq1, 8));
  const within = end ? period(context, start, end) : undefined;
  const repeat = duration(tq1, 'boundsDuration') ?? (within && { boundsPeriod: within });
  const code =
    usageCode || usage
      ? {
          ...(usageCode && {
            coding: [{ system: MEDICATION_USAGE, code: usageCode, ...(usage && { display: usage }) }],
          }),
          ...(usage && { text: usage }),
        }
      : undefined;
  const route = codeableConcept(context, rxr, 1);
  const site = codeableConcept(context, rxr, 2);
  const method = codeableConcept(context, rxr, 4);
  const perDose = quantity(value(rxe, layout.dose), rxe, layout.doseUnit);
  // RXE-19 is a composite quantity: its unit is the second component, in subcomponents.
  const dailyUnit = [1, 2, 3].map((part) => value(rxe, 19, 2, part));
  const perDay = rxc.length === 0 && rxe.name === 'RXE' ? quantityIn(value(rxe, 19), dailyUnit) : undefined;
  const rate = perDay && { numerator: perDay, denominator: { value: 1, unit: '日', system: UCUM, code: 'd' } };
  // RXE-23 and 24: how fast an infusion is given.
  const speed = rate || rxe.name !== 'RXE' ? undefined : quantity(value(rxe, 23), rxe, 24);
  const remark = codeableConcept(context, rxe, layout.note);
  const text = usage || remark?.text;
  return {
    ...(start && { extension: [{ url: PERIOD_OF_USE, valuePeriod: { start } }] }),
    ...(text && { text }),
    ...(remark && { additionalInstruction: [remark] }),
    ...(value(tq1, 11) && { patientInstruction: value(tq1, 11) }),
    ...((code || repeat) && { timing: { ...(repeat && { repeat }), ...(code && { code }) } }),
    ...(site && { site }),
    ...(route && { route }),
    ...(method && { method }),
    ...((perDose || rate || speed) && {
      doseAndRate: [
        {
          ...(perDose && { doseQuantity: perDose }),
          ...(rate && { rateRatio: rate }),
          ...(speed && { rateQuantity: speed }),
        },
      ],
    }),
  };
}

// TQ1-6 `5^d`; only days are used in Japanese prescriptions.
function duration<Name extends string>(tq1: Segment | undefined, name: Name) {
  const days = value(tq1, 6).length > 6 ? undefined : decimal(value(tq1, 6));
  if (days === undefined || !['', 'd', 'D', '日'].includes(value(tq1, 6, 2))) return undefined;
  return { [name]: { value: days, unit: '日', system: UCUM, code: 'd' } } as Record<
    Name,
    { value: number; unit: string; system: string; code: string }
  >;
}

function mixture(context: Hl7Context, rxc: readonly Segment[]): Medication {
  const ingredient = rxc.flatMap((part) => {
    const item = codeableConcept(context, part, 2);
    const amount = quantity(value(part, 3), part, 4);
    const strength = amount && { numerator: amount, denominator: { value: 1, unit: '回' } };
    return item ? [{ itemCodeableConcept: item, ...(strength && { strength }) }] : [];
  });
  return { resourceType: 'Medication', id: 'mixture', ingredient };
}
