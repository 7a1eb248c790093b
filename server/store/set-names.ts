// The names of the sets of concepts that a loaded code system has (concept_set.name), the same for who writes and who reads them.

import { normalise } from '../fhir/normalise.ts';

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
export function addGrams(line: string, add: (gram: string) => void): void {
  if (!isPlain.test(line)) {
    const letters = [...line];
    letters.forEach((_, at) => {
      for (let end = at + 1; end <= at + gramLength && end <= letters.length; end++)
        add(letters.slice(at, end).join(''));
    });
    return;
  }
  for (let at = 0; at < line.length; at++)
    for (let end = at + 1; end <= at + gramLength && end <= line.length; end++) add(line.slice(at, end));
}

/** The sets that together hold every concept with this word, normalised. `isExact`: and no other. */
export function gramsOfWord(word: string): { names: string[]; isExact: boolean } {
  const letters = [...word];
  if (letters.length <= gramLength) return { names: [gramName(word)], isExact: true };
  const grams = letters.slice(gramLength - 1).map((_, n) => letters.slice(n, n + gramLength).join(''));
  return { names: [...new Set(grams)].map(gramName), isExact: false };
}

/**
 * The names of sets by what longer words begin with, which spare reading every concept that has the grams of a word: one for each
 * word of Latin letters and, of a text without spaces between words as Japanese is, one for each place in it. None for what has a
 * digit: few concepts share that.
 */
export function* beginningsOf(text: string): Generator<string> {
  for (const run of text.split(betweenWords)) {
    const word = normalise(run);
    if (latinWord.test(word)) yield `w${word.slice(0, longestBeginning)}`;
    else if (spacelessWord.test(word)) {
      const letters = [...word];
      for (let at = 0; at + gramLength < letters.length; at++)
        yield `w${letters.slice(at, at + longestBeginning).join('')}`;
    }
  }
}

/** The names of sets that hold only concepts with this word begin so; undefined where no sets do. */
export function beginningName(word: string): string | undefined {
  const isKept = (latinWord.test(word) || spacelessWord.test(word)) && [...word].length <= longestBeginning;
  return isKept ? `w${word}` : undefined;
}

const longestBeginning = 10;
const betweenWords = /[^\p{L}\p{M}\p{N}]+/u;
const latinWord = /^[a-z]{4,}$/;
const spacelessWord = /^\P{ASCII}{4,}$/u;
// Letters of one UTF-16 unit each.
const isPlain = /^[^\ud800-\udfff]*$/;
