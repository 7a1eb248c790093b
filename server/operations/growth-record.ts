// What a record holds for a growth chart: body measures with their units made alike, and the gestational age at birth.
// LOINC; the body measurement codes of JP Core 1.2.0 (JP_ObservationBodyMeasurementCode_CS); UCUM.

import { PLANNING_FACT_SYSTEM, planningFacts } from '../../profiles/planning-fact.ts';
import { canonicalUnit, toCanonical } from '../fhir/canonical-unit.ts';
import { rangeOf } from '../fhir/date-range.ts';
import { isObject, type JsonObject, numberText } from '../fhir/json.ts';
import { parseDay } from '../forecast/days.ts';
import { japanDate } from '../forecast/facts/calendar-date.ts';
import { gestationDays } from '../forecast/facts/measured.ts';
import type { Measurement } from '../growth/points.ts';
import type { Position } from '../growth/score.ts';

const LOINC = 'http://loinc.org';
const BODY_MEASUREMENT = 'http://jpfhir.jp/fhir/core/CodeSystem/JP_ObservationBodyMeasurementCode_CS';

type Meaning = { measure: Measurement['measure']; position?: Position; isAtBirth?: true };

/** Body height without a word about how is taken as the age has it: lying under two years, standing from then on. */
const MEANINGS: Record<string, Record<string, Meaning>> = {
  [LOINC]: {
    '29463-7': { measure: 'weight' },
    '3141-9': { measure: 'weight' },
    '8339-4': { measure: 'weight', isAtBirth: true },
    '8302-2': { measure: 'height' },
    '3137-7': { measure: 'height' },
    '8306-3': { measure: 'height', position: 'lying' },
    '8308-9': { measure: 'height', position: 'standing' },
    '89269-5': { measure: 'height', position: 'lying', isAtBirth: true },
    '9843-4': { measure: 'head-circumference' },
    '8287-5': { measure: 'head-circumference' },
    '39156-5': { measure: 'bmi' },
  },
  [BODY_MEASUREMENT]: {
    '31000296': { measure: 'weight' },
    '31000297': { measure: 'weight' },
    '31002900': { measure: 'weight', isAtBirth: true },
    '31000298': { measure: 'height' },
    '31006116': { measure: 'head-circumference' },
  },
};

/** Of a pregnancy as a rule; of a newborn where it is dated in the first four weeks of the child's own record. */
const GESTATIONS = ['18185-9', '11884-4', '49051-6'];
const AT_BIRTH = 'gestational-age-at-birth';
const NEWBORN_DAYS = 28;

/** Every code by which an Observation is of use. */
export const WANTED = [
  ...Object.entries(MEANINGS).flatMap(([system, codes]) => Object.keys(codes).map((code) => ({ system, code }))),
  ...[...GESTATIONS, '76516-4'].map((code) => ({ system: LOINC, code })),
  { system: PLANNING_FACT_SYSTEM, code: AT_BIRTH },
] as const;

export type GrowthRecord = { measured: Measurement[]; gestationDays: number | undefined };

/**
 * Of observations about one child, parsed with parseJson, in the order of their time. What was entered in error or never was a
 * result is left out.
 */
export function growthRecord(observations: readonly JsonObject[], birthDay: number): GrowthRecord {
  const inOrder = observations.filter(isFound).toSorted((a, b) => startMs(a) - startMs(b));
  const parts = inOrder.flatMap((one) => partsOf(one, birthDay));
  return {
    measured: parts.flatMap(({ meaning, measurement }) => (meaning === undefined ? [] : [measurement(meaning)])),
    gestationDays: gestationOf(parts),
  };
}

const FOUND = new Set(['final', 'amended', 'corrected', 'preliminary']);

/** A focus makes it about the unborn child, a specimen or somebody else. */
function isFound({ status, focus }: JsonObject): boolean {
  return FOUND.has(String(status)) && !(Array.isArray(focus) && focus.length > 0);
}

type Part = {
  meaning: Meaning | undefined;
  measurement: (meaning: Meaning) => Measurement;
  /** Undefined where it is no gestational age. */
  gestation: { days: number; isAtBirth: boolean } | undefined;
};

