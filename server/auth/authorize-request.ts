// An authorization request before the provider reads it. SMART wants it taken by POST too (`authorize-post`): it goes on as a
// GET, so that the session cookie can stay SameSite=Lax. And offline_access asks for consent, which OpenID Connect wants said
// by `prompt=consent` and apps of SMART do not say (OpenID Connect Core 11).

import type { IncomingMessage, ServerResponse } from 'node:http';

/** As middie hands it on: `url` without the prefix, `originalUrl` with it. */
export type MountedRequest = IncomingMessage & { originalUrl?: string };

const longestFormBytes = 16_384;
const endpoint = /^\/auth\/?(?:\?|$)/;

/** True for an authorization request by POST, which is answered by sending the browser on. */
export function isTakenAsForm(request: MountedRequest, response: ServerResponse): boolean {
  if (request.method !== 'POST' || !endpoint.test(request.url ?? '')) return false;
  void goOnAsGet(request, response);
  return true;
}

/** The request, with `prompt=consent` where it asks for offline access and says nothing of prompts. */
export function askingConsent(request: MountedRequest): MountedRequest {
  const { url = '', originalUrl = url } = request;
  const asked = new URLSearchParams(url.split(/\?(.*)/s)[1] ?? '');
  const isOffline = asked.get('scope')?.split(' ').includes('offline_access') === true;
  if (!endpoint.test(url) || !isOffline || asked.has('prompt')) return request;
  return Object.assign(request, { url: `${url}&prompt=consent`, originalUrl: `${originalUrl}&prompt=consent` });
}

async function goOnAsGet(request: MountedRequest, response: ServerResponse): Promise<void> {
  const form = await readForm(request);
  const [path = ''] = (request.originalUrl ?? '').split('?');
  if (form === undefined) {
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: 'invalid_request', error_description: 'an authorization request is a form' }));
    return;
  }
  response.writeHead(303, { location: `${path}?${form}`, 'cache-control': 'no-store' });
  response.end();
}

async function readForm(request: IncomingMessage): Promise<string | undefined> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')) return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request) {
      bytes += (chunk as Buffer).length;
      if (bytes > longestFormBytes) return undefined;
      chunks.push(chunk as Buffer);
    }
  } catch {
    return undefined;
  }
  return new URLSearchParams(Buffer.concat(chunks).toString()).toString();
}
