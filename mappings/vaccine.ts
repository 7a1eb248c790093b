// Finds the vaccine of our code system for what a sender wrote: code, CVX, product or other name. Never guesses: a name
// that is not in the table, or could be two vaccines, gives nothing. Table: profiles/code-systems/vaccine.json.

import type { CodeableConcept, CodeSystem, Coding, ConceptMap } from '@medplum/fhirtypes';
import table from '../profiles/code-systems/vaccine.json' with { type: 'json' };
import cvxMap from '../profiles/concept-maps/vaccine-to-cvx.json' with { type: 'json' };
import { VACCINE_SYSTEM } from '../server/fhir/canonical.ts';
import { CVX } from './code-systems.ts';

export type Vaccine = { code: string; display: string };

/** vaccineCode for a dose: our coding first when the vaccine is known, then what was sent, as it was sent. */
export function vaccineConcept(sent: readonly Coding[], text: string | undefined): CodeableConcept {
  const known = findVaccine(sent, text);
  const coding: Coding[] = known ? [{ system: VACCINE_SYSTEM, ...known }] : [];
  coding.push(...sent.filter((item) => item.system !== VACCINE_SYSTEM || item.code !== known?.code));
  const name = text || sent.find((item) => item.display)?.display || sent[0]?.code;
  return { ...(coding.length > 0 && { coding }), ...(name && { text: name }) };
}

/** The vaccine by our code, by CVX, by a code that is one of our names, or by name; undefined when not certain. */
export function findVaccine(sent: readonly Coding[], text: string | undefined): Vaccine | undefined {
  const ours = sent.find((coding) => coding.system === VACCINE_SYSTEM)?.code;
  const cvx = sent.find((coding) => coding.system === CVX)?.code;
  const known = byCode.get(ours ?? '') ?? byCvx.get((cvx ?? '').padStart(2, '0'));
  if (known) return known;
  for (const name of [text, ...sent.map((coding) => coding.display), ...sent.map((coding) => coding.code)]) {
    const found = name ? findByName(name) : undefined;
    if (found) return found;
  }
  return undefined;
}

const concepts = (table as CodeSystem).concept ?? [];
const byCode = new Map<string, Vaccine>();
const byCvx = new Map<string, Vaccine>();
const byName = new Map<string, Vaccine | undefined>();
const products: [name: string, vaccine: Vaccine][] = [];

for (const concept of concepts) {
  const vaccine = { code: concept.code ?? '', display: concept.designation?.[0]?.value ?? concept.display ?? '' };
  byCode.set(vaccine.code, vaccine);
  addName(vaccine.code, vaccine);
  for (const name of [concept.display, ...(concept.designation ?? []).map((item) => item.value)])
    addName(name, vaccine);
  for (const { code, valueString } of concept.property ?? []) {
    if (code === 'product' || code === 'alias') addName(valueString, vaccine);
    if (code === 'product' && valueString) products.push([normal(valueString), vaccine]);
  }
}
products.sort((a, b) => b[0].length - a[0].length);

// First the target a code is sent with, then those that are only understood; a CVX that several of ours share as a
// second choice belongs to none.
const targets = ((cvxMap as ConceptMap).group ?? []).flatMap((group) => group.element ?? []);
for (const { code = '', target = [] } of targets) addCvx(target[0]?.code, byCode.get(code));
const shared = new Map<string, Set<string>>();
for (const { code = '', target = [] } of targets) {
  for (const { code: cvx = '' } of target.slice(1)) shared.set(cvx, (shared.get(cvx) ?? new Set()).add(code));
}
for (const [cvx, codes] of shared) if (codes.size === 1) addCvx(cvx, byCode.get([...codes][0] ?? ''));

function findByName(name: string): Vaccine | undefined {
  const full = normal(name);
  const bare = normal(name.normalize('NFKC').replace(/[(（「【].*$/, ''));
  const known = byName.get(full) ?? (bare.length > 1 ? byName.get(bare) : undefined);
  if (known) return known;
  // A brand name followed by form or maker ("クイントバック水性懸濁注射用"), but not by a number ("プレベナー" in "プレベナー24").
  return products.find(
    ([product]) => product.length >= 4 && full.startsWith(product) && !/^[0-9A-Z]/.test(full.slice(product.length)),
  )?.[1];
}

function addName(name: string | undefined, vaccine: Vaccine): void {
  if (!name) return;
  const key = normal(name);
  const other = byName.get(key);
  byName.set(key, byName.has(key) && other?.code !== vaccine.code ? undefined : vaccine);
}

function addCvx(cvx: string | undefined, vaccine: Vaccine | undefined): void {
  if (cvx && vaccine && !byCvx.has(cvx)) byCvx.set(cvx, vaccine);
}

function normal(name: string): string {
  return name
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s・,、.()「」-]/g, '');
}
