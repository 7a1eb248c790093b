// Finds the vaccine of an Immunization: our own code, CVX through the ConceptMap, else a name as ledgers and handbooks
// write it. Brand names are found inside longer texts; other spellings must match whole, so that nothing is guessed.
import type { CodeableConcept, CodeSystem, Coding, ConceptMap } from '@medplum/fhirtypes';
import codeSystem from '../../profiles/code-systems/vaccine.json' with { type: 'json' };
import conceptMap from '../../profiles/concept-maps/vaccine-to-cvx.json' with { type: 'json' };
import { VACCINE_SYSTEM } from '../fhir/canonical.ts';

export const CVX_SYSTEM = 'http://hl7.org/fhir/sid/cvx';

/** The code of VACCINE_SYSTEM a concept means, undefined when it means none we know or several at once. */
export function vaccineCodeOf(concept: CodeableConcept | undefined): string | undefined {
  const codings = concept?.coding ?? [];
  for (const { system, code } of codings) {
    if (system === VACCINE_SYSTEM && code !== undefined && displays.has(code)) return code;
  }
  for (const { system, code } of codings) {
    const known = system === CVX_SYSTEM && code !== undefined ? byCvx.get(code) : undefined;
    if (known !== undefined) return known;
  }
  const texts = [concept?.text, ...codings.map((coding) => coding.display)];
  for (const text of texts) {
    const known = text === undefined ? undefined : codeByName(text);
    if (known !== undefined) return known;
  }
  return undefined;
}

/** Our coding and the nearest CVX coding of a code, with the Japanese name as text. */
export function vaccineConcept(code: string): CodeableConcept {
  const names = displays.get(code);
  const coding: Coding[] = [{ system: VACCINE_SYSTEM, code, ...(names && { display: names.en }) }];
  const cvx = toCvx.get(code);
  if (cvx !== undefined) coding.push(cvx);
  return { coding, ...(names && { text: names.ja }) };
}

function codeByName(text: string): string | undefined {
  const name = normalised(text);
  const exact = byName.get(name);
  if (exact !== undefined) return exact;
  // The longest brand inside the text: プレベナー20水性懸濁注 is not プレベナー.
  let best: { brand: string; code: string } | undefined;
  for (const [brand, code] of byBrand) {
    if (name.includes(brand) && (best === undefined || brand.length > best.brand.length)) best = { brand, code };
  }
  return best?.code;
}

/** Width, case, spaces, middle dots and the closing word ワクチン do not tell names apart. */
function normalised(text: string): string {
  return text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s・･\-‐–ー―「」『』（）()[\]]/g, '')
    .replace(/ワクチン$/, '');
}

const displays = new Map<string, { en: string; ja: string }>();
const byName = new Map<string, string>();
const byBrand = new Map<string, string>();
for (const concept of (codeSystem as CodeSystem).concept ?? []) {
  const code = concept.code ?? '';
  const ja = concept.designation?.find(({ language }) => language === 'ja')?.value ?? code;
  displays.set(code, { en: concept.display ?? code, ja });
  for (const name of [code, ja, concept.display ?? code]) byName.set(normalised(name), code);
  for (const property of concept.property ?? []) {
    const name = normalised(property.valueString ?? '');
    if (name !== '') byName.set(name, code);
    if (property.code === 'product' && name !== '') byBrand.set(name, code);
  }
}

const byCvx = new Map<string, string>();
const toCvx = new Map<string, Coding>();
for (const element of (conceptMap as ConceptMap).group?.[0]?.element ?? []) {
  for (const target of element.target ?? []) {
    if (element.code === undefined || target.code === undefined) continue;
    if (!byCvx.has(target.code)) byCvx.set(target.code, element.code);
    if (!toCvx.has(element.code))
      toCvx.set(element.code, {
        system: CVX_SYSTEM,
        code: target.code,
        ...(target.display === undefined ? {} : { display: target.display }),
      });
  }
}
