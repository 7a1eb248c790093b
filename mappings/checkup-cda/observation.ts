// The statements of a check-up report -> Observations. An item is its JLAC10-like code of 17 characters; panels (COMP) hold their
// parts, and what is said why an item was done (RSON) becomes an Observation of its own.

import type { BundleEntry, CodeableConcept, Observation, Patient, Reference } from '@medplum/fhirtypes';
import checkupItems from '../../profiles/concept-maps/checkup-item-to-loinc.json' with { type: 'json' };
import { LOINC, OBSERVATION_CATEGORY, SIMPLE_CATEGORY } from '../code-systems.ts';
import { hl7DateTime } from '../hl7v2/time.ts';
import { businessIdentifier, replaceEntry } from '../record.ts';
import { attribute, childElements, element, elements, textOf, type XmlElement } from '../xml.ts';
import { absent, readConcept, readReferenceRange, readValue } from './value.ts';

export type ReportContext = {
  subject: Reference<Patient>;
  /** What tells this check-up apart, the person among it. */
  keys: readonly string[];
  date: string;
  performer: Reference | undefined;
  entries: BundleEntry[];
  problems: string[];
  /** How often each item was met: an item may be there twice. */
  counts: Map<string, number>;
};

/** The Observations of a section, by their full URLs; the entries are added to the context, parts before wholes. */
export function mapSection(context: ReportContext, section: XmlElement): string[] {
  return elements(section, 'entry').flatMap((entry) => mapInside(context, entry));
}

/** Statements below an element, whether it is an entry, an organizer or an act. */
function mapInside(context: ReportContext, parent: XmlElement): string[] {
  return childElements(parent).flatMap((child) => {
    if (child.name === 'observation') return mapObservation(context, child);
    return ['entry', 'organizer', 'component', 'act', 'entryRelationship'].includes(child.name)
      ? mapInside(context, child)
      : [];
  });
}

function mapObservation(context: ReportContext, of: XmlElement): string[] {
  const concept = readConcept(element(of, 'code'));
  const item = concept?.coding?.[0]?.code ?? concept?.text ?? '';
  const number = (context.counts.get(item) ?? 0) + 1;
  context.counts.set(item, number);
  const relations = elements(of, 'entryRelationship');
  const isReason = (one: XmlElement) => attribute(one, 'typeCode') === 'RSON';
  const parts = relations.filter((one) => !isReason(one)).flatMap((one) => mapInside(context, one));
  for (const one of relations.filter(isReason)) mapInside(context, one);
  if (!concept) {
    context.problems.push('An observation without a code was not taken.');
    return parts;
  }
  const sent = element(of, 'value');
  const value = sent && readValue(sent);
  if (sent && !value)
    context.problems.push(
      `The value of item ${shown(item)} is of a type that is not read, and is kept only in the original.`,
    );
  const isDone = attribute(of, 'negationInd') !== 'true';
  const entry = replaceEntry({
    resourceType: 'Observation',
    identifier: [businessIdentifier('checkup-observation', [...context.keys, item, String(number)])],
    status: isDone ? 'final' : 'cancelled',
    category: categoriesOf(item),
    code: coded(concept),
    subject: context.subject,
    effectiveDateTime: timeOf(of) ?? context.date,
    ...(context.performer && { performer: [context.performer] }),
    ...(isDone ? value : {}),
    ...absence(of, isDone, value !== undefined || parts.length > 0),
    ...more(of),
    ...(parts.length > 0 && { hasMember: parts.map((reference) => ({ reference })) }),
  } as Observation);
  context.entries.push(entry);
  return [entry.fullUrl ?? ''];
}

/** "Not done" and "no value" are said; a whole that only holds its parts is neither. */
function absence(of: XmlElement, isDone: boolean, hasContent: boolean): Pick<Observation, 'dataAbsentReason'> {
  if (!isDone) return { dataAbsentReason: { coding: [notPerformed] } };
  const nullFlavor = attribute(of, 'nullFlavor');
  return hasContent ? {} : { dataAbsentReason: absent(nullFlavor ?? 'UNK') };
}

const notPerformed = { system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'not-performed' };

function more(of: XmlElement): Partial<Observation> {
  const interpretation = elements(of, 'interpretationCode').flatMap((one) => interpretationOf(one) ?? []);
  const method = readConcept(element(of, 'methodCode'));
  const site = readConcept(element(of, 'targetSiteCode'));
  const ranges = elements(of, 'referenceRange').flatMap((one) => readReferenceRange(one) ?? []);
  const text = textOf(element(of, 'text'));
  return {
    ...(interpretation.length > 0 && { interpretation }),
    ...(method && { method }),
    ...(site && { bodySite: site }),
    ...(ranges.length > 0 && { referenceRange: ranges }),
    ...(text && { note: [{ text }] }),
  };
}

const HL7_INTERPRETATION = 'urn:oid:2.16.840.1.113883.5.83';

/** HL7's own table has a URL in FHIR. */
function interpretationOf(of: XmlElement): CodeableConcept | undefined {
  const concept = readConcept(of);
  const [coding] = concept?.coding ?? [];
  if (!concept || coding?.system !== HL7_INTERPRETATION) return concept;
  const system = 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation';
  return { ...concept, coding: [{ system, code: coding.code ?? '' }] };
}

const toLoinc = new Map(
  checkupItems.group.flatMap(({ element: items }) =>
    items.flatMap(({ code, target }) =>
      target
        .filter(({ equivalence }) => equivalence === 'equivalent')
        .map((one) => [code, { system: LOINC, code: one.code, display: one.display }] as const),
    ),
  ),
);

/** LOINC beside the item where it says the same. */
function coded(concept: CodeableConcept): CodeableConcept {
  const loinc = toLoinc.get(concept.coding?.[0]?.code ?? '');
  return loinc ? { ...concept, coding: [...(concept.coding ?? []), loinc] } : concept;
}

/** JLAC10: analytes 1 to 8 are of the laboratory; 9N7 are the questions; body size stands where growth curves look for it. */
function categoriesOf(item: string): CodeableConcept[] {
  const name = toLoinc.has(item)
    ? 'vital-signs'
    : /^[1-8][A-Z]/.test(item)
      ? 'laboratory'
      : item.startsWith('9N7')
        ? 'survey'
        : 'exam';
  const simple = name === 'vital-signs' ? 'body-measurement' : name;
  return [
    { coding: [{ system: SIMPLE_CATEGORY, code: simple }] },
    { coding: [{ system: OBSERVATION_CATEGORY, code: name }] },
  ];
}

function timeOf(of: XmlElement): string | undefined {
  const time = element(of, 'effectiveTime');
  return hl7DateTime(attribute(time, 'value') ?? attribute(element(time, 'low'), 'value') ?? '');
}

const shown = (item: string): string => (/^[0-9A-Z]{1,20}$/.test(item) ? item : 'of another code system');
