// OUL^R22, ORU^R01 (laboratory, physiology) and the OBX of an ADT (height, weight, blood group) -> Observation.
// HL7 v2.5 chapter 7.4 (OBR, OBX, SPM); JLAC10 as SS-MIX2 uses it; MEDIS body measurement keys with LOINC beside them.

import type { CodeableConcept, Coding, Observation, Procedure, Reference, Specimen } from '@medplum/fhirtypes';
import { BODY_MEASUREMENT, JLAC10, LOINC, OBSERVATION_CATEGORY, SIMPLE_CATEGORY } from '../code-systems.ts';
import { decimal } from '../decimal.ts';
import {
  codeableConcept,
  concept,
  type Hl7Context,
  institutionReference,
  lookUp,
  ownIdentifier,
  personReference,
  quantity,
  take,
} from './context.ts';
import { repetitions, type Segment, value } from './message.ts';
import { hl7DateTime } from './time.ts';

/** What an OBX stands under. */
export type Setting = {
  obr?: Segment | undefined;
  spm?: Segment | undefined;
  specimen?: Reference<Specimen> | undefined;
  /** Of results whose code does not tell. */
  category: Category;
  partOf?: Reference<Procedure>[];
};

export type Category = 'laboratory' | 'vital-signs' | 'exam' | 'procedure';

/** One result (OBX) with its notes (NTE). Its fullUrl; undefined, with a problem, when it cannot be taken. */
export function takeObservation(
  context: Hl7Context,
  { obx, notes }: { obx: Segment; notes: readonly string[] },
  setting: Setting,
): string | undefined {
  const resource = observation(context, obx, setting);
  if (!resource) return undefined;
  const note = notes.map((text) => ({ text }));
  const corrects = ['C', 'D', 'W', 'X'].includes(value(obx, 11));
  return take(context, { ...resource, ...(note.length > 0 && { note }) }, corrects);
}

const statuses: Record<string, Observation['status']> = {
  F: 'final',
  '': 'final',
  U: 'final',
  V: 'final',
  P: 'preliminary',
  R: 'preliminary',
  S: 'preliminary',
  I: 'registered',
  C: 'corrected',
  X: 'cancelled',
  D: 'entered-in-error',
  W: 'entered-in-error',
};

function observation(
  context: Hl7Context,
  obx: Segment,
  { obr, spm, specimen, category, partOf }: Setting,
): Observation | undefined {
  const code = observationCode(context, obx);
  const status = lookUp(statuses, value(obx, 11));
  if (!code || !status) {
    context.problems.push(
      `An OBX segment was not taken: ${code ? 'OBX-11 (status) is not one of HL7 table 0085' : 'OBX-3 (item) is empty'}.`,
    );
    return undefined;
  }
  const time = value(obx, 14) || value(spm, 17) || value(obr, 7);
  const effective = hl7DateTime(time);
  const order = value(obr, 2) || value(obr, 3);
  const issued = hl7DateTime(value(obr, 22));
  const item = value(obx, 3) || value(obx, 3, 2);
  // An ADT repeats height and weight without saying when they were measured: then the value itself is the key.
  const keys = order || time ? [order, value(spm, 2), item, value(obx, 4), time] : [item, rawValue(obx)];
  const flags = flagConcepts(obx);
  const performer = [personReference(obx, 16), institutionReference(context)].filter((who) => who !== undefined);
  const [bodySite, method] = [codeableConcept(context, obx, 20), codeableConcept(context, obx, 17)];
  const material = value(spm, 4, 2) || value(spm, 4);
  return {
    resourceType: 'Observation',
    identifier: [ownIdentifier(context, 'observation', keys)],
    ...(partOf && { partOf }),
    status,
    category: categories(code.coding ?? [], category),
    code,
    subject: context.subject,
    ...(effective && { effectiveDateTime: effective }),
    ...(issued && issued.length > 10 && { issued }),
    ...(performer.length > 0 && { performer }),
    ...observationValue(context, obx),
    ...(flags.length > 0 && { interpretation: flags }),
    ...(bodySite && { bodySite }),
    ...(method && { method }),
    ...((specimen || material) && { specimen: { ...specimen, ...(material && { display: material }) } }),
    ...referenceRange(obx),
  };
}

