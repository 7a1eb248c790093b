// Results, vital signs, social history and other observations -> Observation; an organizer of results -> DiagnosticReport with them.
// C-CDA 2.1 templates 2.16.840.1.113883.10.20.22.4.1 (result organizer), .2, .26 (vital signs organizer), .27, .38, .78.

import type { DiagnosticReport, Observation, Reference } from '@medplum/fhirtypes';
import { OBSERVATION_CATEGORY } from '../code-systems.ts';
import { decimal } from '../decimal.ts';
import { dataAbsentReason } from '../null-flavor.ts';
import { attribute, element, elements, textOf, type XmlElement, xsiType } from '../xml.ts';
import { type CcdaContext, type Found, found, leave, performers, relatedBy, templatesOf } from './context.ts';
import { concept, dateTime, dateTimeOrPeriod, isNull, period, quantity, range, told } from './datatypes.ts';
import { lookUp } from './systems.ts';

export type Category = 'laboratory' | 'vital-signs' | 'social-history' | 'survey' | 'exam';

const RESULTS = '2.16.840.1.113883.10.20.22.4.1';
const COMMENT = '2.16.840.1.113883.10.20.22.4.64';

/** The observations of an organizer, and of results the report that holds them together when it says what it is. */
export function organizer(context: CcdaContext, of: XmlElement, category: Category | undefined): Found[] {
  const parts = elements(of, 'component').flatMap((component) => [
    ...elements(component, 'observation').flatMap((one) => {
      const made = observation(context, one, category);
      return made ? [made] : [];
    }),
    ...elements(component, 'organizer').flatMap((inner) => organizer(context, inner, category)),
  ]);
  const code = concept(element(of, 'code'), context.narrative);
  const status = statusOf(of);
  if (!templatesOf(of).has(RESULTS) || code === undefined || status === undefined || parts.length === 0) return parts;
  const observations = parts.filter(({ resource }) => resource.resourceType === 'Observation');
  const result: Reference[] = [];
  const report: DiagnosticReport = {
    resourceType: 'DiagnosticReport',
    status: status === 'preliminary' ? 'partial' : status,
    category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0074', code: 'LAB' }] }],
    code,
    subject: context.subject,
    ...dateTimeOrPeriod('effective', element(of, 'effectiveTime')),
    result: result as NonNullable<DiagnosticReport['result']>,
  };
  const refers = (urlOf: (found: Found) => string): void =>
    void result.push(...observations.map((one) => ({ reference: urlOf(one) })));
  return [{ ...found(context, of, report, element(of, 'code')), refers }, ...parts];
}

/** Undefined for what is planned, denied or without a code, which is left in the document. */
export function observation(context: CcdaContext, of: XmlElement, category: Category | undefined): Found | undefined {
  const code = concept(element(of, 'code'), context.narrative);
  const status = statusOf(of);
  const isHeld = code !== undefined && status !== undefined && attribute(of, 'negationInd') !== 'true' && !isNull(of);
  if (!isHeld || (attribute(of, 'moodCode') ?? 'EVN') !== 'EVN') {
    leave(context, 'observation without a code, planned or denied');
    return undefined;
  }
  const { person, organization } = performers(element(of, 'performer') ?? element(of, 'author'));
  const performer = [person, organization].filter((actor) => actor !== undefined);
  const interpretation = elements(of, 'interpretationCode').flatMap((one) => concept(one, context.narrative) ?? []);
  const method = concept(element(of, 'methodCode'), context.narrative);
  const site = concept(element(of, 'targetSiteCode'), context.narrative);
  const issued = dateTime(element(of, 'author', 'time'));
  const comment = told(element(relatedBy(of, COMMENT), 'text'), context.narrative);
  const resource: Observation = {
    resourceType: 'Observation',
    status,
    ...(category && { category: [{ coding: [{ system: OBSERVATION_CATEGORY, code: category }] }] }),
    code,
    subject: context.subject,
    ...dateTimeOrPeriod('effective', element(of, 'effectiveTime')),
    ...(issued?.includes('T') && { issued }),
    ...(performer.length > 0 && { performer: performer as NonNullable<Observation['performer']> }),
    ...valuesOf(context, elements(of, 'value')),
    ...(interpretation.length > 0 && { interpretation }),
    ...(comment && { note: [{ text: comment }] }),
    ...(site && { bodySite: site }),
    ...(method && { method }),
    ...referenceRanges(context, of),
  };
  return found(context, of, resource, element(of, 'code'));
}

type Value = Partial<Observation>;

