// What a Condition, an AllergyIntolerance, a Flag and a FamilyMemberHistory say. FHIR R4; JP Core 1.2 writes "suspected" and
// "history of" as modifiers behind the name of a disease.
import type {
  AllergyIntolerance,
  CodeableConcept,
  Condition,
  Extension,
  FamilyMemberHistory,
  Flag,
} from '@medplum/fhirtypes';
import { japanDate } from './calendar-date.ts';
import type { Statement } from './statement.ts';

export function readCondition(condition: Condition): Statement[] {
  const verification = codeOf(condition.verificationStatus);
  if (verification === 'refuted' || verification === 'entered-in-error') return [];
  const clinical = codeOf(condition.clinicalStatus);
  const modifiers = modifiersOf(condition.code);
  const ended = condition.abatementDateTime ?? condition.abatementPeriod?.end;
  const hasEnded = ended !== undefined || condition.abatementString !== undefined;
  return [
    {
      kind: 'condition',
      of: 'self',
      ...named(condition.code),
      ...dated(condition.onsetDateTime ?? condition.onsetPeriod?.start ?? condition.recordedDate),
      ...ending(ended),
      isActive: (clinical === undefined ? !hasEnded : ACTIVE.has(clinical)) && !modifiers.some(isPast),
      isCertain: (verification === undefined || verification === 'confirmed') && !modifiers.some(isSuspicion),
      source: sourceOf(condition),
    },
  ];
}

/** Severe when it was anaphylaxis, a severe reaction, or is of high criticality. */
export function readAllergy(allergy: AllergyIntolerance): Statement[] {
  const verification = codeOf(allergy.verificationStatus);
  if (verification === 'refuted' || verification === 'entered-in-error') return [];
  const clinical = codeOf(allergy.clinicalStatus);
  const reactions = allergy.reaction ?? [];
  const isAnaphylaxis = [allergy.code, ...reactions.flatMap(({ manifestation }) => manifestation ?? [])].some(
    (concept) => concept !== undefined && isOneOf(concept, ANAPHYLAXIS, /アナフィラキシー|anaphyla/i),
  );
  const parts = [allergy.code, ...reactions.map(({ substance }) => substance)].map(named);
  return [
    {
      kind: 'allergy',
      of: 'self',
      codings: parts.flatMap(({ codings }) => codings),
      names: parts.flatMap(({ names }) => names),
      ...dated(allergy.onsetDateTime ?? allergy.recordedDate),
      isActive: clinical === undefined || clinical === 'active',
      isCertain: verification === undefined || verification === 'confirmed',
      isSevere:
        isAnaphylaxis || allergy.criticality === 'high' || reactions.some(({ severity }) => severity === 'severe'),
      isAnaphylaxis,
      source: sourceOf(allergy),
    },
  ];
}

/** SNOMED CT. */
const ANAPHYLAXIS = ['39579001'];

export function readFlag(flag: Flag): Statement[] {
  if (flag.status === 'entered-in-error') return [];
  return [
    {
      kind: 'flag',
      of: 'self',
      ...named(flag.code),
      ...dated(flag.period?.start),
      ...ending(flag.period?.end),
      isActive: flag.status === 'active',
      isCertain: true,
      source: sourceOf(flag),
    },
  ];
}

/** Of the mother where the relationship says so. */
export function readFamilyHistory(history: FamilyMemberHistory): Statement[] {
  if (history.status === 'entered-in-error' || history.status === 'health-unknown') return [];
  const of = isMother(history.relationship) ? 'mother' : 'relative';
  return (history.condition ?? []).map(({ code }) => ({
    kind: 'condition',
    of,
    ...named(code),
    ...dated(history.date),
    isActive: true,
    isCertain: !modifiersOf(code).some(isSuspicion),
    source: sourceOf(history),
  }));
}

/** HL7 v3 RoleCode of a mother; an adoptive or step mother is none. */
export function isMother(relationship: CodeableConcept | undefined): boolean {
  return (relationship?.coding ?? []).some(({ code }) => code === 'MTH' || code === 'NMTH' || code === 'GESTM');
}

/** The codings and names of a concept: its text, else its displays. */
export function named(concept: CodeableConcept | undefined): Pick<Statement, 'codings' | 'names'> {
  const codings = concept?.coding ?? [];
  return {
    codings,
    names: concept?.text ? [concept.text] : codings.flatMap(({ display }) => (display === undefined ? [] : [display])),
  };
}

/** The Japanese day of a dateTime, when it is one. */
export function dated(dateTime: string | undefined): { date?: string } {
  const date = dateTime === undefined ? undefined : japanDate(dateTime);
  return date === undefined ? {} : { date };
}

export function ending(dateTime: string | undefined): { end?: string } {
  const { date } = dated(dateTime);
  return date === undefined ? {} : { end: date };
}

export function sourceOf({ resourceType, id }: { resourceType: string; id?: string | undefined }): string {
  return id === undefined ? resourceType : `${resourceType}/${id}`;
}

const ACTIVE = new Set(['active', 'recurrence', 'relapse']);

const codeOf = (concept: CodeableConcept | undefined): string | undefined => concept?.coding?.[0]?.code;

const MODIFIER = /\/JP_Condition_Disease(?:Prefix|Postfix)Modifier$/;

function modifiersOf(code: CodeableConcept | undefined): CodeableConcept[] {
  return ((code?.extension ?? []) as Extension[]).flatMap(({ url, valueCodeableConcept }) =>
    MODIFIER.test(url) && valueCodeableConcept ? [valueCodeableConcept] : [],
  );
}

/** Codes of the modifier masters for claims (4 digits) and of MEDIS (exchange code). */
const isSuspicion = (modifier: CodeableConcept) => isOneOf(modifier, ['8002', '8008', '5395', '8QGF'], /疑い|疑似/);
const isPast = (modifier: CodeableConcept) => isOneOf(modifier, ['8142', '6622'], /既往/);

function isOneOf(concept: CodeableConcept, codes: string[], word: RegExp): boolean {
  const codings = concept.coding ?? [];
  return (
    codings.some(({ code = '', display = '' }) => codes.includes(code) || word.test(display)) ||
    word.test(concept.text ?? '')
  );
}
