// PPR^ZD1 (SS-MIX2 PPR-01, the list of diseases) -> Condition, one per PRB with the modifiers of its ZPR. HL7 v2.5 chapter 12.4.2
// (PRB), table 0241; JP Core 1.2.0 JP_Condition_Diagnosis: MEDIS codes, ICD-10, modifiers and outcome.

import type { CodeableConcept, Coding, Condition, Extension } from '@medplum/fhirtypes';
import { codeableConcept, concept, type Hl7Context, lookUp, ownIdentifier, personReference, take } from './context.ts';
import { type Segment, value } from './message.ts';
import { hl7DateTime } from './time.ts';

const JP_CORE = 'http://jpfhir.jp/fhir/core/Extension/StructureDefinition';
const MEDIS = 'http://medis.or.jp/CodeSystem';

/** Every PRB that names a disease. PRB-1 DE withdraws it. */
export function mapProblems(context: Hl7Context): void {
  const groups = problemGroups(context.segments);
  for (const group of groups) {
    const found = condition(context, group);
    if (found) take(context, found, value(group.prb, 1) !== 'AD');
    else context.problems.push('A PRB segment was not taken: PRB-3 (disease) is empty.');
  }
  if (groups.length === 0) context.problems.push('The message holds no disease (PRB).');
}

type ProblemGroup = { prb: Segment; zpr: Segment | undefined; orc: Segment | undefined };

function problemGroups(segments: readonly Segment[]): ProblemGroup[] {
  const groups: ProblemGroup[] = [];
  for (const segment of segments) {
    const last = groups.at(-1);
    if (segment.name === 'PRB') groups.push({ prb: segment, zpr: undefined, orc: undefined });
    else if (last && segment.name === 'ZPR') last.zpr ??= segment;
    else if (last && segment.name === 'ORC') last.orc ??= segment;
  }
  return groups;
}

function condition(context: Hl7Context, { prb, zpr, orc }: ProblemGroup): Condition | undefined {
  const code = diseaseCode(context, prb, zpr);
  if (!code) return undefined;
  const onset = hl7DateTime(value(prb, 16));
  const recorded = hl7DateTime(value(prb, 7));
  const isDeleted = value(prb, 1) === 'DE';
  const outcome = value(prb, 14);
  const ended = hl7DateTime(value(prb, 9)) ?? (isOver(outcome) ? hl7DateTime(value(prb, 15)) : undefined);
  const recorder = personReference(orc, 12);
  const notes = [value(prb, 17), value(zpr, 7, 2) || value(zpr, 7)].filter((text) => text !== '' && text !== code.text);
  const extension = outcomeExtension(prb);
  const category = categories(context, prb);
  return {
    resourceType: 'Condition',
    ...(extension && { extension: [extension] }),
    identifier: [identifier(context, prb, code)],
    ...(isDeleted
      ? { verificationStatus: status('ver-status', 'entered-in-error') }
      : {
          clinicalStatus: status('clinical', ended || isOver(outcome) ? overAs(outcome) : 'active'),
          ...verification(prb, code),
        }),
    ...(category.length > 0 && { category }),
    code,
    subject: context.subject,
    ...(onset && { onsetDateTime: onset }),
    ...(ended && !isDeleted && { abatementDateTime: ended }),
    ...(recorded && { recordedDate: recorded }),
    ...(recorder && { recorder }),
    ...(notes.length > 0 && { note: notes.map((text) => ({ text })) }),
  };
}

// PRB-4 is the sender's number of this disease of this patient; without it the disease and its beginning are the key.
function identifier(context: Hl7Context, prb: Segment, code: CodeableConcept) {
  const number = value(prb, 4);
  const keys = number ? ['number', number] : [value(prb, 3) || (code.text ?? ''), value(prb, 16) || value(prb, 7)];
  return ownIdentifier(context, 'condition', keys);
}

