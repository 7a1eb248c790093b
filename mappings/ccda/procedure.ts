// Procedure activities -> Procedure, encounter activities -> Encounter with its diagnoses.
// C-CDA 2.1 templates 2.16.840.1.113883.10.20.22.4.14, .12, .13 (procedures), .49 (encounter), .80 (encounter diagnosis).

import type { Coding, Encounter, Procedure, Reference } from '@medplum/fhirtypes';
import { attribute, element, elements, type XmlElement } from '../xml.ts';
import { conditions } from './condition.ts';
import { type CcdaContext, type Found, found, leave, performers, related, templatesOf } from './context.ts';
import { codeOf, concept, dateTimeOrPeriod, isNull, moment, nameOf, period } from './datatypes.ts';
import { lookUp } from './systems.ts';

const DIAGNOSIS = '2.16.840.1.113883.10.20.22.4.80';
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

const procedureStatuses: Readonly<Record<string, Procedure['status'] | undefined>> = {
  completed: 'completed',
  active: 'in-progress',
  aborted: 'stopped',
  cancelled: 'not-done',
  held: 'on-hold',
  suspended: 'on-hold',
  nullified: 'entered-in-error',
};

/** Undefined for what is planned or has no name, which is left in the document. */
export function procedure(context: CcdaContext, act: XmlElement): Found | undefined {
  const code = concept(element(act, 'code'), context.narrative);
  const told = codeOf(element(act, 'statusCode')) || 'completed';
  const status = lookUp(procedureStatuses, told);
  if (code === undefined || status === undefined || isNull(act) || (attribute(act, 'moodCode') ?? 'EVN') !== 'EVN') {
    leave(context, 'procedure without a name or planned');
    return undefined;
  }
  const sites = elements(act, 'targetSiteCode').flatMap((one) => concept(one, context.narrative) ?? []);
  const actors = elements(act, 'performer').flatMap((one) => {
    const { person, organization } = performers(one);
    return [person ?? organization].filter((actor) => actor !== undefined);
  });
  const resource: Procedure = {
    resourceType: 'Procedure',
    status: attribute(act, 'negationInd') === 'true' && status === 'completed' ? 'not-done' : status,
    code,
    subject: context.subject,
    ...dateTimeOrPeriod('performed', element(act, 'effectiveTime')),
    ...(actors.length > 0 && { performer: actors.map((actor) => ({ actor })) as NonNullable<Procedure['performer']> }),
    ...(sites.length > 0 && { bodySite: sites }),
  };
  return found(context, act, resource, element(act, 'code'));
}

/** The encounter, then what was diagnosed at it. Nothing for one that is planned, which is left in the document. */
export function encounter(context: CcdaContext, of: XmlElement): Found[] {
  if (isNull(of) || (attribute(of, 'moodCode') ?? 'EVN') !== 'EVN') {
    leave(context, 'encounter that is planned');
    return [];
  }
  const diagnoses = related(of, 'act')
    .filter((act) => templatesOf(act).has(DIAGNOSIS))
    .flatMap((act) => conditions(context, act, 'encounter-diagnosis'));
  const type = concept(element(of, 'code'), context.narrative);
  const span = period(element(of, 'effectiveTime'));
  const at = moment(element(of, 'effectiveTime'));
  const people = elements(of, 'performer').flatMap((one) => performers(one).person ?? []);
  const place = elements(of, 'participant')
    .filter((one) => attribute(one, 'typeCode') === 'LOC')
    .map((one) => nameOf(element(one, 'participantRole', 'playingEntity', 'name')))
    .find(Boolean);
  const diagnosis: { condition: Reference }[] = [];
  const resource: Encounter = {
    resourceType: 'Encounter',
    status: statusOf(of),
    class: classOf(type?.coding ?? []),
    ...(type && { type: [type] }),
    subject: context.subject,
    ...((span || at) && { period: span ?? { start: at as string } }),
    ...(people.length > 0 && {
      participant: people.map((individual) => ({ individual })) as NonNullable<Encounter['participant']>,
    }),
    ...(place && { location: [{ location: { display: place } }] }),
    ...(diagnoses.length > 0 && { diagnosis: diagnosis as NonNullable<Encounter['diagnosis']> }),
  };
  const refers = (urlOf: (found: Found) => string): void =>
    void diagnosis.push(...diagnoses.map((one) => ({ condition: { reference: urlOf(one) } })));
  return [{ ...found(context, of, resource, element(of, 'code')), refers }, ...diagnoses];
}

function statusOf(of: XmlElement): Encounter['status'] {
  const code = codeOf(element(of, 'statusCode'));
  if (code === 'nullified') return 'entered-in-error';
  if (code === 'cancelled') return 'cancelled';
  return code === 'active' ? 'in-progress' : 'finished';
}

// A class is required; only a code of ActCode says it.
function classOf(codings: readonly Coding[]): Coding {
  const told = codings.find(({ system }) => system === ACT_CODE);
  return told ?? { system: 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor', code: 'UNK', display: 'unknown' };
}
