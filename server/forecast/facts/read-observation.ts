// What an Observation says: which test or measurement, of whom, and what it found, as a value, a date, or yes and no. FHIR R4;
// Japanese laboratories write 陽性, (+), 16倍 and 39週2日 as text.
import type { CodeableConcept, Observation } from '@medplum/fhirtypes';
import { dated, named, sourceOf } from './read-condition.ts';
import type { Result, Statement } from './statement.ts';

/**
 * The observation itself and each of its components. `mothers` are the references of the person's record that name the mother:
 * what has its focus on her is about her.
 */
export function readObservation(observation: Observation, mothers: ReadonlySet<string>): Statement[] {
  if (!FOUND.has(observation.status)) return [];
  const focus = observation.focus ?? [];
  const isOfMother = focus.some(({ reference }) => reference !== undefined && mothers.has(reference));
  // What is about the unborn child, a specimen or somebody else says nothing about this person.
  if (focus.length > 0 && !isOfMother) return [];
  const { effectiveDateTime, effectivePeriod, effectiveInstant, issued } = observation;
  const about = {
    kind: 'observation' as const,
    of: isOfMother ? ('mother' as const) : ('self' as const),
    ...dated(effectiveDateTime ?? effectivePeriod?.start ?? effectiveInstant ?? issued),
    isActive: true,
    isCertain: observation.status !== 'preliminary',
    source: sourceOf(observation),
  };
  return [observation, ...(observation.component ?? [])].flatMap((part): Statement[] => {
    if (part.dataAbsentReason !== undefined) return [];
    const code = named(part.code);
    const result = resultOf(part);
    // A coded value is the finding; a negative one is none.
    const value = result.isPositive === false ? { codings: [], names: [] } : named(part.valueCodeableConcept);
    return [{ ...about, codings: [...code.codings, ...value.codings], names: [...code.names, ...value.names], result }];
  });
}

const FOUND = new Set(['final', 'amended', 'corrected', 'preliminary']);

type Part = Pick<
  Observation,
  | 'valueQuantity'
  | 'valueCodeableConcept'
  | 'valueString'
  | 'valueBoolean'
  | 'valueInteger'
  | 'valueRatio'
  | 'valueDateTime'
  | 'interpretation'
>;

function resultOf(part: Part): Result {
  const { valueQuantity, valueRatio, valueDateTime, valueInteger } = part;
  const text = part.valueString ?? part.valueCodeableConcept?.text;
  const isPositive = positive(part, text);
  const value = valueQuantity?.value ?? valueInteger ?? titre(valueRatio) ?? numberIn(text);
  const unit = valueQuantity?.code ?? valueQuantity?.unit;
  const { date } = dated(valueDateTime ?? text);
  return {
    ...(isPositive === undefined ? {} : { isPositive }),
    ...(date === undefined ? {} : { date }),
    ...(value === undefined ? {} : { value: valueQuantity?.comparator === '<' ? value / 2 : value }),
    ...(unit === undefined ? {} : { unit }),
    ...(text === undefined ? {} : { text }),
  };
}

function positive(part: Part, text: string | undefined): boolean | undefined {
  if (part.valueBoolean !== undefined) return part.valueBoolean;
  for (const concept of [part.valueCodeableConcept, ...(part.interpretation ?? [])]) {
    const found = positiveConcept(concept);
    if (found !== undefined) return found;
  }
  return text === undefined ? undefined : positiveText(text);
}

function positiveConcept(concept: CodeableConcept | undefined): boolean | undefined {
  const codes = (concept?.coding ?? []).map(({ code = '' }) => code);
  if (codes.some((code) => NEGATIVE.has(code))) return false;
  if (codes.some((code) => POSITIVE.has(code))) return true;
  for (const word of [concept?.text, ...(concept?.coding ?? []).map(({ display }) => display)]) {
    const found = word === undefined ? undefined : positiveText(word);
    if (found !== undefined) return found;
  }
  return undefined;
}

// SNOMED CT qualifiers and HL7 v3 ObservationInterpretation.
const POSITIVE = new Set(['10828004', '260373001', '11214006', 'POS', 'DET', 'RR']);
const NEGATIVE = new Set(['260385009', '260415000', '131194007', 'NEG', 'ND', 'NR']);

function positiveText(text: string): boolean | undefined {
  const plain = text
    .normalize('NFKC')
    .replace(/[\s()]/g, '')
    .toUpperCase();
  if (/^(陽性|[+]+|[1-4][+]|POSITIVE|REACTIVE|DETECTED)$/.test(plain)) return true;
  if (/^(陰性|[-−‐]+|NEGATIVE|NON-?REACTIVE|NOTDETECTED)$/.test(plain)) return false;
  return undefined;
}

/** 1:16 is 16. */
function titre(ratio: Part['valueRatio']): number | undefined {
  const [one, other] = [ratio?.numerator?.value, ratio?.denominator?.value];
  if (one === undefined || other === undefined) return undefined;
  return Math.max(one, other);
}

/** The titre or the number in "16倍", "1:16", "8倍未満", "<8"; below a limit is half of it. */
function numberIn(text: string | undefined): number | undefined {
  const plain = (text ?? '').normalize('NFKC').replace(/\s/g, '');
  const match = /^(<)?(?:1[:/])?(\d{1,6}(?:\.\d+)?)倍?(未満)?$/.exec(plain);
  if (match === null) return undefined;
  return match[1] || match[3] ? Number(match[2]) / 2 : Number(match[2]);
}
