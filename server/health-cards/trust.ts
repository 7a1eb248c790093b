// Whose cards are believed: an issuer's address, its public keys (RFC 7517) and its lists of revoked cards. All of it is data of
// somebody else, and is checked before it is used. SMART Health Cards 1.4, "Determining keys associated with an issuer", "Revocation".

import { createHash } from 'node:crypto';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { type CardFault, fault } from './card-fault.ts';

export type TrustedIssuer = {
  /** As it stands in its cards. */
  iss: string;
  /** For people. */
  name?: string;
  /** Its JWK set. */
  keys: readonly unknown[];
  /** What it publishes at `/.well-known/crl/[kid].json`, one for each key that has one. */
  crls: readonly unknown[];
};

export type CardKey = { kty: 'EC'; crv: 'P-256'; x: string; y: string; kid: string; crlVersion?: number };

/** The key of a JWK set with this name; faults where there is none, or it is none to sign cards with. */
export function keyNamed(keys: readonly unknown[], kid: string): CardKey | CardFault[] {
  const named = keys.filter((one): one is JsonObject => isObject(one) && one.kid === kid);
  const [key] = named;
  if (key === undefined) return [fault('unknown-key', 'the issuer publishes no key of the name in the header (kid)')];
  const faults = faultsOfKey(key);
  if (named.length > 1) faults.push(fault('key', 'the issuer publishes two keys of one name'));
  return faults.length > 0 ? faults : (key as CardKey);
}

/** What is wrong with one key of an issuer. */
export function faultsOfKey(key: unknown): CardFault[] {
  if (!isObject(key)) return [fault('key', 'a key of the issuer is no JSON object')];
  const wanted: [member: string, value: string][] = [
    ['kty', 'EC'],
    ['use', 'sig'],
    ['alg', 'ES256'],
    ['crv', 'P-256'],
  ];
  const faults = wanted
    .filter(([member, value]) => key[member] !== value)
    .map(([member, value]) => fault('key', `${member} of the issuer's key is not ${value}`));
  if ('d' in key) faults.push(fault('key', 'the issuer has published its private key'));
  if (typeof key.x !== 'string' || typeof key.y !== 'string')
    return [...faults, fault('key', "the issuer's key has no coordinates x and y")];
  if (key.kid !== thumbprintOf({ x: key.x, y: key.y }))
    faults.push(fault('key', "the name of the issuer's key (kid) is not its thumbprint (RFC 7638)"));
  return faults;
}

/** RFC 7638 of a key on P-256. */
export const thumbprintOf = ({ x, y }: { x: string; y: string }): string =>
  createHash('sha256')
    .update(JSON.stringify({ crv: 'P-256', kty: 'EC', x, y }))
    .digest('base64url');

/** At most 24 characters of base64url, and in a list the second (since 1970) before which cards of that name are revoked. */
const listedRid = /^([A-Za-z0-9_-]{1,24})(?:\.(\d{1,12}))?$/;
export const isRid = (rid: unknown): rid is string => typeof rid === 'string' && /^[A-Za-z0-9_-]{1,24}$/.test(rid);

/** What is wrong with a list of revoked cards for this key. */
export function faultsOfCrl(crl: unknown, { kid, crlVersion }: Pick<CardKey, 'kid' | 'crlVersion'>): CardFault[] {
  if (!isObject(crl)) return [fault('crl', 'the list of revoked cards is no JSON object')];
  const { method, ctr, rids } = crl;
  const faults: CardFault[] = [];
  if (crl.kid !== kid) faults.push(fault('crl', 'the list of revoked cards is of another key'));
  if (method !== 'rid') faults.push(fault('crl', 'the list of revoked cards has a method other than rid'));
  if (!Number.isInteger(ctr) || Number(ctr) < 0)
    faults.push(fault('crl', 'the list of revoked cards has no number (ctr)'));
  else if (crlVersion !== undefined && Number(ctr) < crlVersion)
    faults.push(fault('crl', 'the list of revoked cards is older than the one that the key names (crlVersion)'));
  const names = Array.isArray(rids) ? rids.map((one) => listedRid.exec(String(one))?.[1]) : undefined;
  if (names === undefined || names.includes(undefined))
    return [...faults, fault('crl', 'the list of revoked cards holds something that is no name of a card (rid)')];
  if (new Set(names).size < names.length) faults.push(fault('crl', 'the list of revoked cards names one card twice'));
  return faults;
}

/** Whether the list revokes a card of this name that is valid since `nbf`. The list has no faults. */
export function isRevoked(crl: unknown, rid: string, nbf: number): boolean {
  const { rids } = crl as { rids: readonly string[] };
  return rids.some((one) => {
    const [, name, before] = listedRid.exec(one) ?? [];
    return name === rid && (before === undefined || nbf < Number(before));
  });
}
