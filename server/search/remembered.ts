// What values that come again and again leave in the index: marks of codes with their systems, of references to one patient,
// of clinics; days, names of families. All that a value leaves is remembered, so that neither its facts are written out nor
// their hashes looked up one by one.

import type { Parameter } from './parameter.ts';

export type Marks = { marks: readonly string[]; terms: readonly string[] };

// Never-repeating values fill it as well; starting afresh now and then is as good as a real LRU here (as in hash.ts).
const mostRemembered = 20_000;
const longestRemembered = 200;
let remembered = new WeakMap<Parameter, Map<string, Map<string, Marks>>>();
let count = 0;

/** What `make` gives for a value that these two texts tell from all others of the parameter. */
export function marksOnce(parameter: Parameter, first: string, second: string, make: () => Marks): Marks {
  let ofParameter = remembered.get(parameter);
  const found = ofParameter?.get(first)?.get(second);
  if (found) return found;
  const made = make();
  if (first.length + second.length > longestRemembered) return made;
  if (count >= mostRemembered) {
    remembered = new WeakMap();
    count = 0;
    ofParameter = undefined;
  }
  if (!ofParameter) {
    ofParameter = new Map();
    remembered.set(parameter, ofParameter);
  }
  let ofFirst = ofParameter.get(first);
  if (!ofFirst) {
    ofFirst = new Map();
    ofParameter.set(first, ofFirst);
  }
  ofFirst.set(second, made);
  count += 1;
  return made;
}

/** A function that remembers what `make` gives for `most` short texts. Nobody may change what it returns. */
export function remembering<Value>(make: (text: string) => Value, most = mostRemembered): (text: string) => Value {
  const known = new Map<string, Value>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const made = make(text);
    if (text.length > longestText) return made;
    if (known.size >= most) known.clear();
    known.set(text, made);
    return made;
  };
}

const longestText = 40;
