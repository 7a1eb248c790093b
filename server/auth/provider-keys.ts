// Keys of the authorization server: what signs id_tokens, what signs cookies, what DPoP nonces are made from. Kept with the
// database, so that every server of a deployment signs and recognises alike.

import { randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';

export type ProviderKeys = {
  /** Private JWKs; the first of an algorithm signs. */
  signing: JWK[];
  cookie: string[];
  /** 32 bytes. */
  nonce: Buffer;
};

type LoadSecret = <T extends object>(name: string, make: () => Promise<T> | T) => Promise<T>;

/** The keys of this deployment, made at the first start. */
export async function loadProviderKeys(load: LoadSecret): Promise<ProviderKeys> {
  const { keys } = await load('oauth-signing', async () => ({ keys: [await newKey('RS256'), await newKey('ES256')] }));
  const { keys: cookie } = await load('oauth-cookie', () => ({ keys: [newText()] }));
  const { key: nonce } = await load('oauth-nonce', () => ({ key: newText() }));
  return { signing: keys, cookie, nonce: Buffer.from(nonce, 'base64url') };
}

async function newKey(alg: 'RS256' | 'ES256'): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, alg, use: 'sig', kid: await calculateJwkThumbprint(jwk) };
}

const newText = (): string => randomBytes(32).toString('base64url');
