// The words of a concept: its display and designations, by language, and as text that is searched without regard to how it is
// written. FHIR R4, https://hl7.org/fhir/R4/codesystem-definitions.html#CodeSystem.concept.designation

import type { JsonObject } from '../fhir/json.ts';
import { objects, type Placed } from './code-index.ts';

/** Whether a display is one of a concept's words. Case and spacing do not matter; a concept without words takes any. */
export function isDisplayOf({ source }: Pick<Placed, 'source'>, display: string): boolean {
  const words = wordsOf(source);
  const asked = plain(display);
  return words.length === 0 || words.some((one) => plain(one) === asked);
}

const wordsOf = (concept: JsonObject): string[] =>
  [concept.display, ...objects(concept.designation).map(({ value }) => value)].filter((one) => typeof one === 'string');

const plain = (text: string): string => text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
