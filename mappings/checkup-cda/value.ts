// The data types of HL7 v3 that check-up reports use -> FHIR values. HL7 v3 data types R1 (PQ, CD, CO, ST, INT, REAL, BL, TS,
// IVL_PQ, null flavors); FHIR R4 data-absent-reason.

import type { CodeableConcept, Coding, Observation, ObservationReferenceRange, Quantity } from '@medplum/fhirtypes';
import { UCUM } from '../code-systems.ts';
import { decimal } from '../decimal.ts';
import { hl7DateTime } from '../hl7v2/time.ts';
import { dataAbsentReason } from '../null-flavor.ts';
import { attribute, element, textOf, type XmlElement, xsiType } from '../xml.ts';

export type ReadValue = Pick<
  Observation,
  | 'valueQuantity'
  | 'valueCodeableConcept'
  | 'valueString'
  | 'valueInteger'
  | 'valueBoolean'
  | 'valueDateTime'
  | 'valueRange'
  | 'dataAbsentReason'
>;

/** The value; undefined when it is of a type that is not known or does not fit its type. */
export function readValue(value: XmlElement): ReadValue | undefined {
  const nullFlavor = attribute(value, 'nullFlavor');
  if (nullFlavor) return { dataAbsentReason: absent(nullFlavor) };
  const sent = attribute(value, 'value') ?? '';
  switch (xsiType(value)) {
    case 'PQ':
    case 'REAL': {
      const valueQuantity = readQuantity(value);
      return valueQuantity && { valueQuantity };
    }
    case 'CD':
    case 'CE':
    case 'CO':
    case 'CV':
    case 'CS': {
      const concept = readConcept(value);
      return concept && { valueCodeableConcept: concept };
    }
    case 'ST':
    case 'ED':
      return textOf(value) ? { valueString: textOf(value) } : undefined;
    case 'INT':
      return /^-?\d{1,9}$/.test(sent) ? { valueInteger: Number(sent) } : undefined;
    case 'BL':
      return sent === 'true' || sent === 'false' ? { valueBoolean: sent === 'true' } : undefined;
    case 'TS': {
      const time = hl7DateTime(sent);
      return time ? { valueDateTime: time } : undefined;
    }
    case 'IVL_PQ': {
      const range = readRange(value);
      return range && { valueRange: range };
    }
    default:
      return undefined;
  }
}

/** A code with its system as OID, its name, and the words of the source; undefined when there is none of them. */
export function readConcept(of: XmlElement | undefined): CodeableConcept | undefined {
  const code = attribute(of, 'code')?.replace(/\s+/g, ' ');
  const system = oid(attribute(of, 'codeSystem'));
  const display = attribute(of, 'displayName');
  const text = textOf(element(of, 'originalText')) || display;
  const coding: Coding[] = code ? [{ ...(system && { system }), code, ...(display && { display }) }] : [];
  return code || text ? { ...(coding.length > 0 && { coding }), ...(text && { text }) } : undefined;
}

/** referenceRange/observationRange: low and high as they were sent, with their words. */
export function readReferenceRange(range: XmlElement): ObservationReferenceRange | undefined {
  const observed = element(range, 'observationRange');
  const value = element(observed, 'value');
  const found = value && xsiType(value) === 'IVL_PQ' ? readRange(value) : undefined;
  const text = textOf(element(observed, 'text'));
  return found || text ? { ...found, ...(text && { text }) } : undefined;
}

/** Why there is no value; what R4 has no word for keeps its own. */
export function absent(nullFlavor: string): CodeableConcept {
  return { coding: [dataAbsentReason(nullFlavor)], text: nullFlavor.slice(0, 20) };
}

function readRange(value: XmlElement): { low?: Quantity; high?: Quantity } | undefined {
  const [low, high] = [readQuantity(element(value, 'low')), readQuantity(element(value, 'high'))];
  return low || high ? { ...(low && { low }), ...(high && { high }) } : undefined;
}

function readQuantity(of: XmlElement | undefined): Quantity | undefined {
  const value = decimal(attribute(of, 'value') ?? '');
  const unit = attribute(of, 'unit');
  if (value === undefined) return undefined;
  if (!unit || unit === '1') return { value };
  return { value, unit, ...(ucum.has(unit) && { system: UCUM, code: unit }) };
}

/** The UCUM units of the item list of specific health check-ups; another unit is kept as its text. */
const ucum = new Set([
  'cm',
  'kg',
  'kg/m2',
  'mm[Hg]',
  'mg/dL',
  'g/dL',
  'g/L',
  'ug/dL',
  'U/L',
  '%',
  '/min',
  '10*4/uL',
  '10*4/mm3',
  '/mm3',
  'mL/min',
  'mL/min/{1.73_m2}',
  'cm2',
  'd',
  'a',
  'mg/L',
  'ng/mL',
  'L',
]);

/** The system as FHIR writes it; undefined for what is no OID. */
export const oid = (text: string | undefined): string | undefined =>
  text && /^[0-2](?:\.(?:0|[1-9]\d*))+$/.test(text) ? `urn:oid:${text}` : undefined;
