// Allergy concern act and allergy observation -> AllergyIntolerance; "no known allergies" is a statement of its own.
// C-CDA 2.1 templates 2.16.840.1.113883.10.20.22.4.30, .7, .9 (reaction), .8 (severity), .28 (status), .145 (criticality).

import type { AllergyIntolerance, CodeableConcept } from '@medplum/fhirtypes';
import { attribute, element, elements, type XmlElement } from '../xml.ts';
import { type CcdaContext, type Found, found, leave, related, relatedBy } from './context.ts';
import { codeOf, concept, dateTime, isNull, moment, nameOf, period } from './datatypes.ts';
import { lookUp } from './systems.ts';

const STATUS = '2.16.840.1.113883.10.20.22.4.28';
const REACTION = '2.16.840.1.113883.10.20.22.4.9';
const SEVERITY = '2.16.840.1.113883.10.20.22.4.8';
const CRITICALITY = '2.16.840.1.113883.10.20.22.4.145';
const SNOMED = 'http://snomed.info/sct';

/** Those of a concern act, or the one of an observation that stands alone. */
export function allergies(context: CcdaContext, statement: XmlElement): Found[] {
  const observations = statement.name === 'act' ? related(statement, 'observation') : [statement];
  const concern = statement.name === 'act' ? statement : undefined;
  return observations.flatMap((one) => allergy(context, one, concern) ?? []);
}

function allergy(context: CcdaContext, of: XmlElement, concern: XmlElement | undefined): Found | undefined {
  const kind = codeOf(element(of, 'value'));
  const isDenied = attribute(of, 'negationInd') === 'true';
  const substance = substanceOf(context, of);
  const none = isDenied && substance === undefined ? noneKnown(kind) : undefined;
  const code = substance ?? none ?? (isDenied ? undefined : concept(element(of, 'value'), context.narrative));
  if (code === undefined || isNull(of)) {
    leave(context, 'allergy without a substance');
    return undefined;
  }
  const { start } = period(element(of, 'effectiveTime')) ?? {};
  const onset = start ?? moment(element(of, 'effectiveTime'));
  const recorded = dateTime(element(of, 'author', 'time')) ?? dateTime(element(concern, 'author', 'time'));
  const criticality = lookUp(criticalities, codeOf(element(relatedBy(of, CRITICALITY), 'value')));
  const { type, category } = lookUp(kinds, kind) ?? {};
  const resource: AllergyIntolerance = {
    resourceType: 'AllergyIntolerance',
    ...statusOf(of, concern, isDenied && none === undefined),
    ...(type && none === undefined && { type }),
    ...(category && none === undefined && { category: [category] }),
    ...(criticality && { criticality }),
    code,
    patient: context.subject,
    ...(onset && { onsetDateTime: onset }),
    ...(recorded && { recordedDate: recorded }),
    ...reactions(context, of),
  };
  return found(context, of, resource, element(participant(of), 'code'));
}

const participant = (of: XmlElement): XmlElement | undefined =>
  elements(of, 'participant')
    .map((one) => element(one, 'participantRole', 'playingEntity'))
    .find((entity) => entity !== undefined);

function substanceOf(context: CcdaContext, of: XmlElement): CodeableConcept | undefined {
  const entity = participant(of);
  const coded = concept(element(entity, 'code'), context.narrative);
  const text = nameOf(element(entity, 'name'));
  return coded ?? (text ? { text } : undefined);
}

const NO_KNOWN = {
  allergy: ['716186003', 'No known allergy'],
  drug: ['409137002', 'No known drug allergy'],
  food: ['429625007', 'No known food allergy'],
} as const;

// Of SNOMED CT, for the kind of allergy that is denied.
const denials: Readonly<Record<string, readonly [string, string] | undefined>> = {
  '419199007': NO_KNOWN.allergy,
  '420134006': NO_KNOWN.allergy,
  '416098002': NO_KNOWN.drug,
  '419511003': NO_KNOWN.drug,
  '414285001': NO_KNOWN.food,
  '418471000': NO_KNOWN.food,
};

function noneKnown(kind: string): CodeableConcept | undefined {
  const [code, display] = lookUp(denials, kind) ?? [];
  return code && display ? { coding: [{ system: SNOMED, code, display }], text: display } : undefined;
}

type Kind = Pick<AllergyIntolerance, 'type'> & { category?: 'food' | 'medication' | 'environment' };

const kinds: Readonly<Record<string, Kind | undefined>> = {
  '419199007': { type: 'allergy' },
  '416098002': { type: 'allergy', category: 'medication' },
  '414285001': { type: 'allergy', category: 'food' },
  '426232007': { type: 'allergy', category: 'environment' },
  '419511003': { category: 'medication' },
  '418471000': { category: 'food' },
  '59037007': { type: 'intolerance', category: 'medication' },
  '235719002': { type: 'intolerance', category: 'food' },
};

const criticalities: Readonly<Record<string, AllergyIntolerance['criticality'] | undefined>> = {
  CRITL: 'low',
  CRITH: 'high',
  CRITU: 'unable-to-assess',
};

const CLINICAL = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical';
const VERIFICATION = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification';
const told: Readonly<Record<string, string | undefined>> = {
  '55561003': 'active',
  '73425007': 'inactive',
  '413322009': 'resolved',
};

// By the status it is given, else by its end, else by that of the concern.
function statusOf(
  of: XmlElement,
  concern: XmlElement | undefined,
  isRefuted: boolean,
): Pick<AllergyIntolerance, 'clinicalStatus' | 'verificationStatus'> {
  const act = codeOf(element(concern ?? of, 'statusCode'));
  if (act === 'nullified')
    return { verificationStatus: { coding: [{ system: VERIFICATION, code: 'entered-in-error' }] } };
  const ended = period(element(of, 'effectiveTime'))?.end !== undefined;
  const isOver = concern !== undefined && ['completed', 'aborted', 'suspended'].includes(act);
  const code =
    lookUp(told, codeOf(element(relatedBy(of, STATUS), 'value'))) ??
    (ended ? 'resolved' : isOver ? 'inactive' : 'active');
  return {
    clinicalStatus: { coding: [{ system: CLINICAL, code }] },
    ...(isRefuted && { verificationStatus: { coding: [{ system: VERIFICATION, code: 'refuted' }] } }),
  };
}

const severities: Readonly<Record<string, 'mild' | 'moderate' | 'severe' | undefined>> = {
  '255604002': 'mild',
  '6736007': 'moderate',
  '24484000': 'severe',
};

function reactions(context: CcdaContext, of: XmlElement): Pick<AllergyIntolerance, 'reaction'> {
  const all = related(of, 'observation').filter((one) =>
    elements(one, 'templateId').some((template) => attribute(template, 'root') === REACTION),
  );
  const overall = lookUp(severities, codeOf(element(relatedBy(of, SEVERITY), 'value')));
  const reaction = all.flatMap((one) => {
    const manifestation = concept(element(one, 'value'), context.narrative);
    const severity = lookUp(severities, codeOf(element(relatedBy(one, SEVERITY), 'value'))) ?? overall;
    const onset = moment(element(one, 'effectiveTime'));
    return manifestation
      ? [{ manifestation: [manifestation], ...(onset && { onset }), ...(severity && { severity }) }]
      : [];
  });
  return reaction.length > 0 ? { reaction } : {};
}
