// AL1 (of any message) and IAM (ADT^A60) -> AllergyIntolerance. HL7 v2.5 chapters 3.4.6 and 3.4.7, tables 0127, 0128, 0436, 0438;
// SS-MIX2 ADT-61. The two stay apart: a later AL1 knows less, and must not replace what an IAM said.

import type { AllergyIntolerance, AllergyIntoleranceReaction } from '@medplum/fhirtypes';
import {
  codeableConcept,
  codeableConcepts,
  type Hl7Context,
  lookUp,
  ownIdentifier,
  personReference,
  take,
} from './context.ts';
import { type Segment, value } from './message.ts';
import { hl7DateTime } from './time.ts';

/** Every AL1 and IAM that names a substance. */
export function takeAllergies(context: Hl7Context): void {
  for (const segment of context.segments) {
    if (segment.name !== 'AL1' && segment.name !== 'IAM') continue;
    const allergy = segment.name === 'AL1' ? ofAl1(context, segment) : ofIam(context, segment);
    if (allergy) take(context, allergy, segment.name === 'IAM' && value(segment, 6) !== 'A');
    else context.problems.push(`An ${segment.name} segment was not taken: ${segment.name}-3 (substance) is empty.`);
  }
}

/** ADT^A60: the allergies are what it is about. */
export function mapAllergies(context: Hl7Context): void {
  takeAllergies(context);
  if (context.taken.entries.size === 0 && context.problems.length === 0)
    context.problems.push('The message holds no allergy (IAM, AL1).');
}

function ofAl1(context: Hl7Context, al1: Segment): AllergyIntolerance | undefined {
  const onset = hl7DateTime(value(al1, 6));
  const common = allergy(context, al1);
  return common && { ...standing(undefined, undefined), ...common, ...(onset && { onsetDateTime: onset }) };
}

// HL7 table 0436.
const types: Record<string, NonNullable<AllergyIntolerance['type']>> = { AL: 'allergy', IN: 'intolerance' };

function ofIam(context: Hl7Context, iam: Segment): AllergyIntolerance | undefined {
  const common = allergy(context, iam);
  const type = lookUp(types, value(iam, 9));
  const onset = hl7DateTime(value(iam, 11));
  const onsetText = value(iam, 12) || value(iam, 12, 2);
  const recorded = hl7DateTime(value(iam, 13));
  // IAM-14 is a name alone (XPN), IAM-18 a person with a number (XCN).
  const asserter = [value(iam, 14), value(iam, 14, 2)].filter(Boolean).join(' ');
  const verified = personReference(iam, 18);
  const reason = value(iam, 8, 2) || value(iam, 8);
  if (!common) return undefined;
  return {
    ...standing(value(iam, 6), value(iam, 17)),
    ...common,
    ...(type && { type }),
    ...(onset ? { onsetDateTime: onset } : onsetText && { onsetString: onsetText }),
    ...(recorded && { recordedDate: recorded }),
    ...(verified && { recorder: verified }),
    ...(asserter && { asserter: { display: asserter } }),
    ...(reason && { note: [{ text: reason }] }),
  };
}

// HL7 table 0127, where FHIR has a category; drugs, food and what is around us.
const categories: Record<string, NonNullable<AllergyIntolerance['category']>[number]> = {
  DA: 'medication',
  FA: 'food',
  EA: 'environment',
  AA: 'environment',
  PA: 'environment',
  LA: 'environment',
};

type Common = Omit<AllergyIntolerance, 'clinicalStatus' | 'verificationStatus'>;

/** What AL1-2 to 5 and IAM-2 to 5 say alike; undefined without a substance. */
function allergy(context: Hl7Context, segment: Segment): Common | undefined {
  const code = codeableConcept(context, segment, 3);
  if (!code) return undefined;
  const category = lookUp(categories, value(segment, 2));
  const number = segment.name === 'IAM' ? value(segment, 7) : '';
  const keys = number ? ['number', number] : [value(segment, 3), value(segment, 3, 3), code.text ?? ''];
  return {
    resourceType: 'AllergyIntolerance',
    identifier: [ownIdentifier(context, `allergy-${segment.name.toLowerCase()}`, keys)],
    ...(category && { category: [category] }),
    ...(value(segment, 2) === 'MC' && { criticality: 'high' }),
    code,
    patient: context.subject,
    ...reactions(context, segment),
  };
}

// HL7 table 0128.
const severities: Record<string, NonNullable<AllergyIntoleranceReaction['severity']>> = {
  MI: 'mild',
  MO: 'moderate',
  SV: 'severe',
};

function reactions(context: Hl7Context, segment: Segment): Pick<AllergyIntolerance, 'reaction'> {
  const manifestation = codeableConcepts(context, segment, 5);
  const severity = lookUp(severities, value(segment, 4));
  if (manifestation.length === 0 && !severity) return {};
  // FHIR asks for a manifestation; a severity alone has none to tell.
  const told = manifestation.length > 0 ? manifestation : [{ text: '不明' }];
  return { reaction: [{ manifestation: told, ...(severity && { severity }) }] };
}

// HL7 table 0438. A deletion (IAM-6 D) and E (erroneous) withdraw; I is confirmed but inactive.
function standing(
  action: string | undefined,
  clinical: string | undefined,
): Pick<AllergyIntolerance, 'resourceType' | 'clinicalStatus' | 'verificationStatus' | 'patient'> | object {
  const base = 'http://terminology.hl7.org/CodeSystem/allergyintolerance';
  const verification = (code: string) => ({
    verificationStatus: { coding: [{ system: `${base}-verification`, code }] },
  });
  if (action === 'D' || clinical === 'E') return verification('entered-in-error');
  const isActive = clinical !== 'I';
  return {
    clinicalStatus: { coding: [{ system: `${base}-clinical`, code: isActive ? 'active' : 'inactive' }] },
    ...(['C', 'I'].includes(clinical ?? '') && verification('confirmed')),
    ...(['D', 'P', 'S', 'U'].includes(clinical ?? '') && verification('unconfirmed')),
  };
}
