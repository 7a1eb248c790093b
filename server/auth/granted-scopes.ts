// Which of the scopes that a client asks for it may have in a flow. SMART App Launch 2.2, "Scopes and Launch Context". The grammar,
// what a registration covers and what a scope gives are of server/access.

import type { Grant } from '../access/access.ts';
import { grantable } from '../access/grantable.ts';
import { parseScope, wordsOf } from '../access/scopes.ts';

type Context = Grant['context'];
export type ScopeAnswer = {
  granted: string[];
  /** Words with what this server does not take in scopes (modifiers, chaining, `_filter`): asking for one is refused. */
  experimental: string[];
};

/** `contexts` are those of the flow: a service has no patient at hand and no login, an app of a person no system. */
export function grantableIn(contexts: readonly Context[], asked: string, allowed: string): ScopeAnswer {
  const fitting = wordsOf(asked).filter((word) => {
    const parsed = parseScope(word);
    return parsed.kind === 'grant' ? contexts.includes(parsed.grant.context) : !contexts.includes('system');
  });
  const { granted } = grantable(fitting.join(' '), allowed);
  return { granted, experimental: wordsOf(asked).filter(isExperimental) };
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

/** A modifier, a chain or an underscore word behind the question mark of what is a scope of the record before it. */
function isExperimental(word: string): boolean {
  const [, scope = '', query] = /^((?:patient|user|system)\/[^?]+)\?(.*)$/.exec(word) ?? [];
  if (query === undefined || parseScope(word).kind !== 'refused' || parseScope(scope).kind !== 'grant') return false;
  return query.split('&').some((pair) => /^[^=]*[:.]/.test(pair) || /^_(?:filter|has|query)\b/.test(pair));
}