/** The observation itself and each of its components; one without any value says nothing. */
function partsOf(observation: JsonObject, birthDay: number): Part[] {
  const { component } = observation;
  const day = dayOf(observation);
  return [observation, ...(Array.isArray(component) ? component.filter(isObject) : [])].flatMap((part): Part[] => {
    if (!Object.keys(part).some((name) => name.startsWith('value'))) return [];
    const quantity = part.valueQuantity;
    const codings = codingsOf(part.code);
    const value = isObject(quantity) ? Number(numberText(quantity.value)) : Number.NaN;
    const unit = isObject(quantity) ? unitOf(quantity) : undefined;
    const hasValue = isObject(quantity) && Number.isFinite(value) && quantity.comparator === undefined;
    const text = typeof part.valueString === 'string' ? part.valueString : undefined;
    const measurement = ({ measure, position, isAtBirth }: Meaning): Measurement => ({
      measure,
      value: hasValue ? inUnit(value, unit, UNITS[measure]) : undefined,
      day: isAtBirth ? birthDay : day,
      position,
      isPreliminary: observation.status === 'preliminary',
      source: `Observation/${String(observation.id)}`,
    });
    const gestation = gestationIn(codings, day === undefined ? undefined : day - birthDay, {
      ...(hasValue && { value }),
      ...(unit === undefined ? {} : { unit }),
      ...(text === undefined ? {} : { text }),
    });
    return [{ meaning: meaningOf(codings), measurement, gestation }];
  });
}

type Coding = { system: string; code: string };

function codingsOf(concept: unknown): Coding[] {
  const coding = isObject(concept) && Array.isArray(concept.coding) ? concept.coding.filter(isObject) : [];
  return coding.map(({ system, code }) => ({ system: String(system ?? ''), code: String(code ?? '') }));
}

/** A code that says more (lying, at birth) counts before one that says less. */
function meaningOf(codings: readonly Coding[]): Meaning | undefined {
  const found = codings.flatMap(({ system, code }) => MEANINGS[system]?.[code] ?? []);
  return found.find(({ position, isAtBirth }) => position !== undefined || isAtBirth) ?? found[0];
}

function dateOf({ effectiveDateTime, effectivePeriod, effectiveInstant, issued }: JsonObject): string {
  const started = isObject(effectivePeriod) ? effectivePeriod.start : undefined;
  const date = effectiveDateTime ?? started ?? effectiveInstant ?? issued;
  return typeof date === 'string' ? date : '';
}

/** The day as it is counted in Japan; undefined for a month, a year, or no date. */
const dayOf = (observation: JsonObject): number | undefined => parseDay(japanDate(dateOf(observation)) ?? '');

const startMs = (observation: JsonObject): number => rangeOf(dateOf(observation))?.lo ?? 0;

const UNITS: Record<Measurement['measure'], string> = {
  weight: 'kg',
  height: 'cm',
  'head-circumference': 'cm',
  bmi: 'kg/m2',
};

/** The code where it is UCUM's, else the unit as people write it (㎏, ｃｍ). */
function unitOf({ code, system, unit }: JsonObject): string | undefined {
  const isCoded = typeof code === 'string' && (system === undefined || system === UCUM);
  const written = isCoded ? code : unit;
  return typeof written === 'string' ? written.normalize('NFKC').replace('kg/m²', 'kg/m2') : undefined;
}

const UCUM = 'http://unitsofmeasure.org';

/** Undefined where the unit is no UCUM unit of the same kind, or the number too large for one. */
function inUnit(value: number, unit: string | undefined, wanted: string): number | undefined {
  const [from, to] = [canonicalUnit(unit ?? ''), canonicalUnit(wanted)];
  if (from === undefined || to === undefined || from.canonical !== to.canonical) return undefined;
  const converted = Number((toCanonical(value, from) / to.factor).toPrecision(12));
  return Number.isFinite(converted) ? converted : undefined;
}

type Said = { value?: number; unit?: string; text?: string };

function gestationIn(codings: readonly Coding[], ageDays: number | undefined, said: Said): Part['gestation'] {
  const isAtBirth = planningFacts(codings, []).some(({ fact }) => fact.code === AT_BIRTH);
  const isNewborns =
    codings.some(({ system, code }) => system === LOINC && GESTATIONS.includes(code)) &&
    ageDays !== undefined &&
    ageDays >= 0 &&
    ageDays <= NEWBORN_DAYS;
  const { unit, ...rest } = said;
  const days =
    isAtBirth || isNewborns ? gestationDays({ ...rest, ...(unit && { unit: IN_WORDS[unit] ?? unit }) }) : undefined;
  return days === undefined ? undefined : { days, isAtBirth };
}

const IN_WORDS: Record<string, string | undefined> = { 日: 'd', day: 'd' };

/** What says "at birth" counts before what a newborn was judged to be. */
function gestationOf(parts: readonly Part[]): number | undefined {
  const found = parts.flatMap(({ gestation }) => gestation ?? []);
  return (found.find(({ isAtBirth }) => isAtBirth) ?? found[0])?.days;
}
