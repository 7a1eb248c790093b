// What every segment mapping needs from its message: who the child is, whose message it is, and where problems go.
// Patient number: JP Core, urn:oid:1.2.392.100495.20.3.51.1 followed by the institution's 10 digits.

import type {
  BundleEntry,
  CodeableConcept,
  Coding,
  Identifier,
  Organization,
  Patient,
  Period,
  Quantity,
  Reference,
} from '@medplum/fhirtypes';
import { CANONICAL } from '../../server/fhir/canonical.ts';
import { hasMyNumberCheckDigit } from '../../server/fhir/my-number-text.ts';
import { DRUG_UNIT, INSTITUTION, systemOf, UCUM } from '../code-systems.ts';
import { decimal } from '../decimal.ts';
import {
  businessIdentifier,
  createEntry,
  type Identified,
  MyNumberFound,
  type PatientIdentifier,
  type PatientTarget,
  replaceEntry,
  type SentMessage,
} from '../record.ts';
import { repetitions, type Segment, value } from './message.ts';

export type Hl7Options = {
  /** 10-digit institution number of the sender, from the connector's configuration. */
  institution?: string;
  /** When a person has said whose message this is; else the patient number of PID-3 decides. */
  patient?: PatientTarget;
};

export type Hl7Context = {
  segments: Segment[];
  /** MSH-9.2 */
  event: string;
  message: SentMessage;
  /** Names the sender inside business identifiers and local code systems. */
  house: string;
  institution: string | undefined;
  /** ORC-21 of the first order: what the sending institution is called. */
  facility: string;
  patientNumber: string;
  patient: PatientIdentifier | undefined;
  subject: Reference<Patient>;
  problems: string[];
  taken: Taken;
};

/** What was taken from the message so far: the entries by fullUrl, and which resources share an identifier. */
export type Taken = { entries: Map<string, BundleEntry>; sameKey: Map<string, number>; sameText: Map<string, string> };

/** Nothing taken yet. */
export const nothingTaken = (): Taken => ({ entries: new Map(), sameKey: new Map(), sameText: new Map() });

/**
 * Takes a resource over and gives its fullUrl for references to it. `corrects` when the message withdraws or changes what was
 * said before: then it asks for the right to update, while everything else only adds until a later message is about the same
 * thing. Two things of one message with the same keys are told apart by their place, unless they are the same to the letter.
 */
export function take({ taken }: Hl7Context, resource: Identified, corrects = false): string {
  const [first, ...others] = [resource.identifier ?? []].flat();
  const key = first?.value ?? '';
  const text = JSON.stringify(resource);
  const same = taken.sameText.get(text);
  if (same !== undefined) return same;
  const place = (taken.sameKey.get(key) ?? 0) + 1;
  taken.sameKey.set(key, place);
  const named =
    place === 1 ? resource : { ...resource, identifier: [{ ...first, value: `${key}.${place}` }, ...others] };
  const entry = corrects ? replaceEntry(named) : createEntry(named);
  const fullUrl = entry.fullUrl ?? '';
  taken.entries.set(fullUrl, entry);
  taken.sameText.set(text, fullUrl);
  return fullUrl;
}

/** Of a table written in the code; undefined for a code it does not have, whatever objects know besides. */
export const lookUp = <Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

const PATIENT_OID = 'urn:oid:1.2.392.100495.20.3.51.1';

/** The sender's patient number with its system; undefined when PID-3 is empty or nothing says whose number it is. */
export function patientIdentifier(
  pid: Segment | undefined,
  institution: string | undefined,
): PatientIdentifier | undefined {
  refuseMyNumber(pid);
  const all = Array.from({ length: repetitions(pid, 3) }, (_, i) => i + 1).filter(
    (rep) => value(pid, 3, 1, 1, rep) !== '',
  );
  const typed = (...types: string[]) => all.find((rep) => types.includes(value(pid, 3, 5, 1, rep)));
  const rep = typed('PI') ?? typed('MR') ?? typed('') ?? all[0];
  if (rep === undefined) return undefined;
  const oid = [value(pid, 3, 4, 2, rep), value(pid, 3, 4, 1, rep)].find((id) => /^[0-2](\.(0|[1-9]\d*))+$/.test(id));
  const system = oid ? `urn:oid:${oid}` : institution && PATIENT_OID + institution;
  return system ? { system, value: value(pid, 3, 1, 1, rep) } : undefined;
}

/** A business identifier that is unique to the sender. */
export function ownIdentifier(context: Hl7Context, kind: string, keys: readonly string[]): Identifier {
  return businessIdentifier(kind, [context.house, context.patientNumber, ...keys]);
}

/** A CE, CWE or CNE field: its codings (first and alternate) and its text. */
export function concept(
  context: Hl7Context,
  segment: Segment | undefined,
  field: number,
  repetition = 1,
): { coding: Coding[]; text: string } {
  const coding: Coding[] = [];
  for (const at of [1, 4]) {
    const code = value(segment, field, at, 1, repetition).replace(/\s+/g, ' ');
    const display = value(segment, field, at + 1, 1, repetition);
    const system = systemOf(value(segment, field, at + 2, 1, repetition), context.house);
    if (code) coding.push({ ...(system && { system }), code, ...(display && { display }) });
  }
  const texts = [9, 2, 5].map((component) => value(segment, field, component, 1, repetition));
  return { coding, text: texts.find((text) => text !== '') ?? '' };
}

