// The keys of the archive: a pair that signs for this deployment (ES256, named by its thumbprint, RFC 7638). It is kept with the
// database, so that every server signs alike.

import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { certificatesOf, type DeploymentCertificates, type LoadSecret } from './certificates.ts';
import type { TimeStampAuthority } from './time-stamp-authority.ts';

/** What of an EC key may be shown; these four members are what the thumbprint is made of. */
export type PublicJwk = { crv: 'P-256'; kty: 'EC'; x: string; y: string };
export type PublishedKey = PublicJwk & { alg: 'ES256'; kid: string; use: 'sig' };
export type SigningKey = { thumbprint: string; publicJwk: PublicJwk; privateKey: CryptoKey };

export type ArchiveKeys = {
  signing: SigningKey;
  /** A JWK set (RFC 7517): the signing key first, then older ones, by which older archives are still recognised. */
  published: { keys: PublishedKey[] };
  /** Those of the seal at that time: certificates.ts. */
  certificates: (nowMs: number) => Promise<DeploymentCertificates>;
  /** The time stamp authority that the operator has named. */
  authority: TimeStampAuthority | undefined;
};

/** The keys of this deployment, made at the first start. */
export async function loadArchiveKeys(load: LoadSecret, authority?: TimeStampAuthority): Promise<ArchiveKeys> {
  const { keys } = await load('archive-signing', async () => ({ keys: [await newPrivateJwk()] }));
  const [signing] = keys;
  if (!signing) throw new Error('the secret archive-signing holds no key');
  return {
    signing: await signingKey(signing),
    published: { keys: await Promise.all(keys.map(async (jwk) => publishedKey(await publicPart(jwk)))) },
    certificates: certificatesOf(load),
    authority,
  };
}

/** A key to sign with, from its private JWK (ES256). */
export async function signingKey(privateJwk: JWK): Promise<SigningKey> {
  const publicJwk = await publicPart(privateJwk);
  const thumbprint = await calculateJwkThumbprint(publicJwk);
  return { thumbprint, publicJwk, privateKey: (await importJWK(privateJwk, 'ES256')) as CryptoKey };
}

/** A new private key on P-256. */
export async function newPrivateJwk(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return exportJWK(privateKey);
}

/** The public key as it stands in a JWK set, named by its thumbprint (RFC 7638). */
export async function publishedKey(jwk: PublicJwk): Promise<PublishedKey> {
  return { ...jwk, alg: 'ES256', kid: await calculateJwkThumbprint(jwk), use: 'sig' };
}

/** The public key in a JWK; undefined unless it is a public key on P-256 and nothing else. */
export function publicJwkOf(jwk: unknown): PublicJwk | undefined {
  if (typeof jwk !== 'object' || jwk === null) return undefined;
  const { crv, kty, x, y, ...more } = jwk as Record<string, unknown>;
  const isKey = kty === 'EC' && crv === 'P-256' && typeof x === 'string' && typeof y === 'string';
  return isKey && Object.keys(more).length === 0 ? { crv, kty, x, y } : undefined;
}

async function publicPart({ kty, crv, x, y }: JWK): Promise<PublicJwk> {
  const found = publicJwkOf({ kty, crv, x, y });
  if (!found) throw new Error('the secret archive-signing holds a key that is not on P-256');
  return found;
}
