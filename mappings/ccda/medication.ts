// Medication activity -> MedicationStatement for what is or was taken, MedicationRequest for what is intended.
// C-CDA 2.1 templates 2.16.840.1.113883.10.20.22.4.16, .23 (medication information), .19 (indication).

import type { CodeableConcept, Dosage, MedicationRequest, MedicationStatement, Timing } from '@medplum/fhirtypes';
import { numberText } from '../../server/fhir/json.ts';
import { decimal } from '../decimal.ts';
import { attribute, element, elements, type XmlElement, xsiType } from '../xml.ts';
import { type CcdaContext, type Found, found, leave, performers, related } from './context.ts';
import { concept, dateTime, isNull, moment, nameOf, period, quantity, told } from './datatypes.ts';
import { lookUp } from './systems.ts';

/** Undefined for what names no medication or is of another mood, which is left in the document. */
export function medication(context: CcdaContext, act: XmlElement): Found | undefined {
  const mood = attribute(act, 'moodCode') ?? 'EVN';
  const material = element(act, 'consumable', 'manufacturedProduct', 'manufacturedMaterial');
  const code = nameOf(element(material, 'name'));
  const medicationCodeableConcept =
    concept(element(material, 'code'), context.narrative) ?? (code ? { text: code } : undefined);
  const status = statusOf(act);
  if (
    isNull(act) ||
    medicationCodeableConcept === undefined ||
    status === undefined ||
    !['EVN', 'INT', 'RQO'].includes(mood)
  ) {
    leave(context, 'medication without a name or of another mood');
    return undefined;
  }
  const reasons = related(act, 'observation', 'RSON').flatMap(
    (one) => concept(element(one, 'value'), context.narrative) ?? [],
  );
  const written = dateTime(element(act, 'author', 'time'));
  const shared = {
    medicationCodeableConcept,
    subject: context.subject,
    ...(reasons.length > 0 && { reasonCode: reasons }),
  };
  const doses = dosage(context, act);
  if (mood === 'EVN') {
    const statement: MedicationStatement = {
      resourceType: 'MedicationStatement',
      status: attribute(act, 'negationInd') === 'true' && status !== 'entered-in-error' ? 'not-taken' : status,
      ...shared,
      ...effective(act),
      ...(written && { dateAsserted: written }),
      ...(doses && { dosage: [doses] }),
    };
    return found(context, act, statement, element(material, 'code'));
  }
  const { person, organization } = performers(element(act, 'author'));
  const request: MedicationRequest = {
    resourceType: 'MedicationRequest',
    status: lookUp(requestStatuses, status) ?? 'unknown',
    intent: mood === 'RQO' ? 'order' : 'plan',
    ...(attribute(act, 'negationInd') === 'true' && { doNotPerform: true }),
    ...shared,
    ...(written && { authoredOn: written }),
    ...((person ?? organization) && {
      requester: (person ?? organization) as NonNullable<MedicationRequest['requester']>,
    }),
    ...(doses && { dosageInstruction: [doses] }),
  };
  return found(context, act, request, element(material, 'code'));
}

type Status = 'active' | 'completed' | 'stopped' | 'on-hold' | 'entered-in-error' | 'not-taken' | 'unknown';

const statuses: Readonly<Record<string, Status | undefined>> = {
  active: 'active',
  new: 'active',
  completed: 'completed',
  aborted: 'stopped',
  cancelled: 'not-taken',
  suspended: 'on-hold',
  held: 'on-hold',
  nullified: 'entered-in-error',
};
const requestStatuses: Readonly<Record<string, MedicationRequest['status'] | undefined>> = {
  active: 'active',
  completed: 'completed',
  stopped: 'stopped',
  'on-hold': 'on-hold',
  'not-taken': 'cancelled',
  'entered-in-error': 'entered-in-error',
};

function statusOf(act: XmlElement): Status | undefined {
  const code = attribute(element(act, 'statusCode'), 'code');
  if (code === undefined) return 'unknown';
  return lookUp(statuses, code);
}

/** The first effectiveTime that is a span or a day; how often stands in another. */
const span = (act: XmlElement): XmlElement | undefined =>
  elements(act, 'effectiveTime').find((one) => !['PIVL_TS', 'EIVL_TS'].includes(xsiType(one) ?? ''));

function effective(act: XmlElement): Pick<MedicationStatement, 'effectiveDateTime' | 'effectivePeriod'> {
  const effectivePeriod = period(span(act));
  const effectiveDateTime = moment(span(act));
  if (effectivePeriod) return { effectivePeriod };
  return effectiveDateTime ? { effectiveDateTime } : {};
}

function dosage(context: CcdaContext, act: XmlElement): Dosage | undefined {
  const text = told(element(act, 'text'), context.narrative);
  const route = concept(element(act, 'routeCode'), context.narrative);
  const site = concept(element(act, 'approachSiteCode'), context.narrative);
  const dose = quantity(element(act, 'doseQuantity'));
  const rate = quantity(element(act, 'rateQuantity'));
  const timing = timingOf(act);
  const asNeeded = asNeededOf(context, act);
  const made: Dosage = {
    ...(text && { text }),
    ...(timing && { timing }),
    ...asNeeded,
    ...(site && { site }),
    ...(route && { route }),
    ...((dose ?? rate) && {
      doseAndRate: [{ ...(dose && { doseQuantity: dose }), ...(rate && { rateQuantity: rate }) }],
    }),
  };
  return Object.keys(made).length > 0 ? made : undefined;
}

const units = ['s', 'min', 'h', 'd', 'wk', 'mo', 'a'] as const;

// "Every 6 hours" is the period of a PIVL_TS.
function timingOf(act: XmlElement): Timing | undefined {
  const every = elements(act, 'effectiveTime').find((one) => xsiType(one) === 'PIVL_TS');
  const told = element(every, 'period');
  const length = decimal(attribute(told, 'value') ?? '');
  const unit = units.find((known) => known === attribute(told, 'unit'));
  if (length === undefined || unit === undefined || !(Number(numberText(length)) > 0)) return undefined;
  return { repeat: { frequency: 1, period: length, periodUnit: unit } };
}

function asNeededOf(
  context: CcdaContext,
  act: XmlElement,
): Pick<Dosage, 'asNeededBoolean' | 'asNeededCodeableConcept'> {
  const condition = element(act, 'precondition', 'criterion');
  if (condition === undefined) return {};
  const why: CodeableConcept | undefined = concept(element(condition, 'value'), context.narrative);
  return why ? { asNeededCodeableConcept: why } : { asNeededBoolean: true };
}
