// The data types of CDA -> those of FHIR: II, CD, TS, IVL_TS, PQ, EN. A null flavour yields nothing; text that is told by a reference
// into the narrative is looked up there. HL7 V3 Data Types R1 (XML ITS), as CDA R2 uses them.

import type { CodeableConcept, Coding, Identifier, Period, Quantity, Range } from '@medplum/fhirtypes';
import { numberText } from '../../server/fhir/json.ts';
import { ucumUnit } from '../../server/fhir/ucum.ts';
import { UCUM } from '../code-systems.ts';
import { decimal } from '../decimal.ts';
import { civilDate } from '../japanese-date.ts';
import { attribute, element, elements, textOf, type XmlElement } from '../xml.ts';
import { codeSystemOf, identifierSystemOf, uriOf } from './systems.ts';

/** Elements of the narrative by their ID. */
export type Narrative = ReadonlyMap<string, XmlElement>;

/** Longer text is for the document itself. */
const MOST_TEXT = 2_000;

/** True where the sender says that there is nothing to say. */
export const isNull = (of: XmlElement | undefined): boolean => attribute(of, 'nullFlavor') !== undefined;

/** An II; undefined without a root that is an OID or a UUID. */
export function identifier(of: XmlElement | undefined): Identifier | undefined {
  const root = attribute(of, 'root');
  const extension = attribute(of, 'extension');
  if (root === undefined || isNull(of)) return undefined;
  if (extension !== undefined) {
    const system = identifierSystemOf(root);
    return system === undefined ? undefined : { system, value: extension };
  }
  const value = uriOf(root);
  return value === undefined ? undefined : { system: 'urn:ietf:rfc:3986', value };
}

/** Those directly inside that can be used. */
export const identifiers = (of: XmlElement): Identifier[] =>
  elements(of, 'id').flatMap((one) => {
    const known = identifier(one);
    return known ? [known] : [];
  });

/** A CD, CE or CV with its translations; undefined when it has neither code nor text. */
export function concept(of: XmlElement | undefined, narrative: Narrative): CodeableConcept | undefined {
  if (of === undefined) return undefined;
  const codings = [of, ...elements(of, 'translation')].flatMap((one) => coding(one) ?? []);
  const text =
    told(element(of, 'originalText'), narrative) || codings.find(({ display }) => display)?.display || named(of);
  if (codings.length === 0 && !text) return undefined;
  return { ...(codings.length > 0 && { coding: codings }), ...(text && { text }) };
}

/** The code alone, '' when it gives none. */
export const codeOf = (of: XmlElement | undefined): string => (isNull(of) ? '' : (attribute(of, 'code') ?? ''));

function coding(of: XmlElement): Coding | undefined {
  const code = attribute(of, 'code');
  if (code === undefined || isNull(of) || !/^\S+(?: \S+)*$/.test(code)) return undefined;
  const system = codeSystemOf(attribute(of, 'codeSystem'));
  const display = named(of);
  return { ...(system && { system }), code, ...(display && { display }) };
}

const named = (of: XmlElement): string => shortened(attribute(of, 'displayName') ?? '');

/** An ED: its own text, or the piece of the narrative that it refers to; '' when it has none or far too much. */
export function told(of: XmlElement | undefined, narrative: Narrative): string {
  const reference = attribute(element(of, 'reference'), 'value');
  const target = reference?.startsWith('#') ? narrative.get(reference.slice(1)) : undefined;
  return (target && textIn(target)) || textIn(of);
}

// The same piece may be referred to by very many.
const texts = new WeakMap<XmlElement, string>();

function textIn(of: XmlElement | undefined): string {
  if (of === undefined) return '';
  const known = texts.get(of);
  if (known !== undefined) return known;
  const text = shortened(textOf(of));
  texts.set(of, text);
  return text;
}

const shortened = (text: string): string => (text.length > MOST_TEXT ? '' : text.replace(/\s+/g, ' ').trim());

/**
 * A TS as a FHIR dateTime; undefined when it names no real time. Of a time of day without an offset only the day is taken:
 * nobody knows where in the world it was.
 */
export function dateTime(of: XmlElement | undefined): string | undefined {
  return isNull(of) ? undefined : timeOf(attribute(of, 'value') ?? '');
}

