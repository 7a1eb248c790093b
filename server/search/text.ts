// Search in words of the stored text: `_text` (the narrative), `_content` (every string of the resource) and the `:text` of
// tokens. Compared as strings are, normalised; nothing is indexed for them, each row is read.
// FHIR R4 search, section content, https://hl7.org/fhir/R4/search.html#content

import { normalise } from '../fhir/normalise.ts';
import { badRequest } from '../fhir/outcome.ts';
import { type Asked, badValue, type Filter, noModifier, unescaped } from './asked.ts';

/** Where the parameters that look into the words find them. */
export const wordPaths: Readonly<Record<string, string>> = {
  _text: '$.text.div',
  _content: 'strict $.** ? (@.type() == "string")',
};

const mostWords = 200;

/** All words of a value must occur, in any order. Throws OperationOutcomeError 400 for a value without any, or too many. */
export function wordsFilter(asked: Asked): Filter {
  noModifier(asked);
  const paths = [wordPaths[asked.parameter.code] ?? '$'];
  let count = 0;
  const some = asked.values.map((text): Filter => {
    const words = unescaped(text)
      .split(/\s+/)
      .filter((word) => normalise(word) !== '');
    count += words.length;
    if (count > mostWords)
      throw badRequest(`${asked.name} takes at most ${mostWords} words`, 'too-costly', [asked.name]);
    if (words.length === 0) throw badValue(asked.name, text, 'a word');
    return { kind: 'every', filters: words.map((word) => textFilter([word], paths, true)) };
  });
  return { kind: 'some', filters: some };
}

/** Text at one of the paths that begins with, or contains, one of the values. */
export function textFilter(values: readonly string[], paths: string[], contains: boolean): Filter {
  return { kind: 'text', paths, contains, norms: values.map((text) => normalise(unescaped(text))) };
}
