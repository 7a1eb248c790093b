// Scopes that ask for something other than clinical data: the launch context, who the user is, how long access lasts.
// SMART App Launch 2.2, "Scopes for requesting context data" and "Scopes for requesting identity data".

import { resourceTypes } from '../fhir/definitions.ts';

/** `type` is the R4 name of what `launch/…` asks to be in context; undefined for `launch`, the context of an EHR launch. */
export type LaunchScope = { kind: 'launch'; word: string; type?: string; role?: string };
export type IdentityScope = { kind: 'identity'; word: IdentityWord };
export type IdentityWord = (typeof identityWords)[number];

/** `profile` is the older name of what `fhirUser` asks for. */
export const identityWords = ['openid', 'fhirUser', 'profile', 'offline_access', 'online_access'] as const;

export const isIdentityScope = (word: string): word is IdentityWord => identityWords.some((one) => one === word);

/** `launch`, `launch/patient`, `launch/relatedperson?role=…`; undefined for what only looks like it. */
export function launchScope(word: string): LaunchScope | undefined {
  if (word === 'launch') return { kind: 'launch', word };
  const [, lower = '', asked] = /^launch\/([a-z]+)(?:\?role=([^&]+))?$/.exec(word) ?? [];
  const type = typesInSmallLetters.get(lower);
  if (type === undefined) return undefined;
  if (asked === undefined) return { kind: 'launch', word, type };
  const role = decoded(asked);
  return role === undefined ? undefined : { kind: 'launch', word, type, role };
}

/** Of a part of a query string; undefined where a percent sign leads to nothing, or to a control character. */
export function decoded(text: string): string | undefined {
  try {
    const plain = decodeURIComponent(text.replaceAll('+', ' '));
    return /\p{Cc}/u.test(plain) ? undefined : plain;
  } catch {
    return undefined;
  }
}

const typesInSmallLetters: ReadonlyMap<string, string> = new Map(
  [...resourceTypes].map((type) => [type.toLowerCase(), type]),
);