/** The same with a time of day even without an offset, which is then Japan's: to tell which of two documents is the later. */
export const orderedTime = (of: XmlElement | undefined): string | undefined =>
  isNull(of) ? undefined : timeOf(attribute(of, 'value') ?? '', '+09:00');

function timeOf(text: string, unknownOffset?: string): string | undefined {
  const match = /^(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.(\d{1,9}))?)?)?)?)?)?([+-]\d{4})?$/.exec(
    text,
  );
  const [, year = '', month, day, hour, minute, second = '00', fraction, offset] = match ?? [];
  const date = civilDate(Number(year), Number(month ?? 1), Number(day ?? 1));
  if (!match || !date) return undefined;
  if (!month) return year;
  if (!day) return date.slice(0, 7);
  const zone = offset ? `${offset.slice(0, 3)}:${offset.slice(3)}` : unknownOffset;
  if (hour === undefined || minute === undefined || zone === undefined) return date;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  if (!/^[+-](?:0\d|1[0-3]):[0-5]\d$|^[+-]14:00$/.test(zone)) return date;
  return `${date}T${hour}:${minute}:${second}${fraction ? `.${fraction}` : ''}${zone}`;
}

/** An IVL_TS, or a TS as both ends of itself; undefined when neither end is known, and without an end before its start. */
export function period(of: XmlElement | undefined): Period | undefined {
  if (of === undefined || isNull(of)) return undefined;
  const start = dateTime(element(of, 'low'));
  const end = dateTime(element(of, 'high'));
  if (start === undefined && end === undefined) return undefined;
  if (start !== undefined && end !== undefined && isBefore(end, start)) return { start };
  return { ...(start && { start }), ...(end && { end }) };
}

/** The one time of something that happened at once: the value, else the middle, else the beginning. */
export function moment(of: XmlElement | undefined): string | undefined {
  return (
    dateTime(of) ?? dateTime(element(of, 'center')) ?? dateTime(element(of, 'low')) ?? dateTime(element(of, 'high'))
  );
}

/** `effectiveDateTime` or `effectivePeriod`, by the name of the choice. */
export function dateTimeOrPeriod<Name extends string>(
  name: Name,
  of: XmlElement | undefined,
): { [key in `${Name}DateTime`]?: string } & { [key in `${Name}Period`]?: Period } {
  const span = period(of);
  const at = moment(of);
  const isSpan = span !== undefined && (span.start !== span.end || span.start === undefined);
  const chosen = isSpan ? { [`${name}Period`]: span } : at ? { [`${name}DateTime`]: at } : {};
  return chosen as { [key in `${Name}DateTime`]?: string } & { [key in `${Name}Period`]?: Period };
}

// As far as both are told; two offsets make them incomparable as text.
function isBefore(a: string, b: string): boolean {
  if (a.length > 10 && b.length > 10) return Date.parse(a) < Date.parse(b);
  const length = Math.min(a.length, b.length, 10);
  return a.slice(0, length) < b.slice(0, length);
}

/** A PQ; undefined when its value is no decimal. The unit is UCUM's where UCUM has it, else a text. */
export function quantity(of: XmlElement | undefined): Quantity | undefined {
  const value = isNull(of) ? undefined : decimal(attribute(of, 'value') ?? '');
  if (value === undefined) return undefined;
  const unit = attribute(of, 'unit');
  if (unit === undefined) return { value };
  if (unit.length > MOST_TEXT) return undefined;
  return ucumUnit(unit) === undefined ? { value, unit } : { value, unit, system: UCUM, code: unit };
}

/** An IVL_PQ as a Range; undefined when neither end is a number, or the lower is the higher. */
export function range(of: XmlElement | undefined): Range | undefined {
  const low = quantity(element(of, 'low'));
  const high = quantity(element(of, 'high'));
  if (low === undefined && high === undefined) return undefined;
  if (low && high && Number(numberText(low.value)) > Number(numberText(high.value))) return undefined;
  return { ...(low && { low }), ...(high && { high }) };
}

/** An EN, PN or ON as it is shown; '' when it is not told. */
export function nameOf(of: XmlElement | undefined): string {
  if (of === undefined || isNull(of)) return '';
  const parts = ['prefix', 'given', 'family', 'suffix'].flatMap((name) => elements(of, name).map(textIn));
  return shortened(parts.filter(Boolean).join(' ')) || textIn(of);
}
