// A refresh request without client_id. A public client has nothing to prove, and RFC 6749 (3.2.1, 6) binds it to name itself at
// the exchange of a code only; SMART JS leaves client_id out of a refresh. Its token says whose it is.

import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { Provider } from 'oidc-provider';
import type { MountedRequest } from './authorize-request.ts';

const longestBytes = 56 * 1024;

/** May the request be one? Others need not be read. */
export const mayLackClient = ({ method, url = '', headers }: IncomingMessage): boolean =>
  method === 'POST' &&
  /^\/token\/?(?:\?|$)/.test(url) &&
  headers.authorization === undefined &&
  /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '');

/**
 * The same request, naming the client of its refresh token where it names none. Whether that client may is the provider's to
 * decide, as for any other. Undefined for a body that is too long or was cut off.
 */
export async function withClient(
  request: MountedRequest,
  { RefreshToken }: Provider,
): Promise<IncomingMessage | undefined> {
  const body = await bodyOf(request);
  if (body === undefined) return undefined;
  const form = new URLSearchParams(body.toString());
  if (form.get('grant_type') !== 'refresh_token' || form.has('client_id') || form.has('client_assertion'))
    return again(request, body);
  // When nothing can be looked up, the provider will find that out too, and say so.
  const token = await RefreshToken.find(form.get('refresh_token') ?? '').catch(() => undefined);
  if (token?.clientId === undefined) return again(request, body);
  form.set('client_id', token.clientId);
  return again(request, Buffer.from(form.toString()));
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request) {
      bytes += (chunk as Buffer).length;
      if (bytes > longestBytes) return undefined;
      chunks.push(chunk as Buffer);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}

/** A body that has been read cannot be read again: another request with the same head. */
function again(request: MountedRequest, body: Buffer): IncomingMessage {
  const { method, url, originalUrl, socket, httpVersion, httpVersionMajor, httpVersionMinor, rawHeaders } = request;
  const headers = { ...request.headers, 'content-length': String(body.length) };
  delete headers['transfer-encoding'];
  const head = {
    method,
    url,
    originalUrl,
    socket,
    httpVersion,
    httpVersionMajor,
    httpVersionMinor,
    rawHeaders,
    headers,
  };
  return Object.assign(Readable.from(body.length === 0 ? [] : [body]), head) as unknown as IncomingMessage;
}
