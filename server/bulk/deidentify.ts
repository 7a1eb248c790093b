// One resource without who it is about: what is kept, element by element, and nothing else. Names, addresses, identifiers,
// telecom, texts, narrative, notes, attachments, lots, performers, extensions and codes of local systems are not in the tables
// and so do not come out. Dates are moved by whole weeks, the same for all of one person, so that intervals and ages stay; of the birth
// date the month is left, of the address the prefecture. Pure.

import { isObject, type JsonObject } from '../fhir/json.ts';
import { formatDay, parseDay } from '../forecast/days.ts';

/** How one person comes out: a new id, and so many days later (whole weeks). */
export type Disguise = { id: string; shiftDays: number };

type Keep = (value: unknown, disguise: Disguise) => unknown;

/** The types that come out, and of each the elements. */
const tables: Readonly<Record<string, Readonly<Record<string, Keep>>>> = {
  Patient: { gender: code, birthDate: month, address: prefecture },
  Immunization: {
    ...{ status: code, statusReason: concept, vaccineCode: concept, occurrenceDateTime: date, primarySource: truth },
    ...{ site: concept, route: concept, doseQuantity: quantity, reasonCode: concepts, patient: subject },
  },
  Observation: {
    ...{ status: code, category: concepts, code: concept, effectiveDateTime: date, valueQuantity: quantity },
    ...{ valueCodeableConcept: concept, valueInteger: whole, valueBoolean: truth, interpretation: concepts },
    ...{ bodySite: concept, method: concept, component: components, subject },
  },
  Condition: {
    ...{ clinicalStatus: concept, verificationStatus: concept, category: concepts, severity: concept, code: concept },
    ...{ onsetDateTime: date, abatementDateTime: date, subject },
  },
  AllergyIntolerance: {
    ...{ clinicalStatus: concept, verificationStatus: concept, type: code, category: codes, criticality: code },
    ...{ code: concept, onsetDateTime: date, patient: subject },
  },
  Procedure: { status: code, code: concept, performedDateTime: date, subject },
};

/** Without one of these a resource says nothing, or is not valid. */
const needed: Readonly<Record<string, readonly string[]>> = {
  Patient: [],
  Immunization: ['status', 'vaccineCode', 'occurrenceDateTime', 'patient'],
  Observation: ['status', 'code', 'subject'],
  Condition: ['code', 'subject'],
  AllergyIntolerance: ['code', 'patient'],
  Procedure: ['status', 'code', 'subject'],
};

export const deidentifiedTypes: readonly string[] = Object.keys(tables);

/** Undefined for a resource that is not kept. `id` is its new one; a Patient's is that of the disguise. */
export function deidentified(resource: JsonObject, disguise: Disguise, id: string): JsonObject | undefined {
  const type = String(resource.resourceType);
  const kept = keptOf(tables[type] ?? {}, resource, disguise);
  if (needed[type]?.every((name) => kept[name] !== undefined) !== true) return undefined;
  if (type === 'Observation' && !hasValue(kept)) kept.dataAbsentReason = masked;
  return { resourceType: type, id: type === 'Patient' ? disguise.id : id, meta, ...kept };
}

/**
 * The shifts that leave somebody born then in the quarter of their birth, so that they stand among as many as before and every age
 * stays what it was; never none at all.
 */
export function shiftsOf(birthDate: unknown): number[] {
  const born = typeof birthDate === 'string' ? parseDay(birthDate) : undefined;
  const shifts = Array.from({ length: 2 * mostWeeks + 1 }, (_, n) => (n - mostWeeks) * 7).filter((days) => days !== 0);
  if (born === undefined) return shifts;
  return shifts.filter((days) => quarterOf(formatDay(born + days)) === quarterOf(formatDay(born)));
}

const mostWeeks = 13;

function quarterOf(date: string): string {
  const [year = '', monthOfYear = ''] = date.split('-');
  return monthOfYear === '' ? '' : `${year} ${Math.ceil(Number(monthOfYear) / 3)}`;
}

/** By what a person could be singled out: what comes out of birth (as a quarter), sex and prefecture. */
export function cellOf({ birthDate, gender, address }: JsonObject): string {
  const quarter = quarterOf(String(birthDate ?? ''));
  const [home] = Array.isArray(address) ? address : [];
  return JSON.stringify([quarter, gender ?? '', isObject(home) ? home.state : '']);
}

const observationValue = 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue';
const meta = {
  security: [{ system: observationValue, code: 'ANONYED' }],
  tag: [{ system: observationValue, code: 'SUBSETTED' }],
};
const masked = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'masked' }],
};

const hasValue = (kept: JsonObject): boolean =>
  kept.component !== undefined || Object.keys(kept).some((name) => name.startsWith('value'));

