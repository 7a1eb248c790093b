// JWTs as attackers make them: any header, any payload text, any key or none.

import { createHmac, sign as signWith } from 'node:crypto';
import { type CryptoKey, exportJWK, exportSPKI, importJWK, type JWK } from 'jose';
import type { Keys } from './oauth.ts';

const encoded = (part: string | object): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');

const hashes: Record<string, string> = {
  ES256: 'sha256',
  ES384: 'sha384',
  ES512: 'sha512',
  RS256: 'sha256',
  RS384: 'sha384',
  PS256: 'sha256',
};

/** A JWT that is truly signed, whatever its header says; parts may be JSON text, to hold what JSON.stringify would not write. */
export async function forged(header: string | object, payload: string | object, keys: Keys): Promise<string> {
  const input = `${encoded(header)}.${encoded(payload)}`;
  const key = { key: await exportJWK(keys.privateKey), format: 'jwk' as const, dsaEncoding: 'ieee-p1363' as const };
  const signature = signWith(hashes[keys.alg] ?? null, Buffer.from(input), key as never);
  return `${input}.${signature.toString('base64url')}`;
}

/** Signed by HMAC with what everybody knows: the public key as text. */
export async function hmacByPublicKey(
  header: object,
  payload: object,
  publicJwk: JWK,
  form: 'jwk' | 'pem',
): Promise<string> {
  const input = `${encoded(header)}.${encoded(payload)}`;
  const { alg, ...jwk } = publicJwk;
  const pem = await exportSPKI((await importJWK({ ...jwk, ext: true }, alg ?? 'ES384')) as CryptoKey);
  const secret = form === 'pem' ? pem : JSON.stringify(publicJwk);
  return `${input}.${createHmac('sha384', secret).update(input).digest('base64url')}`;
}

export const unsigned = (header: object, payload: object, signature = ''): string =>
  `${encoded(header)}.${encoded(payload)}.${signature}`;
