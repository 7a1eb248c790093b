// Immunization resources as doses of the planner. FHIR R4; what was not done or entered in error is no history, what cannot be
// used is left out with its reason, and blood products recorded as Immunization become statements.
import type { CodeableConcept, Immunization } from '@medplum/fhirtypes';
import { codedVaccine, namedVaccine, vaccineOf as vaccineNamed } from '../../../profiles/vaccine.ts';
import { parseDayRange } from '../days.ts';
import type { GivenDose, Warning } from '../types.ts';
import { japanDate } from './calendar-date.ts';
import { named } from './read-condition.ts';
import type { Statement } from './statement.ts';

/** A dose with what a person checks it by. */
export type RecordedDose = GivenDose & {
  lot?: string;
  /** As coded or written by whoever gave it. */
  route?: string;
  site?: string;
  /** Place in the series as the record has it; the planner counts by itself. */
  recordedNumber?: string;
};

export type GivenDoses = { doses: RecordedDose[]; products: Statement[]; warnings: Warning[] };

/** How a schedule reads a product: its name for a vaccine, and whether what is no vaccine is a fact all the same. */
export type ProductReader = {
  vaccineOf: (concept: CodeableConcept) => string | undefined;
  isFact: (product: Statement) => boolean;
};

export function givenDoses(immunizations: readonly Immunization[], reader: ProductReader): GivenDoses {
  const found: GivenDoses = { doses: [], products: [], warnings: [] };
  const given = new Set<string>();
  for (const [index, immunization] of immunizations.entries()) {
    const sent = doseId(immunization, index);
    if (immunization.status === 'not-done') noteNotDone(found, immunization, sent);
    if (immunization.status !== 'completed') continue;
    const id = given.has(sent) ? placeName(index) : sent;
    if (id !== sent) noteRepeatedId(found, sent, id);
    given.add(id);
    addDose(found, immunization, id, reader);
  }
  return found;
}

/** The name a dose has in the answer: the resource's id, else its place in the list. */
export function doseId(immunization: Immunization, index: number): string {
  return immunization.id ?? placeName(index);
}

function placeName(index: number): string {
  return `immunization-${index + 1}`;
}

/** The code of VACCINE_SYSTEM a concept means, undefined when it means none we know. A foreign code is no name. */
export function vaccineCodeOf(concept: CodeableConcept | undefined): string | undefined {
  const codings = concept?.coding ?? [];
  const coded = codedVaccine(codings);
  if (coded) return coded.code;
  for (const name of [concept?.text, ...codings.map(({ display }) => display)]) {
    const vaccine = name ? namedVaccine(name) : undefined;
    if (vaccine) return vaccine.code;
  }
  return undefined;
}

/** The CVX code a concept means: as it is coded, else the nearest one of the vaccine we know it for. */
export function cvxOf(concept: CodeableConcept): string | undefined {
  const coded = concept.coding?.find(({ system, code }) => system === CVX_SYSTEM && code)?.code;
  if (coded !== undefined) return coded.padStart(2, '0');
  const known = vaccineCodeOf(concept);
  return known === undefined ? undefined : vaccineNamed(known)?.cvx?.code;
}

export const CVX_SYSTEM = 'http://hl7.org/fhir/sid/cvx';

function addDose(found: GivenDoses, immunization: Immunization, id: string, reader: ProductReader): void {
  const concept = immunization.vaccineCode ?? {};
  const occurrence = immunization.occurrenceDateTime ?? immunization.occurrenceString ?? '';
  const date = japanDate(occurrence);
  const vaccine = reader.vaccineOf(concept);
  if (vaccine === undefined) {
    const product = productStatement(immunization, id, date);
    if (reader.isFact(product)) {
      found.products.push(product);
      return;
    }
    const name = concept.text ?? concept.coding?.[0]?.code ?? '';
    found.warnings.push({
      code: 'unknownVaccine',
      doseId: id,
      text: `接種記録のワクチン「${name}」が分からないため、計画に入れていません。 The vaccine "${name}" is not known; the dose was left out.`,
    });
    return;
  }
  if (date === undefined) {
    found.warnings.push({
      code: 'invalidDate',
      doseId: id,
      text: `接種日「${occurrence}」が読めないため、計画に入れていません。 "${occurrence}" is not a date; the dose was left out.`,
    });
    return;
  }
  found.doses.push({ id, date, vaccine, ...detailsOf(immunization, date) });
}

