// Which vaccine a record means, as far as it says: the product, or at least what is in it. And how two such meanings lie to each other.

import type { CodeableConcept } from '@medplum/fhirtypes';
import { namedVaccine } from '../../../profiles/vaccine.ts';
import { CVX_SYSTEM, vaccineCodeOf } from '../../forecast/facts/given-doses.ts';
import { plainText } from '../texts.ts';
import { ANTIGENS, UNSPECIFIC_CVX, WORDS } from './antigens.ts';

/** `code` of our code system where the product is known; what is in it; none of either where the record does not say. */
export type Meaning = { code: string | undefined; antigens: readonly string[] };

export function meaningOf(concept: CodeableConcept | undefined): Meaning {
  const names = [concept?.text, ...(concept?.coding ?? []).map(({ display }) => display)].filter(
    (name) => name !== undefined,
  );
  const key = `${names.join('\n')}\n${(concept?.coding ?? []).map(({ system, code }) => `${system}|${code}`).join('\n')}`;
  const known = meanings.get(key);
  if (known !== undefined) return known;
  const meaning = readMeaning(concept, names);
  // Names are typed by anybody: what is kept of them has an end.
  if (meanings.size > 5_000) meanings.clear();
  meanings.set(key, meaning);
  return meaning;
}

const meanings = new Map<string, Meaning>();

function readMeaning(concept: CodeableConcept | undefined, names: readonly string[]): Meaning {
  const code = vaccineCodeOf(concept) ?? names.map((name) => namedVaccine(plainText(name))?.code).find((one) => one);
  if (code !== undefined) return { code, antigens: ANTIGENS[code] ?? [] };
  for (const { system, code: cvx = '' } of concept?.coding ?? []) {
    const antigens = system === CVX_SYSTEM ? UNSPECIFIC_CVX[cvx] : undefined;
    if (antigens) return { code: undefined, antigens };
  }
  return { code: undefined, antigens: names.map(antigensIn).find((found) => found.length > 0) ?? [] };
}

const longestFirst = WORDS.toSorted(([a], [b]) => b.length - a.length);

/** Several words of one name each add theirs: ジフテリア破傷風 is two antigens. */
function antigensIn(name: string): readonly string[] {
  let rest = plainText(name);
  const found = new Set<string>();
  for (const [word, antigens] of longestFirst) {
    if (!rest.includes(word)) continue;
    rest = rest.replaceAll(word, ' ');
    for (const antigen of antigens) found.add(antigen);
  }
  return [...found];
}

/**
 * `same` product, `alike` (one names no product, and fits), `kindred` (two products, of which one holds all that is in the other),
 * `other`, `unknown`.
 */
export function vaccineWord(one: Meaning, other: Meaning): string {
  if (one.code !== undefined && one.code === other.code) return 'same';
  if (one.antigens.length === 0 || other.antigens.length === 0) {
    return one.code !== undefined && other.code !== undefined ? 'other' : 'unknown';
  }
  const [fewer, more] = one.antigens.length <= other.antigens.length ? [one, other] : [other, one];
  if (!fewer.antigens.every((antigen) => more.antigens.includes(antigen))) return 'other';
  return one.code !== undefined && other.code !== undefined ? 'kindred' : 'alike';
}
