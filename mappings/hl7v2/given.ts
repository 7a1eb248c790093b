// What every dose given (RXA) says alike, vaccine or other drug. HL7 v2.5 chapter 4.14.7, tables 0322 and 0323.

import type { Identifier, Immunization, Quantity } from '@medplum/fhirtypes';
import { codeableConcept, type Hl7Context, orderIdentifier, ownIdentifier, quantity } from './context.ts';
import { type Segment, value } from './message.ts';
import { isCancelled, type OrderGroup } from './order.ts';

// ORC-1 CA/DC/OC and RXA-21 D withdraw a dose, U corrects it: a create would leave the first message standing.
export const isWithdrawn = (group: OrderGroup, rxa: Segment): boolean =>
  isCancelled(group.orc) || value(rxa, 21) === 'D';
export const isCorrection = (group: OrderGroup, rxa: Segment): boolean =>
  isWithdrawn(group, rxa) || value(rxa, 21) === 'U';

/** What became of a dose: RXA-20 (HL7 table 0322), and the reason of RXA-18 when it was not given. */
export function completion(
  context: Hl7Context,
  group: OrderGroup,
  rxa: Segment,
): Pick<Immunization, 'status' | 'statusReason'> & { status: 'completed' | 'entered-in-error' | 'not-done' } {
  const notGiven = ['RE', 'NA'].includes(value(rxa, 20));
  const reason = codeableConcept(context, rxa, 18) ?? {
    text: value(rxa, 20) === 'RE' ? 'refused' : 'not administered',
  };
  return {
    status: isWithdrawn(group, rxa) ? 'entered-in-error' : notGiven ? 'not-done' : 'completed',
    ...(notGiven && { statusReason: reason }),
  };
}

// One order may be given many times and hold many products, so the day and the product are part of the key.
export function givenIdentifiers(context: Hl7Context, group: OrderGroup, rxa: Segment, kind: string): Identifier[] {
  const order = value(group.orc, 2) || value(group.orc, 3);
  const product = value(rxa, 5) || value(rxa, 5, 2);
  const time = kind === 'immunization' ? value(rxa, 3).slice(0, 8) : value(rxa, 3);
  const own = ownIdentifier(context, kind, [order, value(group.orc, 4), time, product]);
  return [own, ...orderIdentifier(context, order)];
}

// 999 is HL7's "amount unknown".
export function dose(rxa: Segment): Quantity | undefined {
  return value(rxa, 6) === '999' ? undefined : quantity(value(rxa, 6), rxa, 7);
}

// NIP001, which some write NIP0001.
const isSource = (rxa: Segment): boolean => /^NIP0+1$/i.test(value(rxa, 9, 3));

// RXA-9 of US messages (table NIP001): 00 = this administration, anything else = told by someone.
export function isPrimarySource(rxa: Segment): boolean {
  return !isSource(rxa) || value(rxa, 9) === '00';
}

export const remark = (rxa: Segment): string => (isSource(rxa) ? '' : value(rxa, 9, 2) || value(rxa, 9));
