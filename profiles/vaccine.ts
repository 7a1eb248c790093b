// The vaccines of our code system, found by what records say: our code, CVX through the ConceptMap, or a name as ledgers,
// handbooks and packages write it. Never guesses: a name that is not in the table, or could be two vaccines, gives nothing.
// Tables: code-systems/vaccine.json and concept-maps/vaccine-to-cvx.json.

import type { CodeSystem, Coding, ConceptMap } from '@medplum/fhirtypes';
import { VACCINE_SYSTEM } from '../server/fhir/canonical.ts';
import codeSystem from './code-systems/vaccine.json' with { type: 'json' };
import conceptMap from './concept-maps/vaccine-to-cvx.json' with { type: 'json' };

const CVX = 'http://hl7.org/fhir/sid/cvx';

export type Vaccine = {
  /** Of VACCINE_SYSTEM. */
  code: string;
  en: string;
  ja: string;
  /** The nearest CVX coding, undefined where there is none. */
  cvx: Coding | undefined;
};

/** The vaccine of a code of ours. */
export function vaccineOf(code: string): Vaccine | undefined {
  return byCode.get(code);
}

/** The name of a code of ours for people; the code itself where it is none. */
export function vaccineName(code: string): { ja: string; en: string } {
  const { ja = code, en = code } = byCode.get(code) ?? {};
  return { ja, en };
}

/** The vaccine that codings name: by our code, else by CVX. */
export function codedVaccine(codings: readonly Coding[]): Vaccine | undefined {
  const codes = (system: string) => codings.flatMap((one) => (one.system === system && one.code ? [one.code] : []));
  const found = [
    ...codes(VACCINE_SYSTEM).map((code) => byCode.get(code)),
    ...codes(CVX).map((code) => byCvx.get(code.padStart(2, '0'))),
  ];
  return found.find((vaccine) => vaccine !== undefined);
}

/** The vaccine of a name: the whole name, the part before a bracket, or a brand inside a longer text. */
export function namedVaccine(name: string): Vaccine | undefined {
  const full = normalised(name);
  const bare = normalised(name.normalize('NFKC').replace(/[(「【].*$/s, ''));
  const known = byName.get(full) ?? (bare.length > 1 ? byName.get(bare) : undefined);
  if (known) return known;
  // "クイントバック水性懸濁注射用" and "ビームゲン 0.5mL", but not "プレベナー" in "プレベナー24". Longer brands come first.
  return brands.find(([brand]) => {
    const at = full.indexOf(brand);
    return at >= 0 && !/^(?![0-9]+M[LG])[0-9A-Z]/.test(full.slice(at + brand.length));
  })?.[1];
}

/** Width, case, spaces, punctuation and the closing word ワクチン do not tell names apart. */
function normalised(name: string): string {
  return name
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s・、,.()「」『』【】[\]‐–-]/g, '')
    .replace(/ワクチン$/, '');
}

const byCode = new Map<string, Vaccine>();
const byCvx = new Map<string, Vaccine>();
/** Undefined for a name that two vaccines share. */
const byName = new Map<string, Vaccine | undefined>();
const brands: [brand: string, vaccine: Vaccine][] = [];

const cvxOf = new Map(
  ((conceptMap as ConceptMap).group ?? []).flatMap((group) =>
    (group.element ?? []).map(({ code = '', target = [] }) => [code, target] as const),
  ),
);

for (const { code = '', display = code, designation = [], property = [] } of (codeSystem as CodeSystem).concept ?? []) {
  const ja = designation.find(({ language }) => language === 'ja')?.value ?? display;
  const nearest = cvxOf.get(code)?.[0];
  const cvx = nearest && {
    system: CVX,
    ...(nearest.code && { code: nearest.code }),
    ...(nearest.display && { display: nearest.display }),
  };
  const vaccine = { code, en: display, ja, cvx };
  byCode.set(code, vaccine);
  for (const name of [code, display, ...designation.map(({ value }) => value)]) addName(name, vaccine);
  for (const { code: kind, valueString = '' } of property) {
    if (kind === 'product' || kind === 'alias') addName(valueString, vaccine);
    const brand = kind === 'product' ? normalised(valueString) : '';
    if (brand.length >= 3) brands.push([brand, vaccine]);
  }
}
brands.sort((a, b) => b[0].length - a[0].length);

// First the target a code is sent with, then those that are only understood; a CVX that several of ours share as a
// second choice belongs to none.
const targets = [...cvxOf].flatMap(([code, all]) =>
  all.map(({ code: cvx = '' }, place) => ({ cvx, place, vaccine: byCode.get(code) })),
);
for (const { cvx, place, vaccine } of targets) if (place === 0) addCvx(cvx, vaccine);
for (const { cvx, place, vaccine } of targets) {
  const isShared = targets.some((other) => other.place > 0 && other.cvx === cvx && other.vaccine !== vaccine);
  if (place > 0 && !isShared) addCvx(cvx, vaccine);
}

function addName(name: string | undefined, vaccine: Vaccine): void {
  const key = normalised(name ?? '');
  if (key !== '') byName.set(key, byName.has(key) && byName.get(key) !== vaccine ? undefined : vaccine);
}

function addCvx(cvx: string, vaccine: Vaccine | undefined): void {
  if (cvx && vaccine && !byCvx.has(cvx)) byCvx.set(cvx, vaccine);
}