type Measure = { loinc: string; name: string; body: string | undefined };

const weight: Measure = { loinc: '29463-7', name: 'Body weight', body: '31000296' };
const height: Measure = { loinc: '8302-2', name: 'Body height', body: '31000298' };

// Body measurements by MEDIS nursing master key, and by the first five digits of JLAC10, with their LOINC.
const measures: Record<string, Measure> = {
  '31000296': weight,
  '31000297': weight,
  '31000298': height,
  '31002900': { loinc: '8339-4', name: 'Birth weight Measured', body: undefined },
  '31003020': { loinc: '39156-5', name: 'Body mass index (BMI) [Ratio]', body: undefined },
  '31006116': { loinc: '9843-4', name: 'Head Occipital-frontal circumference', body: undefined },
  '9N001': height,
  '9N006': weight,
};
const bodyKeys = new Set(['31000299', '31000301', '31003601', '31003602', ...Object.keys(measures)]);

function observationCode(context: Hl7Context, obx: Segment): CodeableConcept | undefined {
  const { coding, text } = concept(context, obx, 3);
  const sent = coding.map((item) =>
    bodyKeys.has(item.code ?? '') && item.system !== LOINC ? { ...item, system: BODY_MEASUREMENT } : item,
  );
  const measure = measureOf(sent);
  if (measure && !sent.some(({ system }) => system === LOINC)) {
    sent.push({ system: LOINC, code: measure.loinc, display: measure.name });
    if (measure.body && !sent.some(({ system }) => system === BODY_MEASUREMENT))
      sent.push({ system: BODY_MEASUREMENT, code: measure.body });
  }
  if (sent.length === 0 && !text) return undefined;
  return { ...(sent.length > 0 && { coding: sent }), text: text || sent[0]?.display || sent[0]?.code };
}

function measureOf(coding: readonly Coding[]): Measure | undefined {
  for (const { system, code = '' } of coding) {
    const found =
      system === JLAC10
        ? lookUp(measures, code.slice(0, 5))
        : system === BODY_MEASUREMENT
          ? lookUp(measures, code)
          : undefined;
    if (found) return found;
  }
  return undefined;
}

const bodyLoinc = new Set(['29463-7', '8302-2', '8339-4', '9843-4', '39156-5', '3141-9', '8306-3']);

const vitalLoinc = new Set(['8867-4', '8310-5', '9279-1', '8480-6', '8462-4', '85354-9', '2708-6', '59408-5']);

/** The category of JP Core and that of FHIR, each an entry of its own as the profiles of JP Core slice them. */
function categories(coding: readonly Coding[], otherwise: Category): CodeableConcept[] {
  const isBody = coding.some(
    ({ system, code = '' }) => system === BODY_MEASUREMENT || (system === LOINC && bodyLoinc.has(code)),
  );
  const [ofJpCore, ofFhir] = isBody ? ['body-measurement', 'vital-signs'] : Array(2).fill(told(coding) ?? otherwise);
  return [
    { coding: [{ system: SIMPLE_CATEGORY, code: ofJpCore }] },
    { coding: [{ system: OBSERVATION_CATEGORY, code: ofFhir }] },
  ];
}

// JLAC10 begins with the kind of examination: 9 is physiology (electrocardiogram, lung function), the others laboratory.
function told(coding: readonly Coding[]): Category | undefined {
  const jlac = coding.find(({ system }) => system === JLAC10)?.code;
  if (jlac !== undefined) return jlac.startsWith('9') ? 'procedure' : 'laboratory';
  return coding.some(({ system, code = '' }) => system === LOINC && vitalLoinc.has(code)) ? 'vital-signs' : undefined;
}

