// Immunization activity -> Immunization. A dose that was not given stays one that was not given; a statement that says it knows
// nothing is no dose. C-CDA 2.1 templates 2.16.840.1.113883.10.20.22.4.52, .53 (refusal reason), .54, .46 (dose number), .64, .9.

import type { Immunization, Reference } from '@medplum/fhirtypes';
import { vaccineConcept } from '../vaccine.ts';
import { attribute, element, type XmlElement } from '../xml.ts';
import { type CcdaContext, type Found, found, leave, performers, related, relatedBy } from './context.ts';
import { concept, dateTime, isNull, moment, nameOf, quantity, told } from './datatypes.ts';
import { lookUp } from './systems.ts';

const REFUSAL = '2.16.840.1.113883.10.20.22.4.53';
const SERIES = '2.16.840.1.113883.10.20.22.4.46';
const COMMENT = '2.16.840.1.113883.10.20.22.4.64';
const REACTION = '2.16.840.1.113883.10.20.22.4.9';

/** Undefined for what is planned, says nothing or names no product; that is left in the document. */
export function immunization(context: CcdaContext, act: XmlElement): Found | undefined {
  const status = statusOf(act);
  const product = element(act, 'consumable', 'manufacturedProduct');
  const material = element(product, 'manufacturedMaterial');
  const sent = concept(element(material, 'code'), context.narrative);
  const text = sent?.text || nameOf(element(material, 'name'));
  if (status === undefined || (sent?.coding === undefined && !text)) {
    leave(context, 'vaccination that says not what was given or whether');
    return undefined;
  }
  const occurrence = moment(element(act, 'effectiveTime'));
  const recorded = dateTime(element(act, 'author', 'time'));
  const lot = told(element(material, 'lotNumberText'), context.narrative);
  const maker = nameOf(element(product, 'manufacturerOrganization', 'name'));
  const site = concept(element(act, 'approachSiteCode'), context.narrative);
  const route = concept(element(act, 'routeCode'), context.narrative);
  const dose = quantity(element(act, 'doseQuantity'));
  const resource: Immunization = {
    resourceType: 'Immunization',
    status,
    ...(status === 'not-done' && { statusReason: reasonOf(context, act) }),
    vaccineCode: vaccineConcept(sent?.coding ?? [], text),
    patient: context.subject,
    ...(occurrence ? { occurrenceDateTime: occurrence } : { occurrenceString: 'unknown' }),
    ...(recorded && { recorded }),
    ...(maker && { manufacturer: { display: maker } }),
    ...(lot && { lotNumber: lot }),
    ...(site && { site }),
    ...(route && { route }),
    ...(dose && { doseQuantity: dose }),
    ...performed(act),
    ...notes(context, act),
    ...doseNumber(act),
  };
  return found(context, act, resource, element(material, 'code'));
}

// C-CDA on FHIR maps what was begun and not ended by a dose to "not done".
const statuses: Readonly<Record<string, Immunization['status'] | undefined>> = {
  completed: 'completed',
  active: 'completed',
  aborted: 'not-done',
  cancelled: 'not-done',
  held: 'not-done',
  suspended: 'not-done',
  nullified: 'entered-in-error',
};

function statusOf(act: XmlElement): Immunization['status'] | undefined {
  if (isNull(act) || (attribute(act, 'moodCode') ?? 'EVN') !== 'EVN') return undefined;
  const code = attribute(element(act, 'statusCode'), 'code') ?? 'completed';
  const status = lookUp(statuses, code);
  return attribute(act, 'negationInd') === 'true' && status === 'completed' ? 'not-done' : status;
}

function reasonOf(context: CcdaContext, act: XmlElement) {
  const reason = relatedBy(act, REFUSAL) ?? related(act, 'observation', 'RSON')[0];
  return concept(element(reason, 'code'), context.narrative) ?? { text: 'not told' };
}

function performed(act: XmlElement): Pick<Immunization, 'performer'> {
  const { person, organization } = performers(element(act, 'performer'));
  const actors = [person, organization].filter((actor) => actor !== undefined);
  const role = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0443', code: 'AP' }] };
  if (actors.length === 0) return {};
  return {
    performer: actors.map((actor) => ({ function: role, actor: actor as Reference & { reference: string } })),
  } as Pick<Immunization, 'performer'>;
}

function notes(context: CcdaContext, act: XmlElement): Pick<Immunization, 'note' | 'reaction'> {
  const comment = told(element(relatedBy(act, COMMENT), 'text'), context.narrative);
  const reaction = relatedBy(act, REACTION);
  const what = concept(element(reaction, 'value'), context.narrative)?.text;
  const date = moment(element(reaction, 'effectiveTime'));
  return {
    ...(comment && { note: [{ text: comment }] }),
    ...(what && { reaction: [{ ...(date && { date }), detail: { display: what } }] }),
  };
}

function doseNumber(act: XmlElement): Pick<Immunization, 'protocolApplied'> {
  const told = attribute(element(relatedBy(act, SERIES), 'value'), 'value');
  const number = Number(told ?? attribute(element(act, 'repeatNumber'), 'value'));
  return Number.isInteger(number) && number > 0 && number < 1000
    ? { protocolApplied: [{ doseNumberPositiveInt: number }] }
    : {};
}
