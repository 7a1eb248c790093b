// manifest.jws: a JWS in compact form (RFC 7515, ES256) whose payload is manifest.json byte for byte. The header carries the
// public key, as `kid` its thumbprint (RFC 7638), and as `seals` (ours) the digests of the other seals, so that none of their
// bytes can be changed or left out either. It proves that nothing changed since that key signed; whose key it is
// can only be learnt from the issuer.

import { CompactSign, calculateJwkThumbprint, compactVerify, importJWK } from 'jose';
import { isObject } from '../fhir/json.ts';
import { ArchiveFault } from './archive-fault.ts';
import { type PublicJwk, publicJwkOf, type SigningKey } from './keys.ts';
import { signaturePath } from './manifest.ts';

/** SHA-256 in hexadecimal of the files that a signature over the manifest answers for besides, by their paths. */
export type Seals = Record<string, string>;

/** The compact JWS of a manifest, or of a receipt, with the public key in its header. */
export function signBytes(payload: Uint8Array, key: SigningKey, seals?: Seals): Promise<string> {
  return new CompactSign(payload)
    .setProtectedHeader({ alg: 'ES256', kid: key.thumbprint, jwk: key.publicJwk, ...(seals && { seals }) })
    .sign(key.privateKey);
}

/** The thumbprint of the key that signed this manifest. Throws ArchiveFault when it is not a signature of these bytes. */
export async function signerOf(
  signature: Uint8Array,
  manifest: Uint8Array,
): Promise<{ thumbprint: string; seals: Seals | undefined }> {
  const text = Buffer.from(signature).toString('latin1');
  const parts = text.split('.');
  const [header = '', payload = ''] = parts;
  // Base64url has several texts for some bytes; only the one that a signer writes is taken.
  if (parts.length !== 3 || !parts.every(isCanonicalBase64url)) throw fault('it is not a JWS in compact form');
  if (!Buffer.from(payload, 'base64url').equals(manifest)) throw fault('it signs another manifest.json');
  const { kid, jwk, seals } = headerOf(header);
  const thumbprint = await calculateJwkThumbprint(jwk);
  if (thumbprint !== kid) throw fault('its key and the key it names (kid) are not the same');
  try {
    await compactVerify(text, await importJWK(jwk, 'ES256'), { algorithms: ['ES256'] });
  } catch {
    throw fault('the signature does not fit');
  }
  return { thumbprint, seals };
}

function headerOf(part: string): { kid: string; jwk: PublicJwk; seals: Seals | undefined } {
  let header: unknown;
  try {
    header = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    throw fault('its header is not JSON');
  }
  if (!isObject(header) || header.alg !== 'ES256') throw fault('it is not signed with ES256');
  const jwk = publicJwkOf(header.jwk);
  if (!jwk || typeof header.kid !== 'string')
    throw fault('its header holds no public key on P-256 with its thumbprint');
  const unknown = Object.keys(header).find((name) => !['alg', 'kid', 'jwk', 'seals'].includes(name));
  if (unknown !== undefined) throw fault('its header holds more than alg, kid, jwk and seals');
  const { seals } = header;
  if (seals !== undefined && !isSeals(seals)) throw fault('its header does not name files with their digests');
  return { kid: header.kid, jwk, seals };
}

const isSeals = (value: unknown): value is Seals =>
  isObject(value) && Object.values(value).every((one) => typeof one === 'string');

const isCanonicalBase64url = (part: string): boolean =>
  part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part;

const fault = (why: string): ArchiveFault => new ArchiveFault(signaturePath, why);