// One value is the value; of several each is a component with the same code, as nothing else tells them apart.
function valuesOf(context: CcdaContext, values: readonly XmlElement[]): Value {
  const [first, ...more] = values;
  if (first === undefined) return {};
  if (more.length === 0) return oneValue(context, first);
  const each = values.map((one) => oneValue(context, one));
  const codes = each.flatMap(({ valueCodeableConcept }) => valueCodeableConcept ?? []);
  if (codes.length === values.length)
    return {
      valueCodeableConcept: {
        coding: codes.flatMap(({ coding = [] }) => coding),
        text: codes.flatMap(({ text }) => text ?? []).join(', ') || 'several values',
      },
    };
  return { note: [{ text: values.map(textOf).filter(Boolean).join(', ') || 'several values' }] };
}

function oneValue(context: CcdaContext, of: XmlElement): Value {
  const type = xsiType(of);
  const text = told(of, context.narrative);
  if (isNull(of)) {
    // A null flavour may come with what was said in words.
    const said = concept(of, context.narrative);
    return said ? { valueCodeableConcept: said } : { dataAbsentReason: absent(attribute(of, 'nullFlavor')) };
  }
  switch (type) {
    case 'PQ': {
      const valueQuantity = quantity(of);
      return valueQuantity ? { valueQuantity } : orText(attribute(of, 'value') ?? text);
    }
    case 'REAL':
    case 'MO': {
      const value = decimal(attribute(of, 'value') ?? '');
      return value === undefined ? orText(text) : { valueQuantity: { value } };
    }
    case 'INT': {
      const value = attribute(of, 'value') ?? '';
      return /^-?\d{1,9}$/.test(value) ? { valueInteger: Number(value) } : orText(value || text);
    }
    case 'BL':
      return { valueBoolean: attribute(of, 'value') === 'true' };
    case 'CD':
    case 'CE':
    case 'CV':
    case 'CO':
    case 'CS': {
      const valueCodeableConcept = concept(of, context.narrative);
      return valueCodeableConcept ? { valueCodeableConcept } : orText(text);
    }
    case 'TS': {
      const valueDateTime = dateTime(of);
      return valueDateTime ? { valueDateTime } : orText(attribute(of, 'value') ?? text);
    }
    case 'IVL_TS': {
      const valuePeriod = period(of);
      return valuePeriod ? { valuePeriod } : orText(text);
    }
    case 'IVL_PQ': {
      const valueRange = range(of);
      return valueRange ? { valueRange } : orText(text);
    }
    case 'RTO':
    case 'RTO_PQ_PQ': {
      const [numerator, denominator] = [quantity(element(of, 'numerator')), quantity(element(of, 'denominator'))];
      return numerator && denominator ? { valueRatio: { numerator, denominator } } : orText(text);
    }
    default:
      return orText(text);
  }
}

const orText = (text: string): Value =>
  text.trim() && text.length <= 2_000 ? { valueString: text } : { dataAbsentReason: absent('UNK') };

const absent = (flavor: string | undefined) => ({ coding: [dataAbsentReason(flavor ?? '')] });

function referenceRanges(context: CcdaContext, of: XmlElement): Pick<Observation, 'referenceRange'> {
  const ranges = elements(of, 'referenceRange').flatMap((one) => {
    const inside = element(one, 'observationRange');
    const { low, high } = range(element(inside, 'value')) ?? {};
    const text = told(element(inside, 'text'), context.narrative);
    return low || high || text ? [{ ...(low && { low }), ...(high && { high }), ...(text && { text }) }] : [];
  });
  return ranges.length > 0 ? { referenceRange: ranges } : {};
}

const statuses: Readonly<
  Record<string, 'final' | 'preliminary' | 'cancelled' | 'registered' | 'entered-in-error' | undefined>
> = {
  completed: 'final',
  active: 'preliminary',
  aborted: 'cancelled',
  cancelled: 'cancelled',
  held: 'registered',
  suspended: 'registered',
  new: 'registered',
  nullified: 'entered-in-error',
};

function statusOf(of: XmlElement) {
  const code = attribute(element(of, 'statusCode'), 'code') ?? 'completed';
  return lookUp(statuses, code);
}

/** What the observations of a section are, by the LOINC code of the section. */
export const sectionCategories: Readonly<Record<string, Category | undefined>> = {
  '30954-2': 'laboratory',
  '8716-3': 'vital-signs',
  '29762-2': 'social-history',
  '29545-1': 'exam',
  '47420-5': 'survey',
  '10190-7': 'survey',
};
