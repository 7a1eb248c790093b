// What every client of the registry must be, whoever enters it: the command line and dynamic registration ask the same.
// RFC 9700 (redirect addresses), SMART App Launch 2.2 (asymmetric keys), decision of this project: no shared secrets.

import { checkedUrl } from '../outgoing/guarded-fetch.ts';
import type { OauthClient } from '../store/oauth-clients.ts';

const longestName = 200;

/** What is wrong, in words; empty when nothing is. */
export function clientFaults(client: OauthClient): string[] {
  const { name, kind, redirectUris, jwks, jwksUri, scopes, origins, binding } = client;
  const isBackend = kind === 'backend';
  const hasKeys = jwks !== undefined || jwksUri !== undefined;
  const rules: [boolean, string][] = [
    [isName(name.ja) && isName(name.en), `a name of 1 to ${longestName} characters is needed`],
    [jwks === undefined || jwksUri === undefined, 'jwks and jwks_uri exclude each other'],
    [jwks === undefined || isPublicKeySet(jwks), 'jwks must hold 1 to 20 public keys, each with a kid of its own'],
    [jwksUri === undefined || isOutside(jwksUri), 'jwks_uri must be an https address out in the world'],
    [!isBackend || hasKeys, 'a backend service proves itself by a key: jwks or jwks_uri'],
    [isBackend ? redirectUris.length === 0 : redirectUris.length > 0, 'apps have redirect addresses, services none'],
    [
      redirectUris.length <= 20 && redirectUris.every(isRedirect),
      'a redirect address is https, http on loopback, or an app’s own scheme with a dot',
    ],
    [scopes !== '', 'no scope of it is known here'],
    [!isBackend || scopes.split(' ').every((one) => one.startsWith('system/')), 'a service has system/ scopes'],
    [isBackend || !scopes.split(' ').some((one) => one.startsWith('system/')), 'only a service has system/ scopes'],
    [
      origins.length <= 20 && origins.every((one) => URL.parse(one)?.origin === one),
      'an origin is https://HOST or with a port',
    ],
    [
      binding === undefined || kind !== 'family-app' || hasKeys || binding === 'dpop',
      'a public client can only be bound by DPoP',
    ],
  ];
  return rules.filter(([isMet]) => !isMet).map(([, fault]) => fault);
}

/** People read it where they decide: no control characters, and none that turn or hide what follows. */
const isName = (text: string): boolean =>
  text.trim() !== '' && text.length <= longestName && !/[\p{C}\p{Zl}\p{Zp}]/u.test(text);

/** The characters of RFC 3986 without a fragment: a URL parser would forgive others, and each in its own way. */
const isPlainUri = (text: string): boolean => /^[\w\-.~:/?[\]@!$&'()*+,;=%]{1,500}$/.test(text);

function isPublicKeySet(jwks: object): boolean {
  const keys = (jwks as { keys?: unknown }).keys;
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > 20) return false;
  const kids = keys.map((key: unknown) => (key as { kid?: unknown } | null)?.kid);
  const isPublic = keys.every((key) =>
    ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'priv'].every((part) => !(part in Object(key))),
  );
  return isPublic && kids.every((kid) => typeof kid === 'string' && kid !== '') && new Set(kids).size === kids.length;
}

function isOutside(address: string): boolean {
  try {
    return isPlainUri(address) && checkedUrl(address).protocol === 'https:';
  } catch {
    return false;
  }
}

function isRedirect(text: string): boolean {
  const url = URL.parse(text);
  if (!url || !isPlainUri(text) || url.username !== '' || url.password !== '') return false;
  if (url.protocol === 'https:') return true;
  if (url.protocol === 'http:') return ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  // RFC 8252: a scheme that is the reverse of a domain of its owner.
  return /^[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:$/.test(url.protocol);
}
