// What a client's signed assertion must be beyond what oidc-provider checks (signature, iss, aud, exp not past): five minutes
// at most, no foreign key set, one key that fits, keys no older than their owner lets them be.
// SMART App Launch 2.2, "Client Authentication: Asymmetric"; RFC 7523; FAPI 2.0 for clients registered as such.

import { type CryptoKey, compactVerify } from 'jose';
import { type Client, errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { OwnMetadata } from './client-metadata.ts';
import { readStrictJwt } from './strict-jwt.ts';

/** The longest an assertion may be valid, and how far clocks may differ. */
export const longestAssertionS = 300;
export const skewS = 60;

const form = { typ: ['jwt'], header: ['kid', 'jku'] };

/** Is what was fetched from this address still what its owner wants to be used? */
export type IsFresh = (url: string) => boolean;

/** Called when the library has verified the signature. Throws InvalidClientAuth, which is answered as `invalid_client`. */
export function createCheckAssertion({
  tokenUrl,
  issuer,
  isFresh,
}: {
  tokenUrl: string;
  issuer: string;
  isFresh: IsFresh;
}) {
  return async (ctx: KoaContextWithOIDC, _claims: unknown, _header: unknown, client: Client): Promise<void> => {
    const text = ctx.oidc.params?.client_assertion;
    const fault = faultOf(text, client, client.is_fapi === true ? [issuer] : [tokenUrl, issuer]);
    if (fault !== undefined) throw new errors.InvalidClientAuth(fault);
    await checkKey(String(text), client, isFresh);
  };
}

function faultOf(text: unknown, client: Client & Partial<OwnMetadata>, audiences: string[]): string | undefined {
  let read: ReturnType<typeof readStrictJwt>;
  try {
    read = readStrictJwt(text, form);
  } catch (error) {
    return (error as Error).message;
  }
  const { header, payload } = read;
  const now = Math.floor(Date.now() / 1000);
  const { iss, sub, aud, exp, iat, nbf, jti } = payload;
  const tests: [boolean, string][] = [
    [typeof header.kid === 'string' && header.kid !== '', 'the header needs a kid'],
    [header.jku === undefined || header.jku === client.jwksUri, 'jku is not the registered address'],
    [iss === client.clientId && sub === iss, 'iss and sub must be the client_id'],
    [[aud].flat().some((one) => audiences.includes(one as string)), 'aud must be the token endpoint'],
    [typeof exp === 'number' && exp > now, 'exp has passed'],
    [typeof exp === 'number' && exp <= now + longestAssertionS, 'exp is more than five minutes ahead'],
    [iat === undefined || (typeof iat === 'number' && iat <= now + skewS), 'iat is in the future'],
    [nbf === undefined || (typeof nbf === 'number' && nbf <= now + skewS), 'nbf is in the future'],
    [typeof jti === 'string' && jti.length > 0 && jti.length <= 256, 'jti must be a text of 1 to 256 characters'],
  ];
  return tests.find(([isMet]) => !isMet)?.[1];
}

/** The key store of a client, of which the library shows no types. */
type KeyStore = {
  freshUntil?: number;
  refresh(): Promise<void>;
  selectForVerify(wanted: { alg: string; kid: string }): object[];
  getKeyObject(key: object, isForVerifying: boolean): Promise<CryptoKey>;
};

/**
 * The library keeps a fetched key set for a minute at least, and goes on with an old one for as long as signatures verify: a
 * key that its owner withdrew would be good for ever. Here an old set is fetched again, and exactly one key may fit.
 */
async function checkKey(text: string, client: Client, isFresh: IsFresh): Promise<void> {
  const store = (client as unknown as { asymmetricKeyStore: KeyStore }).asymmetricKeyStore;
  const isOld = client.jwksUri !== undefined && !isFresh(client.jwksUri);
  try {
    if (isOld) {
      store.freshUntil = 0;
      await store.refresh();
    }
    const { header } = readStrictJwt(text, form);
    const keys = store.selectForVerify({ alg: String(header.alg), kid: String(header.kid) });
    const [key] = keys;
    if (key === undefined || keys.length > 1) throw new Error('exactly one key must fit');
    if (isOld) await compactVerify(text, await store.getKeyObject(key, true));
  } catch (cause) {
    throw new errors.InvalidClientAuth({ cause });
  }
}
