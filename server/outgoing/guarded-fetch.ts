// A call to an address that somebody else has named: https on few ports, to an address out in the world, once, soon and not much.
// What is checked is the address that is connected to, so a name that resolves differently the next time gains nothing.
// OWASP "Server Side Request Forgery Prevention"; OpenID Connect Registration 1.0, 9.

import { lookup as resolve } from 'node:dns';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isSpecialUse } from './special-use.ts';

export type GuardedFetchOptions = {
  /** Whether http will do as well: for answers that are signed themselves. */
  isPlainFine?: boolean;
  /** 443 and 8443, with http 80 and 8080, when absent. */
  ports?: readonly number[];
  timeoutMs?: number;
  mostBytes?: number;
  /** For tests, which have no address out in the world, and a certificate of their own. */
  isRefused?: (address: string) => boolean;
  ca?: string;
};
export type Fetched = { status: number; headers: Headers; body: Buffer };

const tlsPorts = [443, 8443];
const plainPorts = [80, 8080];
const defaultTimeoutMs = 2_500;
const defaultMostBytes = 64 * 1024;
// Names without a public domain lead into the network that this server stands in.
const innerName = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|arpa|test|invalid|onion)\.?$|^[^.]+$/i;

/**
 * A GET, or with a body a POST, that throws for what may not be reached, for redirects, for more than `mostBytes` and after
 * `timeoutMs`.
 */
export function createGuardedFetch(options: GuardedFetchOptions = {}) {
  const { timeoutMs = defaultTimeoutMs, mostBytes = defaultMostBytes, isRefused = isSpecialUse } = options;
  const lookup = guardedLookup(isRefused);
  return (address: string | URL, headers: Record<string, string> = {}, body?: Uint8Array): Promise<Fetched> =>
    new Promise((fulfil, reject) => {
      const url = checkedUrl(address, options);
      const signal = AbortSignal.timeout(timeoutMs);
      const request = url.protocol === 'https:' ? tlsRequest : plainRequest;
      const method = body === undefined ? 'GET' : 'POST';
      const call = request(url, { method, headers, lookup, signal, agent: false, ca: options.ca }, (response) => {
        const { statusCode: status = 0 } = response;
        const chunks: Buffer[] = [];
        let bytes = 0;
        if (status >= 300 && status < 400) return void call.destroy(new Error('a redirect is not followed'));
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes <= mostBytes) return void chunks.push(chunk);
          // Said at once: the end may have been read already, and would come first.
          reject(new Error(`the answer is longer than ${mostBytes} bytes`));
          call.destroy();
        });
        response.on('error', reject);
        response.on('end', () => fulfil({ status, headers: headersOf(response.headers), body: Buffer.concat(chunks) }));
      });
      call.on('error', reject);
      call.end(body);
    });
}

/** The URL, when its form may be called at all. Throws Error without quoting it. */
export function checkedUrl(
  address: string | URL,
  { isPlainFine = false, ports, isRefused = isSpecialUse }: GuardedFetchOptions = {},
): URL {
  const text = String(address);
  const url = URL.parse(text);
  const isTls = url?.protocol === 'https:' && /^https:\/\/[^/]/i.test(text);
  const isPlain = isPlainFine && url?.protocol === 'http:' && /^http:\/\/[^/]/i.test(text);
  if (!url || !(isTls || isPlain)) throw new Error('the address is not an https URL');
  if (url.username !== '' || url.password !== '') throw new Error('the address carries a password');
  const known = ports ?? (isTls ? tlsPorts : plainPorts);
  if (!known.includes(Number(url.port || (isTls ? 443 : 80))))
    throw new Error(`the port is none of ${known.join(', ')}`);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) ? isRefused(host) : isRefused === isSpecialUse && innerName.test(host))
    throw new Error('the address is not out in the world');
  return url;
}

/** Resolves once, refuses when any answer is refused, and hands on what was looked at. */
function guardedLookup(isRefused: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) =>
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '');
      const [first] = addresses;
      if (first === undefined || addresses.some(({ address }) => isRefused(address)))
        return callback(new Error('the name leads to an address that is not out in the world'), '');
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
}

function headersOf(headers: Record<string, string | string[] | undefined>): Headers {
  return new Headers(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}
