// Scope text -> what it asks for. SMART App Launch 2.2, https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
// `patient/Observation.rs?category=…`: the letters c r u d s in this order, or a word of version 1. What each word asks stands
// alone: letters of one are never joined with the filter of another.

import { resourceTypes } from '../fhir/definitions.ts';
import type { Grant, Interaction } from './access.ts';
import { granularQuery } from './granular-query.ts';
import { type IdentityScope, isIdentityScope, type LaunchScope, launchScope } from './launch-scopes.ts';

/** One word of a scope text, as it was sent, and what it asks for. */
export type ParsedScope = GrantScope | LaunchScope | IdentityScope | RefusedScope;
export type GrantScope = { kind: 'grant'; word: string; version: 1 | 2; grant: Grant };
/** `reason` is a sentence that names what is known. */
export type RefusedScope = { kind: 'refused'; word: string; reason: string };

/** In the order in which a scope names them. */
export const letters: readonly (readonly [letter: string, interaction: Interaction])[] = [
  ['c', 'create'],
  ['r', 'read'],
  ['u', 'update'],
  ['d', 'delete'],
  ['s', 'search'],
];

/** "read" is `.rs`, "write" is `.cud`, "*" is `.cruds`: SMART App Launch 2.2, "Scopes for v1 clients". */
export const version1Words: readonly (readonly [word: string, letters: string])[] = [
  ['read', 'rs'],
  ['write', 'cud'],
  ['*', 'cruds'],
];

/** The words of a scope text, which spaces part. */
export const wordsOf = (scope: string): string[] => scope.split(/\s+/).filter(Boolean);

/** What one word asks for. Refuses it in a sentence instead of throwing. */
export function parseScope(word: string): ParsedScope {
  const refused = (why: string): RefusedScope => ({ kind: 'refused', word, reason: why });
  if (word.length > longestWord) return refused(`a scope may be ${longestWord} characters long`);
  if (!/^[!#-[\]-~]+$/.test(word))
    return refused(`scope ${JSON.stringify(word)} holds a character that no scope may hold`);
  if (isIdentityScope(word)) return { kind: 'identity', word };
  if (/^launch(\/|$|\?)/.test(word)) return launchScope(word) ?? refused(`scope "${word}" is not ${launchForms}`);
  const parsed = grantScope(word);
  return typeof parsed === 'string' ? refused(`scope "${word}" ${parsed}`) : parsed;
}

/** The grants in a scope text; launch and identity scopes give none. Throws Error naming the first word that is refused. */
export function parseScopes(scope: string): Grant[] {
  return wordsOf(scope).flatMap((word) => {
    const parsed = parseScope(word);
    if (parsed.kind === 'refused') throw new Error(parsed.reason);
    return parsed.kind === 'grant' ? [parsed.grant] : [];
  });
}

const longestWord = 1000;
const launchForms = 'launch, or launch/ and a resource type in small letters, perhaps with ?role=URI';

/** The grant, or why there is none. */
function grantScope(word: string): GrantScope | string {
  const match = /^(system|user|patient)\/(\*|[A-Za-z]+)\.([a-z]+|\*)(?:\?(.*))?$/.exec(word);
  const [, context, type, given, asked] = match ?? [];
  if (!context || !type || !given)
    return 'is not of the form patient/Type.cruds, user/Type.cruds or system/Type.cruds, nor a launch or identity scope';
  if (type !== '*' && !resourceTypes.has(type)) return 'names no resource type of FHIR R4';
  const ofVersion1 = version1Words.find(([name]) => name === given)?.[1];
  const wanted = ofVersion1 ?? given;
  if (!/^c?r?u?d?s?$/.test(wanted))
    return 'is not understood: the letters must be some of c r u d s, in this order, or the word read, write or *';
  const interactions = new Set(letters.flatMap(([letter, name]) => (wanted.includes(letter) ? [name] : [])));
  const grant: Grant = { context: context as Grant['context'], type, interactions };
  const version = ofVersion1 === undefined ? 2 : 1;
  if (asked === undefined) return { kind: 'grant', word, version, grant };
  if (version === 1) return 'joins a word of version 1 with parameters: write .rs, .cud or .cruds';
  const query = granularQuery(type, asked);
  return typeof query === 'string' ? query : { kind: 'grant', word, version, grant: { ...grant, query } };
}
