// Problem concern act and problem observation -> Condition. C-CDA 2.1 templates 2.16.840.1.113883.10.20.22.4.3, .4, .6 (status), .80.

import type { Condition } from '@medplum/fhirtypes';
import { attribute, element, type XmlElement } from '../xml.ts';
import { type CcdaContext, type Found, found, leave, related, relatedBy } from './context.ts';
import { codeOf, concept, dateTime, isNull, moment, period } from './datatypes.ts';
import { lookUp } from './systems.ts';

const STATUS = '2.16.840.1.113883.10.20.22.4.6';
const CLINICAL = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
const VERIFICATION = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';
const CATEGORY = 'http://terminology.hl7.org/CodeSystem/condition-category';

export type ConditionCategory = 'problem-list-item' | 'encounter-diagnosis';

/** Those of a concern act or of a diagnosis, or the one of an observation that stands alone. */
export function conditions(context: CcdaContext, statement: XmlElement, category: ConditionCategory): Found[] {
  const observations = statement.name === 'act' ? related(statement, 'observation') : [statement];
  const concern = statement.name === 'act' ? statement : undefined;
  return observations.flatMap((one) => condition(context, one, concern, category) ?? []);
}

function condition(
  context: CcdaContext,
  of: XmlElement,
  concern: XmlElement | undefined,
  category: ConditionCategory,
): Found | undefined {
  const value = element(of, 'value');
  const code = concept(value, context.narrative);
  if (code === undefined || isNull(of) || (attribute(of, 'moodCode') ?? 'EVN') !== 'EVN') {
    leave(context, 'problem without a name');
    return undefined;
  }
  const { start, end } = period(element(of, 'effectiveTime')) ?? {};
  const onset = start ?? moment(element(of, 'effectiveTime'));
  const recorded = dateTime(element(of, 'author', 'time')) ?? dateTime(element(concern, 'author', 'time'));
  const status = statusOf(of, concern, end !== undefined);
  const resource: Condition = {
    resourceType: 'Condition',
    ...status,
    category: [{ coding: [{ system: CATEGORY, code: category }] }],
    code,
    subject: context.subject,
    ...(onset && (start || !end) && { onsetDateTime: onset }),
    // con-4: what was entered in error has no clinical status, and so no end.
    ...(end && status.clinicalStatus && { abatementDateTime: end }),
    ...(recorded && { recordedDate: recorded }),
  };
  return found(context, of, resource, value);
}

const told: Readonly<Record<string, string | undefined>> = {
  '55561003': 'active',
  '73425007': 'inactive',
  '413322009': 'resolved',
  '277022003': 'remission',
};

// con-4: what has abated is inactive, resolved or in remission, whatever its status says.
function statusOf(
  of: XmlElement,
  concern: XmlElement | undefined,
  ended: boolean,
): Pick<Condition, 'clinicalStatus' | 'verificationStatus'> {
  const act = codeOf(element(concern ?? of, 'statusCode'));
  if (act === 'nullified')
    return { verificationStatus: { coding: [{ system: VERIFICATION, code: 'entered-in-error' }] } };
  const said = lookUp(told, codeOf(element(relatedBy(of, STATUS), 'value')));
  const isOver = concern !== undefined && ['completed', 'aborted', 'suspended'].includes(act);
  const code = ended
    ? said === undefined || said === 'active'
      ? 'resolved'
      : said
    : (said ?? (isOver ? 'inactive' : 'active'));
  const isDenied = attribute(of, 'negationInd') === 'true';
  return {
    clinicalStatus: { coding: [{ system: CLINICAL, code }] },
    ...(isDenied && { verificationStatus: { coding: [{ system: VERIFICATION, code: 'refuted' }] } }),
  };
}
