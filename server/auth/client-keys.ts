// Key sets that clients keep at an address of theirs. Fetched with the guard on, and used no longer than the Cache-Control that
// came with them, at most an hour. SMART App Launch 2.2, "Registering a SMART Backend Service (communicating public keys)".

import type { Fetched } from '../outgoing/guarded-fetch.ts';

export type ClientKeys = {
  fetch: (url: string | URL) => Promise<Response>;
  isFresh: (url: string) => boolean;
};

const longestS = 3_600;
/** When the answer does not say. */
const usualS = 60;

export function createClientKeys(
  get: (url: string | URL, headers: Record<string, string>) => Promise<Fetched>,
): ClientKeys {
  const freshUntilMs = new Map<string, number>();
  return {
    fetch: async (url) => {
      const { status, headers, body } = await get(url, { accept: 'application/json' });
      const isNever = /\bno-(?:store|cache)\b/i.test(headers.get('cache-control') ?? '');
      const given = /\bmax-age=(\d{1,9})\b/i.exec(headers.get('cache-control') ?? '')?.[1];
      const keptS = isNever ? 0 : Math.min(given === undefined ? usualS : Number(given), longestS);
      freshUntilMs.set(String(url), Date.now() + keptS * 1000);
      return new Response(new Uint8Array(body), { status });
    },
    isFresh: (url) => (freshUntilMs.get(new URL(url).href) ?? 0) > Date.now(),
  };
}