/** FHIR R4 string: no longer than 1 MB. */
const MAX_STRING = 1_000_000;

const rawValue = (obx: Segment): string =>
  (obx.fields[5] ?? [])
    .map((rep) => rep.map((part) => part.join('&')).join('^'))
    .join('~')
    .trim();

const comparators: Record<string, NonNullable<Observation['valueQuantity']>['comparator']> = {
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

/** value[x] by OBX-2; a number that is none, and every type without a FHIR form, is kept as text. */
function observationValue(context: Hl7Context, obx: Segment): Partial<Observation> {
  const raw = rawValue(obx);
  if (raw === '' || raw === '""') return {};
  if (raw.length > MAX_STRING) {
    context.problems.push('An OBX-5 longer than a million characters is kept only in the original.');
    return {};
  }
  const type = value(obx, 2);
  const amount = (text: string) => quantity(text, obx, 6);
  const plain = repetitions(obx, 5) === 1 ? structured(type, obx, amount) : undefined;
  if (plain) return plain;
  if (type === 'NM' && repetitions(obx, 5) === 1)
    context.problems.push('An OBX of type NM holds no number; its text was kept.');
  if (['CE', 'CWE', 'CNE'].includes(type)) {
    const coded = concept(context, obx, 5);
    if (coded.coding.length > 0)
      return { valueCodeableConcept: { coding: coded.coding, ...(coded.text && { text: coded.text }) } };
    if (coded.text) return { valueString: coded.text };
  }
  if (['ED', 'RP'].includes(type)) {
    context.problems.push(`An OBX of type ${type} (attachment) is kept only in the original.`);
    return {};
  }
  return { valueString: raw.replaceAll('~', '\n') };
}

function structured(
  type: string,
  obx: Segment,
  amount: (text: string) => Observation['valueQuantity'],
): Partial<Observation> | undefined {
  const text = value(obx, 5);
  if (type === 'NM') {
    const found = amount(text);
    return found && { valueQuantity: found };
  }
  if (type === 'DT' || type === 'TS' || type === 'DTM') {
    const found = hl7DateTime(text);
    return found ? { valueDateTime: found } : undefined;
  }
  if (type !== 'SN') return undefined;
  const [first, second] = [amount(value(obx, 5, 2)), amount(value(obx, 5, 4))];
  if (first && second)
    return value(obx, 5, 3) === '-'
      ? { valueRange: { low: first, high: second } }
      : { valueRatio: { numerator: first, denominator: second } };
  const comparator = lookUp(comparators, text);
  return first && !value(obx, 5, 3) ? { valueQuantity: { ...first, ...(comparator && { comparator }) } } : undefined;
}

const flagNames = new Set(['L', 'H', 'LL', 'HH', 'N', 'A', 'AA', 'S', 'R', 'I', 'U', 'D', 'B', 'W', '<', '>']);

function flagConcepts(obx: Segment): CodeableConcept[] {
  const system = 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation';
  return Array.from({ length: repetitions(obx, 8) }, (_, i) => value(obx, 8, 1, 1, i + 1))
    .filter(Boolean)
    .map((code) => (flagNames.has(code) ? { coding: [{ system, code }] } : { text: code }));
}

function referenceRange(obx: Segment): Pick<Observation, 'referenceRange'> {
  const text = value(obx, 7);
  if (!text) return {};
  const bounds = /^([\d.]+)\s*[-～~]\s*([\d.]+)$/.exec(text.normalize('NFKC'));
  const unit = value(obx, 6, 2) || value(obx, 6);
  const bound = (number: string | undefined) => {
    const found = number === undefined ? undefined : decimal(number);
    return found === undefined ? undefined : { value: found, ...(unit && { unit }) };
  };
  const low = bound(bounds?.[1]);
  const high = bound(bounds?.[2]);
  const isRange = low && high && Number(bounds?.[1]) <= Number(bounds?.[2]);
  return { referenceRange: [{ ...(isRange && { low, high }), text }] };
}
