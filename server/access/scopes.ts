// Scope text -> grants. SMART App Launch 2.2, "Scopes for requesting clinical data".

import type { Grant, Interaction } from './access.ts';

const letters: Record<string, Interaction> = { c: 'create', r: 'read', u: 'update', d: 'delete', s: 'search' };
const version1: Record<string, string> = { read: 'rs', write: 'cud', '*': 'cruds' };

/** Parses space-separated scopes. Throws Error naming the first one that is not understood. */
export function parseScopes(scope: string, isType: (name: string) => boolean): Grant[] {
  return scope
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => parseScope(word, isType));
}

function parseScope(word: string, isType: (name: string) => boolean): Grant {
  const match = /^(system|user|patient)\/(\*|[A-Za-z]+)\.([a-z]+|\*)$/.exec(word);
  const [, context, type, given] = match ?? [];
  if (!context || !type || !given)
    throw new Error(`scope "${word}" is not of the form system/Type.cruds, user/Type.cruds or patient/Type.cruds`);
  if (type !== '*' && !isType(type)) throw new Error(`scope "${word}" names no resource type of FHIR R4`);
  const wanted = version1[given] ?? given;
  if (!/^c?r?u?d?s?$/.test(wanted))
    throw new Error(`scope "${word}": the letters must be some of c r u d s, in this order`);
  const interactions = new Set([...wanted].map((letter) => letters[letter] as Interaction));
  return { context: context as Grant['context'], type, interactions };
}
