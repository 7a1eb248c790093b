// Regular expressions that come with a definition (the regex of a form's item, matches() of an invariant), asked of a text. One may
// be written to take for ever. Where its text shows that it cannot, it just runs; any other runs under a limit of time, and where
// that is over nothing is said and it is not run again.

import { createContext, Script } from 'node:vm';

const LIMIT_MS = 50;
const MOST_CHARACTERS = 10_000;
const MOST_REMEMBERED = 1000;
/** Ways to match that may be tried without a limit of time. */
const MOST_WAYS = 500_000;

/** Whether an expression matches anywhere in a text; undefined for what is no expression, and where it takes too long. */
export function testRegex(source: string, text: string, flags = ''): boolean | undefined {
  return run(source, flags, text, (regex) => regex.test(text), 'regex.test(text)') as boolean | undefined;
}

/** Whether it matches the whole text. */
export const matchesWhole = (source: string, text: string, flags = ''): boolean | undefined =>
  testRegex(`^(?:${source})$`, text, flags);

/** The text with `by` in place of every match, `$1` in it being a group's; undefined as above. */
export function replacedByRegex(source: string, text: string, by: string, flags = ''): string | undefined {
  const all = `g${flags}`;
  return run(source, all, text, (regex) => text.replace(regex, by), 'text.replace(regex, by)', by) as
    | string
    | undefined;
}

type Known = { regex: RegExp; mostWays(length: number): number };

function run(
  source: string,
  flags: string,
  text: string,
  plain: (regex: RegExp) => unknown,
  limited: string,
  by = '',
): unknown {
  if (source.length > MOST_CHARACTERS || unusable.has(source)) return undefined;
  const known = knownRegex(source, flags);
  if (known === undefined) return undefined;
  const { regex, mostWays } = known;
  if (mostWays(text.length) <= MOST_WAYS) return plain(regex);
  if (text.length > MOST_CHARACTERS) return undefined;
  sandbox ??= createContext({});
  regex.lastIndex = 0;
  Object.assign(sandbox, { regex, text, by });
  try {
    return scriptOf(limited).runInContext(sandbox, { timeout: LIMIT_MS });
  } catch {
    if (unusable.size < MOST_REMEMBERED) unusable.add(source);
    return undefined;
  } finally {
    Object.assign(sandbox, { text: '', by: '' });
  }
}

const unusable = new Set<string>();
let sandbox: ReturnType<typeof createContext> | undefined;
const scripts = new Map<string, Script>();

function scriptOf(code: string): Script {
  const known = scripts.get(code) ?? new Script(code);
  scripts.set(code, known);
  return known;
}

const regexes = new Map<string, Known | undefined>();

function knownRegex(source: string, flags: string): Known | undefined {
  const key = `${flags}/${source}`;
  if (regexes.has(key)) return regexes.get(key);
  if (regexes.size >= MOST_REMEMBERED) regexes.clear();
  const regex = compiled(source, flags);
  const made = regex && { regex, mostWays: waysOf(source) };
  regexes.set(key, made);
  return made;
}

/** Expressions of other dialects escape what JavaScript's Unicode mode does not let them, as \@, which FHIR writes. */
function compiled(source: string, flags: string): RegExp | undefined {
  for (const all of [`${flags}u`, flags]) {
    try {
      return new RegExp(source, all);
    } catch {}
  }
  return undefined;
}

const ATOM = /\\[pP]\{[^}]*\}|\\[ux]\{?[\da-fA-F]+\}?|\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]/g;
const QUANTIFIER = /([*+?]|\{(\d+)(,(\d*))?\})\??/g;

/**
 * At most how many ways to match are tried in a text of some length: a beginning, times the counts that each quantifier may take,
 * times the sides of each alternative. Infinite where a group of several parts repeats, which is where they grow without bound.
 */
function waysOf(source: string): (length: number) => number {
  // Every character, class and escape becomes one letter, and a group of one letter that letter.
  // What stands at the end and takes anything, or nothing, is tried once.
  const parts = source
    .replace(ATOM, 'x')
    .replace(/\((?:\?:)?x\)/g, 'x')
    .replace(/\.\*\??$/, '');
  if (/\)(?:[*+]|\{)/.test(parts)) return () => Number.POSITIVE_INFINITY;
  const counts = [...parts.replace(/\(\?[:=!]|\(\?<[=!]|\(\?<\w+>/g, '(').matchAll(QUANTIFIER)];
  const sides = sidesOf(parts);
  return (length) => counts.reduce((ways, count) => ways * countsOf(count, length), sides * (length + 1));
}

/** Of each group one alternative is taken at a time: their numbers multiply from group to group. */
function sidesOf(parts: string): number {
  const open = [1];
  let sides = 1;
  for (const one of parts) {
    if (one === '(') open.push(1);
    else if (one === '|') open.push((open.pop() ?? 1) + 1);
    else if (one === ')') sides *= open.pop() ?? 1;
  }
  return open.reduce((ways, one) => ways * one, sides);
}

function countsOf([, kind, least, upTo, most]: RegExpMatchArray, length: number): number {
  if (kind === '?') return 2;
  if (least === undefined) return length + 1;
  if (upTo === undefined) return 1;
  return most === '' || most === undefined ? length + 1 : Math.min(Number(most) - Number(least), length) + 1;
}
