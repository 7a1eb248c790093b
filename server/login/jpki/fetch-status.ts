// Fetching from a revocation service: one request, bounded in time and size, that follows nobody elsewhere. Addresses that
// certificates name have to be out in the world; the operator's own responder may stand anywhere.

import { createGuardedFetch, type GuardedFetchOptions } from '../../outgoing/guarded-fetch.ts';

/** `body` makes it a POST. Resolves to the body of a 200, to undefined for everything else; never rejects. */
export type FetchStatus = (request: {
  url: string;
  body?: Uint8Array;
  contentType?: string;
  accept: string;
  maxBytes: number;
}) => Promise<Uint8Array | undefined>;

/** `timeoutMs` is for the whole: connecting, waiting and reading. `ownUrl`: the responder that the operator has named. */
export function createFetchStatus({
  timeoutMs = 5_000,
  ownUrl,
  ...guard
}: Pick<GuardedFetchOptions, 'timeoutMs' | 'isRefused' | 'ports'> & { ownUrl?: string | undefined } = {}): FetchStatus {
  return async ({ url, body, contentType, accept, maxBytes }) => {
    const own = url === ownUrl ? { isRefused: () => false, ports: [portOf(url)] } : {};
    const fetch = createGuardedFetch({ isPlainFine: true, timeoutMs, mostBytes: maxBytes, ...guard, ...own });
    const headers = { accept, ...(contentType === undefined ? {} : { 'content-type': contentType }) };
    try {
      const { status, body: answer } = await fetch(url, headers, body);
      return status === 200 ? answer : undefined;
    } catch {
      // Refused, reset, too slow, too long: all the same to who waits for an answer.
      return undefined;
    }
  };
}

function portOf(address: string): number {
  const { port, protocol } = new URL(address);
  return Number(port || (protocol === 'https:' ? 443 : 80));
}
