// The names of the sets of concepts that a loaded code system has (concept_set.name), the same for who writes and who reads them.

/** Longer values of properties have no set. */
export const longestValue = 400;
const gramLength = 3;

/** A concept and what is below it; only where something is. */
export const belowName = (code: string): string => `b${code}`;
/** The concepts with this value of a property; `parent` is one. */
export const propertyName = (property: string, value: string): string => `p${property}=${value}`;
/** The concepts that have the property at all. */
export const existsName = (property: string): string => `e${property}`;
/** The concepts in whose words one to three letters stand beside each other. */
export const gramName = (gram: string): string => `g${gram}`;

/** Every one, two and three letters beside each other in a normalised line; some come more than once. */
export function* gramsOf(line: string): Generator<string> {
  const letters = isPlain.test(line) ? line : [...line];
  for (let at = 0; at < letters.length; at++) {
    let gram = '';
    for (let n = at; n < at + gramLength && n < letters.length; n++) {
      gram += letters[n];
      yield gram;
    }
  }
}

/** The sets that together hold every concept with this word. `isExact`: and no other. */
export function gramsOfWord(word: string): { names: string[]; isExact: boolean } {
  const letters = [...word];
  if (letters.length <= gramLength) return { names: [gramName(word)], isExact: true };
  const grams = letters.slice(gramLength - 1).map((_, n) => letters.slice(n, n + gramLength).join(''));
  return { names: [...new Set(grams)].map(gramName), isExact: false };
}

// Letters of one UTF-16 unit each.
const isPlain = /^[^\ud800-\udfff]*$/;