function detailsOf(immunization: Immunization, date: string): Partial<RecordedDose> {
  const { lotNumber, manufacturer, doseQuantity } = immunization;
  const route = wordOf(immunization.route);
  const site = wordOf(immunization.site);
  const [protocol] = immunization.protocolApplied ?? [];
  const number = protocol?.doseNumberPositiveInt ?? protocol?.doseNumberString;
  const mvx = MVX.has(manufacturer?.identifier?.system ?? '') ? manufacturer?.identifier?.value : undefined;
  const isMillilitres = /^ml$/i.test(doseQuantity?.code ?? doseQuantity?.unit ?? '');
  const flaw = flawOf(immunization, date);
  return {
    ...(mvx === undefined ? {} : { mvx }),
    ...(isMillilitres && doseQuantity?.value !== undefined ? { doseMl: doseQuantity.value } : {}),
    ...(lotNumber === undefined ? {} : { lot: lotNumber }),
    ...(route === undefined ? {} : { route }),
    ...(site === undefined ? {} : { site }),
    ...(number === undefined ? {} : { recordedNumber: String(number) }),
    ...(flaw === undefined ? {} : { flaw }),
  };
}

const MVX = new Set(['http://hl7.org/fhir/sid/mvx', 'http://terminology.hl7.org/CodeSystem/MVX']);

const wordOf = (concept: CodeableConcept | undefined) => concept?.coding?.[0]?.code ?? concept?.text;

/** A subpotent dose, or one given after the lot's expiry, is below standard (CDSi 6.1). */
function flawOf(immunization: Immunization, date: string): GivenDose['flaw'] {
  const expiry = immunization.expirationDate === undefined ? undefined : parseDayRange(immunization.expirationDate);
  const given = parseDayRange(date);
  if (expiry !== undefined && given !== undefined && given.first > expiry.last) return 'lotExpired';
  const isSubpotent = immunization.isSubpotent ?? immunization.subpotentReason !== undefined;
  return isSubpotent ? 'doseCondition' : undefined;
}

function productStatement(immunization: Immunization, id: string, date: string | undefined): Statement {
  const { doseQuantity } = immunization;
  const unit = doseQuantity?.code ?? doseQuantity?.unit;
  return {
    kind: 'medication',
    of: 'self',
    ...named(immunization.vaccineCode),
    ...(date === undefined ? {} : { date }),
    isActive: false,
    isCertain: true,
    ...(doseQuantity?.value === undefined
      ? {}
      : { result: { value: doseQuantity.value, ...(unit === undefined ? {} : { unit }) } }),
    source: immunization.id === undefined ? id : `Immunization/${id}`,
  };
}

/** Two resources of one id cannot be told apart in an answer that names doses by id. */
function noteRepeatedId(found: GivenDoses, sent: string, id: string): void {
  found.warnings.push({
    code: 'repeatedId',
    doseId: id,
    text: `ID「${sent}」の接種記録が2つあります。両方を別の接種として判定しました。 Two records bear the id "${sent}"; both were judged, as two doses.`,
  });
}

function noteNotDone(found: GivenDoses, immunization: Immunization, id: string): void {
  const reason = immunization.statusReason?.text ?? immunization.statusReason?.coding?.[0]?.display;
  const when = japanDate(immunization.occurrenceDateTime ?? '') ?? '';
  found.warnings.push({
    code: 'notGiven',
    doseId: id,
    text: `${when} 接種を見合わせた記録です${reason ? `（${reason}）` : ''}。 A record of a dose that was not given.`,
  });
}
