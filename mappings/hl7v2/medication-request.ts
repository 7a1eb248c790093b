// RDE^O11 -> MedicationRequest, one per RXE; injections list their drugs in RXC. JP Core 1.2.0 JP_MedicationRequest:
// identifiers for RP (group) number and order in RP; SS-MIX2: RXE-3 is per dose, RXE-10 total, RXE-19 per day.

import type { BundleEntry, Dosage, Medication, MedicationRequest } from '@medplum/fhirtypes';
import { CANONICAL } from '../../server/fhir/canonical.ts';
import { MEDICATION_USAGE, ORDER_IN_RP, RP_NUMBER, UCUM } from '../code-systems.ts';
import { decimal } from '../decimal.ts';
import { createEntry, replaceEntry } from '../record.ts';
import { codeableConcept, type Hl7Context, ownIdentifier, personReference, quantity, quantityIn } from './context.ts';
import { type Segment, value } from './message.ts';
import { type OrderGroup, orderGroups } from './order.ts';
import { hl7DateTime } from './time.ts';

/** One entry per ordered drug or injection; a cancelled order (ORC-1 CA, DC) replaces what was ordered. */
export function mapPrescription(context: Hl7Context): BundleEntry[] {
  const entries: BundleEntry[] = [];
  const countInRp = new Map<string, number>();
  for (const group of orderGroups(context.segments)) {
    if (!group.rxe) continue;
    const rp = `${value(group.orc, 2)} ${value(group.orc, 4)}`;
    countInRp.set(rp, (countInRp.get(rp) ?? 0) + 1);
    const request = medicationRequest(context, group, group.rxe, countInRp.get(rp) ?? 1);
    if (request) entries.push(request.status === 'cancelled' ? replaceEntry(request) : createEntry(request));
  }
  if (entries.length === 0) context.problems.push('The message holds no drug order (RXE) that could be taken.');
  return entries;
}

function medicationRequest(
  context: Hl7Context,
  group: OrderGroup,
  rxe: Segment,
  orderInRp: number,
): MedicationRequest | undefined {
  const { orc, tq1 } = group;
  const order = value(orc, 2);
  const rp = value(orc, 4).split('_')[1] ?? value(orc, 4);
  const authoredOn = hl7DateTime(value(orc, 9));
  const requester = personReference(orc, 12);
  const medication = group.rxc.length > 0 ? mixture(context, group.rxc) : undefined;
  const drug = codeableConcept(context, rxe, 2);
  if (!medication && !drug) {
    context.problems.push('An RXE segment was not taken: RXE-2 (drug) is empty.');
    return undefined;
  }
  const total = quantity(value(rxe, 10), rxe, 11);
  return {
    resourceType: 'MedicationRequest',
    ...(medication && { contained: [medication] }),
    identifier: [
      ownIdentifier(context, 'medication-request', [order, value(orc, 4), String(orderInRp), value(rxe, 2)]),
      { system: RP_NUMBER, value: /^\d+$/.test(rp) ? String(Number(rp)) : '1' },
      { system: ORDER_IN_RP, value: String(orderInRp) },
      ...(order ? [{ system: `${CANONICAL}/sid/order/${encodeURIComponent(context.house)}`, value: order }] : []),
    ],
    status: ['CA', 'DC', 'OC'].includes(value(orc, 1)) ? 'cancelled' : 'active',
    intent: 'order',
    ...(medication ? { medicationReference: { reference: '#mixture' } } : { medicationCodeableConcept: drug }),
    subject: context.subject,
    ...(authoredOn && { authoredOn }),
    ...(requester && { requester }),
    dosageInstruction: [dosage(context, group, rxe)],
    ...(total && { dispenseRequest: { quantity: total, ...duration(tq1, 'expectedSupplyDuration') } }),
  };
}

function dosage(context: Hl7Context, { tq1, rxr, rxc }: OrderGroup, rxe: Segment): Dosage {
  const usageCode = value(tq1, 3);
  const usage = value(tq1, 3, 1, 2);
  const start = hl7DateTime(value(tq1, 7));
  const end = hl7DateTime(value(tq1, 8));
  const repeat =
    duration(tq1, 'boundsDuration') ?? (end ? { boundsPeriod: { ...(start && { start }), end } } : undefined);
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
  const perDose = quantity(value(rxe, 3), rxe, 5);
  // RXE-19 is a composite quantity: its unit is the second component, in subcomponents.
  const dailyUnit = [1, 2, 3].map((part) => value(rxe, 19, 2, part));
  const perDay = rxc.length === 0 ? quantityIn(value(rxe, 19), dailyUnit) : undefined;
  const rate = perDay && { numerator: perDay, denominator: { value: 1, unit: '日', system: UCUM, code: 'd' } };
  const text = usage || value(rxe, 7, 2);
  return {
    ...(text && { text }),
    ...((code || repeat) && { timing: { ...(repeat && { repeat }), ...(code && { code }) } }),
    ...(site && { site }),
    ...(route && { route }),
    ...((perDose || rate) && {
      doseAndRate: [{ ...(perDose && { doseQuantity: perDose }), ...(rate && { rateRatio: rate }) }],
    }),
  };
}

// TQ1-6 `5^d`; only days are used in Japanese prescriptions.
function duration<Name extends string>(tq1: Segment | undefined, name: Name) {
  const days = decimal(value(tq1, 6));
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
