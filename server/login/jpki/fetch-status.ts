// Fetching from a revocation service: one request over HTTP, bounded in time and size, that follows nobody elsewhere.

/** `body` makes it a POST. Resolves to the body of a 200, to undefined for everything else; never rejects. */
export type FetchStatus = (request: {
  url: string;
  body?: Uint8Array;
  contentType?: string;
  accept: string;
  maxBytes: number;
}) => Promise<Uint8Array | undefined>;

/** `timeoutMs` is for the whole: connecting, waiting and reading. */
export function createFetchStatus({ timeoutMs = 5_000 }: { timeoutMs?: number } = {}): FetchStatus {
  return async ({ url, body, contentType, accept, maxBytes }) => {
    try {
      const response = await fetch(url, {
        method: body ? 'POST' : 'GET',
        headers: { accept, ...(contentType === undefined ? {} : { 'content-type': contentType }) },
        ...(body ? { body: Buffer.from(body) } : {}),
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (response.status === 200) return await readBounded(response, maxBytes);
      await response.body?.cancel();
    } catch {
      // Refused, reset, too slow: all the same to who waits for an answer.
    }
    return undefined;
  };
}

async function readBounded(response: Response, maxBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop cancels the rest.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