/** The same as a CodeableConcept, undefined when the field is empty. */
export function codeableConcept(
  context: Hl7Context,
  segment: Segment | undefined,
  field: number,
  repetition = 1,
): CodeableConcept | undefined {
  const sent = concept(context, segment, field, repetition);
  // Free text where a code belongs, as senders write it: without a table or a name it is text alone.
  const coding = sent.coding.filter(({ system, display }) => system !== undefined || display !== undefined);
  const text = sent.text || (sent.coding[0]?.code ?? '');
  if (coding.length === 0 && !text) return undefined;
  return { ...(coding.length > 0 && { coding }), ...(text && { text }) };
}

/** Every repetition of such a field. */
export function codeableConcepts(context: Hl7Context, segment: Segment | undefined, field: number): CodeableConcept[] {
  return Array.from({ length: repetitions(segment, field) }, (_, n) =>
    codeableConcept(context, segment, field, n + 1),
  ).filter((found) => found !== undefined);
}

/** A number with the unit of a CE field (`ML^ミリリットル^MR9P`); undefined when the number is no decimal. */
export function quantity(text: string, segment: Segment | undefined, unitField: number): Quantity | undefined {
  return quantityIn(
    text,
    [1, 2, 3].map((component) => value(segment, unitField, component)),
  );
}

/** The same with the three parts of the unit: code, name, table. */
export function quantityIn(
  text: string,
  [unitCode = '', unitName = '', unitTable = '']: string[],
): Quantity | undefined {
  // No measurement has so many digits; a number of a thousand would only be slow.
  const amount = text.length > 40 ? undefined : decimal(text);
  if (amount === undefined) return undefined;
  const table = unitTable.toUpperCase();
  const system = table === 'MR9P' ? DRUG_UNIT : isUcum(unitCode, table) ? UCUM : undefined;
  const unit = unitName || unitCode;
  return { value: amount, ...(unit && { unit }), ...(system && unitCode && { system, code: unitCode }) };
}

/** The number of who carries the order out (ORC-3, OBR-3). */
export function fillerIdentifier({ house }: Hl7Context, number: string): Identifier[] {
  const type = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'FILL' }] };
  const system = `${CANONICAL}/sid/filler-order/${encodeURIComponent(house)}`;
  return number ? [{ type, system, value: number }] : [];
}

/** A person field (XCN `code^family^given`): shown, not looked up. */
export function personReference(
  segment: Segment | undefined,
  field: number,
  repetition = 1,
): { display: string } | undefined {
  const [code = '', family = '', given = ''] = [1, 2, 3].map((n) => value(segment, field, n, 1, repetition));
  const display = [family, given].filter(Boolean).join(' ') || code;
  return display ? { display } : undefined;
}

/** A place (PL `ward^room^bed^facility`): shown, not looked up. */
export function placeText(segment: Segment | undefined, field: number): string {
  return (
    [4, 7, 1, 2, 3]
      .map((n) => value(segment, field, n))
      .filter(Boolean)
      .join(' ') || value(segment, field, 9)
  );
}

/** The sender's own number of an order, which every resource of the order carries. */
export function orderIdentifier({ house }: Hl7Context, order: string): Identifier[] {
  return order ? [{ system: `${CANONICAL}/sid/order/${encodeURIComponent(house)}`, value: order }] : [];
}

/** FHIR Period (per-1: it does not end before it begins); undefined without either end. */
export function period(context: Hl7Context, start: string | undefined, end: string | undefined): Period | undefined {
  const isBackwards = start !== undefined && end !== undefined && isBefore(end, start);
  if (isBackwards) context.problems.push('A period that ends before it begins was taken without its end.');
  if (!start && (!end || isBackwards)) return undefined;
  return { ...(start && { start }), ...(end && !isBackwards && { end }) };
}

// Times of different precision are compared as far as both go.
function isBefore(a: string, b: string): boolean {
  const length = Math.min(a.length, b.length);
  return length > 10 ? Date.parse(a) < Date.parse(b) : a.slice(0, length) < b.slice(0, length);
}

/** The sending institution, as a logical reference by its 10-digit number. */
export function institutionReference(context: Hl7Context): Reference<Organization> | undefined {
  const display = context.facility;
  if (!context.institution) return display ? { display } : undefined;
  const identifier = { system: INSTITUTION, value: context.institution };
  return { type: 'Organization', identifier, ...(display && { display }) };
}

// ISO+ and UCUM agree on the units of body measurements and on the plain ones of laboratories.
function isUcum(code: string, table: string): boolean {
  return (
    table === 'UCUM' ||
    (table === 'ISO+' &&
      /^(kg|g|mg|ug|cm|mm|m|mL|L|%|Cel|h|min|d|mm\[Hg\]|g\/dL|mg\/dL|mmol\/L|U\/L|kg\/m2)$/.test(code))
  );
}

// PID-3 of the national kind, or PID-19 (the US social security number, misused so) with 12 digits that check.
function refuseMyNumber(pid: Segment | undefined): void {
  for (let rep = 1; rep <= repetitions(pid, 3); rep++) {
    const type = value(pid, 3, 5, 1, rep);
    const id = value(pid, 3, 1, 1, rep);
    if (type === 'NNJPN' || (type === 'NI' && hasMyNumberCheckDigit(id))) throw new MyNumberFound('PID-3');
  }
  if (hasMyNumberCheckDigit(value(pid, 19))) throw new MyNumberFound('PID-19');
}