/** The disease by key number and exchange code of MEDIS and by ICD-10, with its modifiers; its text reads as it is said. */
function diseaseCode(context: Hl7Context, prb: Segment, zpr: Segment | undefined): CodeableConcept | undefined {
  const sent = concept(context, prb, 3);
  // PRB-10 is `ICD-10 code^^I10^kind of treatment^…`: only its first triplet is of the disease.
  const icd = concept(context, prb, 10).coding.filter(({ code }) => code !== undefined && code === value(prb, 10));
  const exchange = value(zpr, 5);
  const coding: Coding[] = [
    ...sent.coding,
    ...(exchange ? [named(`${MEDIS}/master-disease-exCode`, exchange, value(zpr, 5, 2))] : []),
    ...icd,
  ];
  const [before, after] = [modifiers(zpr, 1, 4), modifiers(zpr, 3, 6)];
  const name = sent.text || value(zpr, 2, 2) || value(prb, 17);
  if (coding.length === 0 && !name) return undefined;
  const say = (all: CodeableConcept[]) => all.map(({ text }) => text ?? '').join('');
  const extension = [
    ...before.map((valueCodeableConcept) => ({
      url: `${JP_CORE}/JP_Condition_DiseasePrefixModifier`,
      valueCodeableConcept,
    })),
    ...after.map((valueCodeableConcept) => ({
      url: `${JP_CORE}/JP_Condition_DiseasePostfixModifier`,
      valueCodeableConcept,
    })),
  ];
  return {
    ...(extension.length > 0 && { extension }),
    ...(coding.length > 0 && { coding }),
    text: `${say(before)}${name || coding[0]?.code}${say(after)}`,
  };
}

const named = (system: string, code: string, display: string): Coding => ({
  system,
  code,
  ...(display && { display }),
});

/** ZPR: modifiers by key number in one field and by exchange code in another, repeated side by side. */
function modifiers(zpr: Segment | undefined, keyField: number, exchangeField: number): CodeableConcept[] {
  const count = Math.max(zpr?.fields[keyField]?.length ?? 0, zpr?.fields[exchangeField]?.length ?? 0);
  return Array.from({ length: count }, (_, n) => {
    const at = (field: number, component: number) => value(zpr, field, component, 1, n + 1).replace(/\s+/g, ' ');
    const coding = [
      ...(at(exchangeField, 1)
        ? [named(`${MEDIS}/master-disease-modExCode`, at(exchangeField, 1), at(exchangeField, 2))]
        : []),
      ...(at(keyField, 1) ? [named(`${MEDIS}/master-disease-modKeyNumber`, at(keyField, 1), at(keyField, 2))] : []),
    ];
    const text = at(keyField, 2) || at(exchangeField, 2);
    return { ...(coding.length > 0 && { coding }), ...(text && { text }) };
  }).filter(({ coding, text }) => coding !== undefined || text !== undefined);
}

// PRB-10 kind of treatment (in hospital, outpatient) and PRB-18 rank (main diagnosis), of the sender's tables.
function categories(context: Hl7Context, prb: Segment): CodeableConcept[] {
  const kind = concept(context, prb, 10).coding.filter(({ code }) => code !== value(prb, 10));
  const rank = codeableConcept(context, prb, 18);
  return [...kind.map((coding) => ({ coding: [coding] })), ...(rank ? [rank] : [])];
}

const status = (of: 'clinical' | 'ver-status', code: string): CodeableConcept => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/condition-${of}`, code }],
});

// HL7 table 0241: F fully recovered, S sequelae, D died; the others (R, N, W, U) go on.
const isOver = (outcome: string): boolean => ['F', 'S', 'D'].includes(outcome);
const overAs = (outcome: string): string => (['F', ''].includes(outcome) ? 'resolved' : 'inactive');

/** A suspicion is a modifier behind the name (の疑い); PRB-13 is of the sender's table, taken when it speaks as FHIR does. */
function verification(prb: Segment, { text = '' }: CodeableConcept): Pick<Condition, 'verificationStatus'> {
  const told = value(prb, 13).toLowerCase();
  const known = ['confirmed', 'unconfirmed', 'provisional', 'differential', 'refuted'].includes(told);
  if (known) return { verificationStatus: status('ver-status', told) };
  return /疑い$/.test(text) ? { verificationStatus: status('ver-status', 'provisional') } : {};
}

const outcomes: Record<string, string> = {
  HL70241: 'http://jpfhir.jp/fhir/core/CodeSystem/HL70241',
  JHSD0006: 'http://jpfhir.jp/fhir/core/CodeSystem/JHSD0006',
};

function outcomeExtension(prb: Segment): Extension | undefined {
  const [code = '', text = ''] = [value(prb, 14), value(prb, 14, 2)];
  const system = lookUp(outcomes, value(prb, 14, 3).toUpperCase());
  if (!code && !text) return undefined;
  const coding = system && code ? { coding: [named(system, code.replace(/\s+/g, ' '), text)] } : {};
  const valueCodeableConcept = { ...coding, ...((text || !system) && { text: text || code }) };
  return { url: `${JP_CORE}/JP_Condition_DiseaseOutcome`, valueCodeableConcept };
}
