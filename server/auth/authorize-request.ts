// An authorization request before the provider reads it. SMART wants it taken by POST too (`authorize-post`): it goes on as a
// GET, so that the session cookie can stay SameSite=Lax. And offline_access asks for consent, which OpenID Connect wants said
// by `prompt=consent` and apps of SMART do not say (OpenID Connect Core 11).

import type { IncomingMessage, ServerResponse } from 'node:http';

export type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

const longestFormBytes = 16_384;

export const authorizeRequest: Middleware = (request, response, next) => {
  const { method, url = '' } = request;
  const [path = '', query = ''] = url.split(/\?(.*)/s);
  // What continues a request has its id behind the path.
  if (path !== '' && path !== '/') return next();
  if (method === 'POST') void goOnAsGet(request, response);
  else {
    const asked = new URLSearchParams(query);
    const needsConsent = asked.get('scope')?.split(' ').includes('offline_access') === true && !asked.has('prompt');
    if (needsConsent) request.url = `${path}?${query}&prompt=consent`;
    next();
  }
};

async function goOnAsGet(request: IncomingMessage & { originalUrl?: string }, response: ServerResponse): Promise<void> {
  const form = await readForm(request);
  const [path = ''] = (request.originalUrl ?? '/oauth/auth').split('?');
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
