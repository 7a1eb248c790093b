// The keys that sign cards: ES256, one for each year, named by its thumbprint. Public keys stay published as long as there are cards by
// them; the next one is published a week before the first card by it, so that a reader's copy of the set is never too old.
// SMART Health Cards 1.4, "Generating cryptographic keys", "Key Rotation".

import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { todayInJapan } from '../forecast/facts/calendar-date.ts';
import type { HealthCardStore } from '../store/health-cards.ts';
import { thumbprintOf } from './trust.ts';

export type SigningKey = { kid: string; privateKey: KeyObject };
type PrivateJwk = { kty: 'EC'; crv: 'P-256'; x: string; y: string; d: string };
export type PublishedKey = {
  kty: 'EC';
  kid: string;
  use: 'sig';
  alg: 'ES256';
  crv: 'P-256';
  x: string;
  y: string;
  crlVersion: number;
};

export type CardKeys = {
  signing(nowMs: number): Promise<SigningKey>;
  published(nowMs: number): Promise<PublishedKey[]>;
};

const aheadMs = 7 * 86_400_000;

export function createCardKeys(store: Pick<HealthCardStore, 'keyOfYear' | 'keys' | 'revokedOf'>): CardKeys {
  const made = new Map<number, Promise<SigningKey>>();
  const ofYear = async (year: number): Promise<SigningKey> => {
    const jwk = await store.keyOfYear(year, newPrivateJwk);
    return { kid: thumbprintOf(jwk), privateKey: createPrivateKey({ key: jwk, format: 'jwk' }) };
  };
  return {
    signing(nowMs) {
      const year = yearOf(nowMs);
      const known = made.get(year) ?? ofYear(year);
      made.set(year, known);
      known.catch(() => made.delete(year));
      return known;
    },
    async published(nowMs) {
      for (const year of new Set([yearOf(nowMs), yearOf(nowMs + aheadMs)])) await store.keyOfYear(year, newPrivateJwk);
      const keys = (await store.keys()) as PrivateJwk[];
      return Promise.all(
        keys.map(async (jwk) => {
          const kid = thumbprintOf(jwk);
          const { kty, crv, x, y } = jwk;
          const crlVersion = crlNumber(await store.revokedOf(kid));
          return { kty, kid, use: 'sig', alg: 'ES256', crv, x, y, crlVersion } as const;
        }),
      );
    },
  };
}

/** The list of revoked cards is numbered from 1, when it is still empty, and each revoked card makes a new one. */
const crlNumber = (rids: readonly string[]): number => rids.length + 1;

/** The list of revoked cards of a key, as it is published at `/.well-known/crl/[kid].json`. */
export async function crlOf(store: Pick<HealthCardStore, 'revokedOf'>, kid: string) {
  const rids = await store.revokedOf(kid);
  return { kid, method: 'rid' as const, ctr: crlNumber(rids), rids };
}

/** Of Japan. */
const yearOf = (nowMs: number): number => Number(todayInJapan(nowMs).slice(0, 4));

function newPrivateJwk(): PrivateJwk {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }) as PrivateJwk;
}
