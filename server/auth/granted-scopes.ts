// Which of the scopes that a client asks for it may have: those that are understood and that its registration allows.
// SMART App Launch 2.2, "Scopes and Launch Context". What a scope gives is decided by server/access.

import { parseScopes } from '../access/scopes.ts';

/** Scopes that are about the login and the launch; they give nothing of the record by themselves. */
export const loginScopes: ReadonlySet<string> = new Set([
  'openid',
  'fhirUser',
  'profile',
  'offline_access',
  'online_access',
]);
const launchScope = /^launch(?:\/[a-z]+(?:\?role=[^\s"\\&]+)?)?$/;

type Context = 'patient' | 'user' | 'system';
export type ScopeAnswer = {
  granted: string[];
  /** Words that are of the grammar's experimental part, which this server refuses to a client that asks. */
  experimental: string[];
};

/** `contexts` are those of the flow: a service has no patient at hand, an app of a person no system. */
export function grantable(asked: string, allowed: string, contexts: readonly Context[]): ScopeAnswer {
  const words = [...new Set(asked.split(' ').filter(Boolean))];
  const limits = allowed.split(' ').filter(Boolean);
  const granted = words.filter((word) => {
    if (isLoginOrLaunch(word)) return !contexts.includes('system') && limits.includes(word);
    const parts = partsOf(word);
    return parts !== undefined && contexts.includes(parts.context) && isUnderstood(word) && limits.some(covers(parts));
  });
  return { granted, experimental: words.filter(isExperimental) };
}

/** Of a token's scopes those that are about the record, in the form that the token table keeps. */
export function clinicalPart(scope: string | undefined): string {
  return (scope ?? '')
    .split(' ')
    .filter((word) => word !== '' && !isLoginOrLaunch(word))
    .join(' ');
}

/** May a client be registered with this word? */
export const isKnownScope = (word: string): boolean => isLoginOrLaunch(word) || isUnderstood(word);

/** Does it ask for one patient's record, so that a patient has to be chosen? */
export const needsPatient = (words: readonly string[]): boolean =>
  words.some((word) => word === 'launch/patient' || word.startsWith('patient/'));

const isLoginOrLaunch = (word: string): boolean => loginScopes.has(word) || launchScope.test(word);

/** Modifiers, chaining and `_filter` behind the question mark. */
function isExperimental(word: string): boolean {
  const query = /^(?:patient|user|system)\/[^?]+\?(.*)$/.exec(word)?.[1];
  if (query === undefined) return false;
  return query.split('&').some((pair) => /^[^=]*[:.]/.test(pair) || /^_(?:filter|has|query)\b/.test(pair));
}

function isUnderstood(word: string): boolean {
  try {
    parseScopes(word);
    return true;
  } catch {
    return false;
  }
}

type Parts = { context: Context; type: string; letters: string; query: string | undefined };
const version1: Record<string, string> = { read: 'rs', write: 'cud', '*': 'cruds' };

function partsOf(word: string): Parts | undefined {
  const [, context, type, given, query] =
    /^(patient|user|system)\/(\*|[A-Za-z]+)\.([a-z]+|\*)(?:\?(.+))?$/.exec(word) ?? [];
  if (!context || !type || !given) return undefined;
  return { context: context as Context, type, letters: version1[given] ?? given, query };
}

/** A limit covers what asks for no other context, no further type or letter, and keeps its filter where it has one. */
function covers(asked: Parts): (limit: string) => boolean {
  return (limit) => {
    const most = partsOf(limit);
    if (!most || most.context !== asked.context) return false;
    const isType = most.type === '*' || most.type === asked.type;
    const hasLetters = [...asked.letters].every((letter) => most.letters.includes(letter));
    return isType && hasLetters && (most.query === undefined || most.query === asked.query);
  };
}
