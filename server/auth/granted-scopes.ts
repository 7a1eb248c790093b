// Which of the scopes that a client asks for it may have: those that are understood and that its registration allows.
// SMART App Launch 2.2, "Scopes and Launch Context". The grammar and what a scope gives are of server/access.

import type { Grant } from '../access/access.ts';
import { type ParsedScope, parseScope, wordsOf } from '../access/scopes.ts';

type Context = Grant['context'];
export type ScopeAnswer = {
  /** As they were asked: v1 words stay v1 words. */
  granted: string[];
  /** Words with what this server does not take in scopes (modifiers, chaining, `_filter`): asking for one is refused. */
  experimental: string[];
};

/** `contexts` are those of the flow: a service has no patient at hand, an app of a person no system. */
export function grantable(asked: string, allowed: string, contexts: readonly Context[]): ScopeAnswer {
  const words = [...new Set(wordsOf(asked))];
  const limits = wordsOf(allowed).map(parseScope);
  const granted = words.filter((word) => {
    const parsed = parseScope(word);
    if (parsed.kind === 'refused') return false;
    if (parsed.kind !== 'grant') return !contexts.includes('system') && limits.some((limit) => isLimit(limit, word));
    return contexts.includes(parsed.grant.context) && limits.some((limit) => covers(limit, parsed.grant));
  });
  return { granted, experimental: words.filter(isExperimental) };
}

/** Of a token's scopes those that are about the record, in the form that the token table keeps. */
export const clinicalPart = (scope: string | undefined): string =>
  wordsOf(scope ?? '')
    .filter((word) => parseScope(word).kind === 'grant')
    .join(' ');

/** May a client be registered with this word? */
export const isKnownScope = (word: string): boolean => parseScope(word).kind !== 'refused';

/** Does it ask for one patient's record, so that a patient has to be chosen? */
export const needsPatient = (words: readonly string[]): boolean =>
  words.some((word) => word === 'launch/patient' || word.startsWith('patient/'));

/** `launch/patient` allows itself with a role as well. */
const isLimit = (limit: ParsedScope, word: string): boolean =>
  limit.kind !== 'refused' && limit.kind !== 'grant' && (limit.word === word || word.startsWith(`${limit.word}?`));

/** A limit covers what asks for no other context, no further type or letter, and keeps its filter where it has one. */
function covers(limit: ParsedScope, asked: Grant): boolean {
  if (limit.kind !== 'grant' || limit.grant.context !== asked.context) return false;
  const { type, interactions, query } = limit.grant;
  const isType = type === '*' || type === asked.type;
  const isFilter = query === undefined || JSON.stringify(query) === JSON.stringify(asked.query);
  return isType && isFilter && [...asked.interactions].every((one) => interactions.has(one));
}

/** A modifier, a chain or an underscore word behind the question mark of what is a scope of the record before it. */
function isExperimental(word: string): boolean {
  const [, scope = '', query] = /^((?:patient|user|system)\/[^?]+)\?(.*)$/.exec(word) ?? [];
  if (query === undefined || parseScope(word).kind !== 'refused' || parseScope(scope).kind !== 'grant') return false;
  return query.split('&').some((pair) => /^[^=]*[:.]/.test(pair) || /^_(?:filter|has|query)\b/.test(pair));
}
