// One call to the API of MyNa Portal: over TLS with the partner's own certificate (mutual TLS), no redirect, a limit of size and time.

import { Agent, request } from 'node:https';
import { parseJson } from '../../server/fhir/json.ts';
import { PortalFault } from './portal-fault.ts';

export type PortalAnswer = { status: number; body: unknown };
export type PortalCall = (url: string, body: string, headers: Record<string, string>) => Promise<PortalAnswer>;

const timeoutMs = 30_000;
const mostBytes = 64 * 1024 * 1024;

/** Certificates and key as PEM. `close` ends idle connections. */
export function createPortalCall(tls: { cert: string; key: string; ca: string | undefined }): {
  call: PortalCall;
  close(): void;
} {
  const agent = new Agent({ cert: tls.cert, key: tls.key, ca: tls.ca, keepAlive: true, minVersion: 'TLSv1.2' });
  return { call: (url, body, headers) => post(agent, url, body, headers), close: () => agent.destroy() };
}

function post(agent: Agent, url: string, body: string, headers: Record<string, string>): Promise<PortalAnswer> {
  return new Promise((fulfil, reject) => {
    const fail = (why: string, cause?: unknown) => reject(new PortalFault('unreachable', why, cause));
    const signal = AbortSignal.timeout(timeoutMs);
    const sent = { ...headers, 'content-length': String(Buffer.byteLength(body)), accept: 'application/json' };
    const call = request(url, { method: 'POST', agent, headers: sent, signal }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= mostBytes) chunks.push(chunk);
        else {
          fail('MyNa Portal sent more than is taken.');
          call.destroy();
        }
      });
      response.on('error', (error) => fail('MyNa Portal did not answer to the end.', error));
      response.on('end', () => fulfil({ status: response.statusCode ?? 0, body: jsonOf(Buffer.concat(chunks)) }));
    });
    call.on('error', (error) => fail('MyNa Portal could not be reached.', error));
    call.end(body);
  });
}

/** Numbers keep their digits. Undefined for what is no JSON. */
function jsonOf(bytes: Buffer): unknown {
  try {
    return parseJson(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
