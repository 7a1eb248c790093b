// The client certificate of a request (RFC 8705): of its TLS connection, or from a header of the proxy in front, which is
// believed only where the settings name it.

import { createHash, X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

/** PEM; undefined where none came or it cannot be read. `header` is percent-encoded PEM or base64 of DER. */
export function certificateOf(request: IncomingMessage, header: string | undefined): string | undefined {
  if (header !== undefined) {
    const value = request.headers[header.toLowerCase()];
    return typeof value === 'string' && value !== '' ? readHeader(value) : undefined;
  }
  const peer = (request.socket as Partial<TLSSocket>).getPeerCertificate?.();
  return peer?.raw === undefined ? undefined : new X509Certificate(peer.raw).toString();
}

/** base64url of SHA-256 of the DER, as `x5t#S256` has it. */
export function thumbprintOf(pem: string): string {
  return createHash('sha256').update(new X509Certificate(pem).raw).digest('base64url');
}

function readHeader(value: string): string | undefined {
  try {
    const text = value.includes('%') ? decodeURIComponent(value) : value;
    const der = text.replace(/^:|:$/g, '');
    return new X509Certificate(text.startsWith('-----') ? text : Buffer.from(der, 'base64')).toString();
  } catch {
    return undefined;
  }
}
