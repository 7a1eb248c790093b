// A card as text: the claims of the issuer about a FHIR Bundle, compressed and signed. SMART Health Cards 1.4, "Health Cards are encoded
// as Compact Serialization JSON Web Signatures"; RFC 7515, 1951.

import { createHash, sign } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import type { JsonObject } from '../fhir/json.ts';
import type { SigningKey } from './keys.ts';

/** All that a card says but for its name and its time. */
export type CardContent = { iss: string; type: readonly string[]; bundle: JsonObject };
export type CardStamp = {
  /** Its name in the list of revoked cards. */
  rid: string;
  /** Valid since, in seconds since 1970. */
  nbf: number;
};

/** The same content has the same digest. */
export const digestOf = (content: CardContent): Buffer => createHash('sha256').update(JSON.stringify(content)).digest();

/** The card as a JWS in compact form. */
export function signedCard(content: CardContent, stamp: CardStamp, { kid, privateKey }: SigningKey): string {
  const header = JSON.stringify({ zip: 'DEF', alg: 'ES256', kid });
  const text = `${base64url(header)}.${deflateRawSync(payloadText(content, stamp), smallest).toString('base64url')}`;
  const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

/** The most characters that the card will have: its name and time, which are not known yet, change how well it packs. */
export function longestOf(content: CardContent): number {
  const packed = deflateRawSync(payloadText(content, { rid: '', nbf: 1_000_000_000 }), smallest);
  return headerCharacters + 1 + Math.ceil(((packed.length + ridBytes) * 4) / 3) + 1 + signatureCharacters;
}

const smallest = { level: 9, memLevel: 9 };
const headerCharacters = 108;
const signatureCharacters = 86;
/** A random name packs badly, and the time has other digits. */
const ridBytes = 28;

function payloadText({ iss, type, bundle }: CardContent, { rid, nbf }: CardStamp): string {
  const vc = { type, credentialSubject: { fhirVersion: '4.0.1', fhirBundle: bundle }, rid };
  return JSON.stringify({ iss, nbf, vc });
}

const base64url = (text: string): string => Buffer.from(text).toString('base64url');