function keptOf(table: Readonly<Record<string, Keep>>, from: JsonObject, disguise: Disguise): JsonObject {
  const kept: JsonObject = {};
  for (const [name, keep] of Object.entries(table)) {
    const value = from[name] === undefined ? undefined : keep(from[name], disguise);
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

/** A word of a required value set of FHIR. */
function code(value: unknown): string | undefined {
  return typeof value === 'string' && /^[a-z][a-z-]{0,30}$/.test(value) ? value : undefined;
}

function codes(value: unknown): string[] | undefined {
  const kept = listed(value).flatMap((one) => code(one) ?? []);
  return kept.length > 0 ? kept : undefined;
}

function truth(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

/** Numbers may be objects that keep their text. */
function whole(value: unknown): unknown {
  return Number.isFinite(Number(value)) && /^-?\d{1,9}$/.test(String(value)) ? value : undefined;
}

/** Code systems that many use; a code of a local one could be anybody's number. */
const publicSystems = [
  /^http:\/\/loinc\.org$/,
  /^http:\/\/snomed\.info\/sct$/,
  /^http:\/\/unitsofmeasure\.org$/,
  /^http:\/\/hl7\.org\/fhir\/(?:sid\/)?[A-Za-z0-9/-]{1,80}$/,
  /^http:\/\/terminology\.hl7\.org\/CodeSystem\/[A-Za-z0-9-]{1,80}$/,
  /^http:\/\/jpfhir\.jp\/fhir\/[A-Za-z0-9/_.-]{1,120}$/,
  /^https:\/\/tsumugi\.example\/fhir\/CodeSystem\/[A-Za-z0-9-]{1,80}$/,
];

function concept(value: unknown): JsonObject | undefined {
  const coding = listed(isObject(value) ? value.coding : undefined).flatMap((one): JsonObject[] => {
    if (!isObject(one)) return [];
    const { system, code: given } = one;
    const isPublic = typeof system === 'string' && publicSystems.some((known) => known.test(system));
    return isPublic && typeof given === 'string' && isCode(given) ? [{ system, code: given }] : [];
  });
  return coding.length > 0 ? { coding } : undefined;
}

/** No code is as long as a telephone number, or a date, unless it has letters or a check digit behind a dash. */
const isCode = (text: string): boolean => /^[A-Za-z0-9.:_{}/[\]-]{1,40}$/.test(text) && !/^0\d{9,10}$/.test(text);

function concepts(value: unknown): JsonObject[] | undefined {
  const kept = listed(value)
    .map(concept)
    .filter((one) => one !== undefined);
  return kept.length > 0 ? kept : undefined;
}

const ucum = 'http://unitsofmeasure.org';

function quantity(value: unknown): JsonObject | undefined {
  if (!isObject(value) || value.value === undefined || value.system !== ucum || typeof value.code !== 'string')
    return undefined;
  if (!/^[-+]?\d{1,9}(?:\.\d{1,9})?$/.test(String(value.value)) || !isUnit(value.code)) return undefined;
  return { value: value.value, unit: value.code, system: ucum, code: value.code };
}

/** Curly brackets of UCUM hold anything. */
const isUnit = (text: string): boolean => /^[A-Za-z0-9%/.*^[\]_'"-]{1,20}$/.test(text);

function components(value: unknown, disguise: Disguise): JsonObject[] | undefined {
  const table = {
    code: concept,
    valueQuantity: quantity,
    valueCodeableConcept: concept,
    valueInteger: whole,
    valueBoolean: truth,
  };
  const kept = listed(value).flatMap((one): JsonObject[] => {
    const part = isObject(one) ? keptOf(table, one, disguise) : {};
    return part.code !== undefined && hasValue(part) ? [part] : [];
  });
  return kept.length > 0 ? kept : undefined;
}

/** A day, or the day of a time; a month or a year cannot be moved by weeks. */
function date(value: unknown, { shiftDays }: Disguise): string | undefined {
  const day = typeof value === 'string' ? parseDay(value.slice(0, 10)) : undefined;
  return day === undefined ? undefined : formatDay(day + shiftDays);
}

function month(value: unknown, disguise: Disguise): string | undefined {
  return date(value, disguise)?.slice(0, 7);
}

function subject(_: unknown, { id }: Disguise): JsonObject {
  return { reference: `Patient/${id}` };
}

function prefecture(value: unknown): JsonObject[] | undefined {
  const states = listed(value).map((one) => (isObject(one) ? String(one.state) : ''));
  const state = states.find((one) => prefectures.has(one));
  return state === undefined ? undefined : [{ state }];
}

const listed = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

// biome-ignore format: a table
const prefectures: ReadonlySet<string> = new Set([
  '北海道', '青森県', '岩手県', '宮城県', '秋田県', '山形県', '福島県', '茨城県', '栃木県', '群馬県', '埼玉県', '千葉県',
  '東京都', '神奈川県', '新潟県', '富山県', '石川県', '福井県', '山梨県', '長野県', '岐阜県', '静岡県', '愛知県', '三重県',
  '滋賀県', '京都府', '大阪府', '兵庫県', '奈良県', '和歌山県', '鳥取県', '島根県', '岡山県', '広島県', '山口県', '徳島県',
  '香川県', '愛媛県', '高知県', '福岡県', '佐賀県', '長崎県', '熊本県', '大分県', '宮崎県', '鹿児島県', '沖縄県',
]);
