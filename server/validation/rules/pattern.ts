// A regular expression that came with a definition, asked of a text. It may be written to take for ever, so it runs under a
// limit of time; where that is over nothing is said, and it is not run again.

import { createContext, Script } from 'node:vm';

const LIMIT_MS = 50;
const MOST_CHARACTERS = 10_000;
const MOST_REMEMBERED = 1000;

/** Whether the whole text matches; undefined for what is no expression, for a long text, and where it takes too long. */
export function matchesWhole(regex: string, text: string): boolean | undefined {
  if (text.length > MOST_CHARACTERS || regex.length > MOST_CHARACTERS || unusable.has(regex)) return undefined;
  const whole = compiled(regex);
  if (whole === undefined) return undefined;
  sandbox ??= createContext({});
  Object.assign(sandbox, { whole, text });
  try {
    return test.runInContext(sandbox, { timeout: LIMIT_MS }) === true;
  } catch {
    if (unusable.size < MOST_REMEMBERED) unusable.add(regex);
    return undefined;
  } finally {
    Object.assign(sandbox, { text: '' });
  }
}

const unusable = new Set<string>();
let sandbox: ReturnType<typeof createContext> | undefined;
const test = new Script('whole.test(text)');

/** Expressions of other dialects escape what JavaScript's Unicode mode does not let them. */
function compiled(regex: string): RegExp | undefined {
  for (const flags of ['u', '']) {
    try {
      return new RegExp(`^(?:${regex})$`, flags);
    } catch {}
  }
  return undefined;
}
