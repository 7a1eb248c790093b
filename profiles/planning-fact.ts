// The facts about a person that a schedule asks for, found by what records say: our own code, a code of another system
// through the ConceptMap, or a name as records write it. Never guesses: what is in no row is no fact.
// Tables: code-systems/planning-fact.json and concept-maps/planning-fact.json.
import type { CodeSystem, Coding, ConceptMap, ConceptMapGroup } from '@medplum/fhirtypes';
import { CANONICAL } from '../server/fhir/canonical.ts';
import codeSystem from './code-systems/planning-fact.json' with { type: 'json' };
import conceptMap from './concept-maps/planning-fact.json' with { type: 'json' };

export const PLANNING_FACT_SYSTEM = `${CANONICAL}/CodeSystem/planning-fact`;

const SNOMED = 'http://snomed.info/sct';
/** Systems that code what is asked in Observations; what is found is mostly SNOMED CT. */
const OBSERVED = new Set([
  'http://loinc.org',
  'http://jpfhir.jp/fhir/core/CodeSystem/JP_ObservationBodyMeasurementCode_CS',
  'http://jpfhir.jp/fhir/clins/CodeSystem/JLAC10/JP_CLINS_ObsLabResult_InfectionLabo_CS',
]);

/** `lasts`: holds for ever once recorded, only until resolved, is an event on a day, or is a result with a value. */
export type PlanningFact = { code: string; ja: string; en: string; lasts: Lasts };
export type Lasts = 'always' | 'while-active' | 'dated' | 'measured';

/** A fact that a code or a name stands for; `isLoose` where the code can also mean something else. */
export type FoundFact = { fact: PlanningFact; isLoose: boolean };

/** The fact of a code of ours; `missed:MR1` is one of the family `missed:*`. */
export function planningFactOf(code: string): PlanningFact | undefined {
  const known = byCode.get(code);
  if (known !== undefined) return code.endsWith('*') ? undefined : known;
  const family = byCode.get(`${code.slice(0, code.indexOf(':') + 1)}*`);
  const member = code.slice(code.indexOf(':') + 1);
  if (family === undefined || !/^[A-Za-z0-9_-]{1,40}$/.test(member)) return undefined;
  return { ...family, code, ja: `${family.ja}（${member}）`, en: `${family.en} (${member})` };
}

/** The facts that codings or names of one thing stand for, each once. Names count only where no code is known. */
export function planningFacts(codings: readonly Coding[], names: readonly string[]): FoundFact[] {
  const found = new Map<string, FoundFact>();
  for (const { system = '', code = '' } of codings) {
    for (const one of codedFacts(system, code)) if (!found.has(one.fact.code)) found.set(one.fact.code, one);
  }
  if (found.size > 0) return [...found.values()];
  for (const name of names) {
    const fact = namedFact(name);
    if (fact !== undefined) found.set(fact.code, { fact, isLoose: false });
  }
  return [...found.values()];
}

/** A code by which an Observation is of use; without `code` any of the system. `isValue`: also where it is the finding. */
export type ObservedCoding = { system: string; code?: string; isValue?: boolean };

/** Every code by which an Observation tells a fact. ICD-10 is not looked for there: diagnoses are Conditions. */
export const observedCodings: readonly ObservedCoding[] = observedIn((conceptMap as ConceptMap).group ?? []);

function observedIn(groups: readonly ConceptMapGroup[]): ObservedCoding[] {
  const findings = groups.flatMap(({ source = '', element = [] }) => {
    return OBSERVED.has(source) ? element.map(({ code = '' }) => ({ system: source, code })) : [];
  });
  return [{ system: PLANNING_FACT_SYSTEM, isValue: true }, { system: SNOMED, isValue: true }, ...findings];
}

/** The SNOMED CT codes that mean exactly this fact: the way to what other vocabularies call it. */
export function snomedCodesOf(fact: string): readonly string[] {
  return exactSnomed.get(fact) ?? [];
}

// One edition of ICD-10 under several names; the rows use only categories that all of them have.
const ICD10 = 'http://jpfhir.jp/fhir/core/mhlw/CodeSystem/ICD10-2013-full';
const sameSystem: Record<string, string> = {
  'http://hl7.org/fhir/sid/icd-10': ICD10,
  'http://hl7.org/fhir/sid/icd-10-cm': ICD10,
  'urn:oid:2.16.840.1.113883.6.3': ICD10,
  'urn:oid:2.16.840.1.113883.6.90': ICD10,
};
/** In these a code stands for everything below it, and dots do not tell codes apart. */
const hierarchical = new Set([ICD10, 'http://www.whocc.no/atc']);

const byCode = new Map<string, PlanningFact>();
const byName = new Map<string, PlanningFact>();
const brands: [brand: string, fact: PlanningFact][] = [];
const exactSnomed = new Map<string, string[]>();
const bySystem = new Map<string, Map<string, FoundFact[]>>();

function codedFacts(given: string, code: string): FoundFact[] {
  if (given === PLANNING_FACT_SYSTEM) {
    const fact = planningFactOf(code);
    return fact === undefined ? [] : [{ fact, isLoose: false }];
  }
  const system = sameSystem[given] ?? given;
  const rows = bySystem.get(system);
  if (rows === undefined) return [];
  if (!hierarchical.has(system)) return rows.get(code) ?? [];
  const plain = code.replace('.', '').toUpperCase();
  for (let length = plain.length; length >= 3; length -= 1) {
    const found = rows.get(plain.slice(0, length));
    if (found !== undefined) return found;
  }
  return [];
}

function namedFact(name: string): PlanningFact | undefined {
  const plain = normalised(name);
  return byName.get(plain) ?? brands.find(([brand]) => plain.includes(brand))?.[1];
}

/** Width, case, spaces and punctuation do not tell names apart. */
function normalised(name: string): string {
  return name
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s・、,.()「」『』【】[\]‐–-]/g, '');
}

for (const { code = '', display = code, designation = [], property = [] } of (codeSystem as CodeSystem).concept ?? []) {
  const ja = designation.find(({ language }) => language === 'ja')?.value ?? display;
  const lasts = property.find((one) => one.code === 'lasts')?.valueCode as Lasts;
  const fact = { code, ja, en: display, lasts };
  byCode.set(code, fact);
  for (const { code: kind, valueString = '' } of property) {
    if (kind === 'alias') byName.set(normalised(valueString), fact);
    if (kind === 'product') brands.push([normalised(valueString), fact]);
  }
}
for (const { source = '', element = [] } of (conceptMap as ConceptMap).group ?? []) {
  const rows = new Map<string, FoundFact[]>();
  for (const { code = '', target = [] } of element) {
    for (const { code: to = '', equivalence } of target) {
      if (source === SNOMED && equivalence === 'equivalent')
        exactSnomed.set(to, [...(exactSnomed.get(to) ?? []), code]);
    }
    const found = target.flatMap(({ code: to = '', equivalence }): FoundFact[] => {
      const fact = byCode.get(to);
      return fact === undefined ? [] : [{ fact, isLoose: equivalence === 'narrower' || equivalence === 'inexact' }];
    });
    rows.set(hierarchical.has(source) ? code.replace('.', '') : code, found);
  }
  bySystem.set(source, rows);
}
